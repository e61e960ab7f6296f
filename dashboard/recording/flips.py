"""The smallest flip found on a kept image state: searched in short steps, the best so far at hand, kept for good."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.recording.derived import key_of
from dashboard.recording.maps import MapNotReadyError
from dashboard.recording.workspace import Workspace
from dashboard.vision.explain import Question, advance_for, done
from dashboard.vision.explain.flip import SMALLEST_FLIP, STEPS, Flip, ask_flip
from dashboard.vision.inpainting import identity

FLIP = "flip"
VERSION = 3


class FlipNotReadyError(MapNotReadyError):
    """The search goes on; ``flip`` is the best so far."""

    def __init__(self, flip: Flip, steps: int, total: int) -> None:
        super().__init__(SMALLEST_FLIP.label, steps, total)
        self.flip = flip


def find_flip(
    workspace: Workspace, model_key: str, blob: str, parameters: Mapping[str, Any], *, seconds: float | None = None
) -> Flip:
    """The smallest region found whose removal changes the model's top answer to the picture in the file ``blob``.

    ``parameters`` are those of SMALLEST_FLIP, the filling by which regions are removed among them.
    Where the search takes longer than ``seconds`` (None: as long as it takes) what was done is kept and
    FlipNotReadyError is raised: ask again, and it goes on. Raises RegionscopeError where the model or the method cannot
    be used.
    """
    question, key = _asked(workspace, model_key, blob, parameters)
    total = STEPS.total(question)
    state = workspace.derived.read_arrays(key) or STEPS.begin(question)
    if done(state) < total:
        state = advance_for(STEPS, question, state, float("inf") if seconds is None else seconds)
        workspace.derived.write_arrays(key, state)
    flip = STEPS.finish(question, state)
    if done(state) < total:
        raise FlipNotReadyError(flip, done(state), total)
    return flip


def best_flip_so_far(workspace: Workspace, model_key: str, blob: str, parameters: Mapping[str, Any]) -> Flip:
    """What the search has found until now; does nothing."""
    question, key = _asked(workspace, model_key, blob, parameters)
    return STEPS.finish(question, workspace.derived.read_arrays(key) or STEPS.begin(question))


def _asked(workspace: Workspace, model_key: str, blob: str, parameters: Mapping[str, Any]) -> tuple[Question, str]:
    classifier = workspace.catalogue.load(model_key)
    card, network_path = classifier.card, workspace.settings.inpainting_network
    question = ask_flip(classifier, workspace.pixels(blob), parameters=parameters, network_path=network_path)
    filling = identity(str(question.settings["filling"]), network_path)
    content = {"what": FLIP, "version": VERSION, "model": card.identity, "picture": blob, "filling": filling}
    # The steps of the map that may come first are batches, which another device has of another size.
    content |= {"settings": dict(question.settings), "batch": classifier.batch_size}
    return question, key_of(content)
