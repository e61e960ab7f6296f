"""From a model's map to a region. The rule decides the result, so it is stored and shown with each number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from dashboard.analysis.arrays import Floats, Mask, as_map, count, is_constant, narrowed, scaled

RULES = ("area", "mean_sd", "percentile", "otsu")


def region_from_map(
    map: ArrayLike, rule: str = "area", *, n: int | None = None, k: float = 1.0, p: float = 90.0
) -> Mask:
    """The region (H, W) bool of a map (H, W), by one of four rules; empty for a constant map.

    - ``area``: the ``n`` highest pixels, ties by pixel order (row by row); with n = |H| both regions have one size.
      ``tied_pixels`` says how many pixels the order decided about.
    - ``mean_sd``: S ≥ mean + ``k`` · population sd, with k = 1 as in Shared Interest (Boggust et al., CHI 2022).
    - ``percentile``: S ≥ the ``p``-th percentile (0–100, linear between pixels).
    - ``otsu``: S above the threshold of Otsu, *A Threshold Selection Method from Gray-Level Histograms*, IEEE
      Transactions on Systems, Man, and Cybernetics 1979, on 256 bins (scikit-image).

    Raises ValueError for an unknown rule, for NaN or infinity in the map, for ``area`` without n or with an n
    that is not between 0 and the number of pixels, for a k that is not finite, and a p outside 0–100.
    """
    values = as_map(map)
    _check(rule, values.size, n, k, p)
    if is_constant(values):
        return np.zeros(values.shape, np.bool_)
    if rule == "area":
        return highest(values, n or 0)
    if rule == "mean_sd":
        within = scaled(values)
        return np.asarray(within >= within.mean() + k * within.std())
    if rule == "percentile":
        return np.asarray(values >= np.percentile(values, p))
    return _otsu(values)


def tied_pixels(map: ArrayLike, n: int) -> int:
    """How many pixels share the value at which the ``n`` highest end, if only some of them are among the n.

    0 means that pixel order decided nothing. Raises ValueError as ``region_from_map`` with rule ``area``.
    """
    values = as_map(map)
    _check("area", values.size, n, 1.0, 90.0)
    return ties(values, [n])[0]


def ties(values: Floats, numbers: Sequence[int]) -> tuple[int, ...]:
    """``tied_pixels`` of a map for several numbers of pixels, sorted once."""
    if not values.size:
        return (0,) * len(numbers)
    ascending = np.sort(narrowed(values))
    cuts = ascending[ascending.size - np.maximum(numbers, 1)]
    below, to = (np.searchsorted(ascending, cuts, side) for side in ("left", "right"))
    equal = np.where((np.asarray(numbers) == 0) | (ascending.size - below == numbers), 0, to - below)
    return tuple(equal.tolist())


def highest(values: Floats, n: int) -> Mask:
    """The ``n`` highest pixels of a map, ties by pixel order, of a constant map too."""
    if n == 0:
        return np.zeros(values.shape, np.bool_)
    cut = _cut(values, n)
    chosen = np.asarray(values > cut)
    tied = np.flatnonzero(values == cut)
    chosen.flat[tied[: n - count(chosen)]] = True
    return chosen


def _cut(values: Floats, n: int) -> float:
    """The n-th highest value, n from 1."""
    # Where many pixels are equal, numpy.partition takes many times as long as sorting them all.
    return float(np.sort(narrowed(values))[values.size - n])


def _otsu(values: Floats) -> Mask:
    from skimage.filters import threshold_otsu  # loads scipy.ndimage

    # A histogram of a narrow range far from 0 has no room for its bins.
    within = scaled(values)
    within = within - within.min()
    within /= within.max()
    return np.asarray(within > threshold_otsu(within))  # type: ignore[no-untyped-call]


def _check(rule: str, pixels: int, n: int | None, k: float, p: float) -> None:
    if rule not in RULES:
        raise ValueError(f"There is no rule {rule!r}; the rules are {', '.join(RULES)}.")
    if rule == "area" and n is None:
        raise ValueError("The rule area needs the number of pixels n.")
    if rule == "area" and n is not None and not 0 <= n <= pixels:
        raise ValueError(f"n is {n}; it must lie between 0 and the map's {pixels} pixels.")
    if not np.isfinite(k):
        raise ValueError("k must be a finite number.")
    if not 0 <= p <= 100:
        raise ValueError(f"p is {p}; a percentile lies between 0 and 100.")
