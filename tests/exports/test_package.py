"""Packages: that they keep the rules of others, hold what was recorded and no more, and can be redone and read back."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import frictionless
import numpy as np
import pandas as pd
import pytest
from pycocotools.coco import COCO
from sqlalchemy import func, select

from dashboard.exports.package import Choices, Scope, write_package
from dashboard.exports.package.archive import write_archive
from dashboard.exports.package.cells import PackageError
from dashboard.exports.package.checking import check_package, psych_ds_problems
from dashboard.exports.package.folder import PackageFolder
from dashboard.exports.package.importing import import_package
from dashboard.exports.package.manifest import differences, files_in, write_manifest
from dashboard.exports.package.results import results as results_of_package
from dashboard.recording.ids import RequestError, new_id
from dashboard.studies.demo import PEOPLE, SLUG
from dashboard.studies.results.report import results
from dashboard.studies.results.sections import as_json
from dashboard.vision import rle
from db.errors import NotFoundError
from db.models import Edit, Image, Prediction, Region, Session
from db.probabilities import unpack
from db.study_models import Participant
from tests.exports.conftest import STUDY

# These say when and by which export they were written.
DATED = {"README.md", "CHANGES.md", "dataset_description.json", "datapackage.json", "manifest.sha256"}


def copied(folder: Path, tmp_path: Path) -> Path:
    target = tmp_path / "copy"
    shutil.copytree(folder, target)
    return target


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(PackageFolder(folder).path(PackageFolder(folder).paths[name]))


def path_of(folder: Path, name: str) -> Path:
    package = PackageFolder(folder)
    return package.path(package.paths[name])


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files_in(folder)}


def undated(folder: Path) -> dict[str, bytes]:
    return {name: data for name, data in contents(folder).items() if name not in DATED}


def has_frictionless_errors(folder: Path) -> list[object]:
    with frictionless.system.use_context(trusted=True):
        report = frictionless.validate(str(folder / "datapackage.json"))
    return report.flatten(["title", "rowNumber", "fieldName", "message"])


def test_a_package_keeps_every_rule(studied, catalogue):
    folder = studied.package()
    checks = check_package(folder, catalogue)
    assert {check.name: check.problems for check in checks} == {check.name: [] for check in checks}
    looked_at = {check.name: check.looked_at for check in checks}
    assert min(looked_at.values()) > 10
    assert looked_at["answers"] == len(table(folder, "predictions"))
    assert has_frictionless_errors(folder) == []
    for name in (
        "README.md",
        "CHANGES.md",
        "materials",
        "documentation/dictionary.md",
        "documentation/environment.json",
    ):
        assert (folder / name).exists()


def test_frictionless_and_we_find_what_was_changed(studied, catalogue, tmp_path):
    folder = copied(studied.package(), tmp_path)
    edits = path_of(folder, "edits")
    broken = pd.read_csv(edits, dtype=str, keep_default_na=False)
    broken.loc[0, "session_id"] = "S999"
    broken.to_csv(edits, index=False)
    assert has_frictionless_errors(folder)
    by_name = {check.name: check.problems for check in check_package(folder, None)}
    assert any("was changed" in sentence for sentence in by_name["files"])
    assert any("S999" in sentence for sentence in by_name["tables"])


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda folder: next((folder / "data/masks").iterdir()).unlink(), "is missing"),
        (lambda folder: (folder / "extra.txt").write_text("x"), "is not in the manifest"),
        (lambda folder: (folder / "README.md").write_text("x"), "was changed"),
    ],
)
def test_the_manifest_finds_every_change(studied, tmp_path, damage, says):
    folder = copied(studied.package(), tmp_path)
    assert list(differences(folder)) == []
    damage(folder)
    [sentence] = differences(folder)
    assert says in sentence


def test_other_programs_read_the_checksums(studied):
    folder = studied.package()
    found = subprocess.run(["sha256sum", "--check", "--quiet", "manifest.sha256"], cwd=folder, check=False)
    assert found.returncode == 0


def test_the_rules_of_psych_ds_are_looked_after(studied, tmp_path):
    folder = copied(studied.package(), tmp_path)
    assert list(psych_ds_problems(folder)) == []
    path = path_of(folder, "studies")
    path.rename(path.with_name("studies.csv"))
    (path.parent / "study-a_b_data.csv").write_text("row_id,surprise\n1,2\n1,3\n")
    (folder / "CHANGES.md").unlink()
    said = " ".join(psych_ds_problems(folder))
    for part in ("CHANGES.md", "not named", "surprise", "row_id twice", "design_sha256 is in no table"):
        assert part in said


def test_every_variable_is_described(studied):
    for one in json.loads((studied.package() / "dataset_description.json").read_text())["variableMeasured"]:
        assert one["@type"] == "PropertyValue"
        assert len(one["description"]) > 5, one


def test_a_reviewer_can_redo_every_number_without_the_application(studied):
    """Done means: from the package alone, without database and models."""
    folder = studied.package(free_text=True)
    expected = as_json(results(studied.workspace, SLUG))
    assert expected["counted"] == PEOPLE - 2
    assert expected["worked_out"] == expected["to_be_worked_out"] > 0
    found = as_json(results_of_package(folder))
    assert json.loads(json.dumps(found)) == json.loads(json.dumps(expected))


def test_tables_and_files_hold_what_was_recorded(studied):
    folder = studied.package()
    package = PackageFolder(folder)
    coco = COCO.__new__(COCO)
    with contextlib.redirect_stdout(io.StringIO()):
        coco.__init__(str(folder / "data/regions.coco.json"))
    masks = {one["name"]: coco.annToMask(one).astype(bool) for one in coco.anns.values()}
    with studied.workspace.database.read() as transaction:
        edits = transaction.scalars(select(Edit).join(Session).order_by(Edit.id)).all()
        rows = list(package.rows("edits"))
        assert len(rows) == len(edits) > 5
        for row, edit in zip(rows, edits, strict=True):
            mask = package.mask(row["mask_file"])
            assert rle.encode(mask)["counts"] == edit.mask_counts
            assert (masks[row["edit_id"]] == mask).all()
            assert package.bytes(row["result_file"]) == studied.workspace.blobs.get(edit.result_blob)
            assert (row["method"], row["shapes"], row["created_at"]) == (edit.method, edit.shapes, edit.created_at)
        regions = transaction.scalars(select(Region).order_by(Region.id)).all()
        for row, region in zip(package.rows("regions"), regions, strict=True):
            assert rle.encode(masks[row["region_id"]])["counts"] == region.mask_counts
        answers = {unpack(one.probabilities).tobytes() for one in transaction.scalars(select(Prediction))}
    found = {values.tobytes() for _, values in package.probabilities()}
    assert found <= answers
    top = table(folder, "top")
    assert (top.groupby("prediction_id").size() == 5).all()
    for row in package.rows("maps"):
        values = package.map(row["file"])
        assert values.dtype == np.float32
        assert np.ptp(values) > 0


def test_ids_names_and_words_of_people_are_only_there_on_request(studied):
    with studied.workspace.database.read() as transaction:
        people = [row.public_id for row in transaction.scalars(select(Participant))]
        sessions = list(transaction.scalars(select(Session.public_id)))
    private = [*people, *sessions, "demo1", "fine, thanks", "Marked the same place"]
    usual = b"\n".join(contents(studied.package()).values())
    assert [text for text in private if text.encode() in usual] == []
    everything = studied.package(free_text=True, recruiter_ids=True, keep_ids=True)
    said = b"\n".join(contents(everything).values())
    assert [text for text in private if text.encode() not in said] == []
    left = (studied.package() / "README.md").read_text().partition("What was left out")[2]
    assert "Recruiters' ids" in left
    assert "words of their own" in left


def test_who_was_excluded_is_flagged_there_or_out_and_counted(studied):
    flagged = table(studied.package(), "participants")
    assert flagged["excluded"].sum() == 1
    assert "1 participants were excluded" in (studied.package() / "README.md").read_text()
    there = table(studied.package(excluded="in"), "participants")
    assert len(there) == len(flagged) == PEOPLE
    assert there["excluded"].isna().all()
    folder = studied.package(excluded="out")
    assert len(table(folder, "participants")) == PEOPLE - 1
    for name in ("trials", "responses", "long", "wide"):
        people = set(table(folder, name)["participant_id"])
        assert people <= set(table(folder, "participants")["participant_id"])
    assert len(table(folder, "sessions")) < len(table(studied.package(), "sessions"))
    assert "1 participants whom a researcher excluded" in (folder / "README.md").read_text()


def test_pictures_may_be_left_out(studied, another):
    folder = studied.package(pictures="none")
    assert not (folder / "materials/pictures").exists()
    assert not (folder / "data/pictures").exists()
    assert table(folder, "images")["working_file"].isna().all()
    assert len(table(folder, "images")["working_sha256"][0]) == 64
    assert {check.name: check.problems for check in check_package(folder, None)}["tables"] == []
    with pytest.raises(PackageError, match="hashes instead of pictures"):
        import_package(another, folder)
    with another.database.read() as transaction:
        assert transaction.scalar(select(func.count()).select_from(Image)) == 0


def test_a_licence_may_forbid_a_picture(studied, tmp_path):
    with studied.workspace.database.write() as transaction:
        image = transaction.scalars(select(Image).filter_by(name="Grace Hopper")).one()
        before, image.licence = image.licence, "© A. Person, all rights reserved"
    try:
        write_package(studied.workspace, STUDY, Choices(), tmp_path / "free")
        write_package(studied.workspace, STUDY, Choices(pictures="all"), tmp_path / "all")
    finally:
        with studied.workspace.database.write() as transaction:
            transaction.scalars(select(Image).filter_by(name="Grace Hopper")).one().licence = before
    images = table(tmp_path / "free", "images").set_index("image_name")["working_file"]
    assert images.isna().to_dict() == {"Chelsea the cat": False, "Cup of coffee": False, "Grace Hopper": True}
    assert "1 pictures whose licence forbids it" in (tmp_path / "free/README.md").read_text()
    assert not table(tmp_path / "all", "images")["working_file"].isna().any()


@pytest.mark.parametrize("keep_ids", [False, True])
def test_what_is_read_back_gives_the_same_package(studied, another, tmp_path, keep_ids):
    folder = studied.package(free_text=True, recruiter_ids=True, keep_ids=keep_ids)
    found = import_package(another, folder, keep_ids=keep_ids)
    assert found.there == {}
    assert found.added["participants"] == PEOPLE
    again = tmp_path / "again"
    write_package(another, STUDY, Choices(free_text=True, recruiter_ids=True, keep_ids=keep_ids), again)
    assert undated(again) == undated(folder)
    assert as_json(results(another, SLUG, None)) == as_json(results(studied.workspace, SLUG, None))


def test_with_its_ids_a_package_is_read_once(studied, another):
    folder = studied.package(free_text=True, recruiter_ids=True, keep_ids=True)
    first = import_package(another, folder, keep_ids=True)
    second = import_package(another, folder, keep_ids=True)
    assert sum(second.added.values()) == 0
    assert second.there["edits"] == first.added["edits"]


def test_a_package_joins_what_is_there(studied, another):
    folder = studied.package()
    import_package(another, folder)
    second = import_package(another, folder)
    assert second.studies == {SLUG: SLUG}
    assert second.there["images"] == 3
    assert second.added["participants"] == PEOPLE
    with another.database.read() as transaction:
        assert transaction.scalar(select(func.count()).select_from(Participant)) == 2 * PEOPLE


def test_ids_are_kept_only_where_they_are_there(studied, another):
    with pytest.raises(PackageError, match="not exported with its ids"):
        import_package(another, studied.package(), keep_ids=True)


def test_a_damaged_package_changes_nothing(studied, another, tmp_path):
    folder = copied(studied.package(), tmp_path)
    target = path_of(folder, "events")
    target.write_text(target.read_text().replace("P1,", "P77,"))
    with pytest.raises(PackageError, match="was changed"):
        import_package(another, folder)
    write_manifest(folder)
    with pytest.raises(PackageError, match="P77"):
        import_package(another, folder)
    with another.database.read() as transaction:
        for model in (Image, Session, Participant, Edit):
            assert transaction.scalar(select(func.count()).select_from(model)) == 0


@pytest.mark.parametrize("name", ["../outside.png", "/etc/hostname"])
def test_a_package_reaches_no_file_outside(studied, another, tmp_path, name):
    folder = copied(studied.package(), tmp_path)
    images = path_of(folder, "images")
    images.write_text(images.read_text().replace("materials/pictures/I1_original.png", name))
    write_manifest(folder)
    with pytest.raises(PackageError, match="no file of the package"):
        import_package(another, folder)


def test_a_full_disk_leaves_nothing(studied, tmp_path, monkeypatch):
    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("dashboard.exports.package.writing.shutil.copyfile", full)
    for write, name in ((write_package, "package"), (write_archive, "package.zip")):
        with pytest.raises(PackageError, match="disk is full"):
            write(studied.workspace, STUDY, Choices(), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_stopping_leaves_nothing(studied, tmp_path):
    def stop(done: int, _total: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_package(studied.workspace, STUDY, Choices(), tmp_path / "package", stop)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(studied, tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there/mine.txt").write_text("mine")
    (tmp_path / "there.zip").write_text("mine")
    with pytest.raises(PackageError, match="not empty"):
        write_package(studied.workspace, STUDY, Choices(), tmp_path / "there")
    with pytest.raises(PackageError, match="there already"):
        write_archive(studied.workspace, STUDY, Choices(), tmp_path / "there.zip")
    assert (tmp_path / "there/mine.txt").read_text() == (tmp_path / "there.zip").read_text() == "mine"


@pytest.mark.parametrize("scope", [{"sessions": (new_id(),)}, {"pictures": (new_id(),)}, {"study": "nowhere"}])
def test_what_is_not_there_cannot_be_exported(studied, tmp_path, scope):
    with pytest.raises(NotFoundError):
        write_package(studied.workspace, Scope(**scope), Choices(), tmp_path / "package")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("scope", [{}, {"study": "a", "everything": True}])
def test_a_scope_says_one_thing(scope):
    with pytest.raises(RequestError):
        Scope(**scope)


def test_one_session_is_a_package_of_its_own(studied, tmp_path):
    with studied.workspace.database.read() as transaction:
        session = transaction.scalars(select(Session.public_id).join(Edit).order_by(Edit.id)).first()
    write_package(studied.workspace, Scope(sessions=(session,)), Choices(), tmp_path / "one")
    assert [len(table(tmp_path / "one", name)) for name in ("sessions", "participants", "trials")] == [1, 1, 1]
    assert all(check.passed for check in check_package(tmp_path / "one", None))
    assert has_frictionless_errors(tmp_path / "one") == []


def test_the_archive_is_the_folder(studied, tmp_path):
    seen: list[tuple[int, int]] = []
    write_archive(studied.workspace, STUDY, Choices(), tmp_path / "x.zip", lambda *step: seen.append(step))
    assert seen[-1][0] == seen[-1][1]
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        archive.extractall(tmp_path / "out")
    assert undated(tmp_path / "out/x") == undated(studied.package())
    assert all(check.passed for check in check_package(tmp_path / "out/x", None))


def snippet(folder: Path, language: str, name: str = "README.md") -> str:
    return (folder / name).read_text().partition(f"```{language}\n")[2].partition("```")[0]


def test_the_python_of_the_readme_runs(studied):
    folder = studied.package()
    code = snippet(folder, "python") + "\nprint(len(edits), len(wide), mask.shape, len(probabilities))\n"
    said = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True).stdout
    edits, people = len(table(folder, "edits")), len(table(folder, "wide"))
    assert said.startswith(f"{edits} {people} (")


@pytest.mark.parametrize(("pictures", "is_drawn"), [("all", True), ("none", False)])
def test_the_figure_of_the_readme_is_drawn_from_the_package_alone(studied, tmp_path, pictures, is_drawn):
    folder = copied(studied.package(pictures=pictures), tmp_path)
    code = "\n".join(re.findall(r"```python\n(.*?)```", (folder / "README.md").read_text(), re.DOTALL))
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)
    assert list(differences(folder)) == []
    assert [path.read_bytes()[:5] for path in tmp_path.glob("*.pdf")] == [b"%PDF-"] * is_drawn


def test_the_python_of_the_documents_draws_a_figure(studied, tmp_path):
    docs = Path(__file__).parents[2] / "docs"
    code = snippet(docs, "python", "figures.md").replace("DIR", str(studied.package())).replace("STUDY", SLUG)
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    [file] = tmp_path.iterdir()
    assert file.read_bytes().startswith(b"%PDF-")


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_the_r_of_the_readme_runs(studied):
    folder = studied.package()
    code = snippet(folder, "r") + "\ncat(nrow(edits), nrow(wide))\n"
    said = subprocess.run(["Rscript", "-e", code], cwd=folder, capture_output=True, text=True, check=True).stdout
    assert said == f"{len(table(folder, 'edits'))} {len(table(folder, 'wide'))}"


def test_names_of_the_wide_table_suit_spss_and_r(studied):
    names = list(table(studied.package(), "wide").columns)
    assert len({name.lower() for name in names}) == len(names)
    for name in names:
        assert name.isidentifier()
        assert len(name) <= 64
    long = table(studied.package(), "long")
    wide = table(studied.package(), "wide").set_index("participant_id")
    row = long[(long["measure"] == "sure") & (long["trial"] == "mark")].iloc[0]
    assert wide.loc[row["participant_id"], f"mark_{row['image_id']}_sure"] == row["value"]
