from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from db.probabilities import pack, unpack

probabilities = arrays.arrays(np.float32, st.integers(0, 300), elements=st.floats(0, 1, width=32))


@given(probabilities)
def test_the_twenty_highest_come_back_bit_for_bit(values):
    found = unpack(pack(values))
    highest = np.argsort(-values, kind="stable")[:20]
    assert found.dtype == np.float32
    assert found.shape == values.shape
    assert found[highest].tobytes() == values[highest].tobytes()


@given(probabilities)
def test_all_others_are_within_a_twentieth_of_a_percent(values):
    found = unpack(pack(values)).astype(np.float64)
    wanted = values.astype(np.float64)
    kept = wanted >= 1e-27
    assert (np.abs(found[kept] - wanted[kept]) <= 0.0005 * wanted[kept]).all()
    assert (found[~kept] <= 1e-27).all()
    assert (found[wanted == 0] == 0).all()


@given(probabilities)
def test_the_order_of_the_twenty_highest_stays(values):
    assert np.array_equal(
        np.argsort(-unpack(pack(values)), kind="stable")[:20], np.argsort(-values, kind="stable")[:20]
    )


def test_rounding_lifts_no_class_above_the_highest():
    values = np.full(21, 0.375, np.float32)
    assert unpack(pack(values)).tolist() == [0.375] * 21


def test_a_row_written_by_hand():
    values = np.array([0.5, 0.25, 0, 1], np.float32)
    assert pack(values)[:7].hex() == "01" + "0400" + "04000000"
    assert unpack(pack(values)).tolist() == [0.5, 0.25, 0.0, 1.0]


def test_beyond_the_twentieth_a_probability_is_a_step_of_a_1024th_of_a_nat():
    values = np.array([0.5] * 20 + [np.exp(-1.0), np.exp(-10.0), 1e-40, 0.0], np.float32)
    found = unpack(pack(values))
    assert found[:20].tolist() == [0.5] * 20
    assert found[20:].tolist() == [np.float32(np.exp(-1.0)), np.float32(np.exp(-10.0)), 0.0, 0.0]


def test_bytes_of_format_one_can_be_read_for_ever():
    header, indices, exact = "01030003000000", "010000000000000002000000", "0000003f0000803e0000003e"
    stored = bytes.fromhex(header + indices + exact + "7801eb613dc614c80100072f01b3")
    assert unpack(stored).tolist() == [0.25, 0.5, 0.125]


def test_a_thousand_classes_take_about_two_bytes_each():
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 3, 1000)
    values = (np.exp(logits) / np.exp(logits).sum()).astype(np.float32)
    assert len(pack(values)) < 2300


@pytest.mark.parametrize(
    "bad",
    [[0.1, float("nan")], [float("inf")], [-0.1], [1.1], [[0.5, 0.5]], 0.5],
)
def test_what_is_no_row_of_probabilities_is_refused(bad):
    with pytest.raises(ValueError, match="0 to 1"):
        pack(np.array(bad, np.float32))


def test_an_unknown_format_is_refused():
    data = bytearray(pack(np.array([0.5], np.float32)))
    data[0] = 9
    with pytest.raises(ValueError, match="format 9"):
        unpack(bytes(data))
