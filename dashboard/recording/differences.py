"""What differs between two kept states, in numbers, and the regions that people took away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from dashboard.recording.maps import class_map
from dashboard.recording.workspace import Workspace
from dashboard.vision import rle
from dashboard.vision.colour import symmetric_limit
from dashboard.vision.differences import changed, people_shares
from dashboard.vision.errors import MaskError
from db.comparing import removed_regions
from db.errors import NotFoundError

# Settings allow no longer side of a working copy.
MAX_SIDE_PX = 4096


@dataclass(frozen=True)
class Changed:
    """How many of how many pixels differ."""

    count: int
    pixels: int

    @property
    def share(self) -> float:
        """0–1."""
        return self.count / self.pixels


def changed_pixels(workspace: Workspace, first: str, second: str) -> Changed:
    """Counts the pixels in which two kept pictures (files) differ; PictureError where their sizes do."""
    differing = changed(workspace.pixels(first), workspace.pixels(second))
    return Changed(int(np.count_nonzero(differing)), differing.size)


def map_limit(workspace: Workspace, model: str, method: str, index: int, first: str, second: str) -> float:
    """The largest magnitude of the second state's map minus the first's: the end of a scale around 0."""
    before, after = (class_map(workspace, model, method, index, blob) for blob in (first, second))
    return symmetric_limit(after - before)


def region(workspace: Workspace, edit_id: str) -> NDArray[np.bool_]:
    """What an edit's branch took away, (H, W) bool of the working copy; raises NotFoundError."""
    return _regions(workspace, [edit_id])[edit_id]


def people_map(workspace: Workspace, groups: Sequence[Sequence[str]], height: int, width: int) -> NDArray[np.float32]:
    """The share of people who took each pixel away, (H, W) float32; each group holds one person's edits.

    Raises NotFoundError, and MaskError where a region has another size.
    """
    if not (0 < height <= MAX_SIDE_PX and 0 < width <= MAX_SIDE_PX):
        raise MaskError("A picture of this size cannot be here.")
    found = _regions(workspace, [edit for edits in groups for edit in edits])
    return people_shares([[found[edit] for edit in edits] for edits in groups], height, width)


def _regions(workspace: Workspace, edit_ids: Sequence[str]) -> dict[str, NDArray[np.bool_]]:
    with workspace.database.read() as transaction:
        kept = removed_regions(transaction, edit_ids)
    if set(edit_ids) - set(kept):
        raise NotFoundError("There is no edit with this id.")
    return {edit: rle.decode(cast(rle.RLE, removed)) for edit, removed in kept.items()}
