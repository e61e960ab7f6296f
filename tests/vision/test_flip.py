"""The smallest flip beyond the question whether it finds the truth."""

import dataclasses

import numpy as np
import pytest

from dashboard.vision.classifiers import Classifier
from dashboard.vision.errors import ParameterError
from dashboard.vision.explain import advance_for, ask_flip, done, smallest_flip
from dashboard.vision.explain.flip import STEPS
from dashboard.vision.explain.superpixels import mean_of_parts, parts_at_border, parts_of, superpixels
from dashboard.vision.inpainting import apply_method
from tests.vision.truth import PATCH_SHARE, card, patch_classifier, picture


def test_nothing_flips_it_is_said_honestly():
    found = smallest_flip(patch_classifier(needed=-1), picture(), parameters={"most": 0.2})
    assert (found.flipped, found.finished, found.class_before, found.class_after) == (False, True, 0, 0)
    assert 0 < found.area <= 0.2
    assert found.area == found.region.mean()
    assert found.probability_left == found.probability_after > 0.5
    assert found.evaluations > 10


def test_the_pictures_last_until_all_that_may_be_removed_was_tried():
    found = smallest_flip(patch_classifier(needed=-1), picture(), parameters={"evaluations": 120, "segments": 60})
    assert (found.flipped, found.cut_short) == (False, False)
    assert 0.4 < found.largest_tried <= 0.5
    short = smallest_flip(patch_classifier(needed=-1), picture(), parameters={"evaluations": 7, "segments": 60})
    assert (short.flipped, short.finished, short.cut_short) == (False, True, True)
    assert short.largest_tried < 0.4


def test_a_limit_below_the_patch_is_kept():
    found = smallest_flip(patch_classifier(), picture(), parameters={"most": PATCH_SHARE / 2})
    assert not found.flipped
    assert found.area <= PATCH_SHARE / 2


def test_what_the_result_says_can_be_checked(catalogue, photographs):
    classifier, image = catalogue.load("efficientnet_lite0"), photographs[3]
    found = smallest_flip(classifier, image, parameters={"filling": "telea", "filling.radius": 5, "evaluations": 40})
    without = apply_method("telea", image, found.region, {"radius": 5})
    before, after = classifier.answer(image[None]).probabilities[0], classifier.answer(without[None]).probabilities[0]
    assert found.flipped
    assert (found.class_before, found.class_after) == (before.argmax(), after.argmax())
    assert found.probability_before == pytest.approx(before.max(), abs=1e-6)
    assert found.probability_after == pytest.approx(after.max(), abs=1e-6)
    assert found.probability_left == pytest.approx(after[found.class_before], abs=1e-6)
    assert found.area == found.region.mean() < 0.1
    assert found.evaluations <= 40


def test_the_best_so_far_is_there_at_any_time_and_only_improves():
    question = ask_flip(patch_classifier(), picture())
    state = STEPS.begin(question)
    first = STEPS.finish(question, state)
    assert (first.flipped, first.area, first.finished, first.class_after) == (False, 0, False, 0)
    seen = []
    while done(state) < STEPS.total(question):
        state = advance_for(STEPS, question, state, seconds=0)
        seen.append(STEPS.finish(question, state))
    flips = [found.flipped for found in seen]
    assert flips == sorted(flips)
    areas = [found.area for found in seen if found.flipped]
    assert areas == sorted(areas, reverse=True)
    assert len(set(areas)) > 2
    assert [found.finished for found in seen] == [False] * (len(seen) - 1) + [True]


@pytest.mark.parametrize("evaluations", [1, 5, 33])
def test_no_more_pictures_are_classified_than_allowed(evaluations):
    assert (
        smallest_flip(patch_classifier(), picture(), parameters={"evaluations": evaluations}).evaluations <= evaluations
    )


def test_a_random_filling_gives_the_same_region_again():
    parameters = {"filling": "noise", "filling.seed": 7, "evaluations": 60}
    first, second = (smallest_flip(patch_classifier(), picture(), parameters=parameters) for _ in range(2))
    assert first.region.tobytes() == second.region.tobytes()


def test_one_class_cannot_flip():
    alone = Classifier(
        dataclasses.replace(card(), labels=("patch",)), lambda batch: (np.ones((len(batch), 1), np.float32), None)
    )
    with pytest.raises(ParameterError, match="Patch network knows one class only"):
        smallest_flip(alone, picture())


def test_parts_and_borders():
    parts = np.repeat(np.array([[0, 1, 2], [3, 4, 5]], np.int32), 4, axis=1).repeat(4, axis=0)
    region = np.isin(parts, [0, 1, 3, 4])
    assert parts_of(region, parts).tolist() == [0, 1, 3, 4]
    # Part 2 and 5 are kept; the picture's edge is no border.
    assert parts_at_border(region, parts).tolist() == [1, 4]
    assert mean_of_parts(np.array([[1, 1, 5]], np.float32), parts)[0] == 1


def test_a_picture_of_one_colour_is_divided_too():
    parts = superpixels(np.full((64, 96, 3), 90, np.uint8), 24)
    assert parts.dtype == np.int32
    assert parts.max() + 1 == len(np.unique(parts)) > 12
