"""Coming back: what was done is there again, and where one was."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenPage
from tests.browser.explore import ExplorePage

FIRST = [(120, 80), (240, 140)]
SECOND = [(250, 200), (300, 230)]


def test_a_reload_resumes(explore: ExplorePage) -> None:
    explore.stroke(FIRST)
    explore.stroke(SECOND)
    one, two = explore.edits()
    session, answers = explore.session, explore.answers()
    explore.reload()
    explore.at(two.id)
    assert explore.session == session
    assert explore.answers() == answers
    assert np.array_equal(explore.layer(0)[..., :3], two.result)
    explore.by_id("undo").click()
    explore.at(one.id)
    explore.reload()
    explore.at(one.id)
    expect(explore.by_id("redo")).to_be_enabled()


def test_another_tab_of_the_same_browser_resumes(explore: ExplorePage, open_page: OpenPage) -> None:
    explore.stroke(FIRST)
    edit = explore.last().id
    explore.page.close()
    again = open_page(context=explore.page.context)
    again.at(edit)
    expect(again.frames).to_have_count(2)
    again.stroke(SECOND)
    assert [step.parent for step in again.edits()] == [None, edit]


def test_a_link_leads_to_the_session(explore: ExplorePage, open_page: OpenPage) -> None:
    explore.stroke(FIRST)
    edit = explore.last().id
    elsewhere = open_page(f"/?session={explore.session}")
    elsewhere.at(edit)


def test_a_link_to_nothing_begins_anew(open_page: OpenPage) -> None:
    explore = open_page("/?session=01890a5d-ac96-774b-bcce-b302099a8057")
    expect(explore.frames).to_have_count(1)
    explore.stroke(FIRST)
    expect(explore.frames).to_have_count(2)


def test_new_session(explore: ExplorePage) -> None:
    explore.stroke(FIRST)
    before, kept = explore.session, explore.edits()
    explore.by_id("new-session").click()
    expect(explore.frames).to_have_count(1)
    explore.at("original")
    explore.stroke(SECOND)
    assert explore.session != before
    assert len(explore.edits()) == 1
    assert [edit.id for edit in explore.recorded.edits(before)] == [edit.id for edit in kept]
    explore.reload()
    expect(explore.frames).to_have_count(2)


def test_name_person_and_notes(explore: ExplorePage) -> None:
    explore.stroke(FIRST)
    texts = {"name": "Does the face matter? <b>", "person": "P 07", "notes": "First line.\nSecond, with “quotes”."}
    explore.by_id("session-details").click()
    for key, text in texts.items():
        explore.by_id(f"session-{key}").fill(text)
    explore.by_id("session-save").click()
    expect(explore.page.get_by_role("dialog")).to_have_count(0)
    explore.ready()
    row = explore.recorded.session(explore.session)
    assert {key: row[key] for key in texts} == texts
    expect(explore.page).to_have_title(f"{texts['name']} – Regionscope")
    explore.reload()
    explore.by_id("session-details").click()
    for key, text in texts.items():
        expect(explore.by_id(f"session-{key}")).to_have_value(text)


def test_a_session_can_be_named_before_the_first_stroke(explore: ExplorePage) -> None:
    explore.by_id("session-details").click()
    explore.by_id("session-name").fill("Nothing yet")
    explore.by_id("session-save").click()
    expect(explore.page.get_by_role("dialog")).to_have_count(0)
    explore.ready()
    session = explore.session
    explore.stroke(FIRST)
    assert explore.session == session
    assert explore.recorded.session(session)["name"] == "Nothing yet"


def test_each_picture_has_a_session_of_its_own(explore: ExplorePage) -> None:
    explore.stroke(FIRST)
    cat, edit = explore.session, explore.last().id
    _pick(explore, "Cup of coffee")
    expect(explore.frames).to_have_count(1)
    explore.ready()
    explore.stroke(SECOND)
    assert explore.session != cat
    _pick(explore, "Chelsea the cat")
    explore.at(edit)
    assert explore.session == cat
    expect(explore.frames).to_have_count(2)


def _pick(explore: ExplorePage, name: str) -> None:
    thumbnail: Locator = explore.page.get_by_role("button", name=name, exact=True)
    thumbnail.click()
    expect(thumbnail).to_have_attribute("aria-pressed", "true")
    explore.ready()
