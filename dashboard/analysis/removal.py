"""What a region does to the answer: overlap says where, removal says whether it mattered.

A classifier and a method of removal are handed in: ``predict(images (B, H, W, 3) uint8) -> (B, K) float32`` gives
probabilities, ``remove(image, mask) -> image`` the picture (H, W, 3) uint8 without a region (H, W) bool. What they
raise goes through. A method is part of every result's name: the filling changes the ranking.

Every function takes one region or one picture at a time, or a few, so that a page can show the first bar at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dashboard.analysis.arrays import Floats, Mask, as_mask, count
from dashboard.analysis.from_map import region_from_map
from dashboard.analysis.random_regions import COUNT, random_region
from dashboard.analysis.smoothing import gaussian
from dashboard.analysis.uncertainty import Interval, bootstrap_mean

Pixels = NDArray[np.uint8]
Predict = Callable[[Pixels], NDArray[np.float32]]
Remove = Callable[[Pixels, Mask], Pixels]
Kind = Literal["human", "model", "random"]
BLUR = 0.05
BATCH = 8


@dataclass(frozen=True)
class Candidate:
    """A region to be removed: the person's, the model's of equal area, or random region ``number``."""

    kind: Kind
    number: int
    region: Mask


@dataclass(frozen=True)
class Effects:
    """The drops side by side. ``random_low`` and ``random_high`` hold the middle 95 % of the random regions' drops.

    ``random_mean`` is their mean with its bootstrap interval, ``random_at_least_human`` the share of random regions
    whose removal did at least as much as that of the person's.
    """

    human: float
    model: float
    random: tuple[float, ...]
    random_mean: Interval
    random_low: float
    random_high: float
    random_at_least_human: float
    causal_advantage: float


def probability(image: Pixels, class_index: int, predict: Predict) -> float:
    """p_c of one picture (H, W, 3) uint8, 0 to 1."""
    return float(probabilities([image], class_index, predict)[0])


def probabilities(images: Sequence[Pixels], class_index: int, predict: Predict) -> Floats:
    """p_c of some pictures (H, W, 3) uint8 of one size, in one batch: (B,)."""
    return np.asarray(predict(np.stack(images))[:, class_index], np.float64)


def without(image: Pixels, region: ArrayLike, remove: Remove) -> Pixels:
    """The picture without the region (H, W); an empty one takes nothing away. Raises ValueError for another size."""
    mask = _of(image, region)
    return remove(image, mask) if mask.any() else image


def necessity(
    image: Pixels,
    region: ArrayLike,
    class_index: int,
    predict: Predict,
    remove: Remove,
    *,
    before: float | None = None,
) -> float:
    """p_c(image) − p_c(image without the region), −1 to 1; ``before`` is p_c(image) where it is known.

    Raises ValueError where the region (H, W) has not the picture's size.
    """
    return float(necessities(image, [region], class_index, predict, remove, before=before)[0])


def necessities(
    image: Pixels,
    regions: Sequence[ArrayLike] | Mask,
    class_index: int,
    predict: Predict,
    remove: Remove,
    *,
    before: float | None = None,
    batch: int = BATCH,
) -> Floats:
    """``necessity`` of several regions (R, H, W), predicted ``batch`` at a time: (R,)."""
    start = probability(image, class_index, predict) if before is None else before
    after = [
        probabilities(
            [without(image, region, remove) for region in regions[first : first + batch]], class_index, predict
        )
        for first in range(0, len(regions), batch)
    ]
    return start - np.concatenate([np.empty(0), *after])


def sufficiency(image: Pixels, region: ArrayLike, class_index: int, predict: Predict, *, blur: float = BLUR) -> float:
    """p_c of the picture in which everything outside the region is blurred, 0 to 1; see ``outside_blurred``."""
    return probability(outside_blurred(image, region, blur), class_index, predict)


def outside_blurred(image: Pixels, region: ArrayLike, blur: float = BLUR) -> Pixels:
    """The picture (H, W, 3) uint8 with its pixels outside the region (H, W) from a Gaussian blur of the whole picture.

    The sd is ``blur`` times the longer side. Raises ValueError for another size or a blur that is not above 0.
    """
    mask = _of(image, region)
    if not (np.isfinite(blur) and blur > 0):
        raise ValueError(f"The blur is {blur}; it is a share of the longer side, above 0.")
    blurred = np.rint(gaussian(image.astype(np.float32), blur * max(mask.shape)))
    return np.where(mask[..., None], image, np.clip(blurred, 0, 255).astype(np.uint8))


def causal_advantage(human: float, random: ArrayLike) -> float:
    """necessity(H) − mean necessity(random regions (n,)); NaN without any random region."""
    drops = np.asarray(random, np.float64)
    return float(human - drops.mean()) if drops.size else float("nan")


def equal_area_region(human: ArrayLike, model_map: ArrayLike) -> Mask:
    """The model's region (H, W) bool of the human region's area, by the rule ``area``; empty for a constant map."""
    inside = as_mask(human)
    _same_size(inside, np.shape(model_map))
    return region_from_map(model_map, "area", n=count(inside))


def candidates(human: ArrayLike, model_map: ArrayLike, count: int = COUNT, seed: int = 0) -> Iterator[Candidate]:
    """What is to be removed, in the order in which it is worth seeing: human, model, random 0, 1, …

    Each is made when it is asked for. A random one raises RegionTooLargeError where the region fits nowhere else.
    """
    yield Candidate("human", 0, as_mask(human))
    yield Candidate("model", 0, equal_area_region(human, model_map))
    for number in range(count):
        yield Candidate("random", number, random_region(human, number, seed))


def removals(
    image: Pixels,
    human: ArrayLike,
    model_map: ArrayLike,
    class_index: int,
    predict: Predict,
    remove: Remove,
    *,
    count: int = COUNT,
    seed: int = 0,
) -> Iterator[tuple[Candidate, float]]:
    """Each of ``candidates`` with its necessity, one at a time; NaN for the model where its map is constant."""
    before = probability(image, class_index, predict)
    for candidate in candidates(human, model_map, count, seed):
        missing = candidate.kind == "model" and not candidate.region.any() and as_mask(human).any()
        yield (
            candidate,
            float("nan")
            if missing
            else necessity(image, candidate.region, class_index, predict, remove, before=before),
        )


def effects(human: float, model: float, random: ArrayLike, *, seed: int = 0) -> Effects:
    """The necessities of the human region, the model's, and the random ones (n,), summed up; NaN for what lacks one."""
    drops = np.asarray(random, np.float64)
    low, high = np.percentile(drops, [2.5, 97.5]) if drops.size else (np.nan, np.nan)
    at_least = float((drops >= human).mean()) if drops.size and not np.isnan(human) else float("nan")
    mean = bootstrap_mean(drops, seed=seed)
    return Effects(
        human, model, tuple(drops.tolist()), mean, float(low), float(high), at_least, causal_advantage(human, drops)
    )


def _of(image: Pixels, region: ArrayLike) -> Mask:
    mask = as_mask(region)
    _same_size(mask, image.shape[:2])
    return mask


def _same_size(mask: Mask, shape: tuple[int, ...]) -> None:
    if mask.shape != shape:
        raise ValueError(f"The region has the shape {mask.shape}, the picture {shape}.")
