"""The page of one picture: everybody's regions, what they share, where the models stand, and regions from files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

from dashboard.recording.ids import new_id
from tests.support.edits import MODEL
from tests.support.pictures import png
from tests.support.server import post

EGYPTIAN_CAT = 285
FACE = {"tool": "ellipse", "mode": "add", "x0": 90, "y0": 30, "x1": 300, "y1": 230}


@pytest.fixture
def picture(application):
    """A picture that no other test marks."""
    [row] = application.recorded.rows("SELECT public_id FROM images WHERE name = 'Motorcycle'")
    return row["public_id"]


def mark(application, picture, dx=0, index=EGYPTIAN_CAT, **more):
    shape = FACE | {"x0": FACE["x0"] + dx, "x1": FACE["x1"] + dx}
    body = {"id": new_id(), "session": new_id(), "image": picture, "edit": None, "model": MODEL, "class_index": index}
    status, answer = post(application.port, "/api/v1/regions", body | {"shapes": [shape]} | more)
    assert status == 200
    return answer


def metric(page: Page, name: str):
    return page.locator(f'[data-metric="{name}"] .number')


def test_an_unmarked_picture_says_what_to_do(application, open_plain):
    [row] = application.recorded.rows("SELECT public_id FROM images WHERE name = 'Rocket'")
    page = open_plain(f"/images/{row['public_id']}")
    expect(page.get_by_text("Nobody has marked anything")).to_be_visible()
    expect(page.get_by_role("link", name="Explore page")).to_have_attribute("href", f"/?image={row['public_id']}")


def test_an_unknown_picture_is_said_in_a_sentence(open_plain):
    page = open_plain(f"/images/{new_id()}")
    expect(page.get_by_role("alert").first).to_contain_text("not here any more")


def test_everybodys_regions_and_the_models_among_them(application, open_plain, picture):
    for person in range(3):
        mark(application, picture, 12 * person, name=f"part {person}")
    page = open_plain(f"/images/{picture}")
    expect(page.get_by_role("heading", name="3 people, 3 regions")).to_be_visible()
    assert 0.5 < float(metric(page, "Mean pairwise IoU").inner_text()) < 1
    assert float(metric(page, "Ceiling").inner_text()) > 0.5
    expect(page.locator(".regions tbody tr")).to_have_count(3)
    expect(page.locator(".stack-over")).to_have_js_property("naturalWidth", 512)
    page.locator("#picture-shown").select_option("both")
    expect(page.get_by_text("Only the model, equal area")).to_be_visible()
    page.locator("#picture-models").click()
    page.get_by_text("EfficientNet-Lite1", exact=True).last.click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Models among themselves")).to_be_visible()
    rows = page.locator(".regions tbody tr")
    assert [float(row.locator("td").nth(4).inner_text()) > 0 for row in rows.all()] == [True] * 3
    page.locator("#picture-effect-region").select_option(index=1)
    page.locator("#picture-effect-find-out").click()
    effect = page.locator("#picture-effect")
    expect(effect).to_contain_text("30 random regions")
    expect(effect.locator(".effect-about")).to_contain_text("EfficientNet-Lite0")
    page.locator("#picture-method").select_option("gradcam")
    expect(effect).to_be_empty()
    expect(page.get_by_text("Grad-CAM region of equal area")).to_be_visible()


def test_regions_are_imported_with_a_report(application, open_plain, picture):
    page = open_plain(f"/images/{picture}")
    shapes = [
        {"label": "moped", "points": [[40, 40], [200, 40], [200, 160], [40, 160]], "shape_type": "polygon"},
        {"label": "moped", "points": [[1, 1]], "shape_type": "point"},
    ]
    content = {"imagePath": "motorcycle_left.png", "shapes": shapes}
    page.get_by_text("Import regions", exact=True).click()
    page.locator("#region-import-author").fill("Ann")
    file = {"name": "ann.json", "mimeType": "application/json", "buffer": json.dumps(content).encode()}
    page.locator('#region-import input[type="file"]').set_input_files([file])
    report = page.locator("#region-import-report")
    expect(report).to_contain_text("1 taken, 1 left out")
    expect(report).to_contain_text("is not taken")
    expect(page.locator("#picture-class")).to_have_value("moped")
    expect(page.locator(".regions tbody tr")).to_contain_text(["Ann"])


def import_files(page: Page, *files: dict[str, object] | Path):
    page.get_by_text("Import regions", exact=True).click()
    page.locator('#region-import input[type="file"]').set_input_files(list(files))
    return page.locator("#region-import-report")


def unmarked(application, name: str) -> str:
    [row] = application.recorded.rows(f"SELECT public_id FROM images WHERE name = '{name}'")
    return row["public_id"]


def test_a_mask_is_imported_for_any_class_on_an_unmarked_picture(application, open_plain):
    page = open_plain(f"/images/{unmarked(application, 'Astronaut')}")
    expect(page.get_by_text("Nobody has marked anything")).to_be_visible()
    page.get_by_text("Import regions", exact=True).click()
    page.locator("#region-import-class").click()
    page.get_by_placeholder("Search").last.fill("space shuttle")
    page.get_by_text("space shuttle", exact=True).last.click()
    page.get_by_text("Import regions", exact=True).click()
    mask = np.zeros((512, 512), np.uint8)
    mask[100:200, 100:200] = 255
    report = import_files(page, {"name": "bob.png", "mimeType": "image/png", "buffer": png(mask)})
    expect(report).to_contain_text("bob.png: space shuttle, 3.8%")
    expect(page.locator("#picture-class")).to_have_value("space shuttle")
    expect(page.locator(".regions tbody tr")).to_have_count(1)
    # What is undefined is said where everybody can read it.
    expect(page.locator('[data-metric="Ceiling"]')).to_contain_text("Undefined: fewer than two people.")


def test_coco_is_imported_on_an_unmarked_picture_and_what_is_too_large_is_said(application, open_plain, tmp_path):
    page = open_plain(f"/images/{unmarked(application, 'Grace Hopper')}")
    expect(page.get_by_text("Nobody has marked anything")).to_be_visible()
    polygon = [[50, 50, 150, 50, 150, 150, 50, 150]]
    coco = {
        "images": [{"id": 1, "file_name": "grace_hopper.jpg", "width": 512, "height": 600}],
        "categories": [{"id": 1, "name": "suit"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "segmentation": polygon}],
    }
    content = json.dumps(coco).encode()

    def file(name: str, more: int) -> Path:
        (tmp_path / name).write_bytes(content + b" " * more)
        return tmp_path / name

    report = import_files(page, file("coco.json", 0), file("large.json", 26_000_000))
    message = page.locator("#region-import-message")
    expect(message).to_have_text("large.json is 26.0 MB; 25 MB is the most a file may have.")
    expect(report).to_contain_text("1 taken, 0 left out")
    expect(page.locator("#picture-class")).to_have_value("suit")
    many = [file(f"{name}.json", 13_000_000) for name in "ab"]
    page.locator('#region-import input[type="file"]').set_input_files(many)
    expect(message).to_contain_text("Together the files are 26.0 MB")
    expect(report).to_be_empty()


def test_a_long_map_can_be_stopped_and_goes_on(application, open_plain, picture):
    mark(application, picture)
    page = open_plain(f"/images/{picture}")
    expect(page.locator(".regions")).to_be_visible()
    page.locator("#picture-method").select_option("rise")
    content = page.locator("#picture-content")
    content.get_by_role("button", name="Stop", exact=True).click()
    go_on = content.get_by_role("button", name="go on")
    expect(go_on).to_be_visible()
    go_on.click()
    expect(content.get_by_role("button", name="Stop", exact=True)).to_be_visible()


SCALE = "mean = [0.5, 0.5, 0.5]\nstd = [0.2, 0.2, 0.2]\n"


class Plain(torch.nn.Module):
    """Convolution and a linear layer without a pooling before it: no class activation map follows from it."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(5)
        self.convolution = torch.nn.Conv2d(3, 2, 3, stride=4)
        self.linear = torch.nn.Linear(2 * 4 * 4, 2)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.linear(torch.relu(self.convolution(images)).flatten(1))


@pytest.fixture
def own_model(application):
    """A model of a person's own that has no class activation map."""
    folder = application.data_dir / "models"
    folder.mkdir(exist_ok=True)
    torch.jit.trace(Plain().eval(), torch.zeros(2, 3, 16, 16)).save(str(folder / "birds.pt"))
    (folder / "birds.toml").write_text('name = "Two birds"\nlabels = ["tit", "finch"]\nsize = [16, 16]\n' + SCALE)
    yield "Two birds"
    for file in folder.glob("birds.*"):
        file.unlink()


def test_a_model_without_a_class_activation_map_says_so_and_offers_the_rest(
    application, open_plain, picture, own_model
):
    mark(application, picture)
    page = open_plain(f"/images/{picture}")
    expect(page.locator(".regions")).to_be_visible()
    page.locator("#picture-models").click()
    for name in (own_model, "EfficientNet-Lite0"):
        page.locator(".dash-dropdown-content").get_by_text(name, exact=True).click()
    page.keyboard.press("Escape")
    method = page.locator("#picture-method")
    expect(method.locator('option[value="cam"]')).to_be_disabled()
    expect(method).not_to_have_value("cam")
    page.get_by_text(f"cannot be used with {own_model}: why").click()
    expect(page.locator("#picture-method-missing")).to_contain_text("average pooling")


def test_a_link_leads_to_the_picture_on_the_explore_page(application, open_page, picture):
    explore = open_page(f"/?image={picture}")
    assert explore.image == picture


def test_the_curves_grow_and_can_be_stopped(application, open_plain):
    [row] = application.recorded.rows("SELECT public_id FROM images WHERE name = 'Cup of coffee'")
    mark(application, row["public_id"], index=967)
    page = open_plain(f"/images/{row['public_id']}")
    expect(page.get_by_role("heading", name=re.compile(r"^\d+ (person|people), "))).to_be_visible()
    page.locator("#picture-curves-filling").select_option("mean")
    page.locator("#picture-curves-ask").click()
    curves = page.locator("#picture-curves")
    expect(curves.locator(".work-progress")).to_be_visible()
    curves.get_by_role("button", name="Stop", exact=True).click()
    curves.get_by_role("button", name="go on").click()
    expect(curves).to_contain_text("Area under the insertion curve")
    expect(curves.locator(".work-progress")).to_have_count(0)
    expect(curves.locator(".js-plotly-plot")).to_have_count(2)
