"""What a figure needs beyond what a package holds, worked out with the models: drops of one region, curves."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dashboard.analysis import Curve
from dashboard.exports.figures.extras import write_extra
from dashboard.exports.figures.look import FigureError
from dashboard.exports.figures.reading import Asked
from dashboard.exports.package.folder import PackageFolder
from dashboard.recording import effects, everybody
from dashboard.recording.curves import CurveQuestion, advance_curves
from dashboard.recording.effects import EffectQuestion
from dashboard.recording.ids import parse_id
from dashboard.recording.maps import MapNotReadyError
from dashboard.recording.workspace import Workspace
from dashboard.vision.explain import EXPLANATIONS
from dashboard.vision.inpainting import METHODS
from db import regions

Written = Callable[[Path], None]
STEP_SECONDS = 0.5


class NotReadyError(FigureError):
    """Some of what a figure shows is still to be worked out; what was done is kept: ask again."""

    def __init__(self, done: int, total: int) -> None:
        super().__init__(f"What the figure shows is worked out: {done} of {total} steps.")
        self.done, self.total = done, total


def work_out(workspace: Workspace, kind: str, asked: Asked, of: str, seconds: float | None = None) -> Written:
    """Works it out for some ``seconds`` (None: to the end); what is returned writes it beside a package.

    Nothing, for most kinds. Raises NotReadyError where there was not enough time.
    """
    end = math.inf if seconds is None else time.monotonic() + seconds
    if kind == "effect":
        return _effect(workspace, asked, of, end)
    if kind == "curves":
        return _curves(workspace, asked, of, end)
    return lambda _folder: None


def _effect(workspace: Workspace, asked: Asked, of: str, end: float) -> Written:
    with workspace.database.read() as transaction:
        region = regions.region(transaction, parse_id(of, "region"))
    model = _key(workspace, asked.model) or region.model or workspace.catalogue.default_key
    method = _filling(asked.method)
    question = EffectQuestion(region.id, model, "cam", method, METHODS[method].parse({}))
    found = effects.look(workspace, question)
    while not found.is_finished:
        if time.monotonic() > end:
            raise NotReadyError(found.done, found.total)
        found = effects.advance(workspace, question, STEP_SECONDS)
    progress = found.progress
    drops = [("people", progress.human), ("model", progress.model), *[("random", one) for one in progress.random]]
    about: dict[str, Any] = {"region_id": region.id, "map_method": "cam", "method": method}
    rows: list[dict[str, Any]] = [
        about | {"whose": whose, "number": number, "drop": drop} for number, (whose, drop) in enumerate(drops)
    ]

    def write(folder: Path) -> None:
        row_of_model = model_row(folder, model)
        write_extra(folder, "effects", [row | {"model_id": row_of_model} for row in rows])

    return write


def _curves(workspace: Workspace, asked: Asked, of: str, end: float) -> Written:
    found = everybody.regions_of(workspace, parse_id(of, "picture"))
    class_name = asked.class_name or (found.classes[0] if found.classes else "")
    model = _key(workspace, asked.model) or workspace.catalogue.default_key
    map_method = asked.method if asked.method in [one.key for one in EXPLANATIONS] else "cam"
    question = CurveQuestion(class_name, model, map_method, _filling(asked.method))
    curves = _to_the_end(workspace, found, question, end)
    about = {"image_id": of, "class_name": class_name, "map_method": map_method, "method": question.filling}
    rows: list[dict[str, Any]] = [
        about | {"curve": kind, "ordering": order, "share": share, "probability": probability}
        for (kind, order), curve in curves.items()
        for share, probability in zip(curve.shares, curve.probabilities, strict=True)
    ]

    def write(folder: Path) -> None:
        row_of_model = model_row(folder, model)
        write_extra(folder, "curves", [row | {"model_id": row_of_model} for row in rows])

    return write


def _to_the_end(
    workspace: Workspace, found: everybody.PictureRegions, question: CurveQuestion, end: float
) -> dict[Any, Curve]:
    while True:
        try:
            curves = advance_curves(workspace, found, question, STEP_SECONDS)
            done, total = curves.done, curves.total
            if curves.is_finished:
                return dict(curves.curves)
        except MapNotReadyError as unfinished:
            done, total = unfinished.steps, unfinished.total
        if time.monotonic() > end:
            raise NotReadyError(done, total)


def _filling(method: str) -> str:
    removing = [one.key for one in METHODS if one.group == "remove"]
    return method if method in removing else "telea"


def _key(workspace: Workspace, model: str) -> str:
    """The key of a model that is named by its key or its name; "" for none. Raises FigureError."""
    entries = {entry.key: entry for entry in workspace.catalogue.entries()}
    if not model or model in entries:
        return model
    named = [entry.key for entry in entries.values() if entry.label == model]
    if not named:
        raise FigureError(f"There is no model {model[:40]!r}.")
    return named[0]


def model_row(folder: Path, key: str) -> str:
    """The name of a model in a package; raises FigureError where it has not answered anything there."""
    found = [row["model_id"] for row in PackageFolder(folder).rows("models") if row["model_key"] == key]
    if not found:
        raise FigureError("The model has not answered this picture yet. Ask it on the Explore page first.")
    return str(found[-1])
