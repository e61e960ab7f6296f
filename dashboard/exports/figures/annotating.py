"""Annotations as matplotlib draws them."""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse, FancyArrowPatch, Polygon, Rectangle
from matplotlib.text import Text

from dashboard.exports.figures.annotations import Annotation
from dashboard.exports.figures.look import FigureError, Look
from dashboard.exports.figures.parts import Drawn

ABOVE = 20


def annotate(drawn: Drawn, annotations: tuple[Annotation, ...], look: Look) -> None:
    """Draws them on the figure; raises FigureError for one that has no place there."""
    for one in annotations:
        if one.kind == "highlight":
            _highlight(drawn, one, look)
            continue
        if one.panel >= len(drawn.panels):
            raise FigureError(f"An annotation is for panel {one.panel + 1}, and the figure has {len(drawn.panels)}.")
        _DRAW[one.kind](drawn.panels[one.panel], one, look)


def classes_in(drawn: Drawn) -> list[str]:
    """Names of the classes that can be highlighted."""
    return list(dict.fromkeys(str(text.get_label()) for text in _texts(drawn)))


def _texts(drawn: Drawn) -> list[Text]:
    return [text for text in drawn.figure.findobj(Text) if text.get_label() and text.get_text()]


def _highlight(drawn: Drawn, one: Annotation, look: Look) -> None:
    found = [text for text in _texts(drawn) if text.get_label() == one.text]
    if not found:
        raise FigureError(f"The figure shows no class “{one.text[:60]}” that could stand out.")
    for text in found:
        text.set_fontweight("bold")
        box = {"boxstyle": "square,pad=0.18", "facecolor": (*_colour(one, look), 0.22), "edgecolor": _colour(one, look)}
        text.set_bbox(box | {"linewidth": look.thin})


def _colour(one: Annotation, look: Look) -> Any:
    return getattr(look, one.colour)


def _halo(look: Look, width: float) -> list[Any]:
    """The background's colour around a line, so that it is seen on any picture."""
    return [patheffects.withStroke(linewidth=width + 2 * look.thin, foreground=look.paper)]


def _add(axes: Axes, artist: Any) -> None:
    artist.set_clip_on(False)
    # What is put on a figure moves nothing of it.
    artist.set_in_layout(False)
    axes.add_artist(artist)


def _up(point: tuple[float, float]) -> tuple[float, float]:
    return point[0], 1 - point[1]


def _lined(axes: Axes, one: Annotation, look: Look) -> dict[str, Any]:
    return {
        "transform": axes.transAxes, "linewidth": look.line, "edgecolor": _colour(one, look), "facecolor": "none",
        "zorder": ABOVE, "path_effects": _halo(look, look.line),
    }  # fmt: skip


def _arrow(axes: Axes, one: Annotation, look: Look) -> None:
    start, end = map(_up, one.points)
    head = FancyArrowPatch(
        start, end, arrowstyle="-|>", mutation_scale=look.points * 1.1, shrinkA=0, shrinkB=0,
        **(_lined(axes, one, look) | {"facecolor": _colour(one, look)}),
    )  # fmt: skip
    _add(axes, head)
    _words(axes, one, look, start)


def _frame(axes: Axes, one: Annotation, look: Look) -> None:
    (left, low), (right, high) = map(_up, one.points)
    about = _lined(axes, one, look)
    if one.kind == "ellipse":
        shape: Any = Ellipse(((left + right) / 2, (low + high) / 2), abs(right - left), abs(high - low), **about)
    else:
        shape = Rectangle((min(left, right), min(low, high)), abs(right - left), abs(high - low), **about)
    _add(axes, shape)
    _words(axes, one, look, (min(left, right), max(low, high)))


def _outline(axes: Axes, one: Annotation, look: Look) -> None:
    corners = [_up(point) for point in one.points]
    _add(axes, Polygon(corners, closed=True, **_lined(axes, one, look)))
    _words(axes, one, look, max(corners, key=lambda point: point[1]))


def _words(axes: Axes, one: Annotation, look: Look, place: tuple[float, float]) -> None:
    if one.text:
        _text(axes, one, look, place, "left", "bottom")


def _label(axes: Axes, one: Annotation, look: Look) -> None:
    _text(axes, one, look, _up(one.points[0]), "center", "center")


def _text(axes: Axes, one: Annotation, look: Look, place: tuple[float, float], across: Any, up: Any) -> None:
    box = {"boxstyle": "square,pad=0.15", "facecolor": look.paper, "edgecolor": "none", "alpha": 0.85}
    said = Text(*place, one.text, transform=axes.transAxes, color=look.ink, fontsize=look.points * 0.9,
                horizontalalignment=across, verticalalignment=up, bbox=box, zorder=ABOVE + 2)  # fmt: skip
    _add(axes, said)


def _callout(axes: Axes, one: Annotation, look: Look) -> None:
    place, target = map(_up, one.points)
    line = FancyArrowPatch(
        place, target, arrowstyle="-", shrinkA=0, shrinkB=0, **(_lined(axes, one, look) | {"zorder": ABOVE + 1})
    )
    _add(axes, line)
    _text(axes, one, look, place, "center", "center")


def _inset(axes: Axes, one: Annotation, look: Look) -> None:
    """A detail, each of its pixels ``zoom`` × ``zoom`` of the picture's, on whole pixels of the picture."""
    images = [image for image in axes.get_images() if isinstance(image, AxesImage)]
    if not images:
        raise FigureError("A detail is enlarged from a picture, and this panel shows none.")
    height, width = np.asarray(images[0].get_array()).shape[:2]
    left, right = sorted(_pixel(point[0], width) for point in one.points[:2])
    top, bottom = sorted(_pixel(point[1], height) for point in one.points[:2])
    right, bottom = max(right, left + 1), max(bottom, top + 1)
    wide, tall = (right - left) * one.zoom, (bottom - top) * one.zoom
    if right > width or bottom > height or wide > width or tall > height:
        raise FigureError(f"Enlarged {one.zoom} times, the detail does not fit into its picture. Choose a smaller one.")
    x = min(_pixel(one.points[2][0], width), width - wide)
    y = min(_pixel(one.points[2][1], height), height - tall)
    limits = axes.get_xlim(), axes.get_ylim()
    for image in images:
        detail = np.asarray(image.get_array())[top:bottom, left:right]
        mask = np.ma.getmaskarray(np.ma.asarray(image.get_array()))[top:bottom, left:right]
        shown = np.ma.MaskedArray(detail, mask) if mask.any() else detail
        extent = (x - 0.5, x + wide - 0.5, y + tall - 0.5, y - 0.5)
        axes.imshow(shown, extent=extent, cmap=image.cmap, norm=cast(Any, image.norm), alpha=image.get_alpha(),
                    interpolation="none", zorder=ABOVE + 3, aspect=axes.get_aspect())  # fmt: skip
    axes.set_xlim(*limits[0])
    axes.set_ylim(*limits[1])
    about: dict[str, Any] = {"transform": axes.transData, "linewidth": look.line, "edgecolor": _colour(one, look),
                             "facecolor": "none", "zorder": ABOVE + 4}  # fmt: skip
    _add(axes, Rectangle((left - 0.5, top - 0.5), right - left, bottom - top, **about))
    _add(axes, Rectangle((x - 0.5, y - 0.5), wide, tall, **about))
    for start, end in _connected((left, top, right, bottom), (x, y, x + wide, y + tall)):
        line = Line2D(*zip(start, end, strict=True), linewidth=look.thin, color=_colour(one, look), zorder=ABOVE + 2)
        _add(axes, line)
    said = f"{one.text} {one.zoom}×".strip()
    place = Annotation("label", text=said, colour=one.colour)
    _text(axes, place, look, ((x + wide / 2) / width, 1 - y / height), "center", "bottom")


def _connected(detail: tuple[int, int, int, int], shown: tuple[int, int, int, int]) -> list[Any]:
    """The two lines from the detail's corners to the enlarged one's that cross neither of them."""
    left, top, right, bottom = detail
    x0, y0, x1, y1 = shown
    if (left + right < x0 + x1) == (top + bottom > y0 + y1):
        pairs = [((left, top), (x0, y0)), ((right, bottom), (x1, y1))]
    else:
        pairs = [((right, top), (x1, y0)), ((left, bottom), (x0, y1))]
    return [tuple((across - 0.5, down - 0.5) for across, down in pair) for pair in pairs]


def _pixel(share: float, size: int) -> int:
    return max(0, min(size, math.floor(share * size + 0.5)))


_DRAW = {
    "arrow": _arrow,
    "rectangle": _frame,
    "ellipse": _frame,
    "outline": _outline,
    "label": _label,
    "callout": _callout,
    "inset": _inset,
}
