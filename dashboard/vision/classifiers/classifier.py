"""A loaded classifier: images in, answers out, from any thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from dashboard.vision.classifiers.answer import Answer, Bytes, CamHead, Floats, ModelCard
from dashboard.vision.classifiers.engines import CPU_BATCH
from dashboard.vision.classifiers.preprocess import normalise, normalised_levels, preprocess, resize
from dashboard.vision.errors import UnavailableError

if TYPE_CHECKING:
    from torch import nn


class Engine(Protocol):
    """What computes: a batch (B, 3, h, w) float32 → logits (B, K) and features (B, C, h', w') or None."""

    def __call__(self, batch: Floats) -> tuple[Floats, Floats | None]:
        """One forward pass; may be called from many threads at once."""


class Differentiable(Protocol):
    """Where a classifier's torch network comes from, for methods that need gradients."""

    def network(self) -> nn.Module:
        """The network in evaluation mode, its parameters frozen; the same object each time."""

    def gradient_layer(self, network: nn.Module) -> nn.Module:
        """The module of ``network`` whose output Grad-CAM weighs."""


class Classifier:
    """One model, loaded once a process and shared read-only between threads.

    ``cam_head`` is (weights (K, C), bias (K,)) float32 with logits = weights · mean of features over positions
    + bias, exactly; None where the network does not end like that.
    """

    def __init__(
        self,
        card: ModelCard,
        engine: Engine,
        cam_head: CamHead | None = None,
        differentiable: Differentiable | None = None,
    ) -> None:
        self.card = card
        self.cam_head = cam_head
        self._engine = engine
        self._differentiable = differentiable

    def answer(self, images: Bytes) -> Answer:
        """The answers to RGB images (B, H, W, 3) uint8 of any size; ValueError for another shape or dtype."""
        return self.answer_prepared(self.preprocess(images))

    def answer_prepared(self, batch: Floats) -> Answer:
        """The answers to what ``preprocess`` made, (B, 3, h, w) float32, perhaps in another thread."""
        return Answer(*self._engine(batch))

    def preprocess(self, images: Bytes) -> Floats:
        """The network's own input (B, 3, h, w) float32 for RGB images (B, H, W, 3) uint8."""
        card = self.card
        return preprocess(images, card.input_height, card.input_width, card.mean, card.std)

    def resize(self, image: Bytes) -> Bytes:
        """One RGB image (H, W, 3) uint8 at the network's input size; ``preprocess`` gives both the same numbers."""
        return resize(image, self.card.input_height, self.card.input_width)

    def normalise(self, image: Bytes) -> Floats:
        """An RGB image (h, w, 3) uint8 of any size as ``preprocess`` normalises it, (3, h, w) float32, not resized."""
        planes = np.empty((3, *image.shape[:2]), np.float32)
        normalise(image, normalised_levels(self.card.mean, self.card.std), planes)
        return planes

    @property
    def batch_size(self) -> int:
        """How many images the engine computes at once: handing it more at a time gains nothing."""
        # An engine is any callable; one that says nothing gets what suits a CPU.
        return int(getattr(self._engine, "part", CPU_BATCH))

    def network(self) -> nn.Module:
        """The torch network in evaluation mode; UnavailableError where there are no gradients.

        The first call may import torch and read the weights, which takes seconds.
        """
        return self._gradients().network()

    def gradient_layer(self, network: nn.Module) -> nn.Module:
        """The module of ``network`` whose output Grad-CAM weighs; UnavailableError as for ``network``.

        The output is (B, C, h, w), or (B, 1 + positions, C) with the class token first.
        """
        return self._gradients().gradient_layer(network)

    def _gradients(self) -> Differentiable:
        if self._differentiable is None:
            raise UnavailableError(f"{self.card.label} was loaded from a file that gives no gradients.")
        return self._differentiable
