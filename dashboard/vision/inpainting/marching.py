"""Methods that march inwards from the border of the region, by OpenCV."""

from __future__ import annotations

import cv2
import numpy as np

from dashboard.vision.inpainting.method import RGB, Mask, inpainting_method
from dashboard.vision.registry import Parameter

RADIUS = Parameter("radius", "Radius", default=3, minimum=1, maximum=20, step=1, unit="px")


@inpainting_method(
    "telea",
    "Telea",
    "Marches inwards from the border, continuing colours; quick, soft on large regions.",
    RADIUS,
    needs_surroundings=True,
)
def telea(image: RGB, mask: Mask, radius: int) -> RGB:
    """Fast marching (Telea, An Image Inpainting Technique Based on the Fast Marching Method, 2004)."""
    return _march(image, mask, radius, cv2.INPAINT_TELEA)


@inpainting_method(
    "navier_stokes",
    "Navier–Stokes",
    "Lets edges flow into the region along lines of equal brightness; quick, good for thin regions.",
    RADIUS,
    needs_surroundings=True,
)
def navier_stokes(image: RGB, mask: Mask, radius: int) -> RGB:
    """Fluid dynamics (Bertalmio, Bertozzi & Sapiro, Navier-Stokes, Fluid Dynamics, and Image and Video
    Inpainting, 2001)."""
    return _march(image, mask, radius, cv2.INPAINT_NS)


def _march(image: RGB, mask: Mask, radius: int, algorithm: int) -> RGB:
    # Both look no further than the radius from the region: its surroundings give the whole picture's result.
    window = _surroundings(mask, radius + 2)
    hole = mask[window].astype(np.uint8)
    # In the picture's own RGB: each channel is filled by itself, so their order does not matter.
    patch = cv2.inpaint(np.ascontiguousarray(image[window]), hole, radius, algorithm)
    filled = image.copy()
    filled[window] = patch
    return filled


def _surroundings(mask: Mask, margin: int) -> tuple[slice, slice]:
    """The box of the region, ``margin`` pixels wider on each side, within the picture."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return (
        slice(max(0, int(rows[0]) - margin), int(rows[-1]) + margin + 1),
        slice(max(0, int(columns[0]) - margin), int(columns[-1]) + margin + 1),
    )
