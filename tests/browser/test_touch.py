"""A finger draws like a mouse."""

from __future__ import annotations

from tests.browser import raster
from tests.browser.conftest import OpenPage

PHONE = {"width": 390, "height": 844}


def test_a_finger_draws_a_stroke(open_page: OpenPage) -> None:
    explore = open_page(viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=3)
    view = explore.view()
    way = [view.to_screen(point) for point in [(100, 80), (180, 120), (260, 150)]]
    session = explore.page.context.new_cdp_session(explore.page)
    with explore.one_more_step():
        session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [_finger(way[0])]})
        for point in way[1:]:
            session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [_finger(point)]})
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    edit = explore.last()
    raster.assert_covers(edit.mask, edit.shapes)
    assert edit.mask[80, 100]
    assert edit.mask[150, 260]


def _finger(point: tuple[int, int]) -> dict[str, int]:
    return {"x": point[0], "y": point[1]}
