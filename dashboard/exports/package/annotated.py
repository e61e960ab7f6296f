"""What researchers put on figures, as it lies in a package: one file that calls everything by the package's names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from dashboard.exports.figures.annotations import Annotation, choices_key, parse_annotations
from dashboard.exports.figures.look import FigureError
from dashboard.exports.package.cells import PackageError
from dashboard.exports.package.folder import PackageFolder
from dashboard.exports.package.keeping_rows import KEYED
from dashboard.exports.package.numbering import restore
from dashboard.recording.comparison_url import parse_items
from dashboard.recording.ids import RequestError

FILE = "materials/annotations.json"
NameOf = Callable[[str], str | None]
_FIELDS = {"kind", "of", "choices", "annotations"}
_KIND = re.compile("[a-z]{1,32}")
_LONGEST = 1024


@dataclass(frozen=True)
class Annotated:
    """A figure, by its kind, what it is of and its choices that are not the usual ones, and what is on it."""

    kind: str
    of: str
    choices: dict[str, str]
    annotations: tuple[Annotation, ...]

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from other figures."""
        return self.kind, self.of, choices_key(self.choices)


def renamed(of: str, name_of: NameOf, study_of: NameOf) -> str | None:
    """What a figure is of, by other names; None where something has none."""
    if ":" not in of:
        return name_of(of) or study_of(of)

    def known(name: str, what: str) -> str:
        found = name_of(name)
        if found is None:
            raise RequestError(f"There is no {what} {name[:40]!r}.")
        return found

    items = parse_items(of, known)
    return None if items.problems else ",".join(map(str, items.references))


def read_annotated(package: PackageFolder, id_of: Callable[[str], str] = str) -> Iterator[Annotated]:
    """The file's figures, none where a package of before has no file; raises PackageError.

    ``id_of``: what stands in words for what the package has a name for.
    """
    if not package.path(FILE).is_file():
        return
    content = package.json(FILE)
    if not isinstance(content, list):
        raise PackageError(f"{FILE} is no list of figures.")
    for number, one in enumerate(content, 1):
        yield _read(one, f"{FILE}, figure {number}", id_of)


def _read(given: Any, name: str, id_of: Callable[[str], str]) -> Annotated:
    if not isinstance(given, dict) or set(given) != _FIELDS:
        raise PackageError(f"{name} has other fields than {', '.join(sorted(_FIELDS))}.")
    kind, of, choices = given["kind"], given["of"], given["choices"]
    if not isinstance(kind, str) or not _KIND.fullmatch(kind) or not isinstance(of, str):
        raise PackageError(f"{name}: its kind and what it is of are names.")
    are_texts = isinstance(choices, dict) and all(isinstance(value, str) for value in choices.values())
    if not are_texts or len(choices_key(choices)) > _LONGEST:
        raise PackageError(f"{name}: its choices are texts by their names.")
    try:
        return Annotated(kind, of, choices, parse_annotations(restore(given["annotations"], id_of)))
    except FigureError as error:
        raise PackageError(f"{name}: {error}") from error


def annotation_problems(package: PackageFolder) -> Iterator[str]:
    """What is wrong, a sentence each; the tables' own rules hold already."""
    there = {row[key]: row[key] for table, key in KEYED for row in package.rows(table)}
    studies = {row["study"]: row["study"] for row in package.rows("studies")}
    seen: set[tuple[str, str, str]] = set()
    for one in read_annotated(package):
        if renamed(one.of, there.get, studies.get) is None:
            yield f"{FILE}: {one.of[:80]!r} is not in the package."
        if one.key in seen:
            yield f"{FILE} has two entries for one figure of {one.of[:80]!r}."
        seen.add(one.key)
