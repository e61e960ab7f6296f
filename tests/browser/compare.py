"""The compare page as a person handles it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.waiting import wait_until

Range = tuple[float, float]


class ComparePage:
    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.origin = origin
        self.status = page.locator("#status")
        self.panels = page.locator(".compare-panel[data-item]")
        self.problems = page.locator("#compare-problems")
        self.table = page.locator("#compare-table table")
        self.saved = page.locator("#saved")

    def open(self, path: str) -> ComparePage:
        self.page.goto(self.origin + path)
        return self.ready()

    def compare(self, *items: str, **look: str) -> ComparePage:
        more = "".join(f"&{key}={value}" for key, value in look.items())
        return self.open(f"/compare?items={','.join(items)}{more}")

    def ready(self) -> ComparePage:
        """Everything that was asked for is painted, heat maps too."""
        expect(self.status).to_have_text("ready")
        return self

    @property
    def look(self) -> dict[str, str]:
        """What the address says."""
        return {key: values[0] for key, values in parse_qs(urlsplit(self.page.url).query).items()}

    def by_id(self, element_id: str) -> Locator:
        return self.page.locator(f"#{element_id}")

    def panel(self, item: str) -> Locator:
        return self.page.locator(f'.compare-panel[data-item="{item}"]')

    def refer(self, item: str) -> None:
        """Makes an item the reference."""
        self.panel(item).locator("[data-reference]").click()
        expect(self.panel(item).locator("[data-reference]")).to_have_attribute("aria-pressed", "true")
        self.ready()

    def cell(self, class_index: int, item: str, model: str = "efficientnet_lite0") -> Locator:
        row = self.table.locator(f'tr[data-class-index="{class_index}"]')
        return row.locator(f'td[data-item="{item}"][data-model="{model}"]')

    def classes(self) -> list[int]:
        rows = self.table.locator("tr[data-class-index]")
        return [int(row.get_attribute("data-class-index") or -1) for row in rows.all()]

    # Pictures

    def canvas(self, index: str) -> Locator:
        return self.page.locator(f'[data-canvas="{index}"]')

    def layout(self, index: str) -> dict[str, Any]:
        """Ranges and layers of a canvas as Plotly shows them."""
        found: dict[str, Any] = self.page.evaluate(
            "(index) => { const g = document.querySelector(`[data-canvas='${index}'] .js-plotly-plot`); "
            "const l = g._fullLayout; return {x: l.xaxis.range, y: l.yaxis.range, "
            "images: (l.images || []).map((image) => image.source)}; }",
            index,
        )
        return found

    def has_layers(self, **wanted: int) -> None:
        """Waits until the canvases show so many pictures over each other: ``A=2``."""
        for letter, count in wanted.items():
            self.page.wait_for_function(
                "([letter, count]) => { const g = document.querySelector(`[data-canvas='${letter}'] .js-plotly-plot`); "
                "return (g?._fullLayout?.images ?? []).length === count; }",
                arg=[letter, count],
            )

    def shows(self, index: str, x: Range, y: Range) -> None:
        """Waits until a canvas shows this part of its picture (image pixels)."""
        wanted = pytest.approx([*x, *y], abs=1.5)

        def shown() -> bool:
            layout = self.layout(index)
            return [*layout["x"], *sorted(layout["y"])] == wanted

        wait_until(shown, f"{index} to show {x}, {y}, not {self.layout(index)}", 20)

    def choose(self, element_id: str, value: str) -> None:
        self.by_id(element_id).select_option(value)
        self.ready()

    def save_as(self, name: str) -> str:
        """Saves what is shown; returns the comparison's address."""
        self.by_id("compare-save").click()
        expect(self.by_id("comparison-name")).to_be_visible()
        self.by_id("comparison-name").fill(name)
        self.by_id("comparison-save").click()
        expect(self.by_id("comparison-dialog")).to_have_count(0)
        expect(self.by_id("compare-name")).to_have_text(name)
        self.ready()
        return f"/compare?{urlsplit(self.page.url).query}"
