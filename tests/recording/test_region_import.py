from __future__ import annotations

import json

import numpy as np
import pytest

from dashboard.recording import everybody
from dashboard.recording.ids import RequestError
from dashboard.recording.masks import mask_of
from dashboard.recording.region_import import Manner, import_regions
from dashboard.vision.errors import RegionscopeError
from dashboard.vision.images import encode_png
from db import regions
from db.regions import regions_of_picture
from tests.support.edits import MODEL
from tests.support.pictures import add_small

BOX = np.zeros((48, 64), bool)
BOX[10:30, 8:24] = True
PNG = encode_png(np.repeat(BOX[..., None], 3, axis=2) * np.uint8(255))
LABELME = {
    "imagePath": "Gradient.jpg",
    "imageHeight": 48,
    "imageWidth": 64,
    "shapes": [
        {"label": "Tabby", "points": [[8, 10], [24, 10], [24, 30], [8, 30]], "shape_type": "polygon"},
        {"label": "my cat", "points": [[8, 10], [24, 30]], "shape_type": "rectangle"},
        {"label": "tabby", "points": [[-9, -9], [-5, -5]], "shape_type": "rectangle"},
    ],
}


def listed(workspace, picture):
    with workspace.database.read() as transaction:
        return regions_of_picture(transaction, picture.id)


def test_labelme_is_taken_in_with_a_report(stored):
    picture = add_small(stored)
    report = import_regions(stored, [("a/gradient.json", json.dumps(LABELME).encode())], Manner(MODEL, author="Ann"))
    assert [(one.item, one.class_name, one.known) for one in report.taken] == [
        ("gradient.json, shape 1", "tabby", False),
        ("gradient.json, shape 2", "my cat", False),
    ]
    assert [(one.item, one.why) for one in report.left_out] == [
        ("gradient.json, shape 3", "It holds no pixel of the picture.")
    ]
    first, second = listed(stored, picture)
    assert (first.class_index, second.class_index) == (281, None)
    assert (first.author, first.source, first.session, first.kind) == ("Ann", "gradient.json", None, regions.HUMAN)
    assert (mask_of(first) == BOX).all()


def test_the_same_file_again_changes_nothing(stored):
    picture = add_small(stored)
    files = [("gradient.png", PNG)]
    first = import_regions(stored, files, Manner(MODEL, class_name="tabby"))
    again = import_regions(stored, files, Manner(MODEL, class_name="tabby"))
    assert [one.known for one in (*first.taken, *again.taken)] == [False, True]
    assert first.taken[0].region == again.taken[0].region
    other = import_regions(stored, files, Manner(MODEL, class_name="tabby", author="Ben"))
    assert not other.taken[0].known
    assert len(listed(stored, picture)) == 2


def test_a_mask_belongs_to_the_picture_of_its_name_or_to_the_one_named(stored):
    add_small(stored)
    wrong = import_regions(stored, [("mask1.png", PNG)], Manner(MODEL, class_name="tabby"))
    assert wrong.taken == ()
    assert "no picture called “mask1”" in wrong.left_out[0].why
    named = import_regions(stored, [("mask1.png", PNG)], Manner(MODEL, image="gradient", class_name="tabby"))
    assert len(named.taken) == 1


def test_what_cannot_be_taken_is_said_and_the_rest_is_kept(stored):
    picture = add_small(stored)
    files = [("bad.json", b"{"), ("gradient.png", PNG[:40]), ("Gradient.png", PNG)]
    report = import_regions(stored, files, Manner(MODEL))
    assert [one.item for one in report.left_out] == ["bad.json", "gradient.png", "Gradient.png"]
    assert "names no class" in report.left_out[-1].why
    assert listed(stored, picture) == []
    with pytest.raises(RequestError):
        import_regions(stored, [], Manner(MODEL, author="x" * 201))
    with pytest.raises(RegionscopeError):
        import_regions(stored, files, Manner("no such model"))


def coco(picture: str, *labels: str) -> bytes:
    annotations = [
        {"id": n, "image_id": 1, "category_id": n, "segmentation": [[8, 10, 24, 10, 24, 30, 8, 30]]}
        for n, _ in enumerate(labels)
    ]
    names = [{"id": n, "name": name} for n, name in enumerate(labels)]
    images = [{"id": 1, "file_name": picture, "height": 48, "width": 64}]
    return json.dumps({"images": images, "annotations": annotations, "categories": names}).encode()


def test_classes_that_differ_by_their_case_are_kept_apart(stored):
    picture = add_small(stored)
    import_regions(stored, [("a.json", coco("gradient.png", "cardigan", "Cardigan", "CARDIGAN"))], Manner(MODEL))
    found = [(one.class_index, one.class_name) for one in listed(stored, picture)]
    assert found == [(474, "cardigan"), (264, "Cardigan"), (None, "CARDIGAN")]


def test_files_that_name_nobody_are_people_of_their_own(stored):
    picture = add_small(stored)
    files = [(f"{name}.json", coco("gradient.png", "tabby")) for name in ("first", "second", "third")]
    report = import_regions(stored, files, Manner(MODEL))
    assert [one.known for one in report.taken] == [False] * 3
    found = everybody.regions_of(stored, picture.id)
    assert list(everybody.by_person(found.of_class("tabby"))) == ["first.json", "second.json", "third.json"]
    assert [one.known for one in import_regions(stored, files, Manner(MODEL)).taken] == [True] * 3


def test_what_cannot_be_written_is_said_with_a_question_mark(stored):
    add_small(stored)
    data = coco("x", "tabby").replace(b'"x"', b'"zz\\ud800.png"')
    report = import_regions(
        stored, [("odd\udcff.json", data), ("good.json", coco("gradient.png", "tabby"))], Manner(MODEL)
    )
    assert len(report.taken) == 1
    [left] = report.left_out
    assert (left.item, left.why) == ("odd?.json, annotation 0", "There is no picture called “zz?” here.")


def test_a_mask_of_any_name_belongs_to_the_chosen_picture(stored):
    add_small(stored)
    assert (
        len(import_regions(stored, [("mymask", PNG)], Manner(MODEL, image="gradient", class_name="tabby")).taken) == 1
    )


def test_everybody_is_counted_however_many_they_are(stored, monkeypatch):
    picture = add_small(stored)
    monkeypatch.setattr(regions, "MOST", 2)
    files = [(f"{number}.json", coco("gradient.png", "tabby")) for number in range(5)]
    import_regions(stored, files, Manner(MODEL))
    assert len(everybody.regions_of(stored, picture.id).of_class("tabby")) == 5
