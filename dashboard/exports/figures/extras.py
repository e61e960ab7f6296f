"""What figures need beside a package's usual tables: curves, and each random region's drop. In files of their own."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from dashboard.exports.figures.look import FigureError
from dashboard.exports.package.folder import PackageFolder

Row = dict[str, Any]
Name = Literal["curves", "effects"]
# Shares and probabilities from 0 to 1, drops from −1 to 1; "curve" deletion or insertion, "ordering" people or model;
# "whose" people, model or random.
COLUMNS: dict[Name, tuple[str, ...]] = {
    "curves": ("image_id", "model_id", "class_name", "map_method", "method", "curve", "ordering", "share",
               "probability"),
    "effects": ("region_id", "model_id", "map_method", "method", "whose", "number", "drop"),
}  # fmt: skip
_NUMBERS = ("share", "probability", "number", "drop")


def write_extra(folder: Path, name: Name, rows: Iterable[Row]) -> None:
    """Writes the file into a package's folder."""
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS[name])
        writer.writeheader()
        writer.writerows(rows)


def extra_rows(package: PackageFolder, name: Name) -> list[Row]:
    """Its rows, or those of the package's table of that name; empty where there is neither. Raises FigureError."""
    if name in package.paths:
        return list(package.rows(name))
    try:
        with package.path(f"{name}.csv").open(newline="", encoding="utf-8") as file:
            return [_typed(row) for row in csv.DictReader(file)]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FigureError(f"{name}.csv cannot be read.") from error


def _typed(row: dict[str, str]) -> Row:
    return {key: float(value) if key in _NUMBERS else value for key, value in row.items()}
