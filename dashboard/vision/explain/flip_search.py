"""How the smallest flip is searched: every step fills and classifies one picture.

The state's ``phase`` says what the next step does. ``region`` (H, W) is what is removed at present, ``best`` the
best region so far, ``parts`` the superpixels, ``heat`` the map that orders them. While the region grows, ``queue``
holds the parts that are still to be tried in this round, ``trial.*`` the best one tried; while it shrinks, the parts
that are to be put back, and ``groups`` how many of them at once.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from dashboard.vision.classifiers.answer import Answer, Floats
from dashboard.vision.explain.class_map import class_activation_map
from dashboard.vision.explain.filling import filler
from dashboard.vision.explain.occlusion import STEPS as OCCLUSION
from dashboard.vision.explain.question import Question
from dashboard.vision.explain.stepwise import State, done
from dashboard.vision.explain.superpixels import Parts, mean_of_parts, parts_at_border, parts_of, superpixels
from dashboard.vision.masks import Mask

# Each refinement has so many times the superpixels of the one before, and puts so many back at once.
FINER, LEVELS, GROUP = 3, 2, 4
# By how much the new answer must lead, so that summing in another order does not take the flip back.
LEAD = 1e-4
# The occlusion map that orders the parts where there is no class map: windows across the input, and their overlap.
ACROSS, OVERLAP = 7, 2


class Phase(IntEnum):
    """What the next step does."""

    ORDER = 0
    GROW = 1
    SHRINK = 2
    OVER = 3


class Seen(NamedTuple):
    """What the model says without a region: by how much another class leads, which is on top, and the map."""

    lead: float
    top: int
    probability: float
    probability_left: float
    heat: Floats | None

    @property
    def flips(self) -> bool:
        """Whether another class is on top, and not by a rounding error."""
        return self.lead > LEAD


def begin(question: Question) -> State:
    """The state before the first step."""
    answer = question.answer or question.classifier.answer(question.image[None])
    seen = _seen(question, answer)
    nothing = np.zeros(question.image.shape[:2], np.bool_)
    state: State = {
        "parts": superpixels(question.image, question.whole("segments")),
        "region": nothing,
        "best": nothing,
        "best_lead": np.array(-np.inf),
        "best_answer": np.array([seen.top, seen.probability, seen.probability_left]),
        "before": np.array(seen.probability_left),
        "lead": np.array(seen.lead),
        "evaluations": np.array(0),
        "level": np.array(0),
        "changed": np.array(False),
        "largest": np.array(0.0),
    }
    _set_queue(state, Phase.GROW, [])
    if seen.heat is not None:
        return {**state, "heat": seen.heat}
    order = OCCLUSION.begin(_ordering(question))
    return {**state, "phase": np.array(Phase.ORDER), **{f"order.{name}": array for name, array in order.items()}}


def order_steps(question: Question) -> int:
    """How many steps the map takes that orders the superpixels."""
    return 0 if _has_class_map(question) else OCCLUSION.total(_ordering(question))


def is_over(question: Question, state: State) -> bool:
    """Whether nothing is left to try, or nothing more may be."""
    return nothing_left(state) or int(state["evaluations"]) >= question.whole("evaluations")


def nothing_left(state: State) -> bool:
    """Whether everything that the search tries was tried."""
    return int(state["phase"]) == Phase.OVER


def step(question: Question, state: State) -> None:
    """One step, on the state itself."""
    {Phase.ORDER: _order, Phase.GROW: _grow, Phase.SHRINK: _shrink}[Phase(int(state["phase"]))](question, state)


def _has_class_map(question: Question) -> bool:
    return question.settings["order"] == "auto" and question.classifier.card.has_cam


def _ordering(question: Question) -> Question:
    """The occlusion map with few windows, filled as the regions will be."""
    window = max(1, max(question.input_shape) // ACROSS)
    settings = {**question.settings, "window": window, "stride": max(1, window // OVERLAP)}
    return Question(question.classifier, question.image, question.class_index, settings, None, question.network_path)


def _order(question: Question, state: State) -> None:
    asked = _ordering(question)
    order = {name.removeprefix("order."): array for name, array in state.items() if name.startswith("order.")}
    order = OCCLUSION.advance(asked, order, done(order) + 1)
    state.update({f"order.{name}": array for name, array in order.items()})
    if done(order) == OCCLUSION.total(asked):
        state["heat"] = OCCLUSION.finish(asked, order)
        state["phase"] = np.array(Phase.GROW)


def _grow(question: Question, state: State) -> None:
    """Tries the next part of this round; the best of the round is added at its end."""
    if not len(state["queue"]):
        candidates = _candidates(question, state)
        _set_queue(state, Phase.GROW if len(candidates) else Phase.OVER, candidates)
        state["trial.gain"] = np.array(-np.inf)
        if not len(candidates):
            return
    part, state["queue"] = state["queue"][0], state["queue"][1:]
    _try(question, state, state["parts"] == part)
    if not len(state["queue"]):
        state["region"], state["lead"], state["heat"] = (state[f"trial.{name}"] for name in ("region", "lead", "heat"))
        if state["lead"] > LEAD:
            _queue(state, parts_of(state["region"], state["parts"]), 1)


def _try(question: Question, state: State, part: Mask) -> None:
    """Keeps the region with this part where it gains most, per pixel, of those tried in this round."""
    region = state["region"] | part
    seen = _without(question, state, region)
    # A lead gains at most 2: so the smallest part that flips the answer comes before any that does not.
    gain = 1 / part.sum() if seen.flips else (seen.lead - state["lead"]) / part.sum() - 2
    if gain > state["trial.gain"]:
        heat = state["heat"] if seen.heat is None else seen.heat
        trial = {"gain": gain, "region": region, "lead": seen.lead, "heat": heat}
        state.update({f"trial.{name}": np.array(value) for name, value in trial.items()})


def _candidates(question: Question, state: State) -> Parts:
    """The parts that come next in the map's order and still fit into the area that may be tried."""
    region, parts = state["region"], state["parts"]
    room = question.number("most") * region.size - region.sum()
    heat = mean_of_parts(state["heat"], parts)
    heat[np.bincount(parts.ravel()) > room] = -np.inf
    heat[parts_of(region, parts)] = -np.inf
    order = np.argsort(-heat, kind="stable")[: _together(question, state, room)]
    return order[np.isfinite(heat[order])].astype(np.int32)


def _together(question: Question, state: State, room: float) -> int:
    """How many parts are compared in a round, so that the evaluations last until all of ``room`` px is removed."""
    rounds = room * (int(state["parts"].max()) + 1) / state["parts"].size
    left = question.whole("evaluations") - int(state["evaluations"])
    return max(1, min(question.whole("together"), int(left / max(rounds, 1))))


def _queue(state: State, parts: Parts, group: int) -> None:
    """Queues parts to be put back, those first that the map says matter least."""
    order = parts[np.argsort(mean_of_parts(state["heat"], state["parts"])[parts], kind="stable")]
    sizes = [len(chunk) for chunk in np.array_split(order, -(-len(order) // group))]
    state["changed"] = np.array(False)
    _set_queue(state, Phase.SHRINK, order, sizes)


def _set_queue(state: State, phase: Phase, queue: ArrayLike, groups: ArrayLike = ()) -> None:
    state["phase"] = np.array(phase)
    state["queue"] = np.array(queue, np.int32)
    state["groups"] = np.array(groups, np.int32)


def _shrink(question: Question, state: State) -> None:
    """Tries to put one group of parts back; a group that is needed is divided, a single part stays removed."""
    if not len(state["groups"]) and not _next_pass(question, state):
        return
    size = int(state["groups"][0])
    group, queue, groups = state["queue"][:size], state["queue"][size:], state["groups"][1:]
    smaller = state["region"] & ~np.isin(state["parts"], group)
    if smaller.any() and _without(question, state, smaller).flips:
        state["region"], state["changed"] = smaller, np.array(True)
    elif size > 1:
        queue, groups = np.concatenate([group, queue]), np.concatenate([[size // 2, size - size // 2], groups])
    _set_queue(state, Phase.SHRINK, queue, groups)


def _next_pass(question: Question, state: State) -> bool:
    """Queues the next pass over the region: again where the last one changed something, else more finely."""
    if not state["changed"]:
        state["level"] = state["level"] + 1
        state["parts"] = superpixels(question.image, question.whole("segments") * FINER ** int(state["level"]))
    if state["level"] > LEVELS:
        _set_queue(state, Phase.OVER, [])
        return False
    if state["level"] == 0:
        _queue(state, parts_of(state["region"], state["parts"]), 1)
    else:
        _queue(state, parts_at_border(state["region"], state["parts"]), GROUP)
    return bool(len(state["groups"]))


def _without(question: Question, state: State, region: Mask) -> Seen:
    """What the model says without the region; kept where it is the best so far."""
    filled = filler(question)(question.image, region)
    seen = _seen(question, question.classifier.answer(filled[None]))
    state["evaluations"] = state["evaluations"] + 1
    state["largest"] = np.maximum(state["largest"], region.mean())
    flipped = state["best_lead"] > LEAD
    better = region.sum() < state["best"].sum() if flipped else seen.lead > state["best_lead"]
    if (seen.flips or not flipped) and better:
        state["best"], state["best_lead"] = region, np.array(seen.lead)
        state["best_answer"] = np.array([seen.top, seen.probability, seen.probability_left])
    return seen


def _seen(question: Question, answer: Answer) -> Seen:
    probabilities = answer.probabilities[0]
    own, top = float(probabilities[question.class_index]), int(probabilities.argmax())
    heat = None
    if _has_class_map(question):
        heat = class_activation_map(question.classifier, question.image, question.class_index, answer)
    lead = float(np.delete(probabilities, question.class_index).max()) - own
    return Seen(lead, top, float(probabilities[top]), own, heat)
