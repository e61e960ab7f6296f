"""A study that is open, and people who take part in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from dashboard.recording.ids import new_id
from dashboard.recording.workspace import Workspace
from dashboard.studies.answering import Given, answer
from dashboard.studies.design import Design
from dashboard.studies.entering import Entrance, enter
from dashboard.studies.place import Place, place_of
from db import participants
from db.engine import Database
from db.study_models import Study, StudyVersion
from db.types import utc_now
from tests.support.edits import rectangle


class HasDatabase(Protocol):
    @property
    def database(self) -> Database: ...


@dataclass(frozen=True)
class Stored:
    """A database that something else works with."""

    database: Database


DESIGN: dict[str, Any] = {
    "slug": "small",
    "title": "A small study",
    "contact": "Dr Ada Example",
    "consent": "You mark a picture.",
    "privacy": "Nothing but drawings.",
    "instructions": [{"text": "Paint over what matters."}],
    "image_sets": {"one": {"pictures": ["Gradient"]}},
    "blocks": [
        {
            "key": "main",
            "images": {"set": "one"},
            "trials": [
                {"kind": "mark", "key": "mark", "of": "top"},
                {"kind": "erase", "key": "erase", "method": "mean", "most_edits": 2},
            ],
        }
    ],
    "factors": [
        {
            "key": "answers",
            "levels": [
                {"key": "shown", "set": {"erase": {"live_answers": True}}},
                {"key": "hidden", "set": {"erase": {"live_answers": False}}},
            ],
        }
    ],
    "questionnaires": [
        {
            "key": "about",
            "title": "About you",
            "questions": [
                {"kind": "likert", "key": "hard", "text": "How hard?", "steps": 5, "low": "no", "high": "yes"}
            ],
        }
    ],
    "end": "Thank you.",
    "finished": {"code": "DONE42"},
    "quota": 10,
}


def open_study(workspace: HasDatabase, **changes: Any) -> Design:
    """Puts an open study into the tables."""
    design = Design.model_validate(DESIGN | changes)
    with workspace.database.write() as transaction:
        study = Study(public_id=new_id(), slug=design.slug, state="open", version=1, quota=design.quota)
        transaction.add(study)
        transaction.flush()
        version = StudyVersion(
            study_id=study.id,
            number=1,
            design=design.model_dump(mode="json", by_alias=True),
            sha256=design.sha256,
            frozen_at=utc_now(),
        )
        transaction.add(version)
    return design


def entrance(visitor: str = "browser", **changes: Any) -> Entrance:
    return Entrance(**{"request": new_id(), "visitor": visitor, **changes})


def begin(workspace: Workspace, visitor: str = "browser", slug: str = "small", **changes: Any) -> str:
    return enter(workspace, slug, entrance(visitor, **changes))


def place(workspace: Workspace, participant: str) -> Place:
    with workspace.database.read() as transaction:
        return place_of(transaction, participants.participant_row(transaction, participant))


def give(workspace: Workspace, participant: str, step: str, **answers: Any) -> Place:
    return answer(workspace, participant, Given(new_id(), step, answers))


def usual_answer(here: Place) -> dict[str, Any]:
    """Something that can be kept at the step where she is."""
    step = here.step
    assert step is not None
    if step.kind == "consent":
        return {"agreed": True}
    if step.kind in ("questionnaire", "questions"):
        return {"hard": 3}
    if step.kind == "trial" and here.trial is not None and here.trial.plan["kind"] == "mark":
        return {"region": new_id(), "shapes": [rectangle()], "sure": 4}
    return {}


def go_on(workspace: Workspace, participant: str, until: str | None = None) -> Place:
    """Answers one step after the other, up to one (not answered) or to the end."""
    here = place(workspace, participant)
    while here.step is not None and here.step.key != until:
        here = give(workspace, participant, here.step.key, **usual_answer(here))
    return here
