"""Two studies, previews, somebody who withdrew, sessions with branches and hostile words: what a package must bear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboard.recording import curation, regions
from dashboard.recording.continuing import continue_as_new_session
from dashboard.recording.edits import apply_edit
from dashboard.recording.ids import new_id
from dashboard.recording.pictures import About, add_picture
from dashboard.recording.region_import import Manner, import_regions
from dashboard.recording.regions import RegionRequest
from dashboard.recording.sessions import describe, move
from dashboard.recording.workspace import Workspace
from dashboard.studies import store
from dashboard.studies.design import Design
from dashboard.studies.judging import judge
from dashboard.studies.leaving import withdraw
from dashboard.vision.images import encode_png
from dashboard.vision.shapes import parse_shapes
from tests.support.edits import MODEL, OTHER_MODEL, edit_request, rectangle, sitting
from tests.support.participating import begin, give, go_on, open_study, place
from tests.support.pictures import gradient, png

SLUG, OTHER = "crowded", "small"
HOSTILE = '=cmd|"/C calc"!A0, "x";\r\n\t+1 👩\u200d🔬 \u202eשלום \'a'
HOSTILE_TAG = '=1+1,"👩\u200d🔬"'
FILE = "ada_lovelace.png"
WHY = {"kind": "text", "key": "why", "text": "Why?", "optional": True}
LIKE = {"kind": "likert", "key": "fits", "text": "Does it fit?", "steps": 5, "low": "no", "high": "yes"}
DOMINANT = {
    "kind": "choice", "key": "why", "text": "Why did you come?",
    "options": [{"key": "money", "text": "Money"}, {"key": "fun", "text": "Fun"}],
}  # fmt: skip


@dataclass(frozen=True)
class Crowd:
    """Ids of what tests ask for."""

    people: tuple[str, ...]
    session: str
    edits: tuple[str, ...]
    continued: str
    deleted_region: str
    right_region: str


def design(right_region: str) -> Design:
    """Marking, rating and comparing maps of two models, with an attention check whose region was imported."""
    return Design.model_validate(
        {
            "slug": SLUG,
            "title": 'Which "=part" matters? 👩\u200d🔬 שלום',
            "contact": "Dr Ada Example",
            "consent": "You mark a picture.",
            "privacy": "Nothing but drawings.",
            "instructions": [{"text": "Paint over what matters.", "picture": "Shown first"}],
            "models": [MODEL, OTHER_MODEL],
            "image_sets": {"one": {"pictures": ["Gradient"]}, "spare": {"pictures": ["Never drawn"]}},
            "blocks": [
                {
                    "key": "main",
                    "images": {"set": "one"},
                    "trials": [
                        {"kind": "mark", "key": "mark", "of": "top", "questions": [WHY]},
                        {"kind": "rate", "key": "rate", "questions": [LIKE]},
                        {"kind": "compare", "key": "compare", "second_model": OTHER_MODEL},
                    ],
                    "attention": [{"picture": "Check", "mask": right_region, "task": "Mark the box."}],
                }
            ],
            "questionnaires": [{"key": "about", "title": "About you", "questions": [DOMINANT]}],
            "end": "Thank you.",
        }
    )


def fill(workspace: Workspace) -> Crowd:
    """Records all of it for real; nothing of it is worked out."""
    picture = add_picture(workspace, png(gradient()), About("Gradient", "test", "gradient.png"))
    for name, size in (("Check", (40, 56)), ("Shown first", (32, 48)), ("Never drawn", (48, 48))):
        add_picture(workspace, png(gradient(*size)), About(name))
    box = np.zeros((40, 56, 3), np.uint8)
    box[10:30, 8:24] = 255
    manner = Manner(MODEL, image="Check", class_name="tabby")
    [taken] = import_regions(workspace, [(FILE, encode_png(box))], manner).taken
    store.save(workspace, design(taken.region))
    store.open_study(workspace, SLUG)
    people = tuple(_takes_part(workspace, number) for number in range(3))
    judge(workspace, SLUG, people[2], new_id(), "exclude", HOSTILE)
    begin(workspace, "at the door", SLUG, preview=True)
    go_on_through(workspace, begin(workspace, "half-way", SLUG, preview=True), 3)
    gone = begin(workspace, "gone", SLUG)
    go_on_through(workspace, gone)
    withdraw(workspace, gone, place(workspace, gone).withdrawal_code or "")
    open_study(workspace)
    go_on(workspace, begin(workspace, "elsewhere", OTHER))
    return _explored(workspace, picture, people, taken.region)


def _takes_part(workspace: Workspace, number: int) -> str:
    person = begin(workspace, f"browser {number}", SLUG, parameters={"PROLIFIC_PID": f"recruited{number}"})
    go_on_through(workspace, person, None if number < 2 else 5)
    return person


def go_on_through(workspace: Workspace, participant: str, most: int | None = None) -> None:
    """Answers so many steps, or all."""
    here, done = place(workspace, participant), 0
    while here.step is not None and (most is None or done < most):
        here, done = give(workspace, participant, here.step.key, **_answer(here)), done + 1


def _answer(here: Any) -> dict[str, Any]:
    kind, trial = here.step.kind, here.trial
    if kind == "consent":
        return {"agreed": True}
    if kind == "questionnaire":
        return {"why": "fun"}
    if kind == "questions":
        return {"why": HOSTILE}
    if kind != "trial":
        return {}
    asked = {"rate": {"fits": 4}, "compare": {"more_like_me": "first"}}
    marked = {"region": new_id(), "shapes": [rectangle()], "sure": 4}
    return asked.get(trial.plan["kind"], marked)


def _explored(workspace: Workspace, picture: Any, people: tuple[str, ...], right_region: str) -> Crowd:
    """A session with a branch, a note, tags, a region that stayed and one that was deleted; and one that goes on."""
    where = sitting(picture)
    first = apply_edit(workspace, edit_request(where, models=(MODEL, OTHER_MODEL)))
    second = apply_edit(workspace, edit_request(where, first.id, shapes=[rectangle(30, 10, 50, 30)]))
    move(workspace, new_id(), where.session, "undo", first.id, 1000.0)
    third = apply_edit(workspace, edit_request(where, first.id, shapes=[rectangle(2, 2, 9, 9)], method="keep_blur"))
    describe(workspace, new_id(), where, {"name": '="name" 👩\u200d🔬', "notes": HOSTILE}, None)
    curation.note(workspace, new_id(), third.id, HOSTILE)
    curation.tag(workspace, new_id(), {"items": [f"session:{where.session}", f"edit:{second.id}"]}, [HOSTILE_TAG], [])
    kept, deleted = (
        RegionRequest(new_id(), where, edit, MODEL, 281, "", parse_shapes([rectangle()]), regions.About("=a", HOSTILE))
        for edit in (first.id, None)
    )
    for one in (kept, deleted):
        regions.mark(workspace, one)
    regions.delete(workspace, new_id(), deleted.id)
    continued = new_id()
    continue_as_new_session(workspace, continued, second.id, {"browser": "none"})
    edits = (first.id, second.id, third.id)
    return Crowd(people, where.session, edits, continued, deleted.id, right_region)
