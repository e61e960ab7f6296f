"""What a figure needs beyond what a package holds, worked out with the models: drops of one region, curves."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any, Literal

from dashboard.exports.figures.look import FigureError
from dashboard.exports.figures.reading import USUAL_MAP, USUAL_REMOVAL, Asked
from dashboard.exports.package.removing import curve_rows, effect_rows
from dashboard.recording import effects, everybody
from dashboard.recording.curves import CurveQuestion, Curves, advance_curves
from dashboard.recording.effects import EffectQuestion
from dashboard.recording.ids import parse_id
from dashboard.recording.maps import MapNotReadyError
from dashboard.recording.workspace import Workspace
from dashboard.vision.explain import EXPLANATIONS
from dashboard.vision.inpainting import METHODS
from db import regions

Row = dict[str, Any]
STEP_SECONDS = 0.5


@dataclass(frozen=True)
class WorkedOut:
    """Rows of a package's table without their ``model_id``, which is that of the model with this key."""

    table: Literal["effects", "curves"]
    model_key: str
    rows: list[Row]


class NotReadyError(FigureError):
    """Some of what a figure shows is still to be worked out; what was done is kept: ask again."""

    def __init__(self, done: int, total: int) -> None:
        super().__init__(f"What the figure shows is worked out: {done} of {total} steps.")
        self.done, self.total = done, total


def work_out(workspace: Workspace, kind: str, asked: Asked, seconds: float | None = None) -> WorkedOut | None:
    """Works it out for some ``seconds`` (None: to the end); there is nothing to be worked out for most kinds.

    Raises NotReadyError where there was not enough time.
    """
    end = math.inf if seconds is None else time.monotonic() + seconds
    if kind == "effect":
        return _effect(workspace, asked, end)
    if kind == "curves":
        return _curves(workspace, asked, end)
    return None


def _effect(workspace: Workspace, asked: Asked, end: float) -> WorkedOut:
    with workspace.database.read() as transaction:
        region = regions.region(transaction, parse_id(asked.of, "region"))
    model = _key(workspace, asked.model) or region.model or workspace.catalogue.default_key
    way = _way(asked)
    question = EffectQuestion(region.id, model, way["map_method"], way["method"], METHODS[way["method"]].parse({}))
    found = effects.look(workspace, question)
    while not found.is_finished:
        if time.monotonic() > end:
            raise NotReadyError(found.done, found.total)
        found = effects.advance(workspace, question, STEP_SECONDS)
    rows = [{"region_id": region.id} | way | row for row in effect_rows(found.progress)]
    return WorkedOut("effects", model, rows)


def _curves(workspace: Workspace, asked: Asked, end: float) -> WorkedOut:
    found = everybody.regions_of(workspace, parse_id(asked.of, "picture"))
    class_name = asked.class_name or (found.classes[0] if found.classes else "")
    model = _key(workspace, asked.model) or workspace.catalogue.default_key
    way = _way(asked)
    question = CurveQuestion(class_name, model, way["map_method"], way["method"])
    curves = _to_the_end(workspace, found, question, end)
    about = {"image_id": asked.of, "class_name": class_name} | way
    return WorkedOut("curves", model, [about | row for row in curve_rows(curves)])


def _to_the_end(workspace: Workspace, found: everybody.PictureRegions, question: CurveQuestion, end: float) -> Curves:
    while True:
        try:
            curves = advance_curves(workspace, found, question, STEP_SECONDS)
            done, total = curves.done, curves.total
            if curves.is_finished:
                return curves
        except MapNotReadyError as unfinished:
            done, total = unfinished.steps, unfinished.total
        if time.monotonic() > end:
            raise NotReadyError(done, total)


def _way(asked: Asked) -> dict[str, str]:
    """By which map and which removal: the one that is asked for, beside the usual other one."""
    removing = [one.key for one in METHODS if one.group == "remove"]
    return {
        "map_method": asked.method if asked.method in [one.key for one in EXPLANATIONS] else USUAL_MAP,
        "method": asked.method if asked.method in removing else USUAL_REMOVAL,
    }


def _key(workspace: Workspace, model: str) -> str:
    """The key of a model that is named by its key or its name; "" for none. Raises FigureError."""
    entries = {entry.key: entry for entry in workspace.catalogue.entries()}
    if not model or model in entries:
        return model
    named = [entry.key for entry in entries.values() if entry.label == model]
    if not named:
        raise FigureError(f"There is no model {model[:40]!r}.")
    return named[0]
