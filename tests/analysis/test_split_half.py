from __future__ import annotations

import dataclasses
import math
from itertools import combinations

import numpy as np
import pytest

from dashboard import analysis
from dashboard.analysis.pair_metrics import PAIR_METRICS

ROWS, COLUMNS = np.mgrid[:24, :32]


def _discs(people: int, row: float, column: float, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    middles = random.normal((row, column), 2.5, size=(people, 2))
    radii = random.uniform(3, 7, size=people)
    rows, columns = middles.T[..., None, None]
    return (ROWS - rows) ** 2 + (COLUMNS - columns) ** 2 < radii[:, None, None] ** 2


PEOPLE, OTHERS = _discs(7, 9, 10), _discs(9, 14, 24, seed=1)
MODEL = np.exp(-((ROWS - 10) ** 2 + (COLUMNS - 13) ** 2) / 60).astype(np.float32)


def _by_hand(metric, splits: int, seed: int):  # type: ignore[no-untyped-def]
    """Ceiling, floor and score with nothing but the plain metric, from the same draws."""
    here, there = np.random.default_rng(seed).spawn(2)
    order = here.permuted(np.tile(np.arange(7), (splits, 1)), axis=1)
    elsewhere = there.permuted(np.tile(np.arange(9), (splits, 1)), axis=1)
    smooth, others = analysis.smoothed_masks(PEOPLE), analysis.smoothed_masks(OTHERS)
    ceilings, floors, scores = [], [], []
    for mine, theirs in zip(order, elsewhere, strict=True):
        first, second = smooth[mine[:3]].mean(axis=0), smooth[mine[3:6]].mean(axis=0)
        ceilings.append(metric(first, second))
        floors.append(metric(first, others[theirs[:3]].mean(axis=0)))
        scores += [metric(first, MODEL), metric(second, MODEL)]
    return np.mean(ceilings), np.mean(floors), np.mean(scores), metric(smooth.mean(axis=0), MODEL)


@pytest.mark.parametrize("name", ["pearson", "spearman", "similarity", "kl"])
def test_metrics_of_two_maps_as_by_hand(name: str) -> None:
    metric = getattr(analysis, name)
    found = analysis.split_half(PEOPLE, {"m": MODEL}, OTHERS, metric=name, splits=20, seed=3)
    ceiling, floor, score, everybody = _by_hand(metric, 20, 3)
    model = found.models["m"]
    values = [found.ceiling.value, found.floor.value, model.score.value, model.everybody]
    np.testing.assert_allclose(values, [ceiling, floor, score, everybody], rtol=2e-4)
    assert (found.metric, found.people, found.half, found.splits) == (name, 7, 3, 20)
    assert (found.ceiling.n, found.floor.n, model.score.n) == (20, 20, 40)


def test_metrics_of_two_regions_as_by_hand() -> None:
    def overlap(human: np.ndarray, model: np.ndarray) -> float:
        region = human >= 0.5
        if model is MODEL:
            return analysis.iou(region, analysis.region_from_map(MODEL, n=int(region.sum())))
        return analysis.iou(region, model >= 0.5)

    found = analysis.split_half(PEOPLE, {"m": MODEL}, OTHERS, metric="iou", splits=20, seed=3)
    ceiling, floor, score, everybody = _by_hand(overlap, 20, 3)
    model = found.models["m"]
    values = [found.ceiling.value, found.floor.value, model.score.value, model.everybody]
    np.testing.assert_allclose(values, [ceiling, floor, score, everybody], atol=1e-12)


@pytest.mark.parametrize("name", ["mass", "auc", "nss"])
def test_metrics_of_a_map_with_a_region_as_by_hand(name: str) -> None:
    metric = getattr(analysis, name)
    found = analysis.split_half(PEOPLE, {"m": MODEL}, OTHERS, metric=name, splits=20, seed=3)
    expected = _by_hand(lambda human, model: metric(model, human >= 0.5), 20, 3)
    model = found.models["m"]
    values = [found.ceiling.value, found.floor.value, model.score.value, model.everybody]
    np.testing.assert_allclose(values, expected, rtol=1e-4)


def test_inner_products_give_what_the_maps_give() -> None:
    by_products = analysis.split_half(PEOPLE, {"m": MODEL}, OTHERS, splits=50)
    by_maps = analysis.split_half(PEOPLE, {"m": MODEL}, OTHERS, splits=50, metric=analysis.pearson)
    for name in ("ceiling", "floor"):
        assert getattr(by_products, name).value == pytest.approx(getattr(by_maps, name).value, abs=1e-6)
    one, other = by_products.models["m"], by_maps.models["m"]
    assert one.score.value == pytest.approx(other.score.value, abs=1e-6)
    assert one.everybody == pytest.approx(other.everybody, abs=1e-6)


@pytest.mark.parametrize("name", list(PAIR_METRICS))
def test_every_metric_puts_a_good_model_between_floor_and_ceiling(name: str) -> None:
    found = analysis.split_half(PEOPLE, {"m": MODEL}, OTHERS, metric=name, splits=10)
    assert found.metric == name
    assert math.isfinite(found.ceiling.value)
    if name in ("pearson", "spearman", "similarity", "iou", "dice", "mass", "nss", "auc", "rank_accuracy"):
        assert found.floor.value < found.models["m"].score.value
        assert found.floor.value < found.ceiling.value
        low, high = found.floor.value, found.ceiling.value
        normalised = (found.models["m"].score.value - low) / (high - low)
        assert found.models["m"].normalised == pytest.approx(normalised)


def test_two_people_are_each_a_half() -> None:
    found = analysis.split_half([[[1, 1, 0, 0]], [[0, 1, 1, 0]]], metric="iou", smoothing=0, splits=5)
    assert found.ceiling.value == pytest.approx(1 / 3)
    assert (found.half, found.floor.n, found.floor.left_out) == (1, 0, 5)


def test_half_of_an_even_half_counts_without_smoothing() -> None:
    # Of each half's two people at least one: with 0.5 exactly at the cut-off nothing may be lost to rounding.
    stack = np.array([[[1, 0, 0, 0, 0]], [[0, 1, 0, 0, 0]], [[0, 0, 1, 0, 0]], [[0, 0, 0, 1, 0]]])
    found = analysis.split_half(stack, {"m": np.array([[1, 1, 1, 1, 0]], bool)}, metric="iou", smoothing=0, splits=9)
    assert found.ceiling.value == 0
    assert found.models["m"].score.value == 0.5


def test_without_two_people_everything_is_undefined() -> None:
    for metric in ("pearson", "iou"):
        found = analysis.split_half(PEOPLE[:1], {"m": MODEL}, OTHERS, metric=metric, splits=4)
        assert math.isnan(found.ceiling.value)
        assert math.isnan(found.floor.value)
        assert math.isnan(found.models["m"].normalised)
        assert found.ceiling.left_out == 4
        assert math.isfinite(found.models["m"].everybody)


def test_undefined_splits_are_left_out_and_counted() -> None:
    stack = np.zeros((4, 3, 3), bool)
    stack[:2, 1, 1] = True
    for metric in ("pearson", analysis.pearson):
        found = analysis.split_half(stack, metric=metric, splits=60, smoothing=0)
        # Halves of one empty and one not: the same map; of two empty ones: none.
        assert found.ceiling.value == pytest.approx(1)
        assert 0 < found.ceiling.left_out < 60
        assert found.ceiling.n + found.ceiling.left_out == 60


@pytest.mark.parametrize("constant", [0.0, 7.0])
def test_a_constant_map_has_no_score(constant: float) -> None:
    found = analysis.split_half(PEOPLE, {"m": np.full((24, 32), constant)}, splits=5)
    assert math.isnan(found.models["m"].score.value)
    assert math.isnan(found.models["m"].everybody)


def test_a_map_far_from_zero_has_the_same_correlation() -> None:
    found = analysis.split_half(PEOPLE, {"near": MODEL, "far": MODEL.astype(np.float64) + 1e6}, splits=5)
    assert found.models["near"].everybody == pytest.approx(found.models["far"].everybody, abs=1e-9)


def test_groups_are_as_small_as_the_smaller_picture_has_people_for() -> None:
    assert analysis.split_half(PEOPLE, other=OTHERS[:4], splits=2).half == 2


def test_a_single_person_elsewhere_gives_no_floor_and_takes_nothing_else_away() -> None:
    found = analysis.split_half(PEOPLE, other=OTHERS[:1], splits=20)
    assert np.isnan(found.floor.value)
    assert found == dataclasses.replace(analysis.split_half(PEOPLE, splits=20), floor=found.floor)


def test_another_picture_of_another_size_is_stretched() -> None:
    found = analysis.split_half(PEOPLE, other=np.ascontiguousarray(OTHERS[:, ::2, ::2]), splits=20)
    same = analysis.split_half(PEOPLE, other=OTHERS, splits=20)
    assert found.floor.value == pytest.approx(same.floor.value, abs=0.05)


def test_the_same_seed_gives_the_same_and_another_another() -> None:
    first = analysis.split_half(PEOPLE, other=OTHERS, splits=5, seed=1)
    assert first == analysis.split_half(PEOPLE, other=OTHERS, splits=5, seed=1)
    second = analysis.split_half(PEOPLE, other=OTHERS, splits=5, seed=2)
    assert first.ceiling != second.ceiling
    assert first.floor != second.floor


def test_the_ceiling_of_all_splits_of_four_people() -> None:
    smooth = analysis.smoothed_masks(PEOPLE[:4])
    pairs = [(half, tuple(set(range(4)) - set(half))) for half in combinations(range(4), 2)]
    exact = np.mean([analysis.pearson(smooth[list(a)].mean(0), smooth[list(b)].mean(0)) for a, b in pairs])
    assert analysis.split_half(PEOPLE[:4]).ceiling.value == pytest.approx(exact, abs=0.01)


@pytest.mark.parametrize(
    ("score", "ceiling", "floor", "expected"),
    [(0.6, 0.8, 0.4, 0.5), (0.9, 0.8, 0.4, 1.25), (0.5, 0.4, 0.4, math.nan), (0.5, 0.3, 0.4, math.nan),
     (0.5, math.nan, 0.4, math.nan), (math.nan, 0.8, 0.4, math.nan)],
)  # fmt: skip
def test_normalised_score(score: float, ceiling: float, floor: float, expected: float) -> None:
    assert analysis.normalised_score(score, ceiling, floor) == pytest.approx(expected, nan_ok=True)


def test_the_interval_of_a_score_is_about_people() -> None:
    found = analysis.score_interval(PEOPLE, MODEL, resamples=999)
    assert found.value == pytest.approx(analysis.split_half(PEOPLE, {"m": MODEL}, splits=1).models["m"].everybody)
    assert found.low < found.value < found.high
    assert (found.n, found.clusters) == (7, (7,))
    slow = analysis.score_interval(PEOPLE, MODEL, metric=analysis.pearson, resamples=999)
    assert (slow.low, slow.high) == pytest.approx((found.low, found.high), abs=1e-5)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"metric": "best"}, "best"),
        ({"splits": 0}, "splits"),
        ({"smoothing": -1}, "smoothing"),
        ({"models": {"m": MODEL[1:]}}, "shape"),
    ],
)
def test_what_cannot_be_split(arguments: dict[str, object], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        analysis.split_half(PEOPLE, **arguments)  # type: ignore[arg-type]
