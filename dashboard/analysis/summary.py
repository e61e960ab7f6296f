"""All metrics of one person's region, or of people's consensus map, and one model's map or region.

What several metrics need is computed once.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, get_args

import numpy as np
from numpy.typing import ArrayLike

from dashboard.analysis import map_map, map_region, regions
from dashboard.analysis.arrays import Array, Floats, Mask, as_map, as_mask, average_ranks, count
from dashboard.analysis.cases import case_from_coverages
from dashboard.analysis.from_map import region_from_map, tied_pixels
from dashboard.analysis.map_region import MapRegionName, chance_level

MAP_REGION = get_args(MapRegionName)
MAP_MAP = ("pearson", "spearman", "similarity", "kl")


@dataclass(frozen=True)
class _ModelRegions:
    """The model's region for overlaps, the one for coverages, the rule in words, and how many pixels were tied."""

    overlap: Mask
    coverage: Mask
    rule: str
    tied: int | None


def compare_region_with_map(
    human: ArrayLike,
    model: ArrayLike,
    rule: str | None = None,
    *,
    n: int | None = None,
    k: float = 1.0,
    p: float = 90.0,
    tolerance: float = 0,
    correct: bool | None = None,
    high: float = 0.5,
) -> dict[str, Any]:
    """Every metric of one pair by its name: a float, or None where it is undefined or does not apply.

    ``human``: a region (H, W) bool (or whole numbers, not zero = inside), or a consensus map (H, W) float of 0 to 1,
    whose region is where it is at least 0.5. ``model``: a map (H, W) float, or a region (H, W) bool, for which the
    metrics of maps do not apply. For the metrics of two maps a region is a map of 0 and 1.

    ``rule``: None for the rules that each metric has by definition: iou and dice take the area-matched region,
    the coverages, their ratio of areas and the case that of mean_sd. A rule by name (see ``region_from_map``, also
    for ``n``, by default |H|, ``k`` and ``p``) is used for all of them.

    Beside the metrics: ``rule`` in words, ``tied_pixels`` (None where no area was matched), ``chance`` (a dict of
    the chance levels of the metrics that have one), ``case`` (None where ``correct`` is; else the fields of Case and
    its explanation). Raises ValueError for shapes that differ, NaN or infinity, and values out of range.
    """
    human_map, inside = _human(human)
    given = np.asarray(model)
    if given.shape != inside.shape:
        raise ValueError(f"The shapes {inside.shape} and {given.shape} differ; both must cover the same pixels.")
    is_region = given.dtype == np.bool_
    chosen = _given_region(given) if is_region else _model_regions(as_map(given), inside, rule, n, k, p)
    numbers = _region_metrics(inside, chosen)
    if is_region:
        numbers |= dict.fromkeys((*MAP_REGION, *MAP_MAP), math.nan)
    else:
        numbers |= _map_metrics(human_map, inside, as_map(given), tolerance)
    result: dict[str, Any] = {name: _or_none(value) for name, value in numbers.items()}
    result |= {"rule": chosen.rule, "tied_pixels": chosen.tied, "chance": _chance(inside, tolerance)}
    return result | {"case": _case(numbers, inside, chosen, correct, high)}


def _human(human: ArrayLike) -> tuple[Floats, Mask]:
    """The consensus map and the region of one person or of people's consensus map."""
    array = np.asarray(human)
    if array.dtype.kind != "f":
        inside = as_mask(array)
        return inside.astype(np.float64), inside
    values = as_map(array)
    if values.size and not (values.min() >= 0 and values.max() <= 1):
        raise ValueError("A consensus map holds shares between 0 and 1.")
    return values, np.asarray(values >= 0.5)


def _given_region(model: Array) -> _ModelRegions:
    mask = as_mask(model)
    return _ModelRegions(mask, mask, "as given", None)


def _model_regions(values: Floats, inside: Mask, rule: str | None, n: int | None, k: float, p: float) -> _ModelRegions:
    size = count(inside) if n is None else n
    if rule is None:
        words = f"area for iou and dice, mean_sd (k = {k:g}) for human_coverage, model_coverage and area_ratio"
        overlap = region_from_map(values, "area", n=size)
        return _ModelRegions(overlap, region_from_map(values, "mean_sd", k=k), words, tied_pixels(values, size))
    region = region_from_map(values, rule, n=size, k=k, p=p)
    setting = {"area": f" (n = {size})", "mean_sd": f" (k = {k:g})", "percentile": f" (p = {p:g})"}.get(rule, "")
    return _ModelRegions(region, region, rule + setting, tied_pixels(values, size) if rule == "area" else None)


def _region_metrics(inside: Mask, model: _ModelRegions) -> dict[str, float]:
    return {
        "iou": regions.iou(inside, model.overlap),
        "dice": regions.dice(inside, model.overlap),
        "human_coverage": regions.human_coverage(inside, model.coverage),
        "model_coverage": regions.model_coverage(inside, model.coverage),
        "area_ratio": regions.area_ratio(inside, model.coverage),
    }


def _map_metrics(human: Floats, inside: Mask, values: Floats, tolerance: float) -> dict[str, float]:
    ranks = average_ranks(values)
    human_ranks = map_map.unit_deviations(average_ranks(human))
    return {
        "pointing_game": map_region.pointing_game(values, inside, tolerance),
        "mass": map_region.mass(values, inside),
        "enrichment": map_region.enrichment(values, inside),
        "rank_accuracy": map_region.rank_accuracy(values, inside),
        "auc": map_region.auc_from_ranks(ranks, inside),
        "nss": map_region.nss(values, inside),
        "pearson": map_map.pearson(human, values),
        "spearman": map_map.correlation(human_ranks, map_map.unit_deviations(ranks)),
        "similarity": map_map.similarity(human, values),
        "kl": map_map.kl(human, values),
    }


def _chance(inside: Mask, tolerance: float) -> dict[str, float | None]:
    return {name: _or_none(chance_level(name, inside, tolerance)) for name in MAP_REGION}


def _case(
    numbers: dict[str, float], inside: Mask, model: _ModelRegions, correct: bool | None, high: float
) -> dict[str, Any] | None:
    if correct is None:
        return None
    overlap = regions.iou(inside, model.coverage)
    case = case_from_coverages(overlap, numbers["human_coverage"], numbers["model_coverage"], correct, high)
    fields = {name: _or_none(value) if isinstance(value, float) else value for name, value in asdict(case).items()}
    return fields | {"explanation": case.explanation}


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value
