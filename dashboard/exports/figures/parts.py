"""What figures are made of."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text
from matplotlib.textpath import TextPath
from numpy.typing import NDArray

from dashboard.exports.figures.fonts import Family, families
from dashboard.exports.figures.look import Look
from dashboard.numbers import MINUS, two_decimals

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Drawn:
    """A figure with the words that belong to it.

    ``panels`` get letters where there are several, and can be annotated; ``cites`` are keys of references.bib;
    ``problems`` are sentences about what could not be drawn as it should be.
    """

    figure: Figure
    caption: str
    alt: str
    panels: tuple[Axes, ...] = ()
    cites: tuple[str, ...] = ()
    kind: str = ""
    look: Look | None = field(default=None, repr=False)
    problems: tuple[str, ...] = ()


def new_figure(look: Look, height_share: float) -> Figure:
    """A figure of the look's width; its height is a share of it."""
    gap = look.points / 72 * 0.35
    layout = ConstrainedLayoutEngine(w_pad=gap, h_pad=gap * 0.6, wspace=0.01, hspace=0.01)
    return Figure(figsize=(look.inches, look.inches * height_share), layout=layout)


def show_picture(axes: Axes, pixels: Pixels) -> None:
    """A picture without axes, pixel by pixel."""
    # "none": in a PDF or SVG the picture's own pixels, in a PNG the nearest ones.
    axes.imshow(pixels, interpolation="none")
    axes.set_axis_off()


def name_class(text: Text, name: str) -> None:
    """Marks a text as a class's name, so that it can be highlighted."""
    text.set_label(name)


def under(axes: Axes, text: str, look: Look, *, class_name: str = "") -> None:
    """Words below a panel."""
    said = axes.text(0.5, -0.03, text, transform=axes.transAxes, ha="center", va="top", fontsize=look.points * 0.9)
    if class_name:
        name_class(said, class_name)


def colour_bar(figure: Figure, drawn: Any, axes: Any, label: str, look: Look) -> Any:
    """A scale below the panels."""
    bar = figure.colorbar(drawn, ax=axes, location="bottom", shrink=0.5, aspect=30, label=label, pad=0.02)
    bar.outline.set_linewidth(look.thin)
    bar.dividers.set_linewidth(look.thin)
    return bar


def outline(axes: Axes, mask: Mask, colour: Any, width: float) -> None:
    """The border of a region."""
    if mask.any() and not mask.all():
        axes.contour(mask.astype(float), levels=[0.5], colors=[colour], linewidths=width)


def fill(pixels: Pixels, mask: Mask, colour: Sequence[float], opacity: float) -> Pixels:
    """The picture with a region in a colour."""
    found = pixels.astype(np.float32)
    tint = np.asarray(colour, np.float32) * 255
    found[mask] = (1 - opacity) * found[mask] + opacity * tint
    return np.rint(found).astype(np.uint8)


def hatch(pixels: Pixels, mask: Mask, colour: Sequence[float], step: int, *, falling: bool = False) -> Pixels:
    """The picture with diagonal lines in a region, which can be told apart in grey print."""
    rows, columns = np.indices(mask.shape)
    lines = ((rows + columns if falling else rows - columns) % step) < max(1, step // 5)
    return fill(pixels, mask & lines, colour, 0.9)


def pale(pixels: Pixels) -> Pixels:
    """The picture in light grey, so that colours on it are those of regions."""
    grey = pixels.astype(np.float32) @ np.asarray([0.2126, 0.7152, 0.0722], np.float32)
    return np.repeat(np.rint(110 + 0.55 * grey).clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


def answer_table(axes: Axes, rows: Sequence[tuple[str, float, float | None]], look: Look, head: str) -> None:
    """Classes with probabilities (0–1) and, where there is one, the change in points."""
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(len(rows) + 1, 0)
    with_change = any(change is not None for _, _, change in rows)
    ends = (0.68, 1.0) if with_change else (1.0, 1.0)
    wide = look.inches / 2 * 0.96 * (0.5 if with_change else 0.82)
    axes.text(0, 0.5, head, va="center", fontweight="bold")
    axes.text(ends[0], 0.5, "%", ha="right", va="center", color=look.quiet)
    if with_change:
        axes.text(ends[1], 0.5, "change", ha="right", va="center", color=look.quiet)
    axes.axhline(1, color=look.ink, linewidth=look.thin)
    for number, (name, probability, change) in enumerate(rows):
        y = number + 1.5
        weight = "bold" if number == 0 else "normal"
        name_class(axes.text(0, y, fitted(name, wide, look, weight), va="center", fontweight=weight), name)
        axes.text(ends[0], y, f"{probability * 100:.1f}", ha="right", va="center", fontweight=weight)
        if change is not None:
            axes.text(ends[1], y, points(change), ha="right", va="center")


def fitted(text: str, wide: float, look: Look, weight: str = "normal") -> str:
    """The text, cut where it is wider than ``wide`` inches in the look's type."""
    most = wide * 72 / look.points
    widths = [_width(letter, look.family, weight) for letter in text]
    if sum(widths) <= most:
        return text
    left, end = most - _width("…", look.family, weight), 0
    while end < len(text) and widths[end] <= left:
        left -= widths[end]
        end += 1
    return f"{text[: max(1, end)].rstrip()}…"


@lru_cache(4096)
def _width(letter: str, family: Family, weight: str) -> float:
    """How far a letter takes the pen, in sizes of the type."""
    face = FontProperties(family=list(families(family)), weight=weight, size=100)

    def between(bars: str) -> float:
        return float(TextPath((0, 0), bars, prop=face).get_extents().width)

    return (between(f"|{letter}|") - between("||")) / 100


def written(value: float | None) -> str:
    """A number in a sentence."""
    return two_decimals(value, "undefined")


def in_lines(text: str, look: Look) -> str:
    """A group's name, in lines that leave room for what is drawn beside it."""
    return "\n".join(textwrap.wrap(text, int(0.42 * look.inches * 72 / (0.56 * look.points)))) or text


def points(change: float) -> str:
    """A change (−1 to 1) in percentage points, with its direction as a sign and an arrow."""
    value = round(change * 100, 1)
    if value == 0:
        return "0.0"
    return f"▲ +{value:.1f}" if value > 0 else f"▼ {MINUS}{-value:.1f}"


def letter_panels(drawn: Drawn, look: Look) -> None:
    """(a), (b) … above the panels' left corners, before what stands there."""
    if len(drawn.panels) < 2:
        return
    for number, axes in enumerate(drawn.panels):
        letter = f"({chr(ord('a') + number)})" if number < 26 else f"({number + 1})"
        title = axes.get_title(loc="left")
        weight = "normal" if title else "bold"
        axes.set_title(f"{letter} {title}".strip(), loc="left", fontweight=weight, fontsize=look.points, pad=3)
