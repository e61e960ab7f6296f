"""Several people's regions on one picture: how far they agree, and what they mark together.

All take masks (R, H, W) bool, one a person. A float comes back as NaN where a docstring says so. Raises ValueError
for anything that is not a stack of masks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dashboard.analysis.arrays import Floats, Mask, as_mask, ratio
from dashboard.analysis.threads import one_thread_a_product

# Counts up to 2^24 are exact in float32, in which the matrix product is twice as fast.
_BLOCK = 2**16


def mean_pairwise_iou(masks: ArrayLike) -> float:
    """The mean over all pairs of people of |A∩B| / |A∪B|, 0 to 1.

    Pairs of two empty regions are undefined and left out; NaN where no pair is left. ``pairwise_iou`` has the
    single values, so that the number left out can be said.
    """
    values = pairwise_iou(masks)
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if defined.size else float("nan")


def pairwise_iou(masks: ArrayLike) -> Floats:
    """The iou of each of the R(R − 1)/2 pairs, in the order (0, 1), (0, 2), …, (1, 2), …; NaN for two empty regions."""
    both = intersections(masks)
    sizes = np.diagonal(both)
    first, second = np.triu_indices(len(both), k=1)
    shared = both[first, second]
    union = sizes[first] + sizes[second] - shared
    with np.errstate(invalid="ignore"):
        return np.asarray(shared / union)


def intersections(masks: ArrayLike) -> Floats:
    """|A∩B| for all pairs, (R, R) float64 holding whole numbers; the diagonal holds the areas."""
    stack = stack_of_masks(masks)
    flat = stack.reshape(len(stack), int(np.prod(stack.shape[1:])))
    total = np.zeros((len(flat), len(flat)))
    with one_thread_a_product():
        for start in range(0, flat.shape[1], _BLOCK):
            block = flat[:, start : start + _BLOCK].astype(np.float32)
            total += block @ block.T
    return total


def fleiss_kappa(masks: ArrayLike) -> float:
    """Fleiss' kappa with two categories, every pixel a subject, at most 1.

    NaN where nobody marked anything or everybody everything, and for fewer than two people. Fleiss, *Measuring
    nominal scale agreement among many raters*, Psychological Bulletin 1971.
    """
    stack = stack_of_masks(masks)
    people = len(stack)
    if people < 2 or stack[0].size == 0:
        return float("nan")
    pixels = np.bincount(_marks(stack).ravel(), minlength=people + 1).astype(np.float64)
    marked = np.arange(people + 1.0)
    pairs = marked * (marked - 1) + (people - marked) * (people - marked - 1)
    observed = float(pixels @ pairs) / (stack[0].size * people * (people - 1))
    share = float(pixels @ marked) / (stack[0].size * people)
    by_chance = share**2 + (1 - share) ** 2
    return ratio(observed - by_chance, 1 - by_chance) if 0 < share < 1 else float("nan")


def krippendorff_alpha(masks: ArrayLike) -> float:
    """Krippendorff's alpha, nominal, every pixel a unit and every person a coder, at most 1.

    Where answers are missing the masks are (R, H, W) float of 0, 1 and NaN, NaN for a pixel that a person did not
    judge. NaN where no pixel was judged by two people and where all judgements that can be paired are the same.
    Krippendorff, *Content Analysis*, 4th ed. 2019, through the package ``krippendorff``. Raises ValueError for
    other values.
    """
    from krippendorff import alpha

    counts = _value_counts(masks)
    paired = counts[counts.sum(axis=1) > 1]
    if not paired.any(axis=0).all():
        return float("nan")
    return float(alpha(value_counts=paired, level_of_measurement="nominal"))


def consensus_map(masks: ArrayLike) -> NDArray[np.float32]:
    """The share of people, 0 to 1, who marked each pixel, (H, W) float32.

    Of nobody (0, H, W) it is NaN everywhere, which the metrics of a map refuse.
    """
    stack = stack_of_masks(masks)
    with np.errstate(invalid="ignore"):
        return np.asarray(_marks(stack) / np.float32(len(stack)), np.float32)


def consensus_region(masks: ArrayLike) -> Mask:
    """The pixels (H, W) bool that at least half of the people marked; none where there is nobody (0, H, W)."""
    return np.asarray(consensus_map(masks) >= 0.5)


def _marks(stack: Mask) -> NDArray[np.int64]:
    """How many people marked each pixel, (H, W)."""
    # A narrow type: numpy widens single bytes slowly.
    return np.asarray(np.add.reduce(stack.view(np.uint8), axis=0, dtype=np.uint32), np.int64)


def _value_counts(masks: ArrayLike) -> NDArray[np.int64]:
    """For each pixel how many judged 0 and how many 1, (N, 2)."""
    array = _checked(np.asarray(masks))
    if array.dtype == np.bool_:
        ones = _marks(array).ravel()
        return np.stack([len(array) - ones, ones], axis=1)
    judged = ~np.isnan(array.astype(np.float64))
    if not np.isin(array[judged], (0, 1)).all():
        raise ValueError("Judgements are 0, 1, or NaN where one is missing.")
    ones = _marks(np.asarray(array == 1)).ravel()
    return np.stack([_marks(judged).ravel() - ones, ones], axis=1)


def stack_of_masks(masks: ArrayLike) -> Mask:
    """Masks (R, H, W) as bool; raises ValueError for another number of dimensions."""
    return as_mask(_checked(np.asarray(masks)))


def _checked(array: NDArray[Any]) -> NDArray[Any]:
    if array.ndim < 2:
        raise ValueError(f"Several people's masks have the shape (R, H, W), not {array.shape}.")
    return array
