"""What comparing needs of edits, sessions' end states and pictures: a few reads, however many there are of each."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session as Transaction
from sqlalchemy.orm import aliased

from db import models, queries, records
from db.probabilities import unpack

# A model's key and the SHA-256 of its weights: another version of the engine is the same network.
Network = tuple[str, str]


@dataclass(frozen=True)
class Origin:
    """The session that a state comes from."""

    id: str
    name: str
    person: str


@dataclass(frozen=True)
class Change:
    """The edit that led to a state; ``removed`` is everything taken away along its branch, COCO run lengths."""

    id: str
    sequence: int
    method: str
    mask_area: float
    removed_area: float
    result_blob: str
    removed: dict[str, Any]


@dataclass(frozen=True)
class State:
    """One image state: a picture, the session it was seen in (None: the picture alone), the last edit (None: none).

    ``answers`` holds the newest answer of each network, those that answered last at the end.
    """

    picture: records.Picture
    origin: Origin | None
    change: Change | None
    answers: dict[Network, records.Answer]


@dataclass(frozen=True)
class Wanted:
    """Public ids of what is to be compared."""

    edits: frozenset[str] = frozenset()
    sessions: frozenset[str] = frozenset()
    images: frozenset[str] = frozenset()


@dataclass(frozen=True)
class States:
    """What was found, each by its public id; what is not there is missing."""

    edits: dict[str, State]
    sessions: dict[str, State]
    images: dict[str, State]


Row = tuple[models.Image, models.Session | None, models.Edit | None]


def states(transaction: Transaction, wanted: Wanted) -> States:
    """Everything wanted that is kept, in at most six statements."""
    edits = _by_id(transaction, _edits().where(models.Edit.public_id.in_(wanted.edits)), wanted.edits)
    sessions = _by_id(transaction, _end_states().where(models.Session.public_id.in_(wanted.sessions)), wanted.sessions)
    images = _images(transaction, wanted.images)
    rows = [*edits.values(), *sessions.values(), *images.values()]
    of_edits, of_images = _answers(transaction, rows)

    def made(found: dict[str, Row]) -> dict[str, State]:
        return {key: _state(row, of_edits, of_images) for key, row in found.items()}

    return States(made(edits), made(sessions), made(images))


def removed_regions(transaction: Transaction, edit_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """What each edit's branch took away, COCO run lengths by the edit's public id; what is not there is missing."""
    query = (
        select(models.Edit, models.Image)
        .join(models.Session, models.Edit.session_id == models.Session.id)
        .join(models.Image, models.Session.image_id == models.Image.id)
        .where(models.Edit.public_id.in_(edit_ids))
    )
    return {edit.public_id: _removed(edit, image) for edit, image in transaction.execute(query)}


def edits_of_sessions(transaction: Transaction, session_ids: Collection[str]) -> list[str]:
    """Public ids of all edits of these sessions, in the order in which they were made."""
    query = (
        select(models.Edit.public_id)
        .join(models.Session, models.Edit.session_id == models.Session.id)
        .where(models.Session.public_id.in_(session_ids))
        .order_by(models.Edit.id)
    )
    return list(transaction.scalars(query))


def _edits() -> Select[*tuple[Any, ...]]:
    return (
        select(models.Edit.public_id, models.Image, models.Session, models.Edit)
        .join(models.Session, models.Edit.session_id == models.Session.id)
        .join(models.Image, models.Session.image_id == models.Image.id)
    )


def _end_states() -> Select[*tuple[Any, ...]]:
    head = aliased(models.Edit)
    at_head = (head.session_id == models.Session.id) & (head.sequence == models.Session.head)
    return (
        select(models.Session.public_id, models.Image, models.Session, head)
        .join(models.Image, models.Session.image_id == models.Image.id)
        .outerjoin(head, at_head)
    )


def _by_id(transaction: Transaction, query: Select[*tuple[Any, ...]], ids: Collection[str]) -> dict[str, Row]:
    if not ids:
        return {}
    return {key: (image, session, edit) for key, image, session, edit in transaction.execute(query)}


def _images(transaction: Transaction, ids: Collection[str]) -> dict[str, Row]:
    if not ids:
        return {}
    query = select(models.Image).where(models.Image.public_id.in_(ids))
    return {image.public_id: (image, None, None) for image in transaction.scalars(query)}


Answers = dict[int | None, dict[Network, records.Answer]]


def _answers(transaction: Transaction, rows: Iterable[Row]) -> tuple[Answers, Answers]:
    """The newest answer of each network to each edit, and to each untouched picture, by row number."""
    edits = {edit.id for _, _, edit in rows if edit is not None}
    images = {image.id for image, _, edit in rows if edit is None}
    place = models.Prediction.edit_id.in_(edits) | models.Prediction.image_id.in_(images)
    query = select(models.Prediction, models.Model).join(models.Model, models.Prediction.model_id == models.Model.id)
    found = transaction.execute(query.where(place).order_by(models.Prediction.id)).all()
    labels = _labels(transaction, {model.label_set_id for _, model in found})
    of_edits: Answers = {}
    of_images: Answers = {}
    for prediction, model in found:
        group, key = (of_images, prediction.image_id) if prediction.edit_id is None else (of_edits, prediction.edit_id)
        network = (model.key, model.weights_sha256)
        given = group.setdefault(key, {})
        given.pop(network, None)
        given[network] = _answer(prediction, model, labels[model.label_set_id])
    return of_edits, of_images


def _labels(transaction: Transaction, ids: Collection[int]) -> dict[int, list[str]]:
    # Joined, the thousand labels would come once a row.
    if not ids:
        return {}
    query = select(models.LabelSet.id, models.LabelSet.labels).where(models.LabelSet.id.in_(ids))
    return {row.id: row.labels for row in transaction.execute(query)}


def _answer(row: models.Prediction, model: models.Model, labels: list[str]) -> records.Answer:
    return records.Answer(
        model=records.ModelRecord(
            model.key, model.label, model.family, model.weights_sha256, model.engine, model.engine_version
        ),
        labels=labels,
        probabilities=unpack(row.probabilities),
        top_index=row.top_index,
        top_probability=row.top_probability,
        latency_ms=row.latency_ms,
    )


def _state(row: Row, of_edits: Answers, of_images: Answers) -> State:
    image, session, edit = row
    return State(
        picture=queries.picture_record(image),
        origin=Origin(session.public_id, session.name, session.person) if session else None,
        change=_change(edit, image) if edit else None,
        answers=of_edits.get(edit.id, {}) if edit else of_images.get(image.id, {}),
    )


def _change(edit: models.Edit, image: models.Image) -> Change:
    return Change(
        id=edit.public_id,
        sequence=edit.sequence,
        method=edit.method,
        mask_area=edit.mask_area,
        removed_area=edit.removed_area,
        result_blob=edit.result_blob,
        removed=_removed(edit, image),
    )


def _removed(edit: models.Edit, image: models.Image) -> dict[str, Any]:
    return {"size": [image.working_height, image.working_width], "counts": edit.removed_counts}
