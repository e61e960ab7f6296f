"""Where a model looked for a class, on any kept image state: computed once, in short steps, and kept for good."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.recording.derived import key_of
from dashboard.recording.workspace import Workspace
from dashboard.vision.classifiers import ModelCard
from dashboard.vision.errors import RegionscopeError
from dashboard.vision.explain import EXPLANATIONS, Explanation, Question, advance_for, ask, done, map_so_far
from dashboard.vision.inpainting import identity

Map = NDArray[np.float32]
# Changed whenever a method gives other numbers than before, so that kept maps are made again.
VERSION = 3


class MapNotReadyError(RegionscopeError):
    """More steps are needed than there was time for; what was done is kept."""

    def __init__(self, label: str, steps: int, total: int) -> None:
        super().__init__(f"{label} is at {steps} of {total} steps.")
        self.label, self.steps, self.total = label, steps, total


def class_map(
    workspace: Workspace,
    model_key: str,
    method: str,
    class_index: int,
    blob: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    seconds: float | None = None,
) -> Map:
    """The map (H, W) float32 in the working copy's pixels, as the method gives it, not normalised.

    ``blob`` is the picture's file. Where a map takes longer than ``seconds`` (None: as long as it takes) the work done
    so far is kept and MapNotReadyError is raised: ask again, and it goes on from there, in any process. Raises
    RegionscopeError where the model cannot be explained that way.

    Of class activation maps only the latest are held, in memory: each is one forward pass, some 10 ms, and exact, while
    its file would take a megabyte and about as long to read. All others are kept for good.
    """
    classifier = workspace.catalogue.load(model_key)
    entry = EXPLANATIONS[method]
    settings = entry.settings(parameters or {})
    network_path = workspace.settings.inpainting_network
    key = _key(classifier.card, method, class_index, blob, settings, network_path)

    def make() -> Map:
        kept = None if entry.is_instant else workspace.derived.read_arrays(key)
        if kept is not None:
            return np.asarray(kept["map"], np.float32)
        image = workspace.pixels(blob)
        question = ask(classifier, image, class_index, method, parameters=settings, network_path=network_path)
        return _worked_out(workspace, entry, question, key, seconds)

    return workspace.maps.get(key, make)


def is_worked_out(workspace: Workspace, model_key: str, method: str, class_index: int, blob: str) -> bool:
    """Whether ``class_map`` only has to read the map, with the method's usual settings; never what is only in memory.

    Raises RegionscopeError where the model is not at hand.
    """
    card, settings = workspace.catalogue.load(model_key).card, EXPLANATIONS[method].settings({})
    return workspace.derived.has_arrays(
        _key(card, method, class_index, blob, settings, workspace.settings.inpainting_network)
    )


def _worked_out(workspace: Workspace, entry: Explanation, question: Question, key: str, seconds: float | None) -> Map:
    steps = entry.steps
    if entry.is_instant:
        return map_so_far(entry.key, question, steps.advance(question, steps.begin(question), 1))
    # A step is a batch, and a GPU's is larger: what a CPU began goes on there from the beginning.
    derived, unfinished = workspace.derived, key_of({"unfinished": key, "batch": question.classifier.batch_size})
    total = steps.total(question)
    state = derived.read_arrays(unfinished) or steps.begin(question)
    state = advance_for(steps, question, state, float("inf") if seconds is None else seconds)
    if done(state) < total:
        derived.write_arrays(unfinished, state)
        raise MapNotReadyError(entry.label, done(state), total)
    found = map_so_far(entry.key, question, state)
    derived.write_arrays(key, {"map": found})
    derived.remove_arrays(unfinished)
    return found


def _key(
    card: ModelCard,
    method: str,
    class_index: int,
    blob: str,
    settings: Mapping[str, Any],
    network_path: Path | None,
) -> str:
    filling = identity(settings["filling"], network_path) if "filling" in settings else []
    return key_of(
        {
            "what": "map",
            "version": VERSION,
            "model": card.identity,
            "method": [method, dict(settings), filling],
            "class": class_index,
            "picture": blob,
        }
    )
