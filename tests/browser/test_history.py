"""Going back and forth: nothing is lost, and every move is recorded."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import expect

from tests.browser.explore import ExplorePage
from tests.browser.recorded import RecordedEdit

FIRST = [(120, 80), (180, 110)]
SECOND = [(250, 200), (300, 230)]
THIRD = [(60, 220), (120, 240)]


def test_undo_and_redo(explore: ExplorePage) -> None:
    original = explore.layer(0)
    one, two = _edit(explore, FIRST), _edit(explore, SECOND)
    assert two.parent == one.id
    explore.by_id("undo").click()
    explore.at(one.id)
    assert np.array_equal(explore.layer(0)[..., :3], one.result)
    explore.by_id("undo").click()
    explore.at("original")
    expect(explore.by_id("undo")).to_be_disabled()
    assert np.array_equal(explore.layer(0), original)
    explore.by_id("redo").click()
    explore.at(one.id)
    explore.by_id("redo").click()
    explore.at(two.id)
    expect(explore.by_id("redo")).to_be_disabled()
    assert np.array_equal(explore.layer(0)[..., :3], two.result)
    moves = [(kind, payload["edit"]) for kind, payload in explore.recorded.events(explore.session)]
    assert moves == [("undo", one.id), ("undo", None), ("redo", one.id), ("redo", two.id)]


def test_a_stroke_after_undo_makes_a_branch(explore: ExplorePage) -> None:
    one, two = _edit(explore, FIRST), _edit(explore, SECOND)
    explore.by_id("undo").click()
    explore.at(one.id)
    three = _edit(explore, THIRD)
    assert three.parent == one.id
    assert [edit.id for edit in explore.edits()] == [one.id, two.id, three.id]
    expect(explore.frame(two.id)).to_be_visible()
    expect(explore.frame(three.id)).to_have_attribute("aria-current", "step")
    boxes = [explore.frame(edit.id).bounding_box() for edit in (two, three)]
    assert boxes[0]["x"] == boxes[1]["x"]
    assert boxes[1]["y"] > boxes[0]["y"], "the branch lies below"
    explore.by_id("undo").click()
    explore.at(one.id)
    explore.by_id("redo").click()
    explore.at(three.id)


def test_jumping_along_the_film_strip(explore: ExplorePage) -> None:
    one, two = _edit(explore, FIRST), _edit(explore, SECOND)
    explore.frame(one.id).click()
    explore.at(one.id)
    assert np.array_equal(explore.layer(0)[..., :3], one.result)
    explore.frame("original").click()
    explore.at("original")
    explore.frame(two.id).click()
    explore.at(two.id)
    assert np.array_equal(explore.layer(0)[..., :3], two.result)
    moves = [(kind, payload["edit"]) for kind, payload in explore.recorded.events(explore.session)]
    assert moves == [("jump", one.id), ("jump", None), ("jump", two.id)]


def test_reset_is_recorded_and_loses_nothing(explore: ExplorePage) -> None:
    expect(explore.by_id("reset")).to_be_disabled()
    one, two = _edit(explore, FIRST), _edit(explore, SECOND)
    explore.by_id("reset").click()
    explore.at("original")
    assert explore.recorded.events(explore.session) == [("reset", {"edit": None})]
    assert explore.recorded.session(explore.session)["head"] == 0
    for edit in (one, two):
        expect(explore.frame(edit.id)).to_be_visible()
    three = _edit(explore, THIRD)
    assert three.parent is None
    expect(explore.frames).to_have_count(4)


def test_the_answers_go_back_too(explore: ExplorePage) -> None:
    before = explore.answers()
    one = _edit(explore, FIRST)
    after = explore.answers()
    assert after != before
    assert explore.answers("original") == before
    explore.by_id("undo").click()
    explore.at("original")
    assert explore.answers() == before
    explore.frame(one.id).click()
    explore.at(one.id)
    assert explore.answers() == after


def _edit(explore: ExplorePage, points: list[tuple[float, float]]) -> RecordedEdit:
    explore.stroke(points)
    edit = explore.last()
    explore.at(edit.id)
    return edit
