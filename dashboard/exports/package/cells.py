"""Cells of CSV files, both ways: nothing is lost, and no spreadsheet takes a text for a formula."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from dashboard.exports.package.columns import Column
from dashboard.vision.errors import RegionscopeError

# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection), and what says that it is none.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_HARMLESS = "'"
LONGEST_CELL = 50_000_000


class PackageError(RegionscopeError):
    """A package cannot be written or read."""


class TableFile:
    """A CSV file that is being written, a row at a time."""

    def __init__(self, file: TextIO, columns: Sequence[Column]) -> None:
        self._columns = tuple(columns)
        self._writer = csv.writer(file, lineterminator="\r\n")  # RFC 4180
        self._writer.writerow([column.name for column in columns])
        self.rows = 0

    def add(self, row: dict[str, Any]) -> None:
        """Writes the columns of a row; what it does not name is an empty cell."""
        self._writer.writerow([cell(column, row.get(column.name)) for column in self._columns])
        self.rows += 1


def cell(column: Column, value: Any) -> str:
    """A value as it stands in a file; "" where it is undefined."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if column.kind == "boolean":
        return "true" if value else "false"
    if column.kind == "datetime":
        return str(value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"))
    if column.kind == "json":
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    if column.kind == "text":
        text = str(value)
        return _HARMLESS + text if text.startswith((*_FORMULA, _HARMLESS)) else text
    return repr(float(value)) if column.kind == "number" else str(int(value))


def value_of(column: Column, text: str) -> Any:
    """What ``cell`` was given; None for an empty cell. Raises PackageError for what is no such value."""
    if text == "":
        return None
    try:
        if column.kind == "boolean":
            return {"true": True, "false": False}[text]
        if column.kind == "datetime":
            return datetime.fromisoformat(text)
        if column.kind == "json":
            return json.loads(text)
        if column.kind == "text":
            return text.removeprefix(_HARMLESS)
        number = float(text) if column.kind == "number" else int(text)
        if not math.isfinite(number):
            raise ValueError
        return number
    except (ValueError, KeyError, OverflowError, RecursionError) as error:
        raise PackageError(f"{text[:40]!r} is no {column.kind} ({column.name}).") from error


def head_of(path: Path) -> list[str]:
    """The names of a file's columns; raises PackageError where it has none."""
    with _opened(path) as file:
        head = next(iter(_lines(path, file)), None)
    if not head:
        raise PackageError(f"{path.name} has no columns.")
    return head


def rows_of(path: Path, columns: Sequence[Column]) -> Iterator[dict[str, Any]]:
    """A file's rows, a value for each of the columns (None where the file has no such column).

    Raises PackageError naming the row for anything that is not as the columns say.
    """
    by_name = {column.name: column for column in columns}
    with _opened(path) as file:
        lines = _lines(path, file)
        head = next(iter(lines), None) or []
        for number, line in enumerate(lines, 2):
            if len(line) != len(head):
                raise PackageError(f"{path.name}, row {number}: {len(line)} cells, not {len(head)}.")
            row: dict[str, Any] = dict.fromkeys(by_name)
            for name, text in zip(head, line, strict=True):
                if name in by_name:
                    row[name] = _value(path, number, by_name[name], text)
            yield row


def _value(path: Path, number: int, column: Column, text: str) -> Any:
    try:
        return value_of(column, text)
    except PackageError as error:
        raise PackageError(f"{path.name}, row {number}: {error}") from error


def _opened(path: Path) -> TextIO:
    try:
        return path.open(newline="", encoding="utf-8")
    except FileNotFoundError:
        raise PackageError(f"The package has no file {path.name}.") from None
    except OSError as error:
        raise PackageError(f"The package's file {path.name} cannot be read ({error.strerror}).") from error


def _lines(path: Path, file: Iterable[str]) -> Iterator[list[str]]:
    csv.field_size_limit(LONGEST_CELL)
    try:
        yield from csv.reader(file, strict=True)
    except (csv.Error, UnicodeDecodeError) as error:
        raise PackageError(f"{path.name} is no CSV file in UTF-8.") from error
