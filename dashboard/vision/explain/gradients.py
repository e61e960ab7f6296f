"""Maps from one backward pass to the last features: Grad-CAM, Grad-CAM++ and LayerCAM.

A (C, h, w) is the output of the classifier's ``gradient_layer`` and G the gradient of the class's logit with
respect to it; a transformer's tokens are put back on their grid without the class token. Computed by torch,
whatever engine answers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from dashboard.vision.classifiers.answer import Answer, Bytes, Floats
from dashboard.vision.classifiers.classifier import Classifier
from dashboard.vision.explain.method import EXPLANATIONS, Explanation, needs_gradients

if TYPE_CHECKING:
    from torch import Tensor

    Weigh = Callable[[Tensor, Tensor], Tensor]

# Hooks on a shared network would see the passes of other threads.
torch_network = threading.Lock()


def gradient_class_activation_map(
    classifier: Classifier, image: Bytes, class_index: int, answer: Answer | None = None
) -> Floats:
    """Grad-CAM: ReLU(Σ_k α_k A_k) with α_k the mean of G_k over positions, (h, w) float32, never negative.

    ``answer`` is not used. Selvaraju, Cogswell, Das, Vedantam, Parikh & Batra, *Grad-CAM: Visual Explanations
    from Deep Networks via Gradient-based Localization*, ICCV 2017, equations 1 and 2.
    """
    return _weighed(classifier, image, class_index, lambda _features, gradients: gradients.mean((1, 2), keepdim=True))


def gradient_class_activation_map_pp(classifier: Classifier, image: Bytes, class_index: int) -> Floats:
    """Grad-CAM++: ReLU(Σ_k w_k A_k), (h, w) float32, never negative.

    w_k = Σ α ReLU(G_k) over positions with α = G² / (2 G² + (Σ A_k) G³), 0 where G is 0. The score is
    Y = exp(logit), as in the publication; its factor exp(logit), one for the whole map, is left out.
    Chattopadhay, Sarkar, Howlader & Balasubramanian, *Grad-CAM++: Generalized Gradient-Based Visual
    Explanations for Deep Convolutional Networks*, WACV 2018, equations 5, 7 and 19.
    """
    return _weighed(classifier, image, class_index, _plus_plus)


def layer_class_activation_map(classifier: Classifier, image: Bytes, class_index: int) -> Floats:
    """LayerCAM: ReLU(Σ_k ReLU(G_k) A_k), each position with its own weight, (h, w) float32, never negative.

    Jiang, Zhang, Hou, Cheng & Wei, *LayerCAM: Exploring Hierarchical Class Activation Maps for Localization*,
    IEEE Transactions on Image Processing 30, 2021, equations 6 to 8.
    """
    return _weighed(classifier, image, class_index, lambda _features, gradients: gradients.clamp(min=0))


def _plus_plus(features: Tensor, gradients: Tensor) -> Tensor:
    # G² cancels, which spares the squares of small gradients from vanishing in float32.
    below = 2 + features.sum((1, 2), keepdim=True) * gradients
    alpha = (gradients != 0) / below.where(below != 0, float("inf"))
    return (alpha * gradients.clamp(min=0)).sum((1, 2), keepdim=True)


def _weighed(classifier: Classifier, image: Bytes, class_index: int, weigh: Weigh) -> Floats:
    """ReLU(Σ_k W_k A_k) with W = ``weigh(A, G)``, (C, 1, 1) or (C, h, w)."""
    card = classifier.card
    features, gradients = (
        on_grid(values, card.input_height / card.input_width)
        for values in _features_and_gradients(classifier, image, class_index)
    )
    weighted: Floats = (weigh(features, gradients) * features).sum(dim=0).clamp(min=0).cpu().numpy()
    return weighted


def _features_and_gradients(classifier: Classifier, image: Bytes, class_index: int) -> tuple[Tensor, Tensor]:
    """The gradient layer's output for one image and the logit's gradient with respect to it."""
    import torch

    network = classifier.network()
    collected: list[Tensor] = []
    device = next(network.parameters()).device
    # The parameters are frozen; that the input is not makes torch keep the gradients.
    pixels = torch.from_numpy(classifier.preprocess(image[None])).to(device).requires_grad_()
    with torch_network, torch.enable_grad():
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


def _add(key: str, label: str, explanation: str, function: Callable[[Classifier, Bytes, int], Floats]) -> None:
    EXPLANATIONS.add(
        Explanation(
            key,
            label,
            explanation,
            lambda question: function(question.classifier, question.image, question.class_index),
            refuses=needs_gradients(label),
        )
    )


_add(
    "gradcam",
    "Grad-CAM",
    "Which positions raise the class's logit through the last features; for every network with gradients.",
    gradient_class_activation_map,
)
_add(
    "gradcam_pp",
    "Grad-CAM++",
    "Grad-CAM with channels weighed by the positions that raise the logit; better where the class occurs twice.",
    gradient_class_activation_map_pp,
)
_add(
    "layercam",
    "LayerCAM",
    "Grad-CAM with each position weighed by its own gradient; keeps to what raises the logit there.",
    layer_class_activation_map,
)
