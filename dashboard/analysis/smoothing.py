"""Smoothed consensus maps: what is known only where somebody drew, spread by the drawing's own uncertainty."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from dashboard.analysis.arrays import Mask
from dashboard.analysis.people import stack_of_masks

SMOOTHING = 0.02
_TRUNCATE_SD = 4
Maps = NDArray[np.float32]


def smoothed_masks(masks: ArrayLike, smoothing: float = SMOOTHING) -> Maps:
    """Each mask (R, H, W) bool smoothed by a Gaussian, (R, H, W) float32, 0 to 1.

    Its sd is ``smoothing`` times the longer side, 0 for none; the kernel ends at 4 sd and the picture is mirrored at
    its border. Smoothing is linear, so that means over people of these maps are the smoothed consensus maps.
    Raises ValueError for a smoothing that is negative or not finite.
    """
    if not (np.isfinite(smoothing) and smoothing >= 0):
        raise ValueError(f"The smoothing is {smoothing}; it is a share of the longer side, from 0.")
    stack = stack_of_masks(masks)
    maps = stack.astype(np.float32)
    sd = smoothing * max(stack.shape[1:])
    if sd > 0:
        for number, mask in enumerate(stack):
            # Smoothing leaves these as they are, but for rounding, which would make them look uneven.
            if mask.any() and not mask.all():
                maps[number] = gaussian(maps[number], sd)
    return maps


def gaussian(values: Maps, sd_px: float) -> Maps:
    """An array (H, W) or (H, W, C) float32 smoothed by a Gaussian cut at 4 sd, mirrored at the border."""
    side = 2 * int(_TRUNCATE_SD * sd_px + 0.5) + 1
    return np.asarray(cv2.GaussianBlur(values, (side, side), sd_px, borderType=cv2.BORDER_REFLECT), np.float32)


def resized(masks: Mask, height: int, width: int) -> Mask:
    """Masks (R, h, w) bool stretched to (R, height, width), each pixel taking the nearest."""
    if masks.shape[1:] == (height, width):
        return masks
    sizes = (width, height)
    stretched = [cv2.resize(mask.view(np.uint8), sizes, interpolation=cv2.INTER_NEAREST_EXACT) for mask in masks]
    return np.array(stretched, np.uint8).reshape(len(masks), height, width).astype(np.bool_)
