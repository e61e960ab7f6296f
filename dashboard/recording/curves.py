"""Deletion and insertion curves of one picture, in people's order and in a model's, made point by point and kept."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from dashboard.analysis import Curve, curve_from_points, curve_picture
from dashboard.analysis.curves import STEPS, CurveKind
from dashboard.recording import everybody
from dashboard.recording.agreement import class_of
from dashboard.recording.derived import fixed_key_of, key_of
from dashboard.recording.everybody import Map, PictureRegions
from dashboard.recording.workspace import Workspace
from dashboard.vision.classifiers import ModelCard
from dashboard.vision.errors import RegionscopeError
from dashboard.vision.inpainting import METHODS, apply_method, identity
from db.records import Region

Order = Literal["people", "model"]
KINDS: tuple[CurveKind, ...] = ("deletion", "insertion")
ORDERS: tuple[Order, ...] = ("people", "model")
_NAMES = {(kind, order): f"{kind} {order}" for kind in KINDS for order in ORDERS}
VERSION = 3


@dataclass(frozen=True)
class CurveQuestion:
    """Which class of which picture, which model and map, and the method by which removed pixels are filled."""

    class_name: str
    model_key: str
    map_method: str = "cam"
    filling: str = "telea"


@dataclass(frozen=True)
class Curves:
    """The curves so far by (kind, order); those that are not finished are missing."""

    curves: dict[tuple[CurveKind, Order], Curve]
    done: int
    total: int

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to do."""
        return self.done >= self.total


def advance_curves(
    workspace: Workspace, found: PictureRegions, question: CurveQuestion, seconds: float = 0.3
) -> Curves:
    """Goes on with the work for some ``seconds`` – at least one point – and says how far it is.

    People's order is their smoothed consensus map. Raises RegionscopeError where nobody marked the class or the model
    cannot be asked, MapNotReadyError while its map is being made.
    """
    first, index, _ = _asked(workspace, found, question)
    [key] = _keys(workspace, found, [question])
    maps: dict[Order, Map] = {
        "people": everybody.smoothed_consensus(workspace, found.picture.id, question.class_name),
        "model": everybody.model_map(workspace, found.picture, first, question.model_key, question.map_method, seconds),
    }
    kept = _kept(workspace, key)
    end, worked = time.monotonic() + seconds, False
    for (kind, order), name in _NAMES.items():
        points = kept[name]["points"]
        while len(points) <= STEPS and (not worked or time.monotonic() < end):
            points.append(_point(workspace, found, question, index, kind, maps[order], len(points)))
            worked = True
        if len(points) > STEPS and "curve" not in kept[name]:
            kept[name]["curve"] = asdict(curve_from_points(kind, maps[order], points, question.filling))
    if worked:
        workspace.derived.write_json(key, kept)
    return _curves(kept)


def look_at_curves(
    workspace: Workspace, found: PictureRegions, questions: Sequence[CurveQuestion]
) -> dict[CurveQuestion, Curves]:
    """What is known so far of questions about one class and one model; does nothing.

    Raises RegionscopeError as ``advance_curves``.
    """
    keys = _keys(workspace, found, questions)
    return {question: _curves(_kept(workspace, key)) for question, key in zip(questions, keys, strict=True)}


def _asked(workspace: Workspace, found: PictureRegions, question: CurveQuestion) -> tuple[Region, int, ModelCard]:
    """One of the regions that are asked about, the class's number for the model, and the model."""
    chosen = found.of_class(question.class_name)
    if not chosen:
        raise RegionscopeError("Nobody marked anything for this class.")
    card = workspace.catalogue.load(question.model_key).card
    index = class_of(chosen[0], card)
    if index is None:
        raise RegionscopeError(f"{card.label} has no class “{question.class_name}”.")
    return chosen[0], index, card


def _keys(workspace: Workspace, found: PictureRegions, questions: Sequence[CurveQuestion]) -> Iterator[str]:
    """Under which the curves are kept; what people marked, the longest part, is looked at once."""
    _, index, card = _asked(workspace, found, questions[0])
    marked = fixed_key_of(sorted([one.author, one.mask["counts"]] for one in found.of_class(questions[0].class_name)))
    for question in questions:
        filling = identity(question.filling, workspace.settings.inpainting_network)
        yield key_of(
            {
                "what": "curves",
                "version": VERSION,
                "model": card.identity,
                "picture": found.picture.working_blob,
                "people": marked,
                "class": index,
                "map": question.map_method,
                "filling": [filling, METHODS[question.filling].parse({})],
            }
        )


def _kept(workspace: Workspace, key: str) -> dict[str, Any]:
    return workspace.derived.read_json(key) or {name: {"points": []} for name in _NAMES.values()}


def _point(
    workspace: Workspace,
    found: PictureRegions,
    question: CurveQuestion,
    index: int,
    kind: CurveKind,
    order: Map,
    step: int,
) -> float:
    image, settings = workspace.pixels(found.picture.working_blob), workspace.settings
    given = METHODS[question.filling].parse({})

    def remove(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
        return apply_method(question.filling, picture, mask, given, settings.inpainting_network)

    picture = curve_picture(kind, image, order, step, remove)
    classifier = workspace.catalogue.load(question.model_key)
    return float(classifier.answer(picture[None]).probabilities[0, index])


def _curves(kept: dict[str, Any]) -> Curves:
    curves = {which: _curve(**kept[name]["curve"]) for which, name in _NAMES.items() if "curve" in kept[name]}
    done = sum(len(kept[name]["points"]) for name in _NAMES.values())
    return Curves(curves, done, len(_NAMES) * (STEPS + 1))


def _curve(**fields: Any) -> Curve:
    """JSON knows lists only."""
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
    return Curve(**given)
