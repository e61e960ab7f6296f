"""What a package says of itself: Psych-DS and Frictionless descriptions, a README, a dictionary of its variables."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from dashboard import __version__
from dashboard.exports.package.columns import Column, TableSpec

SCHEMA_VERSION = "Psych-DS 1.5.1"
PACKAGES = (
    "numpy", "torch", "torchvision", "openvino", "opencv-python-headless", "pillow", "scipy", "scikit-image", "timm",
    "pycocotools", "sqlalchemy",
)  # fmt: skip
IGNORED = ("data/masks/", "data/pictures/", "data/maps/", "data/regions.coco.json", "data/probabilities.parquet")
_ARRAYS = ("shapes", "tags")
_TYPES = {"text": "string", "datetime": "datetime", "number": "number", "integer": "integer", "boolean": "boolean"}


@dataclass(frozen=True)
class WrittenTable:
    """A table as it lies in the package."""

    spec: TableSpec
    path: str
    rows: int


@dataclass(frozen=True)
class About:
    """What the package is of; ``study`` is the part of file names. ``left_out``: a sentence for each thing."""

    title: str
    description: str
    study: str
    exported_at: str
    left_out: tuple[str, ...]
    counted: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    contact: str = ""


def variables(tables: Sequence[WrittenTable]) -> list[Column]:
    """Every column of any of the tables, each once."""
    return list({column.name: column for table in tables for column in table.spec.columns}.values())


def dataset_description(about: About, tables: Sequence[WrittenTable]) -> dict[str, Any]:
    """Psych-DS metadata: JSON-LD in the vocabulary of schema.org."""
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": about.title,
        "description": about.description,
        "schemaVersion": SCHEMA_VERSION,
        "dateCreated": about.exported_at,
        "keywords": ["class activation map", "inpainting", "human attention", "image classification"],
        "creditText": about.contact or "Recorded with Regionscope",
        "variableMeasured": [_property(column) for column in variables(tables)],
    }


def _property(column: Column) -> dict[str, Any]:
    found: dict[str, Any] = {"@type": "PropertyValue", "name": column.name, "description": column.description}
    if column.unit:
        found["unitText"] = column.unit
    if column.least is not None:
        found["minValue"] = column.least
    if column.most is not None:
        found["maxValue"] = column.most
    levels = ("true", "false") if column.kind == "boolean" else column.levels
    if levels:
        found["valueReference"] = [{"@type": "DefinedTerm", "name": level} for level in levels]
    return found


def datapackage(about: About, tables: Sequence[WrittenTable], hashes: dict[str, str], sizes: dict[str, int]) -> Any:
    """Frictionless metadata: every table with types, keys, foreign keys and hash; and the other files of data."""
    by_name = {table.spec.name for table in tables}
    return {
        "profile": "tabular-data-package",
        "name": f"regionscope-{about.study.lower()}",
        "title": about.title,
        "description": about.description,
        "created": about.exported_at,
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": table.spec.name,
                "title": f"A row is {table.spec.row}",
                "path": table.path,
                "scheme": "file",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "bytes": sizes[table.path],
                "hash": f"sha256:{hashes[table.path]}",
                "schema": {
                    "fields": [_field(column, table.spec) for column in table.spec.columns],
                    "missingValues": [""],
                    "primaryKey": list(table.spec.key),
                    "foreignKeys": list(_foreign_keys(table.spec, by_name)),
                },
            }
            for table in tables
        ],
    }


def _field(column: Column, table: TableSpec) -> dict[str, Any]:
    kind = _TYPES.get(column.kind) or ("array" if column.name in _ARRAYS else "object")
    found: dict[str, Any] = {"name": column.name, "type": kind, "description": column.description}
    if column.unit:
        found["unit"] = column.unit
    if column.kind == "datetime":
        found["format"] = "any"
    if column.kind == "number":
        found["decimalChar"] = "."
    constraints: dict[str, Any] = {}
    if column.name in (*table.key, *table.needed):
        constraints["required"] = True
    if column.least is not None:
        constraints["minimum"] = column.least
    if column.most is not None:
        constraints["maximum"] = column.most
    if column.levels:
        constraints["enum"] = list(column.levels)
    return found | ({"constraints": constraints} if constraints else {})


def _foreign_keys(table: TableSpec, there: set[str]) -> Any:
    for column in table.columns:
        if column.refers in there:
            own = "" if column.refers == table.name else column.refers
            key = {"edits": "edit_id"}.get(column.refers, column.name)
            yield {"fields": [column.name], "reference": {"resource": own, "fields": [key]}}
    names = {column.name for column in table.columns}
    if table.name != "studies" and {"study", "study_version"} <= names:
        key_of = ["study", "study_version"]
        yield {"fields": key_of, "reference": {"resource": "studies", "fields": key_of}}


def environment() -> dict[str, Any]:
    """The software that made the package."""
    return {
        "regionscope": __version__,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def dictionary(tables: Sequence[WrittenTable]) -> str:
    """All tables and variables in words."""
    lines = ["# Tables and variables", ""]
    for table in tables:
        lines += [f"## {table.spec.name}", "", f"`{table.path}`, {table.rows:,} rows; a row is {table.spec.row}.", ""]
        lines += ["| variable | meaning | values |", "|---|---|---|"]
        lines += [f"| `{one.name}` | {one.description} | {_values(one)} |" for one in table.spec.columns]
        lines.append("")
    return "\n".join(lines)


def _values(column: Column) -> str:
    if column.levels:
        return ", ".join(column.levels)
    limits = ["" if limit is None else f"{limit:g}" for limit in (column.least, column.most)]
    within = f", {limits[0]} to {limits[1]}" if all(limits) else f", from {limits[0]}" if limits[0] else ""
    refers = f", a key of {column.refers}" if column.refers else ""
    return f"{column.kind}{within}{f', {column.unit}' if column.unit else ''}{refers}"


def readme(about: About, tables: Sequence[WrittenTable]) -> str:
    """The page that somebody who finds the package reads first."""
    paths = {table.spec.name: table.path for table in tables}
    lines = [
        f"# {about.title}",
        "",
        about.description,
        "",
        f"Exported by Regionscope {__version__} on {about.exported_at}.",
        "",
        "## What was left out",
        "",
        *(f"- {sentence}" for sentence in about.left_out or ("Nothing.",)),
        "",
        *(["## Who is in it", "", *(f"- {sentence}" for sentence in about.counted), ""] if about.counted else []),
        "## What is where",
        "",
        "| path | content |",
        "|---|---|",
        *(f"| `{table.path}` | {table.rows:,} rows; a row is {table.spec.row} |" for table in tables),
        "| `data/probabilities.parquet` | all probabilities of each answer, by `prediction_id` |",
        "| `data/masks/` | masks of edits and regions as PNG: 255 in the region, 0 elsewhere |",
        "| `data/regions.coco.json` | the same masks as COCO run lengths |",
        "| `data/maps/` | model maps, float32 NumPy files (height, width), not normalised |",
        "| `data/pictures/` | pictures after each edit |",
        "| `materials/` | untouched pictures, the studies' designs, the models' cards |",
        "| `materials/annotations.json` | what researchers put on figures of what is here, with their words |",
        "| `results/` | tables of each study's results, made from this package alone |",
        "| `documentation/` | dictionary of variables, metrics, software environment |",
        "| `datapackage.json` | types, keys and foreign keys of all tables (Frictionless) |",
        "| `manifest.sha256` | checksums; `sha256sum --check manifest.sha256` |",
        "",
        "Coordinates: x to the right, y down, the origin at the outer corner of the top left pixel. Colours are RGB. "
        "Areas and probabilities are shares from 0 to 1. Times are ISO 8601 in UTC. An empty cell is undefined. A "
        "text that a spreadsheet would take for a formula has an apostrophe before it.",
        "",
        "## Python",
        "",
        "```python",
        *python_snippet(paths),
        "```",
        "",
        "## R",
        "",
        "```r",
        *r_snippet(paths),
        "```",
        "",
        "## Figures for papers",
        "",
        "Where Regionscope is installed, they are drawn from this package alone, with what was put on them. This goes "
        "on after the Python above; `regionscope figure --help` lists the kinds, and does the same for a shell.",
        "",
        "```python",
        *figure_snippet(),
        "```",
        "",
        "## Checking it, and working with it in Regionscope",
        "",
        "`regionscope verify DIR` checks files, tables and keys, and asks the models again where they are at hand. "
        "`regionscope import DIR` reads it into a data folder.",
        "",
    ]
    return "\n".join(lines)


def python_snippet(paths: dict[str, str]) -> list[str]:
    """Loads the tables, a mask and the probabilities."""
    return [
        "import pandas as pd",
        "from PIL import Image",
        "import numpy as np",
        "",
        f'edits = pd.read_csv("{paths["edits"]}", parse_dates=["created_at"])',
        f'predictions = pd.read_csv("{paths["predictions"]}")',
        f'regions = pd.read_csv("{paths["regions"]}")',
        'probabilities = pd.read_parquet("data/probabilities.parquet")',
        'answered = edits.merge(predictions, on="edit_id", suffixes=("", "_answer"))',
        "if len(edits):",
        '    mask = np.asarray(Image.open(edits["mask_file"].iloc[0])) > 0',
        *(f'{variable} = pd.read_csv("{path}")' for variable, path in _wide(paths)),
    ]


def figure_snippet() -> list[str]:
    """Draws the first edit whose picture is there, from the tables above; no file may be added to a package."""
    return [
        "from pathlib import Path",
        "from dashboard.exports.figures import draw, save",
        "",
        'for edit in edits["edit_id"][edits["result_file"].notna()][:1]:',
        '    Path("../pair.pdf").write_bytes(save(draw(Path("."), "pair", edit), "pdf"))',
    ]


def r_snippet(paths: dict[str, str]) -> list[str]:
    """Loads the tables with R's own functions."""
    return [
        f'edits <- read.csv("{paths["edits"]}", na.strings = "", encoding = "UTF-8")',
        f'predictions <- read.csv("{paths["predictions"]}", na.strings = "", encoding = "UTF-8")',
        'answered <- merge(edits, predictions, by = "edit_id", suffixes = c("", ".answer"))',
        *(f'{variable} <- read.csv("{path}", na.strings = "", encoding = "UTF-8")' for variable, path in _wide(paths)),
    ]


def _wide(paths: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The wide tables: what to call them in a program, and where they lie."""
    for name, path in paths.items():
        if name.partition("-")[0] == "wide":
            yield name.replace("-", "_"), path


def write_json(path: Path, value: Any) -> None:
    """Writes a JSON file that people can read."""
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
