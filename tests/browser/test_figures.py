"""Export figure: chosen in a dialog, seen as the file that it is, annotated with the mouse, fetched."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

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
    words = page.get_by_label("Words of the label")
    words.fill("the cup")
    words.blur()
    expect(page.locator("#figure-status")).to_have_text("Kept with the figure")
    page.locator("#figure-see").click()
    expect(page.locator("#figure-dialog")).to_have_attribute("data-state", "drawn")
    expect(page.locator("#figure-preview")).to_have_attribute("alt", re.compile("the cup"))
    page.reload()
    open_dialog(page)
    assert "the label “the cup”" in page.locator("#figure-alt").input_value()
