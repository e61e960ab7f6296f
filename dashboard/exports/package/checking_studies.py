"""Whether the plans and answers in a package are such that a study's results can be made of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from dashboard.exports.package.cells import PackageError
from dashboard.exports.package.folder import PackageFolder
from dashboard.exports.package.numbering import restore
from dashboard.recording.ids import RequestError
from dashboard.studies.answers import check_kept
from dashboard.studies.design import Design
from dashboard.studies.design_yaml import first_problem
from dashboard.studies.kept import ANSWERS, Plan
from dashboard.studies.questions import Question

Row = dict[str, Any]


def study_problems(package: PackageFolder) -> Iterator[str]:
    """What is wrong, a sentence each that names the file and the row; the tables' own rules hold already."""
    return _Checking(package).problems()


@dataclass(frozen=True)
class _Checking:
    package: PackageFolder

    def problems(self) -> Iterator[str]:
        for table, column, look in (("trials", "plan", self._trial), ("responses", "answers", self._response)):
            name = self.package.path(self.package.paths[table]).name
            for number, row in enumerate(self.package.rows(table), 2):
                try:
                    look(row)
                except ValidationError as error:
                    yield f"{name}, row {number}: {column}, {first_problem(error).rstrip('.')}."
                except (PackageError, RequestError) as error:
                    yield f"{name}, row {number}: {column}, {str(error).rstrip('.')}."

    @cached_property
    def _designs(self) -> dict[str, Design]:
        """By participant."""
        designs = {
            (row["study"], row["study_version"]): self.package.design(row["design_file"])
            for row in self.package.rows("studies")
        }
        return {
            row["participant_id"]: designs[row["study"], row["study_version"]]
            for row in self.package.rows("participants")
        }

    @cached_property
    def _pictures_of_regions(self) -> dict[str, str]:
        return {row["region_id"]: row["image_id"] for row in self.package.rows("regions")}

    @cached_property
    def _plans(self) -> dict[tuple[str, str], Plan]:
        """Those that are as they should be, by participant and step; others were said to be wrong."""
        found: dict[tuple[str, str], Plan] = {}
        for row in self.package.rows("trials"):
            try:
                plan = Plan.model_validate(restore(row["plan"], str))
            except ValidationError:
                continue
            found |= {(row["participant_id"], f"{kind}:{row['position']}"): plan for kind in ("trial", "questions")}
        return found

    def _trial(self, row: Row) -> None:
        plan = Plan.model_validate(restore(row["plan"], str))
        design = self._designs[row["participant_id"]]
        blocks = {block.key: block for block in (*design.practice, *design.blocks)}
        if plan.block not in blocks:
            raise PackageError(f"the study has no block {plan.block[:40]!r}")
        if plan.attention is not None:
            if plan.attention >= len(blocks[plan.block].attention):
                raise PackageError(f"the block {plan.block[:40]!r} has no attention check {plan.attention}")
        elif plan.trial not in {one.key for one in blocks[plan.block].trials}:
            raise PackageError(f"the block {plan.block[:40]!r} has no trial {plan.trial[:40]!r}")

    def _response(self, row: Row) -> None:
        if not isinstance(row["answers"] or {}, dict):
            raise PackageError("they are no object")
        answers = restore(row["answers"] or {}, str)
        step = str(row["step"])
        plan = self._plans.get((row["participant_id"], step))
        if step.startswith("questionnaire:"):
            check_kept(self._questions(row["participant_id"], step.partition(":")[2]), answers)
        elif plan is not None and step.startswith("questions:"):
            check_kept(plan.options.questions, answers)
        elif plan is not None:
            given = ANSWERS[plan.kind].model_validate(answers)
            if plan.kind == "rate":
                check_kept(plan.options.questions, {key: one for key, one in answers.items() if key != "timed_out"})
            self._region(getattr(given, "region", None), plan)

    def _questions(self, participant: str, key: str) -> tuple[Question, ...]:
        for one in self._designs[participant].questionnaires:
            if one.key == key:
                return one.questions
        raise PackageError(f"the study has no questionnaire {key[:40]!r}")

    def _region(self, region: str | None, plan: Plan) -> None:
        if region is not None and self._pictures_of_regions.get(region) != plan.picture:
            raise PackageError(f"{region[:40]!r} is no region of the trial's picture")
