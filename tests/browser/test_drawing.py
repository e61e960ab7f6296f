"""Every tool: the kept mask is what the shapes cover, and what the pointer drew on the screen."""

from __future__ import annotations

import math

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser import raster
from tests.browser.conftest import OpenPage
from tests.browser.explore import ExplorePage
from tests.support.waiting import wait_until

BRUSH_SCREEN_PX = 36
ZOOM_STEP = 1.5
SLANTED = [(120, 80), (300, 170)]
CORNERED = [(90, 60), (260, 80), (230, 210), (110, 190)]
# A pentagram: its middle is wound twice, and belongs to it by the nonzero rule.
STAR = [(225 + 110 * math.sin(turn), 150 - 110 * math.cos(turn)) for turn in (math.pi * 0.8 * k for k in range(5))]


def test_brush(explore: ExplorePage) -> None:
    explore.tool("brush")
    way = explore.stroke(SLANTED)
    edit = explore.last()
    raster.assert_covers(edit.mask, edit.shapes)
    thickness = BRUSH_SCREEN_PX * explore.view().pixels_per_screen_pixel
    raster.assert_near(edit.mask, raster.stroke(way, thickness, *edit.mask.shape))
    assert edit.shapes[0]["width_screen_px"] == BRUSH_SCREEN_PX


def test_brush_along_corners(explore: ExplorePage) -> None:
    way = explore.stroke(CORNERED)
    edit = explore.last()
    raster.assert_covers(edit.mask, edit.shapes)
    thickness = BRUSH_SCREEN_PX * explore.view().pixels_per_screen_pixel
    raster.assert_near(edit.mask, raster.stroke(way, thickness, *edit.mask.shape))


def test_rectangle(explore: ExplorePage) -> None:
    explore.tool("rectangle")
    way = explore.stroke([(300, 200), (120, 70)])  # from the bottom right to the top left
    edit = explore.last()
    raster.assert_covers(edit.mask, edit.shapes)
    left, top, right, bottom = raster.extent(edit.mask)
    assert [(right, bottom), (left, top)] == [pytest.approx(corner, abs=1) for corner in way]
    assert edit.mask.sum() == (right - left) * (bottom - top)


def test_ellipse(explore: ExplorePage) -> None:
    explore.tool("ellipse")
    (x, y), (to_x, to_y) = explore.stroke([(200, 150), (260, 190)])
    edit = explore.last()
    raster.assert_covers(edit.mask, edit.shapes)
    # From the middle to a point of the outline: the box is wider by the square root of two.
    across, down = math.sqrt(2) * (to_x - x), math.sqrt(2) * (to_y - y)
    drawn = raster.ellipse(x - across, y - down, x + across, y + down, *edit.mask.shape)
    raster.assert_near(edit.mask, drawn)


def test_lasso(explore: ExplorePage) -> None:
    explore.tool("lasso")
    way = explore.stroke(CORNERED)
    edit = explore.last()
    raster.assert_covers(edit.mask, edit.shapes)
    raster.assert_near(edit.mask, raster.loop(way, *edit.mask.shape))


@pytest.mark.parametrize("ratio", [2, 3])
def test_every_tool_on_a_finer_screen(open_page: OpenPage, ratio: int) -> None:
    explore = open_page(device_scale_factor=ratio)
    for check in (test_brush, test_rectangle, test_ellipse, test_lasso):
        check(explore)


def test_lasso_that_crosses_itself(explore: ExplorePage) -> None:
    explore.tool("lasso")
    way = explore.stroke(STAR)
    edit = explore.last()
    raster.assert_covers(edit.mask, edit.shapes)
    raster.assert_near(edit.mask, raster.loop(way, *edit.mask.shape))
    assert edit.mask[150, 225], "what is wound twice is inside"


def test_eraser_takes_away(explore: ExplorePage) -> None:
    explore.collect()
    explore.tool("rectangle")
    (left, top), (right, bottom) = explore.drag([(100, 60), (320, 220)])
    expect(explore.by_id("pending-note")).not_to_be_empty()
    explore.ready()
    explore.tool("eraser")
    note = explore.by_id("pending-note").inner_text()
    way = explore.drag([(60, 140), (400, 150)])
    expect(explore.by_id("pending-note")).not_to_have_text(note)
    explore.ready()
    with explore.one_more_step():
        explore.by_id("apply").click()
    edit = explore.last()
    assert [shape["mode"] for shape in edit.shapes] == ["add", "erase"]
    raster.assert_covers(edit.mask, edit.shapes)
    inside, box_outline = raster.box(left, top, right, bottom, *edit.mask.shape)
    thickness = BRUSH_SCREEN_PX * explore.view().pixels_per_screen_pixel
    erased, stroke_outline = raster.stroke(way, thickness, *edit.mask.shape)
    raster.assert_near(edit.mask, (inside & ~erased, np.minimum(box_outline, stroke_outline)))
    assert not edit.mask[145, 200]


def test_shapes_that_leave_the_picture_are_clipped(explore: ExplorePage) -> None:
    explore.tool("rectangle")
    explore.stroke([(400, 200), (470, 340)])
    edit = explore.last()
    raster.assert_covers(edit.mask, edit.shapes)
    left, top, right, bottom = raster.extent(edit.mask)
    assert (right, bottom) == edit.mask.shape[::-1]
    assert (left, top) == pytest.approx((400, 200), abs=2)


def test_brush_after_the_window_was_resized(explore: ExplorePage) -> None:
    before = explore.view()
    explore.page.set_viewport_size({"width": 1700, "height": 1050})
    explore.settled()
    view = explore.view()
    assert view.width > 1.2 * before.width
    way = explore.stroke(SLANTED)
    edit = explore.last()
    raster.assert_covers(edit.mask, edit.shapes)
    thickness = BRUSH_SCREEN_PX * view.pixels_per_screen_pixel
    assert edit.shapes[0]["width_image_px"] == pytest.approx(thickness, rel=0.01)
    raster.assert_near(edit.mask, raster.stroke(way, thickness, *edit.mask.shape))


@pytest.mark.parametrize("ratio", [1, 2])
def test_brush_after_zooming_in(open_page: OpenPage, ratio: int) -> None:
    explore = open_page(device_scale_factor=ratio)
    explore.stroke(SLANTED)
    [whole] = explore.last().shapes
    explore.by_id("zoom-in").click()
    height, width = explore.last().mask.shape
    view = explore.zoomed_to(_middle_part(width, ZOOM_STEP), _middle_part(height, ZOOM_STEP))
    way = explore.stroke([(160, 190), (270, 110)], view)
    edit = explore.last()
    raster.assert_covers(edit.mask, edit.shapes)
    [zoomed] = edit.shapes
    assert zoomed["width_screen_px"] == whole["width_screen_px"]
    assert zoomed["width_image_px"] == pytest.approx(whole["width_image_px"] / ZOOM_STEP, rel=0.01)
    thickness = BRUSH_SCREEN_PX * view.pixels_per_screen_pixel
    raster.assert_near(edit.mask, raster.stroke(way, thickness, *edit.mask.shape))


def test_rectangle_after_the_wheel(explore: ExplorePage) -> None:
    explore.tool("hand")
    explore.page.mouse.move(*explore.view().to_screen((150, 100)))
    for _ in range(3):
        before = explore.layout("xaxis.range")
        explore.page.mouse.wheel(0, -240)
        wait_until(lambda before=before: explore.layout("xaxis.range") != before, "the wheel's effect")
    explore.settled()
    x_range, y_range = explore.layout("xaxis.range"), sorted(explore.layout("yaxis.range"))
    assert x_range[1] - x_range[0] < 400
    assert explore.layout("xaxis.range", "original-canvas") == pytest.approx(x_range, abs=0.01)
    view = explore.zoomed_to(tuple(x_range), tuple(y_range))
    explore.tool("rectangle")
    way = explore.stroke([(130, 80), (200, 130)], view)
    edit = explore.last()
    raster.assert_covers(edit.mask, edit.shapes)
    left, top, right, bottom = raster.extent(edit.mask)
    assert [(left, top), (right, bottom)] == [pytest.approx(corner, abs=1) for corner in way]


def _middle_part(size: int, factor: float) -> tuple[float, float]:
    shown = size / factor
    return (size - shown) / 2, (size + shown) / 2
