from __future__ import annotations

import pytest

from dashboard.recording import answers, sessions
from dashboard.recording.edits import apply_edit
from dashboard.recording.ids import new_id
from dashboard.recording.pictures import About, add_picture
from dashboard.recording.view import explore_view
from db import queries
from db.errors import NotFoundError
from db.queries import SessionFilter
from tests.support.edits import MODEL, OTHER_MODEL, edit_request, rectangle, sitting
from tests.support.pictures import add_cat, add_small, gradient, png
from tests.support.rows import counted_statements


def record(workspace, picture, edits: int) -> str:
    """A session with a chain of edits; its id."""
    answers.of_picture(workspace, picture, [MODEL])
    where, parent = sitting(picture), None
    for number in range(edits):
        shapes = [rectangle(number, 2, number + 3, 9)]
        parent = apply_edit(workspace, edit_request(where, parent, shapes=shapes)).id
    return where.session


def test_reading_thirty_edits_takes_as_many_statements_as_two(stored):
    picture = add_small(stored)
    statements = {}
    for edits in (2, 30):
        session = record(stored, picture, edits)
        with counted_statements(stored.database) as sent, stored.database.read() as transaction:
            assert len(queries.edits(transaction, session)) == edits
            assert len(queries.answers_of_edits(transaction, session)) == edits
            assert queries.session(transaction, session).edit_count == edits
            assert queries.sessions(transaction, SessionFilter(flipped=False, model=MODEL))
        with counted_statements(stored.database) as seen:
            assert len(explore_view(stored, None, session, None, [MODEL]).steps) == edits
        statements[edits] = (len(sent), len(seen))
    assert statements[2] == statements[30]
    assert statements[30][0] == 6


def test_listing_many_sessions_takes_one_statement(stored):
    picture = add_small(stored)
    for _ in range(5):
        record(stored, picture, 1)
    with counted_statements(stored.database) as sent, stored.database.read() as transaction:
        assert len(queries.sessions(transaction, SessionFilter())) == 5
    assert len(sent) == 1


def test_sessions_come_newest_first_and_in_pages(stored):
    picture = add_small(stored)
    made = [record(stored, picture, 1) for _ in range(5)][::-1]
    with stored.database.read() as transaction:
        assert [found.id for found in queries.sessions(transaction, SessionFilter())] == made
        page = queries.sessions(transaction, SessionFilter(limit=2, offset=1))
        assert [found.id for found in page] == made[1:3]


def test_sessions_are_found_by_picture_and_by_model(stored):
    small = add_small(stored)
    other = add_picture(stored, png(gradient(20, 30)), About("Other"))
    first, second = record(stored, small, 1), record(stored, other, 1)
    apply_edit(stored, edit_request(sitting(other), models=(OTHER_MODEL,)))
    with stored.database.read() as transaction:

        def found(**wanted: str) -> list[str]:
            return [session.id for session in queries.sessions(transaction, SessionFilter(**wanted))]

        assert found(image="Gradient") == found(image=small.id) == [first]
        assert set(found(model=MODEL)) == {first, second}
        assert len(found(model=OTHER_MODEL)) == 1
        assert len(found(model=OTHER_MODEL, image=other.id)) == 1
        assert found(model=OTHER_MODEL, image=small.id) == found(model="nonsense") == found(image="nonsense") == []


def test_flipped_is_about_the_top_answer_of_the_same_model(stored):
    cat = add_cat(stored)
    answers.of_picture(stored, cat, [MODEL])
    whole = rectangle(0, 0, cat.working_width, cat.working_height - 1)
    flipped = apply_edit(stored, edit_request(sitting(cat), shapes=[whole])).session
    apply_edit(stored, edit_request(sitting(cat), shapes=[rectangle(0, 0, 3, 3)]))
    with stored.database.read() as transaction:
        assert [found.id for found in queries.sessions(transaction, SessionFilter(flipped=True))] == [flipped]
        assert queries.sessions(transaction, SessionFilter(flipped=True, model=OTHER_MODEL)) == []


def test_an_unflipped_session_is_listed_with_no_edit_at_all(stored):
    picture = add_small(stored)
    where = sitting(picture)
    sessions.describe(stored, new_id(), where, {"name": "empty"}, None)
    with stored.database.read() as transaction:
        (found,) = queries.sessions(transaction, SessionFilter())
    assert (found.id, found.name, found.edit_count, found.head, found.tip) == (where.session, "empty", 0, None, None)


def test_what_is_not_there(database):
    with database.read() as transaction:
        assert queries.pictures(transaction) == []
        assert queries.edits(transaction, "nothing") == []
        assert queries.answers_of_edit(transaction, "nothing") == []
        assert queries.answers_of_edits(transaction, "nothing") == {}
        assert queries.answers_of_picture(transaction, "nothing") == []
        assert queries.find_edit(transaction, "nothing") is None
        assert queries.find_session(transaction, "nothing") is None
        assert queries.picture_by_pixels(transaction, "nothing") is None
        assert not queries.is_cancelled(transaction, "nothing")
        for ask in (queries.session, queries.picture, queries.image_row):
            with pytest.raises(NotFoundError):
                ask(transaction, "nothing")


def test_pictures_of_one_set_the_newest_first(stored):
    for number in range(3):
        add_picture(stored, png(gradient(20 + number, 30)), About(f"picture {number}", "a" if number else "b"))
    with stored.database.read() as transaction:
        assert [found.name for found in queries.pictures(transaction)] == ["picture 2", "picture 1", "picture 0"]
        assert [found.name for found in queries.pictures(transaction, "a")] == ["picture 2", "picture 1"]
        assert [found.name for found in queries.pictures(transaction, limit=1)] == ["picture 2"]
