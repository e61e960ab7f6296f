"""Tagging, archiving, deleting and continuing while something else goes on, and asked for again."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, func, select

from dashboard.recording import answers, browsing, curation
from dashboard.recording.continuing import continue_as_new_session
from dashboard.recording.deleting import Extent, delete_sessions, extent
from dashboard.recording.edits import apply_edit
from dashboard.recording.ids import RequestError, new_id
from dashboard.recording.selections import locked_rows, parse_selection
from db import models
from db.browse_filter import BrowseState
from db.errors import ConflictError, NotFoundError, StorageError
from tests.support.edits import MODEL, OTHER_MODEL, edit_request, rectangle, sitting
from tests.support.pictures import add_small
from tests.support.rows import assert_whole, row_counts


@pytest.fixture
def edit(stored):
    return apply_edit(stored, edit_request(sitting(add_small(stored))))


def items(*sessions: str) -> dict[str, list[str]]:
    return {"items": [f"session:{session}" for session in sessions]}


ONE = {"sessions": 1, "edits": 1}


def meanwhile(stored, first: Callable, second: Callable[[], object]) -> object:
    """``second`` begins while the transaction that ``first`` works in is open, and ends once that is committed."""
    with ThreadPoolExecutor(1) as pool:
        with stored.database.write() as transaction:
            first(transaction)
            running = pool.submit(second)
            with pytest.raises(TimeoutError):
                running.result(0.7)
        return running.result(30)


def further_answer(stored, edit) -> Callable:
    fresh = answers.ask(stored, OTHER_MODEL, stored.pixels(edit.result_blob))

    def keep(transaction) -> None:
        number = transaction.scalars(select(models.Edit.id).filter_by(public_id=edit.id)).one()
        answers.keep_of_edits(transaction, [(number, fresh)])

    return keep


def test_a_session_is_deleted_whole_though_another_model_just_answered_it(stored, edit):
    gone = meanwhile(
        stored, further_answer(stored, edit), lambda: delete_sessions(stored, new_id(), items(edit.session), ONE)
    )
    assert gone == Extent(1, 1, 2)
    assert row_counts(stored.database)["predictions"] == 0


def test_an_answer_to_what_is_just_being_deleted_is_left_out(stored, edit):
    fresh = answers.ask(stored, OTHER_MODEL, stored.pixels(edit.result_blob))
    with stored.database.read() as transaction:
        number = transaction.scalars(select(models.Edit.id)).one()

    def remove(transaction) -> None:
        transaction.scalars(select(models.Session.id).with_for_update()).one()
        for table in (models.Outcome, models.Prediction, models.Edit, models.Session):
            transaction.execute(table.__table__.delete())

    def keep() -> None:
        with stored.database.write() as transaction:
            answers.keep_of_edits(transaction, [(number, fresh)])

    meanwhile(stored, remove, keep)
    assert row_counts(stored.database)["predictions"] == 0
    with pytest.raises(NotFoundError, match="deleted"):
        answers.of_edit(stored, edit, [OTHER_MODEL])


def test_an_answer_that_comes_while_its_session_is_archived_is_archived_too(stored, edit):
    keep = further_answer(stored, edit)
    meanwhile(stored, keep, lambda: curation.archive(stored, new_id(), items(edit.session), True))
    with stored.database.read() as transaction:
        assert transaction.scalars(select(models.Outcome.archived)).all() == [True, True]


def test_a_session_that_was_just_tagged_or_noted_is_deleted_whole(stored, edit):
    def put(transaction) -> None:
        rows = locked_rows(transaction, parse_selection(stored, {"items": [f"edit:{edit.id}"]}))
        transaction.add(models.Tag(id=1, name="late"))
        transaction.flush()
        transaction.add(models.EditTag(edit_id=rows.edits[0], tag_id=1))
        transaction.flush()

    meanwhile(stored, put, lambda: delete_sessions(stored, new_id(), items(edit.session), ONE))
    assert browsing.choices(stored).tags == ()
    with pytest.raises(NotFoundError):
        curation.note(stored, new_id(), edit.id, "too late")


def test_the_original_can_be_answered_while_a_session_of_it_is_deleted(stored, edit):
    other = apply_edit(stored, edit_request(sitting(add_small(stored))))

    def remove(transaction) -> None:
        number = transaction.scalars(select(models.Session.id).filter_by(public_id=edit.session)).one()
        transaction.execute(delete(models.Outcome).filter_by(session_id=number))

    meanwhile(stored, remove, lambda: answers.of_picture(stored, add_small(stored), [MODEL]))
    (row,) = browsing.rows(stored, BrowseState("edits"), 0, 10).rows
    assert (row.id, row.change is not None) == (other.id, True)


def test_of_two_who_delete_the_same_one_is_told_that_it_is_gone(stored, edit):
    def both(_number: int) -> object:
        try:
            return delete_sessions(stored, new_id(), items(edit.session), ONE)
        except StorageError as error:
            return type(error)

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(both, range(2)))
    assert sorted(map(str, found)) == sorted(map(str, [Extent(1, 1, 1), NotFoundError]))
    with stored.database.read() as transaction:
        assert transaction.scalar(select(func.count()).select_from(models.Event).filter_by(kind="delete")) == 1


def test_what_is_asked_for_again_is_answered_as_before_though_the_list_is_another_now(stored, edit):
    """The answer may be lost on its way; by then the list that was archived does not hold what it held."""
    archived, renamed, tagged = new_id(), new_id(), new_id()
    for _ in range(2):
        assert curation.archive(stored, archived, {"query": ""}, True) == 1
    for _ in range(2):
        assert curation.rename(stored, renamed, {"query": "archived=1"}, "Old") == 1
    for _ in range(2):
        assert curation.tag(stored, tagged, {"query": "archived=1&view=edits"}, ["old"], None) == 1
    curation.archive(stored, new_id(), items(edit.session), False)
    with pytest.raises(ConflictError):
        curation.archive(stored, tagged, {"query": ""}, True)
    with pytest.raises(RequestError, match="Nothing is selected"):
        extent(stored, {"query": "q=nothing+like+this"})


def test_a_continuation_is_found_again_even_when_its_source_is_gone(stored, edit):
    event = new_id()
    with pytest.raises(NotFoundError):
        continue_as_new_session(stored, event, edit.id, {}, session_id=new_id())
    first = continue_as_new_session(stored, event, edit.id, {}, session_id=edit.session)
    delete_sessions(stored, new_id(), items(edit.session), ONE)
    assert continue_as_new_session(stored, event, edit.id, {}).id == first.id == event
    with pytest.raises(NotFoundError):
        continue_as_new_session(stored, new_id(), edit.id, {})


def test_the_id_of_another_session_or_event_is_no_id_for_a_continuation(stored, edit):
    other = apply_edit(stored, edit_request(sitting(add_small(stored)), shapes=[rectangle(1, 1, 4, 4)]))
    tagged = new_id()
    curation.tag(stored, tagged, items(edit.session), ["x"], None)
    event = new_id()
    continue_as_new_session(stored, event, edit.id, {})
    before = row_counts(stored.database)
    for taken, source in ((other.session, edit), (tagged, edit), (event, other)):
        with pytest.raises(ConflictError):
            continue_as_new_session(stored, taken, source.id, {})
    assert row_counts(stored.database) == before


def test_copies_are_answered_by_further_models_and_still_not_counted(stored, edit):
    copied = continue_as_new_session(stored, new_id(), edit.id, {})
    with stored.database.read() as transaction:
        numbers = transaction.scalars(select(models.Edit.id)).all()
    fresh = answers.ask(stored, OTHER_MODEL, stored.pixels(edit.result_blob))
    with stored.database.write() as transaction:
        answers.keep_of_edits(transaction, [(number, fresh) for number in numbers])
    assert row_counts(stored.database)["predictions"] == 4
    assert browsing.glance(stored, BrowseState("edits")).edits == 1
    assert extent(stored, items(copied.id)) == Extent(1, 1, 2)


def test_a_deletion_is_done_though_a_file_cannot_be_removed(stored, edit, monkeypatch):
    def refuse(_sha256: str) -> int:
        raise StorageError("A picture's file could not be removed (Read-only file system).")

    event = new_id()
    monkeypatch.setattr(type(stored.blobs), "remove", lambda _blobs, sha256: refuse(sha256))
    assert delete_sessions(stored, event, items(edit.session), ONE) == Extent(1, 1, 1)
    assert delete_sessions(stored, event, items(edit.session), ONE) == Extent(1, 1, 1)
    assert_whole(stored.database, stored.blobs)
