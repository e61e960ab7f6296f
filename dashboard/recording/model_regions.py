"""A model's region kept beside people's: where its map is highest, or the smallest flip that was found."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any

from dashboard import __version__
from dashboard.recording import answers
from dashboard.recording.agreement import Question, ground, region_and_class
from dashboard.recording.flips import FLIP
from dashboard.recording.ids import RequestError
from dashboard.recording.regions import edit_row, kept_under, refuse_withdrawn
from dashboard.recording.sessions import Sitting, begin_or_lock
from dashboard.recording.workspace import Workspace
from dashboard.vision import rle
from dashboard.vision.errors import EmptyMaskError
from db import models, regions
from db.engine import hold
from db.records import Region


def keep_model_region(workspace: Workspace, region_id: str, sitting: Sitting, question: Question) -> Region:
    """Keeps the model's region of a question as a row of its own; the same id again returns what was kept under it.

    Raises RegionscopeError where the model has no such region, NotFoundError where it was marked on another session's
    step, ConflictError where the id stands for something else or its region was deleted.
    """
    sha256 = _sha256(sitting, question)
    with workspace.database.read() as transaction:
        kept = kept_under(transaction, region_id, sha256)
    if kept:
        return kept
    found = ground(workspace, question.region, question.model_key)
    if found.picture.id != sitting.image:
        raise RequestError("The region belongs to another picture than the session.")
    mask, class_index = region_and_class(workspace, question, found)
    if not mask.any():
        raise EmptyMaskError("The model has no region here that could be kept.")
    with workspace.database.write() as transaction:
        hold(transaction, region_id)
        session = begin_or_lock(transaction, sitting)
        kept = kept_under(transaction, region_id, sha256)
        if kept:
            return kept
        refuse_withdrawn(transaction, region_id)
        row = models.Region(
            public_id=region_id,
            request_sha256=sha256,
            kind=question.method,
            image_id=session.image_id,
            edit_id=edit_row(transaction, session, found.edit.id if found.edit else None),
            session_id=session.id,
            model_id=answers.model_row(transaction, found.card),
            class_id=answers.class_row(transaction, found.card, class_index),
            class_name=found.card.labels[class_index],
            author=found.card.label,
            parameters=_parameters(question, int(mask.sum())),
            mask_counts=rle.encode(mask)["counts"],
            mask_area=float(mask.mean()),
            software_version=__version__,
        )
        transaction.add(row)
        transaction.flush()
        return regions.region(transaction, region_id)


def _sha256(sitting: Sitting, question: Question) -> str:
    """The same for the same question in the same session."""
    content = json.dumps([sitting.session, asdict(question)], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def _parameters(question: Question, pixels: int) -> dict[str, Any]:
    if question.method == FLIP:
        return {"model": question.model_key, "method": FLIP, "settings": dict(question.settings)}
    rule = {"rule": question.rule, "pixels": pixels}
    return {"model": question.model_key, "method": question.method, "settings": dict(question.settings), **rule}
