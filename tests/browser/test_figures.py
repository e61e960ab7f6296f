"""Export figure: chosen in a dialog, seen as the file that it is, annotated with the mouse or the keyboard, fetched."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.compare import ComparePage
from tests.browser.holding import Held
from tests.browser.test_picture_page import mark


@pytest.fixture
def picture(application):
    """A picture that somebody marked."""
    [row] = application.recorded.rows("SELECT public_id FROM images WHERE name = 'Cup of coffee'")
    for person in range(2):
        mark(application, row["public_id"], 10 * person, index=967)
    return row["public_id"]


def open_dialog(page: Page) -> None:
    page.get_by_role("button", name="Export figure").click()
    expect(page.locator("#figure-dialog")).to_have_attribute("data-state", "drawn")


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """On the canvas, by shares of it."""
    box = page.locator("#figure-canvas").bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(*[(a + b) / 2 for a, b in zip(*places, strict=True)])
    page.mouse.move(*places[1])
    page.mouse.up()


@pytest.mark.console("422")
def test_a_figure_is_seen_as_the_file_that_is_fetched(application, open_plain, picture):
    page = open_plain(f"/images/{picture}")
    open_dialog(page)
    image = page.locator("#figure-preview")
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    assert "people marked for espresso" in page.locator("#figure-caption").input_value()
    assert page.locator("#figure-caption").input_value() in page.locator("#figure-alt").input_value()
    page.locator("#figure-kind").select_option("maps")
    expect(page.locator("#figure-caption")).to_have_value(re.compile("^Maps "))
    page.locator("#figure-by").select_option("methods")
    expect(page.locator("#figure-method option").first).to_have_text("The usual ones")
    expect(page.locator("#figure-table")).to_be_hidden()
    page.locator("#figure-kind").select_option("consensus")
    expect(page.locator("#figure-method option").first).to_have_text("The usual one")
    expect(page.locator("#figure-caption")).to_have_value(re.compile("people marked for espresso"))
    page.locator("#figure-form").select_option("png")
    expect(page.locator("#figure-file")).to_have_text("Download consensus.png")
    with page.expect_download() as download:
        page.locator("#figure-file").click()
    shown = page.request.get(f"http://127.0.0.1:{application.port}{image.get_attribute('src')}").body()
    assert Path(download.value.path()).read_bytes() == shown
    page.locator("#figure-theme").select_option("dark")
    expect(page.locator("#figure-dialog")).to_have_attribute("data-state", "drawn")
    page.locator("#figure-dpi").fill("5")
    page.locator("#figure-dpi").blur()
    expect(page.locator("#figure-message")).to_contain_text("between 50 and 1200")
    page.keyboard.press("Escape")
    expect(page.locator("#figure-dialog")).not_to_have_attribute("open", "")


def test_what_is_compared_is_first_drawn_as_it_is_seen(application, open_plain, picture):
    [other] = application.recorded.rows("SELECT public_id FROM images WHERE name = 'Chelsea the cat'")
    page = open_plain(f"/compare?items=image:{picture},image:{other['public_id']}&class=285&map=layercam")
    ComparePage(page, application.origin).ready()
    open_dialog(page)
    page.locator("#figure-kind").select_option("maps")
    expect(page.locator("#figure-class_name option:checked")).to_have_text("Egyptian cat")
    expect(page.locator("#figure-method")).to_have_value("layercam")
    said = re.compile(r"^Maps \(LayerCAM\) of .*Chelsea the cat \(Egyptian cat\)")
    expect(page.locator("#figure-caption")).to_have_value(said)


def test_what_is_put_on_a_figure_with_the_mouse_stays(open_plain, picture):
    page = open_plain(f"/images/{picture}")
    open_dialog(page)
    page.locator("#figure-draw").click()
    expect(page.locator("#figure-canvas .layer-below image, #figure-canvas .imagelayer image").first).to_be_visible()
    page.locator("[data-figure-tool=arrow]").click()
    expect(page.locator("#figure-canvas .nsewdrag")).to_be_attached()
    drag(page, (0.08, 0.4), (0.25, 0.2))
    entries = page.locator("#figure-annotations li")
    expect(entries).to_have_count(1)
    expect(entries.first).to_contain_text("arrow")
    page.locator("[data-figure-tool=label]").click()
    expect(entries).to_have_count(2)
    expect(page.locator("[data-figure-tool][aria-pressed=true]")).to_have_count(0)
    words = page.get_by_label("Words of the label")
    words.fill("the cup")
    words.blur()
    expect(page.locator("#figure-status")).to_have_text("Kept with the figure")
    page.locator("#figure-see").click()
    expect(page.locator("#figure-dialog")).to_have_attribute("data-state", "drawn")
    expect(page.locator("#figure-preview")).to_have_attribute("alt", re.compile("the cup"))
    page.reload()
    open_dialog(page)
    alt = page.locator("#figure-alt")
    assert "the label “the cup”" in alt.input_value()
    # Another method makes it another figure: what belongs to the first does not go along, and waits there.
    page.locator("#figure-draw").click()
    expect(entries).to_have_count(2)
    page.locator("#figure-method").select_option("layercam")
    expect(entries).to_have_count(0)
    expect(page.locator("#figure-dialog")).to_have_attribute("data-state", "drawn")
    assert "the cup" not in alt.input_value()
    page.locator("[data-figure-tool=label]").click()
    expect(page.locator("#figure-status")).to_have_text("Kept with the figure")
    page.locator("#figure-method").select_option("")
    expect(entries).to_have_count(2)
    expect(page.locator("#figure-dialog")).to_have_attribute("data-state", "drawn")
    assert "the label “the cup”" in alt.input_value()
    page.locator("#figure-width").select_option("a4")
    expect(page.locator("#figure-status")).to_contain_text("6.30 ×")
    assert "the label “the cup”" in alt.input_value()


def test_what_was_meant_last_stays_however_slow_the_one_before_is_kept(open_plain, picture):
    page = open_plain(f"/images/{picture}")
    open_dialog(page)
    page.locator("#figure-draw").click()
    first = Held(page, "**/figures/annotations", times=1)
    page.locator("[data-figure-tool=label]").click()
    words = page.get_by_label("Words of the label").last
    words.fill("meant last")
    words.blur()
    expect(page.locator("#figure-status")).to_have_text("Keeping …")
    first.let_go(1)
    expect(page.locator("#figure-status")).to_have_text("Kept with the figure")
    page.reload()
    open_dialog(page)
    assert "the label “meant last”" in page.locator("#figure-alt").input_value()


def reach(page: Page, label: str) -> None:
    """Goes on by the tabulator until something of this name has the focus."""
    name = "document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? ''"
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(name).strip() == label:
            return
    raise AssertionError(f"{label} cannot be reached by the keyboard")


def test_everything_can_be_put_on_a_figure_by_the_keyboard_alone(open_plain, picture):
    page = open_plain(f"/images/{picture}")
    page.get_by_role("button", name="Export figure").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#figure-dialog")).to_have_attribute("data-state", "drawn")
    reach(page, "Annotate")
    page.keyboard.press("Enter")
    expect(page.locator("#figure-add")).to_be_visible()
    entries = page.locator("#figure-annotations li")
    while left := entries.count():  # what other tests put there
        entries.first.get_by_role("button").focus()
        page.keyboard.press("Enter")
        expect(entries).to_have_count(left - 1)
    kinds = ("Arrow", "Frame", "Ellipse", "Outline", "Label", "Callout", "Enlarged detail")
    reach(page, "What to add")
    for number, kind in enumerate(kinds, 1):
        page.keyboard.type(kind)
        expect(page.get_by_label("What to add").locator("option:checked")).to_have_text(kind)
        reach(page, "Add")
        page.keyboard.press("Enter")
        expect(entries).to_have_count(number)
        if kind != kinds[-1]:
            page.get_by_label("What to add").focus()
    expect(page.locator("#figure-status")).to_have_text("Kept with the figure")
    reach(page, "Words of the arrow")
    page.keyboard.type("handle")
    reach(page, "Places of the arrow, in percent")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("10,10 60, 40")
    page.keyboard.press("Tab")
    expect(page.locator("#figure-status")).to_have_text("Kept with the figure")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Remove the arrow"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("10,10 nowhere")
    page.keyboard.press("Tab")
    expect(page.locator("#figure-message")).to_contain_text("Arrow: say its places (from, to)")
    page.locator("#figure-see").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#figure-dialog")).to_have_attribute("data-state", "drawn")
    said = (
        "an arrow reading “handle”, a frame, an ellipse, an outline, the label “words”, the callout “words”, a detail"
    )
    expect(page.locator("#figure-preview")).to_have_attribute("alt", re.compile(said))
