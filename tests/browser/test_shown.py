"""What is seen is what was done: the filled picture, and the region while it is being collected."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect
from scipy import ndimage

from tests.browser import raster
from tests.browser.conftest import OpenPage
from tests.browser.explore import ExplorePage, View

SLANTED = [(120, 80), (300, 170)]


def test_the_picture_changes_only_inside_the_mask(explore: ExplorePage) -> None:
    before = explore.layer(0)[..., :3]
    explore.stroke(SLANTED)
    after = explore.layer(0)[..., :3]
    edit = explore.last()
    changed = (before != after).any(axis=2)
    assert not (changed & ~edit.mask).any()
    assert changed[edit.mask].mean() > 0.9
    assert np.array_equal(after, edit.result)
    assert np.array_equal(explore.layer(0, "original-canvas")[..., :3], before)


def test_keeping_only_the_region_changes_only_the_rest(explore: ExplorePage) -> None:
    before = explore.layer(0)[..., :3]
    explore.by_id("operation-select").select_option("keep")
    expect(explore.by_id("method-select")).to_have_value("keep_blur")
    explore.by_id("method-select").select_option("keep_gray")
    explore.ready()
    explore.stroke(SLANTED)
    edit = explore.last()
    assert edit.method == "keep_gray"
    changed = (before != explore.layer(0)[..., :3]).any(axis=2)
    assert not (changed & edit.mask).any()
    assert changed[~edit.mask].mean() > 0.9


@pytest.mark.parametrize("ratio", [1, 2])
def test_on_the_screen_too_only_the_region_changes(open_page: OpenPage, ratio: int) -> None:
    explore = open_page(device_scale_factor=ratio)
    before = explore.screenshot()
    explore.stroke(SLANTED)
    after = explore.screenshot()
    changed = _changed(before, after)
    region = _on_screen(explore.last().mask, explore.view(), changed.shape)
    assert not (changed & ~_grown(region, 3 * ratio)).any()
    assert changed[~_grown(~region, 3 * ratio)].mean() > 0.7


@pytest.mark.parametrize("ratio", [1, 2])
def test_the_collected_region_is_shown_pixel_by_pixel(open_page: OpenPage, ratio: int) -> None:
    explore = open_page(device_scale_factor=ratio)
    explore.collect()
    before = explore.screenshot()
    explore.tool("lasso")
    explore.drag([(140, 60), (330, 200), (330, 70), (130, 210)])
    explore.collected(1)
    explore.tool("brush")
    explore.drag([(60, 250), (200, 270)])
    explore.collected(2)
    overlay = explore.layer(1)
    changed = _changed(before, explore.screenshot())
    with explore.one_more_step():
        explore.by_id("apply").click()
    edit = explore.last()
    raster.assert_covers(edit.mask, edit.shapes)
    assert np.array_equal(overlay[..., 3] > 0, edit.mask)
    region = _on_screen(edit.mask, explore.view(), changed.shape)
    # Where the two differ is only where the screen's pixels lie across the border of picture pixels.
    assert not ((changed != region) & ~(_grown(region, 2 * ratio) & _grown(~region, 2 * ratio))).any()
    assert len(explore.images()) == 1, "what was applied is no longer collected"


@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 800}, {"width": 1920, "height": 1080}])
def test_nothing_jumps_when_answers_arrive(open_page: OpenPage, viewport: dict[str, int]) -> None:
    explore = open_page(viewport=viewport)
    places = ["modified-canvas", "original-canvas", "modified-predictions", "original-predictions", "filmstrip"]
    before = [explore.by_id(place).bounding_box() for place in places]
    explore.stroke(SLANTED)
    assert [explore.by_id(place).bounding_box() for place in places] == before
    explore.stroke([(60, 220), (120, 240)])
    assert [explore.by_id(place).bounding_box() for place in places] == before


def test_clearing_what_was_collected(explore: ExplorePage) -> None:
    explore.collect()
    explore.drag(SLANTED)
    explore.collected(1)
    explore.by_id("clear").click()
    explore.collected(0)
    expect(explore.by_id("apply")).to_be_disabled()
    expect(explore.frames).to_have_count(1)


def _changed(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.asarray((np.abs(before.astype(int) - after.astype(int)) > 2).any(axis=2))


def _on_screen(mask: NDArray[np.bool_], view: View, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """The mask as a screenshot of ``shape`` should show it."""
    height, width = shape
    rows = ((np.arange(height) + 0.5) * mask.shape[0] / height).astype(int)
    columns = ((np.arange(width) + 0.5) * mask.shape[1] / width).astype(int)
    assert width / height == pytest.approx(view.width / view.height, rel=0.02)
    return mask[np.ix_(rows, columns)]


def _grown(region: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    return np.asarray(ndimage.binary_dilation(region, np.ones((3, 3)), iterations=by))
