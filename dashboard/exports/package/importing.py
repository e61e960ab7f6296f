"""Reading a package into an installation, empty or not: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.exports.package import carried, counting, manifest
from dashboard.exports.package.arriving import Arriving
from dashboard.exports.package.cells import PackageError
from dashboard.exports.package.checking import WRONG, Check, check_tables
from dashboard.exports.package.folder import PackageFolder
from dashboard.exports.package.keeping_rows import Imported, Row
from dashboard.exports.package.rows_in import TABLES, RowsIn
from dashboard.exports.package.steps import Progress, Steps
from dashboard.recording import everybody
from dashboard.recording.files import FILES
from dashboard.recording.workspace import Workspace
from dashboard.studies.results.marks import MAP, marks
from dashboard.studies.results.rows import read
from dashboard.studies.results.working_out import keep_measured
from db.engine import share
from db.models import Edit, Image, Model

WITH_FILES = ("images", "edits", "regions", "maps")


def import_package(
    workspace: Workspace, folder: Path, *, keep_ids: bool = False, progress: Progress = lambda _done, _total: None
) -> Imported:
    """Reads a package. ``keep_ids``: what has the same id here already is left as it is.

    Raises PackageError for a package that was changed, is incomplete or cannot be kept; then nothing was.
    """
    wrong = next(manifest.differences(folder), None)
    if wrong:
        raise PackageError(f"This is not the package that was written: {wrong}")
    try:
        return _import(workspace, PackageFolder(folder), keep_ids, progress)
    except WRONG as error:
        sentence = f"This package is wrong in a way that nobody thought of ({type(error).__name__}: {error})."
        raise PackageError(sentence) from error


def _import(workspace: Workspace, package: PackageFolder, keep_ids: bool, progress: Progress) -> Imported:
    check = Check("tables")
    check_tables(package, check)
    if check.problems:
        raise PackageError(check.problems[0])
    step = Steps(progress, sum(1 for name in WITH_FILES for _ in package.rows(name)) + TABLES + 1)
    files = Arriving(workspace, package)
    try:
        files.arrive(step)
        with workspace.database.write() as transaction:
            share(transaction, FILES)
            rows = RowsIn(transaction, package, files, keep_ids, step)
            rows.everything()
    except BaseException:
        files.take_back()
        raise
    _carry(workspace, rows)
    step.end()
    return rows.done


def _carry(workspace: Workspace, rows: RowsIn) -> None:
    """Keeps what was worked out: where the very same models are here as their own, else to be handed on."""
    with workspace.database.read() as transaction:
        here = {name: transaction.get_one(Model, number) for name, number in rows.rows.get("models", {}).items()}
        at_hand = {name for name, model in here.items() if carried.is_at_hand(workspace, transaction, model)}
        _carry_maps(workspace, transaction, rows, here, at_hand)
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows.package.rows("metrics"):
        if row["region_id"] is not None:
            of = found.setdefault((row["region_id"], row["model_id"]), {})
            of[row["metric"]] = row["word"] if row["word"] is not None else row["value"]
    ours: dict[tuple[str, str], dict[str, Any]] = {}
    for (region, model), numbers in found.items():
        carried.keep_numbers(workspace, rows.ids[region], here[model], numbers)
        if model in at_hand:
            ours[rows.ids[region], here[model].key] = numbers
    for slug in rows.done.studies.values() if ours else ():
        for one in marks(read(workspace, slug)):
            if (one.region, one.model) in ours:
                keep_measured(workspace, one, ours[one.region, one.model])
    _carry_effects(workspace, rows, here)
    _carry_curves(workspace, rows, here)


def _carry_effects(workspace: Workspace, rows: RowsIn, here: dict[str, Model]) -> None:
    for (region, model), of in _together(rows.package.rows("effects"), "region_id", "model_id"):
        carried.keep_rows_of_region(workspace, rows.ids[region], here[model], of)


def _carry_curves(workspace: Workspace, rows: RowsIn, here: dict[str, Model]) -> None:
    """Curves of what people marked, where just they count here too."""
    people = counting.people(rows.package.rows)
    names = {public_id: name for name, public_id in rows.ids.items()}
    for (image,), of_image in _together(rows.package.rows("curves"), "image_id"):
        found = everybody.regions_of(workspace, rows.ids[image])
        for (class_name, model), of in _together(of_image, "class_name", "model_id"):
            if counting.are_the_same(found.of_class(class_name), people.get((image, class_name), {}), names.get):
                carried.keep_rows_of_picture(workspace, found, class_name, here[model], of)


def _together(rows: Iterable[Row], *keys: str) -> Iterator[tuple[tuple[str, ...], list[Row]]]:
    """The rest of rows that follow each other with the same in these columns."""
    for values, some in groupby(rows, key=lambda row: tuple(row[key] for key in keys)):
        yield values, [{name: value for name, value in row.items() if name not in keys} for row in some]


def _carry_maps(
    workspace: Workspace, transaction: Transaction, rows: RowsIn, here: dict[str, Model], at_hand: set[str]
) -> None:
    """Maps but those that a model which is here gives whenever they are wanted."""
    for row in rows.package.rows("maps"):
        if row["model_id"] in at_hand and row["method"] == MAP:
            continue
        if row["edit_id"] is None:
            query = select(Image.working_blob).where(Image.id == rows.rows["images"][row["image_id"]])
        else:
            query = select(Edit.result_blob).where(Edit.id == rows.rows["edits"][row["edit_id"]])
        blob = transaction.scalars(query).one()
        values = rows.package.map(row["file"])
        carried.keep_map(workspace, blob, here[row["model_id"]], row["method"], row["class_index"], values)
