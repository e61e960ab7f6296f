"""What figures are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from numpy.typing import NDArray

from dashboard.exports.figures.look import Look

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]
MINUS = "−"


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
    return Figure(figsize=(look.inches, look.inches * height_share), layout="constrained")


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
    longest = _letters(look, 0.56 if any(change is not None for _, _, change in rows) else 0.82)
    with_change = any(change is not None for _, _, change in rows)
    ends = (0.66, 1.0) if with_change else (1.0, 1.0)
    axes.text(0, 0.5, head, va="center", fontweight="bold")
    axes.text(ends[0], 0.5, "%", ha="right", va="center", color=look.quiet)
    if with_change:
        axes.text(ends[1], 0.5, "change", ha="right", va="center", color=look.quiet)
    axes.axhline(1, color=look.ink, linewidth=look.thin)
    for number, (name, probability, change) in enumerate(rows):
        y = number + 1.5
        weight = "bold" if number == 0 else "normal"
        name_class(axes.text(0, y, shortened(name, longest), va="center", fontweight=weight), name)
        axes.text(ends[0], y, f"{probability * 100:.1f}", ha="right", va="center", fontweight=weight)
        if change is not None:
            axes.text(ends[1], y, points(change), ha="right", va="center")


def _letters(look: Look, share: float) -> int:
    """How many letters of the look's size stand in a share of half of the figure's width."""
    return int(share * look.inches / 2 * 72 / (0.56 * look.points))


def counted(number: int, noun: str) -> str:
    """A number and what it is of."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def in_lines(text: str, look: Look) -> str:
    """A group's name, in two lines where the figure is narrow."""
    return text if look.inches > 5 else text.replace(", ", ",\n")


def shortened(text: str, most: int) -> str:
    """The text, cut where it is longer."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


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
