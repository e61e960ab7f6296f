"""What can be chosen for each kind of figure: only what can be drawn of what was recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dashboard.exports.figures.drawing import Kind
from dashboard.exports.figures.reading import (
    QUICK_MAPS,
    Asked,
    State,
    find,
    labels,
    model_name,
    models_that_answered,
    state_of,
)
from dashboard.exports.figures.recorded import Recorded
from dashboard.studies.results.sections import Results
from dashboard.vision.explain import EXPLANATIONS, unavailable_reason
from dashboard.vision.inpainting import METHODS

CHOICES = ("model", "class_name", "method", "table")
USUAL, USUALS = "The usual one", "The usual ones"
MOST_CLASSES = 100
NOTHING = Asked("")
Menu = list[dict[str, str]]


@dataclass(frozen=True)
class Menus:
    """Menus of figures of ``states``, or of a study with ``results``; nothing is in one that has no choice.

    ``marked``: the classes for which people marked regions, most people first. ``shown``: models and class of a page.
    """

    source: Recorded
    states: Sequence[State]
    marked: Sequence[str]
    results: Results | None = None
    shown: Asked = NOTHING

    def of(self, kind: Kind) -> dict[str, Any]:
        """``{"choices": {name of what is asked: [{"value", "label"}]}, "by": [{"value", "label", "choices"}]}``."""
        by = [
            {"value": one, "label": one.capitalize(), "choices": self._choices(kind, accepts, one)}
            for one, accepts in kind.by.items()
        ]
        return {"choices": self._choices(kind, kind.accepts), "by": by}

    def is_drawn(self, kind: Kind) -> bool:
        """Whether there is any table that a kind draws, where it draws one; they may still have to be worked out.

        Of what is compared: whether there is a model that answered all of it, and can be asked, where maps are drawn.
        """
        if kind.of == "comparison":
            return any(name in self.source.models_here or not kind.shows_maps for name in self._answered)
        found = self.results
        return kind.tables is None or found is None or found.done < found.total or any(kind.tables.of(found))

    def _choices(self, kind: Kind, accepts: Sequence[str], by: str = "") -> dict[str, Menu]:
        made = {"model": self._models, "class_name": self._classes, "method": self._methods, "table": self._tables}
        return {name: made[name](kind, by) if name in accepts else [] for name in CHOICES}

    def _models(self, kind: Kind, by: str) -> Menu:
        if by == "models":
            return self._models_beside()
        names = self._asked if kind.methods else self._answered
        rows = {find(self.source, "models", "model_id", name)["model_key"]: name for name in names}
        return _menu([_option(key, model_name(self.source, name)) for key, name in rows.items()])

    def _models_beside(self) -> Menu:
        """All that answered, or those that the page shows."""
        keys = {find(self.source, "models", "model_id", one)["model_key"]: one for one in self._answered}
        shown = [key for key in self.shown.model.split(",") if key in keys]
        if not shown or len(shown) == len(keys):
            return []
        names = ", ".join(model_name(self.source, keys[key]) for key in shown)
        return [_option("", "All that answered"), _option(",".join(shown), names)]

    def _classes(self, kind: Kind, _by: str) -> Menu:
        found = self.marked if kind.of in ("image", "study") else self._known_classes
        return _menu([_option(name, name) for name in found][:MOST_CLASSES])

    def _methods(self, kind: Kind, by: str) -> Menu:
        if kind.methods == "removing":
            here = [one for one in METHODS if not (one.needs_network or one.unavailable())]
            return _menu([_option(one.key, one.label) for one in here if one.group == "remove"])
        cards = [card for name, card in self.source.models_here.items() if name in self._asked]
        there = [one for one in EXPLANATIONS if any(unavailable_reason(card, one.key) is None for card in cards)]
        if by != "methods":
            return _menu([_option(one.key, one.label) for one in there])
        # Whatever is named has to be there for the model, whichever is chosen.
        quick = [key for key in QUICK_MAPS if all(unavailable_reason(card, key) is None for card in cards)]
        slow = [one for one in there if not one.is_quick]
        more = [_option(",".join((*quick, one.key)), f"These and {one.label}") for one in slow]
        return [_option("", USUALS), *more] if more else []

    def _tables(self, kind: Kind, _by: str) -> Menu:
        if kind.tables is None or self.results is None:
            return []
        tables = list(kind.tables.of(self.results))
        # Where none is named the usual one is drawn.
        found = [_option("" if one.name == kind.tables.usual else one.name, one.title) for one in tables]
        return found if len(found) > 1 or any(one["value"] for one in found) else []

    @cached_property
    def _answered(self) -> list[str]:
        """Models that answered all of it."""
        return models_that_answered(self.source, self.states)

    @cached_property
    def _asked(self) -> list[str]:
        """Models that can be asked where they look, for what was marked or for what is compared."""
        here = self.source.models_here
        return [name for name, card in here.items() if not self.marked or {*self.marked} & {*card.labels}]

    @cached_property
    def _known_classes(self) -> list[str]:
        """What was marked, then the models' first answers, the most frequent first: those that all of them know."""
        states, tops = set(self.states), Counter[str]()
        for row in self.source.rows("predictions"):
            if state_of(row) in states and row["model_id"] in self._answered:
                tops[row["top_class"]] += 1
        known = [set(labels(self.source, name)) for name in self._answered]
        found = dict.fromkeys([self.shown.class_name, *self.marked, *(name for name, _ in tops.most_common())])
        return [name for name in found if name and all(name in one for one in known)]


def _option(value: str, label: str) -> dict[str, str]:
    return {"value": value, "label": label}


def _menu(options: Iterable[dict[str, str]], first: str | None = USUAL) -> Menu:
    found = list(options)
    if len(found) < 2:
        return []
    return found if first is None else [_option("", first), *found]
