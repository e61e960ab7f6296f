from __future__ import annotations

import hashlib

import pytest

from dashboard.recording import browsing
from dashboard.recording.edits import apply_edit
from dashboard.recording.ids import new_id
from db.browse_filter import BrowseState
from tests.support.edits import edit_request, sitting


@pytest.fixture
def edit(workspace, picture):
    return apply_edit(workspace, edit_request(sitting(picture)))


@pytest.fixture
def send(client):
    def call(kind: str, **body: object):
        return client.post("/api/v1/events", json={"id": new_id(), "kind": kind, **body})

    return call


def sessions(workspace):
    return browsing.rows(workspace, BrowseState(), 0, 100).rows


def test_each_kind_does_what_it_says(workspace, edit, send):
    selection = {"items": [f"session:{edit.session}"]}
    assert send("tag", selection=selection, add=["seen"]).json["tagged"] == 1
    assert send("rename", selection=selection, name="First").json["sessions"] == 1
    assert send("note", edit=edit.id, content="A note").status_code == 200
    (row,) = sessions(workspace)
    assert (row.session, row.tags) == ("First", ("seen",))
    copy = send("continue", edit=edit.id).json["session"]
    assert {row.id for row in sessions(workspace)} == {edit.session, copy}
    assert send("archive", selection=selection).json["sessions"] == 1
    assert {row.id for row in sessions(workspace)} == {copy}
    assert send("unarchive", selection={"query": "archived=1"}).json["sessions"] == 1


def test_deleting_needs_the_right_expectation(workspace, client, edit, send):
    selection = {"items": [f"edit:{edit.id}"]}
    told = client.get(f"/api/v1/selection?items=edit:{edit.id}").json
    digest = hashlib.sha256(edit.session.encode()).hexdigest()
    assert told == {
        "sessions": 1,
        "edits": 1,
        "predictions": 1,
        "regions": 0,
        "digest": digest,
        "pictures_kept": True,
    }
    assert client.get("/api/v1/selection?query=view=edits").json == told
    assert client.post("/api/v1/selection", json=selection).json == told
    assert client.post("/api/v1/selection", json={"query": "view=edits"}).json == told
    assert send("delete", selection=selection).status_code == 422
    assert send("delete", selection=selection, expected={"sessions": 2, "edits": 1}).status_code == 409
    other = {"sessions": 1, "edits": 1, "digest": "0" * 64}
    assert send("delete", selection=selection, expected=other).status_code == 409
    assert send("delete", selection=selection, expected={"sessions": 1, "edits": 1}).json["edits"] == 1
    assert sessions(workspace) == []


@pytest.mark.parametrize("given", ["no json", "[]", "{}", '{"items": ["session:x"]}', '{"query": "view=nothing"}'])
def test_a_long_selection_that_makes_no_sense_gets_a_sentence(client, given):
    answer = client.post("/api/v1/selection", data=given, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json["error"].endswith(".")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("tag", {"selection": {"items": ["session:x"]}, "add": ["a"]}),
        ("rename", {"selection": {"query": "view=nothing"}, "name": "x"}),
        ("rename", {"selection": {"query": ""}, "name": 3}),
        ("note", {"edit": "x", "content": "y"}),
        ("continue", {"edit": None}),
        ("delete", {"selection": {"query": ""}, "expected": [1]}),
        ("dance", {}),
    ],
)
def test_what_makes_no_sense_gets_a_sentence(edit, send, kind, body):
    answer = send(kind, **body)
    assert 400 <= answer.status_code < 500
    assert answer.json["error"].endswith(".")


def test_the_demo_is_for_an_empty_folder_only(workspace, client):
    recorded = client.post("/api/v1/demo").json["sessions"]
    assert recorded == len(sessions(workspace)) >= 10
    assert client.post("/api/v1/demo").status_code == 409
    assert len(sessions(workspace)) == recorded
