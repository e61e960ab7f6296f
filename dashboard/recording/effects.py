"""Does it matter? The person's region, the model's of equal area and random ones are removed, and the answers drop.

The work advances in short steps that any process can continue: what is done is kept under a key of everything that
determines it, and to stop is not to ask again.
"""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.analysis import (
    Effects,
    RegionTooLargeError,
    effects,
    equal_area_region,
    necessities,
    random_region,
    sufficiency,
)
from dashboard.recording.agreement import Ground, ground
from dashboard.recording.derived import key_of
from dashboard.recording.ids import RequestError, object_of, parse_id
from dashboard.recording.maps import MapNotReadyError, class_map
from dashboard.recording.masks import mask_of
from dashboard.recording.workspace import Workspace
from dashboard.vision.classifiers import ModelCard
from dashboard.vision.explain import EXPLANATIONS
from dashboard.vision.inpainting import METHODS, apply_method, identity

RANDOM_REGIONS = 30
AT_ONCE = 4
STEP_SECONDS = 0.3
VERSION = 3


@dataclass(frozen=True)
class EffectQuestion:
    """Which region, which model, by which map the model's region is found, and by which method both are removed.

    A method that is random has its seed among the parameters; ``seed`` is that of the random regions.
    """

    region: str
    model_key: str
    map_method: str
    method: str
    parameters: dict[str, Any]
    map_parameters: dict[str, Any] = field(default_factory=dict)
    count: int = RANDOM_REGIONS
    seed: int = 0


@dataclass
class Progress:
    """What was found so far; None what is not known yet, NaN for a model without a region."""

    before: float | None = None
    human: float | None = None
    model: float | None = None
    human_sufficiency: float | None = None
    model_sufficiency: float | None = None
    random: list[float] = field(default_factory=list)
    too_large: bool = False

    @property
    def done(self) -> int:
        """How many steps of the work are done."""
        known = (self.human, self.model, self.human_sufficiency, self.model_sufficiency)
        return sum(value is not None for value in known) + len(self.random)

    def total(self, question: EffectQuestion) -> int:
        """How many steps there are; of a region that is too large no random ones."""
        return 4 + (0 if self.too_large else question.count)


@dataclass(frozen=True)
class Subject:
    """What is removed (COCO run lengths) from which image state (its file), and the class whose probability drops."""

    blob: str
    mask_counts: str
    class_index: int
    card: ModelCard


@dataclass(frozen=True)
class Effect:
    """One question's answer so far. ``summary`` is there once both regions and some random ones are."""

    question: EffectQuestion
    ground: Ground
    progress: Progress
    done: int
    total: int

    @property
    def is_finished(self) -> bool:
        """Whether there is nothing left to do."""
        return self.done >= self.total

    @cached_property
    def summary(self) -> Effects | None:
        """The drops side by side; their bootstrap takes tens of milliseconds."""
        found = self.progress
        if found.human is None or found.model is None or not found.random:
            return None
        return effects(found.human, found.model, found.random)


def parse_question(given: Any) -> EffectQuestion:
    """Raises RequestError, ParameterError or UnknownNameError with a sentence."""
    if not isinstance(given, dict):
        raise RequestError("The question must be an object.")
    method, parameters = str(given.get("method")), object_of(given, "parameters")
    map_method = str(given.get("map_method") or "cam")
    if METHODS[method].group != "remove":
        raise RequestError(f"{METHODS[method].label} keeps a region instead of removing it.")
    return EffectQuestion(
        parse_id(given.get("region"), "region"),
        str(given.get("model")),
        map_method,
        method,
        METHODS[method].parse(parameters),
        EXPLANATIONS[map_method].settings(object_of(given, "map_parameters")),
    )


def look(workspace: Workspace, question: EffectQuestion) -> Effect:
    """What is known so far; does nothing."""
    return _effect(_work(workspace, question)[0])


def advance(workspace: Workspace, question: EffectQuestion, seconds: float = STEP_SECONDS) -> Effect:
    """Goes on with the work for some ``seconds`` – at least one step – and says how far it is.

    Raises RegionscopeError where the region, the model or the method cannot be used.
    """
    work, key = _work(workspace, question)
    end = time.monotonic() + seconds
    changed = False
    while not work.is_finished:
        try:
            work.step()
        except MapNotReadyError:
            # The map's own steps are kept; the next call goes on with them.
            break
        changed = True
        if time.monotonic() >= end:
            break
    if changed:
        workspace.derived.write_json(key, asdict(work.progress))
    return _effect(work)


def _work(workspace: Workspace, question: EffectQuestion) -> tuple[_Work, str]:
    found = ground(workspace, question.region, question.model_key)
    subject = Subject(found.blob, str(found.region.mask["counts"]), found.class_index, found.card)
    key = _key(workspace, question, subject)
    return _Work(workspace, question, found, _kept(workspace, key)), key


def finished(workspace: Workspace, question: EffectQuestion, subject: Subject) -> Progress | None:
    """What was found for a question that was worked out to the end; None where it was not. Does nothing."""
    found = _kept(workspace, _key(workspace, question, subject))
    return found if found.done >= found.total(question) else None


def _kept(workspace: Workspace, key: str) -> Progress:
    return Progress(**(workspace.derived.read_json(key) or {}))


def _effect(work: _Work) -> Effect:
    return Effect(work.question, work.found, work.progress, work.done, work.total)


def _key(workspace: Workspace, question: EffectQuestion, subject: Subject) -> str:
    return key_of(
        {
            "what": "effects",
            "version": VERSION,
            "model": subject.card.identity,
            "picture": subject.blob,
            "mask": subject.mask_counts,
            "class": subject.class_index,
            "map": [question.map_method, EXPLANATIONS[question.map_method].settings(question.map_parameters)],
            "method": [identity(question.method, workspace.settings.inpainting_network), question.parameters],
            "random": [question.count, question.seed],
        }
    )


class _Work:
    """The steps, in the order in which they are worth seeing."""

    def __init__(self, workspace: Workspace, question: EffectQuestion, found: Ground, progress: Progress) -> None:
        self.question, self.found, self.progress = question, found, progress
        self._workspace = workspace
        self._classifier = workspace.catalogue.load(question.model_key)
        self._pixels = workspace.pixels(found.blob)
        self._human = mask_of(found.region)

    @property
    def total(self) -> int:
        return self.progress.total(self.question)

    @property
    def done(self) -> int:
        return self.progress.done

    @property
    def is_finished(self) -> bool:
        return self.done >= self.total

    def step(self) -> None:
        found = self.progress
        if found.before is None:
            found.before = float(self._predict(self._pixels[None])[0, self.found.class_index])
        if found.human is None:
            found.human = self._drops([self._human])[0]
        elif found.model is None:
            model = self._model()
            found.model = self._drops([model])[0] if model.any() else math.nan
        elif found.human_sufficiency is None:
            found.human_sufficiency = self._sufficiency(self._human)
        elif found.model_sufficiency is None:
            model = self._model()
            found.model_sufficiency = self._sufficiency(model) if model.any() else math.nan
        else:
            self._random_step()

    def _random_step(self) -> None:
        first = len(self.progress.random)
        numbers = range(first, min(first + AT_ONCE, self.question.count))
        try:
            regions = [random_region(self._human, number, self.question.seed) for number in numbers]
        except RegionTooLargeError:
            self.progress.too_large = True
            self.progress.random = []
            return
        self.progress.random += self._drops(regions)

    def _model(self) -> NDArray[np.bool_]:
        question, found = self.question, self.found
        of_class = class_map(
            self._workspace,
            question.model_key,
            question.map_method,
            found.class_index,
            found.blob,
            question.map_parameters,
            seconds=STEP_SECONDS,
        )
        return equal_area_region(self._human, of_class)

    def _drops(self, regions: list[NDArray[np.bool_]]) -> list[float]:
        index, before = self.found.class_index, self.progress.before
        found = necessities(self._pixels, regions, index, self._predict, self._remove, before=before)
        return [float(drop) for drop in found]

    def _sufficiency(self, region: NDArray[np.bool_]) -> float:
        return sufficiency(self._pixels, region, self.found.class_index, self._predict)

    def _predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return self._classifier.answer(images).probabilities

    def _remove(self, image: NDArray[np.uint8], mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
        question, settings = self.question, self._workspace.settings
        return apply_method(question.method, image, mask, question.parameters, settings.inpainting_network)
