"""What a person drew, parsed at the border: strokes, loops and boxes in image pixels.

Coordinates: x to the right, y down, the origin at the outer corner of the top left pixel. The other fields
(the stroke's width on the screen, its timing) are kept as they came and are no part of the geometry.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from dashboard.vision.errors import MaskError

Point = tuple[float, float]
Timing = tuple[tuple[float, ...], ...]
Mode = Literal["add", "erase"]

MAX_SHAPES = 500
MAX_VERTICES = 20_000
MAX_TIMED_POINTS = 100_000
MAX_COORDINATE = 1e6
MAX_WIDTH_PX = 4096.0


@dataclass(frozen=True)
class Brush:
    """A stroke with round ends and joins: all within half its width (a diameter) of the line."""

    mode: Mode
    path: str
    vertices: tuple[Point, ...]
    width_image_px: float
    width_screen_px: float | None = None
    points: Timing | None = None

    tool = "brush"


@dataclass(frozen=True)
class Lasso:
    """The inside of a closed loop, by the nonzero winding rule."""

    mode: Mode
    path: str
    vertices: tuple[Point, ...]
    width_screen_px: float | None = None
    points: Timing | None = None

    tool = "lasso"


@dataclass(frozen=True)
class Rectangle:
    """A box between two opposite corners, whichever these are."""

    mode: Mode
    x0: float
    y0: float
    x1: float
    y1: float
    width_screen_px: float | None = None
    points: Timing | None = None

    tool = "rectangle"


@dataclass(frozen=True)
class Ellipse:
    """The ellipse that a box between two opposite corners holds."""

    mode: Mode
    x0: float
    y0: float
    x1: float
    y1: float
    width_screen_px: float | None = None
    points: Timing | None = None

    tool = "ellipse"


Shape = Brush | Lasso | Rectangle | Ellipse


def parse_shapes(raw: Any) -> tuple[Shape, ...]:
    """The shapes in ``raw``, the list that the browser sends; raises MaskError with a sentence if it is bad."""
    if not isinstance(raw, list | tuple):
        raise MaskError("The drawing is not a list of shapes.")
    if len(raw) > MAX_SHAPES:
        raise MaskError(f"The drawing has {len(raw)} shapes; {MAX_SHAPES} are the most.")
    if not all(isinstance(item, dict) for item in raw):
        raise MaskError("A shape of the drawing cannot be read.")
    # Counted before anything is parsed, so that a huge path costs nothing.
    if sum(_path(item).count("L") + 1 for item in raw) > MAX_VERTICES:
        raise MaskError(f"The drawing has more than {MAX_VERTICES} points.")
    if sum(_length(item.get("points")) for item in raw) > MAX_TIMED_POINTS:
        raise MaskError(f"The drawing's timing has more than {MAX_TIMED_POINTS} points.")
    return tuple(_parse(item) for item in raw)


def shapes_to_json(shapes: Sequence[Shape]) -> list[dict[str, Any]]:
    """``shapes`` as the browser sends them: parse_shapes of it gives them back."""
    return [_to_json(shape) for shape in shapes]


def _to_json(shape: Shape) -> dict[str, Any]:
    fields = {name: value for name, value in vars(shape).items() if value is not None and name != "vertices"}
    if shape.points is not None:
        fields["points"] = [list(point) for point in shape.points]
    return {"tool": shape.tool, **fields}


def _parse(item: dict[str, Any]) -> Shape:
    mode = item.get("mode")
    if mode not in ("add", "erase"):
        raise MaskError(f"A shape must add or erase, not {str(mode)[:40]!r}.")
    kept: dict[str, Any] = {"width_screen_px": _optional_width(item), "points": _timing(item.get("points"))}
    tool = item.get("tool")
    if tool == "brush":
        path = _path(item)
        width = _width(item.get("width_image_px"))
        return Brush(mode, path, _vertices(path, closed=False), width, **kept)
    if tool == "lasso":
        path = _path(item)
        return Lasso(mode, path, _vertices(path, closed=True), **kept)
    if tool in ("rectangle", "ellipse"):
        corners: dict[str, Any] = {name: _coordinate(item.get(name)) for name in ("x0", "y0", "x1", "y1")}
        return Rectangle(mode, **corners, **kept) if tool == "rectangle" else Ellipse(mode, **corners, **kept)
    raise MaskError(f"There is no drawing tool {str(tool)[:40]!r}.")


def _path(item: dict[str, Any]) -> str:
    path = item.get("path", "")
    if not isinstance(path, str):
        raise MaskError("A shape's path is not text.")
    return path


def _vertices(path: str, closed: bool) -> tuple[Point, ...]:
    """The points of ``M x,y L x,y …``, which ends in Z where it is closed."""
    body = path.strip()
    if not body.startswith("M") or body.endswith("Z") != closed:
        raise MaskError(f"The path {path[:40]!r} is not one that the drawing tools make.")
    return tuple(_point(text) for text in body[1 : len(body) - closed].split("L"))


def _point(text: str) -> Point:
    parts = text.replace(",", " ").split()
    if len(parts) != 2:
        raise MaskError(f"{text[:40]!r} is not a point of a path.")
    try:
        x, y = float(parts[0]), float(parts[1])
    except ValueError:
        raise MaskError(f"{text[:40]!r} is not a point of a path.") from None
    return _coordinate(x), _coordinate(y)


def _number(value: Any, what: str) -> float:
    """A finite number; whole ones may be longer than a float can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MaskError(f"{what} must be a number, not {str(value)[:40]!r}.")
    if not abs(value) <= 1e300 or not math.isfinite(value):
        raise MaskError(f"{what} must be a finite number.")
    return float(value)


def _coordinate(value: Any) -> float:
    number = _number(value, "A coordinate")
    if abs(number) > MAX_COORDINATE:
        raise MaskError("A shape lies too far outside the picture.")
    return number


def _width(value: Any) -> float:
    width = _number(value, "The brush's width")
    if not 0 < width <= MAX_WIDTH_PX:
        raise MaskError(f"The brush's width must be above 0 and at most {MAX_WIDTH_PX:g} pixels.")
    return width


def _optional_width(item: dict[str, Any]) -> float | None:
    width = item.get("width_screen_px")
    return None if width is None else _number(width, "The width on the screen")


def _length(points: Any) -> int:
    return len(points) if isinstance(points, list | tuple) else 0


def _timing(points: Any) -> Timing | None:
    """The rows [t_ms, x, y] as they came; None where there are none."""
    if points is None:
        return None
    if not isinstance(points, list | tuple):
        raise MaskError("A shape's timing is not a list.")
    return tuple(_timed_point(point) for point in points)


def _timed_point(point: Any) -> tuple[float, ...]:
    if not isinstance(point, list | tuple) or len(point) != 3:
        raise MaskError("A shape's timing must hold rows of time, x and y.")
    for value in point:
        _number(value, "A value of the timing")
    return tuple(point)
