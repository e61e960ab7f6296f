"""Maps as colours: scales that are perceptually even and safe for colour-blind readers."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.vision.classifiers.answer import Bytes, Floats

# Lightness rises steadily from black to pale yellow: over a photograph what a model ignores lies in the dark
# and what it uses is lit, and that order stays readable without any colour vision and in grey print.
SCALE = "inferno"
# Purple for less, orange for more, nearly white for the same (ColorBrewer, safe for colour-blind readers).
DIVERGING = "PuOr_r"
# Blue stands for people. Its palest part is left out: over a faded picture it could not be told from nothing.
PEOPLE = "Blues"
_PALEST_PEOPLE = 0.25


def overlay(class_map: Floats, low: float, high: float) -> Bytes:
    """A map (H, W) float32 as RGBA (H, W, 4) uint8; ``low`` and all below is the scale's dark end, ``high`` the light.

    Alpha is 255 throughout: how much of the picture shines through is up to the page. Where ``high`` is not
    above ``low``, and where the map is not a number, everything has the dark end's colour.
    """
    if high <= low:
        return np.broadcast_to(_table()[0], (*class_map.shape, 4)).copy()
    share = np.nan_to_num((class_map - low) / (high - low), nan=0.0)
    return _coloured(share, _table())


def diverging(difference: Floats, limit: float) -> Bytes:
    """A difference (H, W) float32 as opaque RGBA (H, W, 4): purple at −``limit`` and below, orange at ``limit``.

    0, and what is not a number, has the middle's colour; everything has it where ``limit`` is not above 0.
    """
    share = np.nan_to_num(difference / limit, nan=0.0) if limit > 0 else np.zeros(difference.shape)
    return _coloured((share + 1) / 2, _table(DIVERGING))


def people_overlay(shares: Floats) -> Bytes:
    """Shares of people (H, W), 0–1, as RGBA: pale to deep blue, fully transparent where nobody is."""
    coloured = _coloured(shares, _people_table())
    coloured[shares <= 0, 3] = 0
    return coloured


def symmetric_limit(*differences: Floats) -> float:
    """The largest finite magnitude of all differences together, so that 0 is the scale's middle; 1 where all is 0."""
    sizes = np.concatenate([np.abs(one[np.isfinite(one)]) for one in differences] or [np.empty(0, np.float32)])
    return float(sizes.max()) if sizes.size and sizes.max() > 0 else 1.0


def scale_stops(n: int = 11) -> list[str]:
    """``n`` ≥ 2 colours ("#rrggbb") at equal steps from the dark end to the light one, for a colour bar."""
    return _stops(_table(), n)


def diverging_stops(n: int = 11) -> list[str]:
    """The same for ``diverging``, from −limit to limit."""
    return _stops(_table(DIVERGING), n)


def people_stops(n: int = 11) -> list[str]:
    """The same for ``people_overlay``, from 0 to 100 %."""
    return _stops(_people_table(), n)


def _stops(table: Bytes, n: int) -> list[str]:
    levels = np.rint(np.linspace(0, 255, n)).astype(int)
    return [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue, _ in table[levels]]


def _coloured(shares: NDArray[np.floating[Any]], table: Bytes) -> Bytes:
    levels = np.rint(np.clip(shares, 0, 1) * 255).astype(np.uint8)
    return np.asarray(table[levels])


def value_range(*maps: Floats) -> tuple[float, float]:
    """The lowest and highest finite value of all maps together: one map's own scale, or several maps' shared one.

    Where nothing varies it is (value, value + 1), so that a constant map has the dark end's colour; (0, 1)
    where there is no finite value.
    """
    values = np.concatenate([class_map[np.isfinite(class_map)] for class_map in maps] or [np.empty(0, np.float32)])
    if not values.size:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low, low + 1.0)


@cache
def _table(scale: str = SCALE, start: float = 0.0) -> Bytes:
    """A scale's 256 colours from ``start`` (0–1) on, (256, 4) uint8 RGBA; only the first call imports matplotlib."""
    from matplotlib import colormaps

    return np.asarray(np.rint(colormaps[scale](np.linspace(start, 1, 256)) * 255), np.uint8)


def _people_table() -> Bytes:
    return _table(PEOPLE, _PALEST_PEOPLE)
