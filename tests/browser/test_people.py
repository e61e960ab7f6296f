"""Two people at once share the application and nothing else."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, Watched


def test_two_people_work_in_sessions_of_their_own(open_page: OpenPage, watched: Watched) -> None:
    anna, ben = open_page(context=watched.context()), open_page(context=watched.context())
    anna.stroke([(120, 60), (200, 90)])
    ben.stroke([(260, 160), (330, 190)])
    anna.stroke([(120, 160), (200, 190)])
    assert anna.session != ben.session
    assert [len(person.edits()) for person in (anna, ben)] == [2, 1]
    expect(ben.frames).to_have_count(2)


def test_two_tabs_on_one_session_make_a_branch(open_page: OpenPage, watched: Watched) -> None:
    context = watched.context()
    first = open_page(context=context)
    first.stroke([(120, 60), (200, 90)])
    second = open_page(f"/?session={first.session}", context=context)
    expect(second.frames).to_have_count(2)
    second.stroke([(260, 160), (330, 190)])
    first.drag([(120, 160), (200, 190)])
    expect(first.frames).to_have_count(4)
    first.ready()
    [root, *branches] = first.edits()
    assert [edit.parent for edit in branches] == [root.id, root.id]
