"""A few sessions as somebody might have made them, performed for real on the free photographs."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

from dashboard.recording import answers, curation, sessions
from dashboard.recording.edits import EditRequest, apply_edit
from dashboard.recording.ids import new_id
from dashboard.recording.pictures import GALLERY, ensure_gallery
from dashboard.recording.sessions import Sitting
from dashboard.recording.workspace import Workspace
from dashboard.vision.shapes import parse_shapes
from db import queries
from db.errors import ConflictError
from db.records import Edit, Picture

MODELS = ("efficientnet_lite0",)
DRAWING_MS = 900


@dataclass(frozen=True)
class Stroke:
    """A round brush stroke between two points; all lengths are shares of the picture's width."""

    start: tuple[float, float]
    end: tuple[float, float]
    width: float
    method: str = "telea"


@dataclass(frozen=True)
class Story:
    """A session: strokes on a branch of their own, begun at the original each."""

    picture: str
    name: str
    person: str
    notes: str
    branches: tuple[tuple[Stroke, ...], ...]
    study: str = ""
    tags: tuple[str, ...] = ()


STORIES = (
    Story(
        "Motorcycle",
        "Wheels",
        "P01",
        "",
        ((Stroke((0.30, 0.52), (0.32, 0.54), 0.22), Stroke((0.72, 0.50), (0.74, 0.52), 0.22, "mean")),),
        study="vehicles",
    ),
    Story(
        "Motorcycle",
        "Only the frame",
        "P03",
        "Keeping instead of removing: what is enough for a moped?",
        (
            (Stroke((0.40, 0.35), (0.62, 0.45), 0.30, "keep_blur"),),
            (Stroke((0.30, 0.52), (0.74, 0.52), 0.26, "keep_gray"),),
        ),
        study="vehicles",
    ),
    Story(
        "Rocket",
        "What looks like a drilling platform?",
        "P03",
        "The answer is wrong to begin with; without the tower it is another wrong one.",
        (
            (Stroke((0.36, 0.30), (0.36, 0.55), 0.10), Stroke((0.20, 0.52), (0.50, 0.55), 0.14)),
            (Stroke((0.62, 0.20), (0.66, 0.50), 0.14, "patchmatch"),),
        ),
        study="vehicles",
        tags=("wrong from the start",),
    ),
    Story(
        "Astronaut",
        "Helmet and flag",
        "P02",
        "",
        (
            (Stroke((0.70, 0.75), (0.82, 0.85), 0.26), Stroke((0.08, 0.15), (0.16, 0.45), 0.18, "mean")),
            (Stroke((0.42, 0.18), (0.46, 0.24), 0.20, "blur"),),
        ),
        tags=("wrong from the start",),
    ),
    Story(
        "Grace Hopper",
        "Uniform without its buttons",
        "P02",
        "Looking for the smallest region that changes the answer.",
        (
            (
                Stroke((0.50, 0.80), (0.52, 0.95), 0.08),
                Stroke((0.35, 0.70), (0.65, 0.75), 0.14),
                Stroke((0.20, 0.78), (0.80, 0.92), 0.24),
            ),
            (Stroke((0.44, 0.10), (0.58, 0.12), 0.16, "navier_stokes"),),
        ),
        study="smallest flip",
        tags=("for the paper",),
    ),
    Story(
        "Grace Hopper",
        "The face does not matter?",
        "P04",
        "",
        ((Stroke((0.46, 0.34), (0.54, 0.40), 0.26), Stroke((0.46, 0.34), (0.54, 0.40), 0.30, "noise")),),
        study="smallest flip",
    ),
    Story(
        "Cup of coffee",
        "Spoon first",
        "P04",
        "",
        (
            (Stroke((0.70, 0.60), (0.88, 0.78), 0.10), Stroke((0.64, 0.30), (0.70, 0.50), 0.10)),
            (Stroke((0.40, 0.30), (0.48, 0.36), 0.12, "blur"), Stroke((0.44, 0.14), (0.63, 0.47), 0.25, "mean")),
        ),
        study="smallest flip",
    ),
    Story(
        "Cup of coffee",
        "Cup or coffee?",
        "P02",
        "A small part of the surface hardly matters; across the cup the espresso is gone.",
        (
            (Stroke((0.52, 0.14), (0.60, 0.20), 0.08), Stroke((0.50, 0.50), (0.27, 0.11), 0.18)),
            (Stroke((0.44, 0.14), (0.63, 0.47), 0.25),),
        ),
        tags=("for the paper",),
    ),
    Story(
        "Chelsea the cat",
        "Whiskers",
        "P05",
        "",
        ((Stroke((0.30, 0.48), (0.40, 0.52), 0.06), Stroke((0.52, 0.52), (0.66, 0.50), 0.06, "patchmatch")),),
    ),
    Story(
        "Chelsea the cat",
        "Ears and stripes",
        "P04",
        "",
        (
            (Stroke((0.26, 0.06), (0.34, 0.14), 0.16), Stroke((0.58, 0.08), (0.66, 0.16), 0.16)),
            (Stroke((0.70, 0.60), (0.95, 0.90), 0.30, "mean"),),
        ),
    ),
    Story(
        "Chelsea the cat",
        "Does the face make the cat?",
        "P01",
        "First the eyes, then the whole face; a second branch takes the ear.",
        (
            (Stroke((0.37, 0.22), (0.55, 0.25), 0.10), Stroke((0.38, 0.32), (0.50, 0.44), 0.18)),
            (Stroke((0.30, 0.02), (0.33, 0.10), 0.12, "navier_stokes"),),
        ),
        tags=("for the paper",),
    ),
)


def record_demo(workspace: Workspace) -> list[dict[str, Any]]:
    """Performs and records the stories; raises ConflictError where there are sessions already."""
    with workspace.database.read() as transaction:
        if queries.sessions(transaction, queries.SessionFilter(limit=1)):
            raise ConflictError("This data folder holds sessions already; the demo wants an empty one.")
    ensure_gallery(workspace)
    return [_record(workspace, story) for story in STORIES]


def _record(workspace: Workspace, story: Story) -> dict[str, Any]:
    with workspace.database.read() as transaction:
        picture = next(p for p in queries.pictures(transaction, GALLERY) if p.name == story.picture)
    sitting = Sitting(new_id(), picture.id, {"interface": "demo"})
    answers.of_picture(workspace, picture, MODELS)
    for number, strokes in enumerate(story.branches):
        if number:
            sessions.move(workspace, new_id(), sitting.session, "reset", None, None)
        last: Edit | None = None
        for stroke in strokes:
            last = apply_edit(workspace, _request(sitting, picture, stroke, last))
    texts = {"name": story.name, "person": story.person, "notes": story.notes, "study": story.study}
    sessions.describe(workspace, new_id(), sitting, texts, None)
    if story.tags:
        curation.tag(workspace, new_id(), {"items": [f"session:{sitting.session}"]}, list(story.tags), None)
    return {"session": sitting.session, "image": picture.name, "edits": sum(map(len, story.branches))}


def _request(sitting: Sitting, picture: Picture, stroke: Stroke, parent: Edit | None) -> EditRequest:
    width = picture.working_width
    start, end = ((x * width, y * width) for x, y in (stroke.start, stroke.end))
    now_ms = time.time() * 1000
    shape = {
        "tool": "brush",
        "mode": "add",
        "path": f"M{start[0]:.2f},{start[1]:.2f}L{end[0]:.2f},{end[1]:.2f}",
        "width_image_px": stroke.width * width,
        "points": _track(start, end),
    }
    return EditRequest(
        id=new_id(),
        sitting=sitting,
        parent=parent.id if parent else None,
        method=stroke.method,
        parameters={},
        shapes=parse_shapes([shape]),
        model_keys=MODELS,
        client_started_ms=now_ms - DRAWING_MS,
        client_ended_ms=now_ms,
    )


def _track(start: tuple[float, float], end: tuple[float, float]) -> list[list[float]]:
    """Times (ms) and places as a hand moves: slowly at both ends."""
    steps, duration_ms = 24, DRAWING_MS
    shares = [(1 - math.cos(math.pi * step / steps)) / 2 for step in range(steps + 1)]
    return [
        [
            round(duration_ms * step / steps),
            round(start[0] + share * (end[0] - start[0]), 2),
            round(start[1] + share * (end[1] - start[1]), 2),
        ]
        for step, share in enumerate(shares)
    ]
