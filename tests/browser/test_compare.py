"""Comparing what was recorded, in a real browser."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import psutil
import pytest
from PIL import Image
from playwright.sync_api import expect

from dashboard.recording import answers, sessions
from dashboard.recording.edits import apply_edit
from dashboard.recording.ids import new_id
from dashboard.recording.pictures import add_picture
from dashboard.recording.workspace import Workspace
from dashboard.settings import Settings
from dashboard.vision.classifiers import Catalogue
from db import queries
from tests.browser.application import Application
from tests.browser.compare import ComparePage
from tests.browser.conftest import Watched
from tests.browser.test_accessibility import LOOKS, SIZES, violations
from tests.support.edits import MODEL, OTHER_MODEL, edit_request, rectangle, sitting
from tests.support.pictures import photograph
from tests.support.server import post
from tests.support.waiting import wait_until

OpenCompare = Callable[[], ComparePage]


@dataclass(frozen=True)
class Made:
    """The cat: untouched, with the eye gone, and with the nose gone too; somebody else took the eye as well."""

    image: str
    eye: str
    nose: str
    session: str
    other_session: str
    other_eye: str

    @property
    def items(self) -> tuple[str, str, str]:
        return self.image, self.eye, self.nose


@pytest.fixture
def opened(application: Application, catalogue: Catalogue) -> Iterator[Workspace]:
    """The running application's own data folder."""
    workspace = Workspace.open(Settings(data_dir=application.data_dir, device="cpu"))
    vars(workspace)["catalogue"] = catalogue
    yield workspace
    workspace.close()


@pytest.fixture
def made(opened: Workspace) -> Made:
    cat = photograph("Chelsea the cat")
    picture = add_picture(opened, cat.read(), cat.about)
    answers.of_picture(opened, picture, [MODEL])

    def session(person: str, *regions: list[float]) -> tuple[str, list[str]]:
        where, edits = sitting(picture), []
        for region in regions:
            request = edit_request(where, edits[-1] if edits else None, shapes=[rectangle(*region)], method="telea")
            edits.append(apply_edit(opened, request).id)
        sessions.describe(opened, new_id(), where, {"name": f"{person} and the cat", "person": person}, None)
        return where.session, edits

    anna, (eye, nose) = session("Anna", [150, 70, 260, 120], [180, 140, 260, 210])
    ben, (other_eye,) = session("Ben", [150, 70, 200, 120])
    return Made(f"image:{picture.id}", f"edit:{eye}", f"edit:{nose}", anna, ben, f"edit:{other_eye}")


@pytest.fixture
def open_compare(watched: Watched, application: Application) -> Callable[..., ComparePage]:
    def opened_page(**options: object) -> ComparePage:
        return ComparePage(watched.page(**options), application.origin)

    return opened_page


@pytest.fixture
def page(open_compare: OpenCompare) -> ComparePage:
    return open_compare()


def answer_of(opened: Workspace, item: str, model: str = MODEL):
    kind, _, public_id = item.partition(":")
    read = queries.answers_of_edit if kind == "edit" else queries.answers_of_picture
    with opened.database.read() as transaction:
        return queries.by_model(read(transaction, public_id))[model]


def points(change: float) -> str:
    text = f"{abs(change) * 100:.1f}"
    return text if text == "0.0" else f"{'−' if change < 0 else '+'}{text}"


def test_panels_say_what_they_are_and_lead_to_the_replay(page: ComparePage, made: Made) -> None:
    page.compare(made.image, made.eye, f"session:{made.other_session}")
    expect(page.panels).to_have_count(3)
    edit = page.panel(made.eye)
    expect(edit.locator(".where")).to_contain_text("step 1")
    link = edit.locator("h3 a")
    expect(link).to_have_text("Anna and the cat")
    expect(link).to_have_attribute("href", f"/sessions/{made.session}?edit={made.eye.removeprefix('edit:')}")
    end = page.panel(f"session:{made.other_session}")
    expect(end.locator(".where")).to_contain_text("End state")
    other = made.other_eye.removeprefix("edit:")
    expect(end.locator("h3 a")).to_have_attribute("href", f"/sessions/{made.other_session}?edit={other}")
    expect(page.panel(made.image).locator(".where")).to_have_text("Untouched picture")
    expect(edit.locator(".compare-answer")).to_contain_text("%")
    # All of it goes into the package.
    page.page.get_by_role("button", name="Data package").click()
    with page.page.expect_request("**/api/v1/exports") as asked:
        page.page.get_by_role("button", name="Write the package").click()
    assert asked.value.post_data_json["comparison"] == page.look["items"]
    expect(page.by_id("package-file")).to_be_focused()


def test_all_pictures_zoom_and_move_together(page: ComparePage, made: Made) -> None:
    page.compare(*made.items)
    for letter in "ABC":
        page.shows(letter, (0, 451), (0, 300))
    page.by_id("compare-zoom-in").click()
    for letter in ("A", "B", "C", "changed", "people"):
        page.shows(letter, (75.2, 375.8), (50, 250))
    box = page.canvas("B").locator(".nsewdrag").bounding_box()
    assert box is not None
    page.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.page.mouse.down()
    page.page.mouse.move(box["x"] + box["width"] / 2 - box["width"] / 10, box["y"] + box["height"] / 2, steps=6)
    page.page.mouse.up()
    for letter in ("B", "A", "C"):
        page.shows(letter, (105.2, 405.8), (50, 250))
    page.page.keyboard.press("0")
    for letter in "ABC":
        page.shows(letter, (0, 451), (0, 300))


def test_scrolling_over_one_zooms_all(page: ComparePage, made: Made) -> None:
    page.compare(*made.items)
    box = page.canvas("A").locator(".nsewdrag").bounding_box()
    assert box is not None
    page.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.page.mouse.wheel(0, -240)
    wait_until(lambda: page.layout("A")["x"][1] - page.layout("A")["x"][0] < 430, "the zoom")
    wait_until(
        lambda: (
            page.layout("C")["x"] == pytest.approx(page.layout("A")["x"], abs=1.5)
            and sorted(page.layout("C")["y"]) == pytest.approx(sorted(page.layout("A")["y"]), abs=1.5)
        ),
        "the others to follow",
    )


def test_changing_the_reference_changes_the_change(page: ComparePage, made: Made, opened: Workspace) -> None:
    page.compare(*made.items)
    image, eye = answer_of(opened, made.image), answer_of(opened, made.eye)
    top = image.top_index
    value = float(eye.probabilities[top] - image.probabilities[top])
    expect(page.cell(top, made.eye).locator(".change")).to_have_text(re.compile(re.escape(points(value))))
    expect(page.cell(top, made.image).locator(".change")).to_have_count(0)
    page.refer(made.eye)
    assert page.look["ref"] == made.eye
    expect(page.cell(top, made.image).locator(".change")).to_have_text(re.compile(re.escape(points(-value))))
    expect(page.cell(top, made.eye).locator(".change")).to_have_count(0)
    assert page.classes()[:5] == np.argsort(-eye.probabilities, kind="stable")[:5].tolist()
    page.page.reload()
    page.ready()
    expect(page.panel(made.eye).locator("[data-reference]")).to_have_attribute("aria-pressed", "true")


def test_the_difference_counts_what_the_files_say(
    page: ComparePage, made: Made, application: Application, opened: Workspace
) -> None:
    page.compare(*made.items)

    def picture(item: str) -> np.ndarray:
        kind, _, public_id = item.partition(":")
        table, column = ("edits", "result_blob") if kind == "edit" else ("images", "working_blob")
        [row] = application.recorded.rows(f"SELECT {column} FROM {table} WHERE public_id = ?", public_id)
        return application.recorded.pixels(row[0])

    for first, second in ((made.image, made.eye), (made.image, made.nose)):
        page.choose("difference-second", second)
        differing = (picture(first) != picture(second)).any(axis=2)
        expect(page.by_id("changed-count")).to_have_text(f"{differing.sum():,}")
        expect(page.by_id("changed-share")).to_have_text(f"{differing.mean() * 100:.1f} %")
    expect(page.by_id("figure-maps")).to_be_visible()
    low, middle, high = page.page.locator("#difference-bar-ticks span").all_inner_texts()
    assert (low, middle) == (f"−{high}", "0")
    assert page.look["pair"] == f"{made.image},{made.nose}"


def test_maps_share_one_scale_and_can_be_chosen(page: ComparePage, made: Made) -> None:
    page.compare(*made.items)
    expect(page.by_id("compare-map-note")).to_contain_text("one scale for all")
    low, _, high = page.page.locator("#compare-bar-ticks span").all_inner_texts()
    assert float(low.replace("−", "-")) < float(high)
    page.has_layers(A=2, B=3, C=3)
    page.choose("compare-masks", "off")
    page.has_layers(A=2, B=2, C=2)
    second = page.classes()[1]
    page.table.locator("tr[data-class-index] .class-button").nth(1).click()
    expect(page.table.locator("tr.is-chosen")).to_have_attribute("data-class-index", str(second))
    page.ready()
    assert page.look["class"] == str(second)
    assert page.page.locator("#compare-bar-ticks span").all_inner_texts()[2] != high
    page.page.keyboard.press("h")
    expect(page.by_id("compare-map")).to_have_value("none")
    page.ready()
    page.has_layers(A=1, B=1, C=1)
    assert {"class", "map", "masks"} <= set(page.look)


def test_a_slow_map_is_worked_out_in_steps(page: ComparePage, made: Made) -> None:
    page.page.goto(f"{page.origin}/compare?items={made.image},{made.eye}&map=occlusion")
    expect(page.by_id("compare-map-note")).to_contain_text("Occlusion is being worked out")
    expect(page.by_id("compare-map-note")).to_contain_text("one scale for all")
    page.ready()
    assert [len(page.layout(letter)["images"]) for letter in "AB"] == [2, 3]


def test_what_people_marked_stands_beside_the_comparison(
    page: ComparePage, made: Made, application: Application
) -> None:
    image = made.image.removeprefix("image:")
    shape = {"tool": "ellipse", "mode": "add", "x0": 150, "y0": 50, "x1": 300, "y1": 180}
    body = {"image": image, "edit": None, "model": MODEL, "class_index": 285, "shapes": [shape]}
    for _ in range(2):
        status, _answer = post(application.port, "/api/v1/regions", body | {"id": new_id(), "session": new_id()})
        assert status == 200
    page.compare(*made.items)
    marked = page.by_id("section-marked")
    expect(marked.locator('[data-metric="Ceiling"] .number')).to_have_text(re.compile(r"^[01]\.\d\d$"))
    expect(marked.locator(".stack")).to_have_count(2)
    expect(marked.get_by_role("row", name="EfficientNet-Lite0")).to_be_visible()
    expect(marked.get_by_role("link", name="Each region")).to_have_attribute("href", f"/images/{image}")


def test_regions_over_each_other_count_people(page: ComparePage, made: Made) -> None:
    page.compare(made.image, made.eye, made.nose, f"session:{made.other_session}")
    expect(page.by_id("people-text")).to_contain_text("n = 2: 2 people by name")
    source = page.layout("people")["images"][1]
    shares = decoded(source)
    both, one, none = shares[90, 170], shares[90, 240], shares[20, 20]
    assert none[3] == 0
    assert both[3] == one[3] == 255
    assert both[:3].sum() < one[:3].sum()


def decoded(source: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))).convert("RGBA"), int)


def test_pictures_of_different_sizes_say_what_they_cannot(page: ComparePage, made: Made, opened: Workspace) -> None:
    coffee = photograph("Cup of coffee")
    other = f"image:{add_picture(opened, coffee.read(), coffee.about).id}"
    page.compare(other, made.eye)
    expect(page.by_id("difference-text")).to_contain_text("Not offered for these two")
    expect(page.by_id("people-text")).to_contain_text("different sizes")
    expect(page.by_id("figure-changed")).to_be_hidden()
    wide, cat = (page.canvas(letter).locator(".compare-canvas").bounding_box() for letter in "AB")
    assert wide is not None
    assert cat is not None
    assert wide["width"] / wide["height"] == pytest.approx(512 / 341, abs=0.02)
    assert cat["width"] / cat["height"] == pytest.approx(451 / 300, abs=0.02)
    assert cat["width"] / wide["width"] == pytest.approx(451 / 512, abs=0.02)


def test_what_is_gone_is_said_and_the_others_show(page: ComparePage, made: Made) -> None:
    gone = new_id()
    page.compare(made.eye, f"edit:{gone}", made.nose, "magic:3")
    expect(page.problems).to_contain_text(f"The edit {gone} is not here")
    expect(page.problems).to_contain_text("“magic:3” was left out")
    expect(page.panels).to_have_count(2)


def test_one_item_alone_is_refused_with_a_way_out(page: ComparePage, made: Made) -> None:
    page.compare(made.eye)
    expect(page.problems).to_contain_text("One item alone cannot be compared")
    expect(page.problems.get_by_role("link", name="Sessions")).to_be_visible()
    expect(page.by_id("compare-grid")).to_be_hidden()


def test_an_item_can_be_left_out(page: ComparePage, made: Made) -> None:
    page.compare(*made.items, ref=made.eye)
    page.panel(made.eye).locator("[data-remove]").click()
    expect(page.panels).to_have_count(2)
    page.ready()
    assert page.look["items"] == f"{made.image},{made.nose}"
    assert "ref" not in page.look
    expect(page.panel(made.image).locator("[data-remove]")).to_be_disabled()


def test_another_model_answers_with_progress_and_its_column_appears(
    page: ComparePage, made: Made, opened: Workspace
) -> None:
    page.compare(made.eye, made.nose)
    expect(page.by_id("job-place")).to_be_hidden()
    page.by_id("section-models").get_by_label("EfficientNet-Lite1").check()
    page.by_id("job-start").click()
    expect(page.by_id("job-place")).to_be_visible()
    expect(page.by_id("job-start")).to_be_disabled()
    answer = page.page.locator(f'td[data-item="{made.eye}"][data-model="{OTHER_MODEL}"]').first
    expect(answer).to_contain_text(re.compile(r"\d+\.\d"))
    page.ready()
    expect(page.by_id("job-place")).to_be_hidden()
    expect(page.by_id("job-start")).to_be_enabled()
    assert page.look["models"] == f"{MODEL},{OTHER_MODEL}"
    other = answer_of(opened, made.nose, OTHER_MODEL)
    top = answer_of(opened, made.eye).top_index
    expect(page.cell(top, made.nose, OTHER_MODEL).locator(".probability")).to_have_text(
        f"{other.probabilities[top] * 100:.1f}"
    )
    with opened.database.read() as transaction:
        before = len(queries.answers_of_edit(transaction, made.eye.removeprefix("edit:")))
    page.by_id("job-start").click()
    expect(page.by_id("job-place")).to_be_visible()
    expect(page.by_id("job-place")).to_be_hidden()
    with opened.database.read() as transaction:
        assert len(queries.answers_of_edit(transaction, made.eye.removeprefix("edit:"))) == before


def test_the_work_can_be_cancelled(page: ComparePage, made: Made, application: Application) -> None:
    page.compare(made.eye, f"session:{made.session}")
    page.by_id("section-models").get_by_label("EfficientNet-Lite2").check()
    page.by_id("job-scope").get_by_label("all").check()
    page.by_id("job-start").click()
    expect(page.by_id("job-place")).to_be_visible()
    wait_until(lambda: bool(replays(application)), "the program that answers")
    page.by_id("job-cancel").click()
    expect(page.by_id("job-place")).to_be_hidden()
    expect(page.page.locator("#note.is-shown")).to_contain_text("Stopped")
    wait_until(lambda: not replays(application), "the program to be gone")
    expect(page.by_id("job-start")).to_be_enabled()
    page.ready()


def replays(application: Application) -> list[int]:
    """The processes of ours that answer edits of this application."""
    folder = str(application.data_dir.resolve())
    found = []
    for process in psutil.process_iter():
        try:
            command = process.cmdline()
            if "replay" in command and any(folder in part for part in command):
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def test_models_must_be_chosen_first(page: ComparePage, made: Made) -> None:
    page.compare(made.eye, made.nose)
    page.by_id("job-start").click()
    expect(page.by_id("job-message")).to_contain_text("Choose at least one model")


def test_a_saved_comparison_opens_the_same_in_a_fresh_browser(
    page: ComparePage, open_compare: OpenCompare, made: Made
) -> None:
    page.compare(*made.items, masks="fill")
    page.refer(made.nose)
    second = page.classes()[1]
    page.table.locator("tr[data-class-index] .class-button").nth(1).click()
    expect(page.table.locator("tr.is-chosen")).to_have_attribute("data-class-index", str(second))
    page.ready()
    link = page.save_as("Nose or eye?")
    assert re.fullmatch(r"/compare\?comparison=[0-9a-f-]{36}", link)
    fresh = open_compare().open(link)
    expect(fresh.by_id("compare-name")).to_have_text("Nose or eye?")
    expect(fresh.panels).to_have_count(3)
    expect(fresh.panel(made.nose).locator("[data-reference]")).to_have_attribute("aria-pressed", "true")
    expect(fresh.by_id("compare-masks")).to_have_value("fill")
    expect(fresh.table.locator("tr.is-chosen")).to_have_attribute("data-class-index", str(second))
    fresh.refer(made.eye)
    fresh.by_id("compare-keep").click()
    expect(fresh.saved).to_have_text("saved ✓")
    again = open_compare().open(link)
    expect(again.panel(made.eye).locator("[data-reference]")).to_have_attribute("aria-pressed", "true")
    # What was not touched is kept as it was saved.
    expect(again.by_id("compare-masks")).to_have_value("fill")
    expect(again.table.locator("tr.is-chosen")).to_have_attribute("data-class-index", str(second))


def test_saved_comparisons_are_listed_renamed_and_deleted(page: ComparePage, made: Made) -> None:
    name = f"Listed {new_id()}"
    page.compare(made.image, made.eye)
    page.save_as(name)
    page.open("/compare")
    row = page.page.locator(".saved-comparisons li", has_text=name)
    expect(row).to_contain_text("2 items")
    row.get_by_role("button", name="Rename").click()
    expect(page.by_id("comparison-name")).to_have_value(name)
    page.by_id("comparison-name").fill(f"{name}, renamed")
    page.page.keyboard.press("Enter")
    expect(page.page.get_by_role("link", name=f"{name}, renamed")).to_be_visible()
    row.get_by_role("button", name="Delete").click()
    expect(page.by_id("delete-text")).to_contain_text("edits and pictures that it compares stay")
    page.by_id("comparison-delete").click()
    expect(row).to_have_count(0)


@pytest.mark.console("422")
def test_a_comparison_needs_a_name(page: ComparePage, made: Made) -> None:
    page.compare(made.image, made.eye)
    page.page.keyboard.press("s")
    expect(page.by_id("comparison-name")).to_be_visible()
    page.by_id("comparison-save").click()
    expect(page.by_id("comparison-message")).to_contain_text("A comparison needs a name")


def test_without_items_the_page_says_how_to_begin(page: ComparePage, made: Made) -> None:
    page.open("/compare")
    expect(page.page.locator(".compare-begin")).to_contain_text("Choose two to twelve rows")
    page.by_id("compare-example").click()
    page.ready()
    assert page.panels.count() >= 2


def test_everything_works_by_keyboard(page: ComparePage, made: Made) -> None:
    page.compare(*made.items)
    page.page.keyboard.press("ArrowRight")
    expect(page.panel(made.image)).to_be_focused()
    page.page.keyboard.press("ArrowRight")
    expect(page.panel(made.eye)).to_be_focused()
    page.page.keyboard.press("r")
    expect(page.panel(made.eye).locator("[data-reference]")).to_have_attribute("aria-pressed", "true")
    page.ready()
    page.page.keyboard.press("m")
    expect(page.by_id("compare-masks")).to_have_value("fill")
    page.page.keyboard.press("+")
    page.shows("A", (75.2, 375.8), (50, 250))
    page.page.keyboard.press("?")
    expect(page.page.get_by_role("dialog")).to_contain_text("Make this panel the reference")


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_axe_finds_nothing_grave(open_compare: OpenCompare, made: Made, size: str, scheme: str) -> None:
    page = open_compare(viewport=SIZES[size], color_scheme=scheme)  # type: ignore[call-arg]
    page.compare(*made.items, f"session:{made.session}", f"edit:{new_id()}")
    assert violations(page.page) == []
    wide, window = page.page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide == window
    page.open("/compare")
    assert violations(page.page) == []


def test_twelve_items_have_room(open_compare: OpenCompare, made: Made, opened: Workspace) -> None:
    with opened.database.read() as transaction:
        pictures = [f"image:{picture.id}" for picture in queries.pictures(transaction, "gallery")]
    items = [*made.items, made.other_eye, f"session:{made.session}", f"session:{made.other_session}", *pictures]
    page = open_compare(viewport=SIZES["phone"])  # type: ignore[call-arg]
    page.compare(*list(dict.fromkeys(items))[:12])
    expect(page.panels).to_have_count(len(list(dict.fromkeys(items))[:12]))
    wide, window = page.page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide == window


@pytest.mark.console("503", "Failed to load resource")
def test_a_page_that_fails_says_so_and_can_be_tried_again(page: ComparePage, made: Made) -> None:
    page.page.route("**/media/**", lambda route: route.fulfill(status=503, json={"error": "The disk is gone."}))
    page.page.goto(f"{page.origin}/compare?items={','.join(made.items)}")
    expect(page.by_id("compare-failed")).to_contain_text("could not be loaded")
    page.page.unroute("**/media/**")
    page.by_id("compare-failed").get_by_role("button").click()
    page.ready()
    expect(page.by_id("compare-failed")).to_be_hidden()
