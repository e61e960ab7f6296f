from __future__ import annotations

import io
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from tests.support.edits import MODEL
from tests.support.pictures import gradient

FOREVER = "private, max-age=31536000, immutable"


def opened(answer) -> Image.Image:
    assert answer.status_code == 200
    assert answer.mimetype == "image/png"
    return Image.open(io.BytesIO(answer.data))


def test_a_picture_never_changes_and_may_be_kept_for_ever(client, picture):
    answer = client.get(f"/media/{picture.working_blob}.png")
    assert (np.asarray(opened(answer)) == gradient()).all()
    assert answer.headers["Cache-Control"] == FOREVER
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = client.get(f"/media/{picture.working_blob}.png", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_thumbnail_is_small(client, picture):
    answer = client.get(f"/media/thumbnails/{picture.working_blob}.png")
    assert max(opened(answer).size) <= 160
    assert answer.headers["Cache-Control"] == FOREVER


def test_a_heat_map_has_the_working_copys_pixels(client, picture):
    path = f"/media/maps/{MODEL}/cam/281/{picture.working_blob}.png"
    answer = client.get(f"{path}?low=0&high=1")
    assert opened(answer).size == (64, 48)
    assert opened(answer).mode == "RGBA"
    assert answer.headers["Cache-Control"] == FOREVER


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("{model}/cam/281/{blob}.png", 400),
        ("{model}/cam/281/{blob}.png?low=0", 400),
        ("{model}/cam/281/{blob}.png?low=x&high=y", 400),
        ("{model}/cam/1000/{blob}.png?low=0&high=1", 422),
        ("{model}/cam/-1/{blob}.png?low=0&high=1", 404),
        ("{model}/magic/281/{blob}.png?low=0&high=1", 422),
        ("magic/cam/281/{blob}.png?low=0&high=1", 422),
        ("{model}/cam/281/{nothing}.png?low=0&high=1", 404),
    ],
)
def test_a_heat_map_that_cannot_be_had_is_a_sentence(client, picture, path, status):
    path = path.format(model=MODEL, blob=picture.working_blob, nothing="0" * 64)
    answer = client.get(f"/media/maps/{path}")
    assert answer.status_code == status
    assert set(answer.get_json()) == {"error"}


@pytest.mark.parametrize("low", ["nan", "-inf", "inf", "1e308", "5"])
def test_a_scale_without_a_width_is_still_a_picture_or_a_sentence(client, picture, low):
    answer = client.get(f"/media/maps/{MODEL}/cam/281/{picture.working_blob}.png?low={low}&high=1")
    assert answer.status_code == (400 if "n" in low else 200)


@pytest.mark.parametrize(
    "path",
    [
        "/media/{zeros}.png",
        "/media/thumbnails/{zeros}.png",
        "/media/{upper}.png",
        "/media/{blob}",
        "/media/{blob}.jpg",
        "/media/{short}.png",
        "/media/../regionscope.sqlite",
        "/media/..%2f..%2fregionscope.sqlite.png",
        "/media/%2e%2e/%2e%2e/regionscope.sqlite",
        "/media/{two}/{blob}.png",
        "/media/thumbnails/..%2f{blob}.png",
        "/media/.png",
        "/media/%00.png",
        "/vendor/icons/../css/bootstrap.min.css",
        "/vendor/icons/nothing.svg",
        "/vendor/icons/..%2fbootstrap-icons.svg",
    ],
)
def test_only_what_was_kept_is_served(client, picture, path):
    blob = picture.working_blob
    path = path.format(zeros="0" * 64, upper=blob.upper(), blob=blob, short=blob[:-1], two=blob[:2])
    answer = client.get(path)
    assert answer.status_code == 404
    assert list(answer.get_json()) == ["error"]


def test_a_missing_file_is_a_sentence(client):
    answer = client.get(f"/media/{'0' * 64}.png")
    assert answer.status_code == 404
    assert set(answer.get_json()) == {"error"}


def test_an_icon_and_the_style_sheet_come_from_here(client):
    answer = client.get("/vendor/icons/brush.svg")
    assert answer.mimetype == "image/svg+xml"
    root = ElementTree.fromstring(answer.data)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(root)
    sheet = client.get("/vendor/bootstrap.min.css")
    assert sheet.mimetype == "text/css"
    assert b".btn" in sheet.data


def test_a_map_cannot_be_asked_of_what_is_no_file_name(client):
    answer = client.get(f"/media/maps/{MODEL}/cam/281/..%2f..%2fx.png?low=0&high=1")
    assert answer.status_code == 404
