from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from dashboard.recording.edits import apply_edit
from dashboard.recording.ids import new_id
from tests.support.edits import MODEL, edit_request, rectangle, sitting
from tests.support.pictures import pixels_of

FOREVER = "private, max-age=31536000, immutable"


def pixels(answer) -> np.ndarray:
    assert answer.status_code == 200, answer.get_json()
    assert answer.headers["Cache-Control"] == FOREVER
    return np.asarray(Image.open(io.BytesIO(answer.data)))


@pytest.fixture
def edit(workspace, picture):
    return apply_edit(workspace, edit_request(sitting(picture), shapes=[rectangle(8, 10, 24, 30)]))


def test_marked_pixels_are_those_that_differ(client, workspace, picture, edit):
    marked = pixels(client.get(f"/media/differences/changed/{picture.working_blob}/{edit.result_blob}.png"))
    before, after = pixels_of(workspace, picture.working_blob), pixels_of(workspace, edit.result_blob)
    assert ((marked[..., 3] > 0) == (before != after).any(axis=2)).all()
    strong = pixels(client.get(f"/media/differences/amplified-4/{picture.working_blob}/{edit.result_blob}.png"))
    assert (strong == np.minimum(np.abs(after.astype(int) - before) * 4, 255)).all()


def test_a_region_is_filled_or_outlined(client, edit):
    filled = pixels(client.get(f"/media/regions/{edit.id}/fill.png"))
    assert (filled[10:30, 8:24, 3] == 255).all()
    assert (filled[..., 3] > 0).sum() == 320
    outlined = pixels(client.get(f"/media/regions/{edit.id}/outline.png"))
    assert outlined[20, 16, 3] == 0
    assert outlined[10, 8].tolist() == [0, 114, 178, 255]
    assert outlined[12, 12].tolist() == [255, 255, 255, 255]


def test_the_share_of_people_is_coloured(client, picture, edit):
    query = f"height=48&width=64&person={edit.id}&person="
    shares = pixels(client.get(f"/media/people.png?{query}"))
    assert (shares[10:30, 8:24, 3] == 255).all()
    assert (shares[..., 3] > 0).sum() == 320
    alone = pixels(client.get(f"/media/people.png?height=48&width=64&person={edit.id}"))
    assert (alone[20, 16] != shares[20, 16]).any()


def test_a_pale_picture_and_a_difference_of_maps(client, picture, edit):
    assert pixels(client.get(f"/media/pale/{picture.working_blob}.png")).min() >= 150
    path = f"/media/differences/maps/{MODEL}/cam/281/{picture.working_blob}"
    same = pixels(client.get(f"{path}/{picture.working_blob}.png?limit=1"))
    assert len(np.unique(same.reshape(-1, 4), axis=0)) == 1
    assert len(np.unique(pixels(client.get(f"{path}/{edit.result_blob}.png?limit=1")).reshape(-1, 4), axis=0)) > 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("regions/{gone}/fill.png", 404),
        ("regions/nonsense/fill.png", 422),
        ("regions/{edit}/dotted.png", 404),
        ("pale/nonsense.png", 404),
        ("people.png", 400),
        ("people.png?height=48&width=64", 400),
        ("people.png?height=0&width=5&person={edit}", 400),
        ("people.png?height=48&width=-1&person={edit}", 400),
        ("people.png?height=48&width=64&person={gone}", 404),
        ("people.png?height=48&width=63&person={edit}", 422),
        ("people.png?height=99999999&width=64&person=", 422),
        ("differences/maps/{model}/cam/281/{blob}/{blob}.png", 400),
        ("differences/maps/{model}/cam/281/{blob}/{blob}.png?limit=nan", 400),
        ("differences/maps/{model}/magic/281/{blob}/{blob}.png?limit=1", 422),
        ("differences/changed/{blob}/nonsense.png", 404),
    ],
)
def test_what_cannot_be_had_is_a_sentence(client, picture, edit, path, status):
    path = path.format(gone=new_id(), edit=edit.id, blob=picture.working_blob, model=MODEL)
    answer = client.get(f"/media/{path}")
    assert answer.status_code == status
    assert set(answer.get_json()) == {"error"}
