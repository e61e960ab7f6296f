"""Masks as COCO run-length encoding, ``{"size": [height, width], "counts": text}``: how masks are stored.

The C code of pycocotools trusts what it is given and writes past its memory on bad input, so every text
from outside is checked here first.
"""

from __future__ import annotations

from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from dashboard.vision.errors import MaskError

MAX_PIXELS = 100_000_000
_MAX_GROUPS = 7  # of 5 bits: more than any count of MAX_PIXELS needs


class RLE(TypedDict):
    """A mask: its height and width, and the compressed counts in column-major order."""

    size: list[int]
    counts: str


def encode(mask: NDArray[np.bool_]) -> RLE:
    """The encoding of ``mask`` (H, W) bool; raises MaskError if it has no pixels."""
    if mask.ndim != 2 or mask.size == 0:
        raise MaskError("A mask needs at least one row and one column.")
    encoded = coco.encode(np.asfortranarray(mask, np.uint8))
    return {"size": [int(side) for side in mask.shape], "counts": encoded["counts"].decode("ascii")}


def decode(rle: RLE) -> NDArray[np.bool_]:
    """The mask (H, W) bool of ``rle``; raises MaskError if it is malformed."""
    (height, width), runs = _parsed(rle)
    columns = np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(width, height)
    return np.ascontiguousarray(columns.T)


def area(rle: RLE) -> int:
    """How many pixels are in the mask; raises MaskError if it is malformed."""
    _, runs = _parsed(rle)
    return int(runs[1::2].sum())


def union(first: RLE, second: RLE) -> RLE:
    """The pixels of either mask; raises MaskError if their sizes differ or one is malformed."""
    if list(first["size"]) != list(second["size"]):
        raise MaskError("The masks have different sizes.")
    merged = coco.merge([_checked(first), _checked(second)], intersect=False)
    return {"size": list(first["size"]), "counts": merged["counts"].decode("ascii")}


def counts(rle: RLE) -> list[int]:
    """The uncompressed counts, zeros first; raises MaskError if ``rle`` is malformed."""
    _, runs = _parsed(rle)
    return [int(run) for run in runs]


def _checked(rle: Any) -> dict[str, Any]:
    size, _ = _parsed(rle)
    return {"size": size, "counts": rle["counts"].encode("ascii")}


def _parsed(rle: Any) -> tuple[list[int], NDArray[np.int64]]:
    """Size and uncompressed counts; raises MaskError unless the counts fill the size exactly."""
    if not isinstance(rle, dict) or not isinstance(rle.get("counts"), str):
        raise MaskError("The stored mask is not a run-length encoding.")
    size = _size(rle.get("size"))
    runs = _runs(rle["counts"], size[0] * size[1])
    if runs.min() < 0 or runs.sum() != size[0] * size[1]:
        raise MaskError("The stored mask's counts do not fill its size.")
    return size, runs


def _size(value: Any) -> list[int]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise MaskError("The stored mask has no size.")
    if any(not isinstance(side, int) or isinstance(side, bool) or side < 1 for side in value):
        raise MaskError("The stored mask's sides must be whole numbers from 1.")
    if value[0] * value[1] > MAX_PIXELS:
        raise MaskError("The stored mask is too large.")
    return list(value)


def _runs(text: str, pixels: int) -> NDArray[np.int64]:
    """The counts in ``text``: signed 5-bit groups, low first; from the third on differences, two back."""
    if not text or not text.isascii() or len(text) > _MAX_GROUPS * (pixels + 2):
        raise MaskError("The stored mask's counts cannot be read.")
    groups = np.frombuffer(text.encode("ascii"), np.uint8).astype(np.int64) - 48
    ends = np.flatnonzero((groups & 0x20) == 0)
    starts = np.concatenate(([0], ends[:-1] + 1))
    if groups.min() < 0 or groups.max() > 63 or len(ends) == 0 or ends[-1] != len(groups) - 1:
        raise MaskError("The stored mask's counts cannot be read.")
    lengths = ends - starts + 1
    if lengths.max() > _MAX_GROUPS:
        raise MaskError("The stored mask's counts cannot be read.")
    shifts = 5 * (np.arange(len(groups)) - np.repeat(starts, lengths))
    runs = np.add.reduceat((groups & 0x1F) << shifts, starts)
    runs -= np.where(groups[ends] & 0x10, np.int64(1) << (5 * lengths), 0)
    runs[1::2] = np.cumsum(runs[1::2])
    runs[2::2] = np.cumsum(runs[2::2])
    return runs
