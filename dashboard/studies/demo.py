"""A small study as it might have been taken, answered for real on the free photographs; the same each time."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import Any

from dashboard.recording.ids import new_id
from dashboard.recording.workspace import Workspace
from dashboard.studies import drawing, store
from dashboard.studies.answering import Given, answer
from dashboard.studies.design import Design
from dashboard.studies.drawing import EditWish
from dashboard.studies.entering import Entrance, enter
from dashboard.studies.judging import judge
from dashboard.studies.noting import Happening, note
from dashboard.studies.place import Place, TrialPlace, place_of
from dashboard.studies.preparing import prepare
from dashboard.studies.store import StudyRecord
from dashboard.vision.shapes import parse_shapes
from db import participants, queries

SLUG = "what-makes-it"
PEOPLE = 6
QUOTA = 20
# The last of them is still at work, and the one before was too hasty.
HASTY, AT_WORK = PEOPLE - 1, PEOPLE
MS = 1000
# Where people mark: centre and reach as shares of the picture's width and height.
PLACES = {
    "Chelsea the cat": (0.46, 0.28, 0.12),
    "Cup of coffee": (0.50, 0.34, 0.16),
    "Grace Hopper": (0.50, 0.74, 0.18),
}
DESIGN: dict[str, Any] = {
    "regionscope_study": 1,
    "slug": SLUG,
    "title": "What makes the picture what it is?",
    "contact": "Dr Ada Example, ada@example.org",
    "consent": "You mark and remove parts of a few photographs. Taking part is voluntary.",
    "privacy": "Kept are your drawings and answers with their times, and the kind of your device.",
    "instructions": [{"text": "Paint over what matters.", "picture": "Cup of coffee"}],
    "image_sets": {"pictures": {"pictures": list(PLACES)}, "one": {"pictures": ["Chelsea the cat"]}},
    "blocks": [
        {
            "key": "marking",
            "images": {"set": "pictures"},
            "order": "random",
            "trials": [
                {
                    "kind": "mark",
                    "key": "mark",
                    "of": "top",
                    "questions": [
                        {"kind": "likert", "key": "hard", "steps": 5, "text": "How hard was it?", "low": "not at all",
                         "high": "very"}
                    ],
                }
            ],
        },
        {
            "key": "erasing",
            "images": {"set": "one"},
            "trials": [
                {"kind": "erase", "key": "erase", "method": "telea", "most_edits": 3},
                {"kind": "predict", "key": "predict", "asks": ["change", "sure"]},
            ],
        },
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
            "key": "about_you",
            "title": "About you",
            "questions": [
                {"kind": "number", "key": "age", "text": "Your age", "minimum": 16, "maximum": 120},
                {"kind": "text", "key": "remarks", "text": "Anything else?", "optional": True},
            ],
        }
    ],
    "end": "Thank you. Your answers are saved.",
    "finished": {"code": "C4TSCUPS"},
    "quota": QUOTA,
    "devices": {"classes": ["desktop", "tablet", "phone"], "canvas_px": 300},
}  # fmt: skip


def record_demo_study(workspace: Workspace, people: int = PEOPLE) -> StudyRecord:
    """Opens the study and has some people take it; raises ConflictError where it is there already.

    The free photographs have to be there, see ``ensure_gallery``.
    """
    store.save(workspace, Design.model_validate(DESIGN | {"quota": max(QUOTA, people)}), instead_of="")
    store.open_study(workspace, SLUG)
    for number in range(1, people + 1):
        _Person(workspace, number).take_part()
    return store.get(workspace, SLUG)


@dataclass
class _Person:
    """Somebody who takes part; her own clock goes on by what she does."""

    workspace: Workspace
    number: int

    def take_part(self) -> None:
        """From the door to the end."""
        self._chance = random.Random(self.number)
        self._now_ms = time.time() * MS - self._chance.uniform(15, 25) * 60 * MS
        client = {"device": "desktop", "pointer": "mouse", "window": [1280, 800], "pixel_ratio": 1}
        parameters = {"PROLIFIC_PID": f"demo{self.number}", "STUDY_ID": "demo"}
        self._id = enter(self.workspace, SLUG, Entrance(new_id(), f"demo {self.number}", parameters, "en", client))
        trials = 0
        while (here := self._place()).step is not None:
            trials += here.trial is not None and here.step.kind == "trial"
            if self.number == AT_WORK and trials == 2:
                return
            self._step(here)
        if self.number == HASTY:
            judge(self.workspace, SLUG, self._id, new_id(), "exclude", "Marked the same place in every picture.")

    def _place(self) -> Place:
        with self.workspace.database.read() as transaction:
            return place_of(transaction, participants.participant_row(transaction, self._id))

    def _step(self, here: Place) -> None:
        step = here.step
        assert step is not None
        self._note("shown", step=step.key)
        answers: dict[str, Any] = {}
        if step.kind == "consent":
            answers = {"agreed": True}
        elif step.kind == "questions":
            answers = {"hard": self._chance.randint(1, 4)}
        elif step.kind == "questionnaire":
            answers = {"age": 20 + 3 * self.number % 80, "remarks": "=fine, thanks" if self.number == 1 else ""}
        elif step.kind == "trial" and here.trial is not None:
            answers = self._trial(here, prepare(self.workspace, here, here.trial))
        self._pass(self._chance.uniform(2, 5) if self.number != HASTY else 0.4)
        answer(self.workspace, self._id, Given(new_id(), step.key, answers, self._now_ms))

    def _trial(self, here: Place, trial: TrialPlace) -> dict[str, Any]:
        kind = trial.plan["kind"]
        if kind == "mark":
            shapes = [self._stroke(here, trial, 1.0)]
            return {"region": new_id(), "shapes": shapes, "sure": self._chance.randint(2, 5)}
        if kind == "erase":
            self._erase(here, trial)
            return {}
        return {"change": self._chance.choice(["yes", "no"]), "sure": self._chance.randrange(40, 100, 5)}

    def _erase(self, here: Place, trial: TrialPlace) -> None:
        parent = None
        for size in (0.6, 1.0, 1.4)[: 1 + self.number % 3]:
            began = self._now_ms
            shape = self._stroke(here, trial, size)
            wish = EditWish(new_id(), trial.id, parent, None, parse_shapes([shape]), began, self._now_ms)
            found = drawing.edit(self.workspace, here, wish)
            parent = found.edit
            if found.flipped:
                return

    def _stroke(self, here: Place, trial: TrialPlace, size: float) -> dict[str, Any]:
        """A stroke about where people look, each a little otherwise."""
        with self.workspace.database.read() as transaction:
            picture = queries.picture(transaction, trial.plan["picture"])
        x, y, reach = PLACES[picture.name]
        width, height = picture.working_width, picture.working_height
        reach *= size * self._chance.uniform(0.8, 1.2)
        x, y = x + self._chance.gauss(0, 0.03), y + self._chance.gauss(0, 0.03)
        ends = [((x - reach / 2) * width, y * height), ((x + reach / 2) * width, y * height)]
        self._pass(self._chance.uniform(1.5, 4) if self.number != HASTY else 0.2)
        shape = {
            "tool": "brush",
            "mode": "add",
            "path": "M" + "L".join(f"{column:.2f},{row:.2f}" for column, row in ends),
            "width_image_px": 1.6 * reach * width,
            "points": [[index * 400, round(column, 2), round(row, 2)] for index, (column, row) in enumerate(ends)],
        }
        assert here.step is not None
        self._note("stroke", step=here.step.key, shape=shape)
        return shape

    def _note(self, kind: str, **payload: Any) -> None:
        note(self.workspace, self._id, [Happening(new_id(), kind, payload, self._now_ms)])

    def _pass(self, seconds: float) -> None:
        self._now_ms += seconds * MS
