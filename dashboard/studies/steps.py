"""A participant's way as a list of steps: what follows from the design and her plan, and where she is on it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from dashboard.studies.assignment import PlannedTrial
from dashboard.studies.design import Design
from dashboard.studies.trials import PredictTrial, Trial


@dataclass(frozen=True)
class Step:
    """One page that is answered once; ``key`` names it in the data, ``position`` the trial it belongs to."""

    kind: str
    key: str
    position: int | None = None


CONSENT = Step("consent", "consent")
INSTRUCTIONS = Step("instructions", "instructions")


def steps(design: Design, planned: Sequence[PlannedTrial]) -> list[Step]:
    """All steps in order; the end is not one, for nothing is answered there."""
    before = [
        Step("questionnaire", f"questionnaire:{one.key}") for one in design.questionnaires if one.when == "before"
    ]
    after = [Step("questionnaire", f"questionnaire:{one.key}") for one in design.questionnaires if one.when == "after"]
    instructions = [INSTRUCTIONS] if design.instructions and _instructions_shown(design, planned) else []
    trials = {trial.key: trial for block in (*design.practice, *design.blocks) for trial in block.trials}
    done = [step for position, one in enumerate(planned) for step in _trial_steps(position, one, trials)]
    return [CONSENT, *before, *instructions, *done, *after]


def _instructions_shown(design: Design, planned: Sequence[PlannedTrial]) -> bool:
    hers = planned[0].levels if planned else {}
    levels = [(factor, level) for factor in design.between for level in factor.levels]
    return all(level.instructions_shown for factor, level in levels if hers.get(factor.key) == level.key)


def _trial_steps(position: int, planned: PlannedTrial, trials: dict[str, Trial]) -> Iterator[Step]:
    yield Step("trial", f"trial:{position}", position)
    if planned.attention is not None:
        return
    trial = resolved(trials[planned.trial], planned)
    if trial.questions and trial.kind != "rate":
        yield Step("questions", f"questions:{position}", position)
    if (isinstance(trial, PredictTrial) and trial.truth_shown) or planned.practice:
        yield Step("truth", f"truth:{position}", position)


def resolved(trial: Trial, planned: PlannedTrial) -> Trial:
    """The trial with the options that the participant's levels give it."""
    if not planned.options:
        return trial
    return type(trial).model_validate(trial.model_dump() | dict(planned.options))


def current(way: Sequence[Step], answered: Collection[str]) -> Step | None:
    """The first step that is not answered; None at the end."""
    return next((step for step in way if step.key not in answered), None)
