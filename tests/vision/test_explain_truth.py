"""Does it find the truth? A network that looks at one patch only."""

import numpy as np
import pytest

from dashboard.analysis import effects, iou, necessities, necessity, random_regions
from dashboard.vision.explain import EXPLANATIONS, explain, smallest_flip
from dashboard.vision.explain.integrated import BASELINES
from dashboard.vision.inpainting import apply_method
from tests.vision.truth import PATCH, PATCH_SHARE, SIZE, patch_classifier, picture, share_in_patch

QUICK = {
    "occlusion": {"window": 8, "stride": 4},
    "rise": {"masks": 400},
    "integrated_gradients": {"steps": 8, "baseline": "mean"},
}


@pytest.mark.parametrize("method", [method.key for method in EXPLANATIONS])
def test_every_map_has_most_of_its_mass_in_the_patch(method):
    heat = explain(patch_classifier(), picture(), 0, method, parameters=QUICK.get(method))
    assert (heat.shape, heat.dtype) == ((SIZE, SIZE), np.float32)
    assert share_in_patch(heat) > 6 * PATCH_SHARE
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    assert PATCH[0].start - 2 <= row < PATCH[0].stop + 2
    assert PATCH[1].start - 2 <= column < PATCH[1].stop + 2


@pytest.mark.parametrize("baseline", ["black", "mean", "blur"])
def test_integrated_gradients_sum_to_the_change_of_probability(baseline):
    # A network whose answer changes evenly on the way: on a real one 50 points leave an error of some percent.
    classifier, image = patch_classifier(needed=0.5), picture()
    parameters = {"baseline": baseline, "steps": 200}
    heat = explain(classifier, image, 0, "integrated_gradients", parameters=parameters)
    ends = np.stack([image, BASELINES[baseline][1](image)])
    change = float(np.subtract(*classifier.answer(ends).probabilities[:, 0]))
    assert change > 0.2
    assert heat.sum() == pytest.approx(change, abs=0.005)


@pytest.mark.parametrize("filling", ["telea", "mean", "blur", "noise"])
def test_occlusion_finds_the_patch_with_any_filling(filling):
    parameters = {"window": 16, "stride": 8, "filling": filling}
    heat = explain(patch_classifier(needed=0.6), picture(), 0, "occlusion", parameters=parameters)
    assert share_in_patch(heat) > 5 * PATCH_SHARE


def whole_patch() -> np.ndarray:
    patch = np.zeros((SIZE, SIZE), bool)
    patch[PATCH] = True
    return patch


@pytest.mark.parametrize(
    "parameters",
    [{}, {"order": "occlusion"}, {"filling": "mean"}, {"filling": "navier_stokes"}, {"filling": "patchmatch"}],
)
def test_smallest_flip_is_the_patch(parameters):
    # 95 % of the patch must go.
    found = smallest_flip(patch_classifier(needed=0.05), picture(), parameters=parameters)
    assert (found.flipped, found.finished, found.class_before, found.class_after) == (True, True, 0, 1)
    assert iou(found.region, whole_patch()) > 0.9
    assert 0.95 * PATCH_SHARE <= found.area < 1.02 * PATCH_SHARE


def test_smallest_flip_of_large_superpixels_is_nearly_the_patch():
    found = smallest_flip(patch_classifier(), picture(), parameters={"segments": 16})
    assert iou(found.region, whole_patch()) > 0.7


@pytest.mark.parametrize("method", ["telea", "navier_stokes", "patchmatch"])
def test_inpainting_takes_from_the_answer_what_the_patch_gives_and_elsewhere_nothing(method):
    classifier, image, patch = patch_classifier(needed=0.5), picture(), whole_patch()
    given = {"seed": 0} if method == "patchmatch" else {}

    def predict(images):
        return classifier.answer(images).probabilities

    def remove(picture, mask):
        return apply_method(method, picture, mask, given)

    elsewhere = random_regions(patch)
    drops = necessities(image, elsewhere, 0, predict, remove)
    found = effects(necessity(image, patch, 0, predict, remove), float("nan"), drops)
    apart = ~(elsewhere & patch).any(axis=(1, 2))
    assert 10 < apart.sum() < 30
    assert found.human > 0.95
    assert np.abs(drops[apart]).max() < 1e-6
    assert found.random_mean.value < 0.1
    assert found.random_at_least_human == 0
    assert found.causal_advantage > 0.9


def test_smallest_flip_works_without_class_maps_and_gradients():
    classifier = patch_classifier(has_cam=False, has_gradients=False)
    assert smallest_flip(classifier, picture()).area == pytest.approx(PATCH_SHARE, rel=0.2)
