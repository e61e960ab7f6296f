"""Regions by chance: a person's own shape, moved and turned at random, of exactly its area.

Turning a shape on a grid of pixels usually changes how many there are. Three shears do not: a turn by up to 45° is a
shear of the rows, one of the columns and again one of the rows, and each moves whole rows or columns by whole pixels,
so that no two pixels ever meet and none is lost. The rest of the turn is quarter turns, which are exact. Each pixel
ends within two of where the turn would bring it.
Paeth, *A Fast Algorithm for General Raster Rotation*, Graphics Interface 1986; Andres, *The Quasi-Shear Rotation*,
Discrete Geometry for Computer Imagery 1996.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dashboard.analysis.arrays import Mask, as_mask

COUNT = 30
TRIES = 100
Places = NDArray[np.int64]


class RegionTooLargeError(ValueError):
    """The region cannot be put anywhere else in the picture."""


def random_regions(region: ArrayLike, count: int = COUNT, seed: int = 0) -> Mask:
    """``count`` regions (count, H, W) bool of the region's (H, W) shape and exactly its area; see ``random_region``."""
    inside = as_mask(region)
    regions = [random_region(inside, number, seed) for number in range(count)]
    return np.array(regions, np.bool_).reshape(count, *inside.shape)


def random_region(region: ArrayLike, number: int, seed: int = 0) -> Mask:
    """Random region ``number`` of a region (H, W) bool: turned by any angle and moved so that it lies wholly inside.

    The same number and seed give the same region. Where 100 random angles do not fit, it is mirrored and moved only.
    Raises RegionTooLargeError, a ValueError, where that does not fit either because the region reaches all four
    borders. An empty region gives empty ones.
    """
    inside = as_mask(region)
    if inside.ndim != 2:
        raise ValueError(f"A region has two dimensions, not {inside.ndim}.")
    random = np.random.default_rng([seed, number])
    places = np.argwhere(inside)
    result = np.zeros(inside.shape, np.bool_)
    if len(places):
        rows, columns = _moved(_turned_or_mirrored(places, inside.shape, random), inside.shape, random).T
        result[rows, columns] = True
    return result


def turned(places: Places, angle: float) -> Places:
    """Pixels (n, 2) as (row, column) turned by ``angle`` in radians about their middle; n different ones again."""
    middle = np.rint(places.mean(axis=0)).astype(np.int64)
    rows, columns = (places - middle).T
    quarters = round(angle / (math.pi / 2))
    rest = angle - quarters * math.pi / 2
    for _ in range(quarters % 4):
        rows, columns = columns, -rows
    columns = columns + _shift(-math.tan(rest / 2), rows)
    rows = rows + _shift(math.sin(rest), columns)
    columns = columns + _shift(-math.tan(rest / 2), rows)
    return np.stack([rows, columns], axis=1)


def _turned_or_mirrored(places: Places, shape: tuple[int, ...], random: np.random.Generator) -> Places:
    for _ in range(TRIES):
        found = turned(places, random.uniform(0, 2 * math.pi))
        if _fits(found, shape):
            return found
    if not _fits(places, shape):
        raise RegionTooLargeError("The region is too large: it cannot be put anywhere else in the picture.")
    return np.asarray(places * random.choice([-1, 1], size=2), np.int64)


def _moved(places: Places, shape: tuple[int, ...], random: np.random.Generator) -> Places:
    """The pixels at one of the positions wholly inside, all equally likely."""
    lowest = places.min(axis=0)
    room = np.array(shape) - np.ptp(places, axis=0)
    return np.asarray(places - lowest + random.integers(0, room), np.int64)


def _fits(places: Places, shape: tuple[int, ...]) -> bool:
    """Whether the pixels can lie inside at more than one position: a turn by next to nothing is no other place."""
    room = np.array(shape) - np.ptp(places, axis=0)
    return bool((room >= 1).all() and (room > 1).any())


def _shift(share: float, along: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(np.rint(share * along), np.int64)
