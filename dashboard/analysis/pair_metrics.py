"""Every metric that can stand between two groups of people, or a group and a model, in two stages.

What a metric needs of one side alone (ranks, shares, a region) is prepared once and used in every pair.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from dashboard.analysis import map_map, map_region, regions
from dashboard.analysis.arrays import Array, Floats, Mask, as_map, as_mask, average_ranks, count, is_constant

HALF = 0.5
Combine = Callable[[Any, Any], float]


@dataclass(frozen=True)
class PairMetric:
    """``combine(reference(map of a group), candidate(map of another group) or model(map or mask))`` is the value."""

    name: str
    reference: Callable[[Array], Any]
    candidate: Callable[[Array], Any]
    model: Callable[[Array], Any]
    combine: Combine


def pair_metric(metric: str | Callable[[Array, Array], float]) -> PairMetric:
    """The metric of this name, or one made of a function of two maps (human, model). Raises ValueError."""
    if callable(metric):
        return PairMetric(getattr(metric, "__name__", "custom"), _same, _same, as_map, metric)
    if metric not in PAIR_METRICS:
        raise ValueError(f"There is no metric {metric!r}; there are {', '.join(PAIR_METRICS)}.")
    return PAIR_METRICS[metric]


def consensus_at_half(values: Array) -> Mask:
    """The region where at least half agree, of a smoothed or plain consensus map."""
    return np.asarray(values >= HALF)


class AreaMatched:
    """A model's map from which the region of any area can be had at once."""

    def __init__(self, values: Floats) -> None:
        self.is_constant = is_constant(values)
        order = np.argsort(-values, axis=None, kind="stable")
        self.place = np.empty(values.size, np.int64)
        self.place[order] = np.arange(values.size)
        self.place.shape = values.shape

    def region(self, n: int) -> Mask:
        """The ``n`` highest pixels, ties by pixel order; empty for a constant map."""
        return np.asarray(self.place < (0 if self.is_constant else n))


def _same(values: Array) -> Array:
    return values


def _model_region(model: Array) -> Mask | AreaMatched:
    array = np.asarray(model)
    return as_mask(array) if array.dtype == np.bool_ else AreaMatched(as_map(array))


def _overlap(function: Combine, human: Mask, model: Mask | AreaMatched) -> float:
    return function(human, model.region(count(human)) if isinstance(model, AreaMatched) else model)


def _regions(function: Combine) -> PairMetric:
    return PairMetric(
        function.__name__, consensus_at_half, consensus_at_half, _model_region, partial(_overlap, function)
    )


def _maps(name: str, prepare: Callable[[Floats], Any], combine: Combine) -> PairMetric:
    def prepared(values: Array) -> Any:
        return prepare(as_map(values))

    return PairMetric(name, prepared, prepared, prepared, combine)


def _map_region(function: Callable[[Any, Any], float]) -> PairMetric:
    return PairMetric(
        function.__name__, consensus_at_half, _same, as_map, lambda region, values: function(values, region)
    )


def _ranks(values: Floats) -> Floats | None:
    return map_map.unit_deviations(average_ranks(values))


def _auc() -> PairMetric:
    return PairMetric(
        "auc",
        consensus_at_half,
        average_ranks,
        lambda model: average_ranks(as_map(model)),
        lambda region, ranks: map_region.auc_from_ranks(ranks, region),
    )


PAIR_METRICS: dict[str, PairMetric] = {
    metric.name: metric
    for metric in (
        _maps("pearson", map_map.unit_deviations, map_map.correlation),
        _maps("spearman", _ranks, map_map.correlation),
        _maps("similarity", map_map.shares, map_map.overlap),
        _maps("kl", map_map.log_shares, map_map.divergence),
        _regions(regions.iou),
        _regions(regions.dice),
        _regions(regions.human_coverage),
        _regions(regions.model_coverage),
        _regions(regions.area_ratio),
        _map_region(map_region.pointing_game),
        _map_region(map_region.mass),
        _map_region(map_region.enrichment),
        _map_region(map_region.rank_accuracy),
        _auc(),
        _map_region(map_region.nss),
    )
}
