from __future__ import annotations

import math

import pytest

from dashboard.figures.standing import Mark, standing_chart


def mark(score: float, everybody: float, low: float, high: float) -> Mark:
    return Mark("A model", score, everybody, low, high)


def test_a_negative_score_is_within_the_chart():
    chart = standing_chart(0.1, 0.8, [mark(-0.5, -0.45, -0.62, -0.3)])
    assert chart["layout"]["xaxis"]["range"][0] == pytest.approx(-0.72)


def test_without_anything_below_nothing_the_chart_begins_there():
    chart = standing_chart(math.nan, math.nan, [mark(math.nan, 0.4, math.nan, math.nan)])
    assert chart["layout"]["xaxis"]["range"] == [-0.1, 1.05]
    assert chart["layout"]["annotations"] == []


@pytest.mark.parametrize(("floor", "ceiling", "sides"), [(0.2, 0.7, ["right", "left"]), (0.7, 0.6, ["left", "right"])])
def test_the_names_of_floor_and_ceiling_stand_outside(floor, ceiling, sides):
    chart = standing_chart(floor, ceiling, [])
    assert [one["xanchor"] for one in chart["layout"]["annotations"]] == sides
