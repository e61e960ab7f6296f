"""How a figure looks in print: widths, type, lines, colours that survive grey print and colour-blindness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from dashboard.colours import BOTH_VIOLET, MODELS_ORANGE, PEOPLES_BLUE
from dashboard.exports.figures.fonts import Family, families
from dashboard.vision.errors import RegionscopeError

# Width in inches, and the size of type in points that fits the text around it.
WIDTHS: dict[str, tuple[float, float]] = {
    "acm": (3.33, 7),
    "acm-wide": (7.0, 8),
    "ieee": (3.5, 7),
    "ieee-wide": (7.16, 8),
    "springer": (4.8, 8),
    "a4": (6.3, 9),
    "poster": (12.0, 22),
    "slide": (10.0, 18),
}
# Publications whose text is set in a Times; the others' figures are in a Helvetica.
_SERIF = ("ieee", "ieee-wide", "springer")
LEAST_LINE_PT = 0.5
Colour = tuple[float, float, float]


class FigureError(RegionscopeError):
    """A figure cannot be drawn from what is there."""


def _colour(rgb: tuple[int, int, int]) -> Colour:
    red, green, blue = (value / 255 for value in rgb)
    return red, green, blue


@dataclass(frozen=True)
class Look:
    """``width`` is a key of WIDTHS; ``letters``: panels have (a), (b) …"""

    width: str = "acm"
    theme: Literal["light", "dark"] = "light"
    letters: bool = True

    def __post_init__(self) -> None:
        if self.width not in WIDTHS:
            raise FigureError(f"There is no width {self.width!r}; there are {', '.join(WIDTHS)}.")
        if self.theme not in ("light", "dark"):
            raise FigureError("The theme is light or dark.")

    @property
    def inches(self) -> float:
        """The figure's width."""
        return WIDTHS[self.width][0]

    @property
    def points(self) -> float:
        """The size of type."""
        return WIDTHS[self.width][1]

    @property
    def family(self) -> Family:
        """The kind of type around it."""
        return "serif" if self.width in _SERIF else "sans"

    @property
    def line(self) -> float:
        """The width of a line of data, in points; thinner ones are half as wide, and never below LEAST_LINE_PT."""
        return max(LEAST_LINE_PT, self.points / 6)

    @property
    def thin(self) -> float:
        """The width of axes and rules, in points."""
        return max(LEAST_LINE_PT, self.line / 2)

    @property
    def paper(self) -> Colour:
        """The background."""
        return (1, 1, 1) if self.theme == "light" else (0.07, 0.08, 0.10)

    @property
    def ink(self) -> Colour:
        """Text and axes."""
        return (0, 0, 0) if self.theme == "light" else (0.93, 0.94, 0.95)

    @property
    def quiet(self) -> Colour:
        """What steps back."""
        return (0.36, 0.36, 0.36) if self.theme == "light" else (0.66, 0.68, 0.70)

    @property
    def people(self) -> Colour:
        """What people mark."""
        return _colour(PEOPLES_BLUE) if self.theme == "light" else (0.22, 0.56, 0.86)

    @property
    def model(self) -> Colour:
        """What a model looks at."""
        return _colour(MODELS_ORANGE) if self.theme == "light" else (0.96, 0.72, 0.20)

    @property
    def both(self) -> Colour:
        """What both do."""
        return _colour(BOTH_VIOLET) if self.theme == "light" else (0.93, 0.84, 0.97)

    def settings(self) -> Any:
        """matplotlib's settings."""
        return {
            "font.family": list(families(self.family)),
            # What people called their pictures is no formula.
            "text.parse_math": False,
            "axes.unicode_minus": True,
            "hatch.linewidth": self.thin,
            "font.size": self.points,
            "axes.titlesize": self.points,
            "axes.labelsize": self.points,
            "xtick.labelsize": self.points,
            "ytick.labelsize": self.points,
            "legend.fontsize": self.points,
            "axes.linewidth": self.thin,
            "grid.linewidth": self.thin,
            "xtick.major.width": self.thin,
            "ytick.major.width": self.thin,
            "lines.linewidth": self.line,
            "patch.linewidth": self.thin,
            "figure.facecolor": self.paper,
            "axes.facecolor": self.paper,
            "savefig.facecolor": self.paper,
            "text.color": self.ink,
            "axes.labelcolor": self.ink,
            "axes.edgecolor": self.ink,
            "xtick.color": self.ink,
            "ytick.color": self.ink,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "pdf.fonttype": 42,
            "ps.fonttype": 42,
            "svg.fonttype": "none",
            # The same data give the same file.
            "svg.hashsalt": "regionscope",
            "path.simplify": False,
            "image.interpolation": "nearest",
        }
