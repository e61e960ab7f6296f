"""A study from an empty form to its results, in a real browser: designed, opened, taken twice, watched, read."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from db.study_models import Response
from tests.browser.application import Application
from tests.browser.conftest import Watched
from tests.browser.participant import ParticipantPage, storage
from tests.browser.test_accessibility import LOOKS, SIZES, violations
from tests.support.participating import open_study

OpenPlain = Callable[..., Page]
PHONE = {"viewport": SIZES["phone"], "has_touch": True}


def field(page: Page, path: str, kind: str = "word") -> Locator:
    """A field of the design's form, by its place."""
    return page.locator(f'[id=\'{{"kind":"{kind}","path":"{path}","type":"design-field"}}\']')


def write(page: Page, path: str, text: str, kind: str = "text") -> None:
    field(page, path, kind).fill(text)
    field(page, path, kind).blur()


def act(page: Page, path: str, act: str = "add", variant: str = "") -> None:
    page.locator(f'[id=\'{{"act":"{act}","path":"{path}","type":"design-act","variant":"{variant}"}}\']').click()


def part(page: Page, title: str) -> None:
    page.locator(".design-nav").get_by_role("link", name=title, exact=True).click()


def design(page: Page, slug: str) -> None:
    """Fills the form in for a study of two conditions."""
    write(page, "title", "What makes it a cat?")
    write(page, "slug", slug, "word")
    write(page, "contact", "Dr Ada Example")
    part(page, "Texts")
    for name in ("consent", "privacy", "end"):
        write(page, name, f"The text about {name}.")
    part(page, "Pictures")
    act(page, "image_sets")
    page.locator("#pictures .dash-dropdown").click()
    page.get_by_placeholder("Search").last.fill("Chelsea")
    page.get_by_role("option", name="Chelsea the cat").click()
    page.keyboard.press("Escape")
    part(page, "Trials")
    act(page, "blocks")
    field(page, "blocks/0/images/set").select_option("pictures")
    act(page, "blocks/0/trials", variant="erase")
    expect(field(page, "blocks/0/trials/1/most_edits", "whole")).to_be_visible()
    part(page, "Conditions")
    act(page, "factors")
    write(page, "factors/0/levels/0/set", "erase: {live_answers: true}", "mapping")
    write(page, "factors/0/levels/1/set", "erase: {live_answers: false}", "mapping")
    part(page, "Participants")
    page.locator("#people").get_by_label("phone").check()


def go_through(her: ParticipantPage) -> None:
    her.begin()
    her.act("consent").click()
    her.at("trial:0").stroke((0.3, 0.3), (0.6, 0.6))
    her.has_strokes(1)
    her.choose("sure", 3)
    her.done()
    her.at("trial:1").stroke((0.3, 0.3), (0.6, 0.6))
    # At once: the answer waits for what was drawn.
    her.done()
    her.ended()


def test_a_study_is_designed_taken_watched_and_read(
    watched: Watched, application: Application, open_plain: OpenPlain
) -> None:
    page = open_plain("/studies")
    page.goto(f"{application.origin}/studies/-/design")
    expect(page.locator("#design-verdict")).to_contain_text("Not a study yet")
    design(page, "from-the-form")
    expect(page.locator("#design-verdict")).to_contain_text("It can be opened.")
    expect(page.locator("#design-verdict")).to_contain_text("2 trials in 2 conditions")
    page.locator("#design-save").click()
    page.wait_for_url("**/studies/from-the-form/design")
    page.goto(f"{application.origin}/studies/from-the-form")
    expect(page.locator(".study-link")).to_contain_text("Nobody can begin now")
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.locator(".state-pill")).to_have_text("Open")
    expect(page.locator(".study-link")).to_contain_text("Participants can begin now.")

    for options in ({"viewport": SIZES["desktop"]}, PHONE):
        her = ParticipantPage(watched.page(**options), application.origin)
        her.open("from-the-form", f"?PROLIFIC_PID={len(options)}")
        go_through(her)
    # The page that watches was not touched meanwhile.
    expect(page.locator(".section-head .filling")).to_have_text("2 of 20")
    expect(page.get_by_role("button", name="Exclude:").first).to_be_visible()

    page.get_by_role("button", name="Exclude:").first.click()
    page.locator("#judge-decide").click()
    expect(page.locator("#judge-message")).to_contain_text("Say why")
    page.locator("#judge-reason").fill("was interrupted")
    page.locator("#judge-decide").click()
    expect(page.locator(".decisions .reason")).to_have_text("Excluded: was interrupted")
    page.get_by_role("button", name="Take back in:").click()
    expect(page.locator(".decisions .reason")).to_have_count(0)

    page.locator("#people-find").fill("nobody")
    expect(page.locator("#watch-people")).to_have_text("Nobody is like that.")
    page.locator("#people-find").fill("")
    expect(page.locator("#watch-people tbody tr")).to_have_count(2)
    page.locator("#erase-open").click()
    page.locator("#erase-code").fill("WRONGCODE2")
    page.locator("#erase-decide").click()
    expect(page.locator("#erase-message")).to_contain_text("Nothing was erased")
    page.keyboard.press("Escape")

    with storage(application.data_dir) as stored, stored.database.read() as transaction:
        edits = [
            row.answers["edits"]
            for row in transaction.query(Response)
            if row.step == "trial:1" and "edits" in row.answers
        ]
    assert edits.count(1) >= 2

    # What was marked is replayed.
    page.locator("#watch-people summary").first.click()
    page.locator("#watch-people .replays a").first.click()
    expect(page.locator("#replay[data-state='ready'] #scrubber")).to_be_visible()
    page.locator("#step-last").click()
    expect(page.locator("#details")).to_contain_text("Marked for")

    page.goto(f"{application.origin}/studies/from-the-form/results")
    expect(page.locator("#participants")).to_contain_text("n = 2 participants")
    expect(page.locator("#agreement table")).to_contain_text("Chelsea the cat")
    expect(page.locator("#results-progress .work-progress")).to_have_count(0)
    expect(page.locator("#necessity .js-plotly-plot")).to_be_visible()
    expect(page.locator("#erasing")).to_contain_text("Removed share of the picture")
    with page.expect_download() as file:
        page.locator("#erasing").get_by_role("link", name="CSV").first.click()
    assert file.value.path().read_text().startswith("group,mean,low,high,n,people,left_out")
    with page.expect_download() as figure:
        page.locator("#necessity [data-svg]").click()
    assert "<svg" in figure.value.path().read_text()


def test_a_design_is_yaml_and_back(application: Application, open_plain: OpenPlain) -> None:
    page = open_plain("/studies/-/design?example=cats-and-cups")
    expect(page.locator("#design-verdict")).to_contain_text("It can be opened.")
    page.locator("#design-yaml").click()
    text = page.locator("#design-text")
    expect(text).to_have_value(re.compile("slug: cats-and-cups"))
    text.fill(text.input_value().replace("slug: cats-and-cups", "slug: from-yaml"))
    page.locator("#design-take").click()
    expect(page.locator("#design-dialog")).to_have_count(0)
    expect(field(page, "slug")).to_have_value("from-yaml")
    page.locator("#design-save").click()
    page.wait_for_url("**/studies/from-yaml/design")
    expect(page.locator("#design-state")).to_have_text("Saved")
    expect(field(page, "title@de", "text")).to_have_value("Was macht das Bild zu dem, was es ist?")
    page.locator("#design-yaml").click()
    text.fill("slug: [")
    page.locator("#design-take").click()
    expect(page.locator("#design-text-message")).to_contain_text("no YAML")
    assert field(page, "slug").input_value() == "from-yaml"


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_axe_finds_nothing_grave_and_nothing_scrolls_sideways(
    application: Application, open_plain: OpenPlain, size: str, scheme: str
) -> None:
    slug = f"looked-at-{size}"
    with storage(application.data_dir) as stored:
        open_study(stored, slug=slug, image_sets={"one": {"pictures": ["Chelsea the cat"]}})
    page = open_plain("/studies", viewport=SIZES[size], color_scheme=scheme)
    for path, there in (
        ("/studies", ".study-table"),
        (f"/studies/{slug}", "#watch-people"),
        (f"/studies/{slug}/design#trials", "#trials .design-card"),
        (f"/studies/{slug}/results", ".results-section"),
        ("/studies/not-there", ".message"),
    ):
        page.goto(application.origin + path)
        expect(page.locator(there).first).to_be_visible()
        assert violations(page) == [], path
        wide, window = page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
        assert wide == window, path


def test_what_is_not_saved_is_not_lost_without_a_question(application: Application, open_plain: OpenPlain) -> None:
    page = open_plain("/studies/-/design")
    write(page, "title", "Nearly lost")
    expect(page.locator("#design-state")).to_have_text("Not saved")
    # A browser asks only where somebody has done something with the page.
    page.locator("h2").click()
    with page.expect_event("dialog") as asked:
        page.evaluate("() => void setTimeout(() => window.location.reload(), 0)")
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    expect(field(page, "title", "text")).to_have_value("Nearly lost")
