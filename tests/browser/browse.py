"""The browse page as a person handles it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect

DRAWN = re.compile(r"\bis-drawn\b")
COMPUTING = re.compile(r"\bis-computing\b")
LOADING = re.compile(r"\bis-loading\b")


class BrowsePage:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.links = page.locator("#browse-table .row-link")
        self.chips = page.locator("#filter-chips .chip")
        self.count = page.locator("#row-count")
        self.note = page.locator("#note.is-shown")
        self.summary = page.locator("#browse-summary")

    def ready(self) -> BrowsePage:
        """The rows and the charts are those of the address."""
        expect(self.page.locator("#browse")).not_to_have_class(LOADING)
        expect(self.page.locator("#glance")).to_have_class(DRAWN)
        expect(self.page.locator("#glance")).not_to_have_class(COMPUTING)
        return self

    def holds(self, names: Sequence[str]) -> None:
        """The rows' names from the top down, and no other row."""
        expect(self.links).to_have_count(len(names))
        for number, name in enumerate(names):
            expect(self.row(number).locator(".row-link")).to_have_text(name)
        self.ready()

    def row(self, number: int) -> Locator:
        """The part of a row that stays when the table is scrolled sideways: box, picture, name."""
        return self.page.locator(f'#browse-table .ag-pinned-left-cols-container [row-index="{number}"]')

    def cell(self, number: int, column: str) -> Locator:
        return self.page.locator(f'#browse-table [row-index="{number}"] [col-id="{column}"]')

    def head(self, column: str) -> Locator:
        return self.page.locator(f'#browse-table .ag-header-cell[col-id="{column}"]')

    def show_column(self, column: str) -> None:
        """Only the columns that are in the window are in the page."""
        self.page.evaluate("(column) => regionscope.browse.api().ensureColumnVisible(column)", column)

    def tick(self, *numbers: int) -> None:
        for number in numbers:
            self.cell(number, "select").locator(".tick").click()
            expect(self.cell(number, "select").locator("input")).to_be_checked()

    def choose(self, menu: str, *labels: str) -> None:
        part = self.page.locator(f'[data-menu="{menu}"]')
        part.locator(".menu-button").click()
        for label in labels:
            part.get_by_label(label, exact=True).click()
        self.page.keyboard.press("Escape")
        expect(part.locator(".menu-panel")).to_be_hidden()

    def do(self, action: str) -> None:
        self.page.locator(f'[data-action="{action}"]').click()

    def search(self, words: str) -> None:
        self.page.locator("#browse-search").fill(words)
        expect(self.page).to_have_url(re.compile(r"[?&]q="))
        self.ready()

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.page.url).query)
