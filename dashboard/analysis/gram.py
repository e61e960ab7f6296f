"""Correlations between groups of maps from the inner products of the single maps.

The mean map of a group is a weighted sum of its members' maps, so its covariance with another is a weighted sum of
theirs: once these are known, thousands of groups cost no more look at a pixel.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from dashboard.analysis.arrays import Array, Floats
from dashboard.analysis.threads import one_thread_a_product

_BLOCK = 2**13
# A group whose variance is this small beside its members' squares is constant but for float32's rounding.
_ROUNDING = 1e-12


class Gram:
    """The covariances, times the number of pixels, of all maps of several sets (R, H, W), in float64."""

    def __init__(self, sets: Sequence[Array]) -> None:
        flat = [_flat(maps) for maps in sets]
        self.sizes = [len(maps) for maps in flat]
        pixels = flat[0].shape[1]
        total = np.zeros((sum(self.sizes),) * 2)
        sums = np.zeros(sum(self.sizes))
        with one_thread_a_product():
            for start in range(0, pixels, _BLOCK):
                block = np.concatenate([maps[:, start : start + _BLOCK] for maps in flat], dtype=np.float64)
                total += block @ block.T
                sums += block.sum(axis=1)
        self.squares = np.diagonal(total).copy()
        self.products = total - np.outer(sums, sums) / max(pixels, 1)

    def weights(self, which: int, draws: ArrayLike) -> Floats:
        """How often each member of set number ``which`` counts, (B, R), as weights over all maps."""
        start = sum(self.sizes[:which])
        rows = np.asarray(draws, np.float64)
        everything = np.zeros((len(rows), len(self.products)))
        everything[:, start : start + self.sizes[which]] = rows
        return everything

    def correlations(self, first: Floats, second: Floats) -> Floats:
        """Pearson's correlation of each pair of groups, (B,); NaN where one is constant. One row stands for all."""
        shared = ((first @ self.products) * second).sum(axis=1)
        spread = self._spread(first) * self._spread(second)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.clip(np.where(spread > 0, shared / spread, np.nan), -1, 1)

    def _spread(self, weights: Floats) -> Floats:
        """The root of each group's sum of squared deviations, 0 where that is nothing but rounding."""
        squared = ((weights @ self.products) * weights).sum(axis=1)
        largest = weights.sum(axis=1) * (weights @ self.squares)
        return np.sqrt(np.where(squared > _ROUNDING * largest, squared, 0))


def _flat(maps: Array) -> Array:
    return maps.reshape(len(maps), int(np.prod(maps.shape[1:])))
