"""The table of explanation methods, and what makes one unable to explain a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dashboard.vision.classifiers.answer import Floats, ModelCard
from dashboard.vision.explain.filling import PREFIX, parse_filling
from dashboard.vision.explain.question import Question
from dashboard.vision.explain.stepwise import InParts, State, Stepwise
from dashboard.vision.registry import Choice, Method, Registry, Setting


@dataclass(frozen=True)
class Settable(Method):
    """A method that takes names (``choices``) beside numbers (``parameters``)."""

    choices: tuple[Choice, ...] = ()

    def settings(self, given: Mapping[str, Any]) -> dict[str, Setting]:
        """All settings with defaults filled in; raises ParameterError for an unknown or bad one.

        Where there is a choice ``filling``, the chosen method's own parameters are ``filling.<name>``.
        """
        chosen = {c.name: c.parse(given.get(c.name, c.default)) for c in self.choices}
        fills = {n: value for n, value in given.items() if n.startswith(PREFIX) and "filling" in chosen}
        numbers = self.parse({n: value for n, value in given.items() if n not in {*chosen, *fills}})
        own = parse_filling(chosen["filling"], fills) if "filling" in chosen else {}
        return {**chosen, **own, **numbers}


@dataclass(frozen=True)
class Explanation(Settable):
    """A method whose ``function`` takes a Question and returns a map (h, w) float32 of any size.

    ``steps`` does the same work in steps. ``refuses`` returns a sentence saying why the method cannot explain
    a model, or None where it can. ``is_instant``: it costs one forward pass and is exact, so that no file need keep it.
    """

    refuses: Callable[[ModelCard], str | None] = field(default=lambda _card: None)
    stepwise: Stepwise[Floats] | None = None
    is_instant: bool = False

    @property
    def is_quick(self) -> bool:
        """Whether it takes no time worth dividing."""
        return self.stepwise is None

    @property
    def steps(self) -> Stepwise[Floats]:
        """The method in steps; one step where it takes no time worth dividing."""
        return self.stepwise or AtOnce(self.function)


class AtOnce(InParts):
    """One step that makes the whole map."""

    def __init__(self, function: Callable[[Question], Floats]) -> None:
        self._function = function

    def total(self, question: Question) -> int:
        """One."""
        return 1

    def finish(self, question: Question, state: State) -> Floats:
        """The map; before the step a single zero."""
        return state["map"]

    def _first(self, question: Question) -> State:
        return {"map": np.zeros((1, 1), np.float32)}

    def _step(self, question: Question, state: State, index: int) -> None:
        state["map"] = self._function(question)


EXPLANATIONS: Registry[Explanation] = Registry("explanation method")


def needs_linear_head(card: ModelCard) -> str | None:
    """Why there is no class activation map of this model, or None."""
    if card.has_cam:
        return None
    return (
        f"{card.label} is not known to end in average pooling and one linear layer, "
        "which the class activation map needs to be exact."
    )


def needs_gradients(method: str) -> Callable[[ModelCard], str | None]:
    """The check whether a model gives the gradients that ``method``, by its human label, needs."""

    def refuse(card: ModelCard) -> str | None:
        if card.has_gradients:
            return None
        return f"{card.label} was loaded from a file that gives no gradients, which {method} needs."

    return refuse
