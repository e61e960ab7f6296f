"""A few sessions as somebody might have made them, performed for real on the free photographs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from dashboard.headless import opened
from dashboard.recording import answers, sessions
from dashboard.recording.edits import EditRequest, apply_edit
from dashboard.recording.ids import RequestError, new_id
from dashboard.recording.pictures import GALLERY, ensure_gallery
from dashboard.recording.sessions import Sitting
from dashboard.recording.workspace import Workspace
from dashboard.settings import Settings
from dashboard.vision.shapes import parse_shapes
from db import queries
from db.records import Edit, Picture

MODELS = ("efficientnet_lite0",)


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


STORIES = (
    Story(
        "Cup of coffee",
        "Cup or coffee?",
        "P02",
        "A small part of the surface hardly matters; across the cup the espresso is gone.",
        (
            (Stroke((0.52, 0.14), (0.60, 0.20), 0.08), Stroke((0.50, 0.50), (0.27, 0.11), 0.18)),
            (Stroke((0.44, 0.14), (0.63, 0.47), 0.25),),
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
    ),
    Story(
        "Motorcycle",
        "Wheels",
        "P01",
        "",
        ((Stroke((0.30, 0.52), (0.32, 0.54), 0.22), Stroke((0.72, 0.50), (0.74, 0.52), 0.22, "mean")),),
    ),
)


def record_demo(settings: Settings) -> list[dict[str, Any]]:
    """Performs and records the stories; raises RequestError where there are sessions already."""
    with opened(settings) as workspace:
        with workspace.database.read() as transaction:
            if queries.sessions(transaction, queries.SessionFilter(limit=1)):
                raise RequestError("This data folder holds sessions already; the demo wants an empty one.")
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
    texts = {"name": story.name, "person": story.person, "notes": story.notes}
    sessions.describe(workspace, new_id(), sitting, texts, None)
    return {"session": sitting.session, "image": picture.name, "edits": sum(map(len, story.branches))}


def _request(sitting: Sitting, picture: Picture, stroke: Stroke, parent: Edit | None) -> EditRequest:
    width = picture.working_width
    start, end = ((x * width, y * width) for x, y in (stroke.start, stroke.end))
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
    )


def _track(start: tuple[float, float], end: tuple[float, float]) -> list[list[float]]:
    """Times (ms) and places as a hand moves: slowly at both ends."""
    steps, duration_ms = 24, 900
    shares = [(1 - math.cos(math.pi * step / steps)) / 2 for step in range(steps + 1)]
    return [
        [
            round(duration_ms * step / steps),
            round(start[0] + share * (end[0] - start[0]), 2),
            round(start[1] + share * (end[1] - start[1]), 2),
        ]
        for step, share in enumerate(shares)
    ]
