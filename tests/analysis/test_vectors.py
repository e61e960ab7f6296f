"""The numbers that METRICS.md gives, and hand-made ones of a few pixels."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dashboard import analysis


def _box(rows: slice, columns: slice) -> np.ndarray:
    mask = np.zeros((250, 250), bool)
    mask[rows, columns] = True
    return mask


@pytest.mark.parametrize(
    ("human", "model", "iou", "model_coverage", "human_coverage"),
    [
        (_box(slice(0, 100), slice(0, 100)), _box(slice(50, 150), slice(50, 150)), 0.1428571429, 0.25, 0.25),
        (_box(slice(100, 250), slice(200, 250)), _box(slice(50, 250), slice(100, 250)), 0.25, 0.25, 1),
        (np.ones((250, 250), bool), _box(slice(50, 100), slice(50, 100)), 0.04, 1, 0.04),
    ],
)
def test_shared_interest_on_boxes(
    human: np.ndarray, model: np.ndarray, iou: float, model_coverage: float, human_coverage: float
) -> None:
    assert analysis.iou(human, model) == pytest.approx(iou, abs=5e-11)
    assert analysis.model_coverage(human, model) == model_coverage
    assert analysis.human_coverage(human, model) == human_coverage


def test_dice_and_area_ratio() -> None:
    assert analysis.dice([1, 1, 0, 0], [0, 1, 1, 1]) == 0.4
    assert analysis.area_ratio([1, 1, 0, 0], [0, 1, 1, 1]) == 1.5


def test_mass() -> None:
    assert analysis.mass([0.7, 0.2, 0.1, 0], [1, 0, 1, 0]) == pytest.approx(0.8)
    assert analysis.mass([-5, 2, 2], [1, 1, 0]) == 0.5


def test_enrichment_is_mass_over_area() -> None:
    assert analysis.enrichment([0.7, 0.2, 0.1, 0], [1, 0, 1, 0]) == pytest.approx(1.6)


def test_rank_accuracy() -> None:
    assert analysis.rank_accuracy([0.9, 0.8, 0.7, 0.1, 0], [1, 0, 1, 0, 0]) == 0.5


def test_auc_counts_half_a_tie() -> None:
    assert analysis.auc([0.9, 0.5, 0.5, 0.1, 0], [1, 1, 0, 0, 0]) == pytest.approx(11 / 12, abs=1e-15)


def test_auc_of_a_constant_map_is_all_ties() -> None:
    assert analysis.auc([3, 3, 3, 3], [1, 0, 0, 0]) == 0.5


def test_nss_in_standard_deviations() -> None:
    assert analysis.nss([0, 0, 2, 2], [0, 0, 1, 0]) == 1
    assert analysis.nss([0, 0, 2, 2], [1, 0, 1, 1]) == pytest.approx(1 / 3)


def test_pointing_game_asks_any_highest_pixel_within_the_tolerance() -> None:
    values = np.zeros((6, 6))
    values[0, 0] = 1
    region = np.zeros((6, 6), bool)
    region[3, 4] = True
    assert analysis.pointing_game(values, region) == 0
    assert analysis.pointing_game(values, region, tolerance=4.999) == 0
    assert analysis.pointing_game(values, region, tolerance=5) == 1
    values[3, 4] = 1
    assert analysis.pointing_game(values, region) == 1


@pytest.mark.parametrize(
    ("name", "level"),
    [("pointing_game", 0.25), ("mass", 0.25), ("rank_accuracy", 0.25), ("enrichment", 1), ("auc", 0.5), ("nss", 0)],
)
def test_chance_levels(name: str, level: float) -> None:
    assert analysis.chance_level(name, [[1, 0], [0, 0]]) == level  # type: ignore[arg-type]
    assert math.isnan(analysis.chance_level(name, np.zeros((2, 2))))  # type: ignore[arg-type]


def test_chance_of_an_unknown_metric() -> None:
    with pytest.raises(ValueError, match="iou"):
        analysis.chance_level("iou", [1, 0])  # type: ignore[arg-type]


def test_pearson_and_spearman() -> None:
    assert analysis.pearson([1, 2, 3], [2, 4, 6]) == pytest.approx(1)
    assert analysis.pearson([1, 2, 3], [1, 0, 1]) == pytest.approx(0, abs=1e-15)
    assert analysis.spearman([1, 2, 3, 4], [1, 10, 100, 50]) == pytest.approx(0.8)


def test_similarity() -> None:
    assert analysis.similarity([1, 1, 0, 0], [0, 1, 1, 0]) == 0.5
    # Shifted by −1 this is [0, 2, 2, 0].
    assert analysis.similarity([1, 1, 0, 0], [-1, 1, 1, -1]) == 0.5


def test_kl_takes_the_human_map_as_the_truth() -> None:
    assert analysis.kl([1, 1], [3, 1]) == pytest.approx(0.5 * math.log(0.5 / 0.75) + 0.5 * math.log(0.5 / 0.25))
    assert analysis.kl([3, 1], [1, 1]) == pytest.approx(0.75 * math.log(1.5) + 0.25 * math.log(0.5))
    assert analysis.kl([1, 0], [0, 1]) == pytest.approx(math.log(1e20))


def test_auc_uniform_and_nss_at_points() -> None:
    values = np.array([[1, 2], [2, 3]])
    assert analysis.auc_uniform(values, [(1, 1)]) == 0.875
    assert analysis.auc_uniform(values, [(0, 1), (0, 0)]) == pytest.approx((0.5 + 0.125) / 2)
    assert analysis.nss_points(values, [(1, 1)]) == pytest.approx(math.sqrt(2))


@pytest.mark.parametrize("points", [[(2, 0)], [(0, -1)], [(0.5, 0)], [(math.nan, 0)], [0, 1], [[0, 0, 0]]])
@pytest.mark.parametrize("metric", [analysis.auc_uniform, analysis.nss_points])
@pytest.mark.parametrize("values", [[[1, 2], [3, 4]], [[1, 1], [1, 1]]])
def test_points_that_are_none(metric, points, values) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=r"[Pp]oint"):
        metric(values, points)
