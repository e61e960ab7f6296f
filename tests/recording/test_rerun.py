from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import select, update

from dashboard.recording import answers, browsing
from dashboard.recording.edits import apply_edit
from dashboard.recording.ids import new_id
from dashboard.recording.other_models import other_models
from dashboard.recording.verify import verify_session
from dashboard.vision import rle
from dashboard.vision.images import encode_png
from dashboard.vision.inpainting import METHODS, unavailable_reason
from db import models
from db.browse_filter import BrowseFilter, BrowseState
from db.probabilities import pack
from tests.support.edits import MODEL, OTHER_MODEL, edit_request, rectangle, sitting
from tests.support.pictures import add_cat, add_small, gradient
from tests.support.rows import row_counts


def record(workspace, picture, count: int, **options) -> tuple[str, list[str]]:
    """A session whose second branch begins at its first edit."""
    where, edits = sitting(picture), []
    for number in range(count):
        parent = edits[0] if number == count // 2 and edits else (edits[-1] if edits else None)
        shapes = [rectangle(4 + number, 6, 20 + number, 22)]
        edits.append(apply_edit(workspace, edit_request(where, parent, shapes=shapes, **options)).id)
    return where.session, edits


def test_further_models_answers_are_those_of_asking_one_by_one(stored):
    _, edits = record(stored, add_cat(stored), 11)
    seen = []
    report = other_models(stored, edits, [OTHER_MODEL], lambda done, total: seen.append((done, total)))
    assert (report.answered, report.known, report.failed) == (11, 0, [])
    assert seen[0] == (0, 11)
    assert seen[-1] == (11, 11)
    state = BrowseState("edits", BrowseFilter(models=(OTHER_MODEL,)))
    rows = {row.id: row for row in browsing.rows(stored, state, 0, 100).rows}
    assert set(rows) == set(edits)
    assert all(row.change is not None for row in rows.values()), "the originals are answered too"
    with stored.database.read() as transaction:
        blobs = dict(transaction.execute(select(models.Edit.public_id, models.Edit.result_blob)).all())
    for edit in edits:
        alone = answers.ask(stored, OTHER_MODEL, stored.pixels(blobs[edit])).probabilities
        assert rows[edit].top_after == pytest.approx(float(alone.max()), abs=1e-5)


def test_what_is_kept_is_not_asked_again(stored, monkeypatch):
    _, edits = record(stored, add_small(stored), 3)
    other_models(stored, edits[:2], [OTHER_MODEL])
    before = row_counts(stored.database)
    report = other_models(stored, edits, [OTHER_MODEL, MODEL])
    assert (report.answered, report.known) == (1, 5)
    assert (
        row_counts(stored.database)["predictions"]
        == before["predictions"] + 1 + (row_counts(stored.database)["images"])
    )
    monkeypatch.setattr("dashboard.recording.other_models._ask", None)
    assert other_models(stored, edits, [OTHER_MODEL, MODEL]).known == 6


def test_a_missing_picture_and_an_unknown_edit_are_reported_and_the_others_answered(workspace):
    _, edits = record(workspace, add_small(workspace), 4)
    with workspace.database.read() as transaction:
        blob = transaction.scalars(select(models.Edit.result_blob).filter_by(public_id=edits[1])).one()
    workspace.blobs.path(blob).unlink()
    unknown = new_id()
    report = other_models(workspace, [*edits, unknown], [OTHER_MODEL])
    assert report.answered == 3
    assert {edit for edit, _ in report.failed} == {edits[1], unknown}
    assert all(reason.endswith(".") for _, reason in report.failed)


@pytest.mark.parametrize("method", [m.key for m in METHODS if unavailable_reason(m.key) is None])
def test_every_method_gives_the_same_again(workspace, method):
    session, edits = record(workspace, add_small(workspace), 3, method=method)
    verdicts = list(verify_session(workspace, session))
    assert [verdict.edit for verdict in verdicts] == edits
    assert all(verdict.is_as_recorded for verdict in verdicts), verdicts


def test_each_difference_is_found_and_named(stored):
    session, edits = record(stored, add_small(stored), 4)
    wrong = gradient()
    wrong[0, 0] = 255 - wrong[0, 0]
    blob = stored.blobs.put(encode_png(wrong))
    with stored.database.write() as transaction:
        change = update(models.Edit)
        transaction.execute(change.filter_by(public_id=edits[0]).values(result_blob=blob))
        number = transaction.scalars(select(models.Edit.id).filter_by(public_id=edits[3])).one()
        even = pack(np.full(1000, 0.001, np.float32))
        transaction.execute(update(models.Prediction).filter_by(edit_id=number).values(probabilities=even))
        transaction.execute(change.filter_by(public_id=edits[1]).values(mask_counts=_one_pixel()))
    first, second, third, fourth = verify_session(stored, session)
    assert (first.mask, first.pixels) == (True, False)
    assert "pixels differ" in first.reasons[0]
    assert (second.mask, second.pixels) == (False, True)
    assert third.is_as_recorded, "an edit is performed on its parent as performed again"
    assert (fourth.mask, fourth.pixels, fourth.probabilities) == (True, True, False)
    assert MODEL in fourth.reasons[0]


def _one_pixel() -> str:
    mask = np.zeros(gradient().shape[:2], bool)
    mask[0, 0] = True
    return rle.encode(mask)["counts"]


def test_a_model_that_is_gone_is_said_and_not_counted_as_equal(workspace):
    session, _ = record(workspace, add_small(workspace), 1)
    with workspace.database.write() as transaction:
        transaction.execute(update(models.Model).values(key="gone"))
    (verdict,) = verify_session(workspace, session)
    assert (verdict.pixels, verdict.probabilities, verdict.is_as_recorded) == (True, None, False)
    assert "gone" in verdict.reasons[0]
