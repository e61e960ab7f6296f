from __future__ import annotations

import math

import pytest

from dashboard.numbers import counted, points, two_decimals


@pytest.mark.parametrize(
    ("value", "written"), [(0.416, "0.42"), (-0.416, "−0.42"), (-0.004, "0.00"), (math.nan, "–"), (None, "–")]
)
def test_a_number_has_a_true_minus_and_none_where_it_rounds_to_nothing(value, written):
    assert two_decimals(value) == written


def test_what_is_undefined_can_be_said_in_words():
    assert two_decimals(math.nan, "undefined") == "undefined"
    assert points(-0.0004) == "0.0"


def test_what_is_counted_is_in_its_number():
    assert counted(1, "region") == "1 region"
    assert counted(1204, "region") == "1,204 regions"
    assert counted(2, "person", "people") == "2 people"
