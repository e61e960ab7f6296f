"""A model's map beside a person's region: does the map point into it?

All take a map (H, W), of any scale and sign, and a region (H, W) bool, and return a float; NaN for an empty region
and where a docstring says so. Raises ValueError where the shapes differ and for NaN or infinity in the map. S⁺ is
the map's positive part, N the number of pixels. ``chance_level`` gives what a map that knows nothing would get.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from dashboard.analysis.arrays import (
    Floats,
    Mask,
    as_mask,
    average_ranks,
    count,
    is_constant,
    map_and_mask,
    ratio,
    scaled,
    standardised,
)
from dashboard.analysis.from_map import highest

UNDEFINED = float("nan")
MapRegionName = Literal["pointing_game", "mass", "enrichment", "rank_accuracy", "auc", "nss"]
_FIXED_CHANCE = {"enrichment": 1.0, "auc": 0.5, "nss": 0.0}
_SHARE_CHANCE = ("pointing_game", "mass", "rank_accuracy")


def pointing_game(map: ArrayLike, region: ArrayLike, tolerance: float = 0) -> float:
    """1 if a pixel with S = max S lies within ``tolerance`` px (Euclidean) of the region, else 0; NaN for a constant S.

    Zhang, Bargal, Lin, Brandt, Shen & Sclaroff, *Top-down Neural Attention by Excitation Backprop*, IJCV 2018, where
    the tolerance is 15 px. Raises ValueError for a tolerance that is negative or not finite.
    """
    values, inside = map_and_mask(map, region)
    near = _widened(inside, tolerance)
    if is_constant(values) or not inside.any():
        return UNDEFINED
    return float(near[values == values.max()].any())


def mass(map: ArrayLike, region: ArrayLike) -> float:
    """Σ_H S⁺ / Σ S⁺, 0 to 1, the energy-based pointing game; NaN where S⁺ is 0.

    Wang et al., *Score-CAM: Score-Weighted Visual Explanations for Convolutional Neural Networks*, CVPR Workshops
    2020.
    """
    values, inside = map_and_mask(map, region)
    positive = scaled(np.maximum(values, 0))
    if not inside.any():
        return UNDEFINED
    # Both sums run over the same places, so that rounding cannot bring the share above 1.
    return ratio(float((positive * inside).sum()), float(positive.sum()))


def enrichment(map: ArrayLike, region: ArrayLike) -> float:
    """mass / (|H|/N), from 0: how many times more of the map the region holds than its area would; NaN as for mass."""
    inside = as_mask(region)
    return mass(map, inside) * ratio(inside.size, count(inside))


def rank_accuracy(map: ArrayLike, region: ArrayLike) -> float:
    """The share, 0 to 1, of the |H| highest pixels that lie in H; ties by pixel order as in the rule ``area``.

    Arras, Osman & Samek, *CLEVR-XAI: A Benchmark Dataset for the Ground Truth Evaluation of Neural Network
    Explanations*, Information Fusion 2022, "relevance rank accuracy".
    """
    values, inside = map_and_mask(map, region)
    return ratio(count(highest(values, count(inside)) & inside), count(inside))


def auc(map: ArrayLike, region: ArrayLike) -> float:
    """(pairs h∈H, n∉H with S_h > S_n, plus half the ties) / all pairs, 0 to 1; NaN for a region of all pixels.

    The area under the ROC curve in the form of Mann & Whitney (1947): the region's pixels against all others. Of
    the AUCs in use for saliency maps it is neither the uniform one for points nor the shuffled one.
    """
    values, inside = map_and_mask(map, region)
    return auc_from_ranks(average_ranks(values), inside)


def auc_from_ranks(ranks: Floats, inside: Mask) -> float:
    """``auc`` of a map whose average ranks are there already."""
    positives = count(inside)
    negatives = inside.size - positives
    above = float(ranks[inside].sum()) - positives * (positives + 1) / 2
    return ratio(above, positives * negatives)


def nss(map: ArrayLike, region: ArrayLike) -> float:
    """Mean over H of (S − mean S) / population sd of S, in sd; NaN for a constant S.

    Peters, Iyer, Itti & Koch, *Components of bottom-up gaze allocation in natural images*, Vision Research 2005.
    """
    values, inside = map_and_mask(map, region)
    if is_constant(values) or not inside.any():
        return UNDEFINED
    return float(standardised(values)[inside].mean())


def chance_level(name: MapRegionName, region: ArrayLike, tolerance: float = 0) -> float:
    """What a map that knows nothing of the region gets on average in the metric ``name``; NaN for an empty region.

    |H|/N for pointing_game, mass and rank_accuracy; enrichment 1, auc 0.5, nss 0. ``tolerance`` is that of the pointing
    game, whose region is then all that lies so near. Raises ValueError for another name or a bad tolerance.
    """
    inside = as_mask(region)
    if name not in _SHARE_CHANCE and name not in _FIXED_CHANCE:
        raise ValueError(f"No chance level is known for {name!r}.")
    hit = _widened(inside, tolerance) if name == "pointing_game" else inside
    if not inside.any():
        return UNDEFINED
    return _FIXED_CHANCE.get(name, count(hit) / inside.size)


def _widened(inside: Mask, tolerance: float) -> Mask:
    """The region and what lies within ``tolerance`` px of it."""
    if not (np.isfinite(tolerance) and tolerance >= 0):
        raise ValueError(f"The tolerance is {tolerance}; it must be a number of pixels from 0.")
    if tolerance == 0 or not inside.any():
        return inside
    from scipy.ndimage import distance_transform_edt

    return np.asarray(distance_transform_edt(~inside) <= tolerance)
