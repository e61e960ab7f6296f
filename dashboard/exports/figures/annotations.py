"""What a person puts on a figure: arrows, outlines, callouts, labels, enlarged details, classes that stand out.

Places are shares of a panel from its top left corner, x to the right and y down, so that they hold in every format
and at every size; on a picture's panel they are shares of the picture.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from dashboard.exports.figures.look import FigureError
from dashboard.recording.text import is_storable

Kind = Literal["arrow", "rectangle", "ellipse", "outline", "label", "callout", "inset", "highlight"]
Colour = Literal["ink", "people", "model", "both"]
KINDS: tuple[Kind, ...] = get_args(Kind)
COLOURS: tuple[Colour, ...] = get_args(Colour)
# How many points each has: arrow from, to; opposite corners; callout's text, what it points to; inset's corners, place.
POINTS: dict[Kind, tuple[int, int]] = {
    "arrow": (2, 2), "rectangle": (2, 2), "ellipse": (2, 2), "outline": (3, 500), "label": (1, 1), "callout": (2, 2),
    "inset": (3, 3), "highlight": (0, 0),
}  # fmt: skip
# These are nothing without words.
SPEAKING: tuple[Kind, ...] = ("label", "callout", "highlight")
MOST, LONGEST, ZOOM, MOST_PANELS = 100, 200, (1, 16), 500


@dataclass(frozen=True)
class Annotation:
    """``panel`` counts from 0; ``text`` of a highlight is the class; ``zoom`` is a whole number, of an inset alone."""

    kind: Kind
    panel: int = 0
    points: tuple[tuple[float, float], ...] = ()
    text: str = ""
    colour: Colour = "ink"
    zoom: int = 3


def parse_annotations(content: Any) -> tuple[Annotation, ...]:
    """A list of objects with the fields of ``Annotation``; raises FigureError, with a sentence, for anything else."""
    if not isinstance(content, list):
        raise FigureError("Annotations are a list of objects.")
    if len(content) > MOST:
        raise FigureError(f"A figure has {MOST} annotations at most.")
    return tuple(_parse(one, f"Annotation {number}") for number, one in enumerate(content, 1))


def as_json(annotations: tuple[Annotation, ...]) -> list[dict[str, Any]]:
    """Their way back."""
    return [
        {"kind": one.kind, "panel": one.panel, "points": [list(point) for point in one.points], "text": one.text,
         "colour": one.colour, "zoom": one.zoom}
        for one in annotations
    ]  # fmt: skip


def choices_key(choices: dict[str, str]) -> str:
    """The choices that tell a figure from others, as they are kept: the same text for the same ones."""
    return json.dumps(choices, sort_keys=True)


def _parse(given: Any, name: str) -> Annotation:
    if not isinstance(given, dict):
        raise FigureError(f"{name} is no object.")
    unknown = [str(key) for key in given if key not in Annotation.__dataclass_fields__]
    if unknown:
        raise FigureError(f"{name} has a field {unknown[0][:40]!r} that is not known.")
    kind, colour, text = given.get("kind"), given.get("colour", "ink"), given.get("text", "")
    if kind not in KINDS:
        raise FigureError(f"{name}: there is no kind {str(kind)[:40]!r}; there are {', '.join(KINDS)}.")
    if colour not in COLOURS:
        raise FigureError(f"{name}: there is no colour {str(colour)[:40]!r}; there are {', '.join(COLOURS)}.")
    if not isinstance(text, str) or len(text) > LONGEST:
        raise FigureError(f"{name}: its text has {LONGEST} letters at most.")
    if not is_storable(text):
        raise FigureError(f"{name}: its text holds characters that cannot be kept.")
    if kind in SPEAKING and not text.strip():
        raise FigureError(f"{name}: a {kind} needs a text.")
    panel = _whole(given.get("panel", 0), name, "panel", (0, MOST_PANELS))
    zoom = _whole(given.get("zoom", 3), name, "zoom", ZOOM)
    return Annotation(kind, panel, _points(given.get("points", []), kind, name), text.strip(), colour, zoom)


def _whole(value: Any, name: str, what: str, limits: tuple[int, int]) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not limits[0] <= value <= limits[1]:
        raise FigureError(f"{name}: its {what} is a whole number from {limits[0]} to {limits[1]}.")
    return value


def _points(given: Any, kind: Kind, name: str) -> tuple[tuple[float, float], ...]:
    fewest, most = POINTS[kind]
    if not isinstance(given, list) or not fewest <= len(given) <= most:
        wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
        raise FigureError(f"{name}: a kind {kind!r} has {wanted} points.")
    found = []
    for point in given:
        is_pair = isinstance(point, list) and len(point) == 2
        if not is_pair or not all(_is_place(value) for value in point):
            raise FigureError(f"{name}: a point is two shares of the panel, x and y from its top left corner.")
        found.append((float(point[0]), float(point[1])))
    return tuple(found)


def _is_place(value: Any) -> bool:
    # A little outside of the panel is allowed: an arrow may begin there.
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and -2 <= value <= 3


Words = Callable[[Annotation], str]
_SAID: dict[Kind, Words] = {
    "arrow": lambda _: "an arrow",
    "rectangle": lambda _: "a frame",
    "ellipse": lambda _: "an ellipse",
    "outline": lambda _: "an outline",
    "label": lambda one: f"the label “{one.text}”",
    "callout": lambda one: f"the callout “{one.text}”",
    "inset": lambda one: f"a detail enlarged {one.zoom} times",
    "highlight": lambda one: f"{one.text} stands out",
}


def said(annotations: tuple[Annotation, ...]) -> str:
    """The annotations in words, for those who cannot see them; empty without any."""
    if not annotations:
        return ""
    parts = [_SAID[one.kind](one) + (f" reading “{one.text}”" if one.text and one.kind in _WITH_TEXT else "")
             for one in annotations]  # fmt: skip
    return f" Annotated with {', '.join(parts)}."


_WITH_TEXT = ("arrow", "rectangle", "ellipse", "outline", "inset")
