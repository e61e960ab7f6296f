"""Small masks and maps with many ties, empty and full regions, constant and negative maps."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

SHAPES = arrays.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=6)
FEW_VALUES = st.sampled_from([-1.0, 0.0, 0.25, 0.5, 1.0, 3.0])
ANY_VALUES = st.floats(width=32, allow_nan=False, allow_infinity=False)


def masks(shape: Any) -> st.SearchStrategy[np.ndarray]:
    return arrays.arrays(bool, shape)


def maps(shape: Any) -> st.SearchStrategy[np.ndarray]:
    return st.one_of(arrays.arrays(np.float32, shape, elements=values) for values in (FEW_VALUES, ANY_VALUES))


@st.composite
def two_masks(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    shape = draw(SHAPES)
    return draw(masks(shape)), draw(masks(shape))


@st.composite
def two_maps(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    shape = draw(SHAPES)
    return draw(maps(shape)), draw(maps(shape))


@st.composite
def map_and_mask(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    shape = draw(SHAPES)
    return draw(maps(shape)), draw(masks(shape))


@st.composite
def stacks(draw: st.DrawFn) -> np.ndarray:
    shape = draw(SHAPES)
    return draw(masks((draw(st.integers(2, 5)), *shape)))
