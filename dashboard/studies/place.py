"""Where a participant is on her way, read in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.studies.assignment import PlannedTrial
from dashboard.studies.design import Design
from dashboard.studies.errors import NotHersError
from dashboard.studies.questions import Question, Questionnaire
from dashboard.studies.steps import Step, current, steps
from dashboard.studies.trials import Trial
from db import participants
from db.study_models import Participant, Study
from db.study_models import Trial as TrialRow

_TRIAL: TypeAdapter[Trial] = TypeAdapter(Trial)


@dataclass(frozen=True)
class TrialPlace:
    """One of her trials; ``plan`` as it is kept (see ``entering``), ``id`` also that of the session it records into."""

    id: str
    position: int
    plan: dict[str, Any]

    @cached_property
    def trial(self) -> Trial:
        """What is asked, with the options of her condition."""
        return _TRIAL.validate_python(self.plan["options"])


@dataclass(frozen=True)
class Place:
    """A participant and the step she is at; ``step`` None is the end, whatever ended it (``state``)."""

    participant: str
    person: str
    slug: str
    state: str
    preview: bool
    language: str
    withdrawal_code: str | None
    design: Design
    way: tuple[Step, ...]
    answered: frozenset[str]
    trials: tuple[TrialPlace, ...]

    @property
    def step(self) -> Step | None:
        """What she is asked now."""
        return current(self.way, self.answered) if self.state == participants.STARTED else None

    @property
    def number(self) -> int:
        """Which step this is, from 1; one more than there are at the end."""
        step = self.step
        return self.way.index(step) + 1 if step else len(self.way) + 1

    @property
    def trial(self) -> TrialPlace | None:
        """The trial that the present step belongs to."""
        step = self.step
        return self.trials[step.position] if step and step.position is not None else None

    def may_see(self, trial_id: str) -> TrialPlace:
        """One of her own trials that she has come to; raises NotHersError for any other."""
        here = self.trial.position if self.trial else (len(self.trials) if self._is_past_trials else -1)
        for one in self.trials:
            if one.id == trial_id and one.position <= here:
                return one
        raise NotHersError("This is not part of your own study.")

    @property
    def _is_past_trials(self) -> bool:
        return all(f"trial:{one.position}" in self.answered for one in self.trials)

    def questionnaire(self) -> Questionnaire:
        """The one that the present step asks."""
        key = self.step.key.partition(":")[2] if self.step else ""
        return next(one for one in self.design.questionnaires if one.key == key)

    def questions(self) -> tuple[Question, ...]:
        """What the present step asks in words."""
        step = self.step
        if step is None:
            return ()
        if step.kind == "questionnaire":
            return self.questionnaire().questions
        if step.kind == "questions" or (step.kind == "trial" and self.trial and self.trial.plan["kind"] == "rate"):
            return self.trial.trial.questions if self.trial else ()
        return ()


def place_of(transaction: Transaction, row: Participant) -> Place:
    """Where the participant of this row is."""
    design = Design.model_validate(participants.version_of(transaction, row).design)
    slug = transaction.scalars(select(Study.slug).where(Study.id == row.study_id)).one()
    trials = tuple(_trial(one) for one in participants.trials_of(transaction, row))
    planned = [_planned(one.plan) for one in trials]
    return Place(
        participant=row.public_id,
        person=f"P{row.id}",
        slug=slug,
        state=row.state,
        preview=row.preview,
        language=row.language,
        withdrawal_code=row.withdrawal_code,
        design=design,
        way=tuple(steps(design, planned)),
        answered=frozenset(participants.answered_steps(transaction, row)),
        trials=trials,
    )


def place_again(transaction: Transaction, row: Participant, place: Place) -> Place:
    """A place of this participant as it is now; her way and her trials stay what they were."""
    return replace(place, state=row.state, answered=frozenset(participants.answered_steps(transaction, row)))


def _trial(row: TrialRow) -> TrialPlace:
    return TrialPlace(row.public_id, row.position, row.plan)


def _planned(plan: dict[str, Any]) -> PlannedTrial:
    """What the steps follow from; the options are those of the resolved trial already."""
    names = ("block", "trial", "picture", "practice", "attention", "levels", "options")
    return PlannedTrial(**{name: plan[name] for name in names})
