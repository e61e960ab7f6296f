"""Methods that imagine nothing: blur, one colour, noise, and those that keep only the region."""

from __future__ import annotations

import cv2
import numpy as np

from dashboard.vision.inpainting.method import RGB, SEED, Mask, inpainting_method
from dashboard.vision.registry import Parameter

BLUR_RADIUS = Parameter("radius", "Blur radius", default=16, minimum=1, maximum=64, step=1, unit="px")


@inpainting_method("blur", "Blur", "Blurs the region; colours stay, details go.", BLUR_RADIUS)
def blur(image: RGB, mask: Mask, radius: int) -> RGB:
    """A Gaussian blur whose standard deviation is ``radius`` pixels; the picture is mirrored at its border."""
    return _blurred(image, radius)


@inpainting_method(
    "mean", "Mean colour", "Covers the region with the mean colour of everything else.", needs_surroundings=True
)
def mean(image: RGB, mask: Mask) -> RGB:
    """The mean of the RGB values outside the region, rounded to nearest."""
    kept = ~mask
    count = np.count_nonzero(kept)
    # OpenCV multiplies by 1/count, which can miss a half; its sum is a whole number, from which the division is exact.
    sums = np.rint(np.array(cv2.mean(image, kept.view(np.uint8))[:3]) * count)
    colour = np.rint(sums / count).astype(np.uint8)
    return np.asarray(cv2.merge([np.full(mask.shape, level, np.uint8) for level in colour]), np.uint8)


@inpainting_method("noise", "Noise", "Covers the region with random colours.", SEED)
def noise(image: RGB, mask: Mask, seed: int) -> RGB:
    """Each channel of each pixel uniform in 0–255 and independent."""
    return np.random.Generator(np.random.PCG64(seed)).integers(0, 256, image.shape, np.uint8)


@inpainting_method("keep_blur", "Keep, blur the rest", "Keeps the region, blurs all else.", BLUR_RADIUS, group="keep")
def keep_blur(image: RGB, mask: Mask, radius: int) -> RGB:
    """As blur, for everything outside the region."""
    return _blurred(image, radius)


@inpainting_method(
    "keep_gray",
    "Keep, grey the rest",
    "Keeps the region, covers all else with an even grey.",
    Parameter("level", "Grey level", default=128, minimum=0, maximum=255, step=1),
    group="keep",
)
def keep_gray(image: RGB, mask: Mask, level: int) -> RGB:
    """One grey, ``level`` in all three channels, for everything outside the region."""
    return np.full_like(image, level)


def _blurred(image: RGB, radius: int) -> RGB:
    # In the picture's own RGB: the channels are blurred apart from each other.
    return np.asarray(cv2.GaussianBlur(image, (0, 0), radius, borderType=cv2.BORDER_REFLECT_101), np.uint8)
