"""Two maps beside each other, first of all people's consensus map and a model's map.

All take two maps (H, W) of one shape and return a float, NaN where a docstring says so. Raises ValueError where the
shapes differ and for NaN or infinity in a map. The definitions are those compared in Bylinskii, Judd, Oliva,
Torralba & Durand, *What Do Different Evaluation Metrics Tell Us About Saliency Models?*, IEEE TPAMI 2019.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from dashboard.analysis.arrays import Floats, average_ranks, deviations, is_constant, scaled, two_maps

UNDEFINED = float("nan")
KL_FLOOR = 1e-20


def pearson(human: ArrayLike, model: ArrayLike) -> float:
    """The linear correlation (CC), −1 to 1; NaN with a constant map."""
    first, second = two_maps(human, model)
    return correlation(unit_deviations(first), unit_deviations(second))


def spearman(human: ArrayLike, model: ArrayLike) -> float:
    """The correlation of the ranks, ties at their average, −1 to 1; NaN with a constant map."""
    first, second = two_maps(human, model)
    return correlation(unit_deviations(average_ranks(first)), unit_deviations(average_ranks(second)))


def similarity(human: ArrayLike, model: ArrayLike) -> float:
    """Σ min(P, Q) of the maps scaled to sum 1, 0 to 1; NaN with a map that is constant zero.

    A map with negative values is shifted by its minimum first, so that a constant negative map is constant zero.
    """
    first, second = two_maps(human, model)
    return overlap(shares(first), shares(second))


def kl(human: ArrayLike, model: ArrayLike) -> float:
    """Σ Q ln(Q/P) in nats, from 0, Q the human map and P the model's, scaled to sum 1; not symmetric.

    A map with negative values is shifted by its minimum first; 1e-20 is added to both before scaling. NaN with a
    map that is constant zero.
    """
    first, second = two_maps(human, model)
    return divergence(log_shares(first), log_shares(second))


def unit_deviations(values: Floats) -> Floats | None:
    """The map minus its mean, scaled to length 1; None for a constant map."""
    if is_constant(values):
        return None
    centred = deviations(values)
    return np.asarray(centred / np.sqrt(np.square(centred).sum()))


def correlation(first: Floats | None, second: Floats | None) -> float:
    """The correlation of two maps prepared by ``unit_deviations``."""
    if first is None or second is None:
        return UNDEFINED
    # Rounding can bring a perfect correlation just above 1.
    return float(np.clip(np.dot(first.ravel(), second.ravel()), -1, 1))


def shares(values: Floats) -> Floats | None:
    """The map shifted where it is negative and scaled to sum 1; None where that leaves nothing."""
    shifted = _shifted(values)
    if shifted is None:
        return None
    within = scaled(shifted)
    return np.asarray(within / within.sum())


def overlap(first: Floats | None, second: Floats | None) -> float:
    """Σ min of two maps prepared by ``shares``."""
    if first is None or second is None:
        return UNDEFINED
    return float(min(np.minimum(first, second).sum(), 1.0))


def log_shares(values: Floats) -> Floats | None:
    """The logarithms of the map shifted, raised by 1e-20, and scaled to sum 1; None where shifting leaves nothing."""
    shifted = _shifted(values)
    if shifted is None:
        return None
    raised = shifted + KL_FLOOR
    return np.asarray(np.log(raised) - np.log(raised.sum()))


def divergence(first: Floats | None, second: Floats | None) -> float:
    """Σ Q ln(Q/P) of two maps prepared by ``log_shares``, Q the first."""
    if first is None or second is None:
        return UNDEFINED
    # Rounding can bring the divergence of a map from itself just below 0.
    return float(max(np.dot(np.exp(first).ravel(), (first - second).ravel()), 0.0))


def _shifted(values: Floats) -> Floats | None:
    lowest = float(values.min(initial=0.0))
    shifted = values - lowest if lowest < 0 else values
    return shifted if shifted.any() else None
