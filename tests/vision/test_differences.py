from __future__ import annotations

import numpy as np
import pytest

from dashboard.vision.colour import diverging, diverging_stops, people_overlay, people_stops, symmetric_limit
from dashboard.vision.differences import amplified, changed, outline, pale, people_shares
from dashboard.vision.errors import MaskError, PictureError


def mask(*rows: str) -> np.ndarray:
    return np.array([[mark == "#" for mark in row] for row in rows])


def grey(*rows: list[int]) -> np.ndarray:
    return np.repeat(np.array(rows, np.uint8)[..., None], 3, axis=2)


def test_a_pixel_has_changed_if_any_channel_has():
    first = np.zeros((2, 3, 3), np.uint8)
    second = first.copy()
    second[0, 0] = (1, 0, 0)
    second[1, 2] = (0, 0, 255)
    assert (changed(first, second) == mask("#..", "..#")).all()
    assert not changed(first, first).any()


def test_differences_are_amplified_in_both_directions_and_cut_off():
    first, second = grey([10, 10, 200]), grey([12, 5, 0])
    assert amplified(first, second, 4)[0, :, 0].tolist() == [8, 20, 255]
    assert amplified(second, first, 4)[0, :, 0].tolist() == [8, 20, 255]


@pytest.mark.parametrize("compute", [changed, lambda a, b: amplified(a, b, 2)])
def test_pictures_of_different_sizes_have_no_difference(compute):
    with pytest.raises(PictureError, match="3 × 2 and 2 × 3 pixels"):
        compute(np.zeros((2, 3, 3), np.uint8), np.zeros((3, 2, 3), np.uint8))


def test_a_pale_picture_is_grey_and_light():
    image = np.array([[[0, 0, 0], [255, 255, 255], [255, 0, 0]]], np.uint8)
    assert pale(image)[0].tolist() == [[150] * 3, [255] * 3, [181] * 3]


def test_an_outline_is_the_inner_edge_and_closes_at_the_border():
    region = mask(
        ".......",
        ".#####.",
        ".#####.",
        ".#####.",
        ".......",
    )
    assert (
        outline(region, 1)
        == mask(
            ".......",
            ".#####.",
            ".#...#.",
            ".#####.",
            ".......",
        )
    ).all()
    whole = np.ones((3, 4), bool)
    assert (outline(whole, 1) == mask("####", "#..#", "####")).all()
    assert not outline(np.zeros((3, 4), bool)).any()


def test_shares_count_people_not_masks():
    left, middle, right = mask("##..", "##.."), mask(".##.", ".##."), mask("..##", "....")
    people = [[left, middle], [middle], [right], []]
    assert people_shares(people, 2, 4).tolist() == [[0.25, 0.5, 0.75, 0.25], [0.25, 0.5, 0.5, 0.0]]
    assert people_shares(people, 2, 4).dtype == np.float32


def test_regions_of_different_sizes_are_not_laid_over_each_other():
    with pytest.raises(MaskError, match="different sizes"):
        people_shares([[mask("##")], [mask("#", "#")]], 1, 2)
    with pytest.raises(MaskError, match="nobody"):
        people_shares([], 1, 2)


def test_a_difference_of_maps_has_its_middle_at_nought():
    difference = np.array([[-2.0, -1.0, 0.0, 1.0, 2.0, 9.0, np.nan]], np.float32)
    colours = diverging(difference, 2.0)[0]
    stops = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b, _ in colours.tolist()]
    assert stops[0] == diverging_stops(3)[0] == "#2d004b"
    assert stops[4] == stops[5] == diverging_stops(3)[2] == "#7f3b08"
    assert stops[2] == stops[6] == diverging_stops(3)[1]
    assert colours[2, :3].min() > 240
    assert (colours[:, 3] == 255).all()


def test_a_scale_without_a_width_has_the_middles_colour():
    assert len(np.unique(diverging(np.array([[-1.0, 1.0]], np.float32), 0.0), axis=1)) == 1


def test_the_limit_is_the_largest_magnitude_of_all():
    assert symmetric_limit(np.array([-3.0, 1.0], np.float32), np.array([2.0, np.nan], np.float32)) == 3.0
    assert symmetric_limit(np.zeros(3, np.float32)) == 1.0


def test_where_nobody_is_the_picture_shows():
    coloured = people_overlay(np.array([[0.0, 0.01, 1.0]], np.float32))[0]
    assert coloured[:, 3].tolist() == [0, 255, 255]
    assert f"#{coloured[2, 0]:02x}{coloured[2, 1]:02x}{coloured[2, 2]:02x}" == people_stops(2)[1]
