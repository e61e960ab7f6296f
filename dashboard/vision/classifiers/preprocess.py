"""From pixels to a network's input. Every engine gets exactly these numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from dashboard.vision.classifiers.answer import Bytes, Floats


def preprocess(images: Bytes, height: int, width: int, mean: Sequence[float], std: Sequence[float]) -> Floats:
    """RGB images (B, H, W, 3) uint8 as a network's input (B, 3, height, width) float32.

    Each image is resized whole, without cropping (Pillow, BICUBIC, antialiased), divided by 255 and
    normalised. Raises ValueError for another shape or dtype.
    """
    if images.ndim != 4 or images.shape[3] != 3 or not len(images) or images.dtype != np.uint8:
        raise ValueError(f"images must be (B, H, W, 3) uint8, not {images.shape} {images.dtype}")
    table = _normalised_levels(mean, std)
    batch = np.empty((len(images), 3, height, width), np.float32)
    for image, planes in zip(images, batch, strict=True):
        resized = np.asarray(
            Image.fromarray(np.ascontiguousarray(image)).resize((width, height), Image.Resampling.BICUBIC)
        )
        for channel, plane in enumerate(planes):
            # "clip" cannot clip here (256 levels, uint8); with it NumPy writes into `plane` without a buffer.
            np.take(table[channel], resized[:, :, channel], out=plane, mode="clip")
    return batch


def _normalised_levels(mean: Sequence[float], std: Sequence[float]) -> Floats:
    """The normalised value of each of the 256 levels, (3, 256) float32: a pixel is looked up, not computed."""
    levels = np.arange(256) / 255
    return np.asarray((levels - np.asarray(mean)[:, None]) / np.asarray(std)[:, None], np.float32)
