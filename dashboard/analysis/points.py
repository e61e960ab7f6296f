"""A map against marked points, such as clicks or fixations.

Points are (n, 2) as (row, column) of pixels, whole numbers. Both return a float, NaN for no points, and raise
ValueError for NaN or infinity in the map, for a map that is not (H, W), and for points of another form or outside it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from dashboard.analysis.arrays import Floats, as_map, average_ranks, is_constant, standardised


def auc_uniform(map: ArrayLike, points: ArrayLike) -> float:
    """Mean over the points of (pixels below + half the equal ones) / N, 0 to 1, chance 0.5.

    The area under the ROC curve of the points against all pixels of the picture. It is not the shuffled AUC, which
    takes other pictures' points instead and on the same data can give half the number.
    """
    values = as_map(map)
    at = _values_at(average_ranks(values), points)
    # A pixel's average rank is the number below it plus half of the equal ones, plus a half.
    return float((at.mean() - 0.5) / values.size) if at.size else float("nan")


def nss_points(map: ArrayLike, points: ArrayLike) -> float:
    """Mean at the points of (S − mean S) / population sd of S, in sd, chance 0; NaN for a constant S.

    Peters, Iyer, Itti & Koch, *Components of bottom-up gaze allocation in natural images*, Vision Research 2005.
    """
    values = as_map(map)
    if is_constant(values):
        _values_at(values, points)
        return float("nan")
    at = _values_at(standardised(values), points)
    return float(at.mean()) if at.size else float("nan")


def _values_at(values: Floats, points: ArrayLike) -> Floats:
    places = np.asarray(points, np.float64)
    if values.ndim != 2:
        raise ValueError(f"A map for points has two dimensions, not {values.ndim}.")
    if places.size == 0:
        return np.empty(0)
    if places.ndim != 2 or places.shape[1] != 2:
        raise ValueError(f"Points have the shape (n, 2), not {places.shape}.")
    if not (np.isfinite(places).all() and (places == np.floor(places)).all()):
        raise ValueError("Points are whole numbers: the row and the column of a pixel.")
    if (places < 0).any() or (places >= values.shape).any():
        raise ValueError(f"A point lies outside the map of {values.shape[0]} rows and {values.shape[1]} columns.")
    rows, columns = places.astype(np.intp).T
    return np.asarray(values[rows, columns])
