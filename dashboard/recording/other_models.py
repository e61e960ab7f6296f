"""Recorded edits under other models: the kept pictures are answered again, and the answers kept beside the first."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from dashboard.recording import answers
from dashboard.recording.answers import FreshAnswer
from dashboard.recording.workspace import Workspace
from dashboard.vision.classifiers.classifier import Classifier
from dashboard.vision.errors import RegionscopeError
from dashboard.vision.images import decode_png
from db import models, queries
from db.errors import StorageError
from db.probabilities import unpack

Progress = Callable[[int, int], None]
BATCH = 8
READERS = 2
# Pictures that are decoded ahead of the network, so that it never waits and memory stays small.
AHEAD = 4 * BATCH
AT_ONCE = 1_000


@dataclass(frozen=True)
class Unanswered:
    """An edit's picture that a model has not answered yet; ``edit_row`` is the edit's row number."""

    edit: str
    edit_row: int
    blob: str


@dataclass
class Report:
    """How many answers were added now, how many were kept before, and what could not be answered and why.

    ``failed`` names edits; ``originals`` pictures that could not be answered themselves, so that of their edits no
    change can be told.
    """

    answered: int = 0
    known: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    originals: dict[str, str] = field(default_factory=dict)


def other_models(
    workspace: Workspace, edit_ids: Iterable[str], model_keys: list[str], on_progress: Progress = lambda *_: None
) -> Report:
    """Answers the edits' pictures by further models and keeps the answers; what is kept is never asked again.

    ``on_progress`` gets (done, of how many), both in answers. What is done stays kept whenever this is stopped.
    Raises UnknownNameError or UnavailableError for a model that cannot be used here, before anything is done.
    """
    wanted = list(dict.fromkeys(edit_ids))
    classifiers = [workspace.catalogue.load(key) for key in model_keys]
    report, total = Report(), len(wanted) * len(classifiers)
    on_progress(0, total)
    for classifier in classifiers:
        for some in _in_turn(wanted):
            _answer_originals(workspace, some, classifier, report)
            missing, unknown = _unanswered(workspace, some, classifier)
            report.failed += [(edit, "There is no edit with this id.") for edit in unknown]
            report.known += len(some) - len(missing) - len(unknown)
            for done in _answered(workspace, missing, classifier, report):
                report.answered += done
                on_progress(report.answered + report.known + len(report.failed), total)
    on_progress(total, total)
    return report


def _in_turn(edits: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(edits), AT_ONCE):
        yield edits[start : start + AT_ONCE]


def _answer_originals(workspace: Workspace, edits: list[str], classifier: Classifier, report: Report) -> None:
    """Without the answer to the original there is no change and no flip."""
    card = classifier.card
    answered = (
        select(models.Prediction.id)
        .join(models.Model, models.Prediction.model_id == models.Model.id)
        .where(models.Prediction.image_id == models.Image.id, answers.same_weights(card))
        .correlate(models.Image)
        .exists()
    )
    query = (
        select(models.Image.public_id)
        .join(models.Session, models.Session.image_id == models.Image.id)
        .join(models.Edit, models.Edit.session_id == models.Session.id)
        .where(models.Edit.public_id.in_(edits), ~answered)
        .distinct()
    )
    with workspace.database.read() as transaction:
        ids = [public_id for public_id in transaction.scalars(query) if public_id not in report.originals]
        pictures = [queries.picture(transaction, public_id) for public_id in ids]
    for picture in pictures:
        try:
            answers.of_picture(workspace, picture, [card.key])
        except (RegionscopeError, StorageError) as error:
            report.originals[picture.id] = str(error)


def _unanswered(workspace: Workspace, edits: list[str], classifier: Classifier) -> tuple[list[Unanswered], list[str]]:
    """What is to be asked, and the ids that no edit has."""
    answered = (
        select(models.Prediction.id)
        .join(models.Model, models.Prediction.model_id == models.Model.id)
        .where(models.Prediction.edit_id == models.Edit.id, answers.same_weights(classifier.card))
        .correlate(models.Edit)
        .exists()
    )
    query = (
        select(models.Edit.public_id, models.Edit.id, models.Edit.result_blob, answered)
        .where(models.Edit.public_id.in_(edits))
        .order_by(models.Edit.id)
    )
    with workspace.database.read() as transaction:
        rows = transaction.execute(query).all()
    here = {row[0] for row in rows}
    return [Unanswered(*row[:3]) for row in rows if not row[3]], [edit for edit in edits if edit not in here]


def _answered(workspace: Workspace, missing: list[Unanswered], classifier: Classifier, report: Report) -> Iterator[int]:
    """Asks and keeps a batch at a time; says of each batch how many answers it brought.

    Pictures are read and resized by two threads while the network runs in a third and the database writes in this
    one; copies of an edit share its picture, which is answered once.
    """
    by_blob: dict[str, list[Unanswered]] = {}
    for item in missing:
        by_blob.setdefault(item.blob, []).append(item)
    elsewhere = _answered_elsewhere(workspace, list(by_blob), classifier)
    known = list(elsewhere)
    for start in range(0, len(known), BATCH):
        some = known[start : start + BATCH]
        yield _keep(workspace, by_blob, some, [elsewhere[blob] for blob in some])
    by_blob = {blob: items for blob, items in by_blob.items() if blob not in elsewhere}
    with ThreadPoolExecutor(READERS) as readers, ThreadPoolExecutor(1) as network:
        asked: Future[list[FreshAnswer]] | None = None
        asked_for: list[str] = []
        for blobs, inputs in _prepared(workspace, by_blob, classifier, readers, report):
            coming = network.submit(_ask, classifier, inputs)
            if asked is not None:
                yield _keep(workspace, by_blob, asked_for, asked.result())
            asked, asked_for = coming, blobs
        if asked is not None:
            yield _keep(workspace, by_blob, asked_for, asked.result())


def _answered_elsewhere(workspace: Workspace, blobs: list[str], classifier: Classifier) -> dict[str, FreshAnswer]:
    """What this very classifier has said to the same file of another edit: of a copy, or of what it is a copy of."""
    with workspace.database.read() as transaction:
        query = (
            select(models.Edit.result_blob, models.Prediction.probabilities, models.Prediction.latency_ms)
            .join(models.Edit, models.Prediction.edit_id == models.Edit.id)
            .where(
                models.Edit.result_blob.in_(blobs),
                models.Prediction.model_id == answers.find_model(transaction, classifier.card),
            )
        )
        return {
            blob: FreshAnswer(classifier.card, unpack(packed), latency_ms)
            for blob, packed, latency_ms in transaction.execute(query)
        }


def _prepared(
    workspace: Workspace,
    by_blob: dict[str, list[Unanswered]],
    classifier: Classifier,
    readers: ThreadPoolExecutor,
    report: Report,
) -> Iterator[tuple[list[str], NDArray[np.float32]]]:
    """Batches of network inputs with the pictures they are of; a picture that cannot be read is reported."""
    waiting: deque[tuple[str, Future[NDArray[np.float32]]]] = deque()
    coming = iter(by_blob)
    batch: dict[str, NDArray[np.float32]] = {}
    while True:
        for blob in islice(coming, AHEAD - len(waiting)):
            waiting.append((blob, readers.submit(_read, workspace, classifier, blob)))
        if not waiting:
            break
        blob, picture = waiting.popleft()
        try:
            batch[blob] = picture.result()
        except (RegionscopeError, StorageError) as error:
            report.failed += [(item.edit, str(error)) for item in by_blob[blob]]
        if len(batch) == BATCH:
            yield list(batch), np.stack(list(batch.values()))
            batch = {}
    if batch:
        yield list(batch), np.stack(list(batch.values()))


def _read(workspace: Workspace, classifier: Classifier, blob: str) -> NDArray[np.float32]:
    prepared: NDArray[np.float32] = classifier.preprocess(decode_png(workspace.blobs.get(blob))[None])[0]
    return prepared


def _ask(classifier: Classifier, inputs: NDArray[np.float32]) -> list[FreshAnswer]:
    start = perf_counter()
    probabilities = classifier.answer_prepared(inputs).probabilities
    latency_ms = (perf_counter() - start) * 1000 / len(inputs)
    return [FreshAnswer(classifier.card, row, latency_ms) for row in probabilities]


def _keep(
    workspace: Workspace, by_blob: dict[str, list[Unanswered]], blobs: list[str], fresh: list[FreshAnswer]
) -> int:
    rows = [(item.edit_row, answer) for blob, answer in zip(blobs, fresh, strict=True) for item in by_blob[blob]]
    with workspace.database.write() as transaction:
        answers.keep_of_edits(transaction, rows)
    return len(rows)
