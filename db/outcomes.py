"""What browsing sorts and filters by: each answer beside the same model's answer to the original picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, or_, select, update
from sqlalchemy.orm import Session as Transaction

from db.engine import hold, insert_all_if_new
from db.models import ClassName, Edit, Model, Outcome, Prediction, Session
from db.probabilities import unpack_one
from db.regions import recount, with_regions

# Mask area (0–1) against change (−1 to 1) is drawn as a density in cells of 1 % by 2.5 points.
AREA_CELLS = 100
CHANGE_CELLS = 80

Network = tuple[str, str]


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


@dataclass(frozen=True)
class _Known:
    """What several outcomes need: top class and its probability by picture and network, class rows by place."""

    originals: dict[tuple[int, Network], tuple[int, float]]
    classes: dict[tuple[int, int], int]

    def change(self, row: Row[Any]) -> _Change:
        original = self.originals.get((row.image_id, (row.key, row.weights_sha256)))
        if original is None:
            return _Change()
        index, before = original
        after = unpack_one(row.probabilities, index)
        return _Change(
            before_class_id=self.classes[row.label_set_id, index],
            probability_before=before,
            probability_after=after,
            change=after - before,
            flipped=index != row.top_index,
            cell=cell(row.mask_area, after - before),
        )


_ANSWERED: Any = (
    select(
        Prediction.id.label("prediction_id"),
        Prediction.model_id,
        Prediction.probabilities,
        Prediction.top_index,
        Edit.id.label("edit_id"),
        Edit.method,
        Edit.mask_area,
        Edit.created_at,
        Edit.client_started_ms,
        Edit.client_ended_ms,
        Session.id.label("session_id"),
        Session.image_id,
        Session.archived_at,
        Model.key,
        Model.weights_sha256,
        Model.label_set_id,
    )
    .join(Edit, Prediction.edit_id == Edit.id)
    .join(Session, Edit.session_id == Session.id)
    .join(Model, Prediction.model_id == Model.id)
    .order_by(Prediction.id)
)


def record_outcomes(transaction: Transaction, prediction_ids: Iterable[int]) -> None:
    """Adds the outcomes of edits' predictions (row numbers); those that are there already stay.

    A copy of another session's edit gets none: it would be counted twice.
    """
    query = _ANSWERED.where(Prediction.id.in_(list(prediction_ids)), Edit.copied_from.is_(None))
    rows = transaction.execute(query).all()
    if not rows:
        return
    known = _known(transaction, rows)
    edits = {row.edit_id for row in rows}
    led = set(transaction.scalars(select(Outcome.edit_id).where(Outcome.edit_id.in_(edits))))
    outcomes = []
    for row in rows:
        outcomes.append(_outcome(row, known, leading=row.edit_id not in led))
        led.add(row.edit_id)
    insert_all_if_new(transaction, Outcome, outcomes)
    recount(transaction, None, with_regions(transaction, edits))


def complete_outcomes(transaction: Transaction, image_id: int, model_id: int) -> None:
    """Fills in what could not be said before the model had answered the original (row numbers)."""
    network = transaction.execute(select(Model.key, Model.weights_sha256).where(Model.id == model_id)).one()
    waiting = _ANSWERED.join(Outcome, Outcome.prediction_id == Prediction.id).where(
        Outcome.image_id == image_id,
        Outcome.before_class_id.is_(None),
        Model.key == network.key,
        Model.weights_sha256 == network.weights_sha256,
    )
    _hold_images(transaction, {image_id})
    rows = transaction.execute(waiting).all()
    if rows:
        known = _known(transaction, rows)
        changes: dict[str, Any] = {field.name: bindparam(f"new_{field.name}") for field in fields(_Change)}
        statement = update(Outcome).where(Outcome.prediction_id == bindparam("row")).values(changes)
        # On the connection: some may be deleted at this moment, and the ORM would take that for a mistake.
        transaction.connection().execute(statement, [_changed(row, known) for row in rows])


def _changed(row: Row[Any], known: _Known) -> dict[str, Any]:
    return {"row": row.prediction_id} | {f"new_{name}": value for name, value in vars(known.change(row)).items()}


def _outcome(row: Row[Any], known: _Known, *, leading: bool) -> dict[str, Any]:
    return {
        "prediction_id": row.prediction_id,
        "edit_id": row.edit_id,
        "session_id": row.session_id,
        "image_id": row.image_id,
        "model_id": row.model_id,
        "leading": leading,
        "archived": row.archived_at is not None,
        "method": row.method,
        "mask_area": row.mask_area,
        "made_at_ms": milliseconds(row.created_at),
        "drawing_ms": _difference(row.client_started_ms, row.client_ended_ms),
        "after_class_id": known.classes[row.label_set_id, row.top_index],
        **vars(known.change(row)),
    }


def _difference(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else end - start


def _hold_images(transaction: Transaction, image_ids: set[int]) -> None:
    # The answers to a picture and to an edit of it may be kept at once; the later of the two must see the other.
    for image_id in sorted(image_ids):
        hold(transaction, f"outcomes of image {image_id}")


def _known(transaction: Transaction, rows: Sequence[Row[Any]]) -> _Known:
    images = {row.image_id for row in rows}
    _hold_images(transaction, images)
    originals = _originals(transaction, images, {row.key for row in rows})
    needed = {(row.label_set_id, row.top_index) for row in rows}
    for row in rows:
        original = originals.get((row.image_id, (row.key, row.weights_sha256)))
        needed |= {(row.label_set_id, original[0])} if original else set()
    return _Known(originals, _class_rows(transaction, needed))


def _originals(
    transaction: Transaction, images: set[int], keys: set[str]
) -> dict[tuple[int, Network], tuple[int, float]]:
    """The newest answer to each picture by each network: a newer engine is another model, but the same weights."""
    query = (
        select(
            Prediction.image_id,
            Model.key,
            Model.weights_sha256,
            Prediction.top_index,
            Prediction.top_probability,
        )
        .join(Model, Prediction.model_id == Model.id)
        .where(Prediction.image_id.in_(images), Model.key.in_(keys))
        .order_by(Prediction.id)
    )
    return {
        (image_id, (key, weights)): (index, probability)
        for image_id, key, weights, index, probability in transaction.execute(query)
        if image_id is not None
    }


def _class_rows(transaction: Transaction, places: set[tuple[int, int]]) -> dict[tuple[int, int], int]:
    by_label_set: dict[int, set[int]] = {}
    for label_set, index in places:
        by_label_set.setdefault(label_set, set()).add(index)
    wanted = [
        and_(ClassName.label_set_id == label_set, ClassName.index.in_(indices))
        for label_set, indices in by_label_set.items()
    ]
    query = select(ClassName.label_set_id, ClassName.index, ClassName.id).where(or_(*wanted))
    return {(label_set, index): number for label_set, index, number in transaction.execute(query)}
