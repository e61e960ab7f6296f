"""A package that lies in a folder, as its readers find it: tables by name, masks, pictures, probabilities."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pyarrow import ArrowException, parquet

from dashboard.exports.package.cells import PackageError, head_of, rows_of
from dashboard.exports.package.columns import Column, TableSpec
from dashboard.exports.package.tables import TABLES
from dashboard.studies.design import Design
from dashboard.studies.design_yaml import in_use
from dashboard.vision.errors import RegionscopeError
from dashboard.vision.images import decode_png
from dashboard.vision.masks import marked_pixels

DESCRIPTION = "dataset_description.json"
DATAPACKAGE = "datapackage.json"
PROBABILITIES = "data/probabilities.parquet"
ROUNDING = 1e-3  # see db.probabilities
# Tables of studies alone, and those that packages of Regionscope 0.1 may lack.
OPTIONAL = ("long", "wide", "effects", "curves")
_AT_ONCE = 256
Read = TypeVar("Read")
_KINDS = {"string": "text", "datetime": "datetime", "number": "number", "integer": "integer", "boolean": "boolean"}


class PackageFolder:
    """Reads a package; raises PackageError, with a sentence, for anything that is not as it should be."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        content = self.json(DATAPACKAGE)
        try:
            self.paths: dict[str, str] = {str(one["name"]): str(one["path"]) for one in content["resources"]}
            self.fields: dict[str, list[dict[str, Any]]] = {
                str(one["name"]): list(one["schema"]["fields"]) for one in content["resources"]
            }
        except (TypeError, KeyError, AttributeError) as error:
            raise PackageError(f"{DATAPACKAGE} lists no tables.") from error
        missing = [table.name for table in TABLES if table.name not in (*self.paths, *OPTIONAL)]
        if missing:
            raise PackageError(f"{DATAPACKAGE} lists no table {missing[0]}.")

    def json(self, name: str) -> Any:
        """A JSON file's content."""
        try:
            return json.loads(self.path(name).read_bytes())
        except FileNotFoundError:
            raise PackageError(f"The package has no file {name}.") from None
        except ValueError:
            raise PackageError(f"{name} is no JSON file.") from None

    def path(self, name: str) -> Path:
        """Where a file of the package lies; raises PackageError for one that would lie outside."""
        path = (self.folder / name).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise PackageError(f"{name[:80]!r} is no file of the package.")
        return path

    def bytes(self, name: str) -> bytes:
        """A file's content."""
        try:
            return self.path(name).read_bytes()
        except OSError:
            raise PackageError(f"The package's file {name} cannot be read.") from None

    def spec(self, name: str) -> TableSpec:
        """A table as it lies here: the columns that it has; those of "wide" tables as the package describes them."""
        known = next((table for table in TABLES if table.name == name), None)
        head = head_of(self.path(self.paths[name]))
        if known is None:
            fields = {str(field.get("name")): field for field in self.fields[name]}
            columns = tuple(_column(fields.get(column, {"name": column})) for column in head)
            return TableSpec(name, "", ("participant_id",), columns)
        by_name = {column.name: column for column in known.columns}
        missing = [column for column in (*known.key, *known.needed) if column not in head]
        if missing:
            raise PackageError(f"The table {name} has no column {missing[0]}.")
        unknown = [column for column in head if column not in by_name]
        if unknown:
            raise PackageError(f"The table {name} has a column {unknown[0]!r} that is not known.")
        return replace(known, columns=tuple(by_name[column] for column in head))

    def rows(self, name: str) -> Iterator[dict[str, Any]]:
        """A table's rows with a value for every column that such a table can have, None where it has none here."""
        if name in OPTIONAL and name not in self.paths:
            return
        known = next((table for table in TABLES if table.name == name), None)
        spec = self.spec(name)
        everything = dict.fromkeys(column.name for column in known.columns) if known else {}
        for row in rows_of(self.path(self.paths[name]), spec.columns):
            yield everything | row

    def mask(self, name: str) -> NDArray[np.bool_]:
        """A mask (H, W) bool."""
        return _read(self, name, marked_pixels)

    def picture(self, name: str) -> NDArray[np.uint8]:
        """A picture (H, W, 3) uint8 RGB."""
        return _read(self, name, decode_png)

    def design(self, name: str) -> Design:
        """A study's design."""
        return _read(self, name, lambda data: in_use(data.decode("utf-8", "replace")))

    def map(self, name: str) -> NDArray[np.float32]:
        """A map (H, W) float32."""
        try:
            found = np.load(self.path(name), allow_pickle=False)
        except (OSError, ValueError, EOFError):
            raise PackageError(f"The package's file {name} cannot be read.") from None
        if found.ndim != 2 or found.dtype != np.float32:
            raise PackageError(f"{name} is no map.")
        return np.asarray(found, np.float32)

    def answers(self) -> Iterator[tuple[dict[str, Any], NDArray[np.float32]]]:
        """Every prediction with all its probabilities (K,) float32; the highest is the top class."""
        for row, found in zip_longest(self.rows("predictions"), self.probabilities()):
            if row is None or found is None or row["prediction_id"] != found[0]:
                raise PackageError(f"{PROBABILITIES} is not in the order of the predictions.")
            name, values = found
            if not (values.size and np.isfinite(values).all() and values.min() >= 0 and values.max() <= 1):
                raise PackageError(f"{PROBABILITIES}: {name} has no probabilities.")
            top = row["top_class_index"]
            # Of classes that are as probable, up to the steps in which probabilities are kept, each may be the top.
            if top is None or not 0 <= top < values.size or values[top] < values.max() * (1 - ROUNDING):
                raise PackageError(f"{PROBABILITIES}: the most probable class of {name} is another one.")
            yield row, values

    def probabilities(self) -> Iterator[tuple[str, NDArray[np.float32]]]:
        """All probabilities (K,) float32 of each answer, by its name, in the order of the predictions."""
        try:
            with parquet.ParquetFile(self.path(PROBABILITIES)) as file:
                for batch in file.iter_batches(_AT_ONCE, columns=["prediction_id", "probabilities"]):
                    names, values = batch.column(0).to_pylist(), batch.column(1)
                    for place, name in enumerate(names):
                        yield str(name), np.asarray(values[place].values.to_numpy(), np.float32)
        except (OSError, ArrowException, KeyError, AttributeError, ValueError) as error:
            raise PackageError(f"The package's file {PROBABILITIES} cannot be read.") from error


def _read(package: PackageFolder, name: str, read: Callable[[bytes], Read]) -> Read:
    try:
        return read(package.bytes(name))
    except PackageError:
        raise
    except RegionscopeError as error:
        raise PackageError(f"{name}: {str(error).rstrip('.')}.") from error


def _column(field: dict[str, Any]) -> Column:
    kind: Any = _KINDS.get(str(field.get("type")), "text")
    return Column(str(field["name"]), kind, str(field.get("description", "")))
