"""How results are handed on: sections of tables, each of which says how many it is about and who was left out."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Table:
    """Rows by column; ``group``, ``mean``, ``low`` and ``high`` are drawn where ``drawn`` is "means".

    ``drawn`` "shares": each row is a ``group`` whose other columns up to ``n`` are counts of a whole. "standing" and
    "calibration" have figures of their own.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: Sequence[dict[str, Any]]
    note: str = ""
    drawn: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Section:
    """Tables that belong together, about ``n`` participants; ``left_out`` is not in them, ``empty`` why nothing is."""

    key: str
    title: str
    about: str
    n: int
    tables: tuple[Table, ...] = ()
    left_out: tuple[str, ...] = ()
    empty: str = ""


@dataclass(frozen=True)
class Results:
    """All of it; ``done`` of ``total`` regions have been worked out. ``unfinished``: of everybody who has begun."""

    slug: str
    version: int
    participants: int
    counted: int
    sections: tuple[Section, ...]
    done: int = 0
    total: int = 0
    problems: tuple[str, ...] = ()
    unfinished: bool = False

    def table(self, name: str) -> Table | None:
        """One table by its name."""
        return next((one for section in self.sections for one in section.tables if one.name == name), None)


def as_json(results: Results) -> dict[str, Any]:
    """The results in plain JSON values; undefined numbers are null."""
    return {
        "slug": results.slug,
        "version": results.version,
        "unfinished": results.unfinished,
        "participants": results.participants,
        "counted": results.counted,
        "worked_out": results.done,
        "to_be_worked_out": results.total,
        "problems": list(results.problems),
        "sections": [
            {
                "key": one.key,
                "title": one.title,
                "n": one.n,
                "left_out": list(one.left_out),
                "empty": one.empty or None,
                "tables": [
                    {
                        "name": table.name,
                        "title": table.title,
                        "note": table.note,
                        "rows": [_plain(row) for row in table.rows],
                    }
                    for table in one.tables
                ],
            }
            for one in results.sections
        ],
    }


def as_csv(table: Table) -> str:
    """A table with its columns' names; undefined numbers are empty cells."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")  # RFC 4180
    writer.writerow(table.columns)
    for row in table.rows:
        writer.writerow([_cell(row.get(name)) for name in table.columns])
    return out.getvalue()


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in row.items()
    }


def _cell(value: Any) -> Any:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    # A cell that begins so is a formula to a spreadsheet.
    return f"'{value}" if isinstance(value, str) and value[:1] in tuple("=+-@\t\r") else value
