"""What the compare page is told, without a browser."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from dashboard.app import create_app
from dashboard.pages import compare_scene
from dashboard.recording import answers
from dashboard.recording.answers import model_row
from dashboard.recording.edits import apply_edit
from dashboard.recording.ids import RequestError, new_id
from dashboard.vision.colour import value_range
from db.models import Prediction
from tests.support.edits import MODEL, OTHER_MODEL, edit_request, rectangle, sitting
from tests.support.pictures import add_small
from tests.support.rows import counted_statements


@pytest.fixture
def made(stored):
    """A picture and a chain of ten edits, as items."""
    picture = add_small(stored)
    answers.of_picture(stored, picture, [MODEL])
    where, edits = sitting(picture), []
    for number in range(10):
        shapes = [rectangle(number * 4, 2, number * 4 + 8, 10)]
        edits.append(apply_edit(stored, edit_request(where, edits[-1] if edits else None, shapes=shapes)).id)
    return [f"image:{picture.id}", f"session:{where.session}", *(f"edit:{edit}" for edit in edits)]


def built(workspace, items, more="", **view):
    return compare_scene.build(workspace, {"search": f"?items={','.join(items)}{more}", "token": 1, **view})


def test_a_page_of_twelve_takes_as_many_statements_as_one_of_three(stored, made):
    sent = {}
    for count in (3, 12):
        with counted_statements(stored.database) as statements:
            scene, *_ = built(stored, made[:count])
        assert len(scene["items"]) == count
        sent[count] = len(statements)
    assert sent[3] == sent[12] <= 13


def test_what_the_address_leaves_open_is_chosen(stored, made):
    scene, problems, grid, *_ = built(stored, made[:3])
    top = answers.of_picture(stored, picture_of(stored, made[0]), [MODEL])[MODEL].top_index
    assert scene["chosen"] == {
        "ref": made[0],
        "models": MODEL,
        "class": str(top),
        "map": "cam",
        "masks": "outline",
        "opacity": "55",
        "pair": f"{made[0]},{made[1]}",
    }
    assert problems is None
    assert len(grid) == 3
    json.dumps(scene)


def picture_of(workspace, item):
    from db import queries

    with workspace.database.read() as transaction:
        return queries.picture(transaction, item.partition(":")[2])


def test_panels_that_are_there_already_are_not_sent_again(stored, made):
    grid = built(stored, made[:3], shown=made[:3])[2]
    assert type(grid).__name__ == "NoUpdate"


def test_all_maps_share_one_scale_and_their_difference_lies_around_nought(workspace):
    picture = add_small(workspace)
    edit = apply_edit(workspace, edit_request(sitting(picture)))
    items = [f"image:{picture.id}", f"edit:{edit.id}"]
    scene, *_ = built(workspace, items)
    maps = compare_scene.maps(workspace, scene)
    found = [
        compare_scene.class_map(workspace, MODEL, "cam", int(scene["chosen"]["class"]), blob)
        for blob in (picture.working_blob, edit.result_blob)
    ]
    assert (maps["low"], maps["high"]) == value_range(*found)
    assert maps["limit"] == pytest.approx(float(abs(found[1] - found[0]).max()))
    assert all(f"low={maps['low']!r}&high={maps['high']!r}&is=" in url for url in maps["urls"].values())
    client = create_app(workspace).server.test_client()
    for url in [*maps["urls"].values(), maps["difference"]]:
        assert client.get(url).status_code == 200
    assert "urls" not in compare_scene.maps(workspace, built(workspace, items, "&map=none")[0])


def test_a_model_that_cannot_be_explained_is_said(workspace):
    picture = add_small(workspace)
    edit = apply_edit(workspace, edit_request(sitting(picture)))
    scene, *_ = built(workspace, [f"image:{picture.id}", f"edit:{edit.id}"], "&map=magic")
    assert "magic" in compare_scene.maps(workspace, scene)["failed"]


def test_a_model_that_has_not_answered_is_said_and_one_that_is_none(workspace):
    picture = add_small(workspace)
    edit = apply_edit(workspace, edit_request(sitting(picture)))
    items = [f"image:{picture.id}", f"edit:{edit.id}"]
    scene, problems, *_ = built(workspace, items, f"&models={MODEL},{OTHER_MODEL},magic")
    said = [item.children for item in problems.children]
    assert said == [
        "There is no model 'magic'.",
        "EfficientNet-Lite1 has not answered B yet; below it can be asked to.",
    ]
    assert [option["value"] for option in scene["models"]] == [MODEL, OTHER_MODEL]


def test_answers_by_other_weights_are_said_and_left_out(workspace):
    where = sitting(add_small(workspace))
    edits = [apply_edit(workspace, edit_request(where)).id for _ in range(3)]
    with workspace.database.write() as transaction:
        card = workspace.catalogue.load(MODEL).card
        other = model_row(transaction, replace(card, weights_sha256="f" * 64))
        newest = transaction.query(Prediction).order_by(Prediction.id.desc()).first()
        newest.model_id = other
    scene, problems, *_ = built(workspace, [f"edit:{edit}" for edit in edits])
    (said,) = [item.children for item in problems.children]
    assert said == f"{card.label} answered C with other weights than the rest; that is not compared."
    assert [scene["answers"][letter] is not None for letter in "ABC"] == [True, True, False]


def test_a_reference_that_is_not_there_is_said(workspace):
    picture = add_small(workspace)
    edit = apply_edit(workspace, edit_request(sitting(picture)))
    items = [f"image:{picture.id}", f"edit:{edit.id}"]
    scene, problems, *_ = built(workspace, items, f"&ref=edit:{new_id()}")
    assert scene["chosen"]["ref"] == items[0]
    assert "it is A now" in problems.children[0].children


@pytest.mark.parametrize("view", [None, "x", {"search": "?comparison=x"}, {"search": "?items=&class=x"}])
def test_what_our_page_would_not_send_is_a_sentence(workspace, view):
    with pytest.raises(RequestError):
        compare_scene.build(workspace, view)
