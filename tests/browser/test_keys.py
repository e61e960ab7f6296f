"""The keyboard: every key does what the list says, and none does while somebody types."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.explore import DRAG_MODES, ExplorePage
from tests.support.waiting import wait_until

TOOL_KEYS = {"e": "eraser", "p": "lasso", "r": "rectangle", "o": "ellipse", "h": "hand", "b": "brush"}
STROKE = [(120, 80), (240, 140)]


def test_each_tool_has_a_key(explore: ExplorePage) -> None:
    for key, tool in TOOL_KEYS.items():
        explore.page.keyboard.press(key)
        expect(explore.by_id(f"tool-{tool}")).to_have_attribute("aria-pressed", "true")
        expect(explore.page.locator('button[data-tool][aria-pressed="true"]')).to_have_count(1)
        wait_until(lambda tool=tool: explore.layout("dragmode") == DRAG_MODES[tool], f"the tool {tool}")


def test_brackets_change_the_brush(explore: ExplorePage) -> None:
    slider = explore.page.locator("#brush-size [role=slider]")
    size = int(slider.get_attribute("aria-valuenow") or 0)
    explore.page.keyboard.press("]")
    explore.page.keyboard.press("]")
    expect(slider).to_have_attribute("aria-valuenow", str(size + 8))
    explore.page.keyboard.press("[")
    expect(slider).to_have_attribute("aria-valuenow", str(size + 4))
    wait_until(lambda: explore.layout("newshape.line.width") == size + 4, "the brush's new size")
    explore.stroke(STROKE)
    assert explore.last().shapes[0]["width_screen_px"] == size + 4


def test_undo_and_redo(explore: ExplorePage) -> None:
    explore.stroke(STROKE)
    edit = explore.last().id
    for modifier in ("Control", "Meta"):
        explore.page.keyboard.press(f"{modifier}+z")
        explore.at("original")
        explore.page.keyboard.press(f"{modifier}+Shift+Z")
        explore.at(edit)


def test_undo_pressed_faster_than_it_is_kept(explore: ExplorePage) -> None:
    for points in (STROKE, [(250, 200), (300, 230)], [(60, 220), (120, 240)]):
        explore.stroke(points)
    for _ in range(3):
        explore.page.keyboard.press("Control+z")
    explore.at("original")
    assert [kind for kind, _ in explore.recorded.events(explore.session)] == ["undo"] * 3


def test_escape_drops_what_is_collected(explore: ExplorePage) -> None:
    explore.collect()
    explore.drag(STROKE)
    explore.collected(1)
    explore.page.keyboard.press("Escape")
    explore.collected(0)
    expect(explore.frames).to_have_count(1)


def test_escape_drops_the_stroke_that_is_being_drawn(explore: ExplorePage) -> None:
    for steps, tool in enumerate(("brush", "rectangle")):
        explore.tool(tool)
        view = explore.view()
        explore.page.mouse.move(*view.to_screen((100, 60)))
        explore.page.mouse.down()
        explore.page.mouse.move(*view.to_screen((200, 160)), steps=5)
        explore.page.keyboard.press("Escape")
        explore.page.mouse.move(*view.to_screen((300, 200)), steps=5)
        explore.page.mouse.up()
        explore.ready()
        # Had the dropped stroke been applied, the next one would not be the next step.
        explore.stroke([(60, 220), (130, 250)])
        assert [edit.sequence for edit in explore.edits()] == list(range(1, steps + 2))
        expect(explore.frames).to_have_count(steps + 2)


def test_question_mark_lists_the_keys(explore: ExplorePage) -> None:
    dialog = explore.page.get_by_role("dialog")
    explore.page.keyboard.press("?")
    expect(dialog).to_contain_text("Hold to see the original in place")
    explore.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_holding_c_shows_the_original_in_place(explore: ExplorePage) -> None:
    original = explore.images()[0]["source"]
    explore.stroke(STROKE)
    modified = explore.images()[0]["source"]
    assert modified != original
    explore.page.mouse.move(2, 2)
    explore.page.keyboard.down("c")
    wait_until(lambda: explore.images()[0]["source"] == original, "the original")
    explore.page.keyboard.up("c")
    wait_until(lambda: explore.images()[0]["source"] == modified, "the modified picture")


def test_zoom_keys(explore: ExplorePage) -> None:
    whole = explore.layout("xaxis.range")
    explore.page.keyboard.press("+")
    wait_until(lambda: explore.layout("xaxis.range")[0] > whole[0], "the larger picture")
    explore.page.keyboard.press("0")
    wait_until(lambda: explore.layout("xaxis.range") == pytest.approx(whole, abs=0.5), "the whole picture")


def test_enter_applies_what_is_collected(explore: ExplorePage) -> None:
    explore.collect()
    explore.drag(STROKE)
    explore.collected(1)
    with explore.one_more_step():
        explore.page.keyboard.press("Enter")


def test_keys_are_off_while_typing(explore: ExplorePage) -> None:
    explore.stroke(STROKE)
    edit = explore.last().id
    explore.tool("lasso")
    explore.by_id("session-details").click()
    name = explore.by_id("session-name")
    name.click()
    name.press_sequentially("brope[]?0")
    expect(name).to_have_value("brope[]?0")
    name.press("Control+z")
    explore.page.locator("#session-dialog .btn-close, .modal .btn-close").first.click()
    expect(explore.page.get_by_role("dialog")).to_have_count(0)
    radius = explore.by_id("parameter--telea--radius")
    radius.focus()
    radius.press("b")
    radius.press("Control+z")
    expect(explore.by_id("tool-lasso")).to_have_attribute("aria-pressed", "true")
    explore.at(edit)
    assert explore.recorded.events(explore.session) == []
