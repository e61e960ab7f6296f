"""PNGs of every page on demo data, light and dark, at three sizes: ``python -m tests.screenshots FOLDER``.

More words leave out all scenes whose names begin with none of them: ``… FOLDER way- dialog-figure``.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from dashboard.headless import opened
from dashboard.recording.demo import record_demo
from dashboard.settings import Settings
from dashboard.studies.demo import SLUG
from db import queries
from db.engine import Database
from tests import screenshot_dialogs, screenshot_studies, screenshot_way
from tests.support.accounts import NAME, make_account
from tests.support.browser import launch
from tests.support.server import ServerProcess

SIZES = ((1280, 800), (1920, 1080), (390, 844))
SCHEMES = ("light", "dark")
PATIENCE_MS = 60_000
Scenes = dict[str, tuple[str, Callable[[Page], None]]]


def main(folder: Path, wanted: tuple[str, ...] = ()) -> None:
    """Records the demo, serves it, and photographs it: last what is seen before one has signed in."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        data_dir = Path(place) / "data"
        every = record(data_dir)
        with ServerProcess(data_dir, Path(place) / "server.log") as server, sync_playwright() as playwright:
            server.wait_ready()
            browser = launch(playwright)
            photograph(browser, server.port, _chosen(every, wanted), folder)
            database = Database(f"sqlite:///{data_dir / 'regionscope.sqlite'}")
            make_account(database)
            database.close()
            photograph(browser, server.port, _chosen(SIGNING_IN, wanted), folder)
            browser.close()


def record(data_dir: Path) -> Scenes:
    """Fills a folder with the demo and its studies; returns the scenes that it is enough for."""
    with opened(Settings(data_dir=data_dir)) as workspace:
        sessions = [found["session"] for found in record_demo(workspace)]
        with workspace.database.read() as transaction:
            pictures = {picture.name: picture.id for picture in queries.pictures(transaction)}
        links = screenshot_studies.record(workspace)
        way = screenshot_way.record(workspace)
    return (
        scenes(sessions, pictures)
        | screenshot_studies.scenes(links)
        | screenshot_way.scenes(way)
        | screenshot_dialogs.scenes(pictures["Chelsea the cat"], sessions[-1], SLUG)
    )


def photograph(browser: Browser, port: int, scenes: Scenes, folder: Path) -> None:
    """Every scene in every size and scheme."""
    for size in SIZES:
        for scheme in SCHEMES:
            _photograph(browser, f"http://127.0.0.1:{port}", scenes, size, scheme, folder)


def _chosen(scenes: Scenes, wanted: tuple[str, ...]) -> Scenes:
    return {name: scene for name, scene in scenes.items() if not wanted or name.startswith(wanted)}


def _photograph(
    browser: Browser, origin: str, scenes: Scenes, size: tuple[int, int], scheme: str, folder: Path
) -> None:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    for name, (path, prepare) in scenes.items():
        page = context.new_page()
        page.goto(origin + path)
        prepare(page)
        page.screenshot(path=folder / f"{name}-{size[0]}x{size[1]}-{scheme}.png", full_page=size[0] < 900)
        page.close()
    context.close()


def scenes(sessions: list[str], pictures: dict[str, str]) -> Scenes:
    """What is photographed: a name, an address, and what is done and waited for there."""
    cat = pictures["Chelsea the cat"]
    session, items = sessions[-1], ",".join(f"session:{session}" for session in sessions[-6:-2])
    return {
        "explore-new": ("/", _ready),
        "explore-session": (f"/?session={session}", _ready),
        "explore-heat-map": (f"/?session={session}", _heat_map),
        "explore-models": (f"/?session={session}", _two_models),
        "explore-keys": (f"/?session={session}", _keys),
        "explore-collecting": (f"/?session={session}", _collecting),
        "explore-not-saved": (f"/?session={session}", _not_saved),
        "sessions": ("/sessions", _listed),
        "sessions-edits": ("/sessions?view=edits&flipped=1", _listed),
        "sessions-none": ("/sessions?q=nothing+like+this", _listed),
        "replay": (f"/sessions/{session}", _replayed),
        "replay-unknown": ("/sessions/0190a000-0000-7000-8000-000000000000", _not_replayed),
        "compare": (f"/compare?items={items}", _ready),
        "marking": (f"/?session={session}", _marked),
        "marking-settings": (f"/?session={session}", _settings),
        "picture": (f"/images/{cat}", _standing),
        "picture-both": (f"/images/{cat}", _both_and_curves),
        "picture-unmarked": (f"/images/{pictures['Rocket']}", _unmarked),
        "compare-nothing": ("/compare", lambda page: expect(page.locator("main a").first).to_be_visible()),
    }


def _refused_entry(page: Page) -> None:
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible(timeout=PATIENCE_MS)


def _marked(page: Page) -> None:
    _ready(page)
    page.locator("#mode-mark").click()
    page.locator("[data-choose-region]").first.click()
    expect(page.locator(".agreement-sentence")).to_be_visible(timeout=PATIENCE_MS)
    page.locator("#ask-effect").click()
    expect(page.locator("#effect .point")).to_have_count(32, timeout=PATIENCE_MS)
    expect(page.locator("#effect .work-progress")).to_have_count(0, timeout=PATIENCE_MS)
    _ready(page)


def _settings(page: Page) -> None:
    _ready(page)
    page.locator("#mode-mark").click()
    page.locator("[data-choose-region]").first.click()
    page.locator("#agreement-source").select_option("occlusion")
    expect(page.locator("#agreement")).to_contain_text("by Occlusion", timeout=PATIENCE_MS)
    _ready(page)


def _standing(page: Page) -> None:
    expect(page.locator(".regions tbody tr").first).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_load_state("networkidle")


def _both_and_curves(page: Page) -> None:
    page.locator("#picture-shown").select_option("both")
    expect(page.locator("#picture-content")).to_contain_text("Only the model", timeout=PATIENCE_MS)
    page.locator("#picture-models").click()
    page.get_by_text("EfficientNet-Lite1", exact=True).last.click()
    page.keyboard.press("Escape")
    expect(page.locator("#picture-content")).to_contain_text("Models among themselves", timeout=PATIENCE_MS)
    page.locator("#picture-curves-ask").click()
    expect(page.locator("#picture-curves")).to_contain_text("insertion curve", timeout=PATIENCE_MS)


def _unmarked(page: Page) -> None:
    expect(page.get_by_text("Nobody has marked anything")).to_be_visible(timeout=PATIENCE_MS)


def _listed(page: Page) -> None:
    expect(page.locator("#browse")).not_to_have_class(re.compile(r"\bis-loading\b"), timeout=PATIENCE_MS)
    expect(page.locator("#glance")).to_have_class(re.compile(r"\bis-drawn\b"), timeout=PATIENCE_MS)
    page.wait_for_load_state("networkidle")  # thumbnails, and Plotly, which is read last


def _replayed(page: Page) -> None:
    expect(page.locator('#replay[data-state="ready"] #scrubber')).to_be_visible(timeout=PATIENCE_MS)
    page.keyboard.press("End")
    expect(page.locator("#step-last")).to_be_disabled(timeout=PATIENCE_MS)


def _not_replayed(page: Page) -> None:
    expect(page.locator("#replay-message")).to_be_visible(timeout=PATIENCE_MS)


def _heat_map(page: Page) -> None:
    _ready(page)
    page.locator("#modified-predictions tr[data-class-index] button").first.click()
    expect(page.locator("#colour-bar")).to_be_visible(timeout=PATIENCE_MS)
    _ready(page)


def _two_models(page: Page) -> None:
    _ready(page)
    page.locator("#model-select").click()
    page.get_by_text("EfficientNet-Lite1", exact=True).click()
    expect(page.locator('[data-column="probability:efficientnet_lite1"]').first).to_be_visible(timeout=PATIENCE_MS)
    page.keyboard.press("Escape")
    _ready(page)


def _keys(page: Page) -> None:
    _ready(page)
    page.locator("#keys").click()
    expect(page.locator(".modal.show .modal-dialog")).to_have_css("transform", "none", timeout=PATIENCE_MS)
    expect(page.locator("#keys-dialog")).to_have_css("opacity", "1", timeout=PATIENCE_MS)


def _collecting(page: Page) -> None:
    _ready(page)
    page.locator("#apply-mode").uncheck()
    _drag(page, "#tool-lasso", [(0.3, 0.3), (0.5, 0.25), (0.6, 0.5), (0.35, 0.6)])
    expect(page.locator("#pending-note")).not_to_be_empty(timeout=PATIENCE_MS)
    _ready(page)


def _not_saved(page: Page) -> None:
    _ready(page)
    page.locator("#apply-mode").check()  # the scene before left it off, and that is remembered
    page.route("**/api/v1/edits", lambda route: route.fulfill(status=503, json={"error": "The disk is full."}))
    _drag(page, "#tool-brush", [(0.3, 0.3), (0.5, 0.35)])
    expect(page.locator("#trouble")).to_be_visible(timeout=PATIENCE_MS)


def _drag(page: Page, tool: str, way: list[tuple[float, float]]) -> None:
    page.locator(tool).click()
    _ready(page)
    box = page.locator("#modified-canvas .nsewdrag").bounding_box()
    assert box is not None
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in way]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=5)
    page.mouse.up()


def _ready(page: Page) -> None:
    expect(page.locator("#status")).to_have_text("ready", timeout=PATIENCE_MS)


SIGNING_IN: Scenes = {
    "sign-in": ("/sign-in", lambda page: expect(page.get_by_label("Password")).to_be_visible()),
    "sign-in-refused": ("/sign-in", _refused_entry),
}


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/screenshots"), tuple(sys.argv[2:]))
