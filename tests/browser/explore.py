"""The explore page as a person handles it."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.recorded import Recorded, RecordedEdit
from tests.support.waiting import wait_until

Point = tuple[float, float]
DRAG_MODES = {
    "brush": "drawopenpath",
    "eraser": "drawopenpath",
    "lasso": "drawclosedpath",
    "rectangle": "drawrect",
    "ellipse": "drawcircle",
    "hand": "pan",
}
STILL = 8
# Plotly rounds a canvas to whole screen pixels and then keeps the picture's proportions by moving its ranges.
SNAP_PX = 0.5
SESSION = re.compile(r"[?&]session=[0-9a-f-]{36}")


@dataclass(frozen=True)
class View:
    """Which part of the picture (image pixels) fills which part of the window (CSS pixels)."""

    left: float
    top: float
    width: float
    height: float
    x_range: Point
    y_range: Point

    @property
    def pixels_per_screen_pixel(self) -> float:
        return (self.x_range[1] - self.x_range[0]) / self.width

    def to_screen(self, point: Point) -> tuple[int, int]:
        """The screen pixel at an image point; whole numbers, as a mouse reports them."""
        return (
            round(self.left + _share(point[0], self.x_range) * self.width),
            round(self.top + _share(point[1], self.y_range) * self.height),
        )

    def to_image(self, point: Point) -> Point:
        x0, x1 = self.x_range
        y0, y1 = self.y_range
        return (
            x0 + (point[0] - self.left) / self.width * (x1 - x0),
            y0 + (point[1] - self.top) / self.height * (y1 - y0),
        )


def _share(value: float, ends: Point) -> float:
    return (value - ends[0]) / (ends[1] - ends[0])


class ExplorePage:
    def __init__(self, page: Page, origin: str, recorded: Recorded) -> None:
        self.page = page
        self.origin = origin
        self.recorded = recorded
        self.status = page.locator("#status")
        self.frames = page.locator("#filmstrip [data-edit-id]")
        self.note = page.locator("#note.is-shown")
        self.trouble = page.locator("#trouble")
        self.current = page.locator('#filmstrip [aria-current="step"]')

    # Coming and waiting

    def open(self, path: str = "/") -> None:
        self.page.goto(self.origin + path)
        self.ready()

    def reload(self) -> None:
        self.page.reload()
        self.ready()

    def ready(self) -> None:
        """Everything that was asked for is painted and kept."""
        expect(self.status).to_have_text("ready")

    def by_id(self, element_id: str) -> Locator:
        return self.page.locator(f"#{element_id}")

    # Where the person is

    @property
    def session(self) -> str:
        """The session that the address bar names."""
        expect(self.page).to_have_url(SESSION)
        return parse_qs(urlsplit(self.page.url).query)["session"][0]

    @property
    def image(self) -> str:
        chosen = self.page.locator('#image-picker [data-image-id][aria-pressed="true"]')
        return chosen.get_attribute("data-image-id") or ""

    def edits(self) -> list[RecordedEdit]:
        return self.recorded.edits(self.session)

    def at(self, edit: str) -> None:
        """Waits until the person stands at this step ("original": the beginning)."""
        expect(self.current).to_have_attribute("data-edit-id", edit)
        self.ready()

    def frame(self, edit: str) -> Locator:
        return self.page.locator(f'#filmstrip [data-edit-id="{edit}"]')

    # Drawing

    def tool(self, name: str) -> None:
        button = self.by_id(f"tool-{name}")
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        wait_until(lambda: self.layout("dragmode") == DRAG_MODES[name], f"the tool {name}")

    def layout(self, path: str, canvas: str = "modified-canvas") -> Any:
        """A value of a canvas's figure, e.g. "xaxis.range"."""
        return self.page.evaluate(
            "([id, path]) => path.split('.').reduce((at, key) => at[key], "
            "document.querySelector(`#${id} .js-plotly-plot`)._fullLayout)",
            [canvas, path],
        )

    def settled(self) -> None:
        """Waits until neither canvas moves or changes its part of the picture any more."""
        seen: list[Any] = []

        def still() -> bool:
            area = self.page.locator("#modified-canvas .nsewdrag").bounding_box()
            canvases = ("modified-canvas", "original-canvas")
            shown = [[*self.layout("xaxis.range", id), *self.layout("yaxis.range", id)] for id in canvases]
            self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            seen.append([area, *shown])
            same_part = shown[0] == pytest.approx(shown[1], abs=SNAP_PX)
            return len(seen) > STILL and same_part and all(one == seen[-1] for one in seen[-STILL:])

        wait_until(still, "the canvas to come to rest")
        self.ready()

    def zoomed_to(self, x_range: Point, y_range: Point) -> View:
        """Waits until the canvas shows this part of the picture; ``y_range`` from the top down."""
        wanted = pytest.approx([*x_range, *y_range], abs=SNAP_PX)

        def shown() -> list[float]:
            top, bottom = sorted(self.layout("yaxis.range"))
            return [*self.layout("xaxis.range"), top, bottom]

        wait_until(lambda: shown() == wanted, f"the part {x_range}, {y_range} of the picture")
        return self.view(x_range, y_range)

    def collect(self) -> None:
        """Switches "Apply when I let go" off."""
        self.by_id("apply-mode").uncheck()
        expect(self.by_id("collect-buttons")).to_be_visible()

    def view(self, x_range: Point | None = None, y_range: Point | None = None) -> View:
        """The canvas on the screen; the whole picture unless ranges (image pixels) are given."""
        picture = self.recorded.picture(self.image)
        area = self.page.locator("#modified-canvas .nsewdrag").bounding_box()
        assert area is not None
        return View(
            area["x"],
            area["y"],
            area["width"],
            area["height"],
            x_range or (0, picture.working_width),
            y_range or (0, picture.working_height),
        )

    def drag(self, points: Sequence[Point], view: View | None = None, steps: int = 6) -> list[Point]:
        """Draws with the mouse through image points; returns the way it really took, in image pixels."""
        view = view or self.view()
        screen = [view.to_screen(point) for point in points]
        self.page.mouse.move(*screen[0])
        self.page.mouse.down()
        for point in screen[1:]:
            self.page.mouse.move(*point, steps=steps)
        self.page.mouse.up()
        return [view.to_image(point) for point in screen]

    def collected(self, count: int) -> None:
        """Waits until so many shapes are collected and their pixels are shown."""
        shapes = "() => regionscope.pending.shapes.length"
        wait_until(lambda: self.page.evaluate(shapes) == count, f"{count} collected shapes")
        self.ready()
        wait_until(lambda: len(self.images()) == (2 if count else 1), "the collected region")

    def stroke(self, points: Sequence[Point], view: View | None = None) -> list[Point]:
        """Draws, and waits until the edit that this makes is kept and shown; returns the pointer's way."""
        with self.one_more_step():
            return self.drag(points, view)

    def one_more_step(self) -> OneMoreStep:
        return OneMoreStep(self)

    def last(self) -> RecordedEdit:
        return self.edits()[-1]

    # What is shown

    def images(self, canvas: str = "modified-canvas") -> list[dict[str, Any]]:
        """The layers of a canvas, lowest first."""
        layers: list[dict[str, Any]] = self.page.evaluate(
            "id => document.querySelector(`#${id} .js-plotly-plot`).layout.images.map(({source, opacity}) => "
            "({source, opacity}))",
            canvas,
        )
        return layers

    def layer(self, index: int, canvas: str = "modified-canvas") -> NDArray[np.uint8]:
        """A layer's pixels (H, W, 4)."""
        return decoded(self.images(canvas)[index]["source"])

    def screenshot(self, canvas: str = "modified-canvas") -> NDArray[np.uint8]:
        """The canvas as painted (h, w, 3), in device pixels, with the pointer out of the way."""
        self.page.mouse.move(2, 2)
        area = self.page.locator(f"#{canvas} .nsewdrag").bounding_box()
        assert area is not None
        png = self.page.screenshot(clip=area)
        return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))

    def answers(self, table: str = "modified") -> list[tuple[int, str, str]]:
        """The rows of a table: class index, label, written probability."""
        rows = self.page.locator(f"#{table}-predictions tr[data-class-index]")
        return [
            (
                int(row.get_attribute("data-class-index") or -1),
                row.locator('[data-column="label"] .label').inner_text(),
                row.locator('[data-column="probability"]').inner_text(),
            )
            for row in rows.all()
        ]


class OneMoreStep:
    """Waits at its end until the film strip has one frame more, and all is kept and painted."""

    def __init__(self, explore: ExplorePage) -> None:
        self._explore = explore
        self._before = 0

    def __enter__(self) -> None:
        self._before = self._explore.frames.count()

    def __exit__(self, kind: type[BaseException] | None, *_error: object) -> None:
        if kind is None:
            expect(self._explore.frames).to_have_count(self._before + 1)
            self._explore.ready()


def decoded(source: str) -> NDArray[np.uint8]:
    """A data: address as pixels (H, W, 4)."""
    data = base64.b64decode(source.partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))
