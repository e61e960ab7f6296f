"""Everything that participants of a study answered, as plain rows; previews and practice are in none of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Transaction

from dashboard.recording.workspace import Workspace
from dashboard.studies.design import Design
from dashboard.studies.store import StudyRecord, record_of
from db import participants
from db.models import Image
from db.study_models import Participant, Response, Study, StudyVersion, Trial

# Who declined, was screened out or withdrew gave nothing that could be counted.
COUNTED = ("finished", "started")
LOST = ("declined", "screened_out", "withdrawn")


@dataclass(frozen=True)
class Person:
    """One participant; ``excluded`` is a researcher's reason to leave her out, None without one."""

    id: str
    name: str
    condition: str
    state: str
    version: int
    language: str
    started_at: datetime
    ended_at: datetime | None
    flag: str | None
    excluded: str | None


@dataclass(frozen=True)
class TrialRow:
    """One answered trial; ``seconds`` from shown to answered by her own clock, NaN where one of them is not known.

    ``picture`` is the picture's id; ``least_iou`` is there for attention checks alone, ``offered`` (how many classes
    could be chosen from) for predictions.
    """

    person: str
    condition: str
    position: int
    block: str
    trial: str
    kind: str
    picture: str
    picture_name: str
    class_name: str | None
    model: str
    levels: dict[str, str]
    seconds: float
    least_iou: float | None
    answers: dict[str, Any]
    offered: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether she drew nothing where something was to be drawn."""
        if self.kind == "mark":
            return self.answers.get("region") is None
        return self.kind in ("erase", "explore") and not self.answers.get("edits")

    @property
    def passed(self) -> bool | None:
        """Whether she passed the attention check; None where it is none."""
        return None if self.least_iou is None else float(self.answers.get("iou") or 0) >= self.least_iou


@dataclass(frozen=True)
class Said:
    """One answer to one question; ``where`` is the questionnaire's name or the trial's, which has a ``picture``.

    ``value`` is a number, a text, an option's name, a list of them, or None where it was left out.
    """

    person: str
    condition: str
    where: str
    picture: str | None
    levels: dict[str, str]
    question: str
    kind: str
    value: Any


@dataclass(frozen=True)
class Answered:
    """A trial as it was planned and answered, and the answers to the questions after it."""

    position: int
    plan: dict[str, Any]
    shown_client_ms: float | None
    answered_client_ms: float | None
    answers: dict[str, Any]
    questions: dict[str, Any] | None


@dataclass(frozen=True)
class StudyRows:
    """A study's data; ``said`` and ``trials`` are in the order in which they were given, by participant.

    ``lost`` says how many of a condition ended in one of ``LOST``, by (condition, state); they are in nothing else.
    """

    record: StudyRecord
    people: list[Person]
    trials: list[TrialRow]
    said: list[Said]
    lost: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def only(self, names: set[str]) -> StudyRows:
        """The same of some of the participants."""
        return replace(
            self,
            people=[one for one in self.people if one.name in names],
            trials=[one for one in self.trials if one.person in names],
            said=[one for one in self.said if one.person in names],
        )


def read(workspace: Workspace, slug: str) -> StudyRows:
    """All rows of the study of this slug; raises NotFoundError."""
    with workspace.database.read() as transaction:
        study = participants.study_called(transaction, slug)
        people = _people(transaction, study)
        designs = _designs(transaction, study)
        answers = _answers(transaction, study)
        names: dict[str, str] = dict(transaction.execute(select(Image.public_id, Image.name)).all())
        trials: list[TrialRow] = []
        said: list[Said] = []
        for row, trial in _trials(transaction, study):
            person = people[row]
            design = designs[person.version]
            given = answers.get((row, f"trial:{trial.position}"))
            if given is None or trial.plan.get("practice"):
                continue
            answered = Answered(
                trial.position,
                trial.plan,
                trial.shown_client_ms,
                trial.answered_client_ms,
                given,
                answers.get((row, f"questions:{trial.position}")),
            )
            trials.append(trial_row(person, answered, design, names))
            said.extend(words_of(person, answered))
        for row, person in people.items():
            to_step = partial(_answer_to, answers, row)
            said.extend(words_of_questionnaires(person, designs[person.version], to_step))
        lost = _lost(transaction, study)
        return StudyRows(record_of(transaction, study), list(people.values()), trials, said, lost)


def _lost(transaction: Transaction, study: Study) -> dict[tuple[str, str], int]:
    query = (
        select(Participant.condition, Participant.state, func.count())
        .where(Participant.study_id == study.id, Participant.preview.is_(False), Participant.state.in_(LOST))
        .group_by(Participant.condition, Participant.state)
        .order_by(func.min(Participant.id))
    )
    return {(condition, state): count for condition, state, count in transaction.execute(query)}


def _people(transaction: Transaction, study: Study) -> dict[int, Person]:
    query = (
        select(Participant, StudyVersion.number)
        .join(StudyVersion, StudyVersion.id == Participant.version_id)
        .where(Participant.study_id == study.id, Participant.preview.is_(False), Participant.state.in_(COUNTED))
        .order_by(Participant.id)
    )
    return {
        row.id: Person(
            row.public_id,
            f"P{row.id}",
            row.condition,
            row.state,
            version,
            row.language,
            row.started_at,
            row.ended_at,
            row.flag,
            row.excluded,
        )
        for row, version in transaction.execute(query)
    }


def _designs(transaction: Transaction, study: Study) -> dict[int, Design]:
    rows = transaction.scalars(select(StudyVersion).where(StudyVersion.study_id == study.id))
    return {row.number: Design.model_validate(row.design) for row in rows}


def _of(study: Study) -> Any:
    return (Participant.study_id == study.id) & Participant.preview.is_(False) & Participant.state.in_(COUNTED)


def _answers(transaction: Transaction, study: Study) -> dict[tuple[int, str], dict[str, Any]]:
    query = (
        select(Response.participant_id, Response.step, Response.answers)
        .join(Participant, Participant.id == Response.participant_id)
        .where(_of(study))
    )
    return {(person, step): answers for person, step, answers in transaction.execute(query)}


def _trials(transaction: Transaction, study: Study) -> Iterator[tuple[int, Trial]]:
    query = (
        select(Trial)
        .join(Participant, Participant.id == Trial.participant_id)
        .where(_of(study))
        .order_by(Trial.participant_id, Trial.position)
    )
    for row in transaction.scalars(query):
        yield row.participant_id, row


def _answer_to(answers: dict[tuple[int, str], dict[str, Any]], row: int, step: str) -> dict[str, Any] | None:
    return answers.get((row, step))


def trial_row(person: Person, trial: Answered, design: Design, names: Mapping[str, str]) -> TrialRow:
    """A row of an answered trial; ``names`` of pictures by their ids."""
    plan, shown, answered = trial.plan, trial.shown_client_ms, trial.answered_client_ms
    return TrialRow(
        person=person.name,
        condition=person.condition,
        position=trial.position,
        block=plan["block"],
        trial=plan["trial"],
        kind=plan["kind"],
        picture=plan["picture"],
        picture_name=names.get(plan["picture"], plan["picture"]),
        class_name=plan["class_name"],
        model=plan["model"],
        levels=plan["levels"],
        seconds=math.nan if shown is None or answered is None else (answered - shown) / 1000,
        least_iou=_least_iou(design, plan),
        answers=trial.answers,
        offered=len(plan["prepared"]["offered"]) if plan["prepared"].get("offered") else None,
    )


def _least_iou(design: Design, plan: dict[str, Any]) -> float | None:
    if plan["attention"] is None:
        return None
    blocks = {block.key: block for block in (*design.practice, *design.blocks)}
    return float(blocks[plan["block"]].attention[plan["attention"]].least_iou)


def words_of(person: Person, trial: Answered) -> Iterator[Said]:
    """What was answered to the questions of a trial, its own or those after it."""
    plan = trial.plan
    given = trial.answers if plan["kind"] == "rate" else trial.questions
    for question in plan["options"].get("questions") or ():
        if given is not None and plan["attention"] is None:
            value = given.get(question["key"])
            yield Said(
                person.name,
                person.condition,
                plan["trial"],
                plan["picture"],
                plan["levels"],
                question["key"],
                question["kind"],
                value,
            )


def words_of_questionnaires(
    person: Person, design: Design, answer_to: Callable[[str], dict[str, Any] | None]
) -> Iterator[Said]:
    """What a participant answered in questionnaires; ``answer_to`` gives the answer to a step, None for none."""
    for one in design.questionnaires:
        given = answer_to(f"questionnaire:{one.key}")
        for question in one.questions if given is not None else ():
            value = (given or {}).get(question.key)
            yield Said(person.name, person.condition, one.key, None, {}, question.key, question.kind, value)
