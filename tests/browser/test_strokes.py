"""Strokes that are not plain: taps, empty ones, the same one twice, one on top of another."""

from __future__ import annotations

import math

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser import raster
from tests.browser.explore import ExplorePage

FIRST = [(120, 80), (240, 140)]
REFUSED = pytest.mark.console(r"status of 422")


def test_a_tap_is_a_dab(explore: ExplorePage) -> None:
    view = explore.view()
    screen = view.to_screen((220, 140))
    with explore.one_more_step():
        explore.page.mouse.click(*screen)
    edit = explore.last()
    raster.assert_covers(edit.mask, edit.shapes)
    thickness = 36 * view.pixels_per_screen_pixel
    raster.assert_near(edit.mask, raster.stroke([view.to_image(screen)], thickness, *edit.mask.shape))
    assert edit.mask.sum() == pytest.approx(math.pi * thickness**2 / 4, rel=0.05)


def test_two_taps_are_two_dabs(explore: ExplorePage) -> None:
    screen = explore.view().to_screen((220, 140))
    for _ in range(2):
        with explore.one_more_step():
            explore.page.mouse.click(*screen)
    assert [edit.sequence for edit in explore.edits()] == [1, 2]


def test_a_short_stroke_counts(explore: ExplorePage) -> None:
    explore.stroke([(220, 140), (224, 143)])
    edit = explore.last()
    raster.assert_covers(edit.mask, edit.shapes)
    assert edit.mask[141, 222]


@REFUSED
def test_an_empty_region_says_so_and_changes_nothing(explore: ExplorePage) -> None:
    _zoom_until_pixels_are_large(explore)
    before = explore.recorded.everything()
    area = explore.page.locator("#modified-canvas .nsewdrag").bounding_box()
    assert area is not None
    (x0, x1), y_range = explore.layout("xaxis.range"), explore.layout("yaxis.range")
    pixel = area["width"] / (x1 - x0)
    assert pixel > 40
    view = explore.view((x0, x1), tuple(sorted(y_range)))
    column, row = math.floor((x0 + x1) / 2), math.floor(sum(y_range) / 2)
    explore.tool("rectangle")
    # Between the centres of four pixels.
    explore.drag([(column + 0.6, row + 0.6), (column + 1.4, row + 1.4)], view)
    expect(explore.note).to_contain_text("holds no pixel")
    explore.ready()
    assert explore.recorded.everything() == before
    expect(explore.frames).to_have_count(1)
    explore.by_id("zoom-fit").click()
    explore.settled()
    explore.tool("brush")
    explore.stroke(FIRST)


@REFUSED
def test_a_region_that_was_erased_altogether_is_empty(explore: ExplorePage) -> None:
    explore.collect()
    explore.drag([(200, 140), (210, 140)])
    explore.collected(1)
    explore.tool("eraser")
    for _ in range(3):
        explore.page.keyboard.press("]")
    explore.drag([(150, 140), (260, 140)])
    explore.collected(2)
    expect(explore.by_id("pending-note")).to_have_text("0.0 % of the picture")
    explore.by_id("apply").click()
    expect(explore.note).to_contain_text("holds no pixel")
    explore.ready()
    expect(explore.frames).to_have_count(1)


def test_the_eraser_alone_says_what_it_is_for(explore: ExplorePage) -> None:
    explore.tool("eraser")
    before = explore.recorded.everything()
    explore.drag(FIRST)
    expect(explore.note).to_contain_text("The eraser takes away")
    explore.ready()
    assert explore.recorded.everything() == before


def test_the_same_stroke_twice_counts_twice(explore: ExplorePage) -> None:
    explore.stroke(FIRST)
    explore.stroke(FIRST)
    one, two = explore.edits()
    assert np.array_equal(one.mask, two.mask)
    assert two.parent == one.id


def test_the_same_stroke_twice_while_collecting(explore: ExplorePage) -> None:
    explore.collect()
    for count in (1, 2):
        explore.drag(FIRST)
        explore.collected(count)
    with explore.one_more_step():
        explore.by_id("apply").click()
    assert len(explore.last().shapes) == 2


def test_a_stroke_may_begin_on_an_earlier_one(explore: ExplorePage) -> None:
    explore.collect()
    for tool in ("brush", "rectangle", "lasso", "ellipse"):
        explore.tool(tool)
        explore.drag([(150, 90), (250, 120), (240, 180)])
        explore.collected(1)
        explore.drag([(200, 120), (330, 160), (300, 230)])
        explore.collected(2)
        with explore.one_more_step():
            explore.by_id("apply").click()
        shapes = explore.last().shapes
        assert [shape["tool"] for shape in shapes] == [tool, tool]
        raster.assert_covers(explore.last().mask, shapes)
        explore.collected(0)


def test_the_pointers_track_is_kept_with_its_times(explore: ExplorePage) -> None:
    way = explore.stroke(FIRST)
    [shape] = explore.last().shapes
    times = [time for time, _, _ in shape["points"]]
    assert times == sorted(times)
    assert shape["points"][0][1:] == pytest.approx(way[0], abs=1)
    assert shape["points"][-1][1:] == pytest.approx(way[-1], abs=1)


def _zoom_until_pixels_are_large(explore: ExplorePage) -> None:
    for _ in range(10):
        explore.by_id("zoom-in").click()
    explore.settled()
