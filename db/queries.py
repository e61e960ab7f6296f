"""The reads that pages, the command line and exports need. None asks the database once a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session as Transaction
from sqlalchemy.orm import aliased, joinedload, selectinload

from db import models, records
from db.errors import NotFoundError
from db.probabilities import unpack, unpack_one


@dataclass(frozen=True)
class SessionFilter:
    """Which sessions to list: of a picture (name or id), of a model (key), only those whose top answer changed."""

    image: str | None = None
    model: str | None = None
    flipped: bool = False
    limit: int = 100
    offset: int = 0


def pictures(transaction: Transaction, image_set: str | None = None, limit: int = 500) -> list[records.Picture]:
    """Pictures that can be worked on, of one set or of all, the newest first."""
    query = select(models.Image).order_by(models.Image.id.desc()).limit(limit)
    if image_set is not None:
        query = query.where(models.Image.image_set == image_set)
    return [picture_record(row) for row in transaction.scalars(query)]


def picture(transaction: Transaction, public_id: str) -> records.Picture:
    """One picture; raises NotFoundError."""
    return picture_record(image_row(transaction, public_id))


def image_row(transaction: Transaction, public_id: str) -> models.Image:
    """The row of a picture; raises NotFoundError."""
    row = transaction.scalar(select(models.Image).where(models.Image.public_id == public_id))
    if row is None:
        raise NotFoundError("This picture is not here any more.")
    return row


def picture_by_pixels(transaction: Transaction, sha256: str) -> records.Picture | None:
    """The picture with these pixels, if it is kept already."""
    row = transaction.scalar(select(models.Image).where(models.Image.pixels_sha256 == sha256))
    return picture_record(row) if row else None


def session(transaction: Transaction, public_id: str) -> records.Session:
    """One session; raises NotFoundError."""
    found = find_session(transaction, public_id)
    if found is None:
        raise NotFoundError("There is no session with this id.")
    return found


def find_session(transaction: Transaction, public_id: str) -> records.Session | None:
    """One session, or None."""
    rows = transaction.execute(_sessions().where(models.Session.public_id == public_id)).all()
    return _session(*rows[0]) if rows else None


def sessions(transaction: Transaction, wanted: SessionFilter) -> list[records.Session]:
    """Sessions, the newest first."""
    query = _sessions().order_by(models.Session.started_at.desc(), models.Session.id.desc())
    if wanted.image:
        query = query.where((models.Image.name == wanted.image) | (models.Image.public_id == wanted.image))
    if wanted.model or wanted.flipped:
        query = query.where(_answered(wanted))
    rows = transaction.execute(query.limit(wanted.limit).offset(wanted.offset)).all()
    return [_session(*row) for row in rows]


def edits(transaction: Transaction, session_id: str) -> list[records.Edit]:
    """All edits of a session in the order in which they were made."""
    query = _edits().where(models.Session.public_id == session_id).order_by(models.Edit.sequence)
    return [_edit(*row) for row in transaction.execute(query)]


def find_edit(transaction: Transaction, public_id: str) -> records.Edit | None:
    """One edit, or None."""
    row = transaction.execute(_edits().where(models.Edit.public_id == public_id)).one_or_none()
    return _edit(*row) if row else None


def answers_of_edits(transaction: Transaction, session_id: str) -> dict[str, list[records.Answer]]:
    """Every stored answer of a session's edits, by the edit's id."""
    query = (
        select(models.Edit.public_id, models.Prediction)
        .join(models.Prediction, models.Prediction.edit_id == models.Edit.id)
        .join(models.Session, models.Edit.session_id == models.Session.id)
        .where(models.Session.public_id == session_id)
        .options(selectinload(models.Prediction.model).selectinload(models.Model.label_set))
        .order_by(models.Prediction.id)
    )
    found: dict[str, list[records.Answer]] = {}
    for edit_id, prediction in transaction.execute(query):
        found.setdefault(edit_id, []).append(_answer(prediction))
    return found


def step_answers(
    transaction: Transaction, session_id: str, model_key: str, class_index: int
) -> dict[str, records.StepAnswer]:
    """What a model said to each of a session's edits, in short, by the edit's id; the newest answer of each."""
    query = (
        select(models.Edit.public_id, models.Prediction.top_index, models.Prediction.probabilities)
        .join(models.Prediction, models.Prediction.edit_id == models.Edit.id)
        .join(models.Session, models.Edit.session_id == models.Session.id)
        .join(models.Model, models.Prediction.model_id == models.Model.id)
        .where(models.Session.public_id == session_id, models.Model.key == model_key)
        .order_by(models.Prediction.id)
    )
    return {
        edit: records.StepAnswer(edit, top, unpack_one(packed, class_index))
        for edit, top, packed in transaction.execute(query)
    }


def answers_of_edit(transaction: Transaction, edit_id: str) -> list[records.Answer]:
    """The stored answers to one edit's result."""
    query = _predictions().join(models.Edit).where(models.Edit.public_id == edit_id)
    return [_answer(row) for row in transaction.scalars(query)]


def answers_of_picture(transaction: Transaction, image_id: str) -> list[records.Answer]:
    """The stored answers to a picture's working copy."""
    query = _predictions().join(models.Image).where(models.Image.public_id == image_id)
    return [_answer(row) for row in transaction.scalars(query)]


def is_cancelled(transaction: Transaction, edit_id: str) -> bool:
    """Whether the person stopped this edit before it was kept."""
    query = select(models.Event.id).where(models.Event.kind == "cancel", models.Event.public_id == edit_id)
    return transaction.scalar(query) is not None


# Statements that every request needs are made once: to make one costs as much as to run it.
@cache
def _predictions() -> Select[models.Prediction]:
    # In one statement, for few models answer one picture; the thousand labels come once a row.
    labels = joinedload(models.Prediction.model).joinedload(models.Model.label_set)
    return select(models.Prediction).options(labels).order_by(models.Prediction.id)


def _answered(wanted: SessionFilter) -> Any:
    """Whether a session holds an edit that the model answered, and differently from the original if so asked."""
    before, after = aliased(models.Prediction), aliased(models.Prediction)
    query = (
        select(after.id)
        .join(models.Edit, after.edit_id == models.Edit.id)
        .join(models.Model, after.model_id == models.Model.id)
        .where(models.Edit.session_id == models.Session.id)
    )
    if wanted.model:
        query = query.where(models.Model.key == wanted.model)
    if wanted.flipped:
        same_model = (before.model_id == after.model_id) & (before.image_id == models.Session.image_id)
        query = query.join(before, same_model).where(before.top_index != after.top_index)
    return exists(query.correlate(models.Session))


@cache
def _sessions() -> Select[*tuple[Any, ...]]:
    head, tip = aliased(models.Edit), aliased(models.Edit)
    count = (
        select(func.count(models.Edit.id))
        .where(models.Edit.session_id == models.Session.id)
        .correlate(models.Session)
        .scalar_subquery()
    )
    at_head = (head.session_id == models.Session.id) & (head.sequence == models.Session.head)
    at_tip = (tip.session_id == models.Session.id) & (tip.sequence == models.Session.tip)
    return (
        select(models.Session, models.Image, head.public_id, tip.public_id, count)
        .join(models.Image, models.Session.image_id == models.Image.id)
        .outerjoin(head, at_head)
        .outerjoin(tip, at_tip)
    )


@cache
def _edits() -> Select[*tuple[Any, ...]]:
    parent = aliased(models.Edit)
    return (
        select(models.Edit, models.Session.public_id, parent.public_id, models.Image)
        .join(models.Session, models.Edit.session_id == models.Session.id)
        .join(models.Image, models.Session.image_id == models.Image.id)
        .outerjoin(parent, models.Edit.parent_id == parent.id)
    )


def picture_record(row: models.Image) -> records.Picture:
    """A picture's row as callers get it."""
    return records.Picture(
        id=row.public_id,
        name=row.name,
        source=row.source,
        licence=row.licence,
        true_label=row.true_label,
        image_set=row.image_set,
        width=row.width,
        height=row.height,
        original_blob=row.original_blob,
        working_blob=row.working_blob,
        working_width=row.working_width,
        working_height=row.working_height,
    )


def _session(
    row: models.Session, image: models.Image, head: str | None, tip: str | None, edit_count: int
) -> records.Session:
    return records.Session(
        id=row.public_id,
        picture=picture_record(image),
        name=row.name,
        notes=row.notes,
        person=row.person,
        head=head,
        tip=tip,
        edit_count=edit_count,
        started_at=row.started_at,
        last_seen_at=row.last_seen_at,
    )


def _edit(row: models.Edit, session_id: str, parent: str | None, image: models.Image) -> records.Edit:
    size = [image.working_height, image.working_width]
    return records.Edit(
        id=row.public_id,
        session=session_id,
        parent=parent,
        sequence=row.sequence,
        operation=row.operation,
        method=row.method,
        parameters=row.parameters,
        shapes=row.shapes,
        mask={"size": size, "counts": row.mask_counts},
        mask_area=row.mask_area,
        removed={"size": size, "counts": row.removed_counts},
        removed_area=row.removed_area,
        result_blob=row.result_blob,
        client_started_ms=row.client_started_ms,
        client_ended_ms=row.client_ended_ms,
        duration_ms=row.duration_ms,
        created_at=row.created_at,
    )


def _answer(row: models.Prediction) -> records.Answer:
    model = records.ModelRecord(
        key=row.model.key,
        label=row.model.label,
        family=row.model.family,
        weights_sha256=row.model.weights_sha256,
        engine=row.model.engine,
        engine_version=row.model.engine_version,
    )
    return records.Answer(
        model=model,
        labels=row.model.label_set.labels,
        probabilities=unpack(row.probabilities),
        top_index=row.top_index,
        top_probability=row.top_probability,
        latency_ms=row.latency_ms,
    )


def by_model(answers: Sequence[records.Answer]) -> dict[str, records.Answer]:
    """The newest answer of each model key."""
    return {answer.model.key: answer for answer in answers}
