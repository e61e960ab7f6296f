"""Whether a package is what it says: files, the rules of Psych-DS, types and keys, masks, the models' answers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.exports.package import manifest
from dashboard.exports.package.annotated import annotation_problems
from dashboard.exports.package.cells import head_of, rows_of
from dashboard.exports.package.checking_studies import study_problems
from dashboard.exports.package.columns import Column, TableSpec
from dashboard.exports.package.folder import DESCRIPTION, PackageFolder
from dashboard.vision import rle
from dashboard.vision.classifiers import Catalogue
from dashboard.vision.errors import RegionscopeError
from dashboard.vision.images import pixel_hash

# https://github.com/psych-ds/psych-DS, schema 1.5: rules/files/tabular_data/data.yaml
_FILE_NAME = re.compile(r"([a-z]+-[a-zA-Z0-9]+)(_[a-z]+-[a-zA-Z0-9]+)*_data\.(csv|tsv)")
_KEYWORDS = {"study", "site", "subject", "session", "task", "condition", "trial", "stimulus", "description"}
TOLERANCE = 1e-4
AREA_TOLERANCE = 1e-9
MOST_SAID = 20
# What reading raises where a value has another form than everybody expects; a package may come from anywhere.
WRONG = (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError)


@dataclass
class Check:
    """One kind of check: how many things were looked at, and what is wrong, a sentence each."""

    name: str
    looked_at: int = 0
    problems: list[str] = field(default_factory=list)
    note: str = ""

    def say(self, sentence: str) -> None:
        """Something is wrong."""
        self.problems.append(sentence)

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def check_package(folder: Path, catalogue: Catalogue | None) -> list[Check]:
    """All checks; without a ``catalogue`` the models are not asked. Raises PackageError for what is no package."""
    files = Check("files")
    files.problems = list(manifest.differences(folder))
    files.looked_at = len(manifest.read_manifest(folder))
    checks = [files, _noting("Psych-DS", lambda check: _psych_ds(folder, check))]
    package = PackageFolder(folder)
    checks.append(_noting("tables", lambda check: check_tables(package, check)))
    if not checks[-1].passed:
        checks[-1].note = "What the tables say of files, masks and answers was not looked at, as they are wrong."
        return checks
    checks.append(_noting("sums", lambda check: _sums(package, check)))
    checks.append(_noting("masks", lambda check: _masks(package, check)))
    checks.append(_noting("probabilities", lambda check: _probabilities(package, check)))
    if catalogue is not None:
        checks.append(_noting("answers", lambda check: _answers(package, catalogue, check)))
    return checks


def _noting(name: str, look: Callable[[Check], None]) -> Check:
    check = Check(name)
    try:
        look(check)
    except RegionscopeError as error:
        check.say(str(error))
    except WRONG as error:
        check.say(f"This is wrong in a way that nobody thought of ({type(error).__name__}: {error}).")
    return check


def _psych_ds(folder: Path, check: Check) -> None:
    for sentence in psych_ds_problems(folder):
        check.say(sentence)
    check.looked_at = len(list((folder / "data").rglob("*_data.csv")))


def psych_ds_problems(folder: Path) -> Iterator[str]:
    """What the rules of Psych-DS 1.5 call an error, a sentence each."""
    description = PackageFolder(folder).json(DESCRIPTION)
    if not isinstance(description, dict):
        yield f"{DESCRIPTION} is no object."
        return
    for key in ("name", "description", "variableMeasured"):
        if not description.get(key):
            yield f"{DESCRIPTION} has no {key}."
    if description.get("@type") not in ("Dataset", "https://schema.org/Dataset"):
        yield f"{DESCRIPTION} is not of the type Dataset."
    if "schema.org" not in str(description.get("@context")):
        yield f"{DESCRIPTION} is not in the vocabulary of schema.org."
    for name in ("README.md", "CHANGES.md"):
        if not (folder / name).is_file():
            yield f"There is no {name}."
    described = description.get("variableMeasured") or []
    measured = [one.get("name") if isinstance(one, dict) else one for one in described]
    if len(set(measured)) < len(measured):
        yield "A variable is described twice."
    tables = sorted((folder / "data").rglob("*_data.*"))
    if not tables:
        yield "There is no table in data/."
    used: set[str] = set()
    for path in tables:
        if not _FILE_NAME.fullmatch(path.name):
            yield f"{path.name} is not named as Psych-DS wants it."
        unofficial = {part.partition("-")[0] for part in path.stem.split("_")[:-1]} - _KEYWORDS
        if unofficial:
            yield f"{path.name} has the keyword {sorted(unofficial)[0]}, which is not one of Psych-DS."
        head = head_of(path)
        used |= set(head)
        if len(set(head)) < len(head):
            yield f"{path.name} has two columns of one name."
        ids = [row["row_id"] for row in rows_of(path, [Column("row_id", "text", "")])]
        if "row_id" in head and len(set(ids)) < len(ids):
            yield f"{path.name} has a row_id twice."
    for name in sorted(used - set(measured)):
        yield f"The column {name} is not described in variableMeasured."
    for name in sorted(set(map(str, measured)) - used):
        yield f"The variable {name} is in no table."


def check_tables(package: PackageFolder, check: Check) -> None:
    """Every table: its columns, keys, values within their ranges, and that each key that is named is there."""
    keys: dict[str, set[Any]] = {}
    for name in package.paths:
        spec = package.spec(name)
        described = [str(one.get("name")) for one in package.fields[name]]
        if described != [column.name for column in spec.columns]:
            check.say(f"The table {name} has other columns than datapackage.json says.")
        known = keys[name] = set()
        for row in package.rows(name):
            check.looked_at += 1
            key = tuple(row[column] for column in spec.key)
            if None in key:
                check.say(f"A row of {name} has no key.")
            elif key in known:
                check.say(f"The table {name} has two rows {key[0]!r}.")
            known.add(key)
            for sentence in (*_empty(spec, row), *_out_of_range(spec, row)):
                check.say(sentence)
    label_sets = {key[0] for key in keys["classes"]}
    for name in package.paths:
        _references(package, name, keys, check)
    for row in package.rows("models"):
        if row["label_set"] not in label_sets:
            check.say(f"models: the label set {row['label_set']!r} has no classes.")
    for row in package.rows("predictions"):
        if (row["image_id"] is None) == (row["edit_id"] is None):
            check.say(f"predictions: {row['prediction_id']!r} is of a picture or of an edit, and of one alone.")
    if not check.problems:
        for sentence in (*study_problems(package), *annotation_problems(package)):
            check.say(sentence)


def _empty(spec: TableSpec, row: dict[str, Any]) -> Iterator[str]:
    for name in spec.needed:
        if row[name] is None and name not in spec.key:
            yield f"{spec.name}: {name} of {row[spec.key[0]]!r} is empty."


def _out_of_range(spec: TableSpec, row: dict[str, Any]) -> Iterator[str]:
    for column in spec.columns:
        value = row[column.name]
        if value is None:
            continue
        too_small = column.least is not None and value < column.least
        too_large = column.most is not None and value > column.most
        if too_small or too_large or (column.levels and value not in column.levels):
            yield f"{spec.name}: {column.name} cannot be {value!r}."


def _references(package: PackageFolder, name: str, keys: dict[str, set[Any]], check: Check) -> None:
    refers = [column for column in package.spec(name).columns if column.refers in keys]
    versioned = name == "participants"
    for row in package.rows(name):
        for column in refers:
            value = row[column.name]
            if value is not None and (value,) not in keys[column.refers]:
                check.say(f"{name}: {column.name} {value!r} is in no row of {column.refers}.")
        if versioned and (row["study"], row["study_version"]) not in keys["studies"]:
            check.say(f"{name}: the study {row['study']!r} has no version {row['study_version']}.")


def _sums(package: PackageFolder, check: Check) -> None:
    """Files against the checksums and sizes that the tables have of them."""
    for row in package.rows("images"):
        for kind in ("original", "working"):
            _sum(package, row[f"{kind}_file"], row[f"{kind}_sha256"], check)
        if row["original_file"] and pixel_hash(package.picture(row["original_file"])) != row["pixels_sha256"]:
            check.say(f"{row['original_file']} has other pixels than the table says.")
    sizes = {row["image_id"]: (row["working_height"], row["working_width"]) for row in package.rows("images")}
    for row in package.rows("maps"):
        check.looked_at += 1
        if package.map(row["file"]).shape != sizes[row["image_id"]]:
            check.say(f"{row['file']} has another size than its picture.")
    for row in package.rows("edits"):
        _sum(package, row["result_file"], row["result_sha256"], check)
    for row in package.rows("studies"):
        check.looked_at += 1
        if package.design(row["design_file"]).sha256 != row["design_sha256"]:
            check.say(f"{row['design_file']} is another design than the table says.")


def _sum(package: PackageFolder, name: str | None, sha256: str, check: Check) -> None:
    if name is None:
        return
    check.looked_at += 1
    if hashlib.sha256(package.bytes(name)).hexdigest() != sha256:
        check.say(f"{name} is another file than the table says.")


def _masks(package: PackageFolder, check: Check) -> None:
    content = package.json("data/regions.coco.json")
    annotations = {str(one["name"]): one for one in content.get("annotations") or ()}
    for table, key in (("edits", "edit_id"), ("regions", "region_id")):
        for row in package.rows(table):
            check.looked_at += 1
            mask = package.mask(row["mask_file"])
            if abs(mask.mean() - row["mask_area"]) > AREA_TOLERANCE:
                check.say(f"The mask of {row[key]} covers another share of the picture than the table says.")
            found = annotations.pop(row[key], None)
            if found is None:
                check.say(f"{row[key]} is not in data/regions.coco.json.")
            elif found["area"] != int(mask.sum()) or not _is_same_mask(found["segmentation"], mask):
                check.say(f"{row[key]} has another mask in data/regions.coco.json.")
    for name in annotations:
        check.say(f"data/regions.coco.json has a mask {name!r} that is in no table.")


def _is_same_mask(written: Any, mask: NDArray[np.bool_]) -> bool:
    if list(written["size"]) != list(mask.shape):
        return False
    return bool((rle.decode({"size": list(written["size"]), "counts": str(written["counts"])}) == mask).all())


def _probabilities(package: PackageFolder, check: Check) -> None:
    """The tables of answers against all probabilities."""
    ranked = groupby(package.rows("top"), key=lambda row: row["prediction_id"])
    for row, values in package.answers():
        check.looked_at += 1
        name = row["prediction_id"]
        if abs(float(values[row["top_class_index"]]) - row["top_probability"]) > TOLERANCE:
            check.say(f"predictions: {name} has another probability in data/probabilities.parquet.")
        of, rows = next(ranked, (None, iter(())))
        if of != name or any(abs(float(values[one["class_index"]]) - one["probability"]) > TOLERANCE for one in rows):
            check.say(f"top: {name} has other probabilities in data/probabilities.parquet.")


def _answers(package: PackageFolder, catalogue: Catalogue, check: Check) -> None:
    weights = {row["model_id"]: (row["model_key"], row["weights_sha256"]) for row in package.rows("models")}
    files = {row["image_id"]: row["working_file"] for row in package.rows("images")}
    files |= {row["edit_id"]: row["result_file"] for row in package.rows("edits")}
    not_asked: dict[str, None] = {}
    for row, recorded in package.answers():
        key, sha256 = weights[row["model_id"]]
        file = files.get(row["edit_id"] or row["image_id"])
        if file is None:
            not_asked["Some pictures are not in the package."] = None
            continue
        try:
            classifier = catalogue.load(key)
        except RegionscopeError as error:
            not_asked[f"{key} cannot be asked: {error}"] = None
            continue
        if classifier.card.weights_sha256 != sha256:
            not_asked[f"{key} has other weights here."] = None
            continue
        check.looked_at += 1
        now = classifier.answer(package.picture(file)[None]).probabilities[0]
        if now.shape != recorded.shape or float(np.abs(now - recorded).max()) > TOLERANCE:
            check.say(f"{key} answers otherwise to {file} than {row['prediction_id']} says.")
    check.note = " ".join(not_asked)
