"""Performing recorded edits again, from the original picture, shapes and parameters, and comparing with the record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import numpy as np
from numpy.typing import NDArray

from dashboard.recording.workspace import Workspace
from dashboard.vision import rle
from dashboard.vision.errors import RegionscopeError
from dashboard.vision.images import decode_png
from dashboard.vision.inpainting import apply_method
from dashboard.vision.masks import rasterise
from dashboard.vision.shapes import parse_shapes
from db import queries
from db.errors import StorageError
from db.records import Answer, Edit, Picture

TOLERANCE = 1e-4
Pixels = NDArray[np.uint8]


@dataclass
class Verdict:
    """One edit performed again: True where equal, False where not, None where it could not be compared.

    ``reasons`` is a sentence for each part that differs or could not be compared.
    """

    session: str
    edit: str
    sequence: int
    mask: bool | None = None
    pixels: bool | None = None
    probabilities: bool | None = None
    reasons: list[str] = field(default_factory=list)

    @property
    def is_as_recorded(self) -> bool:
        """Whether everything was compared and everything is equal."""
        return self.mask is True and self.pixels is True and self.probabilities is True


def verify_session(workspace: Workspace, session_id: str) -> Iterator[Verdict]:
    """Every edit of a session in its order; raises NotFoundError for an unknown session.

    Each edit is performed on its parent as it was performed again, so an early difference is not hidden by what was
    kept later.
    """
    with workspace.database.read() as transaction:
        session = queries.session(transaction, session_id)
        edits = queries.edits(transaction, session_id)
    waiting = Counter(edit.parent for edit in edits)
    made: dict[str | None, Pixels | None] = {None: _original(workspace, session.picture)}
    for edit in edits:
        verdict = Verdict(session_id, edit.id, edit.sequence)
        again = _perform(workspace, edit, made.get(edit.parent), session.picture, verdict)
        if waiting[edit.id]:
            made[edit.id] = again
        waiting[edit.parent] -= 1
        if not waiting[edit.parent]:
            made.pop(edit.parent, None)
        _compare(workspace, edit, again, verdict)
        yield verdict


def _original(workspace: Workspace, picture: Picture) -> Pixels | None:
    try:
        return _read(workspace, picture.working_blob)
    except (RegionscopeError, StorageError):
        return None


def _read(workspace: Workspace, blob: str) -> Pixels:
    """From the file, not from memory: it is the file that is compared."""
    return decode_png(workspace.blobs.get(blob))


def _perform(
    workspace: Workspace, edit: Edit, parent: Pixels | None, picture: Picture, verdict: Verdict
) -> Pixels | None:
    """The edit's picture made again, None where it cannot be; the mask is compared on the way."""
    mask = _mask(edit, picture, verdict)
    if mask is None:
        return None
    if parent is None:
        verdict.reasons.append("the picture it starts from could not be made")
        return None
    try:
        return apply_method(edit.method, parent, mask, edit.parameters, workspace.settings.inpainting_network)
    except RegionscopeError as error:
        verdict.reasons.append(f"it could not be performed: {error}")
        return None


def _mask(edit: Edit, picture: Picture, verdict: Verdict) -> NDArray[np.bool_] | None:
    """The region drawn again and compared; where no shapes were kept, as on the command line, the recorded one."""
    recorded = drawn = None
    try:
        recorded = rle.decode(cast(rle.RLE, edit.mask))
    except RegionscopeError as error:
        verdict.mask = False
        verdict.reasons.append(f"the recorded mask cannot be read: {error}")
    if not edit.shapes:
        verdict.mask = recorded is not None
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


def _compare(workspace: Workspace, edit: Edit, again: Pixels | None, verdict: Verdict) -> None:
    if again is None:
        return
    try:
        kept = _read(workspace, edit.result_blob)
    except (RegionscopeError, StorageError) as error:
        verdict.reasons.append(f"its recorded picture cannot be read: {error}")
    else:
        differing = int((kept != again).any(axis=2).sum()) if kept.shape == again.shape else kept.size
        verdict.pixels = differing == 0
        if differing:
            verdict.reasons.append(f"{differing:,} pixels differ")
    with workspace.database.read() as transaction:
        answers = queries.answers_of_edit(transaction, edit.id)
    compared = [_same_answer(workspace, answer, again, verdict) for answer in answers]
    known = [same for same in compared if same is not None]
    if not answers:
        verdict.reasons.append("no answer was recorded")
    verdict.probabilities = all(known) if known and (len(known) == len(compared) or not all(known)) else None


def _same_answer(workspace: Workspace, answer: Answer, again: Pixels, verdict: Verdict) -> bool | None:
    """Whether the model says the same now; None where it is not here any more, or other weights are."""
    try:
        classifier = workspace.catalogue.load(answer.model.key)
    except RegionscopeError as error:
        verdict.reasons.append(f"{answer.model.key} cannot be asked: {error}")
        return None
    if classifier.card.weights_sha256 != answer.model.weights_sha256:
        verdict.reasons.append(f"{answer.model.key} has other weights now")
        return None
    difference = float(np.abs(classifier.answer(again[None]).probabilities[0] - answer.probabilities).max())
    if difference > TOLERANCE:
        verdict.reasons.append(f"probabilities of {answer.model.key} differ by up to {difference:.2g}")
    return difference <= TOLERANCE
