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
    table = normalised_levels(mean, std)
    batch = np.empty((len(images), 3, height, width), np.float32)
    for image, planes in zip(images, batch, strict=True):
        normalise(resize(image, height, width), table, planes)
    return batch


def normalise(image: Bytes, table: Floats, planes: Floats) -> None:
    """Writes an RGB image (h, w, 3) uint8 into ``planes`` (3, h, w) float32 through ``normalised_levels``."""
    for channel, plane in enumerate(planes):
        # "clip" cannot clip here (256 levels, uint8); with it NumPy writes into `plane` without a buffer.
        np.take(table[channel], image[:, :, channel], out=plane, mode="clip")


def resize(image: Bytes, height: int, width: int) -> Bytes:
    """One RGB image (H, W, 3) uint8 at a network's input size, whole: what ``preprocess`` then normalises."""
    picture = Image.fromarray(np.ascontiguousarray(image))
    return np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC))


def normalised_levels(mean: Sequence[float], std: Sequence[float]) -> Floats:
    """The normalised value of each of the 256 levels, (3, 256) float32: a pixel is looked up, not computed."""
    levels = np.arange(256) / 255
    return np.asarray((levels - np.asarray(mean)[:, None]) / np.asarray(std)[:, None], np.float32)
