"""Colours of maps."""

import numpy as np
import pytest

from dashboard.vision.colour import overlay, scale_stops, value_range


def test_ends_of_the_scale_and_beyond():
    colours = overlay(np.array([[-5, 0, 10, 99]], np.float32), low=0, high=10)
    assert (colours.shape, colours.dtype) == ((1, 4, 4), np.uint8)
    dark, light = [0, 0, 4, 255], [252, 255, 164, 255]
    assert colours[0].tolist() == [dark, dark, light, light]


def test_a_constant_map_has_the_dark_end():
    assert np.unique(overlay(np.full((2, 3), 7, np.float32), 7, 7).reshape(-1, 4), axis=0).tolist() == [[0, 0, 4, 255]]


def test_what_is_not_a_number_has_the_dark_end():
    assert overlay(np.array([[np.nan]], np.float32), 0, 1).tolist() == [[[0, 0, 4, 255]]]


def test_stops_run_from_dark_to_light():
    stops = scale_stops()
    assert (len(stops), stops[0], stops[-1]) == (11, "#000004", "#fcffa4")
    lightness = [sum(w * int(s[i : i + 2], 16) for w, i in ((0.2126, 1), (0.7152, 3), (0.0722, 5))) for s in stops]
    assert lightness == sorted(lightness)
    assert scale_stops(2) == ["#000004", "#fcffa4"]


@pytest.mark.parametrize(
    ("maps", "expected"),
    [
        ([[[1, 2], [3, -4]]], (-4, 3)),
        ([[[1, 2]], [[5], [0]]], (0, 5)),
        ([[[2, 2]]], (2, 3)),
        ([[[np.nan, 1], [np.inf, 3]]], (1, 3)),
        ([[[np.nan]]], (0, 1)),
        ([], (0, 1)),
    ],
)
def test_value_range(maps, expected):
    assert value_range(*(np.array(each, np.float32) for each in maps)) == expected
