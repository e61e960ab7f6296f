from __future__ import annotations

import pytest
from sqlalchemy import func, select

from dashboard.recording import answers, sessions
from dashboard.recording.edits import apply_edit
from dashboard.recording.ids import RequestError, new_id
from dashboard.recording.view import explore_view
from dashboard.recording.workspace import Workspace
from dashboard.vision.errors import UnavailableError
from db import models, queries
from db.errors import ConflictError, NotFoundError
from tests.support.edits import MODEL, OTHER_MODEL, edit_request, rectangle, sitting
from tests.support.pictures import add_cat, add_small
from tests.support.rows import row_counts


def test_describing_begins_a_session_and_keeps_what_is_not_named(stored):
    where = sitting(add_small(stored))
    texts = {"name": " Ears ", "notes": "a\nb – ☺ 𝄞", "person": "P01"}
    found = sessions.describe(stored, new_id(), where, texts, 3.5)
    assert (found.id, found.name, found.notes, found.person) == (where.session, "Ears", "a\nb – ☺ 𝄞", "P01")
    found = sessions.describe(stored, new_id(), where, {"name": ""}, None)
    assert (found.name, found.notes, found.person) == ("", "a\nb – ☺ 𝄞", "P01")
    assert row_counts(stored.database)["events"] == 2


def test_the_same_description_again_does_not_overwrite_a_later_one(stored):
    where = sitting(add_small(stored))
    first = new_id()
    sessions.describe(stored, first, where, {"name": "first"}, None)
    sessions.describe(stored, new_id(), where, {"name": "second"}, None)
    assert sessions.describe(stored, first, where, {"name": "first"}, None).name == "second"
    with pytest.raises(ConflictError):
        sessions.describe(stored, first, where, {"name": "third"}, None)


@pytest.mark.parametrize(
    "texts",
    [
        {"colour": "red"},
        {"name": "x" * 201},
        {"notes": "x" * 20_001},
        {"person": "x" * 201},
        {"name": 5},
        {"name": None},
        {"name": "nul \0"},
        {"notes": "half a pair \ud800"},
        {"id": "x"},
        {"head": "1"},
    ],
)
def test_texts_that_cannot_be_kept_are_refused(stored, texts):
    where = sitting(add_small(stored))
    with pytest.raises(RequestError) as refused:
        sessions.describe(stored, new_id(), where, texts, None)
    assert str(refused.value).endswith(".")
    assert row_counts(stored.database)["sessions"] == 0


def test_the_longest_texts_are_kept(stored):
    texts = {"name": "x" * 200, "notes": "y" * 20_000, "person": "z" * 200}
    found = sessions.describe(stored, new_id(), sitting(add_small(stored)), texts, None)
    assert (found.name, found.notes, found.person) == tuple(texts.values())


def test_what_the_browser_says_of_itself_is_kept_once(stored):
    where = sitting(add_small(stored))
    apply_edit(stored, edit_request(where))
    with stored.database.read() as transaction:
        row = transaction.scalars(select(models.Session)).one()
        assert row.client == {"browser": "none"}
        assert row.software_version
        assert row.last_seen_at >= row.started_at


class NoModels:
    def load(self, key):
        raise UnavailableError(f"{key} is not here any more")


def test_a_session_is_all_there_after_a_restart(stored):
    picture = add_small(stored)
    where = sitting(picture)
    first = apply_edit(stored, edit_request(where))
    second = apply_edit(stored, edit_request(where, first.id, shapes=[rectangle(30, 30, 40, 40)]))
    sessions.move(stored, new_id(), where.session, "undo", first.id, None)
    sessions.describe(stored, new_id(), where, {"name": "Ears"}, None)
    before = explore_view(stored, None, where.session, None, [MODEL])
    stored.close()
    reopened = Workspace.open(stored.settings)
    vars(reopened)["catalogue"] = NoModels()  # nothing is classified again
    after = explore_view(reopened, None, where.session, None, [MODEL])
    reopened.close()
    assert (after.session, after.edit, after.picture, after.blob) == (
        before.session,
        first,
        picture,
        first.result_blob,
    )
    assert (after.undo, after.redo) == ("original", second.id)
    assert [step.edit for step in after.steps] == [first, second]
    assert after.session.name == "Ears"


def test_the_original_and_any_step_can_be_looked_at_without_going_there(stored):
    picture = add_small(stored)
    where = sitting(picture)
    first = apply_edit(stored, edit_request(where))
    second = apply_edit(stored, edit_request(where, first.id, shapes=[rectangle(30, 30, 40, 40)]))
    original = explore_view(stored, None, where.session, "original", [MODEL])
    assert (original.edit, original.blob, original.undo) == (None, picture.working_blob, None)
    assert original.before == original.after
    assert explore_view(stored, None, where.session, first.id, [MODEL]).edit == first
    with stored.database.read() as transaction:
        assert queries.session(transaction, where.session).head == second.id
    with pytest.raises(NotFoundError):
        explore_view(stored, None, where.session, new_id(), [MODEL])


def test_a_session_that_is_not_kept_yet_shows_the_untouched_picture(stored):
    picture = add_small(stored)
    view = explore_view(stored, picture.id, new_id(), None, [MODEL])
    assert (view.session, view.edit, view.steps, view.blob) == (None, None, [], picture.working_blob)
    with pytest.raises(NotFoundError):
        explore_view(stored, new_id(), None, None, [MODEL])
    assert row_counts(stored.database)["sessions"] == 0


def test_no_picture_at_all_is_said(stored):
    with pytest.raises(NotFoundError, match="Upload"):
        explore_view(stored, None, None, None, [MODEL])


class CountingCatalogue:
    """Hands out the real classifiers and counts the forward passes."""

    def __init__(self, catalogue) -> None:
        self.catalogue = catalogue
        self.asked: list[str] = []

    def load(self, key: str):
        classifier = self.catalogue.load(key)
        return CountingClassifier(classifier, self.asked)


class CountingClassifier:
    def __init__(self, classifier, asked: list[str]) -> None:
        self.classifier, self.card, self.asked = classifier, classifier.card, asked

    def answer(self, images):
        self.asked.append(self.card.key)
        return self.classifier.answer(images)


def prediction_count(workspace) -> int:
    with workspace.database.read() as transaction:
        return transaction.scalar(select(func.count(models.Prediction.id))) or 0


def test_a_further_model_is_asked_once_and_read_from_then_on(stored):
    counting = vars(stored)["catalogue"] = CountingCatalogue(stored.catalogue)
    cat = add_cat(stored)
    edit = apply_edit(stored, edit_request(sitting(cat)))
    assert counting.asked == [MODEL]
    for _ in range(3):
        before = answers.of_picture(stored, cat, [MODEL, OTHER_MODEL])
        after = answers.of_edit(stored, edit, [MODEL, OTHER_MODEL])
        assert list(before) == list(after) == [MODEL, OTHER_MODEL]
    assert sorted(counting.asked) == [MODEL, MODEL, OTHER_MODEL, OTHER_MODEL]
    assert prediction_count(stored) == 4
    assert before[MODEL].top_label == "Egyptian cat"
    assert before[MODEL].top_probability == pytest.approx(0.77, abs=0.02)
    counts = row_counts(stored.database)
    assert counts["models"] == 2
    with stored.database.read() as transaction:
        assert transaction.scalar(select(func.count(models.LabelSet.id))) == 1


def test_an_answer_does_not_change_when_it_is_read_again(stored):
    cat = add_cat(stored)
    first = answers.of_picture(stored, cat, [MODEL])[MODEL]
    again = answers.of_picture(stored, cat, [MODEL])[MODEL]
    assert again.probabilities.tobytes() == first.probabilities.tobytes()
    assert (again.top_index, again.latency_ms, again.model) == (first.top_index, first.latency_ms, first.model)
