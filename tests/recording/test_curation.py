from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sqlalchemy import select

from dashboard.recording import answers, browsing, curation
from dashboard.recording.browse_url import parse_state
from dashboard.recording.continuing import continue_as_new_session
from dashboard.recording.deleting import Extent, delete_sessions, extent
from dashboard.recording.edits import apply_edit
from dashboard.recording.files import collect
from dashboard.recording.ids import RequestError, new_id
from dashboard.recording.sessions import describe
from dashboard.recording.view import explore_view
from db import models, queries
from db.browse_filter import BrowseState
from db.errors import ConflictError, NotFoundError
from tests.support.edits import MODEL, OTHER_MODEL, edit_request, rectangle, sitting
from tests.support.pictures import add_small, pixels_of
from tests.support.rows import assert_whole, blob_names, counted_statements, row_counts


def record(workspace, picture, *lengths: int) -> list[list[str]]:
    """Sessions of so many edits each: [session's id, edits' ids …]."""
    answers.of_picture(workspace, picture, [MODEL])
    made = []
    for number, length in enumerate(lengths):
        where, edits = sitting(picture), []
        for step in range(length):
            shapes = [rectangle(2 + number, 3, 9 + number + step, 20)]
            edits.append(apply_edit(workspace, edit_request(where, edits[-1] if edits else None, shapes=shapes)).id)
        made.append([where.session, *edits])
    return made


def items(*sessions: str) -> dict[str, list[str]]:
    return {"items": [f"session:{session}" for session in sessions]}


def listed(workspace, query: str = "") -> dict[str, object]:
    return {row.id: row for row in browsing.rows(workspace, parse_state(query), 0, 100).rows}


def test_tags_are_put_on_and_taken_off_sessions_and_edits(stored):
    first, second = record(stored, add_small(stored), 2, 1)
    event = new_id()
    given = {"items": [f"session:{first[0]}", f"edit:{second[1]}"]}
    for _ in range(2):
        assert curation.tag(stored, event, given, ["Check ", "for  the paper"], None) == 2
    curation.tag(stored, new_id(), items(second[0]), ["CHECK"], [])
    assert listed(stored)[first[0]].tags == ("Check", "for the paper")
    assert listed(stored)[second[0]].tags == ("Check",), "tags that differ in case only are one"
    assert listed(stored, "view=edits")[second[1]].tags == ("Check", "for the paper")
    assert set(listed(stored, "view=edits&tag=for+the+paper")) == {*first[1:], second[1]}
    curation.tag(stored, new_id(), given, None, ["for the paper"])
    assert browsing.choices(stored).tags == ("Check",), "a tag that nothing carries vanishes"


@pytest.mark.parametrize("names", [[""], ["x" * 61], [3], "word", ["a\0b"], [f"tag {n}" for n in range(21)]])
def test_bad_tags_change_nothing(stored, names):
    ((session, *_),) = record(stored, add_small(stored), 1)
    before = row_counts(stored.database)
    with pytest.raises(RequestError, match=r"\.$"):
        curation.tag(stored, new_id(), items(session), names, [])
    assert row_counts(stored.database) == before
    assert browsing.choices(stored).tags == ()


def test_one_session_gets_the_name_and_several_get_numbers(stored):
    made = [session for session, *_ in record(stored, add_small(stored), 1, 1, 1)]
    assert curation.rename(stored, new_id(), items(made[1]), "Alone") == 1
    assert listed(stored)[made[1]].session == "Alone"
    assert curation.rename(stored, new_id(), {"query": ""}, "Pilot") == 3
    assert [listed(stored)[session].session for session in made] == ["Pilot 1", "Pilot 2", "Pilot 3"]


def test_the_archive_hides_sessions_and_their_edits_and_gives_them_back(stored):
    first, second = record(stored, add_small(stored), 2, 1)
    through_an_edit = {"items": [f"edit:{first[1]}"]}
    assert curation.archive(stored, new_id(), through_an_edit, True) == 1
    assert set(listed(stored)) == {second[0]}
    assert set(listed(stored, "view=edits")) == {second[1]}
    assert set(listed(stored, "view=edits&archived=1")) == set(first[1:])
    apply_edit(stored, edit_request(sitting(add_small(stored), first[0])))
    assert set(listed(stored, "view=edits")) == {second[1]}, "what is added to an archived session is archived too"
    curation.archive(stored, new_id(), items(first[0]), False)
    assert len(listed(stored, "view=edits")) == 4


def test_a_note_is_kept_found_changed_and_taken_away(stored):
    ((session, edit),) = record(stored, add_small(stored), 1)
    curation.note(stored, new_id(), edit, " The left ear ")
    assert set(listed(stored, "q=left+ear")) == {session}
    curation.note(stored, new_id(), edit, "The right ear")
    assert listed(stored, "q=left+ear") == {}
    curation.note(stored, new_id(), edit, "")
    assert listed(stored, "q=ear") == {}
    with pytest.raises(NotFoundError):
        curation.note(stored, new_id(), new_id(), "nowhere")


def test_a_note_and_a_tag_on_a_copied_step_lead_to_its_session(stored):
    ((source, edit),) = record(stored, add_small(stored), 1)
    copied = continue_as_new_session(stored, new_id(), edit, {}).id
    with stored.database.read() as transaction:
        (copy,) = queries.edits(transaction, copied)
    curation.note(stored, new_id(), copy.id, "The left ear")
    curation.tag(stored, new_id(), {"items": [f"edit:{copy.id}"]}, ["later"], [])
    assert set(listed(stored, "q=left+ear")) == set(listed(stored, "tag=later")) == {copied}
    assert set(listed(stored)) == {source, copied}


def test_deleting_takes_exactly_what_was_said(stored):
    picture = add_small(stored)
    gone, kept = record(stored, picture, 3, 2)
    curation.tag(stored, new_id(), {"items": [f"session:{gone[0]}", f"edit:{gone[2]}"]}, ["x"], [])
    curation.note(stored, new_id(), gone[1], "soon gone")
    given, event = items(gone[0]), new_id()
    assert extent(stored, given) == Extent(1, 3, 3)
    files = blob_names(stored.blobs)
    for _ in range(2):
        assert delete_sessions(stored, event, given, {"sessions": 1, "edits": 3}) == Extent(1, 3, 3)
    assert set(listed(stored)) == {kept[0]}
    assert set(listed(stored, "view=edits")) == set(kept[1:])
    assert len(blob_names(stored.blobs)) == len(files) - 3
    assert_whole(stored.database, stored.blobs)
    with stored.database.read() as transaction:
        (payload,) = transaction.scalars(select(models.Event.payload).filter_by(kind="delete"))
    assert payload["outcome"]["sessions"] == [gone[0]]
    with pytest.raises(NotFoundError):
        extent(stored, given)


def test_what_was_said_of_a_deleted_session_goes_from_the_events_too(stored):
    gone, kept = record(stored, add_small(stored), 1, 1)
    alone, both, tagged, other = (new_id() for _ in range(4))
    curation.rename(stored, alone, items(gone[0].upper()), "Mrs Secret")
    curation.tag(stored, tagged, {"items": [f"edit:{gone[1]}"]}, ["secret"], [])
    curation.rename(stored, both, items(gone[0], kept[0]), "Pilot")
    curation.rename(stored, other, items(kept[0]), "Alone")
    given = items(gone[0])
    delete_sessions(stored, new_id(), given, vars(extent(stored, given)))
    with stored.database.read() as transaction:
        payloads = {e.public_id: e.payload for e in transaction.scalars(select(models.Event))}
    assert all("ecret" not in str(payload) for payload in payloads.values())
    assert payloads[both]["name"] == "Pilot"
    assert payloads[both]["selection"] == items(kept[0])
    assert payloads[other]["name"] == "Alone"
    # Sent again, none of them is done again.
    assert curation.rename(stored, both, items(gone[0], kept[0]), "Pilot") == 2
    assert curation.tag(stored, tagged, {"items": [f"edit:{gone[1]}"]}, ["secret"], []) == 1
    assert listed(stored)[kept[0]].session == "Alone"
    with pytest.raises(ConflictError):
        curation.archive(stored, alone, items(kept[0]), True)


def test_nothing_is_deleted_when_more_would_go_than_was_said(stored):
    ((session, *_),) = record(stored, add_small(stored), 2)
    before = row_counts(stored.database)
    with pytest.raises(ConflictError, match="2 edits"):
        delete_sessions(stored, new_id(), items(session), {"sessions": 1, "edits": 1})
    assert row_counts(stored.database) == before
    assert_whole(stored.database, stored.blobs)


def test_other_sessions_than_she_saw_are_not_deleted_though_they_are_as_many(stored):
    seen, other = (session for session, _ in record(stored, add_small(stored), 1, 1))
    curation.rename(stored, new_id(), items(seen), "pilot")
    told = vars(extent(stored, {"query": "q=pilot"}))
    curation.rename(stored, new_id(), items(seen), "")
    curation.rename(stored, new_id(), items(other), "pilot")
    with pytest.raises(ConflictError, match="other sessions"):
        delete_sessions(stored, new_id(), {"query": "q=pilot"}, told)
    assert set(listed(stored)) == {seen, other}
    curation.rename(stored, new_id(), items(other), "")
    curation.rename(stored, new_id(), items(seen), "pilot")
    assert delete_sessions(stored, new_id(), {"query": "q=pilot"}, told).sessions == 1
    assert set(listed(stored)) == {other}


def test_a_file_that_another_session_needs_stays(stored):
    picture = add_small(stored)
    same = [rectangle(1, 1, 9, 9)]
    one, other = (apply_edit(stored, edit_request(sitting(picture), shapes=same)) for _ in range(2))
    assert one.result_blob == other.result_blob
    delete_sessions(stored, new_id(), items(one.session), {"sessions": 1, "edits": 1})
    assert_whole(stored.database, stored.blobs)
    delete_sessions(stored, new_id(), items(other.session), {"sessions": 1, "edits": 1})
    assert other.result_blob not in stored.blobs


def test_no_edit_loses_its_file_to_a_collection_at_the_same_moment(stored):
    """One thread removes whatever nothing refers to while others make edits of the very same picture."""
    picture = add_small(stored)
    shapes = [rectangle(1, 1, 9, 9)]
    blob = apply_edit(stored, edit_request(sitting(picture), shapes=shapes)).result_blob
    done = threading.Event()

    def collecting() -> None:
        while not done.is_set():
            with stored.database.read() as transaction:
                sessions = list(transaction.scalars(select(models.Session.public_id)))
            if sessions:
                delete_sessions(stored, new_id(), items(sessions[0]), {"sessions": 1, "edits": 1})
            collect(stored, [blob])

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(collecting)
        try:
            for _ in range(25):
                apply_edit(stored, edit_request(sitting(picture), shapes=shapes))
        finally:
            done.set()
        running.result(30)
    assert_whole(stored.database, stored.blobs)


def test_going_on_from_a_step_copies_the_way_there_and_counts_nothing_twice(stored):
    picture = add_small(stored)
    ((source, first, second, third),) = record(stored, picture, 3)
    other = apply_edit(stored, edit_request(sitting(picture, source), first, shapes=[rectangle(30, 3, 40, 9)]))
    event = new_id()
    describe(stored, new_id(), sitting(picture, source), {"name": "First", "person": "Ada", "notes": ""}, None)
    sessions = {continue_as_new_session(stored, event, other.id, {"browser": "none"}).id for _ in range(2)}
    assert sessions == {event}
    assert listed(stored)[event].session == "First (continued)"
    assert listed(stored)[event].person == "", "somebody else may go on from it"
    with stored.database.read() as transaction:
        copies = queries.edits(transaction, event)
        originals = {edit.id: edit for edit in queries.edits(transaction, source)}
        assert set(transaction.scalars(select(models.Edit.copied_from))) == {None, first, other.id}
    assert [copy.result_blob for copy in copies] == [originals[first].result_blob, other.result_blob]
    assert [copy.parent for copy in copies] == [None, copies[0].id]
    assert explore_view(stored, None, event, None, [MODEL]).edit.id == copies[1].id
    assert browsing.glance(stored, BrowseState("edits")).edits == 4
    added = apply_edit(stored, edit_request(sitting(picture, event), copies[1].id, shapes=[rectangle(3, 30, 9, 40)]))
    assert browsing.glance(stored, BrowseState("edits")).edits == 5
    assert np.array_equal(pixels_of(stored, added.result_blob)[:9, 41:], pixels_of(stored, other.result_blob)[:9, 41:])
    del second, third


def test_a_long_way_is_copied_in_as_many_statements_as_a_short_one(stored):
    made = record(stored, add_small(stored), 2, 12)
    counts = []
    for source, *edits in made:
        answers.of_edit(stored, edit_of(stored, edits[-1]), [OTHER_MODEL])
        with counted_statements(stored.database) as sent:
            session = continue_as_new_session(stored, new_id(), edits[-1], {})
        counts.append(len(sent))
        with stored.database.read() as transaction:
            copies = queries.edits(transaction, session.id)
            originals = queries.edits(transaction, source)
            given = queries.answers_of_edits(transaction, session.id)
        assert [copy.sequence for copy in copies] == list(range(1, len(edits) + 1))
        assert [copy.parent for copy in copies] == [None, *(copy.id for copy in copies[:-1])]
        assert [copy.result_blob for copy in copies] == [edit.result_blob for edit in originals]
        models_asked = [[answer.model.key for answer in given[copy.id]] for copy in copies]
        assert models_asked == [[MODEL]] * (len(edits) - 1) + [[MODEL, OTHER_MODEL]]
    assert counts[0] == counts[1] <= 20


def edit_of(workspace, edit_id):
    with workspace.database.read() as transaction:
        return queries.find_edit(transaction, edit_id)


def test_the_source_can_go_and_the_continuation_stays_whole(stored):
    ((source, *edits),) = record(stored, add_small(stored), 2)
    session = continue_as_new_session(stored, new_id(), edits[1], {}).id
    delete_sessions(stored, new_id(), items(source), {"sessions": 1, "edits": 2})
    assert_whole(stored.database, stored.blobs)
    assert explore_view(stored, None, session, None, [MODEL]).edit is not None


@pytest.mark.parametrize(
    "given", [None, {}, {"items": []}, {"items": ["picture:1"]}, {"items": ["session:x"]}, {"query": 3}, {"items": "a"}]
)
def test_a_selection_that_makes_no_sense_is_refused_with_a_sentence(workspace, given):
    with pytest.raises(RequestError, match=r"\.$"):
        curation.archive(workspace, new_id(), given, True)
