from __future__ import annotations

import math

import numpy as np
import pytest

from dashboard.analysis import RULES, region_from_map, tied_pixels
from dashboard.analysis.from_map import ties


def test_area_takes_the_highest_and_breaks_ties_by_pixel_order() -> None:
    values = np.array([[1, 2, 2], [2, 3, 0]])
    assert region_from_map(values, n=1).tolist() == [[False, False, False], [False, True, False]]
    assert region_from_map(values, n=3).tolist() == [[False, True, True], [False, True, False]]
    assert region_from_map(values, n=0).sum() == 0
    assert region_from_map(values, n=6).all()


@pytest.mark.parametrize(("n", "tied"), [(0, 0), (1, 0), (2, 3), (3, 3), (4, 0), (5, 0), (6, 0)])
def test_tied_pixels(n: int, tied: int) -> None:
    assert tied_pixels([[1, 2, 2], [2, 3, 0]], n) == tied


def test_ties_of_several_areas_are_those_of_each() -> None:
    values = np.round(np.random.default_rng(0).normal(size=(9, 11)))
    for maps in (values, values * 0, values * 1e300, np.empty((0, 3))):
        numbers = range(maps.size + 1)
        found = ties(maps, numbers)
        assert list(found) == [tied_pixels(maps, n) for n in numbers]
        for n, tied in zip(numbers, found, strict=True):
            cut = np.sort(maps, axis=None)[maps.size - n] if n else np.inf
            assert tied == (0 if (maps >= cut).sum() == n else (maps == cut).sum())


def test_negative_values_are_as_good_as_others() -> None:
    assert region_from_map([-3, -1, -2], n=2).tolist() == [False, True, True]


def test_mean_sd_uses_the_population_sd_and_includes_equality() -> None:
    # mean 1, sd 1: the highest pixels lie exactly at the threshold.
    assert region_from_map([0, 0, 2, 2], "mean_sd").tolist() == [False, False, True, True]
    assert region_from_map([0, 0, 2, 2], "mean_sd", k=1.01).sum() == 0
    assert region_from_map([0, 1, 2, 9], "mean_sd", k=0).tolist() == [False, False, False, True]


def test_percentile() -> None:
    assert region_from_map(np.arange(11), "percentile").tolist() == [False] * 9 + [True, True]
    assert region_from_map(np.arange(11), "percentile", p=0).all()


def test_otsu_parts_two_heaps() -> None:
    assert region_from_map([0, 0, 0, 50, 51, 52], "otsu").tolist() == [False, False, False, True, True, True]
    far = 1e6 + np.array([0, 0, 0.5, 0.5], np.float64)
    assert region_from_map(far, "otsu").tolist() == [False, False, True, True]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("value", [0, 3, -2, 0.1])
def test_a_constant_map_gives_an_empty_region(rule: str, value: float) -> None:
    region = region_from_map(np.full((3, 4), value, np.float32), rule, n=5)
    assert region.dtype == bool
    assert region.shape == (3, 4)
    assert not region.any()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"rule": "best"}, "best"),
        ({}, "n"),
        ({"n": 5}, "4 pixels"),
        ({"n": -1}, "-1"),
        ({"rule": "mean_sd", "k": math.nan}, "k"),
        ({"rule": "percentile", "p": 101}, "101"),
        ({"rule": "percentile", "p": math.nan}, "nan"),
    ],
)
def test_rules_that_are_none(arguments: dict[str, float], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        region_from_map([1, 2, 3, 4], **arguments)  # type: ignore[arg-type]
