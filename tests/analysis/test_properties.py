"""What must hold of every pair: symmetry, flips, bounds, and NaN nowhere but where METRICS.md says so."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dashboard import analysis
from tests.analysis.strategies import map_and_mask, maps, masks, stacks, two_maps, two_masks

TINY = 1e-9
REGIONS = [analysis.iou, analysis.dice, analysis.human_coverage, analysis.model_coverage, analysis.area_ratio]
UNTIED = [analysis.pointing_game, analysis.mass, analysis.enrichment, analysis.auc, analysis.nss]
MAPS = [analysis.pearson, analysis.spearman, analysis.similarity, analysis.kl]


def _flips(array: np.ndarray) -> list[np.ndarray]:
    return [array[::-1], array[:, ::-1], array[::-1, ::-1].copy(), array.T]


def _constant(values: np.ndarray) -> bool:
    return bool(values.min() == values.max())


def _same(first: float, second: float) -> bool:
    return first == pytest.approx(second, rel=TINY, abs=TINY, nan_ok=True)


@given(two_masks())
def test_overlaps(pair: tuple[np.ndarray, np.ndarray]) -> None:
    human, model = pair
    for metric in (analysis.iou, analysis.dice):
        assert _same(metric(human, model), metric(model, human))
    assert _same(analysis.human_coverage(human, model), analysis.model_coverage(model, human))
    for metric in REGIONS:
        value = metric(human, model)
        assert all(_same(value, metric(*both)) for both in zip(_flips(human), _flips(model), strict=True))
        assert math.isnan(value) or 0 <= value <= (human.size if metric is analysis.area_ratio else 1)
    overlap = analysis.iou(human, model)
    assert _same(analysis.dice(human, model), 2 * overlap / (1 + overlap))


@given(two_masks())
def test_overlaps_are_undefined_only_without_pixels(pair: tuple[np.ndarray, np.ndarray]) -> None:
    human, model = pair
    empty = {
        analysis.iou: not (human.any() or model.any()),
        analysis.dice: not (human.any() or model.any()),
        analysis.human_coverage: not human.any(),
        analysis.model_coverage: not model.any(),
        analysis.area_ratio: not human.any(),
    }
    for metric, expected in empty.items():
        assert math.isnan(metric(human, model)) == expected


@given(map_and_mask())
def test_map_with_region(pair: tuple[np.ndarray, np.ndarray]) -> None:
    values, region = pair
    undefined = {
        analysis.pointing_game: _constant(values),
        analysis.mass: not (values > 0).any(),
        analysis.enrichment: not (values > 0).any(),
        analysis.rank_accuracy: False,
        analysis.auc: bool(region.all()),
        analysis.nss: _constant(values),
    }
    upper = {analysis.enrichment: region.size + TINY, analysis.nss: math.sqrt(region.size) + TINY}
    for metric, missing in undefined.items():
        value = metric(values, region)
        assert math.isnan(value) == (missing or not region.any())
        limit = upper.get(metric, 1)
        assert math.isnan(value) or (-limit if metric is analysis.nss else 0) <= value <= limit


@pytest.mark.parametrize("metric", UNTIED)
@given(pair=map_and_mask())
def test_map_with_region_flipped(metric: Callable[..., float], pair: tuple[np.ndarray, np.ndarray]) -> None:
    values, region = pair
    value = metric(values, region)
    assert all(_same(value, metric(*both)) for both in zip(_flips(values), _flips(region), strict=True))


@given(masks((3, 4)), st.permutations(range(12)))
def test_rank_accuracy_flipped_where_no_pixels_are_tied(region: np.ndarray, order: list[int]) -> None:
    values = np.array(order).reshape(3, 4)
    value = analysis.rank_accuracy(values, region)
    flipped = zip(_flips(values), _flips(region), strict=True)
    assert all(_same(value, analysis.rank_accuracy(*both)) for both in flipped)


@given(map_and_mask())
def test_auc_of_the_negative_and_of_the_rest_is_one_minus_auc(pair: tuple[np.ndarray, np.ndarray]) -> None:
    values, region = pair
    assume(region.any() and not region.all())
    assert _same(analysis.auc(-values, region), 1 - analysis.auc(values, region))
    assert _same(analysis.auc(values, ~region), 1 - analysis.auc(values, region))


@given(two_maps())
def test_map_with_map(pair: tuple[np.ndarray, np.ndarray]) -> None:
    human, model = pair
    flat = _constant(human) or _constant(model)
    nothing = any(_constant(values) and values.max() <= 0 for values in pair)
    for metric in MAPS:
        value = metric(human, model)
        assert math.isnan(value) == (flat if metric in MAPS[:2] else nothing)
        assert all(_same(value, metric(*both)) for both in zip(_flips(human), _flips(model), strict=True))
        if metric is not analysis.kl:
            assert _same(value, metric(model, human))
            assert math.isnan(value) or (-1 if metric in MAPS[:2] else 0) <= value <= 1
        assert math.isnan(value) or value >= (0 if metric in MAPS[2:] else -1)


@given(st.integers(1, 5).flatmap(lambda side: maps((side, 4))))
def test_a_map_with_itself(values: np.ndarray) -> None:
    best = {analysis.pearson: 1, analysis.spearman: 1, analysis.similarity: 1, analysis.kl: 0}
    for metric, value in best.items():
        found = metric(values, values)
        assert math.isnan(found) or found == pytest.approx(value, abs=TINY)


@given(st.integers(1, 5).flatmap(lambda side: maps((side, 4))), st.data())
def test_the_area_rule_gives_the_highest_and_just_as_many(values: np.ndarray, data: st.DataObject) -> None:
    n = data.draw(st.integers(0, values.size))
    region = analysis.region_from_map(values, n=n)
    assume(not _constant(values))
    assert region.sum() == n
    expected = np.argsort(-values.astype(np.float64), axis=None, kind="stable")[:n]
    assert set(np.flatnonzero(region)) == set(expected)
    chosen, rest = values[region], values[~region]
    cut = chosen.min() if n else None
    tied = int((values == cut).sum()) if n and (rest == cut).any() else 0
    assert analysis.tied_pixels(values, n) == tied


@given(stacks())
def test_agreement_does_not_depend_on_the_order_of_people_or_pixels(stack: np.ndarray) -> None:
    for metric in (analysis.mean_pairwise_iou, analysis.fleiss_kappa, analysis.krippendorff_alpha):
        value = metric(stack)
        assert _same(value, metric(stack[::-1]))
        assert _same(value, metric(stack[:, ::-1, ::-1]))
        assert math.isnan(value) or value <= 1 + TINY
    assert math.isnan(analysis.fleiss_kappa(stack)) == (stack.all() or not stack.any())
    assert math.isnan(analysis.krippendorff_alpha(stack)) == (stack.all() or not stack.any())
    pairs = [analysis.iou(one, other) for place, one in enumerate(stack) for other in stack[place + 1 :]]
    np.testing.assert_array_equal(analysis.pairwise_iou(stack), pairs)


@given(stacks())
def test_consensus(stack: np.ndarray) -> None:
    shares = analysis.consensus_map(stack)
    assert shares.dtype == np.float32
    np.testing.assert_allclose(shares, stack.mean(axis=0), rtol=1e-6)
    np.testing.assert_array_equal(analysis.consensus_region(stack), stack.sum(axis=0) >= len(stack) / 2)
