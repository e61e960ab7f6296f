"""Occlusion and integrated gradients against Captum, Grad-CAM++ and LayerCAM against formulas written out."""

import captum.attr
import numpy as np
import pytest
import torch

from dashboard.analysis import outside_blurred
from dashboard.vision.explain import (
    EXPLANATIONS,
    ask,
    gradient_class_activation_map_pp,
    layer_class_activation_map,
    run,
)
from dashboard.vision.explain.integrated import blurred
from dashboard.vision.inpainting import apply_method

CAT = 285


@pytest.fixture(scope="module")
def lite0(catalogue):
    return catalogue.load("efficientnet_lite0")


def probabilities_of(classifier):
    network = classifier.network()
    return lambda pixels: network(pixels).softmax(dim=1)


def own_size(classifier, image, method, parameters):
    """The map at the network's input size, as it is before it is enlarged."""
    return run(EXPLANATIONS[method].steps, ask(classifier, image, CAT, method, parameters=parameters))


def captums_occlusion(network, pixels, window, stride, baseline, class_index):
    """Captum's map (h, w) of prepared pixels (1, 3, h, w)."""
    maps = captum.attr.Occlusion(network).attribute(
        torch.from_numpy(pixels),
        sliding_window_shapes=(3, window, window),
        strides=(3, stride, stride),
        baselines=baseline,
        target=class_index,
        perturbations_per_eval=8,
    )
    return maps[0, 0].detach().numpy()


@pytest.mark.parametrize(("window", "stride"), [(64, 48), (100, 60)])
@pytest.mark.parametrize("filling", ["blur", "noise"])
def test_occlusion_agrees_with_captum(lite0, photographs, window, stride, filling):
    image = photographs[0]
    parameters = {"window": window, "stride": stride, "filling": filling}
    result = own_size(lite0, image, "occlusion", parameters)
    # These two fillings look the same whatever the window is, so that Captum can be given them.
    small = lite0.resize(image)
    baseline = apply_method(filling, small, np.ones(small.shape[:2], bool), {"seed": 0} if filling == "noise" else {})
    baseline, pixels = (torch.from_numpy(lite0.preprocess(given[None])) for given in (baseline, image))
    expected = captums_occlusion(probabilities_of(lite0), pixels.numpy(), window, stride, baseline, CAT)
    assert np.abs(result).max() > 0.01
    np.testing.assert_allclose(result, expected, atol=1e-4, rtol=0)


HOLE = 1e3


def with_the_mean_of_the_rest(classifier, small):
    """The network, before which each hole – the windows that Captum fills with HOLE – becomes the mean of the rest."""
    probabilities, card = probabilities_of(classifier), classifier.card

    def filled(batch):
        batch = batch.clone()
        for planes in batch:
            hole = (planes[0] == HOLE).numpy()
            if hole.any():
                colour = np.rint(small[~hole].mean(axis=0)) / 255
                planes[:, hole] = torch.tensor((colour - card.mean) / card.std, dtype=torch.float32)[:, None]
        return probabilities(batch)

    return filled


@pytest.mark.parametrize("key", ["efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2"])
def test_occlusion_with_the_mean_colour_agrees_with_captum_for_every_network(catalogue, photographs, key):
    classifier, image = catalogue.load(key), photographs[0]
    result = own_size(classifier, image, "occlusion", {"window": 100, "stride": 80})
    network = with_the_mean_of_the_rest(classifier, classifier.resize(image))
    expected = captums_occlusion(network, classifier.preprocess(image[None]), 100, 80, HOLE, CAT)
    assert np.abs(result).max() > 0.01
    np.testing.assert_allclose(result, expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    ("key", "baseline", "steps"),
    [
        ("efficientnet_lite0", "black", 5),
        ("efficientnet_lite0", "mean", 3),
        ("efficientnet_lite0", "blur", 3),
        ("efficientnet_lite1", "black", 3),
        ("efficientnet_lite2", "black", 3),
    ],
)
def test_integrated_gradients_agree_with_captum(catalogue, photographs, key, baseline, steps):
    classifier, image = catalogue.load(key), photographs[0]
    result = own_size(classifier, image, "integrated_gradients", {"baseline": baseline, "steps": steps})
    small = classifier.resize(image)
    pictures = {
        "black": np.zeros_like(small),
        "mean": np.tile(np.rint(small.mean((0, 1))).astype(np.uint8), (*small.shape[:2], 1)),
        "blur": blurred(small),
    }
    peer = captum.attr.IntegratedGradients(probabilities_of(classifier))
    expected = peer.attribute(
        torch.from_numpy(classifier.preprocess(image[None])),
        torch.from_numpy(classifier.preprocess(pictures[baseline][None])),
        target=CAT,
        n_steps=steps,
        method="gausslegendre",
    )
    expected = expected[0].sum(dim=0).detach().numpy()
    assert np.abs(expected).max() > 1e-4
    np.testing.assert_allclose(result, expected, atol=1e-4 * np.abs(expected).max(), rtol=0)


@pytest.mark.parametrize("size", [(224, 224), (60, 90), (1, 30)])
def test_the_blurred_baseline_is_the_blur_of_sufficiency(size):
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    assert (blurred(image) == outside_blurred(image, np.zeros(size, bool))).all()


def test_the_blurred_baseline_is_as_wide_as_metrics_says():
    point = np.zeros((101, 201, 3), np.uint8)
    point[:, 100:] = 255
    edge = blurred(point)[50, :, 0].astype(float) / 255
    # Of a Gaussian 16 % and 84 % of the way are one standard deviation from its middle.
    assert edge[90] == pytest.approx(0.171, abs=0.01)
    assert edge[109] == pytest.approx(0.829, abs=0.01)


def features_and_gradients(classifier, image):
    """Both (C, h, w) float64, through the network's own two halves."""
    network = classifier.network()
    features = network.forward_features(torch.from_numpy(classifier.preprocess(image[None])))
    features = features.detach().requires_grad_()
    network.forward_head(features)[0, CAT].backward()
    return features[0].detach().numpy().astype(np.float64), features.grad[0].numpy().astype(np.float64)


def test_grad_cam_plus_plus_is_the_published_formula(lite0, photographs):
    features, gradients = features_and_gradients(lite0, photographs[0])
    expected = np.zeros((7, 7))
    for channel, slope in zip(features, gradients, strict=True):
        below = 2 * slope**2 + channel.sum() * slope**3
        alpha = np.divide(slope**2, below, out=np.zeros((7, 7)), where=slope != 0)
        expected += (alpha * np.maximum(slope, 0)).sum() * channel
    result = gradient_class_activation_map_pp(lite0, photographs[0], CAT)
    assert expected.max() > 0.01
    np.testing.assert_allclose(result, np.maximum(expected, 0), atol=1e-5 * expected.max())


def test_layer_cam_is_the_published_formula(lite0, photographs):
    features, gradients = features_and_gradients(lite0, photographs[0])
    expected = np.maximum((np.maximum(gradients, 0) * features).sum(axis=0), 0)
    result = layer_class_activation_map(lite0, photographs[0], CAT)
    assert expected.max() > 0.01
    np.testing.assert_allclose(result, expected, atol=1e-5 * expected.max())
