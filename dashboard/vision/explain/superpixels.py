"""Pictures in parts: superpixels, what a map says of each, and which lie at a region's border."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.segmentation import slic

from dashboard.vision.classifiers.answer import Bytes, Floats
from dashboard.vision.masks import Mask

Parts = NDArray[np.int32]


def superpixels(image: Bytes, count: int) -> Parts:
    """About ``count`` superpixels of an RGB image (H, W, 3) uint8, numbered from 0, (H, W) int32.

    SLIC in CIELAB with compactness 10: Achanta, Shaji, Smith, Lucchi, Fua & Süsstrunk, *SLIC Superpixels Compared
    to State-of-the-Art Superpixel Methods*, TPAMI 2012.
    """
    # Smoothed by one pixel: in a noisy picture parts would otherwise fall to pieces and be merged into a huge one.
    return np.asarray(slic(image, n_segments=count, compactness=10, sigma=1, start_label=0), np.int32)


def mean_of_parts(heat: Floats, parts: Parts) -> NDArray[np.float64]:
    """The mean of a map (h, w) of any size over each part, (highest number + 1,) float64."""
    enlarged = cv2.resize(heat, parts.shape[::-1], interpolation=cv2.INTER_LINEAR)
    sums = np.bincount(parts.ravel(), weights=enlarged.ravel())
    return np.asarray(sums / np.maximum(np.bincount(parts.ravel()), 1), np.float64)


def parts_of(region: Mask, parts: Parts) -> Parts:
    """The numbers of the parts that hold pixels of the region, ascending."""
    return np.unique(parts[region])


def parts_at_border(region: Mask, parts: Parts) -> Parts:
    """The numbers of the parts that hold pixels of the region beside pixels that are not in it, ascending.

    The picture's own edge is no border.
    """
    inside = cv2.erode(region.view(np.uint8), np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=1)
    return np.unique(parts[region & (inside == 0)])
