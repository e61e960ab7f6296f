"""The pictures that a design names, as they are in the database."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.studies.assignment import LibraryPicture
from dashboard.studies.design import Design, ImageSet
from db.models import Image


def pictures_of_sets(transaction: Transaction, design: Design) -> dict[str, list[LibraryPicture]]:
    """Each set's pictures in the design's order, or in that of their names; those that are not there are left out."""
    return {key: _pictures(transaction, one) for key, one in design.image_sets.items()}


def picture_called(transaction: Transaction, name: str) -> LibraryPicture | None:
    """The picture of this name, the first one where several share it; else the one with this id."""
    query = select(Image).where(Image.name == name).order_by(Image.id).limit(1)
    row = transaction.scalar(query) or transaction.scalar(select(Image).where(Image.public_id == name))
    return LibraryPicture(row.public_id, row.name, row.true_label) if row else None


def with_settled_sets(transaction: Transaction, design: Design) -> Design:
    """The design with the pictures that its sets hold now, so that a picture that is added later is in none of them."""
    sets = {
        key: ImageSet(pictures=tuple(_unmistakable(transaction, one) for one in _pictures(transaction, wanted)))
        for key, wanted in design.image_sets.items()
        if wanted.library_set is not None
    }
    return design.model_copy(update={"image_sets": {**design.image_sets, **sets}}) if sets else design


def _unmistakable(transaction: Transaction, picture: LibraryPicture) -> str:
    found = picture_called(transaction, picture.name)
    return picture.name if found and found.id == picture.id else picture.id


def _pictures(transaction: Transaction, wanted: ImageSet) -> list[LibraryPicture]:
    if wanted.library_set is not None:
        query = select(Image).where(Image.image_set == wanted.library_set).order_by(Image.name, Image.id)
        return [LibraryPicture(row.public_id, row.name, row.true_label) for row in transaction.scalars(query)]
    found = [picture_called(transaction, name) for name in dict.fromkeys(wanted.pictures)]
    return [picture for picture in found if picture is not None]
