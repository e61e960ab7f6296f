"""What replaying a session needs: all its edits and answers in narrow rows, and one edit whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction
from sqlalchemy.orm import aliased

from db import models, queries
from db.errors import NotFoundError
from db.probabilities import unpack
from db.records import Answer, Edit
from db.regions import HUMAN


@dataclass(frozen=True)
class EditInShort:
    """An edit without its shapes and masks; ``parent`` is a sequence number, 0 the original."""

    id: str
    number: int
    parent: int
    operation: str
    method: str
    mask_area: float
    blob: str
    client_started_ms: float | None
    client_ended_ms: float | None
    duration_ms: float
    created_at: datetime
    copied_from: str | None


@dataclass(frozen=True)
class RegionInShort:
    """A region that a person marked, without shapes and mask; ``on`` is the edit it lies on, 0 the original."""

    id: str
    on: int
    class_name: str
    mask_area: float
    client_started_ms: float | None
    client_ended_ms: float | None
    created_at: datetime


@dataclass(frozen=True)
class AnswerInShort:
    """A model's answer to the edit ``number`` (0: to the original); ``model`` is the model's row."""

    number: int
    model: int
    top_index: int
    top_probability: float
    packed: bytes = field(repr=False)

    def probabilities(self) -> NDArray[np.float32]:
        """All K of them, float32."""
        return unpack(self.packed)


@dataclass(frozen=True)
class AnsweringModel:
    """A row of models with its class names."""

    row: int
    key: str
    label: str
    weights_sha256: str
    labels: list[str] = field(repr=False)


@dataclass(frozen=True)
class EditWhole:
    """One edit with everything that is known of it."""

    edit: Edit
    number: int
    software_version: str
    copied_from: str | None
    answers: list[Answer]
    note: str
    tags: list[str]


def edits_in_short(transaction: Transaction, session_id: str) -> list[EditInShort]:
    """A session's edits in the order in which they were made."""
    parent = aliased(models.Edit)
    edit = models.Edit
    query = (
        select(
            edit.public_id,
            edit.sequence,
            parent.sequence,
            edit.operation,
            edit.method,
            edit.mask_area,
            edit.result_blob,
            edit.client_started_ms,
            edit.client_ended_ms,
            edit.duration_ms,
            edit.created_at,
            edit.copied_from,
        )
        .join(models.Session, edit.session_id == models.Session.id)
        .outerjoin(parent, edit.parent_id == parent.id)
        .where(models.Session.public_id == session_id)
        .order_by(edit.sequence)
    )
    return [EditInShort(id, number, above or 0, *rest) for id, number, above, *rest in transaction.execute(query)]


def regions_in_short(transaction: Transaction, session_id: str) -> list[RegionInShort]:
    """What a person marked in a session, in the order in which it was marked."""
    region = models.Region
    query = (
        select(
            region.public_id,
            models.Edit.sequence,
            region.class_name,
            region.mask_area,
            region.client_started_ms,
            region.client_ended_ms,
            region.created_at,
        )
        .join(models.Session, region.session_id == models.Session.id)
        .outerjoin(models.Edit, region.edit_id == models.Edit.id)
        .where(models.Session.public_id == session_id, region.kind == HUMAN)
        .order_by(region.id)
    )
    rows: Any = transaction.execute(query)
    return [RegionInShort(id, on or 0, *rest) for id, on, *rest in rows]


def region_shapes(transaction: Transaction, region_id: str) -> list[Any]:
    """The shapes of a region as they were drawn, with their times; raises NotFoundError."""
    found = transaction.scalar(select(models.Region.shapes).where(models.Region.public_id == region_id))
    if found is None:
        raise NotFoundError("This region is not here any more.")
    return list(found)


def answers_in_short(transaction: Transaction, session_id: str) -> list[AnswerInShort]:
    """Every model's answers to a session's picture and edits, in the order in which they were given."""
    prediction = models.Prediction
    columns: tuple[Any, ...] = (
        prediction.id,
        prediction.model_id,
        prediction.top_index,
        prediction.top_probability,
        prediction.probabilities,
    )
    of_edits = (
        select(models.Edit.sequence, *columns)
        .join(models.Edit, prediction.edit_id == models.Edit.id)
        .join(models.Session, models.Edit.session_id == models.Session.id)
        .where(models.Session.public_id == session_id)
    )
    of_picture = (
        select(*columns)
        .join(models.Session, prediction.image_id == models.Session.image_id)
        .where(models.Session.public_id == session_id)
    )
    found = [(id, AnswerInShort(0, *rest)) for id, *rest in transaction.execute(of_picture)]
    found += [(id, AnswerInShort(number, *rest)) for number, id, *rest in transaction.execute(of_edits)]
    return [answer for _, answer in sorted(found, key=lambda pair: pair[0])]


def answering_models(transaction: Transaction, rows: Sequence[int]) -> dict[int, AnsweringModel]:
    """The models of these row numbers, by row number."""
    query = select(models.Model).where(models.Model.id.in_(rows))
    found = transaction.scalars(query).all()
    sets = {model.label_set_id for model in found}
    of_set = select(models.LabelSet.id, models.LabelSet.labels).where(models.LabelSet.id.in_(sets))
    labels = {row.id: row.labels for row in transaction.execute(of_set)}
    return {
        model.id: AnsweringModel(model.id, model.key, model.label, model.weights_sha256, labels[model.label_set_id])
        for model in found
    }


def session_tags(transaction: Transaction, session_id: str) -> list[str]:
    """The tags on a session, in alphabetical order."""
    query = (
        select(models.Tag.name)
        .join(models.SessionTag, models.SessionTag.tag_id == models.Tag.id)
        .join(models.Session, models.SessionTag.session_id == models.Session.id)
        .where(models.Session.public_id == session_id)
        .order_by(models.Tag.name)
    )
    return list(transaction.scalars(query))


def edit_whole(transaction: Transaction, edit_id: str) -> EditWhole:
    """One edit; raises NotFoundError."""
    edit = queries.find_edit(transaction, edit_id)
    if edit is None:
        raise NotFoundError("There is no step with this id.")
    further = (
        select(models.Edit.software_version, models.Edit.copied_from, models.EditNote.content)
        .outerjoin(models.EditNote, models.EditNote.edit_id == models.Edit.id)
        .where(models.Edit.public_id == edit_id)
    )
    version, copied_from, note = transaction.execute(further).one()
    tags = (
        select(models.Tag.name)
        .join(models.EditTag, models.EditTag.tag_id == models.Tag.id)
        .join(models.Edit, models.EditTag.edit_id == models.Edit.id)
        .where(models.Edit.public_id == edit_id)
        .order_by(models.Tag.name)
    )
    return EditWhole(
        edit=edit,
        number=edit.sequence,
        software_version=version,
        copied_from=copied_from,
        answers=queries.answers_of_edit(transaction, edit_id),
        note=note or "",
        tags=list(transaction.scalars(tags)),
    )
