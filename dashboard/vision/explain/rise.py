"""RISE: which parts are seen when the class is, over many random masks."""

from __future__ import annotations

import cv2
import numpy as np

from dashboard.vision.classifiers.answer import Floats
from dashboard.vision.explain.method import EXPLANATIONS, Explanation
from dashboard.vision.explain.question import Question
from dashboard.vision.explain.stepwise import InBatches, State, run
from dashboard.vision.registry import Choice, Parameter


def random_mask(index: int, seed: int, shape: tuple[int, int], grid: int, share: float) -> Floats:
    """Mask number ``index``, (h, w) float32 in 0–1, the same for the same arguments whatever was made before.

    ``grid`` × ``grid`` cells are each 1 with probability ``share``, else 0, enlarged bilinearly to (grid + 1) cells
    in each direction, of which a random part of size ``shape`` is taken (Petsiuk et al. 2018, section 3.2).
    """
    rng = np.random.Generator(np.random.PCG64((seed, index)))
    cells = (rng.random((grid, grid)) < share).astype(np.float32)
    height, width = (-(-size // grid) for size in shape)
    large = cv2.resize(cells, ((grid + 1) * width, (grid + 1) * height), interpolation=cv2.INTER_LINEAR)
    top, left = rng.integers(height), rng.integers(width)
    return np.asarray(large[top : top + shape[0], left : left + shape[1]], np.float32)


class Rise(InBatches):
    """Per pixel the mean, over masks M, of p(image × M) · M, divided by the share of cells seen.

    That estimates the class's expected probability where the pixel is seen. The network's input is masked after
    normalising, so what is hidden turns into the mean colour of the training data. The map is (h, w) of the
    input, in probability. Petsiuk, Das & Saenko, *RISE: Randomized Input Sampling for Explanation of Black-box
    Models*, BMVC 2018, equation 6.

    The published map is nowhere near 0, as the class is likely to some degree whatever is seen, so the share of
    it in a region says nothing. Unless ``zero`` is "published", p is therefore taken less its mean over the
    masks: the map's order stays, its noise falls, and it is positive where seeing the pixel helps.
    """

    def count(self, question: Question) -> int:
        """How many masks there are."""
        return question.whole("masks")

    def finish(self, question: Question, state: State) -> Floats:
        """The map from the masks done so far, (h, w) float32; zeros before the first."""
        seen = max(1, self._items_done(question, state))
        mean = state["probabilities"] / seen if question.settings["zero"] == "mean" else 0.0
        total = state["weighted"] - mean * state["masks"]
        return np.asarray(total / (seen * question.number("share")), np.float32)

    def _first(self, question: Question) -> State:
        nothing = np.zeros(question.input_shape, np.float64)
        return {"weighted": nothing, "masks": nothing, "probabilities": np.array(0.0)}

    def _batch(self, question: Question, state: State, items: range) -> None:
        seed, grid, share = question.whole("seed"), question.whole("grid"), question.number("share")
        masks = np.stack([random_mask(index, seed, question.input_shape, grid, share) for index in items])
        probabilities = question.probabilities(masks[:, None] * question.prepared)
        state["weighted"] += np.einsum("n,nhw->hw", probabilities, masks)
        state["masks"] += masks.sum(axis=0)
        state["probabilities"] += probabilities.sum(dtype=np.float64)


STEPS = Rise()

EXPLANATIONS.add(
    Explanation(
        "rise",
        "RISE",
        "How much likelier the class is when the position is seen, over random masks; for every model.",
        lambda question: run(STEPS, question),
        parameters=(
            Parameter("masks", "Masks", default=2000, minimum=1, maximum=20_000, step=1),
            Parameter("grid", "Cells a side", default=7, minimum=2, maximum=32, step=1),
            Parameter("share", "Share of cells seen", default=0.5, minimum=0.05, maximum=0.95, step=0.05),
            Parameter("seed", "Random seed", default=0, minimum=0, maximum=2**31 - 1, step=1),
        ),
        choices=(
            Choice("zero", "Zero is", "mean", (("mean", "The mean probability"), ("published", "None, as published"))),
        ),
        stepwise=STEPS,
    )
)
