"""Which pixels a drawing covers, worked out in other ways than the application does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Points = Sequence[tuple[float, float]]
# A centre this near an outline (image pixels) may fall on either side.
UNDECIDED_PX = 1e-6
# The pointer moves in whole screen pixels, and the outlines drawn by a hand are simplified.
BAND_PX = 1.5


def assert_covers(mask: Mask, shapes: Sequence[dict[str, Any]]) -> None:
    """``mask`` is what the kept ``shapes`` cover, pixel by pixel, but for centres on an outline."""
    expected = np.zeros(mask.shape, bool)
    undecided = np.zeros(mask.shape, bool)
    for shape in shapes:
        inside, distance = _signed(shape, *mask.shape)
        undecided |= distance < UNDECIDED_PX
        expected = expected | inside if shape["mode"] == "add" else expected & ~inside
    assert not ((mask != expected) & ~undecided).any()
    assert mask.any()


def _signed(shape: dict[str, Any], height: int, width: int) -> tuple[Mask, NDArray[np.float64]]:
    """Which centres are inside, and how far each is from the outline."""
    if shape["tool"] == "brush":
        return stroke(vertices(shape["path"]), shape["width_image_px"], height, width)
    if shape["tool"] == "lasso":
        return loop(vertices(shape["path"]), height, width)
    corners = shape["x0"], shape["y0"], shape["x1"], shape["y1"]
    return box(*corners, height, width) if shape["tool"] == "rectangle" else ellipse(*corners, height, width)


def vertices(path: str) -> Points:
    """The points of M x,y L x,y …"""
    pairs = path.removeprefix("M").removesuffix("Z").split("L")
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in pairs)]


def stroke(points: Points, thickness: float, height: int, width: int) -> tuple[Mask, NDArray[np.float64]]:
    line = shapely.LineString(points) if len(set(points)) > 1 else shapely.Point(points[0])
    from_line = shapely.distance(centres(height, width), line)
    return from_line <= thickness / 2, np.abs(from_line - thickness / 2)


def loop(points: Points, height: int, width: int) -> tuple[Mask, NDArray[np.float64]]:
    """Nonzero winding: the angles under which a centre sees the edges add up to whole turns."""
    y, x = np.mgrid[:height, :width] + 0.5
    turned = np.zeros((height, width))
    for (ax, ay), (bx, by) in zip(points, [*points[1:], points[0]], strict=True):
        cross = (ax - x) * (by - y) - (ay - y) * (bx - x)
        dot = (ax - x) * (bx - x) + (ay - y) * (by - y)
        turned += np.arctan2(cross, dot)
    outline = shapely.distance(centres(height, width), shapely.LineString([*points, points[0]]))
    return np.rint(turned / (2 * np.pi)) != 0, outline


def box(x0: float, y0: float, x1: float, y1: float, height: int, width: int) -> tuple[Mask, NDArray[np.float64]]:
    rectangle = shapely.box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    where = centres(height, width)
    return shapely.intersects(rectangle, where), shapely.distance(rectangle.exterior, where)


def ellipse(x0: float, y0: float, x1: float, y1: float, height: int, width: int) -> tuple[Mask, NDArray[np.float64]]:
    """Squeezed into the unit circle; the distance from the outline is then at least that times the smaller radius."""
    radius = np.array([abs(x1 - x0), abs(y1 - y0)]) / 2
    middle = np.array([x0 + x1, y0 + y1]) / 2
    squeezed = shapely.transform(centres(height, width), lambda points: (points - middle) / radius)
    from_middle = shapely.distance(squeezed, shapely.Point(0, 0))
    return from_middle <= 1, np.abs(from_middle - 1) * radius.min()


def centres(height: int, width: int) -> NDArray[Any]:
    y, x = np.mgrid[:height, :width] + 0.5
    return np.asarray(shapely.points(x, y))


def assert_near(mask: Mask, expected: tuple[Mask, NDArray[np.float64]], band_px: float = BAND_PX) -> None:
    """``mask`` differs from what the pointer drew only within a band around the outline."""
    inside, distance = expected
    wrong = (mask != inside) & (distance > band_px)
    assert not wrong.any(), f"{wrong.sum()} pixels, up to {distance[wrong].max():.1f} px from the outline"


def extent(mask: Mask) -> tuple[int, int, int, int]:
    """The outer edges of the mask's pixels: left, top, right, bottom."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
