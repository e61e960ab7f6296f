"""Models' answers to image states: asked for once, kept, and read from then on."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session as Transaction

from dashboard.recording.workspace import Workspace
from dashboard.vision.classifiers import ModelCard
from dashboard.vision.errors import RegionscopeError
from db import models, queries
from db.engine import insert_all_if_new, insert_if_new
from db.errors import NotFoundError
from db.outcomes import complete_outcomes, record_outcomes
from db.probabilities import pack
from db.records import Answer, Edit, Picture


@dataclass(frozen=True)
class FreshAnswer:
    """An answer that is not kept yet: probabilities (K,) float32."""

    card: ModelCard
    probabilities: NDArray[np.float32]
    latency_ms: float


def ask(workspace: Workspace, model_key: str, pixels: NDArray[np.uint8]) -> FreshAnswer:
    """Classifies one picture (H, W, 3) uint8. Raises UnknownNameError or UnavailableError for the model."""
    classifier = workspace.catalogue.load(model_key)
    start = time.perf_counter()
    answer = classifier.answer(pixels[None])
    return FreshAnswer(classifier.card, answer.probabilities[0], (time.perf_counter() - start) * 1000)


def keep(
    transaction: Transaction, fresh: FreshAnswer, *, edit_id: int | None = None, image_id: int | None = None
) -> None:
    """Keeps an answer to an edit's result or to a picture (row numbers); a second one to the same is left out."""
    if image_id is None:
        keep_of_edits(transaction, [(cast(int, edit_id), fresh)])
        return
    model_id = model_row(transaction, fresh.card)
    insert_if_new(transaction, models.Prediction, **_prediction(fresh, model_id, image_id=image_id))
    complete_outcomes(transaction, image_id, model_id)


def keep_of_edits(transaction: Transaction, answers: Sequence[tuple[int, FreshAnswer]]) -> None:
    """Keeps answers to edits' results (row numbers), in a few statements whatever their number.

    Those to edits that were deleted meanwhile are left out.
    """
    there = _still_there(transaction, [edit_id for edit_id, _ in answers])
    answers = [answer for answer in answers if answer[0] in there]
    if not answers:
        return
    cards = {id(fresh.card): fresh.card for _, fresh in answers}
    rows = {number: model_row(transaction, card) for number, card in cards.items()}
    values = [_prediction(fresh, rows[id(fresh.card)], edit_id=edit_id) for edit_id, fresh in answers]
    insert_all_if_new(transaction, models.Prediction, values)
    kept = select(models.Prediction.id).where(
        models.Prediction.edit_id.in_([edit_id for edit_id, _ in answers]),
        models.Prediction.model_id.in_(rows.values()),
    )
    record_outcomes(transaction, transaction.scalars(kept))


def _still_there(transaction: Transaction, edit_ids: Sequence[int]) -> set[int]:
    """Edits whose session nobody deletes or archives before the transaction ends: an outcome says of both."""
    query = select(models.Edit.id).join(models.Session).where(models.Edit.id.in_(edit_ids)).order_by(models.Session.id)
    return set(transaction.scalars(query.with_for_update(read=True, of=models.Session)))


def _prediction(
    fresh: FreshAnswer, model_id: int, *, edit_id: int | None = None, image_id: int | None = None
) -> dict[str, Any]:
    top = int(fresh.probabilities.argmax())
    return {
        "model_id": model_id,
        "edit_id": edit_id,
        "image_id": image_id,
        "probabilities": pack(fresh.probabilities),
        "top_index": top,
        "top_probability": float(fresh.probabilities[top]),
        "latency_ms": fresh.latency_ms,
    }


def same_weights(card: ModelCard) -> ColumnElement[bool]:
    """Whether a row of models is this network, whichever engine ran it."""
    return (models.Model.key == card.key) & (models.Model.weights_sha256 == card.weights_sha256)


def of_picture(workspace: Workspace, picture: Picture, model_keys: Iterable[str]) -> dict[str, Answer]:
    """Each model's answer to the untouched working copy, by its key; asked for now where none is kept."""

    def keep_all(transaction: Transaction, fresh: list[FreshAnswer]) -> None:
        row = queries.image_row(transaction, picture.id)
        for answer in fresh:
            keep(transaction, answer, image_id=row.id)

    def kept(transaction: Transaction) -> list[Answer]:
        return queries.answers_of_picture(transaction, picture.id)

    return _kept_or_asked(workspace, picture.working_blob, list(model_keys), kept, keep_all)


def of_edit(workspace: Workspace, edit: Edit, model_keys: Iterable[str]) -> dict[str, Answer]:
    """The same for an edit's result."""

    def keep_all(transaction: Transaction, fresh: list[FreshAnswer]) -> None:
        row_id = transaction.scalar(select(models.Edit.id).where(models.Edit.public_id == edit.id))
        if row_id is not None:
            keep_of_edits(transaction, [(row_id, answer) for answer in fresh])

    def kept(transaction: Transaction) -> list[Answer]:
        return queries.answers_of_edit(transaction, edit.id)

    return _kept_or_asked(workspace, edit.result_blob, list(model_keys), kept, keep_all)


def _kept_or_asked(
    workspace: Workspace,
    blob: str,
    wanted: list[str],
    kept: Callable[[Transaction], list[Answer]],
    keep_all: Callable[[Transaction, list[FreshAnswer]], None],
) -> dict[str, Answer]:
    with workspace.database.read() as transaction:
        known = queries.by_model(kept(transaction))
    missing = [key for key in wanted if not _is_current(workspace, known.get(key), key)]
    if missing:
        fresh = [ask(workspace, key, workspace.pixels(blob)) for key in missing]
        with workspace.database.write() as transaction:
            keep_all(transaction, fresh)
            known = queries.by_model(kept(transaction))
    if not known.keys() >= set(wanted):
        raise NotFoundError("This step was deleted meanwhile.")
    return {key: known[key] for key in wanted}


def _is_current(workspace: Workspace, answer: Answer | None, key: str) -> bool:
    """Whether the answer is that of the weights in use; a model that is not here any more cannot say otherwise."""
    if answer is None:
        return False
    try:
        return workspace.catalogue.load(key).card.weights_sha256 == answer.model.weights_sha256
    except RegionscopeError:
        return True


def find_model(transaction: Transaction, card: ModelCard) -> int | None:
    """The row number of this very classifier – same weights, same preprocessing, same engine – if it ever answered."""
    return transaction.scalar(select(models.Model.id).filter_by(**_identity(card)))


def _preprocessing(card: ModelCard) -> dict[str, Any]:
    return {"mean": list(card.mean), "std": list(card.std), "resize": "bicubic, antialiased, uncropped"}


def _identity(card: ModelCard) -> dict[str, str]:
    preprocessing = json.dumps(_preprocessing(card), sort_keys=True)
    return {
        "key": card.key,
        "weights_sha256": card.weights_sha256,
        "engine": card.engine,
        "engine_version": card.engine_version,
        "preprocessing_sha256": hashlib.sha256(preprocessing.encode()).hexdigest(),
    }


def model_row(transaction: Transaction, card: ModelCard) -> int:
    """The row number of this very classifier, made if it is new."""
    found = find_model(transaction, card)
    if found is None:
        insert_if_new(
            transaction,
            models.Model,
            **_identity(card),
            label=card.label,
            family=card.family,
            preprocessing=_preprocessing(card),
            input_height=card.input_height,
            input_width=card.input_width,
            label_set_id=label_set_row(transaction, card),
        )
        found = find_model(transaction, card)
    if found is None:
        raise AssertionError("a model vanished inside its own transaction")
    return found


def class_row(transaction: Transaction, card: ModelCard, index: int) -> int:
    """The row number of one class of the model's label set, made if the label set is new."""
    number = label_set_row(transaction, card)
    return transaction.scalars(select(models.ClassName.id).filter_by(label_set_id=number, index=index)).one()


def label_set_row(transaction: Transaction, card: ModelCard) -> int:
    """The row number of the model's label set, made if it is new."""
    query = select(models.LabelSet.id).filter_by(sha256=card.label_set)
    found = transaction.scalar(query)
    if found is None:
        insert_if_new(transaction, models.LabelSet, sha256=card.label_set, labels=list(card.labels))
        found = transaction.scalars(query).one()
        names = [{"label_set_id": found, "index": index, "name": name} for index, name in enumerate(card.labels)]
        insert_all_if_new(transaction, models.ClassName, names)
    return found
