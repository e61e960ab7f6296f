from __future__ import annotations

import math

import pytest

from dashboard.analysis import shared_interest_case
from dashboard.analysis.cases import EXPLANATIONS

PIXELS = 20


def _first(n: int, start: int = 0) -> list[int]:
    return [int(start <= place < start + n) for place in range(PIXELS)]


@pytest.mark.parametrize(
    ("human", "model", "right", "wrong"),
    [
        (_first(10), _first(8), "human aligned", "confuser"),
        (_first(10), _first(2), "sufficient subset", "insufficient subset"),
        (_first(2), _first(10), "sufficient context", "context confusion"),
        (_first(10), _first(10, start=10), "context dependent", "distractor"),
    ],
)
def test_the_eight_cases(human: list[int], model: list[int], right: str, wrong: str) -> None:
    for correct, name in ((True, right), (False, wrong)):
        case = shared_interest_case(human, model, correct)
        assert (case.name, case.correct, case.high, case.borderline) == (name, correct, 0.5, False)
        assert case.explanation == EXPLANATIONS[name]


def test_the_cut_off_is_a_setting_and_travels_along() -> None:
    case = shared_interest_case(_first(10), _first(8), True, high=0.9)
    assert (case.name, case.high) == ("sufficient subset", 0.9)
    assert (case.iou, case.model_coverage, case.human_coverage) == (0.8, 1, 0.8)


@pytest.mark.parametrize(("size", "borderline"), [(8, False), (9, True), (10, True), (11, True), (12, False)])
def test_borderline_within_a_twentieth_of_the_cut_off(size: int, borderline: bool) -> None:
    # iou = size / 20: 0.45 and 0.55 lie just within.
    assert shared_interest_case(_first(20), _first(size), True).borderline is borderline


def test_a_coverage_that_decides_nothing_is_not_borderline() -> None:
    # iou 10/22 asks no more than it must: the model's coverage fits, the human one (10/21) is not asked.
    human, model = [1] * 21 + [0], [1] * 10 + [0] * 11 + [1]
    case = shared_interest_case(human, model, True, high=0.54)
    assert case.name == "sufficient subset"
    assert abs(case.iou - 0.54) > 0.05
    assert not case.borderline


@pytest.mark.parametrize(("human", "model"), [(_first(0), _first(3)), (_first(3), _first(0)), (_first(0), _first(0))])
def test_empty_regions_have_no_case(human: list[int], model: list[int]) -> None:
    case = shared_interest_case(human, model, True)
    assert case.name == "undefined"
    assert not case.borderline
    assert math.isnan(case.human_coverage) or math.isnan(case.model_coverage)


@pytest.mark.parametrize("high", [0, -0.5, 1.1, math.nan])
def test_cut_offs_that_are_none(high: float) -> None:
    with pytest.raises(ValueError, match="cut-off"):
        shared_interest_case(_first(3), _first(3), True, high)
