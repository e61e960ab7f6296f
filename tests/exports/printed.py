"""What stands in a report, read with the standard library alone."""

from __future__ import annotations

from html.parser import HTMLParser

import numpy as np


class Printed(HTMLParser):
    """Its tables by id (a row is a dict by head), what is said of each name first, and its elements."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tables: dict[str, list[dict[str, str]]] = {}
        self.captions: list[str] = []
        self.facts: dict[str, str] = {}
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._table, self._heads, self._row = "", [], []  # type: str, list[str], list[str]
        self._text: list[str] | None = None
        self._name = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.elements.append((tag, given))
        if tag == "table":
            self._table, self._heads = str(given["id"]), []
            self.tables[self._table] = []
        elif tag == "tr":
            self._row = []
        elif tag in ("th", "td", "caption", "dt", "dd"):
            self._text = []

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td", "caption", "dt", "dd") and self._text is not None:
            self._take(tag, "".join(self._text).strip())
            self._text = None
        elif tag == "tr":
            if self._heads:
                self.tables[self._table].append(dict(zip(self._heads, self._row, strict=True)))
            else:
                self._heads = self._row

    def _take(self, tag: str, said: str) -> None:
        if tag == "caption":
            self.captions.append(said)
        elif tag == "dt":
            self._name = said
        elif tag == "dd":
            self.facts.setdefault(self._name, said)
        else:
            self._row.append(said)


def is_printed(text: str, value: str | int | float) -> bool:
    """Whether a cell says this: a word or whole number exactly, another number to its last decimal; a dash is NaN."""
    if not isinstance(value, float):
        return text == str(value)
    if np.isnan(value) or text == "–":
        return bool(np.isnan(value)) and text == "–"
    if text.startswith("<"):
        return value < float(text[1:])
    whole, _, decimals = text.replace("−", "-").partition(".")
    return bool(decimals) and abs(float(f"{whole}.{decimals}") - value) <= 0.5 * 10 ** -len(decimals) + 1e-6
