"""When saving fails or the server is away: said, nothing lost, nothing twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Route, expect

from tests.browser.application import Application
from tests.browser.conftest import OpenPage
from tests.browser.explore import ExplorePage

STROKE = [(150, 60), (220, 90)]
EDITS = "**/api/v1/edits"


@pytest.fixture
def application(tmp_path_factory: pytest.TempPathFactory, cache_dir: object) -> Iterator[Application]:
    """One that may be killed."""
    own = Application(tmp_path_factory.mktemp("killed"), cache_dir)  # type: ignore[arg-type]
    yield own
    own.kill()


@pytest.mark.console("Failed to load resource", "Callback failed", "Failed to fetch")
def test_a_killed_server_is_said_and_the_stroke_arrives_once_it_is_back(
    open_page: OpenPage, application: Application
) -> None:
    explore = open_page()
    explore.stroke(STROKE)
    application.kill()
    explore.drag([(260, 160), (330, 190)])
    expect(explore.trouble).to_be_visible()
    expect(explore.trouble).to_contain_text("does not answer")
    application.start()
    expect(explore.frames).to_have_count(3)
    explore.ready()
    expect(explore.trouble).to_be_hidden()
    assert len(explore.edits()) == 2


@pytest.mark.console("Failed to load resource", "Callback failed", "Failed to fetch")
def test_an_idle_page_notices_and_recovers(open_page: OpenPage, application: Application) -> None:
    explore = open_page()
    application.kill()
    expect(explore.trouble).to_be_visible()
    application.start()
    expect(explore.trouble).to_be_hidden()
    explore.ready()
    explore.stroke(STROKE)


def refuse(route: Route) -> None:
    route.fulfill(status=503, json={"error": "The picture could not be written to the disk (No space left)."})


def fail_to_save(explore: ExplorePage) -> None:
    explore.page.route(EDITS, refuse)
    explore.drag(STROKE)
    expect(explore.trouble).to_contain_text("Not saved: The picture could not be written to the disk")
    expect(explore.status).to_contain_text("failed:")
    expect(explore.by_id("saved")).to_have_text("not saved")


@pytest.mark.console("Failed to load resource")
def test_a_failed_save_blocks_until_it_is_tried_again(explore: ExplorePage) -> None:
    fail_to_save(explore)
    explore.drag([(260, 160), (330, 190)])
    expect(explore.frames).to_have_count(1)
    explore.page.unroute(EDITS)
    with explore.one_more_step():
        explore.by_id("try-again").click()
    expect(explore.trouble).to_be_hidden()
    assert len(explore.edits()) == 1


@pytest.mark.console("Failed to load resource")
def test_a_failed_save_can_be_given_up(explore: ExplorePage) -> None:
    fail_to_save(explore)
    explore.page.unroute(EDITS)
    explore.by_id("discard").click()
    expect(explore.trouble).to_be_hidden()
    explore.ready()
    explore.stroke(STROKE)
    assert len(explore.edits()) == 1


@pytest.mark.console("Failed to load resource")
def test_an_unsaved_stroke_outlives_the_page(explore: ExplorePage) -> None:
    fail_to_save(explore)
    explore.page.unroute(EDITS)
    explore.page.reload()
    expect(explore.frames).to_have_count(2)
    explore.ready()
    assert len(explore.edits()) == 1
