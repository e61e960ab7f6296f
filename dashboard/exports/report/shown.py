"""What a report's template is given: tables, figures, words – all of them text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from dashboard.studies.results import reading
from dashboard.studies.results.sections import Section, Table


@dataclass(frozen=True)
class Words:
    """A text of the study in one of its languages."""

    language: str
    text: str


@dataclass(frozen=True)
class ShownTable:
    """A table to be printed; ``numeric`` are the places of columns of numbers."""

    number: int
    key: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    numeric: frozenset[int] = frozenset()


@dataclass(frozen=True)
class ShownFigure:
    """A figure to be printed, or the sentence why it cannot be drawn."""

    number: int
    svg: str = ""
    caption: str = ""
    alt: str = ""
    problem: str = ""
    cites: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShownPicture:
    """A picture of the study; ``data`` is a data: URI, "" where the package holds its checksum only."""

    name: str
    about: str
    data: str = ""


@dataclass(frozen=True)
class ShownSection:
    """A section of results with its tables and figures."""

    key: str
    title: str
    about: str
    n: int
    left_out: tuple[str, ...]
    empty: str
    tables: tuple[ShownTable, ...] = ()
    figures: tuple[ShownFigure, ...] = ()


@dataclass
class Numbering:
    """Tables and figures are numbered in the order in which they are made."""

    _tables: Any = field(default_factory=lambda: count(1))
    _figures: Any = field(default_factory=lambda: count(1))

    def table(
        self,
        key: str,
        title: str,
        heads: Sequence[str],
        rows: Iterable[Sequence[Any]],
        note: str = "",
        numeric: Iterable[int] = (),
    ) -> ShownTable:
        """A table of these rows."""
        cells = tuple(tuple(map(str, row)) for row in rows)
        return ShownTable(next(self._tables), key, title, tuple(heads), cells, note, frozenset(numeric))

    def result(self, table: Table, words: tuple[str, str] | None = None) -> ShownTable:
        """A table of results; ``words``: title and note in place of its own."""
        title, note = words or (table.title, table.note)
        heads = tuple(map(reading.head, table.columns))
        rows = tuple(map(tuple, reading.cells(table)))
        numeric = frozenset(reading.numeric(table))
        return ShownTable(next(self._tables), table.name, title, heads, rows, note, numeric)

    def figure(self) -> int:
        """The next figure's number."""
        return int(next(self._figures))


def section(
    one: Section,
    numbering: Numbering,
    figures: Iterable[ShownFigure] = (),
    words: Mapping[str, tuple[str, str]] | None = None,
) -> ShownSection:
    """A section of results; what has no rows is no table. ``words``: see ``Numbering.result``, by the tables' names."""
    said = words or {}
    empty = [said.get(table.name, (table.title, ""))[0] for table in one.tables if not table.rows]
    return ShownSection(
        one.key,
        one.title,
        one.about,
        one.n,
        one.left_out + tuple(f"{title}: no answers here" for title in empty),
        one.empty,
        tuple(numbering.result(table, said.get(table.name)) for table in one.tables if table.rows),
        tuple(figures),
    )
