"""Pictures and regions set beside each other: which pixels differ, and how many people took each one away."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from dashboard.vision.errors import MaskError, PictureError

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]
# A faded picture uses the upper part of the grey range, so that colours laid over it stay what they are.
DARKEST_PALE = 150


def changed(first: Pixels, second: Pixels) -> Mask:
    """The pixels (H, W) bool in which two pictures (H, W, 3) uint8 differ in at least one channel.

    Raises PictureError where their sizes differ.
    """
    _same_size(first, second)
    return np.asarray((first != second).any(axis=2))


def amplified(first: Pixels, second: Pixels, gain: int) -> Pixels:
    """|second − first| · gain, (H, W, 3) uint8, cut off at 255. Raises PictureError where sizes differ."""
    _same_size(first, second)
    difference = np.abs(second.astype(np.int32) - first) * gain
    return np.asarray(np.minimum(difference, 255), np.uint8)


def pale(image: Pixels) -> Pixels:
    """The picture (H, W, 3) uint8 in light greys: a backdrop for colours that mean something."""
    grey = np.rint(image @ np.array([0.299, 0.587, 0.114])).astype(np.int32)
    faded = (DARKEST_PALE + grey * (255 - DARKEST_PALE) // 255).astype(np.uint8)
    return np.repeat(faded[..., None], 3, axis=2)


def outline(mask: Mask, width_px: int = 2) -> Mask:
    """The pixels of ``mask`` (H, W) within ``width_px`` of one that is not in it; the picture's border counts."""
    kernel = np.ones((3, 3), np.uint8)
    padded = np.pad(mask.astype(np.uint8), 1)
    inner = cv2.erode(padded, kernel, iterations=width_px, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(mask & (inner[1:-1, 1:-1] == 0))


def people_shares(people: Sequence[Sequence[Mask]], height: int, width: int) -> NDArray[np.float32]:
    """For each pixel the share (0–1) of people who took it away, (H, W) float32.

    ``people`` holds everybody's masks (H, W); a person's several masks count once, an empty list is somebody who
    took nothing away. Raises MaskError for a mask of another size, and where there is nobody.
    """
    if not people:
        raise MaskError("There is nobody whose regions could be laid over each other.")
    total = np.zeros((height, width), np.int32)
    for masks in people:
        if any(mask.shape != (height, width) for mask in masks):
            raise MaskError("Regions of pictures of different sizes cannot be laid over each other.")
        total += np.any(masks, axis=0) if masks else 0
    return (total / len(people)).astype(np.float32)


def _same_size(first: Pixels, second: Pixels) -> None:
    if first.shape != second.shape:
        raise PictureError(
            f"The pictures are {first.shape[1]} × {first.shape[0]} and {second.shape[1]} × {second.shape[0]} "
            "pixels; only pictures of the same size can be compared pixel by pixel."
        )
