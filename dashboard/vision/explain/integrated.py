"""Integrated gradients: every pixel's share of the change from a baseline picture to this one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import cv2
import numpy as np

from dashboard.vision.classifiers.answer import Bytes, Floats
from dashboard.vision.explain.gradients import torch_network
from dashboard.vision.explain.method import EXPLANATIONS, Explanation, needs_gradients
from dashboard.vision.explain.question import Question
from dashboard.vision.explain.stepwise import InParts, State, run
from dashboard.vision.registry import Choice, Parameter

if TYPE_CHECKING:
    from torch import Tensor

# The blur of sufficiency in dashboard.analysis, which stands alone as this does: a test holds the two together.
BLUR_SHARE, KERNEL_ENDS_SD = 0.05, 4
# Of the points on the way; more at once are no faster on a CPU, and a step stays short.
POINTS_AT_ONCE = 4


def black(image: Bytes) -> Bytes:
    """All zero, (h, w, 3) uint8."""
    return np.zeros_like(image)


def mean_colour(image: Bytes) -> Bytes:
    """The image's mean RGB everywhere, rounded to nearest."""
    colour = np.rint(image.mean(axis=(0, 1), dtype=np.float64)).astype(np.uint8)
    return np.broadcast_to(colour, image.shape)


def blurred(image: Bytes) -> Bytes:
    """The image under a Gaussian with a standard deviation of 5 % of its longer side, mirrored at its border.

    The same as is taken outside a region for its sufficiency (``dashboard.analysis.outside_blurred``).
    """
    sigma = BLUR_SHARE * max(image.shape[:2])
    side = 2 * int(KERNEL_ENDS_SD * sigma + 0.5) + 1
    smooth = cv2.GaussianBlur(image.astype(np.float32), (side, side), sigma, borderType=cv2.BORDER_REFLECT)
    return np.asarray(np.clip(np.rint(smooth), 0, 255), np.uint8)


BASELINES: dict[str, tuple[str, Callable[[Bytes], Bytes]]] = {
    "black": ("Black", black),
    "mean": ("Mean colour", mean_colour),
    "blur": ("Blurred", blurred),
}


def points(steps: int) -> tuple[Floats, Floats]:
    """Where on the way from 0 to 1 the gradient is taken and with what weight (Gauss–Legendre), both (steps,)."""
    roots, weights = np.polynomial.legendre.leggauss(steps)
    return np.asarray((1 + roots) / 2, np.float32), np.asarray(weights / 2, np.float32)


class IntegratedGradients(InParts):
    """Σ over colours of (x − x′) · ∫ ∂p/∂x at x′ + α (x − x′) dα, with p the class's probability.

    x and the baseline x′ are the network's input; the map (h, w) sums to p(x) − p(x′) but for the error of the
    quadrature. Computed by torch whatever engine answers. Sundararajan, Taly & Yan, *Axiomatic Attribution for
    Deep Networks*, ICML 2017, equations 1 and 3.
    """

    def total(self, question: Question) -> int:
        """How many steps of a few points each there are."""
        return -(-question.whole("steps") // POINTS_AT_ONCE)

    def finish(self, question: Question, state: State) -> Floats:
        """The map (h, w) float32 from the points done so far."""
        difference = question.prepared - self._baseline(question)
        return np.asarray((difference * state["gradients"]).sum(axis=0), np.float32)

    def _first(self, question: Question) -> State:
        return {"gradients": np.zeros((3, *question.input_shape), np.float64)}

    def _step(self, question: Question, state: State, index: int) -> None:
        alphas, weights = (
            values[index * POINTS_AT_ONCE : (index + 1) * POINTS_AT_ONCE] for values in points(question.whole("steps"))
        )
        baseline = self._baseline(question)
        batch = baseline + alphas[:, None, None, None] * (question.prepared - baseline)
        state["gradients"] += np.einsum("n,nchw->chw", weights, _gradients(question, batch))

    def _baseline(self, question: Question) -> Floats:
        _, baseline = BASELINES[str(question.settings["baseline"])]
        return question.classifier.normalise(baseline(question.resized))


def _gradients(question: Question, batch: Floats) -> Floats:
    """∂p/∂x of each image of a prepared batch (B, 3, h, w), of the same shape, float32."""
    import torch

    network = question.classifier.network()
    pixels: Tensor = torch.from_numpy(batch).to(next(network.parameters()).device).requires_grad_()
    with torch_network, torch.enable_grad():
        probabilities = network(pixels).softmax(dim=1)[:, question.class_index]
        (gradients,) = torch.autograd.grad(probabilities.sum(), pixels)
    found: Floats = gradients.cpu().numpy()
    return found


STEPS = IntegratedGradients()

EXPLANATIONS.add(
    Explanation(
        "integrated_gradients",
        "Integrated gradients",
        "Each pixel's share of the change of probability from a baseline picture to this one.",
        lambda question: run(STEPS, question),
        parameters=(Parameter("steps", "Points on the way", default=50, minimum=1, maximum=500, step=1),),
        choices=(
            Choice("baseline", "Baseline", "black", tuple((key, label) for key, (label, _) in BASELINES.items())),
        ),
        refuses=needs_gradients("Integrated gradients"),
        stepwise=STEPS,
    )
)
