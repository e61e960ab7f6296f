"""Windows, masks and the way in which long methods are divided into steps."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.vision.errors import ParameterError, UnavailableError
from dashboard.vision.explain import (
    EXPLANATIONS,
    SMALLEST_FLIP,
    advance_for,
    ask,
    ask_flip,
    done,
    explain,
    map_so_far,
    smallest_flip,
    unavailable_reason,
)
from dashboard.vision.explain import flip as flip_module
from dashboard.vision.explain.occlusion import mean_over_windows, windows
from dashboard.vision.explain.rise import random_mask
from tests.vision.truth import card, patch_classifier, picture

FEW = {
    "occlusion": {"window": 16, "stride": 7},
    "rise": {"masks": 41, "seed": 3},
    "integrated_gradients": {"steps": 11},
}


def staircase(x: np.ndarray) -> float:
    return float(np.maximum(x.sum() + np.array([-10, 1, 1, 1]), 0).sum() - 1)


@pytest.mark.parametrize(("window", "baseline", "expected"), [(1, 0, [80, 200, 120]), (2, 10, [200, 220, 240])])
def test_occlusion_of_a_function_of_three_numbers(window, baseline, expected):
    x = np.array([20.0, 50, 30])
    boxes = windows(x.shape, (window,), (1,))
    drops = []
    for box in boxes:
        occluded = x.copy()
        occluded[box] = baseline
        drops.append(staircase(x) - staircase(occluded))
    assert mean_over_windows(drops, boxes, x.shape).tolist() == expected


def test_the_windows_of_the_benchmark():
    boxes = windows((224, 224), (32, 32), (8, 8))
    assert len(boxes) == 625
    assert boxes[1] == (slice(0, 32), slice(8, 40))
    assert boxes[-1] == (slice(192, 224), slice(192, 224))


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 40))
def test_every_pixel_is_covered(size, window, stride):
    stride = min(stride, window)
    covered = np.zeros(size, int)
    for box in windows((size,), (window,), (stride,)):
        assert len(covered[box])
        covered[box] += 1
    assert covered.all()


def test_windows_with_gaps_are_refused():
    with pytest.raises(ValueError, match="strides"):
        windows((8,), (2,), (3,))
    with pytest.raises(ParameterError, match="stride of 9 px is longer than the window of 8 px"):
        explain(patch_classifier(), picture(), 0, "occlusion", parameters={"window": 8, "stride": 9})


def test_random_masks_are_the_same_alone_and_differ_from_each_other():
    masks = [random_mask(index, 5, (20, 30), 4, 0.5) for index in range(300)]
    assert (masks[7].shape, masks[7].dtype) == ((20, 30), np.float32)
    np.testing.assert_array_equal(masks[7], random_mask(7, 5, (20, 30), 4, 0.5))
    assert np.abs(masks[7] - masks[8]).max() > 0.5
    assert np.abs(masks[7] - random_mask(7, 6, (20, 30), 4, 0.5)).max() > 0.5
    assert 0 <= np.min(masks) < np.max(masks) <= 1
    np.testing.assert_allclose(np.mean(masks, axis=0), 0.5, atol=0.1)


def test_rise_is_the_published_sum():
    classifier, image = patch_classifier(), picture()
    heat = explain(classifier, image, 0, "rise", parameters={"masks": 20, "zero": "published"})
    centred = explain(classifier, image, 0, "rise", parameters={"masks": 20})
    masks = np.stack([random_mask(index, 0, (64, 64), 7, 0.5) for index in range(20)])
    scores = classifier.answer_prepared(masks[:, None] * classifier.preprocess(image[None])).probabilities[:, 0]
    np.testing.assert_allclose(heat, np.tensordot(scores, masks, 1) / (20 * 0.5), atol=1e-6)
    np.testing.assert_allclose(centred, np.tensordot(scores - scores.mean(), masks, 1) / (20 * 0.5), atol=1e-6)


def kept(state):
    """Through a file, as another process would get it."""
    file = io.BytesIO()
    np.savez(file, **state)
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays}


@pytest.mark.parametrize("method", [method.key for method in EXPLANATIONS])
@pytest.mark.parametrize("at_a_time", [1, 2, 5])
def test_a_map_does_not_depend_on_how_the_work_was_divided(method, at_a_time):
    parameters, steps = FEW.get(method), EXPLANATIONS[method].steps
    whole = explain(patch_classifier(), picture(), 0, method, parameters=parameters)
    question = ask(patch_classifier(), picture(), 0, method, parameters=parameters)
    state = steps.begin(question)
    while done(state) < steps.total(question):
        question = ask(patch_classifier(), picture(), 0, method, parameters=parameters)
        state = kept(steps.advance(question, state, done(state) + at_a_time))
    assert map_so_far(method, question, state).tobytes() == whole.tobytes()


def test_a_real_network_gives_the_same_bits_in_steps(catalogue, photographs):
    classifier = catalogue.load("efficientnet_lite0")
    for method, parameters in (("rise", {"masks": 21}), ("occlusion", {"window": 64, "stride": 50})):
        whole = explain(classifier, photographs[0], 285, method, parameters=parameters)
        question = ask(classifier, photographs[0], 285, method, parameters=parameters)
        steps = EXPLANATIONS[method].steps
        state = steps.begin(question)
        for last in range(1, steps.total(question) + 1):
            state = steps.advance(question, state, last)
        assert map_so_far(method, question, state).tobytes() == whole.tobytes()


@pytest.mark.parametrize("parameters", [{"evaluations": 60}, {"order": "occlusion", "evaluations": 30}])
def test_a_flip_does_not_depend_on_how_the_work_was_divided(parameters):
    whole = smallest_flip(patch_classifier(), picture(), parameters=parameters)
    question = ask_flip(patch_classifier(), picture(), parameters=parameters)
    state = flip_module.STEPS.begin(question)
    while done(state) < flip_module.STEPS.total(question):
        question = ask_flip(patch_classifier(), picture(), parameters=parameters)
        state = kept(flip_module.STEPS.advance(question, state, done(state) + 3))
    found = flip_module.STEPS.finish(question, state)
    assert found.region.tobytes() == whole.region.tobytes()
    assert (found.evaluations, found.probability_after) == (whole.evaluations, whole.probability_after)


def test_advancing_leaves_the_given_state_alone():
    for method in ("rise", "occlusion", "integrated_gradients"):
        steps = EXPLANATIONS[method].steps
        question = ask(patch_classifier(), picture(), 0, method, parameters=FEW[method])
        state = steps.begin(question)
        before = kept(state)
        steps.advance(question, state, 2)
        assert {name: array.tobytes() for name, array in state.items()} == {
            name: array.tobytes() for name, array in before.items()
        }


def test_a_map_can_be_shown_at_any_time():
    for method in EXPLANATIONS:
        question = ask(patch_classifier(), picture(), 0, method.key, parameters=FEW.get(method.key))
        state = method.steps.begin(question)
        assert not map_so_far(method.key, question, state).any()
        early = map_so_far(method.key, question, advance_for(method.steps, question, state, 0))
        assert (early.shape, early.dtype) == ((64, 64), np.float32)
        assert np.isfinite(early).all()


def test_some_work_is_done_however_short_the_time():
    steps = EXPLANATIONS["rise"].steps
    question = ask(patch_classifier(), picture(), 0, "rise", parameters={"masks": 41})
    state = steps.begin(question)
    assert steps.total(question) == 6
    assert done(advance_for(steps, question, state, seconds=0)) == 1
    finished = advance_for(steps, question, state, seconds=60)
    assert done(finished) == 6
    assert done(advance_for(steps, question, finished)) == 6


def test_progress_is_told():
    told = []
    explain(patch_classifier(), picture(), 0, "rise", parameters={"masks": 41}, progress=lambda *at: told.append(at))
    assert told[-1] == (6, 6)
    assert [at for at, _ in told] == sorted(at for at, _ in told)


@pytest.mark.parametrize(
    ("method", "given", "sentence"),
    [
        ("occlusion", {"filling": "magic"}, "Filling must be one of telea, .*, not 'magic'"),
        ("occlusion", {"filling": "keep_blur"}, "Filling must be one of"),
        ("occlusion", {"filling": "blur", "filling.radius": 99}, "Blur radius must be between 1 and 64"),
        ("occlusion", {"filling.radius": 3}, "Mean colour has no parameter 'radius'"),
        ("rise", {"filling.radius": 3}, "RISE has no parameter 'filling.radius'"),
        ("rise", {"masks": 0}, "Masks must be between 1 and 20000"),
        ("integrated_gradients", {"baseline": "white"}, "Baseline must be one of black, mean, blur, not 'white'"),
        ("cam", {"masks": 3}, "Class activation map has no parameter 'masks'"),
    ],
)
def test_bad_parameters_are_said_in_a_sentence(method, given, sentence):
    with pytest.raises(ParameterError, match=sentence):
        explain(patch_classifier(), picture(), 0, method, parameters=given)


def test_settings_are_complete():
    assert EXPLANATIONS["occlusion"].settings({"window": "16", "filling": "telea"}) == {
        "filling": "telea",
        "filling.radius": 3,
        "window": 16,
        "stride": 8,
    }
    assert SMALLEST_FLIP.settings({"filling": "noise"})["filling.seed"] == 0


def test_without_gradients_the_rest_is_offered():
    plain = card(has_cam=False, has_gradients=False)
    offered = [method.key for method in EXPLANATIONS if unavailable_reason(plain, method.key) is None]
    assert offered == ["occlusion", "rise"]
    for method in ("gradcam_pp", "layercam", "integrated_gradients"):
        label = EXPLANATIONS[method].label
        with pytest.raises(
            UnavailableError, match=f"Patch network was loaded .*, which {label.replace('+', '.')} needs"
        ):
            explain(patch_classifier(has_cam=False, has_gradients=False), picture(), 0, method)


def test_a_filling_that_is_not_to_be_had_is_said():
    with pytest.raises(UnavailableError, match="REGIONSCOPE_INPAINTING_NETWORK"):
        explain(patch_classifier(), picture(), 0, "occlusion", parameters={"filling": "torchscript"})
