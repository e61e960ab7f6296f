"""What the pages say of effects, of the cut-off, and of maps that a model does not give."""

from __future__ import annotations

from typing import Any, cast

import pytest

from dashboard.pages.explore_agreement import parse_cut_off
from dashboard.pages.explore_effects import together
from dashboard.recording.effects import Effect, EffectQuestion, Progress
from dashboard.recording.ids import RequestError


def effect(method: str, human: float, model: float, random: float, model_key: str = "one") -> tuple[Any, Any]:
    question = EffectQuestion("region", model_key, "cam", method, {})
    progress = Progress(0.9, human, model, 0.4, 0.5, [random] * 3)
    return question, Effect(question, cast(Any, None), progress, 7, 7)


def test_one_filling_says_nothing_of_fillings():
    assert together([effect("telea", 0.5, 0.4, 0.1)]) == []
    assert together([effect("telea", 0.5, 0.4, 0.1), effect("telea", 0.5, 0.4, 0.1, "another")]) == []


def test_how_far_the_fillings_go_apart_and_that_they_agree():
    said, order, _ = together([effect("telea", 0.5, 0.4, 0.1), effect("mean", 0.2, 0.1, -0.1)])
    assert "over 2 fillings" in said
    assert "from +20.0 (Mean colour) to +50.0 points (Telea)" in said
    assert order == "All agree on the order: the marked region, then the model's, then random."


def test_fillings_that_do_not_agree_are_named():
    _, order, _ = together([effect("telea", 0.5, 0.4, 0.1), effect("mean", 0.2, 0.3, 0.1)])
    assert order == (
        "They do not agree on the order: the marked region, then the model's, then random by Telea; "
        "the model's, then the marked region, then random by Mean colour."
    )


def test_the_cut_off_is_above_nothing_and_at_most_one():
    assert parse_cut_off(None) == 0.5
    assert parse_cut_off(1) == 1.0
    for bad in (0, 1.1, "0.5", True, float("nan")):
        with pytest.raises(RequestError, match="cut-off"):
            parse_cut_off(bad)
