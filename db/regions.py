"""Reading regions: what people and methods marked in a picture."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, update
from sqlalchemy.orm import Session as Transaction

from db.errors import NotFoundError
from db.models import ClassName, Edit, Image, Model, Outcome, Region, Session
from db.records import Region as RegionRecord
from db.study_models import Participant, Trial

HUMAN = "human"
MOST = 1000
_AT_ONCE = 500


def regions_of_picture(
    transaction: Transaction, image_id: str, *, session: str | None = None, first: int = 0, limit: int = MOST
) -> list[RegionRecord]:
    """A picture's regions in the order in which they were marked, of one session or of all; archived ones not.

    ``limit`` of them, after the ``first`` ones.
    """
    query = _regions().where(Image.public_id == image_id, Session.archived_at.is_(None)).offset(first).limit(limit)
    if session is not None:
        query = query.where(Session.public_id == session)
    return [_record(*row) for row in transaction.execute(query)]


def marked_by_people(transaction: Transaction, image_id: str) -> list[RegionRecord]:
    """All that people marked on a picture's original and that counts, see ``_counts``."""
    query = _regions().where(Image.public_id == image_id, _on_the_original(), _counts())
    return [_record(*row) for row in transaction.execute(query)]


def not_counted(transaction: Transaction, image_id: str) -> dict[str, int]:
    """How many of people's regions on a picture's original do not count, by class; previews are nobody's."""
    is_preview = _recorded_in(Participant.preview.is_(True))
    query = (
        select(Region.class_name, func.count(Region.id))
        .join(Image, Region.image_id == Image.id)
        .join(Session, Region.session_id == Session.id)
        .where(Image.public_id == image_id, _on_the_original(), ~_counts(), ~is_preview)
        .group_by(Region.class_name)
    )
    return dict(transaction.execute(query).all())


def newest_of_people(transaction: Transaction, limit: int) -> list[RegionRecord]:
    """What people marked last on pictures' originals, outside of studies; archived sessions' regions not."""
    people = (Region.kind == HUMAN) & Region.edit_id.is_(None) & Session.archived_at.is_(None) & Session.study.is_(None)
    query = _regions().where(people).order_by(None).order_by(Region.id.desc()).limit(limit)
    return [_record(*row) for row in transaction.execute(query)]


def regions_at_hand(transaction: Transaction, image_id: str, session: str | None) -> list[RegionRecord]:
    """What somebody who works in ``session`` sees of a picture's regions: her own, and those that were imported."""
    imported = Region.session_id.is_(None)
    ours = imported | (Session.public_id == session) if session else imported
    query = _regions().where(Image.public_id == image_id, ours).limit(MOST)
    return [_record(*row) for row in transaction.execute(query)]


def most_marked(transaction: Transaction, but: str) -> str | None:
    """The id of the picture, other than ``but``, on whose original most people, two at least, marked one class.

    None where there is none.
    """
    author = func.coalesce(
        func.nullif(Region.author, ""), func.nullif(Session.person, ""), Session.public_id, Region.source
    )
    people = func.count(author.distinct())
    query = (
        select(Image.public_id)
        .join(Region, Region.image_id == Image.id)
        .outerjoin(Session, Region.session_id == Session.id)
        .where(Image.public_id != but, _on_the_original(), _counts())
        .group_by(Image.id, Image.public_id, Region.class_name)
        .having(people >= 2)
        .order_by(people.desc(), Image.id, Region.class_name)
        .limit(1)
    )
    return transaction.scalar(query)


def region(transaction: Transaction, public_id: str) -> RegionRecord:
    """One region; raises NotFoundError."""
    found = find_region(transaction, public_id)
    if found is None:
        raise NotFoundError("This region is not here any more.")
    return found


def find_region(transaction: Transaction, public_id: str) -> RegionRecord | None:
    """One region, or None."""
    row = transaction.execute(_regions().where(Region.public_id == public_id)).one_or_none()
    return _record(*row) if row else None


def masks(transaction: Transaction, public_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Several regions' masks, run-length encoded, by their ids; raises NotFoundError where one is gone."""
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(public_ids), _AT_ONCE):
        query = (
            select(Region.public_id, Region.mask_counts, Image.working_height, Image.working_width)
            .join(Image, Region.image_id == Image.id)
            .where(Region.public_id.in_(public_ids[start : start + _AT_ONCE]))
        )
        for public_id, counts, height, width in transaction.execute(query):
            found[public_id] = {"size": [height, width], "counts": counts}
    if found.keys() != set(public_ids):
        raise NotFoundError("This region is not here any more.")
    return found


def recount(transaction: Transaction, session_id: int | None, edit_ids: Collection[int]) -> None:
    """Brings what browsing shows of a session's and of edits' regions (row numbers) up to date."""
    transaction.flush()
    human = Region.kind == HUMAN
    if session_id is not None:
        ours = select(func.count(Region.id), func.avg(Region.agreement)).where(human, Region.session_id == session_id)
        count, mean = transaction.execute(ours).one()
        values = {"regions": count, "agreement": mean}
        transaction.execute(update(Session).where(Session.id == session_id).values(values))
    if not edit_ids:
        return
    on_edit = human & (Region.edit_id == Outcome.edit_id)
    count_there = select(func.count(Region.id)).where(on_edit).scalar_subquery()
    by_model = on_edit & (Region.model_id == Outcome.model_id)
    mean_there = select(func.avg(Region.agreement)).where(by_model).scalar_subquery()
    changed = update(Outcome).where(Outcome.edit_id.in_(edit_ids)).values(regions=count_there, agreement=mean_there)
    transaction.execute(changed.execution_options(synchronize_session=False))


def with_regions(transaction: Transaction, edit_ids: Collection[int]) -> set[int]:
    """Those of these edits (row numbers) that people marked regions on."""
    query = select(Region.edit_id).where(Region.edit_id.in_(edit_ids), Region.kind == HUMAN)
    return {number for number in transaction.scalars(query) if number is not None}


def _on_the_original() -> ColumnElement[bool]:
    return (Region.kind == HUMAN) & Region.edit_id.is_(None)


def _counts() -> ColumnElement[bool]:
    """Whether what was marked in a session is part of what people share.

    It is not where the session is archived, its participant is excluded by a researcher or a preview, or its trial is
    practice or an attention check, whose right answer is given. What was imported was marked in no session, and counts.
    """
    aside = or_(
        Participant.excluded.is_not(None),
        Participant.preview.is_(True),
        Trial.plan["practice"].as_boolean(),
        Trial.plan["attention"].as_string().is_not(None),
    )
    return Session.archived_at.is_(None) & ~_recorded_in(aside)


def _recorded_in(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the session was recorded in a study's trial of which something holds."""
    trials = exists().where(Trial.session_id == Session.id, Trial.participant_id == Participant.id, condition)
    return trials.correlate(Session)


def _regions() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Region,
            Image.public_id,
            Image.working_height,
            Image.working_width,
            Edit.public_id,
            Session.public_id,
            Session.person,
            Model.key,
            ClassName.index,
        )
        .join(Image, Region.image_id == Image.id)
        .outerjoin(Edit, Region.edit_id == Edit.id)
        .outerjoin(Session, Region.session_id == Session.id)
        .outerjoin(Model, Region.model_id == Model.id)
        .outerjoin(ClassName, Region.class_id == ClassName.id)
        .order_by(Region.id)
    )


def _record(
    row: Region,
    image: str,
    height: int,
    width: int,
    edit: str | None,
    session: str | None,
    person: str | None,
    model: str | None,
    class_index: int | None,
) -> RegionRecord:
    return RegionRecord(
        id=row.public_id,
        kind=row.kind,
        picture=image,
        edit=edit,
        session=session,
        model=model,
        class_index=class_index,
        class_name=row.class_name,
        name=row.name,
        reason=row.reason,
        confidence=row.confidence,
        agreement=row.agreement,
        author=row.author or person or session or row.source,
        source=row.source,
        parameters=row.parameters,
        mask={"size": [height, width], "counts": row.mask_counts},
        mask_area=row.mask_area,
        created_at=row.created_at,
    )
