"""Each case that METRICS.md calls undefined is NaN, its neighbours are numbers, and wrong input is an error."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from dashboard import analysis

NOTHING, SOME, OTHER, ALL = ([0, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [1, 1, 1, 1])
ZERO, CONSTANT, NEGATIVE, MAP, BELOW_ZERO = ([0.0] * 4, [2.0] * 4, [-2.0] * 4, [0.1, 0.7, -0.3, 0.2], [-1, -2, -3, -4])

REGIONS = [analysis.iou, analysis.dice, analysis.human_coverage, analysis.model_coverage, analysis.area_ratio]
MAP_REGION = [
    analysis.pointing_game,
    analysis.mass,
    analysis.enrichment,
    analysis.rank_accuracy,
    analysis.auc,
    analysis.nss,
]
MAPS = [analysis.pearson, analysis.spearman, analysis.similarity, analysis.kl]
PEOPLE = [analysis.mean_pairwise_iou, analysis.fleiss_kappa, analysis.krippendorff_alpha]

UNDEFINED = [
    (analysis.iou, NOTHING, NOTHING),
    (analysis.dice, NOTHING, NOTHING),
    (analysis.human_coverage, NOTHING, SOME),
    (analysis.human_coverage, NOTHING, NOTHING),
    (analysis.model_coverage, SOME, NOTHING),
    (analysis.model_coverage, NOTHING, NOTHING),
    (analysis.area_ratio, NOTHING, SOME),
    (analysis.area_ratio, NOTHING, NOTHING),
    *((metric, values, NOTHING) for metric in MAP_REGION for values in (MAP, CONSTANT, ZERO)),
    *((metric, values, SOME) for metric in (analysis.mass, analysis.enrichment) for values in (ZERO, BELOW_ZERO)),
    *((analysis.pointing_game, values, SOME) for values in (ZERO, CONSTANT)),
    *((analysis.nss, values, SOME) for values in (ZERO, CONSTANT)),
    (analysis.auc, MAP, ALL),
    (analysis.auc, CONSTANT, ALL),
    *((metric, CONSTANT, MAP) for metric in MAPS[:2]),
    *((metric, MAP, CONSTANT) for metric in MAPS[:2]),
    *((metric, MAP, ZERO) for metric in MAPS),
    *((metric, ZERO, MAP) for metric in MAPS),
    *((metric, ZERO, ZERO) for metric in MAPS),
    # Shifted by its minimum a constant negative map is constant zero.
    *((metric, MAP, NEGATIVE) for metric in MAPS),
]


@pytest.mark.parametrize(("metric", "first", "second"), UNDEFINED)
def test_undefined(metric: Callable[..., float], first: list[float], second: list[float]) -> None:
    assert math.isnan(metric(first, second))


DEFINED = [
    (analysis.iou, NOTHING, SOME, 0),
    (analysis.iou, SOME, NOTHING, 0),
    (analysis.dice, NOTHING, SOME, 0),
    (analysis.dice, SOME, NOTHING, 0),
    (analysis.human_coverage, SOME, NOTHING, 0),
    (analysis.model_coverage, NOTHING, SOME, 0),
    (analysis.area_ratio, SOME, NOTHING, 0),
    (analysis.iou, SOME, SOME, 1),
    (analysis.pointing_game, MAP, ALL, 1),
    (analysis.mass, CONSTANT, SOME, 0.5),
    (analysis.enrichment, CONSTANT, SOME, 1),
    (analysis.rank_accuracy, MAP, ALL, 1),
    (analysis.rank_accuracy, CONSTANT, OTHER, 0),
    (analysis.auc, CONSTANT, SOME, 0.5),
    (analysis.nss, MAP, ALL, 0),
    (analysis.pointing_game, BELOW_ZERO, SOME, 1),
    (analysis.similarity, CONSTANT, CONSTANT, 1),
    (analysis.kl, CONSTANT, [1, 1, 1, 1], 0),
    (analysis.kl, MAP, MAP, 0),
]


@pytest.mark.parametrize(("metric", "first", "second", "value"), DEFINED)
def test_defined(metric: Callable[..., float], first: list[float], second: list[float], value: float) -> None:
    found = metric(first, second)
    assert type(found) is float
    assert found == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize("scale", [5e-324, 1e-200, 1e-38, 1e150, 1e300])
def test_neither_tiny_nor_huge_values_are_constant(scale: float) -> None:
    values = np.array([1, 2, 1, 1]) * scale
    assert analysis.pearson(values, [1, 2, 1, 1]) == pytest.approx(1)
    assert analysis.nss(values, [0, 1, 0, 0]) == pytest.approx(math.sqrt(3))
    assert analysis.mass(values, [0, 1, 0, 0]) == pytest.approx(0.4)
    assert analysis.similarity(values, [1, 2, 1, 1]) == pytest.approx(1)
    for rule in ("mean_sd", "percentile", "otsu"):
        assert analysis.region_from_map(values, rule).tolist() == [False, True, False, False]


@pytest.mark.parametrize("masks", [[NOTHING, NOTHING, NOTHING], [ALL, ALL, ALL]])
@pytest.mark.parametrize("metric", [analysis.fleiss_kappa, analysis.krippendorff_alpha])
def test_agreement_without_any_variation(metric: Callable[..., float], masks: list[list[int]]) -> None:
    assert math.isnan(metric(masks))


@pytest.mark.parametrize("masks", [[SOME], np.empty((0, 4), bool)])
@pytest.mark.parametrize("metric", PEOPLE)
def test_agreement_without_two_people(metric: Callable[..., float], masks: list[list[int]]) -> None:
    assert math.isnan(metric(masks))


def test_pairs_of_empty_regions_are_left_out() -> None:
    assert math.isnan(analysis.mean_pairwise_iou([NOTHING, NOTHING]))
    assert analysis.mean_pairwise_iou([NOTHING, NOTHING, SOME]) == 0
    found = analysis.pairwise_iou([NOTHING, NOTHING, SOME])
    np.testing.assert_array_equal(found, [math.nan, 0, 0])
    assert analysis.mean_of(found) == analysis.Mean(0.0, 2, 1)


def test_agreement_where_people_differ() -> None:
    assert analysis.mean_pairwise_iou([NOTHING, ALL]) == 0
    assert analysis.fleiss_kappa([NOTHING, ALL]) == -1
    assert analysis.krippendorff_alpha([NOTHING, ALL]) == -0.75


@pytest.mark.parametrize("shape", [(0, 4), (0, 2, 3)])
def test_nobody_has_no_consensus(shape: tuple[int, ...]) -> None:
    nobody = np.empty(shape, bool)
    consensus = analysis.consensus_map(nobody)
    assert (consensus.shape, consensus.dtype, np.isnan(consensus).all()) == (shape[1:], np.float32, True)
    assert (analysis.consensus_region(nobody).shape, analysis.consensus_region(nobody).any()) == (shape[1:], False)
    with pytest.raises(ValueError, match="NaN"):
        analysis.pearson(consensus, np.zeros(shape[1:]))


@pytest.mark.parametrize("people", [2, 7, 100, 1_001])
def test_exactly_half_is_a_consensus(people: int) -> None:
    marked = np.arange(people) < people / 2
    stack = np.stack([marked, np.arange(people) < np.ceil(people / 2) - 1], axis=1)
    assert analysis.consensus_region(stack).tolist() == [True, False]


def test_no_points_have_no_mean() -> None:
    assert math.isnan(analysis.auc_uniform([[1, 2]], np.empty((0, 2))))
    assert math.isnan(analysis.nss_points([[1, 2]], []))
    assert math.isnan(analysis.nss_points([[1, 1]], [(0, 0)]))
    assert analysis.auc_uniform([[1, 1]], [(0, 0)]) == 0.5


@pytest.mark.parametrize("metric", [*REGIONS, *MAP_REGION, *MAPS])
@pytest.mark.parametrize(("first", "second"), [(np.ones((2, 3)), np.ones((3, 2))), (np.ones(4), np.ones((2, 2)))])
def test_shapes_must_be_equal(metric: Callable[..., float], first: np.ndarray, second: np.ndarray) -> None:
    with pytest.raises(ValueError, match="shapes"):
        metric(first, second)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_maps_must_be_finite(wrong: float) -> None:
    values = [1.0, wrong, 3.0, 4.0]
    calls: list[Callable[[], object]] = [
        *(lambda metric=metric: metric(values, SOME) for metric in MAP_REGION),
        *(lambda metric=metric: metric(values, MAP) for metric in MAPS),
        *(lambda metric=metric: metric(MAP, values) for metric in MAPS),
        *(lambda rule=rule: analysis.region_from_map(values, rule, n=1) for rule in analysis.RULES),
        lambda: analysis.tied_pixels(values, 1),
        lambda: analysis.auc_uniform([values], [(0, 0)]),
        lambda: analysis.nss_points([values], [(0, 0)]),
        lambda: analysis.iou(values, SOME),
        lambda: analysis.compare_region_with_map(SOME, values),
        lambda: analysis.split_half([[SOME], [OTHER]], {"m": np.array([values])}),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="NaN or infinity"):
            call()


@pytest.mark.parametrize("tolerance", [-1, math.nan, math.inf])
def test_tolerances_that_are_none(tolerance: float) -> None:
    with pytest.raises(ValueError, match="tolerance"):
        analysis.pointing_game(MAP, SOME, tolerance)


def test_judgements_are_0_or_1_or_missing() -> None:
    with pytest.raises(ValueError, match="0, 1"):
        analysis.krippendorff_alpha([[0.0, 2.0], [1.0, 0.0]])
