"""Deletion and insertion curves: how the answer goes as a picture is taken away or built up in a map's order.

Petsiuk, Das & Saenko, *RISE: Randomized Input Sampling for Explanation of Black-box Models*, BMVC 2018, with any
method of removal as the filling. The order may be a model's map or people's consensus map.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from dashboard.analysis.arrays import Floats, Mask, as_map
from dashboard.analysis.from_map import highest, ties
from dashboard.analysis.removal import BATCH, Pixels, Predict, Remove, probabilities

STEPS = 20
CurveKind = Literal["deletion", "insertion"]


@dataclass(frozen=True)
class Curve:
    """p_c where a share of the area, the map's highest pixels, is removed (deletion) or there alone (insertion).

    ``area`` is the area under it by the trapezoid rule. ``tied_pixels`` says for each point how many equal pixels
    were told apart by their place alone: where there are many, the curve is also about that. The method of removal
    is part of the ``name``.
    """

    name: str
    shares: tuple[float, ...]
    probabilities: tuple[float, ...]
    tied_pixels: tuple[int, ...]
    area: float


def deletion_curve(
    image: Pixels,
    map: ArrayLike,
    class_index: int,
    predict: Predict,
    remove: Remove,
    *,
    steps: int = STEPS,
    method: str = "",
    empty: Pixels | None = None,
    batch: int = BATCH,
) -> Curve:
    """The curve from the whole picture (H, W, 3) uint8 to nothing, the map's (H, W) highest pixels first.

    ``steps`` equal steps of area, ties by pixel order. The last picture has nothing left to fill from: it is
    ``empty``, by default the picture's mean colour. Raises ValueError for a map of another size or with NaN or
    infinity, and for steps below 1.
    """
    return _curve("deletion", image, map, class_index, predict, remove, steps, method, empty, batch)


def insertion_curve(
    image: Pixels,
    map: ArrayLike,
    class_index: int,
    predict: Predict,
    remove: Remove,
    *,
    steps: int = STEPS,
    method: str = "",
    empty: Pixels | None = None,
    batch: int = BATCH,
) -> Curve:
    """The curve from nothing to the whole picture, the map's highest pixels first; as ``deletion_curve``."""
    return _curve("insertion", image, map, class_index, predict, remove, steps, method, empty, batch)


def curve_picture(
    kind: CurveKind,
    image: Pixels,
    map: ArrayLike,
    step: int,
    remove: Remove,
    *,
    steps: int = STEPS,
    empty: Pixels | None = None,
) -> Pixels:
    """The picture at one point of a curve, ``step`` from 0 to ``steps``, for a page that goes point by point."""
    values = _checked(image, map, steps)
    gone = _gone(kind, values, step, steps)
    if gone.all():
        return np.broadcast_to(_mean_colour(image), image.shape).copy() if empty is None else empty
    return remove(image, gone) if gone.any() else image


def curve_from_points(
    kind: CurveKind, map: ArrayLike, probabilities: Sequence[float] | Floats, method: str = ""
) -> Curve:
    """The curve of the probabilities at all points, from step 0 to the last."""
    values = as_map(map)
    steps = len(probabilities) - 1
    pixels = [_pixels(values, step, steps) for step in range(steps + 1)]
    shares = [number / values.size for number in pixels]
    area = float(np.trapezoid(probabilities, shares))
    name = f"{kind} ({method})" if method else kind
    return Curve(name, tuple(shares), tuple(float(value) for value in probabilities), ties(values, pixels), area)


def _curve(
    kind: CurveKind,
    image: Pixels,
    map: ArrayLike,
    class_index: int,
    predict: Predict,
    remove: Remove,
    steps: int,
    method: str,
    empty: Pixels | None,
    batch: int,
) -> Curve:
    values = _checked(image, map, steps)
    points: list[float] = []
    for first in range(0, steps + 1, batch):
        some = range(first, min(first + batch, steps + 1))
        pictures = [curve_picture(kind, image, values, step, remove, steps=steps, empty=empty) for step in some]
        points.extend(probabilities(pictures, class_index, predict))
    return curve_from_points(kind, values, points, method)


def _gone(kind: CurveKind, values: Floats, step: int, steps: int) -> Mask:
    chosen = highest(values, _pixels(values, step, steps))
    return chosen if kind == "deletion" else ~chosen


def _pixels(values: Floats, step: int, steps: int) -> int:
    """The step's number of pixels, to the nearest."""
    return round(step * values.size / steps)


def _mean_colour(image: Pixels) -> Pixels:
    return np.asarray(np.rint(image.mean(axis=(0, 1))), np.uint8)


def _checked(image: Pixels, map: ArrayLike, steps: int) -> Floats:
    values = as_map(map)
    if values.shape != image.shape[:2]:
        raise ValueError(f"The map has the shape {values.shape}, the picture {image.shape[:2]}.")
    if steps < 1:
        raise ValueError(f"{steps} steps were asked for; at least one is needed.")
    return values
