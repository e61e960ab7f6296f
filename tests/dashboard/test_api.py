from __future__ import annotations

import io
import json
import logging
import os

import numpy as np
import pytest
from PIL import Image

from dashboard.app import create_app
from dashboard.recording.ids import new_id
from db import queries
from tests.support.edits import edit_body, rectangle
from tests.support.pictures import add_small
from tests.support.rows import row_counts


def sentence(response) -> str:
    """The one sentence of an error; nothing else may be told."""
    body = response.get_json()
    assert list(body) == ["error"]
    assert isinstance(body["error"], str)
    assert "Traceback" not in body["error"]
    assert "\n" not in body["error"]
    return body["error"]


def test_an_edit_is_answered_once_it_is_kept(client, workspace, picture):
    body = edit_body(picture.id)
    answer = client.post("/api/v1/edits", json=body)
    assert answer.status_code == 200
    found = answer.get_json()
    assert set(found) == {"id", "session", "parent", "mask_area", "image", "duration_ms"}
    assert (found["id"], found["session"], found["parent"]) == (body["id"], body["session"], None)
    assert found["mask_area"] == 320 / 3072
    assert client.get(found["image"]).mimetype == "image/png"
    with workspace.database.read() as transaction:
        (edit,) = queries.edits(transaction, body["session"])
    assert (edit.client_started_ms, edit.client_ended_ms) == (1000.5, 2000.0)
    assert found["image"] == f"/media/{edit.result_blob}.png"


def test_the_same_edit_again_is_answered_the_same(client, workspace, picture):
    body = edit_body(picture.id, method="noise")
    answers = [client.post("/api/v1/edits", json=body).get_json() for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert row_counts(workspace.database)["edits"] == 1


def test_an_id_may_be_written_in_any_form_of_a_uuid(client, workspace, picture):
    body = edit_body(picture.id)
    assert client.post("/api/v1/edits", json=body).status_code == 200
    again = body | {"id": body["id"].upper(), "session": "{" + body["session"] + "}"}
    assert client.post("/api/v1/edits", json=again).get_json()["id"] == body["id"]
    assert row_counts(workspace.database)["edits"] == 1


BAD_EDITS = [
    ({"id": None}, 422),
    ({"id": 5}, 422),
    ({"id": "1"}, 422),
    ({"id": "x" * 100_000}, 422),
    ({"id": ["a"]}, 422),
    ({"session": None}, 422),
    ({"session": {}}, 422),
    ({"image": None}, 422),
    ({"image": "0190a000-0000-7000-8000-000000000000"}, 404),
    ({"parent": "0190a000-0000-7000-8000-000000000000"}, 404),
    ({"parent": "original"}, 422),
    ({"parent": 1}, 422),
    ({"method": None}, 422),
    ({"method": ["mean"]}, 422),
    ({"method": "magic"}, 422),
    ({"method": "torchscript"}, 422),
    ({"models": None}, 422),
    ({"models": []}, 422),
    ({"models": "efficientnet_lite0"}, 422),
    ({"models": [0]}, 422),
    ({"models": ["magic"]}, 422),
    ({"models": ["../../etc/passwd"]}, 422),
    ({"parameters": [1]}, 422),
    ({"parameters": "x"}, 422),
    ({"parameters": {"radius": 3}}, 422),
    ({"method": "blur", "parameters": {"radius": "wide"}}, 422),
    ({"method": "blur", "parameters": {"radius": None}}, 422),
    ({"method": "blur", "parameters": {"radius": [3]}}, 422),
    ({"method": "blur", "parameters": {"radius": 0}}, 422),
    ({"method": "blur", "parameters": {"radius": 2.5}}, 422),
    ({"method": "blur", "parameters": {"radius": 10**400}}, 422),
    ({"client": [1]}, 422),
    ({"client": "x"}, 422),
    ({"started_ms": "soon"}, 422),
    ({"started_ms": True}, 422),
    ({"started_ms": 10**400}, 422),
    ({"ended_ms": {}}, 422),
    ({"shapes": None}, 422),
    ({"shapes": {}}, 422),
    ({"shapes": "x"}, 422),
    ({"shapes": []}, 422),
    ({"shapes": [None]}, 422),
    ({"shapes": [{}]}, 422),
    ({"shapes": [rectangle() | {"tool": "chisel"}]}, 422),
    ({"shapes": [rectangle() | {"mode": None}]}, 422),
    ({"shapes": [rectangle() | {"x0": "1"}]}, 422),
    ({"shapes": [rectangle() | {"x0": 10**400}]}, 422),
    ({"shapes": [rectangle() | {"x0": 1e12}]}, 422),
    ({"shapes": [rectangle() | {"points": [[0, 1]]}]}, 422),
    ({"shapes": [rectangle()] * 501}, 422),
    ({"shapes": [rectangle(-50, -50, -10, -10)]}, 422),
    ({"shapes": [rectangle(-1, -1, 65, 49)]}, 422),
    ({"shapes": [{"tool": "brush", "mode": "add", "path": "M1,1", "width_image_px": 0}]}, 422),
    ({"shapes": [{"tool": "brush", "mode": "add", "path": "nonsense", "width_image_px": 3}]}, 422),
    ({"shapes": [{"tool": "lasso", "mode": "add", "path": "M" + "1,1L" * 30_000 + "1,1Z"}]}, 422),
]


@pytest.mark.parametrize(("change", "status"), BAD_EDITS, ids=lambda value: str(value)[:50])
def test_a_bad_edit_is_refused_with_a_sentence_and_keeps_nothing(client, workspace, picture, change, status):
    counts = row_counts(workspace.database)
    answer = client.post("/api/v1/edits", json=edit_body(picture.id) | change)
    assert answer.status_code == status, answer.text
    assert sentence(answer)
    assert row_counts(workspace.database) == counts


@pytest.mark.parametrize("key", ["id", "session", "image", "method", "models", "shapes"])
def test_what_is_missing_is_said(client, picture, key):
    body = edit_body(picture.id)
    del body[key]
    assert client.post("/api/v1/edits", json=body).status_code == 422


@pytest.mark.parametrize("key", ["parent", "parameters", "client", "started_ms", "ended_ms"])
def test_what_may_be_missing(client, picture, key):
    body = edit_body(picture.id)
    del body[key]
    assert client.post("/api/v1/edits", json=body).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/edits", "/api/v1/events", "/api/v1/masks"])
@pytest.mark.parametrize(
    "data",
    [b"", b"null", b"[]", b"5", b'"x"', b"{", b"{'a': 1}", b"\xff\xfe{}", b"[" * 100_000, b'{"a":' * 50_000, b"{}"],
    ids=lambda data: repr(data[:12]),
)
def test_a_body_that_is_no_json_object_is_refused(client, path, data):
    answer = client.post(path, data=data, content_type="application/json")
    assert answer.status_code == 422
    assert sentence(answer)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_is_no_number_is_refused_wherever_it_stands(client, workspace, picture, number):
    changes = [
        {"started_ms": 77.25},
        {"client": {"ratio": 77.25}},
        {"shapes": [rectangle(77.25)]},
        {"method": "blur", "parameters": {"radius": 77.25}},
    ]
    for change in changes:
        body = json.dumps(edit_body(picture.id) | change).replace("77.25", number)
        answer = client.post("/api/v1/edits", data=body, content_type="application/json")
        assert answer.status_code == 422, change
        assert sentence(answer)
    assert row_counts(workspace.database)["edits"] == 0


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_without_the_json_content_type_nothing_happens(client, workspace, picture, content_type):
    data = json.dumps(edit_body(picture.id))
    assert client.post("/api/v1/edits", data=data, content_type=content_type).status_code == 422
    assert row_counts(workspace.database)["edits"] == 0


def test_a_command_that_is_too_long_is_refused(client, picture):
    long = edit_body(picture.id, client={"x": "y" * (5 * 1024 * 1024)})
    assert client.post("/api/v1/edits", json=long).status_code in (413, 422)
    longer = client.post("/api/v1/edits", data=b"x" * (37 * 1024 * 1024), content_type="application/json")
    assert longer.status_code in (413, 422)
    assert sentence(longer)


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "http://localhost:1", "null"])
@pytest.mark.parametrize("path", ["/api/v1/edits", "/api/v1/events", "/_dash-update-component"])
def test_another_site_cannot_change_anything(client, workspace, picture, path, origin):
    answer = client.post(path, json=edit_body(picture.id), headers={"Origin": origin})
    assert answer.status_code == 403
    assert row_counts(workspace.database)["edits"] == 0


def test_our_own_page_can(client, picture):
    answer = client.post("/api/v1/edits", json=edit_body(picture.id), headers={"Origin": "http://localhost"})
    assert answer.status_code == 200


def test_the_same_id_for_another_edit_is_a_conflict(client, picture):
    body = edit_body(picture.id)
    client.post("/api/v1/edits", json=body)
    answer = client.post("/api/v1/edits", json=body | {"shapes": [rectangle(0, 0, 3, 3)]})
    assert answer.status_code == 409
    assert sentence(answer)


def test_a_full_disk_is_said_and_sending_again_works(client, workspace, picture, monkeypatch, caplog):
    body = edit_body(picture.id)

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        answer = client.post("/api/v1/edits", json=body)
    assert answer.status_code == 503
    assert "No space left on device" in sentence(answer)
    assert any(record.exc_info for record in caplog.records)
    assert row_counts(workspace.database)["sessions"] == 0
    assert client.post("/api/v1/edits", json=body).status_code == 200


def test_what_nobody_foresaw_has_a_reference_that_leads_to_the_log(client, picture, monkeypatch, caplog):
    def fail(*_arguments: object) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr("dashboard.api.apply_edit", fail)
    answer = client.post("/api/v1/edits", json=edit_body(picture.id))
    assert answer.status_code == 500
    assert "secret" not in answer.text
    reference = sentence(answer).rstrip(".").split()[-1]
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert reference in record.getMessage()
    assert record.exc_info[0] is ZeroDivisionError


# --- events -------------------------------------------------------------------------------------------------------


@pytest.fixture
def session(client, picture):
    """A session with two steps: its id and theirs."""
    first = edit_body(picture.id)
    client.post("/api/v1/edits", json=first)
    second = edit_body(picture.id, first["session"], first["id"], shapes=[rectangle(30, 30, 40, 40)])
    client.post("/api/v1/edits", json=second)
    return first["session"], first["id"], second["id"]


def send(client, kind: str, **body):
    return client.post("/api/v1/events", json={"id": new_id(), "kind": kind, "time_ms": 1.5} | body)


def test_moving_answers_with_the_new_head(client, session):
    where, first, second = session
    for kind, target in [("undo", first), ("undo", None), ("redo", first), ("jump", second), ("reset", None)]:
        event = new_id()
        answer = send(client, kind, id=event, session=where, edit=target)
        assert answer.get_json() == {"id": event, "session": where, "head": target}


def test_describing_answers_too_and_may_begin_a_session(client, workspace, picture):
    event, where = new_id(), new_id()
    answer = send(client, "describe", id=event, session=where, image=picture.id, texts={"name": "Ears"})
    assert answer.get_json() == {"id": event, "session": where, "head": None}
    with workspace.database.read() as transaction:
        assert queries.session(transaction, where).name == "Ears"


def test_stopping_says_whether_it_was_in_time(client, picture, session):
    body = edit_body(picture.id)
    assert send(client, "cancel", id=body["id"]).get_json() == {"id": body["id"], "cancelled": True}
    assert client.post("/api/v1/edits", json=body).status_code == 422
    assert send(client, "cancel", id=session[1]).get_json() == {"id": session[1], "cancelled": False}


BAD_EVENTS = [
    ({"id": None}, 422),
    ({"kind": None}, 422),
    ({"kind": "explode"}, 422),
    ({"kind": ["undo"]}, 422),
    ({"kind": {}}, 422),
    ({"time_ms": "x"}, 422),
    ({"time_ms": 10**400}, 422),
    ({"session": None}, 422),
    ({"session": "0190a000-0000-7000-8000-000000000000"}, 404),
    ({"edit": "0190a000-0000-7000-8000-000000000000"}, 404),
    ({"edit": "original"}, 422),
    ({"edit": 7}, 422),
    ({"kind": "describe"}, 422),
    ({"kind": "describe", "image": "0190a000-0000-7000-8000-000000000000"}, 404),
    ({"kind": "describe", "texts": ["a"]}, 422),
    ({"kind": "describe", "texts": {"name": 1}}, 422),
    ({"kind": "describe", "texts": {"name": "\0"}}, 422),
    ({"kind": "describe", "texts": {"name": "\ud800"}}, 422),
    ({"kind": "describe", "texts": {"head": "1"}}, 422),
]


@pytest.mark.parametrize(("change", "status"), BAD_EVENTS, ids=lambda value: str(value)[:50])
def test_a_bad_event_is_refused_with_a_sentence_and_keeps_nothing(client, workspace, picture, session, change, status):
    where, first, _ = session
    body = {"id": new_id(), "kind": "jump", "session": where, "edit": first, "time_ms": 1}
    if change.get("kind") == "describe" and status == 422:
        body["image"] = picture.id
        if "texts" not in change:
            body["image"] = "x"
    answer = client.post("/api/v1/events", json=body | change)
    assert answer.status_code == status, answer.text
    assert sentence(answer)
    assert row_counts(workspace.database)["events"] == 0


# --- masks --------------------------------------------------------------------------------------------------------


def test_the_mask_that_is_shown_is_the_mask_that_will_be_used(client, picture):
    answer = client.post("/api/v1/masks", json={"image": picture.id, "shapes": [rectangle(1, 2, 4, 3)]})
    assert answer.mimetype == "image/png"
    assert answer.headers["X-Mask-Area"] == f"{3 / 3072:.6f}"
    pixels = np.asarray(Image.open(io.BytesIO(answer.data)))
    assert pixels.shape == (48, 64, 4)
    assert np.argwhere(pixels[..., 3] == 255).tolist() == [[2, 1], [2, 2], [2, 3]]
    assert (pixels[..., 3] == 0).sum() == 3072 - 3


def test_the_machine_interface_works_on_postgresql_too(stored):
    client = create_app(stored).server.test_client()
    body = edit_body(add_small(stored).id, client={"agent": "nul \0 and half a pair \ud800"})
    assert client.post("/api/v1/edits", json=body).status_code == 200
    answer = send(client, "undo", session=body["session"], edit=None)
    assert answer.get_json()["head"] is None
    assert client.get("/readyz").status_code == 200
