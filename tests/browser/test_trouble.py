"""When saving fails: said, nothing lost, nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Route, expect

from tests.browser.application import Application
from tests.browser.explore import ExplorePage

STROKE = [(150, 60), (220, 90)]
OTHER = [(260, 160), (330, 190)]
EDITS = "**/api/v1/edits"
EVENTS = "**/api/v1/events"

pytestmark = pytest.mark.console("Failed to load resource")


def refuse(route: Route) -> None:
    route.fulfill(status=503, json={"error": "The picture could not be written to the disk (No space left)."})


def fail_to_save(explore: ExplorePage) -> None:
    explore.page.route(EDITS, refuse)
    explore.drag(STROKE)
    expect(explore.trouble).to_contain_text("Not saved: The picture could not be written to the disk")
    expect(explore.status).to_contain_text("failed:")
    expect(explore.by_id("saved")).to_have_text("not saved")


def test_a_failed_save_blocks_until_it_is_tried_again(explore: ExplorePage) -> None:
    fail_to_save(explore)
    sent: list[str] = []
    explore.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    explore.drag(OTHER)
    explore.page.wait_for_event("response", lambda response: response.url.endswith("/healthz"))
    expect(explore.trouble).to_be_visible()
    expect(explore.frames).to_have_count(1)
    assert [url for url in sent if "/api/" in url] == []
    explore.page.unroute(EDITS)
    with explore.one_more_step():
        explore.by_id("try-again").click()
    expect(explore.trouble).to_be_hidden()
    [edit] = explore.edits()
    assert edit.mask[75, 185]
    explore.stroke(OTHER)
    assert [step.parent for step in explore.edits()] == [None, edit.id]


def test_trying_again_in_vain_is_said_again(explore: ExplorePage) -> None:
    fail_to_save(explore)
    with explore.page.expect_response(EDITS):
        explore.by_id("try-again").click()
    expect(explore.by_id("saved")).to_have_text("not saved")
    expect(explore.trouble).to_be_visible()
    explore.page.unroute(EDITS)
    with explore.one_more_step():
        explore.by_id("try-again").click()
    assert len(explore.edits()) == 1


def test_a_failed_save_can_be_given_up(explore: ExplorePage) -> None:
    fail_to_save(explore)
    explore.page.unroute(EDITS)
    explore.by_id("discard").click()
    expect(explore.trouble).to_be_hidden()
    explore.ready()
    explore.stroke(OTHER)
    [edit] = explore.edits()
    assert not edit.mask[75, 185]
    explore.reload()
    expect(explore.frames).to_have_count(2)


def test_an_unsaved_stroke_outlives_the_page(explore: ExplorePage) -> None:
    fail_to_save(explore)
    explore.page.unroute(EDITS)
    explore.page.reload()
    expect(explore.frames).to_have_count(2)
    explore.ready()
    assert len(explore.edits()) == 1


def test_a_full_disk(explore: ExplorePage, application: Application) -> None:
    with _without_blobs(application):
        explore.drag(STROKE)
        expect(explore.trouble).to_contain_text("Not saved: The picture could not be written to the disk")
        expect(explore.frames).to_have_count(1)
    with explore.one_more_step():
        explore.by_id("try-again").click()
    assert len(explore.edits()) == 1


@pytest.mark.console("Failed to load resource", "Failed to fetch")
def test_an_answer_lost_on_the_way_makes_no_second_edit(explore: ExplorePage) -> None:
    arrived: list[int] = []

    def lose_the_first(route: Route) -> None:
        arrived.append(route.fetch().status)
        if len(arrived) == 1:
            route.abort()
        else:
            route.continue_()

    explore.page.route(EDITS, lose_the_first)
    explore.stroke(STROKE)
    assert arrived == [200, 200]
    assert len(explore.edits()) == 1
    expect(explore.trouble).to_be_hidden()


def test_a_step_back_that_cannot_be_kept_is_taken_back(explore: ExplorePage) -> None:
    explore.stroke(STROKE)
    edit = explore.last().id
    explore.page.route(EVENTS, refuse)
    explore.by_id("undo").click()
    expect(explore.note).to_contain_text("Nothing was changed")
    explore.at(edit)
    explore.page.unroute(EVENTS)
    explore.by_id("undo").click()
    explore.at("original")


def test_a_session_that_cannot_be_named_says_so(explore: ExplorePage) -> None:
    explore.page.route(EVENTS, refuse)
    explore.by_id("session-details").click()
    explore.by_id("session-name").fill("A name that must not be lost")
    explore.by_id("session-save").click()
    expect(explore.by_id("session-message")).to_contain_text("Not saved")
    expect(explore.by_id("session-name")).to_have_value("A name that must not be lost")
    explore.page.unroute(EVENTS)
    explore.by_id("session-save").click()
    expect(explore.page.get_by_role("dialog")).to_have_count(0)
    explore.ready()
    assert explore.recorded.session(explore.session)["name"] == "A name that must not be lost"


@contextmanager
def _without_blobs(application: Application) -> Iterator[None]:
    """A file lies where the folder of files should be, so that nothing can be written for anybody, root included."""
    folder = application.data_dir / "blobs"
    away = application.data_dir / "blobs elsewhere"
    folder.rename(away)
    folder.write_bytes(b"")
    try:
        yield
    finally:
        folder.unlink()
        away.rename(folder)
