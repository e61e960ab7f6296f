from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import ndimage

from dashboard.analysis import RegionTooLargeError, random_region, random_regions
from dashboard.analysis.random_regions import turned
from tests.analysis.strategies import SHAPES, masks


def _ellipse() -> np.ndarray:
    rows, columns = np.mgrid[:80, :120]
    return ((rows - 30) / 12) ** 2 + ((columns - 50) / 25) ** 2 < 1


@given(SHAPES.flatmap(masks), st.integers(0, 5))
def test_area_is_exactly_equal(region: np.ndarray, seed: int) -> None:
    try:
        found = random_regions(region, 4, seed)
    except RegionTooLargeError:
        assume(False)
    assert found.shape == (4, *region.shape)
    assert found.dtype == bool
    assert (found.sum(axis=(1, 2)) == region.sum()).all()


@given(st.floats(-10, 10), st.integers(1, 12), st.integers(1, 12))
def test_turning_loses_no_pixel_and_moves_none_far_from_where_it_belongs(angle: float, height: int, width: int) -> None:
    places = np.argwhere(np.ones((height, width)))
    found = turned(places, angle)
    assert len({tuple(place) for place in found}) == height * width
    rows, columns = (places - np.rint(places.mean(axis=0))).T
    exact_rows = rows * math.cos(angle) + columns * math.sin(angle)
    exact_columns = columns * math.cos(angle) - rows * math.sin(angle)
    assert np.abs(found - np.stack([exact_rows, exact_columns], axis=1)).max() < 1.5


def test_a_solid_shape_stays_solid() -> None:
    for found in random_regions(_ellipse(), 12):
        assert ndimage.label(found, np.ones((3, 3)))[1] == 1
        assert (ndimage.binary_fill_holes(found) == found).all()


def test_places_and_angles_vary() -> None:
    found = random_regions(_ellipse())
    assert len(found) == 30
    assert len({mask.tobytes() for mask in found}) == 30
    middles = np.array([np.argwhere(mask).mean(axis=0) for mask in found])
    assert (np.ptp(middles, axis=0) > [20, 40]).all()
    heights = [np.ptp(np.argwhere(mask)[:, 0]) for mask in found]
    assert min(heights) < 30 < max(heights)


def test_the_same_seed_gives_the_same_regions_one_by_one_too() -> None:
    region = _ellipse()
    found = random_regions(region, 3, seed=5)
    assert (found == np.array([random_region(region, number, seed=5) for number in range(3)])).all()
    assert (found != random_regions(region, 3, seed=6)).any()


def test_a_shape_that_cannot_be_turned_is_mirrored_and_moved() -> None:
    region = np.zeros((4, 600), bool)
    region[:, :500] = True
    region[0, 0] = False
    found = random_regions(region, 40)
    assert (found.sum(axis=(1, 2)) == 1999).all()
    starts = [int(np.flatnonzero(mask.any(axis=0))[0]) for mask in found]
    assert len(set(starts)) > 20
    holes = [np.argwhere(~mask[:, start : start + 500])[0] for mask, start in zip(found, starts, strict=True)]
    assert {tuple(hole.tolist()) for hole in holes} == {(0, 0), (0, 499), (3, 0), (3, 499)}


def _frame() -> np.ndarray:
    frame = np.ones((9, 12), bool)
    frame[1:-1, 1:-1] = False
    return frame


@pytest.mark.parametrize("region", [np.ones((5, 7), bool), np.ones((1, 1), bool), _frame()])
def test_a_region_that_reaches_all_borders_is_too_large(region: np.ndarray) -> None:
    with pytest.raises(RegionTooLargeError, match="too large"):
        random_regions(region)
    assert issubclass(RegionTooLargeError, ValueError)


def test_an_empty_region_gives_empty_regions() -> None:
    assert random_regions(np.zeros((3, 4), bool), 2).sum() == 0


def test_regions_have_two_dimensions() -> None:
    with pytest.raises(ValueError, match="two dimensions"):
        random_region([1, 0, 1], 0)
