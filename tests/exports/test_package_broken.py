"""Whatever is wrong with a package, it is said in a sentence, and nothing of it is kept."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from dashboard.exports.package import Scope
from dashboard.exports.package.cells import PackageError
from dashboard.exports.package.checking import check_package
from dashboard.exports.package.columns import TableSpec
from dashboard.exports.package.folder import PackageFolder
from dashboard.exports.package.importing import import_package
from dashboard.exports.package.manifest import write_manifest
from dashboard.exports.package.tables import TABLES
from dashboard.recording.workspace import Workspace
from db.models import Base, Region, Session
from tests.dashboard.conftest import run
from tests.exports.conftest import opened

assert run  # a fixture
SPECS = {table.name: table for table in TABLES}
# Nothing else refers to what these say, nor do they name anything.
ALONE = {"studies", "images", "classes"}


@pytest.fixture(scope="module")
def sound(crowded) -> Path:
    """A package in which no table is empty, with ids and words."""
    with crowded.workspace.database.read() as transaction:
        of_regions = select(Session.public_id).join(Region, Region.session_id == Session.id).distinct()
        marked = tuple(transaction.scalars(of_regions.order_by(Session.public_id)))
    sessions = (*marked, crowded.crowd.session, crowded.crowd.continued)
    folder: Path = crowded.package(Scope(sessions=sessions), free_text=True, recruiter_ids=True)
    package = PackageFolder(folder)
    assert [name for name in SPECS if not any(package.rows(name))] == []
    return folder


@pytest.fixture(scope="module")
def empty(tmp_path_factory, catalogue) -> Iterator[Workspace]:
    """An installation that stays empty: nothing that is tried here is kept."""
    workspace = opened(tmp_path_factory.mktemp("empty"), catalogue)
    yield workspace
    workspace.close()


def copied(folder: Path, tmp_path: Path) -> Path:
    """A copy that shares its files until one is written anew."""
    target = tmp_path / "copy"
    shutil.copytree(folder, target, copy_function=os.link)
    return target


def rewrite(path: Path, data: bytes) -> None:
    path.unlink()
    path.write_bytes(data)


def rows_of(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def write_rows(path: Path, rows: list[list[str]]) -> None:
    path.unlink()
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def assert_refused(folder: Path, workspace: Workspace) -> None:
    """The checksums are right again, so everything else has to find it."""
    if (folder / "manifest.sha256").exists():
        (folder / "manifest.sha256").unlink()
        write_manifest(folder)
    with pytest.raises(PackageError) as refused:
        import_package(workspace, folder)
    assert str(refused.value).endswith(".")
    assert "nobody thought of" not in str(refused.value)
    assert_empty(workspace)
    try:
        said = [sentence for check in check_package(folder, None) for sentence in check.problems]
    except PackageError as error:
        said = [str(error)]
    assert said
    assert [sentence for sentence in said if "nobody thought of" in sentence] == []


def assert_empty(workspace: Workspace) -> None:
    with workspace.database.read() as transaction:
        for table in Base.metadata.sorted_tables:
            assert transaction.scalar(select(func.count()).select_from(table)) == 0, table.name
    assert [path for path in workspace.blobs.root.rglob("*") if path.is_file()] == []


def drop_a_column(path: Path, spec: TableSpec) -> None:
    rows = rows_of(path)
    place = rows[0].index(spec.needed[-1])
    write_rows(path, [row[:place] + row[place + 1 :] for row in rows])


def blank_a_cell(path: Path, spec: TableSpec) -> None:
    rows = rows_of(path)
    rows[-1][rows[0].index(spec.needed[-1])] = ""
    write_rows(path, rows)


def blank_a_key(path: Path, spec: TableSpec) -> None:
    rows = rows_of(path)
    rows[-1][rows[0].index(spec.key[-1])] = ""
    write_rows(path, rows)


def say_a_row_twice(path: Path, spec: TableSpec) -> None:
    rows = rows_of(path)
    write_rows(path, [*rows, rows[-1]])


def end_within_a_row(path: Path, spec: TableSpec) -> None:
    rows = rows_of(path)
    rows[-1] = rows[-1][: len(rows[-1]) // 2]
    write_rows(path, rows)


def be_no_text(path: Path, spec: TableSpec) -> None:
    rewrite(path, b"\xff\xfe" + path.read_bytes()[:200])


@pytest.mark.parametrize(
    "damage", [drop_a_column, blank_a_cell, blank_a_key, say_a_row_twice, end_within_a_row, be_no_text]
)
@pytest.mark.parametrize("name", SPECS)
def test_a_broken_table_is_refused(sound, empty, tmp_path, name, damage):
    folder = copied(sound, tmp_path)
    package = PackageFolder(folder)
    damage(package.path(package.paths[name]), SPECS[name])
    assert_refused(folder, empty)


@pytest.mark.parametrize("name", [name for name in SPECS if name not in ALONE])
def test_an_id_that_leads_nowhere_is_refused(sound, empty, tmp_path, name):
    folder = copied(sound, tmp_path)
    package = PackageFolder(folder)
    path = package.path(package.paths[name])
    rows = rows_of(path)
    refers = [column.name for column in SPECS[name].columns if column.refers]
    refers += {"models": ["label_set"], "participants": ["study"]}.get(name, [])
    for column in refers:
        place = rows[0].index(column)
        row = next((row for row in rows[1:] if row[place]), None)
        if row is None:
            continue
        kept, row[place] = row[place], "Z9"
        write_rows(path, rows)
        assert_refused(folder, empty)
        row[place] = kept


def without(key: str) -> Callable[[Any], Any]:
    return lambda content: {name: value for name, value in content.items() if name != key}


def changed(name: str, change: Callable[[Any], Any]) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        path = folder / name
        rewrite(path, json.dumps(change(json.loads(path.read_bytes()))).encode())

    return act


def cut(pattern: str) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        path = sorted(folder.glob(pattern))[0]
        rewrite(path, path.read_bytes()[: path.stat().st_size // 2])

    return act


def exchanged(pattern: str) -> Callable[[Path], None]:
    """Two files of a kind under each other's names."""

    def act(folder: Path) -> None:
        first, *_, last = sorted(folder.glob(pattern), key=lambda path: path.stat().st_size)
        one, other = first.read_bytes(), last.read_bytes()
        assert one != other
        rewrite(first, other)
        rewrite(last, one)

    return act


@pytest.mark.parametrize(
    "damage",
    [
        cut("data/masks/*.png"),
        cut("data/pictures/*.png"),
        cut("materials/pictures/*.png"),
        cut("data/maps/*.npy"),
        cut("data/probabilities.parquet"),
        cut("materials/studies/*.yaml"),
        cut("datapackage.json"),
        exchanged("data/masks/*.png"),
        exchanged("data/pictures/*.png"),
        lambda folder: next((folder / "data/masks").iterdir()).unlink(),
        lambda folder: (folder / "data/probabilities.parquet").unlink(),
        lambda folder: (folder / "manifest.sha256").unlink(),
        changed("datapackage.json", without("resources")),
        changed("datapackage.json", lambda content: content | {"resources": None}),
        changed("datapackage.json", lambda content: content | {"resources": content["resources"][:-5]}),
        changed("datapackage.json", lambda _content: []),
    ],
)  # fmt: skip
def test_a_broken_file_is_refused(sound, empty, tmp_path, damage):
    folder = copied(sound, tmp_path)
    damage(folder)
    assert_refused(folder, empty)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (changed("dataset_description.json", lambda content: content | {"variableMeasured": None}), "variableMeasured"),
        (changed("dataset_description.json", lambda content: content["variableMeasured"]), "is no object"),
        (changed("data/regions.coco.json", without("annotations")), "is not in data/regions.coco.json"),
        (
            changed(
                "data/regions.coco.json",
                lambda content: (
                    content | {"annotations": [*content["annotations"], content["annotations"][0] | {"name": "E99"}]}
                ),
            ),
            "has a mask 'E99' that is in no table",
        ),
        (
            changed(
                "data/regions.coco.json",
                lambda content: (
                    content
                    | {
                        "annotations": [
                            one | {"segmentation": content["annotations"][0]["segmentation"]}
                            for one in content["annotations"]
                        ]
                    }
                ),
            ),
            "has another mask",
        ),
    ],
)
def test_what_is_no_part_of_the_tables_is_checked_too(sound, tmp_path, damage, says):
    folder = copied(sound, tmp_path)
    damage(folder)
    (folder / "manifest.sha256").unlink()
    write_manifest(folder)
    said = " ".join(sentence for check in check_package(folder, None) for sentence in check.problems)
    assert says in said
    assert "nobody thought of" not in said


@pytest.mark.parametrize(
    ("table", "column", "says"),
    [
        ("images", "working_sha256", "is another file than the table says"),
        ("images", "pixels_sha256", "has other pixels than the table says"),
        ("edits", "result_sha256", "is another file than the table says"),
        ("studies", "design_sha256", "is another design than the table says"),
        ("predictions", "top_class_index", "the most probable class"),
        ("top", "probability", "has other probabilities"),
    ],
)
def test_what_the_tables_say_of_files_is_checked(sound, tmp_path, table, column, says):
    folder = copied(sound, tmp_path)
    package = PackageFolder(folder)
    path = package.path(package.paths[table])
    rows = rows_of(path)
    place = rows[0].index(column)
    rows[1][place] = {"sha256": "0" * 64, "index": "0"}.get(column.rpartition("_")[2], "0.9999")
    write_rows(path, rows)
    said = " ".join(sentence for check in check_package(folder, None) for sentence in check.problems)
    assert says in said


def test_the_commands_say_it_in_a_line(run, sound, tmp_path):
    folder = copied(sound, tmp_path)
    package = PackageFolder(folder)
    drop_a_column(package.path(package.paths["metrics"]), SPECS["metrics"])
    (folder / "manifest.sha256").unlink()
    write_manifest(folder)
    status, out, _ = run("verify", "--no-models", folder)
    assert status == 1
    assert "tables: wrong" in out
    status, out, err = run("import", folder)
    assert (status, out) == (1, "")
    assert len(err.strip().splitlines()) == 1


def test_being_asked_to_end_leaves_nothing(run, crowded, tmp_path, monkeypatch):
    def end(done: int, _total: int) -> None:
        if done == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr("dashboard.exports.command.show_progress", end)
    target = tmp_path / "out"
    for name in ("package", "package.zip"):
        data = crowded.workspace.settings.data_dir
        chosen = ("--session", crowded.crowd.session, "-o", target / name)
        assert run("--data-dir", data, "export", *chosen)[0] == 128 + signal.SIGTERM
        assert list(target.iterdir()) == []


def test_importing_twice_is_said(run, crowded, catalogue, monkeypatch):
    monkeypatch.setattr("dashboard.recording.workspace.Catalogue", lambda *_: catalogue)
    folder = crowded.package(Scope(study="crowded"))
    assert run("import", folder)[0] == 0
    status, out, _ = run("import", folder)
    assert status == 0
    assert "4 participants look like some that were there already" in out


def test_what_fails_late_leaves_no_file(sound, empty, monkeypatch):
    def fail(*_arguments: object) -> None:
        raise PackageError("Not today.")

    monkeypatch.setattr("dashboard.exports.package.rows_in.RowsIn._events", fail)
    with pytest.raises(PackageError, match="Not today"):
        import_package(empty, sound)
    assert_empty(empty)
