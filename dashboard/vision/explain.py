"""Where a classifier looked: maps over an image for one class.

A map is float32 in the units in which its method gives it, not normalised; the page decides about the scale.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2
import numpy as np

from dashboard.vision.classifiers.answer import Answer, Bytes, Floats, ModelCard
from dashboard.vision.classifiers.classifier import Classifier
from dashboard.vision.errors import ParameterError, UnavailableError
from dashboard.vision.registry import Method, Registry

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Explanation(Method):
    """A method whose ``function`` takes (classifier, image, class_index, answer or None) and returns a map.

    The map is (h, w) float32 of any size. ``refuses`` returns a sentence saying why the method cannot explain
    a model, or None where it can.
    """

    refuses: Callable[[ModelCard], str | None] = field(default=lambda _card: None)


EXPLANATIONS: Registry[Explanation] = Registry("explanation method")

# Hooks on a shared network would see the passes of other threads.
_hooking = threading.Lock()


def explain(
    classifier: Classifier, image: Bytes, class_index: int, method: str = "cam", answer: Answer | None = None
) -> Floats:
    """The map (H, W) float32 of one class over an RGB image (H, W, 3) uint8, not normalised.

    ``answer`` is the classifier's answer to this image alone, where it is already there. A map coarser than
    the image is enlarged bilinearly with pixel centres at half-integers, so that the first cell covers the
    same share of the map as of the image; beyond the outermost centres it is constant.

    Raises UnknownNameError for an unknown method, ParameterError for a class that the model does not have,
    UnavailableError where the model does not offer the method.
    """
    entry = EXPLANATIONS[method]
    reason = unavailable_reason(classifier.card, method)
    if reason is not None:
        raise UnavailableError(reason)
    if not 0 <= class_index < len(classifier.card.labels):
        raise ParameterError(f"{classifier.card.label} has no class number {class_index}.")
    class_map = entry.function(classifier, image, class_index, answer)
    height, width = image.shape[:2]
    return enlarged(class_map, height, width)


def unavailable_reason(card: ModelCard, method: str) -> str | None:
    """A sentence saying why ``method`` cannot explain this model, or None where it can.

    Raises UnknownNameError for an unknown method.
    """
    entry = EXPLANATIONS[method]
    return entry.unavailable() or entry.refuses(card)


def class_maps(classifier: Classifier, answer: Answer) -> Floats:
    """The class activation maps of all K classes, (K, h, w) float32, for an answer to one image.

    mean(map) + bias is the logit, exactly but for rounding; see ``class_activation_map`` for the source.
    Raises UnavailableError where the model has none.
    """
    weights, features = _head_and_features(classifier, answer)
    channels, height, width = features.shape
    return (weights @ features.reshape(channels, -1)).reshape(-1, height, width)


def class_activation_map(
    classifier: Classifier, image: Bytes, class_index: int, answer: Answer | None = None
) -> Floats:
    """Σ_k w_ck F_k, (h, w) float32, in logits: class activation mapping.

    F (C, h, w) are the last features before the average pooling, w (K, C) the weights of the linear layer
    after it, so that mean(map) + b_c is the logit of class c. Zhou, Khosla, Lapedriza, Oliva & Torralba,
    *Learning Deep Features for Discriminative Localization*, CVPR 2016, equation 2.
    """
    weights, features = _head_and_features(classifier, answer or classifier.answer(image[None]))
    return np.tensordot(weights[class_index], features, axes=1).astype(np.float32)


def gradient_class_activation_map(
    classifier: Classifier, image: Bytes, class_index: int, answer: Answer | None = None
) -> Floats:
    """ReLU(Σ_k α_k A_k) with α_k the mean over positions of ∂logit_c/∂A_k, (h, w) float32, never negative.

    A (C, h, w) is the output of the classifier's ``gradient_layer``; a transformer's tokens are put back on
    their grid without the class token. Computed by torch whatever engine answers; ``answer`` is not used.
    Selvaraju, Cogswell, Das, Vedantam, Parikh & Batra, *Grad-CAM: Visual Explanations from Deep Networks via
    Gradient-based Localization*, ICCV 2017, equations 1 and 2.
    """
    card = classifier.card
    activations, gradients = (
        on_grid(tokens, card.input_height / card.input_width)
        for tokens in _activations_and_gradients(classifier, image, class_index)
    )
    importance = gradients.mean(dim=(1, 2))
    weighted = (importance[:, None, None] * activations).sum(dim=0).clamp(min=0)
    result: Floats = weighted.cpu().numpy()
    return result


def enlarged(class_map: Floats, height: int, width: int) -> Floats:
    """A map (h, w) float32 at another size, bilinear, half-pixel centres (OpenCV's INTER_LINEAR)."""
    resized = cv2.resize(class_map, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(resized, np.float32)


def _head_and_features(classifier: Classifier, answer: Answer) -> tuple[Floats, Floats]:
    """The head's weights (K, C) and one image's features (C, h, w)."""
    if classifier.cam_head is None or answer.features is None:
        raise UnavailableError(unavailable_reason(classifier.card, "cam") or "The answer holds no features.")
    if len(answer.features) != 1:
        raise ValueError(f"the answer must be to one image, not to {len(answer.features)}")
    return classifier.cam_head[0], answer.features[0]


def _activations_and_gradients(classifier: Classifier, image: Bytes, class_index: int) -> tuple[Tensor, Tensor]:
    """The gradient layer's output for one image and the logit's gradient with respect to it."""
    import torch

    network = classifier.network()
    collected: list[Tensor] = []
    device = next(network.parameters()).device
    # The parameters are frozen; that the input is not makes torch keep the gradients.
    pixels = torch.from_numpy(classifier.preprocess(image[None])).to(device).requires_grad_()
    with _hooking, torch.enable_grad():
        layer = classifier.gradient_layer(network)
        handle = layer.register_forward_hook(lambda _module, _inputs, output: collected.append(output))
        try:
            logits = network(pixels)
        finally:
            handle.remove()
    (gradients,) = torch.autograd.grad(logits[0, class_index], collected[0])
    return collected[0][0].detach(), gradients[0]


def on_grid(values: Tensor, height_by_width: float) -> Tensor:
    """(C, h, w) from (C, h, w), or from tokens (1 + h·w, C) whose first is the class token."""
    if values.ndim == 3:
        return values
    tokens = values[1:]
    height = round((len(tokens) * height_by_width) ** 0.5)
    return tokens.T.reshape(values.shape[1], height, -1)


def _needs_linear_head(card: ModelCard) -> str | None:
    if card.has_cam:
        return None
    return (
        f"{card.label} is not known to end in average pooling and one linear layer, "
        "which the class activation map needs to be exact."
    )


def _needs_gradients(card: ModelCard) -> str | None:
    if card.has_gradients:
        return None
    return f"{card.label} was loaded from a file that gives no gradients, which Grad-CAM needs."


EXPLANATIONS.add(
    Explanation(
        "cam",
        "Class activation map",
        "Which positions speak for and against the class; with the bias their mean is its logit, exactly.",
        class_activation_map,
        refuses=_needs_linear_head,
    )
)
EXPLANATIONS.add(
    Explanation(
        "gradcam",
        "Grad-CAM",
        "Which positions raise the class's logit through the last features; for every network with gradients.",
        gradient_class_activation_map,
        refuses=_needs_gradients,
    )
)
