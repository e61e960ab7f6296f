"""Class activation maps and Grad-CAM against computations of their own."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from dashboard.vision.errors import ParameterError, UnavailableError, UnknownNameError
from dashboard.vision.explain import (
    EXPLANATIONS,
    class_maps,
    enlarged,
    explain,
    gradient_class_activation_map,
    on_grid,
    unavailable_reason,
)

CAT = 285


@pytest.fixture(scope="module")
def lite0(catalogue):
    return catalogue.load("efficientnet_lite0")


def test_class_map_of_the_cat_lies_on_the_cat(lite0, photographs):
    heat = explain(lite0, photographs[0], CAT)
    assert (heat.shape, heat.dtype) == ((300, 451), np.float32)
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    assert 20 < row < 250
    assert 80 < column < 350


def test_explain_is_the_enlarged_class_map(lite0, photographs):
    image = photographs[0]
    answer = lite0.answer(image[None])
    expected = enlarged(class_maps(lite0, answer)[CAT], 300, 451)
    np.testing.assert_allclose(explain(lite0, image, CAT, "cam", answer), expected, atol=1e-4)
    np.testing.assert_allclose(explain(lite0, image, CAT, "cam"), expected, atol=1e-4)


def test_class_maps_of_all_classes(lite0, photographs):
    maps = class_maps(lite0, lite0.answer(photographs[0][None]))
    assert (maps.shape, maps.dtype) == ((1000, 7, 7), np.float32)


def test_grad_cam_agrees_with_autograd_written_out(lite0, photographs):
    image = photographs[0]
    network = lite0.network()
    features = network.forward_features(torch.from_numpy(lite0.preprocess(image[None])))
    features = features.detach().requires_grad_()
    network.forward_head(features)[0, CAT].backward()
    importance = features.grad[0].mean((1, 2))
    expected = torch.einsum("c,chw->hw", importance, features.detach()[0]).relu().numpy()
    result = gradient_class_activation_map(lite0, image, CAT)
    assert expected.max() > 0.01
    np.testing.assert_allclose(result, expected, atol=1e-6, rtol=0)


def test_grad_cam_before_pooling_and_one_linear_layer_is_the_positive_class_map(lite0, photographs):
    image = photographs[1]
    answer = lite0.answer(image[None])
    for class_index in (CAT, 967):
        expected = np.maximum(class_maps(lite0, answer)[class_index], 0) / 49
        result = gradient_class_activation_map(lite0, image, class_index)
        np.testing.assert_allclose(result, expected, atol=1e-5)


def test_grad_cam_from_several_threads(lite0, photographs):
    jobs = [(image, index) for image in photographs[:2] for index in (CAT, 967)]
    alone = [explain(lite0, image, index, "gradcam") for image, index in jobs]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda job: explain(lite0, *job, "gradcam"), jobs * 3))
    for index, heat in enumerate(together):
        np.testing.assert_allclose(heat, alone[index % 4], atol=1e-6)


def test_grad_cam_leaves_no_hook_and_no_gradient(lite0, photographs):
    network = lite0.network()
    explain(lite0, photographs[0], CAT, "gradcam")
    assert not lite0.gradient_layer(network)._forward_hooks
    assert all(parameter.grad is None for parameter in network.parameters())
    assert not network.training


def test_tokens_go_back_to_their_places():
    tokens = torch.tensor([[9.0, 9], [0, 10], [1, 11], [2, 12], [3, 13], [4, 14], [5, 15]])
    grid = on_grid(tokens, height_by_width=2 / 3)
    assert grid.tolist() == [[[0, 1, 2], [3, 4, 5]], [[10, 11, 12], [13, 14, 15]]]


def test_enlarging_keeps_pixel_centres_at_halves():
    small = np.array([[0, 8]], np.float32)
    np.testing.assert_allclose(enlarged(small, 2, 8), [[0, 0, 1, 3, 5, 7, 8, 8]] * 2)


def test_unknown_method_and_class(lite0, photographs):
    with pytest.raises(UnknownNameError, match="no explanation method 'lime'; there are cam, gradcam"):
        explain(lite0, photographs[0], CAT, "lime")
    for class_index in (-1, 1000):
        with pytest.raises(ParameterError, match=f"EfficientNet-Lite0 has no class number {class_index}"):
            explain(lite0, photographs[0], class_index)


def test_class_maps_are_of_one_picture(lite0, photographs):
    with pytest.raises(ValueError, match="to one image, not to 2"):
        class_maps(lite0, lite0.answer(np.stack([photographs[0]] * 2)))


def test_every_method_can_explain_the_default_model(lite0):
    assert [method.key for method in EXPLANATIONS][:2] == ["cam", "gradcam"]
    assert [unavailable_reason(lite0.card, method.key) for method in EXPLANATIONS] == [None] * len(list(EXPLANATIONS))


def test_answers_without_features_have_no_class_maps(lite0, photographs):
    from dashboard.vision.classifiers import Answer

    with pytest.raises(UnavailableError, match="holds no features"):
        class_maps(lite0, Answer(np.zeros((1, 1000), np.float32), None))
