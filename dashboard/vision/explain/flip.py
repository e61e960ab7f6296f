"""Smallest flip: the smallest region found whose removal changes the model's top answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.vision.classifiers.answer import Answer, Bytes
from dashboard.vision.classifiers.classifier import Classifier
from dashboard.vision.errors import ParameterError
from dashboard.vision.explain import flip_search as search
from dashboard.vision.explain.filling import filling_choice
from dashboard.vision.explain.method import Settable
from dashboard.vision.explain.question import Question
from dashboard.vision.explain.stepwise import InParts, Progress, State, done, run
from dashboard.vision.masks import Mask
from dashboard.vision.registry import Choice, Parameter


@dataclass(frozen=True, eq=False)
class Flip:
    """The region that was found, or the honest answer that none was.

    ``region`` (H, W) bool: where ``flipped``, removing it makes another class the top answer; otherwise the
    tried region that came closest, empty before the first trial. ``area`` is its share of the picture, 0–1.
    ``probability_after`` is that of ``class_after``, the top answer without the region, and
    ``probability_left`` that of ``class_before`` then. ``evaluations`` counts the pictures that were filled and
    classified, ``largest_tried`` is the share (0–1) of the largest region among them. ``finished`` is False while the
    search goes on; ``cut_short``: it ended because no more pictures may be classified, not because nothing was left.
    """

    region: Mask
    flipped: bool
    area: float
    class_before: int
    probability_before: float
    class_after: int
    probability_after: float
    probability_left: float
    evaluations: int
    largest_tried: float
    finished: bool
    cut_short: bool


class SmallestFlip(InParts):
    """Grows a region of superpixels until the answer changes, then makes it smaller while it stays changed.

    Grow: of the superpixels (SLIC; Achanta et al., *SLIC Superpixels Compared to State-of-the-Art Superpixel
    Methods*, TPAMI 2012) that come next in the map's order, the one that helps most is added; a class
    activation map is made anew for each picture, an occlusion map once. Prune: every superpixel is put back
    whose removal is not needed. Refine: what lies at the border is divided more finely and put back where it is
    not needed, over and over, down to some 2 ‰ of the picture. That no smaller region flips the answer is not
    shown: every subset would have to be tried.
    """

    def total(self, question: Question) -> int:
        """At most so many steps: the map's, and one for each evaluation."""
        return search.order_steps(question) + question.whole("evaluations")

    def finish(self, question: Question, state: State) -> Flip:
        """The best region so far."""
        region = state["best"].astype(np.bool_)
        top, probability, left = state["best_answer"]
        finished = done(state) >= self.total(question)
        return Flip(
            region=region,
            flipped=bool(state["best_lead"] > search.LEAD),
            area=float(region.mean()),
            class_before=question.class_index,
            probability_before=float(state["before"]),
            class_after=int(top),
            probability_after=float(probability),
            probability_left=float(left),
            evaluations=int(state["evaluations"]),
            largest_tried=float(state["largest"]),
            finished=finished,
            # Some steps classify nothing, so all steps may be done before as many evaluations are.
            cut_short=finished and not search.nothing_left(state),
        )

    def _first(self, question: Question) -> State:
        return search.begin(question)

    def _step(self, question: Question, state: State, index: int) -> None:
        search.step(question, state)
        if search.is_over(question, state):
            state["done"] = np.array(self.total(question))


STEPS = SmallestFlip()

SMALLEST_FLIP = Settable(
    "flip",
    "Smallest flip",
    "The smallest region found whose removal changes the model's top answer.",
    lambda question: run(STEPS, question),
    parameters=(
        Parameter("segments", "Superpixels", default=100, minimum=4, maximum=1000, step=1),
        Parameter("most", "Largest area tried", default=0.5, minimum=0.01, maximum=0.95, step=0.01),
        Parameter("together", "Superpixels compared", default=16, minimum=1, maximum=100, step=1),
        Parameter("evaluations", "Most pictures classified", default=600, minimum=1, maximum=10_000, step=1),
    ),
    choices=(
        filling_choice("telea"),
        Choice(
            "order", "Order", "auto", (("auto", "Class activation map, else occlusion"), ("occlusion", "Occlusion"))
        ),
    ),
)


def ask_flip(
    classifier: Classifier,
    image: Bytes,
    answer: Answer | None = None,
    *,
    parameters: Mapping[str, Any] | None = None,
    network_path: Path | None = None,
) -> Question:
    """What ``STEPS`` works on: the top answer to an RGB image (H, W, 3) uint8, and the settings, checked.

    Raises ParameterError for a bad parameter or where the model knows one class only.
    """
    if len(classifier.card.labels) < 2:
        raise ParameterError(f"{classifier.card.label} knows one class only, so its answer cannot change.")
    answer = answer or classifier.answer(image[None])
    top = int(answer.logits[0].argmax())
    settings = SMALLEST_FLIP.settings(parameters or {})
    return Question(classifier, image, top, settings, answer, network_path)


def smallest_flip(
    classifier: Classifier,
    image: Bytes,
    answer: Answer | None = None,
    *,
    parameters: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    network_path: Path | None = None,
) -> Flip:
    """The smallest region found whose removal changes the top answer; see SmallestFlip and Flip.

    Raises ParameterError for a bad parameter, UnavailableError where the filling cannot be used here.
    """
    question = ask_flip(classifier, image, answer, parameters=parameters, network_path=network_path)
    return run(STEPS, question, progress)
