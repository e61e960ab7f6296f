"""Where a classifier looked: maps over an image for one class, and the smallest region that flips its answer.

A map is float32 in the units in which its method gives it, not normalised; the page decides about the scale.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from dashboard.vision.classifiers.answer import Answer, Bytes, Floats, ModelCard
from dashboard.vision.classifiers.classifier import Classifier
from dashboard.vision.errors import ParameterError, UnavailableError
from dashboard.vision.explain.method import EXPLANATIONS, Explanation
from dashboard.vision.explain.question import Question
from dashboard.vision.explain.stepwise import Progress, State, Stepwise, advance_for, done, run

# The order of these imports is the order of the menu.
from dashboard.vision.explain.class_map import class_activation_map, class_maps  # isort: skip
from dashboard.vision.explain.gradients import (  # isort: skip
    gradient_class_activation_map,
    gradient_class_activation_map_pp,
    layer_class_activation_map,
    on_grid,
)
from dashboard.vision.explain import occlusion, rise, integrated  # isort: skip
from dashboard.vision.explain.flip import SMALLEST_FLIP, Flip, ask_flip, smallest_flip  # isort: skip

__all__ = [
    "EXPLANATIONS",
    "SMALLEST_FLIP",
    "Explanation",
    "Flip",
    "Question",
    "State",
    "Stepwise",
    "advance_for",
    "ask",
    "ask_flip",
    "class_activation_map",
    "class_maps",
    "done",
    "enlarged",
    "explain",
    "gradient_class_activation_map",
    "gradient_class_activation_map_pp",
    "integrated",
    "layer_class_activation_map",
    "map_so_far",
    "occlusion",
    "on_grid",
    "rise",
    "run",
    "smallest_flip",
    "unavailable_reason",
]


def explain(
    classifier: Classifier,
    image: Bytes,
    class_index: int,
    method: str = "cam",
    answer: Answer | None = None,
    *,
    parameters: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    network_path: Path | None = None,
) -> Floats:
    """The map (H, W) float32 of one class over an RGB image (H, W, 3) uint8, not normalised.

    ``answer`` is the classifier's answer to this image alone, where it is already there. A map coarser than
    the image is enlarged bilinearly with pixel centres at half-integers, so that the first cell covers the
    same share of the map as of the image; beyond the outermost centres it is constant. ``progress`` is called
    with (steps done, steps in all) after some 300 ms each.

    Raises UnknownNameError for an unknown method, ParameterError for a class that the model does not have or a
    bad parameter, UnavailableError where the model does not offer the method.
    """
    question = ask(classifier, image, class_index, method, answer, parameters=parameters, network_path=network_path)
    return enlarged(run(EXPLANATIONS[method].steps, question, progress), *image.shape[:2])


def ask(
    classifier: Classifier,
    image: Bytes,
    class_index: int,
    method: str,
    answer: Answer | None = None,
    *,
    parameters: Mapping[str, Any] | None = None,
    network_path: Path | None = None,
) -> Question:
    """What ``EXPLANATIONS[method].steps`` works on, checked: raises what ``explain`` raises."""
    entry = EXPLANATIONS[method]
    reason = unavailable_reason(classifier.card, method)
    if reason is not None:
        raise UnavailableError(reason)
    if not 0 <= class_index < len(classifier.card.labels):
        raise ParameterError(f"{classifier.card.label} has no class number {class_index}.")
    return Question(classifier, image, class_index, entry.settings(parameters or {}), answer, network_path)


def map_so_far(method: str, question: Question, state: State) -> Floats:
    """The map (H, W) float32 from the steps done so far, at the image's size as ``explain`` gives it."""
    return enlarged(EXPLANATIONS[method].steps.finish(question, state), *question.image.shape[:2])


def unavailable_reason(card: ModelCard, method: str) -> str | None:
    """A sentence saying why ``method`` cannot explain this model, or None where it can.

    Raises UnknownNameError for an unknown method.
    """
    entry = EXPLANATIONS[method]
    return entry.unavailable() or entry.refuses(card)


def enlarged(class_map: Floats, height: int, width: int) -> Floats:
    """A map (h, w) float32 at another size, bilinear, half-pixel centres (OpenCV's INTER_LINEAR)."""
    resized = cv2.resize(class_map, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(resized, np.float32)
