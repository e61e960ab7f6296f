"""Writing a package: whole, or not at all."""

from __future__ import annotations

import errno
import re
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as arrow
from pyarrow import parquet

from dashboard import __version__
from dashboard.exports.package import describing
from dashboard.exports.package.about import about_package, sentences
from dashboard.exports.package.added import add_results
from dashboard.exports.package.annotated import FILE
from dashboard.exports.package.cells import PackageError, TableFile
from dashboard.exports.package.choosing import Choices, Scope, choose
from dashboard.exports.package.coco import REMOVED, CocoFile
from dashboard.exports.package.columns import TableSpec
from dashboard.exports.package.describing import About, WrittenTable, write_json
from dashboard.exports.package.flat import long_rows, study_part, wide_tables
from dashboard.exports.package.manifest import sha256_of, write_manifest
from dashboard.exports.package.metrics import METRICS
from dashboard.exports.package.numbering import Names
from dashboard.exports.package.put_on_figures import on_figures
from dashboard.exports.package.removing import Removing
from dashboard.exports.package.rows import Reader, top_rows
from dashboard.exports.package.steps import Progress, Steps
from dashboard.exports.package.studied import chosen_studies
from dashboard.exports.package.tables import TABLES, WIDE
from dashboard.exports.package.workings import Workings, steps, work_out
from dashboard.numbers import counted
from dashboard.recording.ids import new_id
from dashboard.recording.workspace import Workspace
from dashboard.studies.design import Design
from dashboard.studies.design_yaml import to_yaml
from dashboard.studies.results.rows import StudyRows
from dashboard.vision import rle
from dashboard.vision.masks import encode_mask

PARQUET_ROWS = 256
FOLDERS = ("data/masks", "data/pictures", "data/maps", "materials/pictures", "materials/studies", "materials/models",
           "documentation", "analysis", "results")  # fmt: skip


@dataclass(frozen=True)
class Summary:
    """What was written: rows by table, the sentences about what was left out, and how many bytes."""

    folder: Path
    rows: dict[str, int]
    left_out: tuple[str, ...]
    counted: tuple[str, ...]
    size: int


@dataclass
class _Writer:
    """A package in the making, in a folder that nobody else knows."""

    workspace: Workspace
    reader: Reader
    folder: Path
    study: str
    step: Steps
    tables: list[WrittenTable] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def table(self, name: str, spec: TableSpec | None = None, study: str = "") -> Iterator[TableFile]:
        """A table to be filled; it is listed in the order in which tables are begun. ``study``: of that one alone."""
        spec = (spec or _spec(name)).without(self.reader.choices.left_out)
        path = f"data/study-{study or self.study}_subject-all_description-{name}_data.csv"
        place = len(self.tables)
        self.tables.append(WrittenTable(spec, path, 0))
        with (self.folder / path).open("w", newline="", encoding="utf-8") as file:
            table = TableFile(file, spec.columns)
            yield table
        self.tables[place] = WrittenTable(spec, path, table.rows)

    def fill(self, name: str, rows: Iterable[dict[str, Any]]) -> None:
        """Writes a table that is nothing but its rows."""
        with self.table(name) as table:
            for row in rows:
                table.add(row)

    def copy(self, sha256: str, name: str | None) -> None:
        """Copies a kept picture; None: it is left out."""
        if name is not None:
            shutil.copyfile(self.workspace.blobs.existing(sha256), self.folder / name)


def write_package(
    workspace: Workspace,
    scope: Scope,
    choices: Choices,
    target: Path,
    progress: Progress = lambda _done, _total: None,
) -> Summary:
    """Writes a package into ``target``, a folder that is not there yet or empty.

    While it is written it lies beside it under another name; whatever stops it, nothing of it stays. Raises
    PackageError where it cannot be written, NotFoundError for an unknown session, picture or study.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise PackageError(f"{target} is there already, and not empty.")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.parent / f".{target.name}.{new_id()[-12:]}.part"
    try:
        summary = _write(workspace, scope, choices, partial, progress)
        if target.is_dir():
            target.rmdir()
        partial.rename(target)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise PackageError("The disk is full; what was written of the package was removed.") from error
        raise PackageError(f"The package could not be written ({error.strerror}).") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return replace(summary, folder=target)


def _write(workspace: Workspace, scope: Scope, choices: Choices, folder: Path, progress: Progress) -> Summary:
    step = _work_out(workspace, scope, choices, progress)
    for name in FOLDERS:
        (folder / name).mkdir(parents=True)
    with workspace.database.read() as transaction:
        chosen = choose(transaction, scope, choices)
        names = Names(transaction, chosen, choices)
        writer = _Writer(workspace, Reader(transaction, chosen, choices, names), folder, _study_key(scope), step)
        designs = _studies(writer)
        studies = chosen_studies(workspace, transaction, chosen, choices)
        _recorded(writer)
        workings = Workings(workspace, writer.reader, studies)
        removing = Removing(workings.models, step)
        _worked_out(writer, workings)
        writer.fill("effects", removing.effects())
        writer.fill("curves", removing.curves())
        writer.fill("events", writer.reader.events())
        _flat(writer, studies)
        # Of some sessions' package a study's figure would be another one.
        unsaid = _put_on_figures(writer, () if scope.some else designs)
    about = about_package(
        scope,
        choices,
        chosen,
        writer.study,
        {table.spec.name: table.rows for table in writer.tables},
        designs,
        [*sentences(workings.skipped + removing.skipped), *unsaid],
        len(chosen.images) - len(writer.reader.pictures),
        writer.states,
    )
    return _described(writer, about, [] if scope.some else list(designs))


def _work_out(workspace: Workspace, scope: Scope, choices: Choices, progress: Progress) -> Steps:
    """Everything that may be recorded happens here, before what is exported is chosen for good."""
    with workspace.database.read() as transaction:
        chosen = choose(transaction, scope, choices)
        studies = chosen_studies(workspace, transaction, chosen, choices)
    rows = 2 * (len(chosen.edits) + len(chosen.images) + len(chosen.regions)) + 1
    step = Steps(progress, rows + steps(studies))
    work_out(workspace, studies, step)
    return step


def _recorded(writer: _Writer) -> None:
    """The tables of what was recorded, and their files."""
    reader = writer.reader
    _pictures(writer)
    writer.fill("models", _model_cards(writer))
    writer.fill("classes", reader.classes())
    writer.fill("participants", _counting(writer, reader.participants()))
    writer.fill("sessions", reader.sessions())
    writer.fill("trials", reader.trials())
    writer.fill("responses", reader.responses())
    _masks_and_answers(writer)


def _counting(writer: _Writer, people: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in people:
        writer.states[row["participant_state"]] += 1
        yield row


def _spec(name: str) -> TableSpec:
    return next(table for table in TABLES if table.name == name)


def _study_key(scope: Scope) -> str:
    """The value of "study" in file names: letters and digits alone."""
    return study_part(scope.study or ("everything" if scope.everything else "sessions"))


def _studies(writer: _Writer) -> dict[str, Design]:
    newest: dict[str, Design] = {}
    with writer.table("studies") as table:
        for row in writer.reader.studies():
            design = newest[row["study"]] = row["_design"]
            (writer.folder / row["design_file"]).write_text(to_yaml(design), encoding="utf-8")
            table.add(row)
    return newest


def _pictures(writer: _Writer) -> None:
    with writer.table("images") as table:
        for row in writer.reader.images():
            writer.copy(row["original_sha256"], row["original_file"])
            writer.copy(row["working_sha256"], row["working_file"])
            table.add(row)
            writer.step()


def _model_cards(writer: _Writer) -> Iterator[dict[str, Any]]:
    for row in writer.reader.models():
        write_json(writer.folder / f"materials/models/{row['model_id']}_{_file_part(row['model_key'])}.json", row)
        yield row


def _file_part(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z.-]", "_", text)[:60]


def _masks_and_answers(writer: _Writer) -> None:
    reader = writer.reader
    with CocoFile(writer.folder / "data/regions.coco.json") as coco:
        with writer.table("edits") as table:
            for row in reader.edits():
                _mask(writer, row, "edit_id", coco, REMOVED, row["_image"])
                writer.copy(row["result_sha256"], row["result_file"])
                table.add(row)
                writer.step()
        _answers(writer)
        with writer.table("regions") as table:
            for row in reader.regions():
                _mask(writer, row, "region_id", coco, row["class_name"], row["edit_id"] or row["image_id"])
                table.add(row)
                writer.step()


def _mask(writer: _Writer, row: dict[str, Any], key: str, coco: CocoFile, category: str, state: str) -> None:
    mask = rle.decode(row["_mask"])
    (writer.folder / row["mask_file"]).write_bytes(encode_mask(mask))
    files = {"image_id": f"materials/pictures/{state}.png", "edit_id": f"data/pictures/{state}.png"}
    is_edit = key == "region_id" and row["edit_id"] is not None
    coco.add(row[key], category, state, files["edit_id" if is_edit else "image_id"], row["_mask"], int(mask.sum()))


def _answers(writer: _Writer) -> None:
    shape = arrow.schema([("prediction_id", arrow.string()), ("probabilities", arrow.list_(arrow.float32()))])
    with (
        writer.table("predictions") as table,
        writer.table("top") as top,
        parquet.ParquetWriter(writer.folder / "data/probabilities.parquet", shape, compression="zstd") as file,
    ):
        waiting: list[dict[str, Any]] = []
        for row in writer.reader.predictions():
            table.add(row)
            for one in top_rows(row):
                top.add(one)
            waiting.append({"prediction_id": row["prediction_id"], "probabilities": row["_probabilities"]})
            if len(waiting) == PARQUET_ROWS:
                file.write_table(_arrow(waiting, shape))
                waiting = []
            writer.step()
        file.write_table(_arrow(waiting, shape))


def _arrow(rows: list[dict[str, Any]], shape: arrow.Schema) -> arrow.Table:
    names = arrow.array([row["prediction_id"] for row in rows], arrow.string())
    flat = np.concatenate([row["probabilities"] for row in rows]) if rows else np.zeros(0, np.float32)
    ends = np.cumsum([0, *(len(row["probabilities"]) for row in rows)]).astype(np.int32)
    values = arrow.ListArray.from_arrays(arrow.array(ends), arrow.array(flat, arrow.float32()))
    return arrow.Table.from_arrays([names, values], schema=shape)


def _worked_out(writer: _Writer, workings: Workings) -> None:
    """Numbers and maps that results follow from."""
    reader, place = writer.reader, 0
    with writer.table("metrics") as table:
        for rows in (reader.outcomes(), workings.marks()):
            for row in rows:
                place += 1
                table.add({"metric_id": f"X{place}", **row})
    with writer.table("maps") as table:
        if not reader.choices.maps:
            return
        for number, (about, values) in enumerate(workings.maps(), 1):
            name = f"data/maps/H{number}.npy"
            np.save(writer.folder / name, values, allow_pickle=False)
            table.add({"map_id": f"H{number}", "file": name, **about})


def _flat(writer: _Writer, studies: list[StudyRows]) -> None:
    if not studies:
        return
    names, flagged = writer.reader.names, writer.reader.choices.excluded == "flagged"
    renamed = [(rows, *_renamed(rows, names)) for rows in studies]
    place = 0
    with writer.table("long") as table:
        for one in renamed:
            for row in long_rows(*one, flagged=flagged):
                place += 1
                table.add({"long_id": f"V{place}", **row})
    for study, spec, values in wide_tables(renamed, flagged=flagged):
        with writer.table(WIDE.name, spec, study) as table:
            for row in values:
                table.add(row)


def _put_on_figures(writer: _Writer, studies: Collection[str]) -> list[str]:
    """Writes what researchers put on figures; says what of it was left out."""
    rows, left_out = on_figures(writer.reader, studies)
    write_json(writer.folder / FILE, rows)
    return [f"What was put on {counted(left_out, 'figure')}, as its words name somebody."] if left_out else []


def _renamed(rows: StudyRows, names: Names) -> tuple[dict[str, str], dict[str, str]]:
    pictures = {one.picture: name for one in rows.trials if (name := names.of_public(one.picture))}
    people = {one.id: name for one in rows.people if (name := names.of_public(one.id))}
    return pictures, people


def _described(writer: _Writer, about: About, slugs: list[str]) -> Summary:
    """Everything that says what is there; the results last, as they are made from all the rest."""
    folder, tables = writer.folder, writer.tables
    _describe(folder, tables, about)
    if problems := add_results(folder, slugs):
        about = replace(about, left_out=(*about.left_out, *problems))
    (folder / "README.md").write_text(describing.readme(about, tables), encoding="utf-8")
    for name in FOLDERS:
        if not any((folder / name).iterdir()):
            (folder / name).rmdir()
    write_manifest(folder)
    writer.step.end()
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return Summary(folder, {table.spec.name: table.rows for table in tables}, about.left_out, about.counted, size)


def _describe(folder: Path, tables: list[WrittenTable], about: About) -> None:
    paths = {table.spec.name: table.path for table in tables}
    hashes = {path: sha256_of(folder / path) for path in paths.values()}
    sizes = {path: (folder / path).stat().st_size for path in paths.values()}
    write_json(folder / "datapackage.json", describing.datapackage(about, tables, hashes, sizes))
    write_json(folder / "dataset_description.json", describing.dataset_description(about, tables))
    write_json(folder / "documentation/environment.json", describing.environment())
    (folder / "documentation/dictionary.md").write_text(describing.dictionary(tables), encoding="utf-8")
    (folder / "documentation/metrics.md").write_text(METRICS, encoding="utf-8")
    changes = f"# Changes\n\n## 1.0.0, {about.exported_at[:10]}\n\nExported by Regionscope {__version__}.\n"
    (folder / "CHANGES.md").write_text(changes, encoding="utf-8")
    (folder / ".psychds-ignore").write_text("".join(f"{name}\n" for name in describing.IGNORED), encoding="utf-8")
    _script(folder / "analysis/load.py", describing.python_snippet(paths))
    _script(folder / "analysis/load.R", describing.r_snippet(paths))


def _script(path: Path, lines: list[str]) -> None:
    path.write_text("# Run it in the package's folder.\n" + "\n".join(lines) + "\n", encoding="utf-8")
