"""What figures read: one row, one picture, a model's answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dashboard.exports.figures.look import FigureError
from dashboard.exports.figures.method_words import map_name
from dashboard.exports.figures.source import Source
from dashboard.vision.explain import EXPLANATIONS

Row = dict[str, Any]
# An image state: a picture as it was taken in, or what an edit left of it.
State = tuple[Literal["image_id", "edit_id"], str]
SHOWN = 5
USUAL_MAP, USUAL_REMOVAL = "cam", "telea"
# Those that are set beside each other where nobody says which.
QUICK_MAPS = tuple(one.key for one in EXPLANATIONS if one.is_quick)
_NAMES = {"image_id": "picture", "edit_id": "edit", "session_id": "session", "region_id": "region", "model_id": "model"}


@dataclass(frozen=True)
class Asked:
    """What a figure is of; of which model, class, method and table, where it depends on them. Empty: the usual.

    ``by``: what the columns of small multiples are; for them several models or methods can be named, with commas.
    """

    of: str
    model: str = ""
    class_name: str = ""
    method: str = ""
    table: str = ""
    by: str = "models"

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that are named."""
        return tuple(filter(None, (one.strip() for one in self.method.split(","))))

    @property
    def map_methods(self) -> tuple[str, ...]:
        """The methods by whose maps it is drawn."""
        return self.methods or (QUICK_MAPS if self.by == "methods" else (USUAL_MAP,))


def find(source: Source, table: str, key: str, name: str) -> Row:
    """The row whose ``key`` is ``name``; raises FigureError where there is none."""
    for row in source.rows(table):
        if row[key] == name:
            return row
    raise FigureError(f"There is no {_NAMES.get(key, key)} {name[:40]!r}.")


def state_of(row: Row) -> State:
    """The image state that a region or a map is of."""
    return ("edit_id", row["edit_id"]) if row["edit_id"] else ("image_id", row["image_id"])


def picture_of(source: Source, state: State) -> NDArray[np.uint8]:
    """Its pixels (H, W, 3) uint8; raises FigureError where the package has none."""
    table, file = ("images", "working_file") if state[0] == "image_id" else ("edits", "result_file")
    row = find(source, table, *state)
    if row[file] is None:
        raise FigureError("The package holds this picture's checksum only, so it cannot be shown.")
    return source.picture(row[file])


def answers_to(source: Source, states: Sequence[State], model: str) -> list[NDArray[np.float32]]:
    """All probabilities (K,) of one model for each of the states; raises FigureError where one was not answered."""
    names: dict[State, str] = {}
    for row in source.rows("predictions"):
        if row["model_id"] == model:
            names[state_of(row)] = row["prediction_id"]
    if any(state not in names for state in states):
        raise FigureError("The model has not answered all that this figure shows.")
    wanted = {names[state] for state in states}
    values = {name: found for name, found in source.probabilities() if name in wanted}
    if len(values) < len(wanted):
        raise FigureError("The answers' probabilities are not there.")
    return [values[names[state]] for state in states]


def model_asked(source: Source, key: str) -> str | None:
    """The id of the model with this key, name or id, the newest; None for an empty one. Raises FigureError."""
    if not key:
        return None
    there = [row for row in source.rows("models") if key in (row["model_id"], row["model_key"], row["model_name"])]
    if not there:
        raise FigureError(f"There is no model {key[:40]!r} here: none that is called so was asked about this.")
    return str(there[-1]["model_id"])


def models_asked(source: Source, keys: str) -> list[str]:
    """The ids of one model, or of several with commas between; raises FigureError."""
    names = {row[key] for row in source.rows("models") for key in ("model_id", "model_key", "model_name")}
    several = [keys] if keys in names else [key.strip() for key in keys.split(",")]
    return [found for key in several if (found := model_asked(source, key)) is not None]


def models_that_answered(source: Source, states: Sequence[State]) -> list[str]:
    """The ids of the models that answered all of the states, in the order in which models are named."""
    answered: dict[str, set[State]] = {}
    for row in source.rows("predictions"):
        answered.setdefault(row["model_id"], set()).add(state_of(row))
    return [row["model_id"] for row in source.rows("models") if answered.get(row["model_id"], set()) >= set(states)]


def first_model(source: Source, edit: str) -> str:
    """The model that answered an edit first: the one that the person saw."""
    for row in source.rows("predictions"):
        if row["edit_id"] == edit:
            return str(row["model_id"])
    raise FigureError("No model answered this edit.")


def highest(values: NDArray[np.float32]) -> list[int]:
    """The numbers of the most probable classes."""
    return [int(index) for index in np.argsort(-values, kind="stable")[:SHOWN]]


def labels(source: Source, model: str) -> list[str]:
    """A model's class names, in the order of its outputs."""
    label_set = find(source, "models", "model_id", model)["label_set"]
    return [row["class_name"] or "" for row in source.rows("classes") if row["label_set"] == label_set]


def model_name(source: Source, model: str) -> str:
    """A model as people call it."""
    return str(find(source, "models", "model_id", model)["model_name"])


def image_name(source: Source, row: Row) -> str:
    """The name of the picture that a row is of."""
    return str(find(source, "images", "image_id", row["image_id"])["image_name"])


def maps_like(source: Source, region: Row) -> Iterator[Row]:
    """The maps of a region's picture for its class."""
    keys = ("image_id", "edit_id", "class_name")
    yield from (row for row in source.rows("maps") if all(row[key] == region[key] for key in keys))


def map_of(source: Source, region: Row, model: str | None, method: str) -> tuple[Row, NDArray[np.float32]]:
    """A model's map (H, W) for a region's class; any model's, where None is asked for. Raises FigureError.

    By the usual method where none is named, else by the first that there is.
    """
    there = list(maps_like(source, region))
    found = [row for row in there if model in (None, row["model_id"]) and method in ("", row["method"])]
    if not found:
        raise FigureError(no_map(source, there, model, method, region["class_name"]))
    row = usual_map(found)
    return row, source.map(row["file"])


def usual_map(rows: Sequence[Row]) -> Row:
    """Of several maps that by the usual method, else the first."""
    return next((row for row in rows if row["method"] == USUAL_MAP), rows[0])


def no_map(source: Source, there: Iterable[Row], model: str | None, method: str, class_name: str) -> str:
    """A sentence that such a map is not there, and which are."""
    names = dict.fromkeys(f"{map_name(row['method'])} of {model_name(source, row['model_id'])}" for row in there)
    of = model_name(source, model) if model else "a model"
    return (
        f"There is no {map_name(method or USUAL_MAP)} of {of} for {class_name or 'this'} here; "
        f"there is {', '.join(names) or 'no map at all'}."
    )
