"""Performing recorded edits again, from the original picture, shapes and parameters, and comparing with the record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from dashboard.recording.verdicts import Verdict
from dashboard.recording.verify_answers import Answers
from dashboard.recording.workspace import Workspace
from dashboard.vision import rle
from dashboard.vision.errors import RegionscopeError
from dashboard.vision.images import decode_png
from dashboard.vision.inpainting import METHODS, apply_method
from dashboard.vision.masks import rasterise
from dashboard.vision.shapes import parse_shapes
from db import queries
from db.errors import NotFoundError, StorageError
from db.records import Edit, Picture

# An area is a number of pixels by another: only the last digits of a float may differ.
AREA_TOLERANCE = 1e-9
Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class _State:
    """A step made again: its picture (H, W, 3), and all that was removed on the way to it (H, W)."""

    pixels: Pixels
    removed: Mask


def verify_session(workspace: Workspace, session_id: str) -> Iterator[Verdict]:
    """Every edit of a session in its order; raises NotFoundError for an unknown session.

    Each edit is performed on its parent as it was performed again, so an early difference is not hidden by what was
    kept later.
    """
    with workspace.database.read() as transaction:
        session = queries.session(transaction, session_id)
        edits = queries.edits(transaction, session_id)
    waiting = Counter(edit.parent for edit in edits)
    original = _original(workspace, session.picture)
    answers = Answers(workspace, original.pixels if original else None)
    made: dict[str | None, _State | None] = {None: original}
    for edit in edits:
        verdict = Verdict(session_id, edit.id, edit.sequence)
        again = None
        with verdict.noting("it could not be performed"):
            again = _perform(workspace, edit, made.get(edit.parent), session.picture, verdict)
        if waiting[edit.id]:
            made[edit.id] = again
        waiting[edit.parent] -= 1
        if not waiting[edit.parent]:
            made.pop(edit.parent, None)
        if again is not None:
            _compare(workspace, edit, again, answers, verdict)
        yield verdict


def make_again(workspace: Workspace, edit_id: str) -> Pixels:
    """An edit's picture (H, W, 3) performed again on the picture that it started from.

    Raises RegionscopeError or StorageError where that cannot be read or the edit cannot be performed here.
    """
    with workspace.database.read() as transaction:
        edit = queries.find_edit(transaction, edit_id)
        if edit is None:
            raise NotFoundError("This step is not here any more.")
        parent = queries.find_edit(transaction, edit.parent) if edit.parent else None
        picture = queries.session(transaction, edit.session).picture
    before = _read(workspace, parent.result_blob if parent else picture.working_blob)
    mask = rle.decode(cast(rle.RLE, edit.mask))
    return apply_method(edit.method, before, mask, edit.parameters, workspace.settings.inpainting_network)


def _original(workspace: Workspace, picture: Picture) -> _State | None:
    try:
        pixels = _read(workspace, picture.working_blob)
    except (RegionscopeError, StorageError):
        return None
    return _State(pixels, np.zeros(pixels.shape[:2], bool))


def _read(workspace: Workspace, blob: str) -> Pixels:
    """From the file, not from memory: it is the file that is compared."""
    return decode_png(workspace.blobs.get(blob))


def _perform(
    workspace: Workspace, edit: Edit, parent: _State | None, picture: Picture, verdict: Verdict
) -> _State | None:
    """The edit's picture made again, None where it cannot be; the mask is compared on the way."""
    mask = _mask(edit, picture, verdict)
    if mask is None:
        return None
    if parent is None:
        verdict.reasons.append("the picture it starts from could not be made")
        return None
    pixels = apply_method(edit.method, parent.pixels, mask, edit.parameters, workspace.settings.inpainting_network)
    group = METHODS[edit.method].group
    verdict.derives(edit.operation == group, f"the operation is {group}, recorded as {edit.operation}")
    _compare_area("mask", edit.mask_area, mask, verdict)
    return _State(pixels, parent.removed | (~mask if group == "keep" else mask))


def _mask(edit: Edit, picture: Picture, verdict: Verdict) -> Mask | None:
    """The region drawn again and compared; where no shapes were kept, as on the command line, the recorded one."""
    recorded = drawn = None
    try:
        recorded = rle.decode(cast(rle.RLE, edit.mask))
    except RegionscopeError as error:
        verdict.mask = False
        verdict.reasons.append(f"the recorded mask cannot be read: {error}")
    if not edit.shapes:
        verdict.mask_given = True
        return recorded
    try:
        drawn = rasterise(parse_shapes(edit.shapes), picture.working_height, picture.working_width)
    except RegionscopeError as error:
        verdict.reasons.append(f"its region cannot be drawn again: {error}")
    if recorded is not None and drawn is not None:
        differing = int((drawn != recorded).sum())
        verdict.mask = differing == 0
        if differing:
            verdict.reasons.append(f"the mask differs in {differing:,} pixels")
    return drawn


def _compare_area(what: str, recorded: float, mask: Mask, verdict: Verdict) -> None:
    area = float(mask.mean())
    reason = f"the {what}'s area is {area:.6f}, recorded as {recorded:.6f}"
    verdict.derives(abs(area - recorded) <= AREA_TOLERANCE, reason)


def _compare(workspace: Workspace, edit: Edit, again: _State, answers: Answers, verdict: Verdict) -> None:
    with verdict.noting("its recorded picture cannot be read"):
        kept = _read(workspace, edit.result_blob)
        pixels = again.pixels
        differing = int((kept != pixels).any(axis=2).sum()) if kept.shape == pixels.shape else kept.size
        verdict.pixels = differing == 0
        if differing:
            verdict.reasons.append(f"{differing:,} pixels differ")
    with verdict.noting("its recorded answers cannot be compared"):
        answers.compare(edit.id, again.pixels, verdict)
    with verdict.noting("the recorded removed part cannot be read"):
        _compare_area("removed part", edit.removed_area, again.removed, verdict)
        verdict.derives(_differing(edit.removed, again.removed) == 0, "the removed part differs")


def _differing(recorded: dict[str, Any], mask: Mask) -> int:
    return int((rle.decode(cast(rle.RLE, recorded)) != mask).sum())
