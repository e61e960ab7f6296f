"""Applying an edit: from drawn shapes to a kept picture and a kept answer."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session as Transaction

from dashboard import __version__
from dashboard.recording.answers import FreshAnswer, ask, keep_of_edits
from dashboard.recording.files import ensure_file
from dashboard.recording.masks import region_mask
from dashboard.recording.sessions import Sitting, begin_or_lock
from dashboard.recording.workspace import Workspace
from dashboard.vision import rle
from dashboard.vision.errors import RegionscopeError
from dashboard.vision.images import encode_png
from dashboard.vision.inpainting import METHODS, apply_method, parse_parameters
from dashboard.vision.shapes import Shape, shapes_to_json
from db import models, queries
from db.engine import hold
from db.errors import ConflictError, NotFoundError
from db.records import Answer, Edit, Picture


class CancelledError(RegionscopeError):
    """The person stopped the edit; nothing was kept."""


@dataclass(frozen=True)
class EditRequest:
    """What a person (or a script) wants done. ``parent`` None is the original picture.

    ``mask`` (H, W) bool of the working copy's size may stand instead of ``shapes``.
    """

    id: str
    sitting: Sitting
    parent: str | None
    method: str
    parameters: dict[str, Any]
    shapes: tuple[Shape, ...]
    model_keys: tuple[str, ...]
    client_started_ms: float | None = None
    client_ended_ms: float | None = None
    mask: NDArray[np.bool_] | None = field(default=None, compare=False)

    @property
    def sha256(self) -> str:
        """The same for the same request: how a repeated one is told from another under the same id."""
        content: list[Any] = [self.sitting.session, self.sitting.image, self.parent, self.method, self.parameters]
        content += [shapes_to_json(self.shapes), rle.encode(self.mask) if self.mask is not None else None]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class _Outcome:
    """Everything that was computed, before anything is kept."""

    parameters: dict[str, Any]
    mask: NDArray[np.bool_]
    changed: NDArray[np.bool_]
    blob: str
    after: NDArray[np.uint8]
    answers: list[FreshAnswer]
    duration_ms: float


def apply_edit(workspace: Workspace, request: EditRequest) -> Edit:
    """Performs an edit and keeps it with its picture and answers; when it returns, all of it is on the disk.

    The same id again returns the edit that was kept under it. Raises RegionscopeError or StorageError with a
    sentence for the person; then nothing was kept.
    """
    with workspace.database.read() as transaction:
        kept = _kept(transaction, request)
        picture = queries.picture(transaction, request.sitting.image)
        parent = _parent(transaction, request)
    if kept:
        return kept
    outcome = _perform(workspace, request, picture, parent)
    with workspace.database.write() as transaction:
        hold(transaction, request.id)
        row = begin_or_lock(transaction, request.sitting)
        kept = _kept(transaction, request)
        if kept:
            return kept
        if queries.is_cancelled(transaction, request.id):
            raise CancelledError("Stopped. Nothing was changed.")
        ensure_file(workspace, transaction, outcome.blob, outcome.after)
        _keep(transaction, row, request, parent, outcome)
        return _found(transaction, request.id)


def _perform(workspace: Workspace, request: EditRequest, picture: Picture, parent: Edit | None) -> _Outcome:
    start = time.perf_counter()
    mask = region_mask(request.shapes, request.mask, picture)
    parameters = parse_parameters(request.method, request.parameters)
    before = workspace.pixels(parent.result_blob if parent else picture.working_blob)
    after = apply_method(request.method, before, mask, parameters, workspace.settings.inpainting_network)
    # Asked before anything is written: a model that cannot answer leaves no file behind.
    answers = [ask(workspace, key, after) for key in request.model_keys]
    blob = workspace.blobs.put(encode_png(after))
    workspace.remember(blob, after)
    changed = ~mask if METHODS[request.method].group == "keep" else mask
    return _Outcome(parameters, mask, changed, blob, after, answers, (time.perf_counter() - start) * 1000)


def _kept(transaction: Transaction, request: EditRequest) -> Edit | None:
    query = select(models.Edit.request_sha256).where(models.Edit.public_id == request.id)
    sha256 = transaction.scalar(query)
    if sha256 is None:
        return None
    if sha256 != request.sha256:
        raise ConflictError("The same id was sent before, for another edit.")
    return _found(transaction, request.id)


def _found(transaction: Transaction, edit_id: str) -> Edit:
    edit = queries.find_edit(transaction, edit_id)
    if edit is None:
        raise AssertionError("an edit vanished inside its own transaction")
    return edit


def _parent(transaction: Transaction, request: EditRequest) -> Edit | None:
    if request.parent is None:
        return None
    parent = queries.find_edit(transaction, request.parent)
    if parent is None or parent.session != request.sitting.session:
        raise NotFoundError("The step this edit starts from does not belong to the session.")
    return parent


def _keep(
    transaction: Transaction, session: models.Session, request: EditRequest, parent: Edit | None, outcome: _Outcome
) -> None:
    removed = rle.encode(outcome.changed)
    if parent is not None:
        removed = rle.union(cast(rle.RLE, parent.removed), removed)
    newest = transaction.scalar(select(func.max(models.Edit.sequence)).filter_by(session_id=session.id))
    pixels = outcome.mask.size
    row = models.Edit(
        public_id=request.id,
        session_id=session.id,
        parent_id=_row_number(transaction, parent),
        sequence=(newest or 0) + 1,
        request_sha256=request.sha256,
        operation=METHODS[request.method].group,
        method=request.method,
        parameters=outcome.parameters,
        shapes=shapes_to_json(request.shapes),
        mask_counts=rle.encode(outcome.mask)["counts"],
        mask_area=float(outcome.mask.sum() / pixels),
        removed_counts=removed["counts"],
        removed_area=rle.area(removed) / pixels,
        result_blob=outcome.blob,
        client_started_ms=request.client_started_ms,
        client_ended_ms=request.client_ended_ms,
        duration_ms=outcome.duration_ms,
        software_version=__version__,
    )
    transaction.add(row)
    transaction.flush()
    keep_of_edits(transaction, [(row.id, answer) for answer in outcome.answers])
    session.head = session.tip = row.sequence
    transaction.flush()


def _row_number(transaction: Transaction, edit: Edit | None) -> int | None:
    if edit is None:
        return None
    number = transaction.scalar(select(models.Edit.id).where(models.Edit.public_id == edit.id))
    if number is None:
        raise NotFoundError("The step this edit starts from was deleted meanwhile.")
    return number


def is_flipped(originals: list[Answer], answers: list[Answer]) -> bool:
    """Whether the first model that answered the edit gives another top class than it gave to the original."""
    before = queries.by_model(originals)
    for answer in answers:
        if answer.model.key in before:
            return before[answer.model.key].top_index != answer.top_index
    return False
