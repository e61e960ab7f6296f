"""Regions that people mark: kept as rows of their own, named, described, deleted. They never change a picture."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard import __version__
from dashboard.analysis import equal_area_region, iou
from dashboard.recording import answers
from dashboard.recording.deleting import refuse_participants
from dashboard.recording.events import is_new_event
from dashboard.recording.ids import RequestError
from dashboard.recording.maps import class_map
from dashboard.recording.masks import region_mask
from dashboard.recording.sessions import Sitting, begin_or_lock, lock
from dashboard.recording.text import check_text
from dashboard.recording.workspace import Workspace
from dashboard.vision import rle
from dashboard.vision.classifiers import ModelCard
from dashboard.vision.shapes import Shape, shapes_to_json
from db import models, queries, regions
from db.engine import hold
from db.errors import ConflictError, NotFoundError
from db.records import Region

LONGEST = {"name": 200, "reason": 5_000, "class_name": 200}
SURE = range(1, 6)


@dataclass(frozen=True)
class About:
    """What a person says of her region; ``confidence`` is how sure she is, 1 to 5, None where she does not say."""

    name: str = ""
    reason: str = ""
    confidence: int | None = None


@dataclass(frozen=True)
class RegionRequest:
    """A region that a person marked on one image state: ``edit`` None is the original.

    The class is number ``class_index`` of ``model_key``, or only a word (``class_name``) where it is None, such as a
    true label. ``mask`` (H, W) bool of the working copy's size may stand instead of ``shapes``.
    """

    id: str
    sitting: Sitting
    edit: str | None
    model_key: str
    class_index: int | None
    class_name: str
    shapes: tuple[Shape, ...]
    about: About = About()
    client_started_ms: float | None = None
    client_ended_ms: float | None = None
    mask: NDArray[np.bool_] | None = field(default=None, compare=False)

    @property
    def sha256(self) -> str:
        """The same for the same region, whatever is said of it later."""
        content: list[Any] = [self.sitting.session, self.sitting.image, self.edit, self.model_key, self.class_index]
        content += [self.class_name, shapes_to_json(self.shapes)]
        content += [rle.encode(self.mask) if self.mask is not None else None]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def parse_about(given: dict[str, Any]) -> About:
    """Raises RequestError with a sentence for anything that cannot be kept."""
    texts = {key: check_text(given.get(key, ""), key, LONGEST[key]).strip() for key in ("name", "reason")}
    return About(**texts, confidence=_sure(given.get("confidence")))


def _sure(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value not in SURE:
        raise RequestError("How sure you are is a whole number from 1 to 5.")
    return value


def mark(workspace: Workspace, request: RegionRequest) -> Region:
    """Keeps a marked region; when it returns, it is on the disk. The same id again returns what was kept under it.

    Raises RegionscopeError or StorageError with a sentence for the person; then nothing was kept.
    """
    with workspace.database.read() as transaction:
        kept = kept_under(transaction, request.id, request.sha256)
        picture = queries.picture(transaction, request.sitting.image)
        edit = queries.find_edit(transaction, request.edit) if request.edit else None
    if kept:
        return kept
    mask = region_mask(request.shapes, request.mask, picture)
    card = workspace.catalogue.load(request.model_key).card
    label = _class_name(request, card.labels)
    agreement = _agreement(workspace, request, card, mask, edit.result_blob if edit else picture.working_blob)
    with workspace.database.write() as transaction:
        hold(transaction, request.id)
        session = begin_or_lock(transaction, request.sitting)
        kept = kept_under(transaction, request.id, request.sha256)
        if kept:
            return kept
        refuse_withdrawn(transaction, request.id)
        class_id = None
        if request.class_index is not None:
            class_id = answers.class_row(transaction, card, request.class_index)
        row = models.Region(
            public_id=request.id,
            request_sha256=request.sha256,
            kind=regions.HUMAN,
            image_id=session.image_id,
            edit_id=edit_row(transaction, session, request.edit),
            session_id=session.id,
            model_id=answers.model_row(transaction, card),
            class_id=class_id,
            class_name=label,
            agreement=agreement,
            **vars(request.about),
            shapes=shapes_to_json(request.shapes),
            mask_counts=rle.encode(mask)["counts"],
            mask_area=float(mask.mean()),
            client_started_ms=request.client_started_ms,
            client_ended_ms=request.client_ended_ms,
            software_version=__version__,
        )
        transaction.add(row)
        _recount(transaction, row)
        return regions.region(transaction, request.id)


def describe(
    workspace: Workspace, event_id: str, region_id: str, about: About, client_time_ms: float | None = None
) -> Region:
    """Says something else of a region; the same event id again changes nothing. Raises NotFoundError."""
    with workspace.database.write() as transaction:
        hold(transaction, region_id)
        row, session = _locked(transaction, region_id)
        payload = {"region": region_id, **vars(about)}
        if is_new_event(transaction, event_id, session, "describe-region", payload, client_time_ms):
            for name, value in vars(about).items():
                setattr(row, name, value)
            transaction.flush()
        return regions.region(transaction, region_id)


def delete(workspace: Workspace, event_id: str, region_id: str, client_time_ms: float | None = None) -> bool:
    """Deletes a region for good; False where it is not there (any more).

    Raises ConflictError for what a participant of a study marked.
    """
    with workspace.database.write() as transaction:
        hold(transaction, region_id)
        try:
            row, session = _locked(transaction, region_id)
        except NotFoundError:
            return False
        if session is not None and row.kind == regions.HUMAN:
            refuse_participants(transaction, [session.id])
        is_new_event(transaction, event_id, session, "delete-region", {"region": region_id}, client_time_ms)
        transaction.delete(row)
        _recount(transaction, row)
        return True


def _class_name(request: RegionRequest, labels: tuple[str, ...]) -> str:
    if request.class_index is None:
        name = check_text(request.class_name, "class", LONGEST["class_name"]).strip()
        if not name:
            raise RequestError("Say which class the region speaks for.")
        return name
    if not 0 <= request.class_index < len(labels):
        raise RequestError(f"The model has no class number {request.class_index}.")
    return labels[request.class_index]


def _agreement(
    workspace: Workspace, request: RegionRequest, card: ModelCard, mask: NDArray[np.bool_], blob: str
) -> float | None:
    """Her region's iou with the model's of equal area; None where the model has no such class or no such map."""
    if request.class_index is None or not card.has_cam:
        return None
    of_class = class_map(workspace, request.model_key, "cam", request.class_index, blob)
    found = iou(mask, equal_area_region(mask, of_class))
    return None if math.isnan(found) else found


def kept_under(transaction: Transaction, region_id: str, request_sha256: str) -> Region | None:
    """The region that is kept under an id already, None where there is none; ConflictError where it is another."""
    sha256 = transaction.scalar(select(models.Region.request_sha256).where(models.Region.public_id == region_id))
    if sha256 is None:
        return None
    if sha256 != request_sha256:
        raise ConflictError("The same id was sent before, for another region.")
    return regions.region(transaction, region_id)


def refuse_withdrawn(transaction: Transaction, region_id: str) -> None:
    """A request that was delayed past its being given up, or past the deletion of its region, changes nothing."""
    if queries.is_cancelled(transaction, region_id):
        raise ConflictError("Given up. Nothing was kept.")
    deleted = models.Event.payload["region"].as_string() == region_id
    if transaction.scalar(select(models.Event.id).where(models.Event.kind == "delete-region", deleted)) is not None:
        raise ConflictError("This region was deleted; mark it again as a new one.")


def edit_row(transaction: Transaction, session: models.Session, edit: str | None) -> int | None:
    """The row of the session's step ``edit``; NotFoundError where it is not the session's."""
    if edit is None:
        return None
    row = transaction.scalar(select(models.Edit.id).filter_by(session_id=session.id, public_id=edit))
    if row is None:
        raise NotFoundError("The step this region was marked on does not belong to the session.")
    return row


def _recount(transaction: Transaction, row: models.Region) -> None:
    regions.recount(transaction, row.session_id, [row.edit_id] if row.edit_id is not None else [])


def _locked(transaction: Transaction, region_id: str) -> tuple[models.Region, models.Session | None]:
    """The region's row, and its session's, which nobody deletes meanwhile."""
    owner = transaction.scalar(
        select(models.Session.public_id).join(models.Region).where(models.Region.public_id == region_id)
    )
    session = lock(transaction, owner) if owner else None
    row = transaction.scalar(select(models.Region).where(models.Region.public_id == region_id).with_for_update())
    if row is None:
        raise NotFoundError("This region is not here any more.")
    return row, session
