"""Finding again what was recorded: filters, links, sorting, charts, selection – on the demo's sessions."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboard.recording import demo
from dashboard.recording.browse_url import parse_state, state_to_query
from dashboard.recording.workspace import Workspace
from dashboard.settings import Settings
from tests.browser.application import Application
from tests.browser.browse import BrowsePage
from tests.browser.conftest import Watched
from tests.browser.test_accessibility import LOOKS, SIZES, violations

CUP, CAT, WHEELS = "Cup or coffee?", "Does the face make the cat?", "Wheels"
OpenPlain = Callable[..., Page]


@pytest.fixture(scope="module")
def demo_application(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path) -> Iterator[Application]:
    """Three of the demo's sessions: the coffee's answer flips twice, the others' never."""
    application = Application(tmp_path_factory.mktemp("browse"), cache_dir)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "STORIES", [story for story in demo.STORIES if story.name in (CUP, CAT, WHEELS)])
        workspace = Workspace.open(Settings(data_dir=application.data_dir, device="cpu"))
        demo.record_demo(workspace)
        workspace.close()
    yield application
    application.kill()


@pytest.fixture
def application(demo_application: Application) -> Application:
    return demo_application


@pytest.fixture
def open_browse(open_plain: OpenPlain) -> Callable[..., BrowsePage]:
    return lambda query="", **options: BrowsePage(open_plain(f"/sessions{query}", **options)).ready()


@pytest.fixture
def browse(open_browse: Callable[..., BrowsePage]) -> BrowsePage:
    return open_browse()


def test_sessions_come_newest_first_and_lead_to_their_pages(browse: BrowsePage) -> None:
    browse.holds([CAT, CUP, WHEELS])
    expect(browse.count).to_have_text("3 sessions")
    expect(browse.summary).to_have_text("8 edits in 3 sessions, 25.0 % flipped (n\u00a0=\u00a08)")
    link = browse.links.first.get_attribute("href") or ""
    assert re.fullmatch(r"/sessions/[0-9a-f-]{36}", link)
    expect(browse.row(0).locator("img")).to_have_js_property("complete", True)


def test_class_and_flipped_filter_and_the_link_shows_the_same_elsewhere(
    browse: BrowsePage, open_browse: Callable[..., BrowsePage]
) -> None:
    browse.page.locator('[data-view="edits"]').click()
    expect(browse.count).to_have_text("8 edits")
    browse.choose("class", "espresso")
    browse.page.locator("#filter-flipped").select_option("Flipped")
    browse.holds([CUP, CUP])
    expect(browse.chips).to_have_text([re.compile("First answer: espresso"), re.compile("Flipped")])
    assert browse.query == {"view": ["edits"], "class": ["espresso"], "flipped": ["1"]}

    other = open_browse(browse.page.url.split("/sessions")[1])
    other.holds([CUP, CUP])
    expect(other.chips).to_have_count(2)
    expect(other.page.locator("#filter-flipped")).to_have_value("1")
    expect(other.page.locator('[data-menu="class"] .menu-count')).to_have_text("1")
    assert other.page.url == browse.page.url


def test_a_chip_takes_its_filter_away_and_clear_all_of_them(open_browse: Callable[..., BrowsePage]) -> None:
    browse = open_browse("?view=edits&class=espresso&flipped=1")
    browse.chips.last.click()
    expect(browse.count).to_have_text("3 edits")
    browse.page.locator('#filter-chips [data-clear="all"]').click()
    expect(browse.count).to_have_text("8 edits")
    expect(browse.chips).to_have_count(0)
    expect(browse.page).to_have_url(re.compile(r"/sessions\?view=edits$"))


def test_back_and_forward_go_through_the_views(browse: BrowsePage) -> None:
    browse.page.locator('[data-view="edits"]').click()
    expect(browse.count).to_have_text("8 edits")
    browse.choose("class", "moped")
    browse.holds([WHEELS, WHEELS])
    browse.page.go_back()
    expect(browse.count).to_have_text("8 edits")
    browse.page.go_back()
    browse.holds([CAT, CUP, WHEELS])
    browse.page.go_forward()
    browse.page.go_forward()
    browse.holds([WHEELS, WHEELS])
    expect(browse.chips).to_have_count(1)


def test_sorting_by_one_column_and_by_two(open_browse: Callable[..., BrowsePage]) -> None:
    browse = open_browse("?view=edits")
    browse.head("change").locator(".ag-header-cell-label").click()
    expect(browse.page).to_have_url(re.compile("sort=-change"))
    browse.head("change").locator(".ag-header-cell-label").click()
    expect(browse.page).to_have_url(re.compile("sort=change"))
    browse.ready()
    expect(browse.cell(0, "change")).to_have_text("▼−66.4")
    browse.page.goto(browse.page.url.split("?")[0] + "?view=edits&sort=picture,-change")
    expect(browse.row(0).locator(".row-link")).to_have_text(CAT)
    expect(browse.cell(0, "change")).to_have_text("▲+5.1")
    expect(browse.head("picture")).to_have_attribute("aria-sort", "ascending")


def test_search_looks_into_names_notes_and_classes(browse: BrowsePage) -> None:
    browse.page.keyboard.press("/")
    expect(browse.page.locator("#browse-search")).to_be_focused()
    browse.search("second branch takes the ear")
    browse.holds([CAT])
    browse.search("moped")
    browse.holds([WHEELS])
    browse.search("no such word")
    expect(browse.page.locator("#state-unfound")).to_contain_text("No session fits “no such word”.")
    browse.page.locator("#state-unfound button").click()
    browse.holds([CAT, CUP, WHEELS])
    expect(browse.page.locator("#browse-search")).to_have_value("")


def test_the_tables_own_number_filter_is_in_what_is_shown(open_browse: Callable[..., BrowsePage]) -> None:
    browse = open_browse("?view=edits")
    browse.head("mask_area").locator("[data-ref=eFilterButton]").click()
    browse.page.locator(".ag-filter input").first.fill("10")
    expect(browse.page).to_have_url(re.compile(r"f\.mask_area=greaterThanOrEqual:0\.1$"))
    browse.holds([CUP, CUP])
    expect(browse.chips).to_have_text([re.compile("Mask ≥ 10 %")])


@pytest.mark.parametrize(
    "query",
    [
        "view=edits&q=a+%26+b%2Bc&class=Egyptian+cat&class=espresso&flipped=0&f.made=inRange:1:2000000000000&sort=-change,made",
        "archived=1&f.change=inRange:-0.5:0.25&f.session=contains:x:y%25",
        "model=efficientnet_lite0&study=%C3%A4%2F%28b%29&f.person=blank",
    ],
)
def test_the_browser_writes_addresses_as_the_server_does(browse: BrowsePage, query: str) -> None:
    written = browse.page.evaluate("(query) => regionscope.browse.query(regionscope.browse.parse(query))", query)
    assert written == state_to_query(parse_state(query)) == query


def test_a_click_on_a_class_and_a_brush_filter(open_browse: Callable[..., BrowsePage]) -> None:
    browse = open_browse("?view=edits")
    browse.page.locator('#class-bars [data-class-name="Egyptian cat"]').click()
    expect(browse.count).to_have_text("3 edits")
    browse.page.locator('#filter-chips [data-clear="all"]').click()
    expect(browse.count).to_have_text("8 edits")
    browse.ready()
    area = browse.page.locator("#area-chart .nsewdrag").bounding_box()
    assert area is not None
    browse.page.mouse.move(area["x"] + area["width"] * 0.5, area["y"] + 4)
    browse.page.mouse.down()
    right, bottom = area["x"] + area["width"] - 2, area["y"] + area["height"] - 2
    browse.page.mouse.move(right, bottom, steps=5)
    browse.page.mouse.up()
    expect(browse.count).to_have_text("2 edits")
    assert {"f.mask_area", "f.change"} <= set(browse.query)


def test_a_click_on_a_bar_filters_the_time(open_browse: Callable[..., BrowsePage]) -> None:
    browse = open_browse("?view=edits")
    bar = browse.page.locator("#time-chart .barlayer path").first
    box = bar.bounding_box()
    assert box is not None
    browse.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] - 4)
    expect(browse.page).to_have_url(re.compile(r"f\.made=inRange:\d+:\d+$"))
    expect(browse.chips).to_have_count(1)
    exact = browse.query["f.made"]
    browse.ready()
    # The table's menu knows whole days only; another column's filter leaves the exact times as they are.
    browse.head("mask_area").locator("[data-ref=eFilterButton]").click()
    browse.page.locator(".ag-filter input").first.fill("1")
    expect(browse.chips).to_have_count(2)
    assert browse.query["f.made"] == exact


def test_a_bar_of_the_sessions_chart_leads_to_its_edits(browse: BrowsePage) -> None:
    box = browse.page.locator("#time-chart .barlayer path").first.bounding_box()
    assert box is not None
    browse.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] - 4)
    expect(browse.note).to_contain_text("edits over time")
    expect(browse.page).to_have_url(re.compile(r"view=edits.*f\.made=inRange"))
    expect(browse.count).to_have_text("8 edits")


def test_the_table_is_one_stop_for_the_tab_key(browse: BrowsePage) -> None:
    browse.cell(0, "change").click()
    inside = "document.activeElement.closest('#browse-table') !== null"
    assert browse.page.evaluate(inside)
    browse.page.keyboard.press("Tab")
    assert not browse.page.evaluate(inside)


def test_two_to_twelve_rows_are_compared(browse: BrowsePage) -> None:
    compare = browse.page.locator('[data-action="compare"]')
    browse.tick(0)
    expect(compare).to_have_attribute("title", "Select 2 to 12 rows to compare them.")
    browse.tick(2)
    expect(browse.count).to_have_text("2 of 3 sessions selected")
    ids = [(browse.row(number).locator("a").get_attribute("href") or "").split("/")[-1] for number in (0, 2)]
    compare.click()
    expect(browse.page).to_have_url(re.compile(rf"/compare\?items=session:{ids[0]},session:{ids[1]}$"))


def test_everything_the_filter_holds_is_selected_at_once(open_browse: Callable[..., BrowsePage]) -> None:
    browse = open_browse("?view=edits&class=espresso")
    browse.page.locator("#tick-all").check()
    expect(browse.count).to_have_text("All 3 edits selected")
    browse.cell(1, "select").locator(".tick").click()
    expect(browse.count).to_have_text("2 of 3 edits selected")
    browse.page.keyboard.press("Escape")
    expect(browse.count).to_have_text("3 edits")


def test_what_is_selected_is_exported(browse: BrowsePage) -> None:
    browse.tick(0)
    with browse.page.expect_download() as download:
        browse.do("export")
    text = Path(download.value.path()).read_text("utf-8-sig")
    assert download.value.suggested_filename == "regionscope-sessions.csv"
    assert len(text.splitlines()) == 2
    assert CAT in text


def test_the_table_is_handled_by_keyboard_alone(browse: BrowsePage) -> None:
    browse.cell(0, "before").click()
    browse.page.keyboard.press("ArrowDown")
    browse.page.keyboard.press("Space")
    expect(browse.count).to_have_text("1 of 3 sessions selected")
    href = browse.row(1).locator("a").get_attribute("href") or "none"
    browse.page.keyboard.press("Enter")
    expect(browse.page).to_have_url(re.compile(re.escape(href)))


def test_the_keys_are_listed(browse: BrowsePage) -> None:
    browse.page.keyboard.press("?")
    expect(browse.page.locator(".modal.show")).to_contain_text("Open the row")
    expect(browse.page.locator(".modal.show")).to_have_css("opacity", "1")
    assert violations(browse.page) == []
    browse.page.keyboard.press("Escape")
    expect(browse.page.locator(".modal.show")).to_have_count(0)


@pytest.mark.console("Failed to load resource")
def test_a_failure_says_so_and_can_be_tried_again(browse: BrowsePage) -> None:
    browse.page.route(
        "**/api/v1/rows?*", lambda route: route.fulfill(status=503, json={"error": "The database does not answer."})
    )
    browse.page.locator('[data-view="edits"]').click()
    expect(browse.page.locator("#state-failed")).to_contain_text("The database does not answer.")
    browse.page.unroute("**/api/v1/rows?*")
    browse.page.locator("#load-again").click()
    expect(browse.count).to_have_text("8 edits")


@pytest.mark.console("Failed to load resource")
def test_an_address_that_is_none_says_so(open_plain: OpenPlain) -> None:
    page = open_plain("/sessions?sort=shoe_size")
    expect(page.locator("#state-failed")).to_contain_text("no column 'shoe_size'")


def test_the_theme_changes_the_table_at_once(browse: BrowsePage) -> None:
    table = browse.page.locator("#browse-table .ag-root-wrapper")
    expect(table).to_have_css("background-color", "rgb(255, 255, 255)")
    browse.page.locator("#theme").click()
    expect(table).to_have_css("background-color", "rgb(25, 28, 33)")


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_axe_finds_nothing_grave(open_browse: Callable[..., BrowsePage], size: str, scheme: str) -> None:
    browse = open_browse("?view=edits&flipped=1", viewport=SIZES[size], color_scheme=scheme)
    expect(browse.count).to_have_text("2 edits")
    browse.cell(0, "select").locator(".tick").click()
    browse.page.locator('[data-menu="class"] .menu-button').click()
    assert violations(browse.page) == []


def test_a_phone_shows_what_matters_and_nothing_scrolls_sideways(
    open_browse: Callable[..., BrowsePage], watched: Watched
) -> None:
    browse = open_browse("?view=edits", viewport=SIZES["phone"], has_touch=True, is_mobile=True)
    shown = browse.page.locator("#browse-table .ag-header-cell")
    expect(shown).to_have_count(5)
    assert [shown.nth(n).get_attribute("col-id") for n in range(1, 5)] == ["thumbnail", "session", "outcome", "change"]
    wide, window = browse.page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide == window
    expect(browse.page.locator(".page-header nav a", has_text="Explore")).to_be_visible()
    browse.cell(0, "change").tap()
    expect(browse.page).to_have_url(re.compile(r"/sessions/[0-9a-f-]{36}\?edit="))


def test_a_package_of_what_is_selected_is_written_and_fetched(browse: BrowsePage, tmp_path: Path) -> None:
    browse.tick(0)
    browse.do("package")
    dialog = browse.page.locator("#package-dialog")
    expect(dialog).to_be_visible()
    assert violations(browse.page) == []
    dialog.get_by_role("checkbox", name="What people wrote").click()
    dialog.get_by_role("button", name="Write the package").click()
    link = dialog.locator("#package-file")
    expect(link).to_be_focused()
    with browse.page.expect_download() as download:
        link.click()
    download.value.save_as(tmp_path / "package.zip")
    with zipfile.ZipFile(tmp_path / "package.zip") as archive:
        [sessions] = [name for name in archive.namelist() if "description-sessions" in name]
        rows = archive.read(sessions).decode().splitlines()
    assert len(rows) == 2
    assert "session_name" in rows[0]
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
