"""Maps as colours: one scale, perceptually uniform and safe for colour-blind readers."""

from __future__ import annotations

from functools import cache

import numpy as np

from dashboard.vision.classifiers.answer import Bytes, Floats

# Lightness rises steadily from black to pale yellow: over a photograph what a model ignores lies in the dark
# and what it uses is lit, and that order stays readable without any colour vision and in grey print.
SCALE = "inferno"


def overlay(class_map: Floats, low: float, high: float) -> Bytes:
    """A map (H, W) float32 as RGBA (H, W, 4) uint8; ``low`` and all below is the scale's dark end, ``high`` the light.

    Alpha is 255 throughout: how much of the picture shines through is up to the page. Where ``high`` is not
    above ``low``, and where the map is not a number, everything has the dark end's colour.
    """
    if high <= low:
        return np.broadcast_to(_table()[0], (*class_map.shape, 4)).copy()
    share = np.nan_to_num((class_map - low) / (high - low), nan=0.0)
    levels = np.rint(np.clip(share, 0, 1) * 255).astype(np.uint8)
    return np.asarray(_table()[levels])


def scale_stops(n: int = 11) -> list[str]:
    """``n`` ≥ 2 colours ("#rrggbb") at equal steps from the dark end to the light one, for a colour bar."""
    levels = np.rint(np.linspace(0, 255, n)).astype(int)
    return [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue, _ in _table()[levels]]


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
def _table() -> Bytes:
    """The scale's 256 colours, (256, 4) uint8 RGBA; matplotlib is imported by the first call only."""
    from matplotlib import colormaps

    return np.asarray(np.rint(colormaps[SCALE](np.arange(256)) * 255), np.uint8)
