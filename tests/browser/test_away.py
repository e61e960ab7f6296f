"""The server is killed while the page is open: the page says so, keeps what is drawn, and recovers by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.application import Application
from tests.browser.explore import ExplorePage

STROKE = [(150, 60), (220, 90)]
OTHER = [(260, 160), (330, 190)]
pytestmark = pytest.mark.console("Failed to load resource", "Callback failed", "Failed to fetch")


# One application is killed and started again by all of them, so they run in one process, as every file does.
@pytest.fixture(scope="module")
def killed_application(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path) -> Iterator[Application]:
    application = Application(tmp_path_factory.mktemp("killed"), cache_dir)
    yield application
    application.kill()


@pytest.fixture
def application(killed_application: Application) -> Iterator[Application]:
    """One that may be killed; it runs again for whoever comes next."""
    yield killed_application
    if not killed_application.is_running:
        killed_application.start()


def test_a_stroke_drawn_meanwhile_arrives_once(explore: ExplorePage, application: Application) -> None:
    explore.stroke(STROKE)
    application.kill()
    explore.drag(OTHER)
    expect(explore.trouble).to_be_visible()
    expect(explore.trouble).to_contain_text("does not answer")
    expect(explore.status).to_contain_text("failed:")
    application.start()
    expect(explore.frames).to_have_count(3)
    explore.ready()
    expect(explore.trouble).to_be_hidden()
    one, two = explore.edits()
    assert two.parent == one.id
    assert two.mask[175, 295]
    assert len({edit.id for edit in explore.edits()}) == 2


def test_an_idle_page_notices_and_recovers(explore: ExplorePage, application: Application) -> None:
    explore.stroke(STROKE)
    edit = explore.last().id
    application.kill()
    expect(explore.trouble).to_contain_text("Everything up to here is saved")
    application.start()
    expect(explore.trouble).to_be_hidden()
    explore.at(edit)
    explore.stroke(OTHER)


def test_undo_without_a_server_is_taken_back(explore: ExplorePage, application: Application) -> None:
    explore.stroke(STROKE)
    edit = explore.last().id
    application.kill()
    explore.by_id("undo").click()
    expect(explore.trouble).to_be_visible()
    application.start()
    expect(explore.trouble).to_be_hidden()
    explore.at(edit)
    assert explore.recorded.events(explore.session) == []
