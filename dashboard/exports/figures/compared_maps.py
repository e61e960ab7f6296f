"""Small multiples of what is compared, or of a picture alone: each in a row, beside it models' or methods' maps."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.exports.figures.grid import Pictured, draw_grid, of_models
from dashboard.exports.figures.look import FigureError, Look
from dashboard.exports.figures.parts import Drawn
from dashboard.exports.figures.reading import (
    Asked,
    State,
    answers_to,
    find,
    image_name,
    labels,
    models_asked,
    models_that_answered,
    state_of,
)
from dashboard.exports.figures.side_by_side import items_of
from dashboard.exports.figures.source import Source


@dataclass(frozen=True)
class Compared:
    """The states that are compared, each once, the models (ids) that are asked about them, and for which class."""

    states: list[State]
    models: list[str]
    class_name: str


def maps(source: Source, asked: Asked, look: Look) -> Drawn:
    """Maps for one class; ``of`` is as in /compare?items=…, here one item is enough.

    By models: those that answered all of it, by the class activation map. By methods: of the first of these models, by
    those methods that take no time worth dividing. Others are had by their names.
    """
    found = compared(source, asked)
    rows = [
        (_key(state_of(row)), row)
        for model in found.models
        for row in source.rows("maps")
        if row["model_id"] == model and row["class_name"] == found.class_name and state_of(row) in found.states
    ]
    grid = of_models(source, asked, rows, found.class_name)
    pictures = [_pictured(source, state, found.class_name) for state in found.states]
    return draw_grid(source, grid, pictures, asked.by, look)


def compared(source: Source, asked: Asked) -> Compared:
    """What maps are of: the class is the first model's answer to the first item, where none is asked for."""
    states = list(dict.fromkeys(state for state, _ in items_of(source, asked.of, fewest=1)))
    models = models_asked(source, asked.model) or models_that_answered(source, states)
    if not models:
        raise FigureError("No model has answered all that this figure shows.")
    if asked.class_name:
        return Compared(states, models, asked.class_name)
    [answer] = answers_to(source, states[:1], models[0])
    return Compared(states, models, labels(source, models[0])[int(answer.argmax())])


def _key(state: State) -> str:
    return ":".join(state)


def _pictured(source: Source, state: State, class_name: str) -> Pictured:
    kind, public_id = state
    if kind == "image_id":
        image = find(source, "images", kind, public_id)
        name, file = image["image_name"], image["working_file"]
    else:
        edit = find(source, "edits", kind, public_id)
        session = find(source, "sessions", "session_id", edit["session_id"])
        image = find(source, "images", "image_id", session["image_id"])
        name, file = f"Edit {edit['sequence']}, {image_name(source, session)}", edit["result_file"]
    return Pictured(_key(state), name, file, image["working_height"], image["working_width"], class_name)
