"""What browsing sorts and filters by: each answer beside the same model's answer to the original picture."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session as Transaction
from sqlalchemy.orm import aliased

from db import models
from db.engine import hold, insert_if_new
from db.probabilities import unpack_one

# Mask area (0–1) against change (−1 to 1) is drawn as a density in cells of 1 % by 2.5 points.
AREA_CELLS = 100
CHANGE_CELLS = 80


def cell(mask_area: float, change: float) -> int:
    """The number of the cell that an edit falls into: column × CHANGE_CELLS + row."""
    column = min(int(mask_area * AREA_CELLS), AREA_CELLS - 1)
    row = min(int((change + 1) / 2 * CHANGE_CELLS), CHANGE_CELLS - 1)
    return column * CHANGE_CELLS + row


def milliseconds(moment: datetime) -> int:
    """An aware moment as Unix time in milliseconds."""
    return round(moment.timestamp() * 1000)


@dataclass(frozen=True)
class _Change:
    """The columns that need the answer to the original."""

    before_class_id: int | None = None
    probability_before: float | None = None
    probability_after: float | None = None
    change: float | None = None
    flipped: bool | None = None
    cell: int | None = None


def record_outcome(transaction: Transaction, prediction_id: int) -> None:
    """Adds the outcome of an edit's prediction (its row number); one that is there already stays."""
    prediction, edit, session, model = transaction.execute(
        select(models.Prediction, models.Edit, models.Session, models.Model)
        .join(models.Edit, models.Prediction.edit_id == models.Edit.id)
        .join(models.Session, models.Edit.session_id == models.Session.id)
        .join(models.Model, models.Prediction.model_id == models.Model.id)
        .where(models.Prediction.id == prediction_id)
    ).one()
    _hold_image(transaction, session.image_id)
    original = _original(transaction, session.image_id, model)
    change = _change(transaction, original, prediction, model, edit.mask_area)
    insert_if_new(
        transaction,
        models.Outcome,
        prediction_id=prediction.id,
        edit_id=edit.id,
        session_id=session.id,
        image_id=session.image_id,
        model_id=model.id,
        leading=not transaction.scalar(select(exists().where(models.Outcome.edit_id == edit.id))),
        archived=session.archived_at is not None,
        method=edit.method,
        mask_area=edit.mask_area,
        made_at_ms=milliseconds(edit.created_at),
        drawing_ms=_difference(edit.client_started_ms, edit.client_ended_ms),
        after_class_id=_class_row(transaction, model.label_set_id, prediction.top_index),
        **vars(change),
    )


def complete_outcomes(transaction: Transaction, image_id: int, model_id: int) -> None:
    """Fills in what could not be said before the model had answered the original (row numbers)."""
    _hold_image(transaction, image_id)
    model = transaction.get_one(models.Model, model_id)
    original = _original(transaction, image_id, model)
    waiting = (
        select(models.Outcome, models.Prediction)
        .join(models.Prediction, models.Outcome.prediction_id == models.Prediction.id)
        .join(models.Model, models.Outcome.model_id == models.Model.id)
        .where(models.Outcome.image_id == image_id, models.Outcome.before_class_id.is_(None), _same_weights(model))
    )
    for outcome, prediction in transaction.execute(waiting).all():
        change = _change(transaction, original, prediction, model, outcome.mask_area)
        for name, value in vars(change).items():
            setattr(outcome, name, value)
    transaction.flush()


def _hold_image(transaction: Transaction, image_id: int) -> None:
    # The answers to a picture and to an edit of it may be kept at once; the later of the two must see the other.
    hold(transaction, f"outcomes of image {image_id}")


def _difference(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else end - start


def _same_weights(model: models.Model, other: type[models.Model] = models.Model) -> ColumnElement[bool]:
    # A newer engine is another row of models, but the original that it answers is still the same network's.
    return (other.key == model.key) & (other.weights_sha256 == model.weights_sha256)


def _original(transaction: Transaction, image_id: int, model: models.Model) -> tuple[int, float] | None:
    """Top class and its probability of the newest answer to the picture by the same weights."""
    answering = aliased(models.Model)
    row = transaction.execute(
        select(models.Prediction.top_index, models.Prediction.top_probability)
        .join(answering, models.Prediction.model_id == answering.id)
        .where(models.Prediction.image_id == image_id, _same_weights(model, answering))
        .order_by(models.Prediction.id.desc())
        .limit(1)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def _change(
    transaction: Transaction,
    original: tuple[int, float] | None,
    prediction: models.Prediction,
    model: models.Model,
    mask_area: float,
) -> _Change:
    if original is None:
        return _Change()
    index, before = original
    after = unpack_one(prediction.probabilities, index)
    return _Change(
        before_class_id=_class_row(transaction, model.label_set_id, index),
        probability_before=before,
        probability_after=after,
        change=after - before,
        flipped=index != prediction.top_index,
        cell=cell(mask_area, after - before),
    )


def _class_row(transaction: Transaction, label_set_id: int, index: int) -> int:
    query = select(models.ClassName.id).filter_by(label_set_id=label_set_id, index=index)
    return transaction.scalars(query).one()
