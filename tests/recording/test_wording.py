from __future__ import annotations

import math

import numpy as np
import pytest

from dashboard.recording.wording import agreement_sentence, place, region_sentence

MODEL = "EfficientNet-Lite0"


def box(top, bottom, left, right):
    mask = np.zeros((90, 90), bool)
    mask[top:bottom, left:right] = True
    return mask


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (box(0, 20, 0, 20), "the upper left"),
        (box(0, 20, 35, 55), "the top"),
        (box(35, 55, 35, 55), "the middle"),
        (box(35, 55, 70, 90), "the right"),
        (box(70, 90, 0, 20), "the lower left"),
        (box(0, 5, 0, 5) | box(60, 90, 60, 90), "the lower right"),
    ],
    ids=["upper left", "top", "middle", "right", "lower left", "largest part counts"],
)
def test_places(mask, words):
    assert place(mask) == words


@pytest.mark.parametrize(
    ("human", "model", "name", "sentence"),
    [
        (
            box(0, 30, 0, 30),
            box(0, 30, 0, 30) | box(60, 90, 0, 30),
            "head",
            f"You and {MODEL} agree on “head”; the model also uses the lower left.",
        ),
        (
            box(0, 30, 0, 60),
            box(0, 30, 0, 20),
            "head",
            f"You and {MODEL} agree on a part of “head”; you also mark the top.",
        ),
        (
            box(0, 30, 0, 30),
            box(0, 30, 0, 31),
            "",
            f"You and {MODEL} agree on the upper left, and on nearly nothing else.",
        ),
        (
            box(0, 30, 0, 30),
            box(60, 90, 60, 90),
            "",
            f"You and {MODEL} look at different parts: you at the upper left, the model at the lower right.",
        ),
        (
            box(0, 30, 0, 30),
            box(0, 0, 0, 0),
            "",
            f"{MODEL}'s map is the same everywhere, so there is no region to compare with yours.",
        ),
    ],
    ids=["more", "less", "same", "elsewhere", "nowhere"],
)
def test_the_sentence_says_who_uses_what(human, model, name, sentence):
    assert agreement_sentence(human, model, MODEL, name) == sentence


@pytest.mark.parametrize(
    ("iou", "covered", "sentence"),
    [
        (0.818, 0.9, "Ada and M agree on 81.8 % of the area; the model uses nearly all that Ada marked."),
        (0.41, 0.58, "Ada and M agree on 41.0 % of the area; the model uses most of what Ada marked."),
        (0.25, 0.4, "Ada and M agree on 25.0 % of the area; the model uses a part of what Ada marked."),
        (0.02, 0.04, "Ada and M agree on 2.0 % of the area; the model uses little of what Ada marked."),
        (0.0, 0.0, "Ada and M use different parts."),
        (0.0, math.nan, "M's map is the same everywhere, so there is no region to compare with."),
    ],
)
def test_how_one_region_compares_with_the_models(iou, covered, sentence):
    assert region_sentence("Ada", "M", iou, covered) == sentence
