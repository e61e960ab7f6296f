"""A person's region beside a model's: how far they overlap.

All take two regions (H, W) bool of one shape and return a float, NaN where the formula divides nothing by
nothing. Raises ValueError where the shapes differ. Names in quotation marks are those of Boggust, Hoover,
Satyanarayan & Strobelt, *Shared Interest: Measuring Human-AI Alignment to Identify Recurring Patterns in Model
Behavior*, CHI 2022.
"""

from __future__ import annotations

from numpy.typing import ArrayLike

from dashboard.analysis.arrays import count, ratio, two_masks


def iou(human: ArrayLike, model: ArrayLike) -> float:
    """|H∩M| / |H∪M|, 0 to 1; NaN for two empty regions. Shared Interest's "IoU coverage"."""
    first, second = two_masks(human, model)
    both = count(first & second)
    return ratio(both, count(first) + count(second) - both)


def dice(human: ArrayLike, model: ArrayLike) -> float:
    """2|H∩M| / (|H| + |M|), 0 to 1; NaN for two empty regions.

    Dice, *Measures of the Amount of Ecologic Association Between Species*, Ecology 1945.
    """
    first, second = two_masks(human, model)
    return ratio(2 * count(first & second), count(first) + count(second))


def human_coverage(human: ArrayLike, model: ArrayLike) -> float:
    """|H∩M| / |H|, 0 to 1; NaN for an empty human region. Shared Interest's "ground truth coverage"."""
    first, second = two_masks(human, model)
    return ratio(count(first & second), count(first))


def model_coverage(human: ArrayLike, model: ArrayLike) -> float:
    """|H∩M| / |M|, 0 to 1; NaN for an empty model region. Shared Interest's "saliency coverage"."""
    first, second = two_masks(human, model)
    return ratio(count(first & second), count(second))


def area_ratio(human: ArrayLike, model: ArrayLike) -> float:
    """|M| / |H|, from 0; NaN for an empty human region."""
    first, second = two_masks(human, model)
    return ratio(count(second), count(first))
