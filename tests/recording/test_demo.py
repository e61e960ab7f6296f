"""The demo: enough of everything for a newcomer to try the pages on, recorded once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from dashboard.recording import browsing, comparisons, demo, everybody
from dashboard.recording.deleting import delete_sessions
from dashboard.recording.ids import new_id
from dashboard.recording.pictures import ensure_gallery
from dashboard.recording.verify import verify_session
from db import models, queries
from db.browse_filter import BrowseState
from db.errors import ConflictError
from tests.support.rows import assert_whole


def test_the_demo_holds_some_of_everything(workspace):
    recorded = demo.record_demo(workspace)
    assert 12 <= len(recorded) <= 16
    choices = browsing.choices(workspace)
    assert len(choices.studies) == 2
    assert len(choices.tags) >= 2
    assert len(choices.methods) >= 6
    rows = browsing.rows(workspace, BrowseState("edits"), 0, 100).rows
    flips = sum(row.flipped for row in rows)
    assert 5 <= flips <= len(rows) - 5
    with workspace.database.read() as transaction:
        assert transaction.scalar(select(func.count()).select_from(models.EditNote)) >= 1
        assert len(set(transaction.scalars(select(models.Session.image_id)))) == 6
        drawn = set(transaction.scalars(select(models.Outcome.drawing_ms)))
    assert len(drawn) > 5
    assert all(300 < ms < 5_000 for ms in drawn)
    sessions = {item["session"] for item in recorded}
    saved = comparisons.newest(workspace)
    assert len(saved) == 2
    assert {item.id for comparison in saved for item in comparison.items} < sessions
    for session in sessions:
        assert all(verdict.is_as_recorded for verdict in verify_session(workspace, session))
    with workspace.database.read() as transaction:
        pictures = {picture.name: picture.id for picture in queries.pictures(transaction)}
    # Two pictures were marked by several people: there is a ceiling, and a floor for it.
    for name, people in (("Chelsea the cat", 3), ("Cup of coffee", 2)):
        found = everybody.regions_of(workspace, pictures[name])
        assert len(everybody.by_person(found.of_class(found.classes[0]))) == people
    with pytest.raises(ConflictError):
        demo.record_demo(workspace)


def few(monkeypatch) -> int:
    """Two stories and their comparison are enough to see what happens."""
    stories = tuple(story for story in demo.STORIES if story.picture == "Cup of coffee")
    monkeypatch.setattr(demo, "STORIES", stories)
    return len(stories)


def test_two_clicks_at_once_record_one_demo(stored, monkeypatch):
    count = few(monkeypatch)
    ensure_gallery(stored)

    def click(_number: int) -> object:
        try:
            return len(demo.record_demo(stored))
        except ConflictError:
            return "refused"

    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(click, range(2))) <= {count, "refused"}
    rows = browsing.rows(stored, BrowseState(), 0, 100).rows
    assert sorted(row.session for row in rows) == sorted(story.name for story in demo.STORIES)
    edits = sum(len(branch) for story in demo.STORIES for branch in story.branches)
    assert browsing.glance(stored, BrowseState("edits")).edits == edits
    assert len(comparisons.newest(stored)) == 1
    assert_whole(stored.database, stored.blobs)


def test_a_demo_can_be_recorded_again_once_it_is_deleted(workspace, monkeypatch):
    few(monkeypatch)
    for _ in range(2):
        recorded = demo.record_demo(workspace)
        for comparison in comparisons.newest(workspace):
            comparisons.delete(workspace, comparison.id)
        expected = {"sessions": len(recorded), "edits": sum(item["edits"] for item in recorded)}
        delete_sessions(workspace, new_id(), {"query": ""}, expected)
    assert_whole(workspace.database, workspace.blobs)


def test_a_photograph_that_is_missing_leaves_its_stories_out(workspace, monkeypatch):
    monkeypatch.setattr("dashboard.recording.pictures.FREE_PHOTOGRAPHS", demo_photographs())
    recorded = demo.record_demo(workspace)
    assert {item["image"] for item in recorded} == {"Cup of coffee"}
    assert [comparison.name for comparison in comparisons.newest(workspace)] == ["Two ways to lose the cup"]


def demo_photographs() -> tuple[object, ...]:
    from dashboard.recording.pictures import FREE_PHOTOGRAPHS

    return tuple(photograph for photograph in FREE_PHOTOGRAPHS if photograph.about.name == "Cup of coffee")
