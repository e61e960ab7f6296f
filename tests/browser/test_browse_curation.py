"""What is done with selected rows – tagging, renaming, archiving, deleting – and the empty page's demo."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboard.recording import sessions
from dashboard.recording.edits import apply_edit
from dashboard.recording.ids import new_id
from dashboard.recording.workspace import Workspace
from dashboard.settings import Settings
from dashboard.vision.classifiers import Catalogue
from tests.browser.application import Application
from tests.browser.browse import BrowsePage
from tests.support.edits import edit_request, rectangle, sitting
from tests.support.pictures import add_small


@pytest.fixture(scope="module")
def quiet_application(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path) -> Iterator[Application]:
    application = Application(tmp_path_factory.mktemp("curation"), cache_dir)
    yield application
    application.kill()


@pytest.fixture
def application(quiet_application: Application) -> Application:
    return quiet_application


@pytest.fixture
def record(application: Application, catalogue: Catalogue) -> Iterator[Callable[[str, int], str]]:
    """``record("A name", 2)`` keeps a session with two edits and returns its id."""
    workspace = Workspace.open(Settings(data_dir=application.data_dir, device="cpu"))
    vars(workspace)["catalogue"] = catalogue
    picture = add_small(workspace)

    def recorded(name: str, edits: int = 1) -> str:
        where, parent = sitting(picture), None
        for number in range(edits):
            shape = rectangle(4 + 6 * number, 10, 20 + 6 * number, 30)
            parent = apply_edit(workspace, edit_request(where, parent, shapes=[shape])).id
        sessions.describe(workspace, new_id(), where, {"name": name, "person": "", "notes": ""}, None)
        return where.session

    yield recorded
    workspace.close()


@pytest.fixture
def open_browse(open_plain: Callable[..., Page]) -> Callable[[str], BrowsePage]:
    return lambda query: BrowsePage(open_plain(f"/sessions?{query}")).ready()


def test_the_empty_page_leads_to_the_demo(
    open_plain: Callable[..., Page], tmp_path_factory: pytest.TempPathFactory
) -> None:
    # The first test of this module: nothing is recorded yet.
    page = open_plain("/sessions")
    expect(page.locator("#state-empty")).to_contain_text("Nothing has been recorded yet")
    expect(page.locator("#state-empty a")).to_have_attribute("href", "/")
    page.locator("#record-demo").click()
    expect(page.locator("#demo-progress")).to_contain_text("Recording")
    expect(page.locator("#browse-table .row-link").first).to_be_visible()
    expect(page.locator("#row-count")).to_have_text(re.compile(r"^\d+ sessions$"))
    expect(page.locator("#state-empty")).to_be_hidden()
    BrowsePage(page).ready()


def test_tags_are_put_on_offered_filtered_by_and_taken_off(
    open_browse: Callable[[str], BrowsePage], record: Callable[..., str]
) -> None:
    record("Tagged")
    browse = open_browse("q=Tagged")
    browse.tick(0)
    browse.do("tag")
    browse.page.locator("#tag-add").fill("striking, to check")
    browse.page.locator("#tag-act").click()
    expect(browse.note).to_have_text("1 session: tagged striking, to check.")
    browse.show_column("tags")
    expect(browse.cell(0, "tags").locator(".tag")).to_have_text(["striking", "to check"])

    browse.page.locator("#browse-search").fill("")
    expect(browse.page).to_have_url(re.compile("/sessions$"))
    browse.choose("tag", "striking")
    browse.holds(["Tagged"])
    browse.tick(0)
    browse.do("tag")
    browse.page.locator("#tag-removals").get_by_text("striking").click()
    browse.page.locator("#tag-act").click()
    expect(browse.page.locator("#state-unfound")).to_be_visible()


def test_sessions_are_renamed(open_browse: Callable[[str], BrowsePage], record: Callable[..., str]) -> None:
    record("Old name")
    browse = open_browse("q=Old+name")
    browse.tick(0)
    browse.do("rename")
    expect(browse.page.locator("#rename-name")).to_have_value("Old name")
    browse.page.locator("#rename-name").fill("Name that was old name")
    browse.page.keyboard.press("Enter")
    expect(browse.note).to_have_text("Renamed 1 session.")
    expect(browse.row(0).locator(".row-link")).to_have_text("Name that was old name")


def test_archiving_can_be_undone(open_browse: Callable[[str], BrowsePage], record: Callable[..., str]) -> None:
    record("To put away", 2)
    browse = open_browse("view=edits&q=To+put+away")
    browse.tick(0)
    browse.do("archive")
    expect(browse.note).to_contain_text("Archived the 1 whole session that holds the 1 edit you selected.")
    expect(browse.page.locator("#state-unfound")).to_be_visible()
    browse.note.get_by_text("Undo").click()
    browse.holds(["To put away", "To put away"])


def test_everything_that_a_filter_holds_is_archived_and_found_among_the_archived(
    open_browse: Callable[[str], BrowsePage], record: Callable[..., str]
) -> None:
    for number in range(3):
        record(f"Series {number}")
    browse = open_browse("q=Series")
    browse.tick(1)
    browse.do("archive")
    browse.holds(["Series 2", "Series 0"])
    browse.note.get_by_text("Undo").click()
    browse.holds(["Series 2", "Series 1", "Series 0"])
    browse.page.locator("#tick-all").check()
    browse.do("archive")
    expect(browse.page.locator("#state-unfound")).to_be_visible()
    browse.page.locator("#filter-archived").check()
    browse.holds(["Series 2", "Series 1", "Series 0"])
    browse.page.locator("#tick-all").check()
    expect(browse.page.locator('[data-action="archive"]')).to_have_text("Unarchive")
    browse.do("archive")
    expect(browse.page.locator("#state-unfound")).to_be_visible()
    browse.page.locator("#filter-archived").uncheck()
    browse.holds(["Series 2", "Series 1", "Series 0"])


def test_delete_says_exactly_what_goes_and_then_it_is_gone(
    open_browse: Callable[[str], BrowsePage], record: Callable[..., str], application: Application
) -> None:
    session = record("To go", 3)
    browse = open_browse("view=edits&q=To+go")
    expect(browse.count).to_have_text("3 edits")
    browse.tick(1)
    browse.do("delete")
    dialog = browse.page.locator("#delete-dialog")
    expect(dialog).to_contain_text("This takes 1 session with 3 edits and 3 answers")
    expect(dialog).to_contain_text("the 1 whole session that holds the 1 edit you selected")
    expect(dialog.locator(".dialog-cancel")).to_be_focused()
    browse.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert len(application.recorded.edits(session)) == 3

    browse.do("delete")
    dialog.get_by_text("Delete 1 session and 3 edits").click()
    expect(browse.note).to_contain_text("Deleted 1 session with 3 edits and 3 answers.")
    expect(browse.page.locator("#state-unfound")).to_be_visible()
    assert application.recorded.edits(session) == []


@pytest.mark.console("Failed to load resource")
def test_a_delete_that_no_longer_fits_is_refused(
    open_browse: Callable[[str], BrowsePage], record: Callable[..., str], application: Application
) -> None:
    record("Still growing 1")
    browse = open_browse("q=Still+growing")
    browse.page.locator("#tick-all").check()
    browse.do("delete")
    expect(browse.page.locator("#delete-dialog")).to_contain_text("1 session with 1 edit")
    other = record("Still growing 2")
    browse.page.locator("#delete-act").click()
    expect(browse.page.locator("#delete-message")).to_contain_text("Nothing was changed.")
    assert len(application.recorded.edits(other)) == 1


@pytest.mark.console("Failed to load resource")
def test_what_the_server_refuses_is_said_in_the_dialog(
    open_browse: Callable[[str], BrowsePage], record: Callable[..., str]
) -> None:
    record("Refused")
    browse = open_browse("q=Refused")
    browse.tick(0)
    browse.do("tag")
    browse.page.locator("#tag-act").click()
    expect(browse.page.locator("#tag-message")).to_have_text("Type a tag, or press one. Nothing was changed.")
    browse.page.locator("#tag-add").fill("x" * 100)
    browse.page.locator("#tag-act").click()
    expect(browse.page.locator("#tag-message")).to_contain_text("Nothing was changed.")
    expect(browse.page.locator("#tag-dialog")).to_be_visible()
