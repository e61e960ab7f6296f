"""The pixels of what was drawn or kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dashboard.recording.ids import RequestError
from dashboard.vision import rle
from dashboard.vision.errors import EmptyMaskError
from dashboard.vision.masks import rasterise
from dashboard.vision.shapes import Shape
from db.records import Picture, Region


def region_mask(shapes: tuple[Shape, ...], given: NDArray[np.bool_] | None, picture: Picture) -> NDArray[np.bool_]:
    """The drawn region, or the ``given`` one, (H, W) bool in the working copy's pixels.

    Raises RequestError for one of another size, EmptyMaskError where it holds no pixel.
    """
    size = (picture.working_height, picture.working_width)
    mask = given if given is not None else rasterise(shapes, *size)
    if mask.shape != size:
        raise RequestError(f"The mask is {mask.shape[1]} × {mask.shape[0]}, the picture {size[1]} × {size[0]}.")
    if not mask.any():
        raise EmptyMaskError("The region holds no pixel of the picture, so nothing was changed.")
    return mask


def mask_of(region: Region) -> NDArray[np.bool_]:
    """A kept region's pixels (H, W) bool in the working copy."""
    height, width = region.mask["size"]
    return rle.decode({"size": [height, width], "counts": region.mask["counts"]})
