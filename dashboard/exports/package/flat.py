"""Answers for SPSS and R: a row for each value; and a row for each participant, with a column for each measure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from typing import Any

from dashboard.exports.package.columns import Column, TableSpec
from dashboard.exports.package.tables import WIDE
from dashboard.studies.results.rows import Person, Said, StudyRows, TrialRow

# Of a trial's answers, those that are measures.
MEASURES = {
    "mark": ("sure",),
    "erase": ("flipped", "edits", "removed_area"),
    "explore": ("edits",),
    "predict": ("class", "change", "sure", "right_class", "right_change"),
    "compare": ("more_like_me",),
    "rate": (),
}
LONGEST_NAME = 60  # SPSS takes 64
Place = tuple[str, str | None, tuple[tuple[str, str], ...], str]


@dataclass(frozen=True)
class Measured:
    """One value: of which participant, where, and of what."""

    person: str
    trial: TrialRow | None
    where: str
    picture: str | None
    measure: str
    value: float | None
    word: str | None


def long_rows(
    rows: StudyRows, pictures: dict[str, str], people: dict[str, str], *, flagged: bool
) -> Iterator[dict[str, Any]]:
    """Rows of the table "long"; the names of pictures and participants in the package by their ids here.

    ``flagged``: says who was excluded.
    """
    by_name = {one.name: one for one in rows.people}
    for one in measures(rows):
        person, trial = by_name[one.person], one.trial
        if person.id not in people:
            continue
        yield {
            "participant_id": people[person.id],
            "condition": person.condition,
            "excluded": person.excluded is not None if flagged else None,
            "position": trial.position if trial else None,
            "block": trial.block if trial else None,
            "trial": one.where,
            "trial_kind": trial.kind if trial else None,
            "image_id": pictures.get(one.picture or ""),
            "image_name": trial.picture_name if trial else None,
            "class_name": trial.class_name if trial else None,
            "levels": trial.levels if trial else {},
            "measure": one.measure,
            "value": one.value,
            "word": one.word,
        }


def wide_tables(
    studies: Sequence[tuple[StudyRows, dict[str, str], dict[str, str]]], *, flagged: bool
) -> Iterator[tuple[str, TableSpec, list[dict[str, Any]]]]:
    """A table for each study, as each has measures of its own; arguments by study as those of ``long_rows``.

    Its study as its file's name has it, "" where it is the only one, the table with its columns, and its rows.
    """
    slugs = [rows.record.slug for rows, _, _ in studies]
    parts = study_parts(slugs) if len(slugs) > 1 else dict.fromkeys(slugs, "")
    taken: dict[str, Place] = {}
    for slug, one in zip(slugs, studies, strict=True):
        columns, values = _wide_table(*one, taken, flagged)
        spec = replace(WIDE, columns=WIDE.columns + columns)
        if parts[slug]:
            spec = replace(spec, name=f"{WIDE.name}-{slug}", row=f"{WIDE.row} of the study “{slug}”")
        yield parts[slug], spec, values


def study_part(name: str) -> str:
    """A name as a file's has it for the study: letters and digits alone."""
    return re.sub(r"[^0-9A-Za-z]", "", name) or "study"


def study_parts(slugs: Iterable[str]) -> dict[str, str]:
    """``study_part`` of several studies, each another one: slugs may differ in a hyphen alone."""
    found: dict[str, str] = {}
    for slug in slugs:
        part = study_part(slug)
        names = chain([part], (f"{part}{number}" for number in count(2)))
        found[slug] = next(name for name in names if name not in found.values())
    return found


def _wide_table(
    rows: StudyRows, pictures: dict[str, str], people: dict[str, str], taken: dict[str, Place], flagged: bool
) -> tuple[tuple[Column, ...], list[dict[str, Any]]]:
    """Columns and rows; ``taken``: what each name is of, as one means one thing in all tables of a package."""
    columns: dict[str, Column] = {}
    values = {one.name: _about(one, people, flagged) for one in rows.people if one.id in people}
    for one in measures(rows):
        if one.person not in values:
            continue
        name = _unique(variable_name(one, pictures), one, taken)
        is_word = one.word is not None or (one.value is None and name in columns and columns[name].kind == "text")
        known = columns.setdefault(name, _column(name, one, pictures, "text" if is_word else "number"))
        if is_word and known.kind == "number":
            columns[name] = replace(known, kind="text")
        values[one.person][name] = one.word if one.word is not None else one.value
    for name, column in columns.items():
        if column.kind == "text":
            for row in values.values():
                if isinstance(row.get(name), float):
                    row[name] = f"{row[name]:g}"
    return tuple(columns.values()), list(values.values())


def measures(rows: StudyRows) -> Iterator[Measured]:
    """Every value of every participant, in the order of trials and then of questions."""
    for trial in rows.trials:
        if trial.least_iou is not None:
            yield _measured(trial, "attention_iou", trial.answers.get("iou"))
            continue
        yield _measured(trial, "seconds", trial.seconds)
        for name in MEASURES[trial.kind]:
            yield _measured(trial, name, trial.answers.get(name))
        if trial.kind == "mark":
            yield _measured(trial, "marked", not trial.is_empty)
    places = _trials_by_place(rows.trials)
    for said in rows.said:
        trial_row = places.get((said.person, said.where, said.picture, tuple(sorted(said.levels.items()))))
        yield from _said(said, trial_row)


def _unique(name: str, one: Measured, taken: dict[str, Place]) -> str:
    """The name, with a number where another measure has it already."""
    place = (one.where, one.picture, _within(one), one.measure)
    number, candidate = 1, name
    while taken.setdefault(candidate.lower(), place) != place:
        number += 1
        candidate = f"{name}_{number}"
    return candidate


def variable_name(one: Measured, pictures: dict[str, str]) -> str:
    """A name of letters, digits and underscores: trial, picture, levels, measure."""
    levels = "_".join(f"{key}_{level}" for key, level in _within(one))
    parts = (one.where, pictures.get(one.picture or "", ""), levels, one.measure)
    name = re.sub(r"[^0-9A-Za-z]+", "_", "_".join(filter(None, parts))).strip("_")
    return (name if name[:1].isalpha() else f"v_{name}")[:LONGEST_NAME]


def _within(one: Measured) -> tuple[tuple[str, str], ...]:
    """The levels that differ between the trials of one participant."""
    if one.trial is None:
        return ()
    between = set(one.trial.condition.replace(",", " ").split())
    return tuple((key, level) for key, level in sorted(one.trial.levels.items()) if f"{key}={level}" not in between)


def _about(person: Person, people: dict[str, str], flagged: bool) -> dict[str, Any]:
    return {
        "participant_id": people[person.id],
        "condition": person.condition,
        "participant_state": person.state,
        "language": person.language,
        "excluded": person.excluded is not None if flagged else None,
    }


def _column(name: str, one: Measured, pictures: dict[str, str], kind: Any) -> Column:
    of = f", picture {pictures[one.picture]}" if one.picture and one.picture in pictures else ""
    levels = ", ".join(f"{key} {level}" for key, level in _within(one))
    unit = "s" if one.measure == "seconds" else ""
    sentence = f"{one.measure} in {one.where}{of}{f' ({levels})' if levels else ''}"
    return Column(name, kind, sentence, unit)


def _measured(trial: TrialRow, measure: str, value: Any) -> Measured:
    number, word = _split(value)
    return Measured(trial.person, trial, trial.trial, trial.picture, measure, number, word)


def _said(said: Said, trial: TrialRow | None) -> Iterator[Measured]:
    if isinstance(said.value, list):
        for option in said.value:
            yield Measured(said.person, trial, said.where, said.picture, f"{said.question}_{option}", 1.0, None)
        return
    number, word = _split(said.value)
    yield Measured(said.person, trial, said.where, said.picture, said.question, number, word)


def _split(value: Any) -> tuple[float | None, str | None]:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None, None
    if isinstance(value, bool | int | float):
        return float(value), None
    return None, str(value)


def _trials_by_place(
    trials: Iterable[TrialRow],
) -> dict[tuple[str, str, str | None, tuple[tuple[str, str], ...]], TrialRow]:
    return {(one.person, one.trial, one.picture, tuple(sorted(one.levels.items()))): one for one in trials}
