from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import func, select, update

from dashboard.recording import answers, browsing
from dashboard.recording.continuing import continue_as_new_session
from dashboard.recording.deleting import delete_sessions
from dashboard.recording.edits import apply_edit
from dashboard.recording.ids import new_id
from dashboard.recording.other_models import BATCH, _ask, other_models
from dashboard.recording.recent import Recent
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


def test_an_original_that_is_missing_is_reported_and_the_edits_are_answered(stored):
    picture = add_small(stored)
    _, edits = record(stored, picture, 2)
    stored.blobs.path(picture.working_blob).unlink()
    vars(stored)["_pixels"] = Recent(1)  # as in a process that has not seen the picture
    report = other_models(stored, edits, [OTHER_MODEL])
    assert (report.answered, report.failed, list(report.originals)) == (2, [], [picture.id])


def test_a_file_is_answered_once_whoever_shows_it(stored, monkeypatch):
    session, edits = record(stored, add_small(stored), 3)
    copied = continue_as_new_session(stored, new_id(), edits[1], {}).id
    with stored.database.read() as transaction:
        copies = list(transaction.scalars(select(models.Edit.public_id).where(models.Edit.copied_from.is_not(None))))
    asked = []
    monkeypatch.setattr("dashboard.recording.other_models._ask", counting(asked))
    assert other_models(stored, [*edits[:2], *copies[:1]], [OTHER_MODEL]).answered == 3
    assert other_models(stored, [*edits, *copies], [OTHER_MODEL]).answered == 2
    assert sum(asked) == 3, "the second copy takes over what was said to its source"
    delete_sessions(stored, new_id(), {"items": [f"session:{session}"]}, {"sessions": 1, "edits": 3})
    assert [verdict.probabilities for verdict in verify_session(stored, copied)] == [True, True]


def counting(asked: list[int]):
    def ask(classifier, inputs):
        asked.append(len(inputs))
        return original(classifier, inputs)

    original = _ask
    return ask


def test_what_is_done_when_it_is_stopped_is_kept_and_not_done_again(stored):
    _, edits = record(stored, add_small(stored), 3 * BATCH)

    def stop(done: int, _total: int) -> None:
        if done >= BATCH:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        other_models(stored, edits, [OTHER_MODEL], stop)
    rest = other_models(stored, edits, [OTHER_MODEL])
    assert rest.known >= BATCH
    assert (rest.known + rest.answered, rest.failed) == (3 * BATCH, [])
    with stored.database.read() as transaction:
        assert transaction.scalar(select(func.count()).select_from(models.Outcome)) == 2 * 3 * BATCH
        # Only the first model has not answered the original.
        assert transaction.scalar(select(func.count(models.Outcome.change))) == 3 * BATCH


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


def test_what_cannot_be_read_any_more_is_said_and_the_rest_is_compared(stored):
    session, edits = record(stored, add_small(stored), 4)
    with stored.database.write() as transaction:
        change = update(models.Edit)
        transaction.execute(change.filter_by(public_id=edits[0]).values(mask_counts="nonsense"))
        transaction.execute(change.filter_by(public_id=edits[3]).values(shapes=[{"tool": "chisel"}]))
        blob = transaction.scalars(select(models.Edit.result_blob).filter_by(public_id=edits[1])).one()
    stored.blobs.path(blob).unlink()
    broken, fileless, sound, undrawn = verify_session(stored, session)
    assert (broken.mask, broken.pixels, broken.probabilities) == (False, True, True)
    assert (fileless.mask, fileless.pixels, fileless.probabilities) == (True, None, True)
    assert "missing" in fileless.reasons[0]
    assert sound.is_as_recorded
    assert (undrawn.mask, undrawn.pixels, undrawn.is_as_recorded) == (None, None, False)


WRONG = {
    "top index": (models.Prediction, {"top_index": 3}),
    "no such index": (models.Prediction, {"top_index": -1}),
    "top probability": (models.Prediction, {"top_probability": 0.5}),
    "removed part": (models.Edit, {"removed_counts": "one pixel"}),
    "removed part's area": (models.Edit, {"removed_area": 0.77}),
    "mask's area": (models.Edit, {"mask_area": 0.77}),
    "operation": (models.Edit, {"operation": "keep"}),
    "change": (models.Outcome, {"change": 0.9}),
    "flip": (models.Outcome, {"flipped": True}),
}


def test_what_follows_from_an_edit_is_compared_too(stored):
    """Each of the values that are kept beside mask, pixels and probabilities, changed in an edit of its own."""
    picture = add_small(stored)
    answers.of_picture(stored, picture, [MODEL])
    session, edits = record(stored, picture, len(WRONG) + 1)
    assert all(verdict.is_as_recorded for verdict in verify_session(stored, session))
    with stored.database.write() as transaction:
        for edit, (table, values) in zip(edits, WRONG.values(), strict=False):
            number = transaction.scalars(select(models.Edit.id).filter_by(public_id=edit)).one()
            owner = table.id if table is models.Edit else table.edit_id
            values = {name: _one_pixel() if value == "one pixel" else value for name, value in values.items()}
            if "flipped" in values:
                values["flipped"] = ~table.flipped
            transaction.execute(update(table).where(owner == number).values(values))
    *wrong, right = verify_session(stored, session)
    assert right.is_as_recorded
    for name, verdict in zip(WRONG, wrong, strict=True):
        assert (verdict.mask, verdict.pixels, verdict.probabilities) == (True, True, True), name
        assert (verdict.derived, verdict.is_as_recorded, len(verdict.reasons)) == (False, False, 1), name


def test_a_broken_row_is_a_reason_and_not_the_end(stored):
    session, edits = record(stored, add_small(stored), 5)
    rows = (np.full(7, 0.1, np.float32), np.ones(1, np.float32), np.full(1000, 0.001, np.float32))
    packed = [pack(row)[:99] for row in rows]
    with stored.database.write() as transaction:
        for edit, data in zip(edits, packed, strict=False):
            number = transaction.scalars(select(models.Edit.id).filter_by(public_id=edit)).one()
            transaction.execute(update(models.Prediction).filter_by(edit_id=number).values(probabilities=data))
        transaction.execute(update(models.Edit).filter_by(public_id=edits[4]).values(parameters=[1]))
    few, one, truncated, sound, listed = verify_session(stored, session)
    assert (few.pixels, few.probabilities) == (one.pixels, one.probabilities) == (True, False)
    assert "7 probabilities" in few.reasons[0]
    assert (truncated.pixels, truncated.probabilities, truncated.is_as_recorded) == (True, None, False)
    assert "answers cannot be compared" in truncated.reasons[0]
    assert sound.is_as_recorded
    assert (listed.mask, listed.pixels) == (True, None)
    assert "could not be performed" in listed.reasons[0]


def test_a_mask_from_a_file_is_not_said_to_be_compared(stored):
    picture = add_small(stored)
    mask = np.zeros((picture.working_height, picture.working_width), bool)
    mask[3:9, 4:12] = True
    where = sitting(picture)
    apply_edit(stored, edit_request(where, shapes=[], mask=mask))
    (verdict,) = verify_session(stored, where.session)
    assert (verdict.mask, verdict.mask_given, verdict.is_as_recorded) == (None, True, True)


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
