"""Pictures of one's own: good ones are shown, bad ones refused with a sentence and not kept."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from tests.browser.explore import ExplorePage

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="64" height="64"/></svg>'


def test_a_png_is_shown_and_can_be_worked_on(explore: ExplorePage) -> None:
    pixels = _noise(300, 200, seed=1)
    before = explore.image
    _upload(explore, "one's own.png", _encoded(pixels, "PNG"))
    _other_picture(explore, before)
    picture = explore.recorded.picture(explore.image)
    assert (picture.name, picture.width, picture.height) == ("one's own", 300, 200)
    assert np.array_equal(explore.layer(0)[..., :3], pixels)
    explore.stroke([(60, 60), (200, 120)])
    assert explore.last().mask.shape == (200, 300)


def test_a_large_jpeg_turned_on_its_side(explore: ExplorePage) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    file = io.BytesIO()
    Image.fromarray(_noise(1200, 800, seed=2)).save(file, "JPEG", exif=exif)
    before = explore.image
    _upload(explore, "photo.jpeg", file.getvalue())
    _other_picture(explore, before)
    picture = explore.recorded.picture(explore.image)
    assert (picture.width, picture.height) == (800, 1200)
    assert (picture.working_width, picture.working_height) == (341, 512)
    explore.stroke([(60, 60), (200, 320)])
    assert explore.last().mask.shape == (512, 341)


def test_a_wrong_name_does_not_matter(explore: ExplorePage) -> None:
    before = explore.image
    _upload(explore, "really a PNG.jpg", _encoded(_noise(64, 48, seed=3), "PNG"))
    _other_picture(explore, before)


def test_a_picture_can_be_dropped(explore: ExplorePage) -> None:
    before = explore.image
    data = explore.page.evaluate_handle(
        """bytes => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(bytes)], "dropped.png", { type: "image/png" }));
          return transfer;
        }""",
        list(_encoded(_noise(40, 30, seed=4), "PNG")),
    )
    place = explore.page.locator("#image-upload .upload, #image-upload").last
    for kind in ("dragenter", "dragover", "drop"):
        place.dispatch_event(kind, {"dataTransfer": data})
    _other_picture(explore, before)
    assert explore.recorded.picture(explore.image).name == "dropped"


def test_what_cannot_be_used_is_refused(explore: ExplorePage) -> None:
    text = b"This is only text.\n" * 20
    small = _encoded(_noise(15, 40, seed=5), "PNG")
    whole = {kind: _encoded(_noise(200, 200, seed=6), kind) for kind in ("PNG", "JPEG")}
    _refused(explore, "text.png", text, "not a picture")
    _refused(explore, "drawing.svg", SVG, "SVG")
    _refused(explore, "drawing.png", SVG, "SVG")
    _refused(explore, "small.png", small, "16")
    _refused(explore, "cut off.png", whole["PNG"][: len(whole["PNG"]) // 2], "PNG")
    _refused(explore, "cut off.jpg", whole["JPEG"][: len(whole["JPEG"]) // 2], "JPEG")
    _refused(explore, "empty.png", b"", "empty")


def test_more_than_25_megabytes_are_refused(explore: ExplorePage, tmp_path: Path) -> None:
    file = tmp_path / "large.png"
    file.write_bytes(_encoded(_noise(64, 64, seed=7), "PNG") + bytes(25_100_000))
    before, image = explore.recorded.everything(), explore.image
    explore.page.locator("#image-upload input[type=file]").set_input_files(file)
    expect(explore.by_id("upload-message")).to_contain_text("25 MB")
    explore.ready()
    assert explore.image == image
    assert explore.recorded.everything() == before


def test_after_a_bad_file_a_good_one_is_taken(explore: ExplorePage) -> None:
    _refused(explore, "text.png", b"This is only text.", "not a picture")
    before = explore.image
    _upload(explore, "good.png", _encoded(_noise(50, 60, seed=8), "PNG"))
    _other_picture(explore, before)
    expect(explore.by_id("upload-message")).to_be_empty()


def test_the_same_bad_file_again_is_refused_again(explore: ExplorePage) -> None:
    _refused(explore, "text.png", b"This is only text.", "not a picture")
    with explore.page.expect_response(re.compile("_dash-update-component")) as response:
        _upload(explore, "text.png", b"This is only text.")
    assert "not a picture" in response.value.text()


def _refused(explore: ExplorePage, name: str, data: bytes, sentence: str) -> None:
    before, image = explore.recorded.everything(), explore.image
    _upload(explore, name, data)
    message = explore.by_id("upload-message")
    expect(message).to_contain_text(sentence)
    expect(message).not_to_be_empty()
    expect(message).to_be_visible()
    explore.ready()
    assert explore.image == image
    assert explore.recorded.everything() == before


def _upload(explore: ExplorePage, name: str, data: bytes) -> None:
    file = {"name": name, "mimeType": "image/png", "buffer": data}
    explore.page.locator("#image-upload input[type=file]").set_input_files(file)


def _other_picture(explore: ExplorePage, before: str) -> None:
    """Waits until another picture is shown than before."""
    chosen = explore.page.locator('#image-picker [data-image-id][aria-pressed="true"]')
    expect(chosen).not_to_have_attribute("data-image-id", before)
    explore.ready()


def _noise(width: int, height: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def _encoded(pixels: np.ndarray, kind: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()
