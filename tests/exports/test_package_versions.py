"""A package that holds a later version of a design alone."""

from __future__ import annotations

import csv

from dashboard.exports.package import Choices, Scope, manifest, write_package
from dashboard.exports.package.importing import import_package
from dashboard.studies import store
from tests.exports.conftest import opened
from tests.support.participating import begin, go_on, open_study
from tests.support.pictures import add_small


def test_a_study_keeps_the_number_of_its_version(workspace, tmp_path, catalogue):
    add_small(workspace)
    open_study(workspace)
    go_on(workspace, begin(workspace))
    package = tmp_path / "package"
    write_package(workspace, Scope(study="small"), Choices(), package)
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
