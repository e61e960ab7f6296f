from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from dashboard.recording import answers, browsing
from dashboard.recording.edits import apply_edit
from db import models, queries
from db.browse_filter import BrowseState
from db.outcomes import AREA_CELLS, CHANGE_CELLS, cell
from db.records import Picture
from tests.support.edits import MODEL, OTHER_MODEL, edit_request, sitting
from tests.support.pictures import add_small


def outcomes(workspace) -> list[models.Outcome]:
    with workspace.database.read() as transaction:
        return list(transaction.scalars(select(models.Outcome).order_by(models.Outcome.prediction_id)))


def test_an_outcome_says_what_the_stored_answers_say(stored):
    picture = add_small(stored)
    before = answers.of_picture(stored, picture, [MODEL])[MODEL]
    edit = apply_edit(stored, edit_request(sitting(picture)))
    after = answers.of_edit(stored, edit, [MODEL])[MODEL]
    (row,) = browsing.rows(stored, BrowseState("edits"), 0, 10).rows
    assert (row.id, row.before, row.after) == (edit.id, before.top_label, after.top_label)
    assert row.top_before == pytest.approx(before.top_probability)
    assert row.top_after == pytest.approx(after.top_probability)
    assert row.change == pytest.approx(after.probabilities[before.top_index] - before.top_probability, abs=1e-7)
    assert row.flipped is (before.top_index != after.top_index)
    assert outcomes(stored)[0].cell == cell(edit.mask_area, row.change)


def test_change_is_undefined_until_the_original_is_answered_and_then_filled_in(stored):
    picture = add_small(stored)
    apply_edit(stored, edit_request(sitting(picture)))
    (row,) = outcomes(stored)
    assert (row.before_class_id, row.change, row.flipped, row.cell) == (None, None, None, None)
    answers.of_picture(stored, picture, [OTHER_MODEL])
    assert outcomes(stored)[0].change is None, "another model's answer to the original says nothing"
    answers.of_picture(stored, picture, [MODEL])
    (row,) = outcomes(stored)
    assert None not in (row.before_class_id, row.change, row.flipped, row.cell)


def test_the_answer_that_the_person_saw_first_leads(stored):
    picture = add_small(stored)
    edit = apply_edit(stored, edit_request(sitting(picture), models=(OTHER_MODEL, MODEL)))
    answers.of_edit(stored, edit, [MODEL, OTHER_MODEL])
    assert [row.leading for row in outcomes(stored)] == [True, False]


def test_the_original_answered_while_an_edit_is_kept_is_not_missed(stored):
    """Whichever of the two commits last has to see the other."""
    picture: Picture = add_small(stored)
    fresh = answers.ask(stored, MODEL, stored.pixels(picture.working_blob))
    with ThreadPoolExecutor(1) as pool:
        with stored.database.write() as transaction:
            answers.keep(transaction, fresh, image_id=queries.image_row(transaction, picture.id).id)
            waiting = pool.submit(apply_edit, stored, edit_request(sitting(picture)))
            with pytest.raises(TimeoutError):
                waiting.result(1)
        waiting.result(30)
    assert outcomes(stored)[0].change is not None


@pytest.mark.parametrize(
    ("area", "change", "column", "row"),
    [(0.001, -1.0, 0, 0), (0.005, 0.0, 0, 40), (0.0101, 0.0251, 1, 41), (1.0, 1.0, AREA_CELLS - 1, CHANGE_CELLS - 1)],
)
def test_cells_of_the_density(area, change, column, row):
    assert divmod(cell(area, change), CHANGE_CELLS) == (column, row)
