from __future__ import annotations

import errno
import os
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import numpy as np
import pytest
from sqlalchemy import select

from dashboard.recording import sessions
from dashboard.recording.edits import CancelledError, apply_edit
from dashboard.recording.ids import RequestError, new_id
from dashboard.recording.workspace import Workspace
from dashboard.settings import Settings
from dashboard.vision import rle
from dashboard.vision.errors import EmptyMaskError, MaskError, ParameterError, UnavailableError, UnknownNameError
from db import models, queries
from db.errors import ConflictError, NotFoundError, StorageError
from tests.support.edits import MODEL, OTHER_MODEL, OUTSIDE, edit_request, rectangle, sitting
from tests.support.pictures import add_cat, add_small, gradient, pixels_of, png
from tests.support.rows import assert_whole, blob_names, row_counts


@pytest.fixture
def picture(stored):
    return add_small(stored)


def test_a_brush_stroke_on_the_cat_from_end_to_end(stored):
    cat = add_cat(stored)
    stroke = {
        "tool": "brush",
        "mode": "add",
        "path": "M166,66L247,75",
        "width_image_px": 45,
        "width_screen_px": 60,
        "points": [[0, 166, 66], [310.5, 247, 75]],
    }
    where = sitting(cat)
    request = edit_request(where, method="telea", shapes=[stroke], client_started_ms=1.5, client_ended_ms=312.0)
    edit = apply_edit(stored, request)

    before, after = pixels_of(stored, cat.working_blob), pixels_of(stored, edit.result_blob)
    mask = rle.decode(edit.mask)
    assert (after[~mask] == before[~mask]).all()
    assert (after[mask] != before[mask]).any()
    # A capsule of length √(81² + 9²) = 81.5 and width 45 covers 81.5 · 45 + π · 22.5² = 5,258 pixels.
    assert mask.sum() == pytest.approx(5258, rel=0.01)
    assert mask[66, 166]
    assert mask[75, 247]
    assert not mask[66, 140]
    assert edit.mask_area == edit.removed_area == mask.sum() / (300 * 451)
    assert edit.mask["size"] == [300, 451]
    assert (edit.id, edit.session, edit.parent, edit.sequence) == (request.id, where.session, None, 1)
    assert (edit.operation, edit.method, edit.parameters) == ("remove", "telea", {"radius": 3})
    assert edit.shapes == [stroke]
    assert (edit.client_started_ms, edit.client_ended_ms) == (1.5, 312.0)
    with stored.database.read() as transaction:
        session = queries.session(transaction, where.session)
        (answer,) = queries.answers_of_edit(transaction, edit.id)
        assert queries.edits(transaction, where.session) == [edit]
    assert (session.head, session.tip, session.edit_count, session.picture) == (edit.id, edit.id, 1, cat)
    again = stored.catalogue.load(MODEL).answer(after[None]).probabilities[0]
    highest = (-again).argsort(kind="stable")[:20]
    assert answer.probabilities[highest].tolist() == again[highest].tolist()
    assert (answer.model.key, len(answer.labels), answer.top_index) == (MODEL, 1000, highest[0])


@pytest.mark.parametrize("method", ["telea", "navier_stokes", "blur", "mean", "noise"])
def test_pixels_outside_a_removed_region_stay(stored, picture, method):
    edit = apply_edit(stored, edit_request(sitting(picture), method=method))
    mask = np.zeros((48, 64), bool)
    mask[10:30, 8:24] = True
    assert (rle.decode(edit.mask) == mask).all()
    assert (pixels_of(stored, edit.result_blob)[~mask] == gradient()[~mask]).all()
    assert edit.mask_area == edit.removed_area == 320 / 3072


@pytest.mark.parametrize("method", ["keep_blur", "keep_gray"])
def test_pixels_inside_a_kept_region_stay_and_the_rest_counts_as_removed(stored, picture, method):
    edit = apply_edit(stored, edit_request(sitting(picture), method=method))
    mask = rle.decode(edit.mask)
    assert (pixels_of(stored, edit.result_blob)[mask] == gradient()[mask]).all()
    assert edit.operation == "keep"
    assert edit.mask_area == 320 / 3072
    assert edit.removed_area == 1 - 320 / 3072
    assert (rle.decode(edit.removed) == ~mask).all()


def test_removed_area_is_the_union_along_the_branch_only(stored, picture):
    where = sitting(picture)

    def edit(parent: str | None, *corners: float, method: str = "mean") -> tuple[str, float, float]:
        found = apply_edit(stored, edit_request(where, parent, shapes=[rectangle(*corners)], method=method))
        return found.id, found.mask_area * 3072, found.removed_area * 3072

    first, *areas = edit(None, 0, 0, 10, 10)
    assert areas == [100, 100]
    overlapping, *areas = edit(first, 5, 0, 15, 10)
    assert areas == [100, 150]
    _, *areas = edit(first, 40, 40, 50, 45)
    assert areas == [50, 150]
    _, *areas = edit(None, 20, 20, 22, 22)
    assert areas == [4, 4]
    kept, *areas = edit(overlapping, 0, 0, 20, 20, method="keep_gray")
    assert areas == [400, 3072 - 400 + 150]
    _, *areas = edit(kept, 0, 0, 64, 47)
    assert areas == [64 * 47, 3072]


def test_erasing_takes_away_from_the_region(stored, picture):
    shapes = [rectangle(0, 0, 10, 10), rectangle(0, 0, 10, 4) | {"mode": "erase"}]
    assert apply_edit(stored, edit_request(sitting(picture), shapes=shapes)).mask_area == 60 / 3072


def test_a_ready_mask_may_stand_instead_of_shapes(stored, picture):
    mask = np.zeros((48, 64), bool)
    mask[3, 5] = True
    edit = apply_edit(stored, edit_request(sitting(picture), shapes=[], mask=mask))
    assert (rle.decode(edit.mask) == mask).all()
    assert edit.mask_area == 1 / 3072


def test_an_edit_of_512_pixels_takes_at_most_600_kilobytes(workspace):
    from dashboard.recording.pictures import ensure_gallery

    ensure_gallery(workspace)
    with workspace.database.read() as transaction:
        gallery = queries.pictures(transaction, "gallery")
    for picture in gallery:
        assert max(picture.working_width, picture.working_height) <= 512
        shape = rectangle(100, 100, 167, 167)
        edit = apply_edit(workspace, edit_request(sitting(picture), shapes=[shape], method="telea"))
        with workspace.database.read() as transaction:
            row = transaction.scalars(select(models.Edit).filter_by(public_id=edit.id)).one()
            answers = transaction.scalars(select(models.Prediction).filter_by(edit_id=row.id)).all()
            in_rows = len(row.mask_counts) + len(row.removed_counts) + len(str(row.shapes)) + 1000
            in_rows += sum(len(answer.probabilities) for answer in answers)
        assert workspace.blobs.existing(edit.result_blob).stat().st_size + in_rows <= 600_000, picture.name


def test_a_random_method_records_its_seed_and_can_be_repeated(stored, picture):
    first = apply_edit(stored, edit_request(sitting(picture), method="noise"))
    again = apply_edit(stored, edit_request(sitting(picture), method="noise", parameters=first.parameters))
    assert again.result_blob == first.result_blob
    assert set(first.parameters) == {"seed"}


# --- the same request again ---------------------------------------------------------------------------------------


def test_the_same_id_again_is_the_same_edit(stored, picture):
    request = edit_request(sitting(picture))
    first = apply_edit(stored, request)
    counts, files = row_counts(stored.database), blob_names(stored.blobs)
    assert apply_edit(stored, request) == first
    assert apply_edit(stored, replace(request, client_ended_ms=5.0)) == first
    assert (row_counts(stored.database), blob_names(stored.blobs)) == (counts, files)


def test_the_same_random_edit_again_keeps_its_first_seed(stored, picture):
    request = edit_request(sitting(picture), method="noise")
    assert apply_edit(stored, request) == apply_edit(stored, request)


def at_once(count: int, act) -> list:
    """What ``act(number)`` returns or raises, called by so many threads at one moment."""
    start = threading.Barrier(count)

    def run(number: int):
        start.wait(60)
        try:
            return act(number)
        except Exception as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.mark.parametrize("method", ["mean", "noise"])
def test_the_same_id_eight_times_at_once_is_one_edit(stored, picture, method):
    request = edit_request(sitting(picture), method=method)
    found = at_once(8, lambda _number: apply_edit(stored, request))
    assert [edit for edit in found if edit != found[0]] == []
    counts = row_counts(stored.database)
    assert {name: counts[name] for name in ("sessions", "edits", "predictions")} == {
        "sessions": 1,
        "edits": 1,
        "predictions": 1,
    }
    assert_whole(stored.database, stored.blobs)


def apply_in_process(settings: Settings, request) -> str:
    workspace = Workspace.open(settings)
    try:
        edit = apply_edit(workspace, request)
        return f"{edit.id} {edit.sequence} {edit.result_blob} {edit.created_at}"
    finally:
        workspace.close()


def test_the_same_id_from_two_processes_at_once_is_one_edit(stored, picture):
    request = edit_request(sitting(picture), method="noise")
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        found = list(pool.map(apply_in_process, [stored.settings] * 2, [request] * 2))
    assert found[0] == found[1]
    assert row_counts(stored.database)["edits"] == 1


def test_one_id_for_two_sessions_at_once_is_one_edit_and_a_conflict(stored, picture):
    requests = [edit_request(sitting(picture), id="0190a000-0000-7000-8000-000000000000") for _ in range(2)]
    found = at_once(2, lambda number: apply_edit(stored, requests[number]))
    assert sum(isinstance(answer, ConflictError) for answer in found) == 1
    assert row_counts(stored.database)["edits"] == 1
    assert row_counts(stored.database)["sessions"] == 1


@pytest.mark.parametrize("change", ["shapes", "method", "parent", "session", "parameters"])
def test_the_same_id_for_something_else_is_a_conflict(stored, picture, change):
    where = sitting(picture)
    parent = apply_edit(stored, edit_request(where))
    first = edit_request(where, parent.id, method="blur")
    kept = apply_edit(stored, first)
    other = {
        "shapes": edit_request(where, parent.id, id=first.id, method="blur", shapes=[rectangle(0, 0, 5, 5)]),
        "method": edit_request(where, parent.id, id=first.id, method="mean"),
        "parent": edit_request(where, None, id=first.id, method="blur"),
        "session": edit_request(sitting(picture), None, id=first.id, method="blur"),
        "parameters": edit_request(where, parent.id, id=first.id, method="blur", parameters={"radius": 3}),
    }[change]
    counts = row_counts(stored.database)
    with pytest.raises(ConflictError):
        apply_edit(stored, other)
    assert row_counts(stored.database) == counts
    assert apply_edit(stored, first) == kept


# --- the tree -----------------------------------------------------------------------------------------------------


def test_two_tabs_that_saw_the_same_step_make_two_branches(stored, picture):
    where = sitting(picture)
    root = apply_edit(stored, edit_request(where))
    requests = [edit_request(where, root.id, shapes=[rectangle(n, 30, n + 3, 40)]) for n in range(6)]
    made = at_once(6, lambda number: apply_edit(stored, requests[number]))
    assert [edit.parent for edit in made] == [root.id] * 6
    assert sorted(edit.sequence for edit in made) == [2, 3, 4, 5, 6, 7]
    with stored.database.read() as transaction:
        session = queries.session(transaction, where.session)
    assert session.edit_count == 7
    assert session.head == session.tip == max(made, key=lambda edit: edit.sequence).id


def test_two_tabs_that_both_begin_a_session_share_it(stored, picture):
    where = sitting(picture)
    requests = [edit_request(where, shapes=[rectangle(n, 30, n + 3, 40)]) for n in range(4)]
    made = at_once(4, lambda number: apply_edit(stored, requests[number]))
    assert sorted(edit.sequence for edit in made) == [1, 2, 3, 4]
    assert row_counts(stored.database)["sessions"] == 1


def test_a_branch_starts_from_its_parent_not_from_the_newest(stored, picture):
    where = sitting(picture)
    first = apply_edit(stored, edit_request(where, shapes=[rectangle(0, 0, 10, 10)]))
    apply_edit(stored, edit_request(where, first.id, shapes=[rectangle(20, 20, 30, 30)]))
    branch = apply_edit(stored, edit_request(where, first.id, shapes=[rectangle(40, 30, 50, 40)]))
    pixels = pixels_of(stored, branch.result_blob)
    assert (pixels[20:30, 20:30] == gradient()[20:30, 20:30]).all()
    assert (pixels[:10, :10] == pixels_of(stored, first.result_blob)[:10, :10]).all()


def refused(stored, error: type[Exception], request) -> str:
    """The sentence; nothing may have been kept."""
    counts, files = row_counts(stored.database), blob_names(stored.blobs)
    with pytest.raises(error) as caught:
        apply_edit(stored, request)
    assert row_counts(stored.database) == counts
    assert blob_names(stored.blobs) == files
    assert str(caught.value).endswith(".")
    return str(caught.value)


def test_a_step_of_another_session_is_no_parent(stored, picture):
    other = apply_edit(stored, edit_request(sitting(picture)))
    refused(stored, NotFoundError, edit_request(sitting(picture), other.id))
    refused(stored, NotFoundError, edit_request(sitting(picture), new_id()))


def test_a_session_belongs_to_one_picture(stored, picture):
    where = sitting(picture)
    apply_edit(stored, edit_request(where))
    counts = row_counts(stored.database)
    with pytest.raises(ConflictError):
        apply_edit(stored, edit_request(replace(where, image=add_cat(stored).id)))
    assert row_counts(stored.database) == counts | {"images": 2}


# --- what is refused ----------------------------------------------------------------------------------------------


def test_an_empty_region_does_nothing_and_says_so(stored, picture):
    for shapes in ([], [OUTSIDE], [rectangle(), rectangle() | {"mode": "erase"}], [rectangle(5, 5, 5, 9)]):
        assert "no pixel" in refused(stored, EmptyMaskError, edit_request(sitting(picture), shapes=shapes))


def test_bad_requests_keep_nothing(stored, picture):
    where = sitting(picture)
    whole = [rectangle(-1, -1, 65, 49)]
    refused(stored, NotFoundError, edit_request(replace(where, image=new_id())))
    refused(stored, UnknownNameError, edit_request(where, method="magic"))
    refused(stored, UnknownNameError, edit_request(where, models=(MODEL, "magic")))
    refused(stored, UnavailableError, edit_request(where, method="torchscript"))
    refused(stored, ParameterError, edit_request(where, parameters={"radius": 5}))
    refused(stored, ParameterError, edit_request(where, method="blur", parameters={"radius": 1e9}))
    refused(stored, ParameterError, edit_request(where, method="blur", parameters={"radius": float("nan")}))
    refused(stored, MaskError, edit_request(where, shapes=whole))
    refused(stored, RequestError, edit_request(where, shapes=[], mask=np.ones((64, 48), bool)))


@pytest.mark.parametrize("function", ["replace", "fsync"])
def test_a_full_disk_is_said_and_the_same_request_works_afterwards(stored, picture, monkeypatch, function):
    request = edit_request(sitting(picture))

    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, function, full)
        assert "No space left" in refused(stored, StorageError, request)
    assert apply_edit(stored, request).id == request.id
    assert_whole(stored.database, stored.blobs)


def test_a_database_that_refuses_keeps_no_row(stored, picture, monkeypatch):
    request = edit_request(sitting(picture), client_started_ms=1.0)
    counts = row_counts(stored.database)
    with monkeypatch.context() as patch:
        patch.setattr("dashboard.recording.edits.keep_of_edits", refuse_like_a_driver)
        with pytest.raises(StorageError):
            apply_edit(stored, request)
    assert row_counts(stored.database) == counts
    assert apply_edit(stored, request).sequence == 1


def refuse_like_a_driver(transaction, *_arguments: object, **_named: object) -> None:
    transaction.execute(models.Edit.__table__.insert(), {"public_id": "too little"})


# --- stopping -----------------------------------------------------------------------------------------------------


def test_an_edit_that_was_stopped_first_is_not_kept(stored, picture):
    request = edit_request(sitting(picture))
    assert sessions.cancel(stored, request.id, 12.5)
    with pytest.raises(CancelledError):
        apply_edit(stored, request)
    counts = row_counts(stored.database)
    assert (counts["edits"], counts["sessions"], counts["predictions"], counts["events"]) == (0, 0, 0, 1)


def test_an_edit_that_is_kept_cannot_be_stopped_any_more(stored, picture):
    request = edit_request(sitting(picture))
    edit = apply_edit(stored, request)
    assert not sessions.cancel(stored, request.id, None)
    assert apply_edit(stored, request) == edit
    assert row_counts(stored.database)["events"] == 0


def test_stopping_twice_and_at_once_is_stopping_once(stored, picture):
    edit_id = new_id()
    assert at_once(4, lambda _number: sessions.cancel(stored, edit_id, None)) == [True] * 4
    assert row_counts(stored.database)["events"] == 1


def test_stopping_and_keeping_at_once_have_one_winner(stored, picture):
    for _ in range(5):
        request = edit_request(sitting(picture))
        acts = [lambda r: apply_edit(stored, r), lambda r: sessions.cancel(stored, r.id, None)]
        edit, stopped = at_once(2, lambda number, r=request, a=acts: a[number](r))
        assert stopped is isinstance(edit, CancelledError)


def test_a_file_that_lies_there_already_is_used(stored, picture):
    where = sitting(picture)
    first = apply_edit(stored, edit_request(where))
    files = blob_names(stored.blobs)
    second = apply_edit(stored, edit_request(where))
    assert second.result_blob == first.result_blob
    assert second.id != first.id
    assert blob_names(stored.blobs) == files


def test_models_are_each_asked_once_whatever_their_order(stored, picture):
    edit = apply_edit(stored, edit_request(sitting(picture), models=(OTHER_MODEL, MODEL)))
    with stored.database.read() as transaction:
        assert {a.model.key for a in queries.answers_of_edit(transaction, edit.id)} == {MODEL, OTHER_MODEL}
    assert png(gradient())  # the upload itself was not touched
    assert (pixels_of(stored, picture.original_blob) == gradient()).all()
