"""The rows of a package that are about studies: designs, participants, trials, responses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import select

from dashboard.exports.package.choosing import in_parts
from dashboard.exports.package.designs import free_questions, free_questions_of_trial, portable
from dashboard.exports.package.reading import Reading, Row
from dashboard.studies.design import Design
from db.study_models import Participant, Response, Study, StudyVersion, Trial

# Steps whose answers belong to a trial, before its place.
OF_TRIALS = ("trial:", "questions:", "truth:")


@dataclass
class StudyTables(Reading):
    """Reads what was chosen of studies."""

    def studies(self) -> Iterator[Row]:
        """Every version of each study's design."""
        query = (
            select(Study, StudyVersion)
            .join(StudyVersion, StudyVersion.study_id == Study.id)
            .where(Study.id.in_(self.chosen.studies))
            .order_by(Study.id, StudyVersion.number)
        )
        for study, version in self.transaction.execute(query):
            design = portable(self.transaction, Design.model_validate(version.design))
            yield {
                "study": study.slug,
                "study_version": version.number,
                "design_sha256": design.sha256,
                "design_file": design_file(study.slug, version.number),
                "quota": study.quota,
                "frozen_at": version.frozen_at,
                "created_at": version.created_at,
                "_design": design,
            }

    def participants(self) -> Iterator[Row]:
        """Participants; those who withdrew are a row without content."""
        query = (
            select(Participant, Study.slug, StudyVersion.number)
            .join(Study, Participant.study_id == Study.id)
            .join(StudyVersion, Participant.version_id == StudyVersion.id)
        )
        flagged = self.choices.excluded == "flagged"
        for row, slug, version in self._pairs(query, Participant.id, self.chosen.participants):
            yield {
                "participant_id": self.names.of("participants", row.id),
                "study": slug,
                "study_version": version,
                "condition": row.condition,
                "participant_state": row.state,
                "place": row.number,
                "seed": row.seed,
                "try_number": row.try_number,
                "language": row.language,
                "flagged": row.flag is not None,
                "excluded": row.excluded is not None if flagged else None,
                "flag_reason": row.flag,
                "exclusion_reason": row.excluded,
                "recruiter_id": row.external_id,
                "recruiter_parameters": row.parameters,
                "client": row.client,
                "started_at": row.started_at,
                "last_seen_at": row.seen_at,
                "ended_at": row.ended_at,
            }

    def trials(self) -> Iterator[Row]:
        """Planned trials, answered or not."""
        for row in self._rows(select(Trial), Trial.id, self.chosen.trials):
            plan = row.plan
            yield {
                "trial_id": self.names.of("trials", row.id),
                "participant_id": self.names.of("participants", row.participant_id),
                "session_id": self.names.of("sessions", row.session_id),
                "position": row.position,
                "block": plan["block"],
                "trial": plan["trial"],
                "trial_kind": plan["kind"],
                "practice": bool(plan.get("practice")),
                "image_id": self.names.of_public(plan["picture"]),
                "class_name": plan["class_name"],
                "model_key": plan["model"],
                "levels": plan["levels"],
                "plan": self.names.translate(plan),
                "shown_at": row.shown_at,
                "shown_client_ms": row.shown_client_ms,
                "first_input_client_ms": row.first_input_client_ms,
                "answered_at": row.answered_at,
                "answered_client_ms": row.answered_client_ms,
            }

    def responses(self) -> Iterator[Row]:
        """What participants answered; texts of their own only where they were asked for."""
        place = 0
        for part in in_parts(self.chosen.participants):
            free = self._free_questions(part)
            trials = self._trials_by_step(part)
            query = select(Response).where(Response.participant_id.in_(part)).order_by(Response.id)
            for row in self.transaction.scalars(query):
                trial = trials.get((row.participant_id, row.step))
                if trial is None and row.step.startswith(OF_TRIALS):
                    continue  # a trial that is not in the package
                place += 1
                hidden = free.get((row.participant_id, row.step), frozenset())
                answers = {name: None if name in hidden else value for name, value in row.answers.items()}
                yield {
                    "response_id": self.names.own(row.public_id, "A", place),
                    "participant_id": self.names.of("participants", row.participant_id),
                    "trial_id": trial,
                    "step": row.step,
                    "answers": self.names.translate(answers),
                    "client_ms": row.client_ms,
                    "created_at": row.created_at,
                }
            self.transaction.expunge_all()

    def _free_questions(self, people: Sequence[int]) -> dict[tuple[int, str], frozenset[str]]:
        """The questions whose answers are left out, by participant and step."""
        if self.choices.free_text:
            return {}
        found: dict[tuple[int, str], frozenset[str]] = {}
        for person, version in self.transaction.execute(
            select(Participant.id, Participant.version_id).where(Participant.id.in_(people))
        ):
            found |= {(person, step): keys for step, keys in self._free_by_version[version].items()}
        plans = select(Trial.participant_id, Trial.position, Trial.plan).where(Trial.participant_id.in_(people))
        for person, position, plan in self.transaction.execute(plans):
            if keys := free_questions_of_trial(plan):
                found |= {(person, f"{kind}{position}"): keys for kind in OF_TRIALS}
        return found

    def _trials_by_step(self, people: Sequence[int]) -> dict[tuple[int, str], str | None]:
        rows = select(Trial.id, Trial.participant_id, Trial.position).where(Trial.participant_id.in_(people))
        return {
            (person, f"{kind}{position}"): self.names.of("trials", row)
            for row, person, position in self.transaction.execute(rows)
            for kind in OF_TRIALS
        }

    @cached_property
    def _free_by_version(self) -> dict[int, dict[str, frozenset[str]]]:
        """Questions of questionnaires that are answered in words of one's own, by design and step."""
        versions = select(StudyVersion).where(StudyVersion.study_id.in_(self.chosen.studies))
        return {
            version.id: free_questions(Design.model_validate(version.design))
            for version in self.transaction.scalars(versions)
        }


def design_file(slug: str, version: int) -> str:
    """Where a design lies in a package."""
    return f"materials/studies/{slug}_v{version}.yaml"
