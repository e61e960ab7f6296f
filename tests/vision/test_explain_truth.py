"""Does it find the truth? A network that looks at one patch only."""

import numpy as np
import pytest

from dashboard.vision.explain import EXPLANATIONS, explain, smallest_flip
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


@pytest.mark.parametrize("filling", ["telea", "mean", "blur", "noise"])
def test_occlusion_finds_the_patch_with_any_filling(filling):
    parameters = {"window": 16, "stride": 8, "filling": filling}
    heat = explain(patch_classifier(needed=0.6), picture(), 0, "occlusion", parameters=parameters)
    assert share_in_patch(heat) > 5 * PATCH_SHARE


@pytest.mark.parametrize("parameters", [{}, {"order": "occlusion"}, {"filling": "mean"}, {"segments": 16}])
def test_smallest_flip_is_nearly_the_patch(parameters):
    found = smallest_flip(patch_classifier(), picture(), parameters=parameters)
    assert (found.flipped, found.finished, found.class_before, found.class_after) == (True, True, 0, 1)
    patch = np.zeros((SIZE, SIZE), bool)
    patch[PATCH] = True
    assert (found.region & patch).sum() / (found.region | patch).sum() > 0.7
    # At least 85 % of the patch must go, so nothing much smaller flips the answer.
    assert 0.8 * PATCH_SHARE < found.area < 1.2 * PATCH_SHARE


def test_smallest_flip_works_without_class_maps_and_gradients():
    classifier = patch_classifier(has_cam=False, has_gradients=False)
    assert smallest_flip(classifier, picture()).area == pytest.approx(PATCH_SHARE, rel=0.2)
