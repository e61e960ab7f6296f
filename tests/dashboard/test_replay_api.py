"""What the replay page and scripts read: the film, one step, the pixels of its region."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from dashboard.recording.ids import new_id
from db import models
from tests.support.edits import MODEL, edit_body, rectangle
from tests.support.rows import counted_statements

POINTS = [[0, 8.0, 10.0], [40, 16.5, 20.0], [90, 24.0, 30.0]]


@pytest.fixture
def session(client, picture):
    """A step, and a branch beside it: the session's id and the steps'."""
    first = edit_body(picture.id, shapes=[rectangle() | {"points": POINTS}], started_ms=1000, ended_ms=1090)
    second = edit_body(picture.id, first["session"], method="blur", parameters={"radius": 7}, started_ms=5000)
    for body in (first, second):
        assert client.post("/api/v1/edits", json=body).status_code == 200
    return first["session"], first["id"], second["id"]


def test_the_film_of_a_session(client, session):
    found = client.get(f"/api/v1/sessions/{session[0]}/film").get_json()
    assert found["session"]["id"] == session[0]
    assert [step["id"] for step in found["steps"]] == list(session[1:])
    assert [step["row"] for step in found["steps"]] == [0, 1]
    assert found["stops"] == [
        {"number": 1, "parent": 0, "goes_back": False},
        {"number": 2, "parent": 0, "goes_back": True},
    ]
    assert found["steps"][1]["pause_ms"] == 5000 - 1090
    assert found["steps"][0]["drawing_ms"] == 90
    assert found["ends"] == [1, 2]
    assert client.get(found["steps"][0]["image"]).status_code == 200
    assert client.get(found["steps"][0]["thumbnail"]).status_code == 200


def test_what_was_marked_is_a_step_that_changes_nothing(client, picture):
    first = edit_body(picture.id)
    assert client.post("/api/v1/edits", json=first).status_code == 200
    drawn = rectangle() | {"points": POINTS}
    region = {"id": new_id(), "session": first["session"], "image": picture.id, "edit": None, "model": MODEL}
    region |= {"class_index": 281, "shapes": [drawn]}
    assert client.post("/api/v1/regions", json=region).status_code == 200
    found = client.get(f"/api/v1/sessions/{first['session']}/film").get_json()
    assert [(step["kind"], step["number"], step["parent"], step["depth"]) for step in found["steps"]] == [
        ("edit", 1, 0, 1),
        ("region", 2, 0, 1),
    ]
    edited, marked = found["steps"]
    assert marked["method"] == "marked: tabby"
    assert marked["image"] == found["picture"]["image"] != edited["image"]
    assert found["stops"] == [
        {"number": 1, "parent": 0, "goes_back": False},
        {"number": 2, "parent": 0, "goes_back": True},
    ]
    assert client.get(marked["mask"]).status_code == 200
    assert client.get(f"/api/v1/regions/{region['id']}").get_json()["shapes"][0]["points"] == POINTS
    branch = client.get(f"/api/v1/sessions/{first['session']}/film?branch={first['id']}").get_json()
    assert [step["kind"] for step in branch["steps"]] == ["edit"]


def test_the_film_of_a_branch_and_of_a_model(client, session):
    found = client.get(f"/api/v1/sessions/{session[0]}/film?branch={session[2]}&model={MODEL}").get_json()
    assert [stop["number"] for stop in found["stops"]] == [2]
    assert (found["end"], found["model"]) == (session[2], MODEL)


def test_the_chart_breaks_its_lines_where_the_film_goes_back(client, session):
    returns, line, *_ = client.get(f"/api/v1/sessions/{session[0]}/film").get_json()["chart"]["data"]
    assert returns["x"] == [1, 1, 1]
    # The original was never asked about here; only the edits were.
    assert line["x"] == [0, 1, 1, 1, 2]
    assert line["y"][0] is line["y"][2] is line["y"][3] is None
    assert all(0 <= line["y"][place] <= 100 for place in (1, 4))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/sessions/nonsense/film", 422),
        ("/api/v1/sessions/0190a000-0000-7000-8000-000000000000/film", 404),
        ("/api/v1/edits/nonsense", 422),
        ("/api/v1/edits/0190a000-0000-7000-8000-000000000000", 404),
        ("/media/masks/0190a000-0000-7000-8000-000000000000.png", 404),
        ("/media/masks/nonsense.png", 422),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(client, path, status):
    answer = client.get(path)
    assert answer.status_code == status
    assert list(answer.get_json()) == ["error"]


@pytest.mark.parametrize("query", ["model=magic", "branch=0190a000-0000-7000-8000-000000000000", "branch=original"])
def test_a_film_that_cannot_be_shown(client, session, query):
    answer = client.get(f"/api/v1/sessions/{session[0]}/film?{query}")
    assert answer.status_code in (404, 422)
    assert answer.get_json()["error"]


def test_one_step_whole(client, workspace, session):
    with workspace.database.write() as transaction:
        row = transaction.query(models.Edit).filter_by(public_id=session[1]).one()
        tags = [models.Tag(name=name) for name in ("wheel", "hub")]
        transaction.add_all([models.EditNote(edit_id=row.id, content="The hub."), *tags])
        transaction.flush()
        transaction.add_all([models.EditTag(edit_id=row.id, tag_id=tag.id) for tag in tags])
    found = client.get(f"/api/v1/edits/{session[1]}").get_json()
    assert (found["id"], found["session"], found["parent"], found["number"]) == (session[1], session[0], None, 1)
    assert (found["note"], found["tags"]) == ("The hub.", ["hub", "wheel"])
    assert found["shapes"][0]["points"] == POINTS
    assert (found["drawing_ms"], found["mask_area"]) == (90, 320 / 3072)
    [answer] = found["answers"]
    assert answer["model"] == MODEL
    assert len(answer["weights_sha256"]) == 64
    assert answer["engine_version"]
    assert answer["latency_ms"] > 0
    assert len(answer["predictions"]) == 5
    assert found["software_version"]


def test_parameters_have_names_and_units(client, session):
    found = client.get(f"/api/v1/edits/{session[2]}").get_json()
    assert found["parameters"] == {"radius": 7}
    assert found["parameter_labels"]["radius"] == {"label": "Blur radius", "unit": "px"}


def test_a_step_takes_few_statements(client, workspace, session):
    with counted_statements(workspace.database) as sent:
        client.get(f"/api/v1/edits/{session[1]}")
    assert len(sent) == 5
    assert "FROM accounts" in sent[0]  # whether anybody has to sign in


def test_the_region_is_the_masks_own_pixels_for_good(client, session):
    answer = client.get(f"/media/masks/{session[1]}.png")
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    pixels = np.asarray(Image.open(io.BytesIO(answer.data)))
    expected = np.zeros((48, 64), bool)
    expected[10:30, 8:24] = True
    assert pixels.shape == (48, 64, 4)
    assert (pixels[..., 3] == 255 * expected).all()
    assert (pixels[expected][:, :3] == (0, 114, 178)).all()


def test_the_page_is_there_for_every_session(client):
    assert client.get("/sessions/0190a000-0000-7000-8000-000000000000").status_code == 200
