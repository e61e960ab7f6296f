"""The rules of Psych-DS 1.5 as its documents say them, read with nothing of ours; and what SPSS and R ask of names.

The official validator comes from npm, which is not at hand everywhere, so it is not run here.
"""

from __future__ import annotations

import csv
import fnmatch
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from dashboard.exports.package import Scope
from dashboard.studies.demo import SLUG

# psych-ds.github.io/psych-DS: objects/files, objects/common_principles/keywords
FOLDERS = {"analysis", "data", "documentation", "materials", "products", "results"}
KEYWORDS = ["study", "site", "subject", "session", "task", "condition", "trial", "stimulus", "description"]
CHUNK = re.compile(r"([a-z]+)-([a-zA-Z0-9]+)")
RESERVED = {"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"}  # SPSS


@pytest.fixture(params=["demo", "crowded"])
def folder(request, studied, crowded) -> Path:
    if request.param == "demo":
        return studied.package(Scope(study=SLUG))
    return crowded.package(Scope(everything=True), free_text=True, recruiter_ids=True)


def tables(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "data").rglob("*") if path.name.endswith(("_data.csv", "_data.tsv")))


def read(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file, strict=True))


def test_names_are_keywords_and_plain_values(folder):
    found = tables(folder)
    assert len(found) > 10
    for path in found:
        assert path.suffix == ".csv"
        chunks = path.stem.removesuffix("_data").split("_")
        matches = [CHUNK.fullmatch(chunk) for chunk in chunks]
        assert all(matches), path.name
        keywords = [match[1] for match in matches if match]
        assert keywords[:2] == ["study", "subject"]
        assert set(keywords) <= set(KEYWORDS)
        assert len(set(keywords)) == len(keywords)
    assert len({path.name.casefold() for path in found}) == len(found)


def test_every_file_of_data_is_a_table_or_ignored(folder):
    ignored = (folder / ".psychds-ignore").read_text().split()
    for path in (folder / "data").rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and path not in tables(folder):
            assert any(fnmatch.fnmatch(name, f"{one.rstrip('/')}*") for one in ignored), name
    assert {path.name for path in folder.iterdir() if path.is_dir()} <= FOLDERS


def test_the_metadata_are_a_dataset_of_schema_org(folder):
    found = json.loads((folder / "dataset_description.json").read_text(encoding="utf-8"))
    assert found["@context"] in ("https://schema.org", "https://schema.org/", "http://schema.org/")
    assert found["@type"] == "Dataset"
    for key in ("name", "description", "schemaVersion"):
        assert isinstance(found[key], str)
        assert found[key].strip()
    for name in ("README.md", "CHANGES.md"):
        assert (folder / name).stat().st_size > 0


def test_variables_are_the_columns_both_ways(folder):
    found = json.loads((folder / "dataset_description.json").read_text(encoding="utf-8"))["variableMeasured"]
    names = [one["name"] for one in found]
    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert set(names) == {column for path in tables(folder) for column in read(path)[0]}
    for one in found:
        assert one["@type"] == "PropertyValue"
        assert one["description"].strip()


def test_tables_are_rectangles_with_heads(folder):
    for path in tables(folder):
        assert path.read_bytes()[:3] != b"\xef\xbb\xbf"
        head, *rows = read(path)
        assert all(head)
        assert len(set(head)) == len(head)
        assert {len(row) for row in rows} <= {len(head)}


def test_flat_tables_suit_spss_and_r(folder):
    for path in tables(folder):
        if not re.search(r"description-(wide|long)_", path.name):
            continue
        names = read(path)[0]
        assert len({name.lower() for name in names}) == len(names)
        for name in names:
            assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name)
            assert len(name) <= 64
            assert name.lower() not in RESERVED
            assert not name.endswith("_")
