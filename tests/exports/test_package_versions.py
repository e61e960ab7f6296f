"""Packages that hold a later version of a design alone, or fewer tables than packages have by now."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from dashboard.exports.figures import draw
from dashboard.exports.package import Choices, Scope, manifest, write_package
from dashboard.exports.package.checking import check_package
from dashboard.exports.package.folder import PackageFolder
from dashboard.exports.package.importing import import_package
from dashboard.studies import store
from tests.exports.conftest import opened
from tests.support.participating import begin, go_on, open_study
from tests.support.pictures import add_small


@pytest.fixture
def package(workspace, tmp_path) -> Path:
    """One participant's."""
    add_small(workspace)
    open_study(workspace)
    go_on(workspace, begin(workspace))
    write_package(workspace, Scope(study="small"), Choices(), tmp_path / "package")
    return tmp_path / "package"


def test_a_study_keeps_the_number_of_its_version(package, tmp_path, catalogue):
    for path in package.rglob("*_data.csv"):
        with path.open(newline="", encoding="utf-8") as file:
            head, *rows = csv.reader(file)
        if "study_version" in head:
            place = head.index("study_version")
            later = [[*row[:place], "2", *row[place + 1 :]] for row in rows]
            with path.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([head, *later])
    manifest.write_manifest(package)
    other = opened(tmp_path / "other", catalogue)
    import_package(other, package)
    assert [(one.slug, one.version) for one in store.everything(other)] == [("small", 2)]
    other.close()


def test_a_package_without_effects_and_curves_is_read_as_ever(package, tmp_path, catalogue):
    folder = PackageFolder(package)
    region = next(folder.rows("regions"))["region_id"]
    assert any(folder.rows("effects"))
    for name in ("effects", "curves"):
        folder.path(folder.paths[name]).unlink()
    tables = json.loads((package / "datapackage.json").read_text())
    tables["resources"] = [one for one in tables["resources"] if one["name"] not in ("effects", "curves")]
    (package / "datapackage.json").write_text(json.dumps(tables))
    there = {field["name"] for one in tables["resources"] for field in one["schema"]["fields"]}
    about = json.loads((package / "dataset_description.json").read_text())
    about["variableMeasured"] = [one for one in about["variableMeasured"] if one["name"] in there]
    (package / "dataset_description.json").write_text(json.dumps(about))
    manifest.write_manifest(package)
    assert [sentence for check in check_package(package, None) for sentence in check.problems] == []
    assert "random regions" in draw(package, "effect", region).caption
    other = opened(tmp_path / "other", catalogue)
    assert import_package(other, package).added["regions"] == 1
    other.close()
