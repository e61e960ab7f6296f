from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pycocotools import mask as coco

from dashboard.vision import rle
from dashboard.vision.errors import MaskError

SHAPES = hnp.array_shapes(min_dims=2, max_dims=2, max_side=40)
MASKS = hnp.arrays(bool, SHAPES)


@pytest.mark.parametrize(
    ("rows", "counts", "text"),
    [
        ([[0, 0, 1, 1], [0, 1, 1, 0], [0, 1, 0, 0]], [4, 4, 1, 1, 2], "441M1"),
        ([[1, 1], [0, 1]], [0, 1, 1, 2], "0111"),
        ([[0, 0], [0, 0]], [4], "4"),
        ([[1, 1, 1], [1, 1, 1]], [0, 6], "06"),
    ],
)
def test_known_vectors(rows, counts, text):
    mask = np.array(rows, bool)
    encoded = rle.encode(mask)
    assert encoded == {"size": list(mask.shape), "counts": text}
    assert rle.counts(encoded) == counts
    assert rle.area(encoded) == mask.sum()
    assert np.array_equal(rle.decode(encoded), mask)


def plain_counts(mask: np.ndarray) -> list[int]:
    """Run lengths down the columns, zeros first."""
    counts, value = [0], False
    for pixel in mask.T.ravel():
        if bool(pixel) != value:
            counts.append(0)
            value = not value
        counts[-1] += 1
    return counts


@given(MASKS)
def test_round_trip_area_and_counts(mask):
    encoded = rle.encode(mask)
    decoded = rle.decode(encoded)
    assert decoded.dtype == bool
    assert np.array_equal(decoded, mask)
    assert rle.area(encoded) == mask.sum()
    assert rle.counts(encoded) == plain_counts(mask)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:pycocotools")  # its arrays are older than NumPy 2
@given(MASKS)
def test_pycocotools_reads_the_same(mask):
    encoded = rle.encode(mask)
    theirs = {"size": encoded["size"], "counts": encoded["counts"].encode()}
    assert np.array_equal(coco.decode(theirs), mask)
    assert coco.area(theirs) == rle.area(encoded)


@given(SHAPES.flatmap(lambda shape: st.tuples(hnp.arrays(bool, shape), hnp.arrays(bool, shape))))
def test_union(masks):
    first, second = masks
    merged = rle.union(rle.encode(first), rle.encode(second))
    assert np.array_equal(rle.decode(merged), first | second)
    assert merged == rle.encode(first | second)


def test_long_runs():
    mask = np.zeros((3000, 4000), bool)
    mask[1500:, 7:3990] = True
    assert np.array_equal(rle.decode(rle.encode(mask)), mask)


@given(st.text(max_size=40), st.tuples(st.integers(-2, 9), st.integers(-2, 9)))
def test_any_text_is_decoded_or_refused(text, size):
    try:
        mask = rle.decode({"size": list(size), "counts": text})
    except MaskError:
        return
    assert mask.shape == size


@given(st.text(alphabet=[chr(48 + group) for group in range(64)], max_size=30), st.integers(1, 60))
def test_any_groups_are_decoded_or_refused(text, height):
    try:
        mask = rle.decode({"size": [height, 7], "counts": text})
    except MaskError:
        return
    assert mask.sum() == rle.area({"size": [height, 7], "counts": text})


@pytest.mark.parametrize(
    "bad",
    [
        None,
        [],
        {},
        {"size": [2, 2]},
        {"counts": "4"},
        {"size": [2, 2], "counts": [4]},
        {"size": [2, 2], "counts": b"4"},
        {"size": [2, 2], "counts": ""},
        {"size": [2, 2], "counts": "5"},
        {"size": [2, 2], "counts": "3"},
        {"size": [2, 2], "counts": "44"},
        {"size": [2, 2], "counts": "T"},
        {"size": [2, 2], "counts": "4\x00"},
        {"size": [2, 2], "counts": "ö"},
        {"size": [2, 2], "counts": "o" * 500},
        {"size": [2, 2], "counts": "oooooooo1"},
        {"size": [2, 2], "counts": "5O"},
        {"size": [2], "counts": "4"},
        {"size": [2, 2, 1], "counts": "4"},
        {"size": [2.0, 2], "counts": "4"},
        {"size": [True, 4], "counts": "4"},
        {"size": [-2, -2], "counts": "4"},
        {"size": [0, 0], "counts": "0"},
        {"size": [10**6, 10**6], "counts": "4"},
        {"size": "22", "counts": "4"},
    ],
)
def test_malformed_encodings_are_refused(bad):
    for function in (rle.decode, rle.area, rle.counts):
        with pytest.raises(MaskError):
            function(bad)


def test_masks_of_different_sizes_have_no_union():
    with pytest.raises(MaskError, match="sizes"):
        rle.union(rle.encode(np.ones((2, 3), bool)), rle.encode(np.ones((3, 2), bool)))
    with pytest.raises(MaskError):
        rle.union({"size": [2, 2], "counts": "9"}, {"size": [2, 2], "counts": "4"})


def test_a_mask_without_pixels_is_refused():
    with pytest.raises(MaskError):
        rle.encode(np.zeros((0, 4), bool))
