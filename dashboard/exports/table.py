"""A list as a CSV file: every column with its unit, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from db.browsing import EditRow, SessionRow

ROWS: dict[str, type[EditRow] | type[SessionRow]] = {"edits": EditRow, "sessions": SessionRow}
# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_HEADS = {
    "session": "session_name",
    "blob": "picture_sha256",
    "method": "operation",
    "mask_area": "mask_area_share",
    "change": "change_share",
}
_TIMES = {"made_ms": "made_utc", "started_ms": "started_utc"}


def csv_lines(view: str, rows: Iterable[EditRow | SessionRow]) -> Iterator[str]:
    """The file's lines, the head first; "" where a value is undefined, true and false as words, tags by "; "."""
    names = [field.name for field in fields(ROWS[view])]
    # Excel takes a file without this mark for one in the local 8-bit encoding.
    yield "\ufeff" + _line([_TIMES.get(name) or _HEADS.get(name, name) for name in names])
    for row in rows:
        yield _line([_cell(name, getattr(row, name)) for name in names])


def _cell(name: str, value: Any) -> str | float | int:
    if value is None:
        return ""
    if name in _TIMES:
        return datetime.fromtimestamp(value / 1000, UTC).isoformat(timespec="milliseconds")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    text = "; ".join(value) if isinstance(value, tuple) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _line(cells: list[Any]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
