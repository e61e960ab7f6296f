"""The replay page as a person handles it, and sessions to be watched on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

from dashboard.recording.ids import new_id
from tests.browser.application import Application
from tests.support.edits import MODEL
from tests.support.server import post


def brush(*way: tuple[float, float], width: float = 30, step_ms: float = 60) -> dict[str, Any]:
    """A stroke through these image points, with the time at each."""
    return {
        "tool": "brush",
        "mode": "add",
        "path": "M" + "L".join(f"{x},{y}" for x, y in way),
        "width_image_px": width,
        "points": [[index * step_ms, x, y] for index, (x, y) in enumerate(way)],
    }


def gallery_picture(application: Application, name: str = "Chelsea the cat") -> str:
    [row] = application.recorded.rows("SELECT public_id FROM images WHERE name = ?", name)
    return str(row["public_id"])


class RecordedSession:
    """A session as the explore page would have sent it, step by step."""

    def __init__(self, application: Application) -> None:
        self._port = application.port
        self._image = gallery_picture(application)
        self.id = new_id()
        self.edits: list[str] = []
        self._clock_ms = 1_750_000_000_000.0

    def draw(
        self,
        parent: str | None = None,
        shapes: Sequence[dict[str, Any]] | None = None,
        *,
        pause_ms: float = 2000,
        **more: Any,
    ) -> str:
        """One more step on ``parent`` (None: the original); its id."""
        offset = 20 * len(self.edits)
        drawn = list(shapes or [brush((60 + offset, 60), (110 + offset, 80), (150 + offset, 120))])
        started = self._clock_ms + pause_ms
        self._clock_ms = started + 120
        body = {
            "id": new_id(),
            "session": self.id,
            "image": self._image,
            "parent": parent,
            "method": "mean",
            "parameters": {},
            "shapes": drawn,
            "models": [MODEL],
            "client": {},
            "started_ms": started,
            "ended_ms": self._clock_ms,
        }
        status, answer = post(self._port, "/api/v1/edits", body | more)
        assert status == 200, answer
        self.edits.append(answer["id"])
        return self.edits[-1]

    def describe(self, **texts: str) -> None:
        body = {"id": new_id(), "kind": "describe", "session": self.id, "image": self._image, "texts": texts}
        status, answer = post(self._port, "/api/v1/events", body)
        assert status == 200, answer


class ReplayPage:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.main = page.locator("#replay")
        self.status = page.locator("#replay-status")
        self.scrubber = page.get_by_role("slider", name="Step")
        self.caption = page.locator("#step-caption")
        self.headline = page.locator("#replay-headline")
        self.current = page.locator('#replay-tree [aria-current="step"]')
        self.strokes = page.locator("#screen .strokes *")
        self.note = page.locator("#note.is-shown")

    def ready(self) -> None:
        expect(self.main).to_have_attribute("data-state", "ready")

    def by_id(self, element_id: str) -> Locator:
        return self.page.locator(f"#{element_id}")

    def at(self, edit: str) -> None:
        """Waits until this step ("original": the beginning) is shown, everywhere on the page."""
        expect(self.current).to_have_attribute("data-edit-id", edit)
        expect(self.by_id("screen")).to_have_attribute("data-shown", edit)
        expect(self.main).to_have_attribute("data-details", edit)

    def position(self, position: int) -> None:
        expect(self.main).to_have_attribute("data-position", str(position))
        expect(self.scrubber).to_have_value(str(position))

    def shown_picture(self) -> str:
        return self.page.locator("#screen .above").get_attribute("src") or ""

    def play(self) -> None:
        self.by_id("play").click()

    def frame(self, edit: str) -> Locator:
        return self.page.locator(f'#replay-tree [data-edit-id="{edit}"]')

    def address(self) -> str:
        parts = urlsplit(self.page.url)
        return f"{parts.path}?{parts.query}"

    def click_chart(self, position: int) -> None:
        """Clicks into the chart above a place."""
        expect(self.page.locator("#replay-chart .scatterlayer .trace").first).to_be_attached()
        area = self.page.locator("#replay-chart .nsewdrag")
        area.scroll_into_view_if_needed()
        box = area.bounding_box()
        assert box is not None
        last = int(self.scrubber.get_attribute("max") or 0)
        x = box["x"] + (position + 0.5) / (last + 1) * box["width"]
        self.page.mouse.move(x, box["y"] + 40)
        self.page.mouse.click(x, box["y"] + 44)
