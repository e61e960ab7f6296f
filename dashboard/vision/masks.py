"""Shapes to masks: which pixels a drawing covers.

A pixel belongs to a shape if its centre (column + 0.5, row + 0.5) does. On the outline itself:

- brush and ellipse are closed, a centre at exactly half the width from the line is in;
- rectangle and lasso are half-open, the left and the top edge are in, the right and the bottom one are not,
  so that of two boxes or loops that share an edge exactly one holds a centre on it.

Geometry is float64; a centre within about 1e-9 pixels of a slanted outline may fall on either side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dashboard.vision.errors import MaskError, PictureError
from dashboard.vision.images import PictureLimits, open_picture
from dashboard.vision.shapes import Brush, Ellipse, Lasso, Point, Rectangle, Shape

Mask = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]
Size = tuple[int, int]

_CHUNK = 512  # edges handled at once: 512 rows of these are 2 MB an array
_MASK_LIMITS = PictureLimits(min_side_px=1)


def rasterise(shapes: Sequence[Shape], height: int, width: int) -> Mask:
    """The mask (height, width) bool of ``shapes`` in their order: adding unites, erasing takes away."""
    mask = np.zeros((height, width), bool)
    for shape in shapes:
        if shape.mode == "add":
            mask |= _covered(shape, height, width)
        else:
            mask &= ~_covered(shape, height, width)
    return mask


def area_share(mask: Mask) -> float:
    """The share (0 to 1) of the pixels that are in ``mask`` (H, W)."""
    return float(np.count_nonzero(mask)) / mask.size


def overlay_rgba(mask: Mask, rgb: tuple[int, int, int]) -> NDArray[np.uint8]:
    """``mask`` (H, W) as an image (H, W, 4) uint8: opaque ``rgb`` inside, fully transparent outside."""
    return np.asarray(mask[..., None] * np.array((*rgb, 255), np.uint8), np.uint8)


def two_masks_rgba(
    first: Mask,
    second: Mask,
    first_rgb: tuple[int, int, int],
    second_rgb: tuple[int, int, int],
    both: tuple[int, int, int],
) -> NDArray[np.uint8]:
    """Two masks (H, W) as one image (H, W, 4) uint8: a colour each, one for what both hold, transparent elsewhere."""
    table = np.array([(0, 0, 0, 0), (*first_rgb, 255), (*second_rgb, 255), (*both, 255)], np.uint8)
    return np.asarray(table[first.astype(np.uint8) + 2 * second.astype(np.uint8)])


def read_mask(data: bytes, image_size: Size, working_size: Size) -> Mask:
    """The mask in a PNG file, in the working copy's pixels: ``working_size`` (height, width) bool.

    In the region is what is not black. Transparency counts only in a file of one single colour, where it is
    the only information. The PNG has the picture's or the working copy's size; in the first case each pixel
    of the working copy takes the value under its centre. Raises MaskError otherwise.
    """
    mask = marked_pixels(data)
    if mask.shape == working_size:
        return mask
    if mask.shape != image_size:
        raise MaskError(
            f"The mask has {mask.shape[1]} × {mask.shape[0]} pixels; the picture has "
            f"{image_size[1]} × {image_size[0]} and its working copy {working_size[1]} × {working_size[0]}."
        )
    return nearest(mask, working_size)


def nearest(mask: Mask, size: Size) -> Mask:
    """``mask`` at another ``size`` (height, width): each pixel takes the value under its centre."""
    rows, columns = (_centres(old, new) for old, new in zip(mask.shape, size, strict=True))
    return np.asarray(mask[np.ix_(rows, columns)])


def marked_pixels(data: bytes) -> Mask:
    """The mask in a PNG file at the file's own size; what counts and what it raises is as for ``read_mask``."""
    try:
        picture = open_picture(data, _MASK_LIMITS)
        if picture.format != "PNG":
            raise MaskError("A mask must be a PNG file.")
        picture.load()
    except (PictureError, OSError, SyntaxError, ValueError) as cause:
        raise MaskError(f"The mask cannot be read: {cause}") from cause
    if picture.mode.startswith("I"):  # 16 bits: Pillow would clip, not scale
        return np.asarray(np.asarray(picture) != 0)
    pixels = np.asarray(picture.convert("RGBA"))
    colour, alpha = pixels[..., :3], pixels[..., 3]
    only_alpha = (colour == colour[0, 0]).all() and (alpha != alpha[0, 0]).any()
    return np.asarray(alpha != 0 if only_alpha else (colour != 0).any(axis=2))


def encode_mask(mask: Mask) -> bytes:
    """``mask`` (H, W) as a grey PNG file, 255 in the region and 0 elsewhere; the same mask gives the same bytes."""
    return bytes(cv2.imencode(".png", mask.astype(np.uint8) * 255)[1])


def _centres(old: int, new: int) -> NDArray[np.int64]:
    """For each of ``new`` pixels the one of ``old`` that its centre falls into."""
    return (2 * np.arange(new) + 1) * old // (2 * new)


def _covered(shape: Shape, height: int, width: int) -> Mask:
    if isinstance(shape, Brush):
        return _brush(shape.vertices, shape.width_image_px / 2, height, width)
    if isinstance(shape, Lasso):
        return _lasso(shape.vertices, height, width)
    return _rectangle(shape, height, width) if isinstance(shape, Rectangle) else _ellipse(shape, height, width)


def _rectangle(box: Rectangle, height: int, width: int) -> Mask:
    (left, right), (top, bottom) = sorted((box.x0, box.x1)), sorted((box.y0, box.y1))
    x, y = np.arange(width) + 0.5, np.arange(height) + 0.5
    rows, columns = (top <= y) & (y < bottom), (left <= x) & (x < right)
    return np.asarray(rows[:, None] & columns)


def _ellipse(box: Ellipse, height: int, width: int) -> Mask:
    radius_x, radius_y = abs(box.x1 - box.x0) / 2, abs(box.y1 - box.y0) / 2
    if radius_x == 0 or radius_y == 0:
        return np.zeros((height, width), bool)
    x = (np.arange(width) + 0.5 - (box.x0 + box.x1) / 2) / radius_x
    y = (np.arange(height) + 0.5 - (box.y0 + box.y1) / 2) / radius_y
    return np.asarray((x * x + (y * y)[:, None]) <= 1)


def _brush(vertices: Sequence[Point], radius: float, height: int, width: int) -> Mask:
    """Union of the segments' capsules. A capsule is convex, so each row meets it in one interval."""
    runs = _Runs(height, width)
    for rows, start, end in _segments(vertices[:-1] or vertices, vertices[1:] or vertices, height, radius):
        y = rows + 0.5
        left, right = _capsule_rows(y, start, end, radius)
        inside = left <= right
        first, last = np.ceil(left[inside] - 0.5), np.floor(right[inside] - 0.5)
        row = np.broadcast_to(rows, inside.shape)[inside]
        runs.add(row, first, 1)
        runs.add(row, np.maximum(first, last + 1), -1)
    return np.asarray(runs.total() > 0)


def _capsule_rows(y: Floats, start: Floats, end: Floats, radius: float) -> tuple[Floats, Floats]:
    """Where the rows at heights ``y`` (1, R) enter and leave the capsules of the segments: (S, R) each.

    A capsule is the hull of a disc at either end and the box between them.
    """
    left, right = np.full((len(start), y.shape[1]), np.inf), np.full((len(start), y.shape[1]), -np.inf)
    for centre in (start, end):
        squared = radius * radius - (y - centre[:, 1:]) ** 2
        half = np.where(squared >= 0, np.sqrt(np.maximum(squared, 0)), -np.inf)
        left, right = np.minimum(left, centre[:, :1] - half), np.maximum(right, centre[:, :1] + half)
    for a, b in _box_sides(start, end, radius):
        x = _crossing(y, a, b)
        met = (np.minimum(a[:, 1:], b[:, 1:]) <= y) & (y <= np.maximum(a[:, 1:], b[:, 1:]))
        left, right = np.where(met, np.minimum(left, x), left), np.where(met, np.maximum(right, x), right)
    return left, right


def _box_sides(start: Floats, end: Floats, radius: float) -> tuple[tuple[Floats, Floats], ...]:
    """The two long sides of the box of width 2 · ``radius`` along each segment.

    Its short sides lie within the discs at the ends.
    """
    along = end - start
    length = np.hypot(along[:, :1], along[:, 1:])
    along = np.divide(along, length, out=np.zeros_like(along), where=length > 0)
    normal = radius * np.column_stack((-along[:, 1], along[:, 0]))
    return (start + normal, end + normal), (start - normal, end - normal)


def _lasso(vertices: Sequence[Point], height: int, width: int) -> Mask:
    """Nonzero winding: each edge adds its direction to all pixels on the right of where it meets their row."""
    runs = _Runs(height, width)
    for rows, start, end in _segments(vertices, (*vertices[1:], vertices[0]), height, 0.0):
        y = rows + 0.5
        down, up = (start[:, 1:] <= y) & (y < end[:, 1:]), (end[:, 1:] <= y) & (y < start[:, 1:])
        first = np.ceil(_crossing(y, start, end) - 0.5)
        for met, step in ((down, 1), (up, -1)):
            runs.add(np.broadcast_to(rows, met.shape)[met], first[met], step)
    return np.asarray(runs.total() != 0)


def _crossing(y: Floats, start: Floats, end: Floats) -> Floats:
    """The x at which the lines through ``start`` and ``end`` (S, 2) are at heights ``y`` (1, R): (S, R).

    Always reckoned from the upper end, so that an edge that two loops share is the same for both.
    """
    swapped = start[:, 1:] > end[:, 1:]
    start, end = np.where(swapped, end, start), np.where(swapped, start, end)
    rise = end[:, 1:] - start[:, 1:]
    share = np.divide(y - start[:, 1:], rise, out=np.zeros((len(start), y.shape[1])), where=rise != 0)
    return np.asarray(start[:, :1] + share * (end[:, :1] - start[:, :1]))


def _segments(
    starts: Sequence[Point], ends: Sequence[Point], height: int, margin: float
) -> Iterator[tuple[NDArray[np.int64], Floats, Floats]]:
    """Chunks of segments with the rows (1, R) that they may touch: the memory of a drawing stays bounded."""
    start, end = np.array(starts, np.float64), np.array(ends, np.float64)
    for index in range(0, len(start), _CHUNK):
        a, b = start[index : index + _CHUNK], end[index : index + _CHUNK]
        lowest = min(a[:, 1].min(), b[:, 1].min()) - margin - 1
        highest = max(a[:, 1].max(), b[:, 1].max()) + margin + 1
        first, last = int(np.clip(lowest, 0, height)), int(np.clip(highest, 0, height))
        yield np.arange(first, last)[None, :], a, b


class _Runs:
    """Counts that begin at a pixel, summed over all that were added; in each row the steps cancel out."""

    def __init__(self, height: int, width: int) -> None:
        self.shape = (height, width)
        self.steps = np.zeros(height * (width + 1), np.int32)

    def add(self, row: NDArray[np.int64], column: Floats, step: int) -> None:
        """Adds ``step`` from each (row, column) on; columns outside the picture are clipped."""
        width = self.shape[1]
        index = row * (width + 1) + np.clip(column, 0, width).astype(np.int64)
        np.add.at(self.steps, index, np.int32(step))

    def total(self) -> NDArray[np.int32]:
        """The sums at all pixels: (H, W)."""
        height, width = self.shape
        # One sum over everything, because no row hands a rest to the next: many times quicker than by rows.
        return self.steps.cumsum(dtype=np.int32).reshape(height, width + 1)[:, :width]
