from __future__ import annotations

import base64
import json
import tracemalloc

import numpy as np
import pytest
from pycocotools import mask as coco

from dashboard.vision.errors import MaskError
from dashboard.vision.images import encode_png
from dashboard.vision.region_files import read_regions, stem

SIZE = (8, 12)
BOX = np.zeros(SIZE, bool)
BOX[2:5, 3:9] = True
POLYGON = [3, 2, 9, 2, 9, 5, 3, 5]


def coco_file(*segmentations, **picture):
    about = {"id": 7, "file_name": "photos/cat.jpg", "height": 8, "width": 12} | picture
    annotations = [
        {"id": number, "image_id": 7, "category_id": 1, "segmentation": one} for number, one in enumerate(segmentations)
    ]
    return {"images": [about], "annotations": annotations, "categories": [{"id": 1, "name": "tabby"}]}


def read(content, name="file.json"):
    return read_regions(name, json.dumps(content).encode())


def only(content, image=SIZE, working=SIZE):
    [found], left = read(content)
    assert left == []
    return found.draw(image, working)


def run_lengths():
    encoded = coco.encode(np.asfortranarray(BOX, np.uint8))
    return {"size": [8, 12], "counts": encoded["counts"].decode()}


def plain_run_lengths():
    """Column by column: 24 + 2 outside, then six times three inside, with five outside between."""
    return {"size": [8, 12], "counts": [26, *[3, 5] * 5, 3, 27]}


def test_a_mask_png_belongs_to_the_picture_of_its_name():
    [found], left = read_regions("C:\\masks\\cat.png", encode_png(np.repeat(BOX[..., None], 3, axis=2) * np.uint8(255)))
    assert (found.picture, found.label, left) == ("cat", "", [])
    assert (found.draw(SIZE, SIZE) == BOX).all()


@pytest.mark.parametrize("kind", ["polygon", "run lengths", "plain run lengths"])
def test_coco(kind):
    kinds = {"polygon": [POLYGON], "run lengths": run_lengths(), "plain run lengths": plain_run_lengths()}
    content = coco_file(kinds[kind])
    [found], _ = read(content)
    assert (found.item, found.picture, found.label) == ("annotation 0", "cat", "tabby")
    assert (only(content) == BOX).all()


def test_labelme():
    shapes = [
        {"label": "head", "points": [[3, 2], [9, 2], [9, 5], [3, 5]], "shape_type": "polygon"},
        {"label": "box", "points": [[9, 5], [3, 2]], "shape_type": "rectangle"},
        {"label": "eye", "points": [[6, 4], [8, 4]], "shape_type": "circle"},
        {"label": "line", "points": [[1, 1], [2, 2]], "shape_type": "line"},
    ]
    content = {"shapes": shapes, "imagePath": "..\\cat.jpg", "imageHeight": 8, "imageWidth": 12}
    found, left = read(content, "whatever.json")
    assert [one.label for one in found] == ["head", "box", "eye"]
    assert {one.picture for one in found} == {"cat"}
    assert (found[0].draw(SIZE, SIZE) == BOX).all()
    assert (found[1].draw(SIZE, SIZE) == BOX).all()
    assert found[2].draw(SIZE, SIZE).sum() == 12
    assert [(one.item, "line is not taken" in one.why) for one in left] == [("shape 4", True)]


def cut_out(part=BOX[2:5, 3:9], points=((3, 2), (8, 4)), **about):
    """A mask of labelme's: what lies in its box, both corner pixels included."""
    encoded = base64.b64encode(encode_png(np.repeat(part[..., None], 3, axis=2).astype(np.uint8)))
    shape = {"label": "head", "points": points, "shape_type": "mask", "mask": encoded.decode()} | about
    return {"shapes": [shape], "imagePath": "cat.jpg", "imageHeight": 8, "imageWidth": 12}


def test_labelme_masks():
    ragged = np.array([[1, 0, 1], [0, 1, 1]], bool)
    expected = np.zeros(SIZE, bool)
    expected[6:8, 0:3] = ragged
    assert (only(cut_out()) == BOX).all()
    assert (only(cut_out(ragged, [[0.0, 6.0], [2.0, 7.0]])) == expected).all()
    doubled = cut_out(np.kron(ragged, np.ones((2, 2), bool)), [[0, 12], [5, 15]])
    assert (only(doubled | {"imageHeight": 16, "imageWidth": 24}, (16, 24), SIZE) == expected).all()
    [found], _ = read(cut_out())
    assert (found.label, found.picture, found.is_mask) == ("head", "cat", False)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"points": [[3, 2], [9, 4]]}, "size of its box"),
        ({"points": [[8, 4], [3, 2]]}, "box does not lie"),
        ({"points": [[3, 6], [8, 8]]}, "box does not lie"),
        ({"points": [[-1, 2], [4, 4]]}, "box does not lie"),
        ({"points": [[3, 2]]}, "two corners"),
        ({"mask": None}, "needs a PNG"),
        ({"mask": "?"}, "cannot be read"),
        ({"mask": "é"}, "cannot be read"),
        ({"mask": "R0lGODlh"}, "cannot be read"),
    ],
    ids=str,
)
def test_labelme_masks_that_are_none(changes, why):
    found, left = read(cut_out(**changes))
    if found:
        with pytest.raises(MaskError, match=why):
            found[0].draw(SIZE, SIZE)
    else:
        assert [(one.item, why in one.why) for one in left] == [("shape 1", True)]


def test_outlines_drawn_on_the_picture_are_scaled_to_its_working_copy():
    doubled = coco_file([[2 * value for value in POLYGON]], height=16, width=24)
    assert (only(doubled, (16, 24), SIZE) == BOX).all()
    assert (only(coco_file([POLYGON]), (16, 24), SIZE) == BOX).all()
    with pytest.raises(MaskError, match="12 × 8"):
        only(coco_file([POLYGON]), (32, 48), (16, 24))


def test_run_lengths_of_the_picture_are_taken_at_the_centres():
    big = np.kron(BOX, np.ones((2, 2), bool))
    encoded = coco.encode(np.asfortranarray(big, np.uint8))
    content = coco_file({"size": [16, 24], "counts": encoded["counts"].decode()}, height=16, width=24)
    assert (only(content, (16, 24), SIZE) == BOX).all()


@pytest.mark.parametrize(
    "segmentation",
    [
        [],
        None,
        "x",
        [[1, 2, 3]],
        [[1, 2]],
        [[1, 2, 3, 4, "x", 6]],
        [[1, 2, 3, 4, 1e400, 6]],
        {"size": [8, 12], "counts": "?"},
        {"size": [8, 12], "counts": [3, 4]},
        {"size": [8, 12], "counts": [-4, 100]},
        {"size": "large", "counts": [96]},
        {"counts": [96]},
    ],
    ids=str,
)
def test_one_bad_region_leaves_the_others(segmentation):
    content = json.dumps(coco_file(segmentation, [POLYGON])).replace("Infinity", "1e400")
    found, left = read_regions("file.json", content.encode())
    whys = {one.item: one.why for one in left}
    for region in found[:-1]:
        with pytest.raises(MaskError) as error:
            region.draw(SIZE, SIZE)
        whys[region.item] = str(error.value)
    assert found[-1].item == "annotation 1"
    assert found[-1].draw(SIZE, SIZE).any()
    assert list(whys) == ["annotation 0"]
    assert whys["annotation 0"].endswith(".")


def test_an_annotation_of_no_picture_is_left_out():
    content = coco_file([POLYGON]) | {"images": []}
    assert read(content)[1][0].why == "Its picture is not among the file's images."


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b"\xff\xfe", b"GIF89a", b'{"images": [], "annotations": 3}'], ids=str
)
def test_what_is_none_of_the_formats_is_refused(data):
    with pytest.raises(MaskError):
        read_regions("file.json", data)


def test_stems():
    assert [stem(name) for name in ("a/b/cat.jpg", "cat", "C:\\x\\cat.tar.png")] == ["cat", "cat", "cat.tar"]


def test_run_lengths_are_unpacked_only_for_a_picture_of_their_size():
    huge = {"size": [2000, 5000], "counts": [9_999_999, 1]}
    tracemalloc.start()
    found, left = read(coco_file(*[huge] * 15, height=2000, width=5000))
    for region in found:
        with pytest.raises(MaskError, match="It has 5000 × 2000 pixels, the picture 12 × 8"):
            region.draw(SIZE, SIZE)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(found), left) == (15, [])
    assert peak < 5_000_000


@pytest.mark.parametrize(
    "changes",
    [
        {"categories": 5},
        {"categories": [{"id": [1], "name": "tabby"}]},
        {"images": [{"id": [7], "file_name": "a.png"}]},
        {"annotations": [{"id": 1, "image_id": [7]}, {"id": 2, "image_id": 7, "category_id": [1]}, 4]},
    ],
)
def test_ids_that_are_none_leave_out_what_they_stand_for(changes):
    found, left = read(coco_file([POLYGON]) | changes)
    assert len(found) + len(left) == len((coco_file([POLYGON]) | changes)["annotations"])
    assert all(one.label == "" for one in found)


def test_only_a_mask_alone_is_one_whatever_it_is_called():
    [mask], _ = read_regions("mymask", encode_png(np.repeat(BOX[..., None], 3, axis=2) * np.uint8(255)))
    content = coco_file([POLYGON])
    content["annotations"][0]["id"] = "x.png"
    [annotation], _ = read(content)
    assert (mask.is_mask, annotation.is_mask) == (True, False)
