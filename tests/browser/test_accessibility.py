"""axe finds nothing serious or critical, in light and dark, on a desktop and a phone; nothing scrolls sideways."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.explore import ExplorePage

# Each size and each scheme once: contrast is a matter of the scheme, room one of the size.
LOOKS = [("desktop", "light"), ("phone", "dark")]
SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
GRAVE = ("serious", "critical")


def violations(page: Page) -> list[str]:
    """What axe finds serious or critical: the rule, and the elements it is about."""
    found = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: " + "; ".join(node["html"] for node in violation["nodes"])
        for violation in found
        if violation["impact"] in GRAVE
    ]


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_axe_finds_nothing_grave(open_page: OpenPage, size: str, scheme: str) -> None:
    explore = open_page(viewport=SIZES[size], color_scheme=scheme)
    explore.stroke([(150, 60), (220, 90)])
    explore.page.locator("#modified-predictions tr button").first.click()
    expect(explore.by_id("colour-bar")).to_be_visible()
    explore.ready()
    expect(explore.page.locator("html")).to_have_attribute("data-bs-theme", scheme)
    assert violations(explore.page) == []


@pytest.mark.parametrize("dialog", [("#keys", "#keys-dialog"), ("#session-details", "#session-dialog")])
def test_dialogs_pass_axe_and_close_with_escape(explore: ExplorePage, dialog: tuple[str, str]) -> None:
    opener, opened = dialog
    explore.page.locator(opener).click()
    shown = explore.page.locator(f"{opened}.show, {opened} .modal.show, .modal.show").first
    expect(shown).to_have_css("opacity", "1")
    assert violations(explore.page) == []
    explore.page.keyboard.press("Escape")
    expect(explore.page.locator(".modal.show")).to_have_count(0)


def test_nothing_scrolls_sideways_on_a_phone(open_page: OpenPage) -> None:
    explore = open_page(viewport=SIZES["phone"])
    explore.stroke([(150, 60), (220, 90)])
    wide, window = explore.page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide == window


def test_the_theme_button_is_remembered(explore: ExplorePage) -> None:
    explore.by_id("theme").click()
    expect(explore.page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    explore.reload()
    expect(explore.page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_a_step_can_be_reached_and_taken_by_keyboard_alone(explore: ExplorePage) -> None:
    explore.stroke([(150, 60), (220, 90)])
    explore.frame("original").focus()
    explore.page.keyboard.press("Enter")
    explore.at("original")
    explore.page.locator("#original-predictions tr button").first.focus()
    explore.page.keyboard.press("Enter")
    expect(explore.by_id("colour-bar")).to_be_visible()


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_marking_and_the_pictures_page_pass_axe(open_page: OpenPage, size: str, scheme: str) -> None:
    explore = open_page(viewport=SIZES[size], color_scheme=scheme)
    page = explore.page
    page.keyboard.press("m")
    explore.drag([(150, 60), (220, 90)])
    expect(explore.by_id("save-region")).to_be_enabled()
    explore.by_id("save-region").click()
    expect(page.locator(".agreement-sentence")).to_be_visible()
    explore.by_id("ask-effect").click()
    expect(explore.by_id("effect")).to_contain_text("30 random regions")
    explore.ready()
    assert violations(page) == []
    wide, window = page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide == window
    page.goto(f"{explore.origin}/images/{explore.image}")
    expect(page.locator(".regions")).to_be_visible()
    page.get_by_text("Import regions", exact=True).click()
    assert violations(page) == []
    wide, window = page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide == window
