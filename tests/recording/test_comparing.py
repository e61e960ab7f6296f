from __future__ import annotations

import numpy as np
import pytest

from dashboard.recording import answers, comparing, sessions
from dashboard.recording.comparing import class_lines, compare, edits_to_answer, models_of, people_of
from dashboard.recording.comparison_url import Reference, parse_items, parse_reference
from dashboard.recording.differences import changed_pixels, people_map
from dashboard.recording.edits import apply_edit
from dashboard.recording.ids import RequestError, new_id
from dashboard.recording.pictures import About, add_picture
from db import models
from db.errors import NotFoundError
from tests.support.edits import MODEL, OTHER_MODEL, edit_request, rectangle, sitting
from tests.support.pictures import add_small, gradient, pixels_of, png
from tests.support.rows import counted_statements


def record(workspace, picture, edits=1, person="", name="") -> list[str]:
    """A session of one chain: its id, then its edits' ids."""
    where, made = sitting(picture), []
    answers.of_picture(workspace, picture, [MODEL])
    for number in range(edits):
        shapes = [rectangle(4 * number, 2, 4 * number + 8, 10)]
        made.append(apply_edit(workspace, edit_request(where, made[-1] if made else None, shapes=shapes)).id)
    if person or name:
        sessions.describe(workspace, new_id(), where, {"person": person, "name": name}, None)
    return [where.session, *made]


def found(workspace, *items: str):
    return compare(workspace, parse_items(",".join(items)))


def test_items_are_found_in_their_order(stored):
    picture = add_small(stored)
    session, first, second = record(stored, picture, 2, name="Two")
    compared = found(stored, f"edit:{first}", f"image:{picture.id}", f"session:{session}")
    assert [item.letter for item in compared.items] == ["A", "B", "C"]
    edit, image, end = compared.items
    assert edit.state.change.id == first
    assert edit.state.origin.name == "Two"
    assert (image.state.change, image.state.origin, image.blob) == (None, None, picture.working_blob)
    assert end.state.change.id == second
    assert end.answers[MODEL].probabilities.shape == (1000,)
    assert compared.problems == ()


def test_a_sessions_end_state_is_where_it_stands(stored):
    picture = add_small(stored)
    session, first, _second = record(stored, picture, 2)
    sessions.move(stored, new_id(), session, "jump", first, None)
    at_first, image = found(stored, f"session:{session}", f"image:{picture.id}").items
    assert at_first.state.change.id == first
    sessions.move(stored, new_id(), session, "reset", None, None)
    at_original = found(stored, f"session:{session}", f"image:{picture.id}").items[0]
    assert at_original.state.change is None
    assert at_original.blob == image.blob
    assert at_original.answers[MODEL].top_index == image.answers[MODEL].top_index


def test_twelve_items_take_as_many_statements_as_three(stored):
    picture = add_small(stored)
    made = [record(stored, picture, 3) for _ in range(3)]
    image = f"image:{picture.id}"
    few = [image, f"session:{made[0][0]}", f"edit:{made[0][1]}"]
    many = [image, *(f"session:{one[0]}" for one in made), *(f"edit:{edit}" for one in made for edit in one[1:])]
    counts = []
    for items in (few, many[:12]):
        with counted_statements(stored.database) as sent:
            compared = found(stored, *items)
        assert len(compared.items) == len(items)
        counts.append(len(sent))
    assert counts == [5, 5]


def test_what_is_bad_or_gone_is_said_and_the_others_show(workspace):
    picture = add_small(workspace)
    session, edit = record(workspace, picture)
    gone = new_id()
    compared = found(workspace, f"edit:{edit}", "magic:1", "edit:nonsense", f"edit:{gone}", f"session:{session}")
    assert [item.letter for item in compared.items] == ["A", "B"]
    magic, nonsense, missing = compared.problems
    assert "“magic:1” was left out" in magic
    assert "edit's id is not a UUID" in nonsense
    assert missing == f"The edit {gone} is not here; it may have been deleted."


@pytest.mark.parametrize(("count", "sentence"), [(0, "nothing to compare"), (1, "One item alone")])
def test_fewer_than_two_is_said(workspace, count, sentence):
    picture = add_small(workspace)
    compared = found(workspace, *[f"image:{picture.id}"] * count)
    assert not compared.is_enough
    assert sentence in compared.problems[-1]


def test_more_than_twelve_is_said_and_twelve_remain():
    asked = parse_items(",".join(f"edit:{new_id()}" for _ in range(14)))
    assert len(asked.references) == 12
    assert "14 items" in asked.problems[0]


def test_the_same_item_twice_is_one(workspace):
    identity = new_id()
    assert parse_items(f"edit:{identity},edit:{identity.upper()}").references == (Reference("edit", identity),)


def test_classes_are_the_references_five_and_each_items_own(workspace):
    picture = add_small(workspace)
    other = add_picture(workspace, png(gradient()[:, ::-1]), About("Mirrored"))
    answers.of_picture(workspace, picture, [MODEL])
    answers.of_picture(workspace, other, [MODEL])
    items = found(workspace, f"image:{picture.id}", f"image:{other.id}").items
    lines = class_lines(items, items[0], [MODEL])
    highest = np.argsort(-items[0].answers[MODEL].probabilities, kind="stable")[:5]
    assert [line.index for line in lines[:5]] == highest.tolist()
    assert items[1].answers[MODEL].top_index in [line.index for line in lines]
    value = lines[0].values[items[1].key, MODEL]
    assert value == float(items[1].answers[MODEL].probabilities[highest[0]])


def test_a_missing_answer_leaves_its_cells_empty(workspace):
    picture = add_small(workspace)
    _, edit = record(workspace, picture)
    answers.of_picture(workspace, picture, [OTHER_MODEL])
    items = found(workspace, f"image:{picture.id}", f"edit:{edit}").items
    assert [(model.key, model.answered) for model in models_of(items)] == [(MODEL, 2), (OTHER_MODEL, 1)]
    line = class_lines(items, items[0], [MODEL, OTHER_MODEL])[0]
    assert line.values[items[0].key, OTHER_MODEL] is not None
    assert line.values[items[1].key, OTHER_MODEL] is None


def other_weights(stored, edit, copy=False):
    """Says that other weights under the same key gave the answer to an edit, or that they gave it too."""
    with stored.database.write() as transaction:
        old = transaction.query(models.Model).order_by(models.Model.id).first()
        row = transaction.query(models.Model).filter_by(weights_sha256="f" * 64).one_or_none()
        if row is None:
            row = models.Model(**columns(old) | {"weights_sha256": "f" * 64})
            transaction.add(row)
            transaction.flush()
        number = transaction.query(models.Edit).filter_by(public_id=edit).one().id
        answer = transaction.query(models.Prediction).filter_by(edit_id=number).one()
        if copy:
            transaction.add(models.Prediction(**columns(answer) | {"model_id": row.id}))
        else:
            answer.model_id = row.id


def columns(row):
    return {c.name: getattr(row, c.name) for c in type(row).__table__.columns if c.name != "id"}


def test_answers_by_other_weights_are_not_compared(stored):
    session, first, second, third = record(stored, add_small(stored), 3)
    other_weights(stored, third)
    items = found(stored, *(f"edit:{edit}" for edit in (third, first, second))).items
    assert [(list(item.answers), set(item.other_weights)) for item in items] == [
        ([], {MODEL}),
        ([MODEL], set()),
        ([MODEL], set()),
    ]
    assert [model.answered for model in models_of(items)] == [2]
    other_weights(stored, second, copy=True)
    items = found(stored, f"edit:{third}", f"edit:{second}").items
    assert {item.answers[MODEL].model.weights_sha256 for item in items} == {"f" * 64}
    other_weights(stored, first, copy=True)
    items = found(stored, f"edit:{first}", f"edit:{second}").items
    assert {item.answers[MODEL].model.weights_sha256 for item in items} == {"f" * 64}, "of as many the newest"
    del session


def test_a_picture_is_not_compared_by_other_weights_than_the_edits(stored):
    picture = add_small(stored)
    where = sitting(picture)
    edit = apply_edit(stored, edit_request(where)).id
    other_weights(stored, edit)
    items = found(stored, f"edit:{edit}", f"image:{picture.id}").items
    answered, problems = comparing.with_pictures_answered(stored, items, [MODEL])
    assert problems == []
    assert [MODEL in item.answers for item in answered] == [True, False]
    assert answered[1].other_weights == {MODEL}


def test_people_are_persons_or_else_sessions(workspace):
    picture = add_small(workspace)
    anna, again = record(workspace, picture, person="Anna"), record(workspace, picture, 2, person="Anna")
    nobody = record(workspace, picture)
    keys = [f"session:{one[0]}" for one in (anna, again, nobody)]
    people = people_of(found(workspace, *keys, f"image:{picture.id}").items)
    assert (people.count, people.named, people.unnamed) == (2, 1, 1)
    assert people.groups == ((anna[1], again[2]), (nobody[1],))


def test_shares_are_of_everything_taken_away_along_the_branch(workspace):
    picture = add_small(workspace)
    one, two = record(workspace, picture), record(workspace, picture, 2)
    shares = people_map(workspace, [[one[1]], [two[2]]], 48, 64)
    assert (shares[2:10, 0:4] == 1).all()
    assert (shares[2:10, 8:12] == 0.5).all()
    assert shares[10:].max() == 0
    with pytest.raises(NotFoundError):
        people_map(workspace, [[new_id()]], 48, 64)


def test_changed_pixels_are_counted(workspace):
    picture = add_small(workspace)
    _, edit = record(workspace, picture)
    item = found(workspace, f"edit:{edit}", f"image:{picture.id}").items[0]
    counted = changed_pixels(workspace, picture.working_blob, item.blob)
    before, after = pixels_of(workspace, picture.working_blob), pixels_of(workspace, item.blob)
    assert counted.count == (before != after).any(axis=2).sum() > 0
    assert counted.pixels == 48 * 64
    assert counted.share == counted.count / 3072


def test_further_models_are_asked_about_states_or_whole_sessions(stored):
    picture = add_small(stored)
    one, two = record(stored, picture, 3), record(stored, picture, 2)
    references = parse_items(f"session:{one[0]},edit:{two[1]},image:{picture.id}").references
    assert set(edits_to_answer(stored, references, False)) == {one[3], two[1]}
    assert set(edits_to_answer(stored, references, True)) == {*one[1:], two[1]}


def test_pictures_are_answered_when_looked_at(workspace):
    picture = add_small(workspace)
    items = found(workspace, f"image:{picture.id}", f"image:{picture.id}").items
    answered, problems = comparing.with_pictures_answered(workspace, items, [MODEL])
    assert MODEL in answered[0].answers
    assert problems == []
    _, problems = comparing.with_pictures_answered(workspace, items, ["magic"])
    assert "There is no model 'magic'" in problems[0]


def test_a_bad_reference_is_a_sentence():
    with pytest.raises(RequestError, match="edit:…, session:… or image:…"):
        parse_reference("x")
