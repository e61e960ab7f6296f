"""The class activation map: exact, and there as soon as the answer is."""

from __future__ import annotations

import numpy as np

from dashboard.vision.classifiers.answer import Answer, Bytes, Floats
from dashboard.vision.classifiers.classifier import Classifier
from dashboard.vision.errors import UnavailableError
from dashboard.vision.explain.method import EXPLANATIONS, Explanation, needs_linear_head
from dashboard.vision.explain.question import Question


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


def _head_and_features(classifier: Classifier, answer: Answer) -> tuple[Floats, Floats]:
    """The head's weights (K, C) and one image's features (C, h, w)."""
    if classifier.cam_head is None or answer.features is None:
        raise UnavailableError(needs_linear_head(classifier.card) or "The answer holds no features.")
    if len(answer.features) != 1:
        raise ValueError(f"the answer must be to one image, not to {len(answer.features)}")
    return classifier.cam_head[0], answer.features[0]


def _asked(question: Question) -> Floats:
    return class_activation_map(question.classifier, question.image, question.class_index, question.answer)


EXPLANATIONS.add(
    Explanation(
        "cam",
        "Class activation map",
        "Which positions speak for and against the class; with the bias their mean is its logit, exactly.",
        _asked,
        refuses=needs_linear_head,
        is_instant=True,
    )
)
