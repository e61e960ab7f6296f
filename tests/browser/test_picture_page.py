"""The page of one picture: everybody's regions, what they share, where the models stand, and regions from files."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from dashboard.recording.ids import new_id
from tests.support.edits import MODEL
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
    page.locator("#picture-class").select_option("moped")
    expect(page.locator(".regions tbody tr")).to_contain_text(["Ann"])


def test_a_link_leads_to_the_picture_on_the_explore_page(application, open_page, picture):
    explore = open_page(f"/?image={picture}")
    assert explore.image == picture


def test_the_curves_grow_and_can_be_stopped(application, open_plain):
    [row] = application.recorded.rows("SELECT public_id FROM images WHERE name = 'Cup of coffee'")
    mark(application, row["public_id"], index=967)
    page = open_plain(f"/images/{row['public_id']}")
    expect(page.get_by_role("heading", name="1 person, 1 regions")).to_be_visible()
    page.locator("#picture-curves-filling").select_option("mean")
    page.locator("#picture-curves-ask").click()
    curves = page.locator("#picture-curves")
    expect(curves.locator(".work-progress")).to_be_visible()
    page.locator("#picture-curves-stop").click()
    page.locator("#picture-curves-ask").click()
    expect(curves).to_contain_text("Area under the insertion curve")
    expect(curves.locator(".work-progress")).to_have_count(0)
    expect(curves.locator(".js-plotly-plot")).to_have_count(2)
