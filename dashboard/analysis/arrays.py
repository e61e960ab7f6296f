"""What comes in: masks and maps checked once, and the arithmetic that several metrics share.

Sums are taken in float64. Before anything is squared a map is shifted and scaled, which none of these metrics
notices, so that neither tiny nor huge values make a map look constant.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]
Array = NDArray[Any]


def as_mask(region: ArrayLike) -> Mask:
    """The region as bool, not zero = inside. Raises ValueError for NaN or infinity in it."""
    array = np.asarray(region)
    if array.dtype == np.bool_:
        return array
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ValueError("A region holds NaN or infinity.")
    return np.asarray(array != 0)


def as_map(values: ArrayLike) -> Floats:
    """The map as float64. Raises ValueError for NaN or infinity in it."""
    array = np.asarray(values, np.float64)
    if not np.isfinite(array).all():
        raise ValueError("A map holds NaN or infinity.")
    return array


def two_masks(human: ArrayLike, model: ArrayLike) -> tuple[Mask, Mask]:
    """Both regions as bool; raises ValueError where their shapes differ."""
    first, second = as_mask(human), as_mask(model)
    _same_shape(first, second)
    return first, second


def two_maps(human: ArrayLike, model: ArrayLike) -> tuple[Floats, Floats]:
    """Both maps as float64; raises ValueError where their shapes differ or one holds NaN or infinity."""
    first, second = as_map(human), as_map(model)
    _same_shape(first, second)
    return first, second


def map_and_mask(values: ArrayLike, region: ArrayLike) -> tuple[Floats, Mask]:
    """Map and region; raises ValueError where their shapes differ or the map holds NaN or infinity."""
    first, second = as_map(values), as_mask(region)
    _same_shape(first, second)
    return first, second


def count(mask: Mask) -> int:
    """How many pixels are in the mask."""
    return int(np.count_nonzero(mask))


def ratio(part: float, whole: float) -> float:
    """part / whole as a Python float, NaN where nothing is divided by nothing."""
    return float(part / whole) if whole else float("nan")


def is_constant(values: Array) -> bool:
    """Whether all pixels are equal; true of no pixels."""
    return values.size == 0 or bool(values.min() == values.max())


def scaled(values: Floats) -> Floats:
    """The map times the power of two that brings its largest magnitude to between 0.5 and 1."""
    peak = float(np.abs(values).max(initial=0.0))
    return np.asarray(np.ldexp(values, -int(np.frexp(peak)[1])))


def deviations(values: Floats) -> Floats:
    """The map, not constant, minus its mean, its range scaled to about 1; the shape stays."""
    within = scaled(values)
    shifted = within - within.min()
    shifted /= shifted.max()
    shifted -= shifted.mean()
    return np.asarray(shifted)


def standardised(values: Floats) -> Floats:
    """(S − mean) / population sd of a map that is not constant."""
    centred = deviations(values)
    return np.asarray(centred / np.sqrt(np.square(centred).mean()))


def narrowed(values: Array) -> Array:
    """All pixels in a row, as float32 where that loses nothing: such are sorted in half the time."""
    flat = np.asarray(values).ravel()
    with np.errstate(over="ignore"):
        narrow = flat.astype(np.float32)
    return narrow if (narrow == flat).all() else flat


def average_ranks(values: Array) -> Floats:
    """Ranks from 1 with ties at their average, in the map's shape."""
    from scipy.stats import rankdata  # loading it takes half a second that a server's start need not wait for

    return np.asarray(rankdata(narrowed(values)), np.float64).reshape(np.shape(values))


def _same_shape(first: Array, second: Array) -> None:
    if first.shape != second.shape:
        raise ValueError(f"The shapes {first.shape} and {second.shape} differ; both must cover the same pixels.")
