"""A session as a film: any tree of edits is shown in order, each step on its parent, each branch alone if asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.recording import answers
from dashboard.recording.edits import apply_edit
from dashboard.recording.film import (
    FEWEST_CLASSES,
    MOST_CLASSES,
    along_branch,
    as_it_happened,
    ends,
    film,
    followed_classes,
    times,
)
from dashboard.recording.ids import new_id
from db import models
from db.errors import NotFoundError
from db.films import AnswerInShort, EditInShort
from db.probabilities import pack
from tests.support.edits import MODEL, OTHER_MODEL, edit_request, rectangle, sitting
from tests.support.pictures import add_small
from tests.support.rows import counted_statements

#     0 ─ 1 ─ 2 ─ 3
#      \   \─ 4
#       \─ 5 ─ 6
TREE = {1: 0, 2: 1, 3: 2, 4: 1, 5: 0, 6: 5}


def trees() -> st.SearchStrategy[dict[int, int]]:
    picks = st.lists(st.integers(0, 100), max_size=40)
    return picks.map(lambda found: {number: pick % number for number, pick in enumerate(found, 1)})


def test_the_whole_film_goes_back_where_a_branch_begins():
    shown = [(stop.number, stop.parent, stop.goes_back) for stop in as_it_happened(TREE)]
    assert shown == [(1, 0, False), (2, 1, False), (3, 2, False), (4, 1, True), (5, 0, True), (6, 5, False)]


def test_a_branch_is_shown_alone():
    assert [(stop.number, stop.parent) for stop in along_branch(TREE, 4)] == [(1, 0), (4, 1)]
    assert [(stop.number, stop.parent) for stop in along_branch(TREE, 6)] == [(5, 0), (6, 5)]
    assert ends(TREE) == [3, 4, 6]


@given(trees())
def test_any_tree_as_it_happened_ends_with_the_last_edit(parents):
    stops = as_it_happened(parents)
    assert [stop.number for stop in stops] == sorted(parents)
    on_screen = 0
    for stop in stops:
        if stop.goes_back:
            assert on_screen != stop.parent
            on_screen = stop.parent
        # What is drawn over is the picture that the person drew over.
        assert on_screen == stop.parent == parents[stop.number]
        on_screen = stop.number
    assert on_screen == max(parents, default=0)


@given(trees())
def test_any_branch_leads_from_the_original_to_its_end(parents):
    found = set()
    for end in ends(parents):
        stops = along_branch(parents, end)
        on_screen = 0
        for stop in stops:
            assert (stop.parent, stop.goes_back) == (on_screen, False)
            assert parents[stop.number] == stop.parent
            on_screen = stop.number
        assert on_screen == end
        found |= {stop.number for stop in stops}
    assert found == set(parents)
    assert not set(ends(parents)) & set(parents.values())


BEGIN = datetime(2026, 5, 4, 12, tzinfo=UTC)


def made(number: int, at_s: float, started_ms: float | None, ended_ms: float | None) -> EditInShort:
    at = BEGIN + timedelta(seconds=at_s)
    return EditInShort(str(number), number, number - 1, "remove", "mean", 0.1, "", started_ms, ended_ms, 50, at, None)


def test_pauses_are_from_the_end_of_a_stroke_to_the_begin_of_the_next():
    found = times([made(1, 0, 1000, 1600), made(2, 9, 9000, 9500)])
    assert [(one.pause_ms, one.drawing_ms) for one in found] == [(0, 600), (7400, 500)]


def test_without_the_persons_clock_the_server_says_how_long():
    found = times([made(1, 0, None, None), made(2, 4, None, None)])
    assert [(one.pause_ms, one.drawing_ms) for one in found] == [(0, None), (3950, None)]


def test_the_clocks_of_two_machines_are_not_compared():
    found = times([made(1, 0, 900_000, 901_000), made(2, 4, 5000, 6000)])
    assert found[1].pause_ms == 4000 - 50 - 1000


def said(number: int, *probabilities: float) -> AnswerInShort:
    import numpy as np

    values = np.array(probabilities, np.float32)
    return AnswerInShort(number, 1, int(values.argmax()), float(values.max()), pack(values))


def test_the_classes_are_the_originals_first_then_what_came_to_the_top_then_the_originals_next():
    answers = {
        0: said(0, 0.5, 0.2, 0.1, 0.08, 0.07, 0.05),
        1: said(1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.5),
        2: said(2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.5),
        3: said(3, 0.1, 0.1, 0.1, 0.5, 0.1, 0.1),
    }
    assert followed_classes(answers) == [0, 5, 3, 1, 2]
    assert len(followed_classes(answers)) == FEWEST_CLASSES


def test_no_more_than_six_classes_are_followed():
    answers = {0: said(0, 0.9, *[0.01] * 9)}
    answers |= {n: said(n, *[0.9 if index == n else 0.01 for index in range(10)]) for n in range(1, 10)}
    assert followed_classes(answers) == [0, 1, 2, 3, 4, 5]
    assert len(followed_classes(answers)) == MOST_CLASSES


def test_nothing_answered_nothing_followed():
    assert followed_classes({}) == []


def record(workspace, edits: int, models: tuple[str, ...] = (MODEL,)) -> list[str]:
    """A chain of edits with a branch from the original at its end; the session's id, then the edits'."""
    picture = add_small(workspace)
    answers.of_picture(workspace, picture, [MODEL])
    where, parent, made = sitting(picture), None, []
    for number in range(edits - 1):
        shapes = [rectangle(number, 2, number + 3, 9)]
        parent = apply_edit(workspace, edit_request(where, parent, shapes=shapes, models=models)).id
        made.append(parent)
    made.append(apply_edit(workspace, edit_request(where, None, models=models)).id)
    return [where.session, *made]


def test_a_film_of_thirty_edits_takes_as_many_statements_as_one_of_two(stored):
    statements = {}
    for edits in (2, 30):
        session, *_ = record(stored, edits)
        with counted_statements(stored.database) as sent:
            found = film(stored, session)
        assert len(found.steps) == len(found.stops) == edits
        statements[edits] = len(sent)
    assert statements == {2: 8, 30: 8}


def test_a_film_says_what_the_model_said(stored):
    session, first, second, other = record(stored, 3)
    found = film(stored, session)
    assert [step.edit.id for step in found.steps] == [first, second, other]
    assert [step.depth for step in found.steps] == [1, 2, 1]
    assert (found.model, [one.id for one in found.models]) == (MODEL, [MODEL])
    assert found.original is not None
    assert found.classes[0].label == found.original.top_label
    for step in found.steps:
        assert step.answer is not None
        assert len(step.answer.probabilities) == len(found.classes)
        assert max(step.answer.probabilities) == pytest.approx(step.answer.top_probability)
    assert [stop.goes_back for stop in found.stops] == [False, False, True]
    assert found.ends == [2, 3]


def test_a_branch_of_a_session(stored):
    session, _first, second, other = record(stored, 3)
    found = film(stored, session, end=second)
    assert [stop.number for stop in found.stops] == [1, 2]
    assert [stop.number for stop in film(stored, session, end=other).stops] == [3]
    # The tree is whole all the same, so that other branches can be entered.
    assert len(found.steps) == 3


def test_a_model_that_answered_only_some_steps_is_undefined_at_the_others(stored):
    session, first, _ = record(stored, 2)
    with stored.database.read() as transaction:
        from db import queries

        edit = queries.find_edit(transaction, first)
    assert edit is not None
    answers.of_edit(stored, edit, [OTHER_MODEL])
    assert [one.id for one in film(stored, session).models] == [MODEL, OTHER_MODEL]
    found = film(stored, session, OTHER_MODEL)
    assert found.original is None
    assert [step.answer is not None for step in found.steps] == [True, False]


def other_weights(stored, **of):
    """Says of the newest answer to an edit, or to a picture, that other weights under the same key gave it."""
    with stored.database.write() as transaction:
        old = transaction.query(models.Model).order_by(models.Model.id).first()
        new = {c.name: getattr(old, c.name) for c in models.Model.__table__.columns if c.name != "id"}
        row = models.Model(**new | {"weights_sha256": "f" * 64})
        transaction.add(row)
        transaction.flush()
        last = transaction.query(models.Prediction).filter_by(**of).order_by(models.Prediction.id.desc()).first()
        transaction.query(models.Outcome).filter_by(prediction_id=last.id).delete()
        last.model_id = row.id
        return old.weights_sha256[:8]


def test_other_weights_under_the_same_key_are_another_model(stored):
    session, _first, _second = record(stored, 2)
    weights = other_weights(stored, image_id=None)
    found = film(stored, session)
    assert [one.id for one in found.models] == [MODEL, f"{MODEL}@ffffffff"]
    assert [one.label.partition("(")[2] for one in found.models] == [f"{weights})", "ffffffff)"]
    assert [step.answer is not None for step in found.steps] == [True, False]


def test_a_link_with_the_models_key_keeps_working_when_other_weights_answer(stored):
    session, *_ = record(stored, 2)
    before = film(stored, session, MODEL)
    weights = other_weights(stored, edit_id=None)
    after = film(stored, session, MODEL)
    assert [step.answer.top_index for step in after.steps] == [step.answer.top_index for step in before.steps]
    assert film(stored, session, f"{MODEL}@{weights}").model == MODEL
    other = film(stored, session, f"{MODEL}@ffffffff")
    assert (other.original is not None, [step.answer for step in other.steps]) == (True, [None, None])
    with pytest.raises(NotFoundError):
        film(stored, session, f"{MODEL}@00000000")


def test_what_is_not_in_the_session_is_not_found(stored):
    session, *_ = record(stored, 2)
    _other, edit, _ = record(stored, 2)
    for wanted in ((new_id(), None, None), (session, "magic", None), (session, None, edit), (session, None, new_id())):
        with pytest.raises(NotFoundError):
            film(stored, *wanted)


def test_a_session_without_edits_is_an_empty_film(stored):
    from dashboard.recording import sessions

    where = sitting(add_small(stored))
    sessions.describe(stored, new_id(), where, {"name": "Nothing yet"}, None)
    found = film(stored, where.session)
    assert (found.steps, found.stops, found.models, found.model, found.classes) == ([], [], [], None, [])
