"""A few sessions as somebody might have made them, performed for real on the free photographs."""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from dashboard.recording import answers, comparisons, curation, regions, sessions
from dashboard.recording.edits import EditRequest, apply_edit
from dashboard.recording.ids import new_id
from dashboard.recording.pictures import GALLERY, ensure_gallery
from dashboard.recording.regions import About, RegionRequest
from dashboard.recording.sessions import Sitting
from dashboard.recording.workspace import Workspace
from dashboard.vision.shapes import parse_shapes
from db import queries
from db.errors import ConflictError
from db.records import Edit, Picture

MODELS = ("efficientnet_lite0",)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stroke:
    """A round brush stroke between two points; all lengths are shares of the picture's width."""

    start: tuple[float, float]
    end: tuple[float, float]
    width: float
    method: str = "telea"


@dataclass(frozen=True)
class Mark:
    """What somebody says matters in the original for a class; ``sure`` 1–5."""

    class_name: str
    name: str
    strokes: tuple[Stroke, ...]
    sure: int
    reason: str = ""


@dataclass(frozen=True)
class Story:
    """A session: strokes on a branch of their own, begun at the original each; ``remark`` is about its last edit."""

    picture: str
    name: str
    person: str
    notes: str
    branches: tuple[tuple[Stroke, ...], ...]
    study: str = ""
    tags: tuple[str, ...] = ()
    remark: str = ""
    marks: tuple[Mark, ...] = ()


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
        "Astronaut",
        "Is the face enough?",
        "P05",
        "",
        ((Stroke((0.42, 0.16), (0.46, 0.26), 0.26, "keep_blur"),), (Stroke((0.42, 0.16), (0.46, 0.26), 0.26),)),
    ),
    Story(
        "Rocket",
        "Sky first, then the rocket",
        "P01",
        "Even with the rocket covered it is a drilling platform.",
        (
            (Stroke((0.06, 0.08), (0.90, 0.10), 0.16), Stroke((0.60, 0.24), (0.94, 0.30), 0.14)),
            (Stroke((0.52, 0.15), (0.54, 0.55), 0.14, "mean"),),
            (Stroke((0.52, 0.15), (0.54, 0.55), 0.14, "noise"),),
        ),
        study="vehicles",
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
        marks=(Mark("espresso", "surface", (Stroke((0.42, 0.30), (0.56, 0.34), 0.26),), 4, "The crema."),),
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
        remark="A candle now: the rim and half of the surface are gone, the saucer is whole.",
        marks=(Mark("espresso", "cup", (Stroke((0.40, 0.34), (0.60, 0.44), 0.40),), 5, "The small white cup."),),
    ),
    Story(
        "Chelsea the cat",
        "Whiskers",
        "P05",
        "",
        ((Stroke((0.30, 0.48), (0.40, 0.52), 0.06), Stroke((0.52, 0.52), (0.66, 0.50), 0.06, "patchmatch")),),
        marks=(Mark("Egyptian cat", "eyes and nose", (Stroke((0.36, 0.26), (0.52, 0.36), 0.24),), 3),),
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
        marks=(
            Mark(
                "Egyptian cat",
                "ears",
                (Stroke((0.26, 0.06), (0.34, 0.14), 0.16), Stroke((0.58, 0.08), (0.66, 0.16), 0.16)),
                2,
                "Large for such a small head.",
            ),
            Mark("Egyptian cat", "face", (Stroke((0.40, 0.24), (0.52, 0.34), 0.34),), 4),
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
        marks=(Mark("Egyptian cat", "head", (Stroke((0.38, 0.20), (0.54, 0.30), 0.44),), 5, "Eyes, ears and nose."),),
    ),
)


# A name, and the sessions whose end states stand side by side.
COMPARISONS = (
    ("Two ways to lose the cup", ("Cup or coffee?", "Spoon first")),
    ("What is left of the cat", ("Does the face make the cat?", "Ears and stripes", "Whiskers")),
)


@dataclass(frozen=True)
class _Telling:
    """A story on its picture. Its ids follow from both, so that two who ask at once record it once."""

    story: Story
    picture: Picture

    def id(self, what: str) -> str:
        return str(uuid5(UUID(self.picture.id), f"demo/{self.story.name}/{what}"))


def record_demo(workspace: Workspace) -> list[dict[str, Any]]:
    """Performs and records the stories; raises ConflictError where there are sessions already.

    Stories of a photograph that cannot be had here are left out.
    """
    with workspace.database.read() as transaction:
        if queries.sessions(transaction, queries.SessionFilter(limit=1)):
            raise ConflictError("This data folder holds sessions already; the demo wants an empty one.")
    ensure_gallery(workspace)
    with workspace.database.read() as transaction:
        pictures = {picture.name: picture for picture in queries.pictures(transaction, GALLERY)}
    tellings = [_Telling(story, pictures[story.picture]) for story in STORIES if story.picture in pictures]
    recorded = [_record(workspace, telling) for telling in tellings]
    _compare(workspace, tellings)
    return recorded


def _record(workspace: Workspace, telling: _Telling) -> dict[str, Any]:
    story, picture = telling.story, telling.picture
    sitting = Sitting(telling.id("session"), picture.id, {"interface": "demo"})
    answers.of_picture(workspace, picture, MODELS)
    last: Edit | None = None
    for branch, strokes in enumerate(story.branches):
        if branch:
            sessions.move(workspace, telling.id(f"reset {branch}"), sitting.session, "reset", None, None)
        last = None
        for step, stroke in enumerate(strokes):
            edit_id = telling.id(f"edit {branch}.{step}")
            last = apply_edit(workspace, _request(edit_id, sitting, picture, stroke, last))
    for number, mark in enumerate(story.marks):
        regions.mark(workspace, _region_request(workspace, telling.id(f"region {number}"), sitting, picture, mark))
    texts = {"name": story.name, "person": story.person, "notes": story.notes, "study": story.study}
    sessions.describe(workspace, telling.id("texts"), sitting, texts, None)
    if story.tags:
        curation.tag(workspace, new_id(), {"items": [f"session:{sitting.session}"]}, list(story.tags), None)
    if story.remark and last is not None:
        curation.note(workspace, telling.id("remark"), last.id, story.remark)
    return {"session": sitting.session, "image": picture.name, "edits": sum(map(len, story.branches))}


def _compare(workspace: Workspace, tellings: list[_Telling]) -> None:
    by_name = {telling.story.name: telling for telling in tellings}
    for name, stories in COMPARISONS:
        if not all(story in by_name for story in stories):
            continue
        content = comparisons.parse_content(name, [f"session:{by_name[story].id('session')}" for story in stories], {})
        try:
            comparisons.save(workspace, by_name[stories[0]].id("comparison"), content)
        except ConflictError:
            # The one of an earlier demo was changed or deleted since.
            log.info("the comparison %s is left out", name)


def _request(edit_id: str, sitting: Sitting, picture: Picture, stroke: Stroke, parent: Edit | None) -> EditRequest:
    shape, duration_ms = _drawn(stroke, picture)
    now_ms = time.time() * 1000
    return EditRequest(
        id=edit_id,
        sitting=sitting,
        parent=parent.id if parent else None,
        method=stroke.method,
        parameters={},
        shapes=parse_shapes([shape]),
        model_keys=MODELS,
        client_started_ms=now_ms - duration_ms,
        client_ended_ms=now_ms,
    )


def _region_request(
    workspace: Workspace, region_id: str, sitting: Sitting, picture: Picture, mark: Mark
) -> RegionRequest:
    labels = workspace.catalogue.load(MODELS[0]).card.labels
    drawn = [_drawn(stroke, picture) for stroke in mark.strokes]
    now_ms = time.time() * 1000
    return RegionRequest(
        id=region_id,
        sitting=sitting,
        edit=None,
        model_key=MODELS[0],
        class_index=labels.index(mark.class_name),
        class_name="",
        shapes=parse_shapes([shape for shape, _ in drawn]),
        about=About(mark.name, mark.reason, mark.sure),
        client_started_ms=now_ms - sum(duration for _, duration in drawn),
        client_ended_ms=now_ms,
    )


def _drawn(stroke: Stroke, picture: Picture) -> tuple[dict[str, Any], float]:
    """The stroke as the page would send it, and how long it took to draw, in ms."""
    width = picture.working_width
    start, end = ((x * width, y * width) for x, y in (stroke.start, stroke.end))
    track = _track(start, end)
    shape = {
        "tool": "brush",
        "mode": "add",
        "path": f"M{start[0]:.2f},{start[1]:.2f}L{end[0]:.2f},{end[1]:.2f}",
        "width_image_px": stroke.width * width,
        "points": track,
    }
    return shape, track[-1][0]


def _track(start: tuple[float, float], end: tuple[float, float]) -> list[list[float]]:
    """Times (ms) and places as a hand moves: slowly at both ends, and longer the longer the way."""
    steps, duration_ms = 24, 350 + 2.4 * math.dist(start, end)
    shares = [(1 - math.cos(math.pi * step / steps)) / 2 for step in range(steps + 1)]
    return [
        [
            round(duration_ms * step / steps),
            round(start[0] + share * (end[0] - start[0]), 2),
            round(start[1] + share * (end[1] - start[1]), 2),
        ]
        for step, share in enumerate(shares)
    ]
