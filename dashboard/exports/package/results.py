"""A study's results from a package alone, without database and models: ``results(folder, slug)``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.exports.package.cells import PackageError
from dashboard.exports.package.columns import WITHOUT_REASON
from dashboard.exports.package.folder import PackageFolder
from dashboard.exports.package.numbering import restore
from dashboard.studies.design import Design
from dashboard.studies.results.marks import MAP, Group, Mark, other_group
from dashboard.studies.results.report import results_of
from dashboard.studies.results.rows import (
    COUNTED,
    LOST,
    Answered,
    Person,
    Said,
    StudyRows,
    TrialRow,
    trial_row,
    words_of,
    words_of_questionnaires,
)
from dashboard.studies.results.sections import Results
from dashboard.studies.results.together import standing_of
from dashboard.studies.store import StudyRecord

Row = dict[str, Any]


def results(folder: Path, slug: str | None = None, *, unfinished: bool = False) -> Results:
    """The results of the study (the only one, where none is named), the same as those of the installation.

    Raises PackageError where the package has no such study.
    """
    package = PackageFolder(folder)
    return results_of(PackageWorkings(package), study_rows(package, slug), unfinished=unfinished)


def study_rows(package: PackageFolder, slug: str | None = None) -> StudyRows:
    """What the participants of a study in the package answered."""
    designs: dict[int, Design] = {}
    newest: Row = {}
    slugs = list(dict.fromkeys(row["study"] for row in package.rows("studies")))
    wanted = slug if slug is not None else slugs[0] if len(slugs) == 1 else None
    if wanted is None or wanted not in slugs:
        raise PackageError(f"The package's studies are: {', '.join(slugs) or 'none'}.")
    for row in package.rows("studies"):
        if row["study"] == wanted:
            designs[row["study_version"]] = package.design(row["design_file"])
            newest = row
    people = {row["participant_id"]: _person(row) for row in package.rows("participants") if row["study"] == wanted}
    states = [one.state for one in people.values()]
    lost = Counter((one.condition, one.state) for one in people.values() if one.state in LOST)
    people = {name: one for name, one in people.items() if one.state in COUNTED}
    record = StudyRecord(
        slug=wanted,
        state="closed",
        version=newest["study_version"],
        quota=newest["quota"],
        design=designs[newest["study_version"]],
        people={state: states.count(state) for state in dict.fromkeys(states)},
        created_at=newest["created_at"],
    )
    return replace(_answered(package, record, people, designs), lost=lost)


def _answered(
    package: PackageFolder, record: StudyRecord, people: dict[str, Person], designs: dict[int, Design]
) -> StudyRows:
    pictures = {row["image_id"]: row["image_name"] for row in package.rows("images")}
    given = {
        (row["participant_id"], row["step"]): restore(row["answers"] or {}, str)
        for row in package.rows("responses")
        if row["participant_id"] in people
    }
    trials: list[TrialRow] = []
    said: list[Said] = []
    for row in package.rows("trials"):
        person = people.get(row["participant_id"])
        answers = given.get((row["participant_id"], f"trial:{row['position']}"))
        if person is None or answers is None or row["practice"]:
            continue
        plan = restore(row["plan"], str)
        answered = Answered(
            row["position"], plan, row["shown_client_ms"], row["answered_client_ms"], answers,
            given.get((row["participant_id"], f"questions:{row['position']}")),
        )  # fmt: skip
        trials.append(trial_row(person, answered, designs[person.version], pictures))
        said += words_of(person, answered)
    for name, person in people.items():
        steps = {step: answers for (who, step), answers in given.items() if who == name}
        said += words_of_questionnaires(person, designs[person.version], steps.get)
    return StudyRows(record, list(people.values()), trials, said)


def _person(row: Row) -> Person:
    return Person(
        id=row["participant_id"],
        name=row["participant_id"],
        condition=row["condition"],
        state=row["participant_state"],
        version=row["study_version"],
        language=row["language"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        flag=(row["flag_reason"] or WITHOUT_REASON) if row["flagged"] else None,
        excluded=(row["exclusion_reason"] or WITHOUT_REASON) if row["excluded"] else None,
    )


@dataclass(frozen=True)
class PackageWorkings:
    """What was worked out, as it lies in a package."""

    package: PackageFolder

    @cached_property
    def _models(self) -> dict[str, str]:
        return {row["model_id"]: row["model_key"] for row in self.package.rows("models")}

    @cached_property
    def _regions(self) -> dict[str, Row]:
        return {row["region_id"]: row for row in self.package.rows("regions")}

    @cached_property
    def _numbers(self) -> dict[tuple[str, str], Row]:
        found: dict[tuple[str, str], Row] = {}
        for row in self.package.rows("metrics"):
            if row["region_id"] is not None:
                of = found.setdefault((row["region_id"], self._models[row["model_id"]]), {})
                of[row["metric"]] = row["word"] if row["word"] is not None else row["value"]
        return found

    @cached_property
    def _maps(self) -> dict[tuple[str, str | None, str, str], str]:
        return {
            (row["image_id"], row["edit_id"], self._models[row["model_id"]], row["class_name"]): row["file"]
            for row in self.package.rows("maps")
            if row["method"] == MAP
        }

    def measured(self, mark: Mark) -> dict[str, Any] | None:
        """See ``Workings``."""
        return self._numbers.get((mark.region, mark.model))

    def masks_of(self, group: Group) -> NDArray[np.bool_]:
        """See ``Workings``."""
        return group.masks(lambda region: self.package.mask(self._regions[region]["mask_file"]))

    def standing(self, group: Group, others: Sequence[Group], models: Sequence[str]) -> dict[str, Any]:
        """See ``Workings``."""
        first = self._regions[group.marks[0].region]
        maps = {}
        for model in models:
            file = self._maps.get((first["image_id"], first["edit_id"], model, first["class_name"]))
            if file is not None:
                maps[model] = self.package.map(file)
        other = other_group(group, others)
        return standing_of(self.masks_of(group), maps, self.masks_of(other) if other else None)
