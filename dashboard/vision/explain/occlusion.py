"""Occlusion: how much of the class's probability goes when a window is filled."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from dashboard.vision.classifiers.answer import Floats
from dashboard.vision.errors import ParameterError
from dashboard.vision.explain.filling import filler, filling_choice
from dashboard.vision.explain.method import EXPLANATIONS, Explanation
from dashboard.vision.explain.question import Question
from dashboard.vision.explain.stepwise import InBatches, State, run
from dashboard.vision.registry import Parameter

Window = tuple[slice, ...]


def windows(shape: Sequence[int], window: Sequence[int], stride: Sequence[int]) -> list[Window]:
    """The boxes that a window takes on an array, the last axis running fastest.

    Along each axis they begin at 0, stride, 2·stride … until one reaches the end; that one may be cut short.
    ``window`` and ``stride`` have one length for each axis, in pixels; ValueError where a stride exceeds the
    window, so that pixels would be left out, or either is below 1.
    """
    if any(not 1 <= step <= length for step, length in zip(stride, window, strict=True)):
        raise ValueError(f"strides {tuple(stride)} must be from 1 to the window's {tuple(window)}")
    axes = []
    for size, length, step in zip(shape, window, stride, strict=True):
        count = -(-max(0, size - length) // step) + 1
        axes.append([slice(i * step, min(i * step + length, size)) for i in range(count)])
    return list(product(*axes))


def mean_over_windows(drops: Floats | Sequence[float], boxes: Sequence[Window], shape: Sequence[int]) -> Floats:
    """Per pixel the mean drop of the windows that cover it, float32 of ``shape``; 0 where none does.

    ``drops`` is f(x) − f(x occluded) for each box: attribution by occlusion as in Zeiler & Fergus, *Visualizing
    and Understanding Convolutional Networks*, ECCV 2014, averaged over windows as Captum does.
    """
    sums, counts = np.zeros(shape, np.float64), np.zeros(shape, np.int64)
    for drop, box in zip(drops, boxes, strict=True):
        sums[box] += drop
        counts[box] += 1
    return np.asarray(sums / np.maximum(counts, 1), np.float32)


class Occlusion(InBatches):
    """Windows in the network's input: each costs one forward pass, and nothing outside it changes by a bit.

    The picture is resized to the input first and filled there, so the number of windows does not depend on its
    size, and a window covers the same share of its width as of its height. The map is in probability, (h, w)
    of the input.
    """

    def count(self, question: Question) -> int:
        """How many windows there are."""
        return len(self._windows(question))

    def finish(self, question: Question, state: State) -> Floats:
        """The mean drop over the windows done so far, (h, w) float32, 0 where none covers a pixel."""
        known = self._items_done(question, state)
        return mean_over_windows(state["drops"][:known], self._windows(question)[:known], question.input_shape)

    def _first(self, question: Question) -> State:
        whole = question.probabilities(question.prepared[None]).astype(np.float64)
        return {"whole": whole, "drops": np.zeros(self.count(question), np.float64)}

    def _batch(self, question: Question, state: State, items: range) -> None:
        fill, batch = filler(question), np.repeat(question.prepared[None], len(items), axis=0)
        boxes = self._windows(question)[items.start : items.stop]
        for planes, box in zip(batch, boxes, strict=True):
            mask: NDArray[np.bool_] = np.zeros(question.input_shape, np.bool_)
            mask[box] = True
            planes[:, *box] = question.classifier.normalise(fill(question.resized, mask)[box])
        state["drops"][items.start : items.stop] = state["whole"] - question.probabilities(batch)

    def _windows(self, question: Question) -> list[Window]:
        window, stride = question.whole("window"), question.whole("stride")
        if stride > window:
            raise ParameterError(f"The stride of {stride} px is longer than the window of {window} px.")
        return windows(question.input_shape, (window, window), (stride, stride))


STEPS = Occlusion()

EXPLANATIONS.add(
    Explanation(
        "occlusion",
        "Occlusion",
        "How far the class's probability falls when a window over the position is filled; for every model.",
        lambda question: run(STEPS, question),
        parameters=(
            Parameter("window", "Window", default=32, minimum=1, maximum=512, step=1, unit="input px"),
            Parameter("stride", "Stride", default=8, minimum=1, maximum=512, step=1, unit="input px"),
        ),
        choices=(filling_choice("mean"),),
        stepwise=STEPS,
    )
)
