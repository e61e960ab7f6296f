"""What a classifier says, and what it is: plain values without any engine behind them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
CamHead = tuple[Floats, Floats]


@dataclass(frozen=True, eq=False)
class Answer:
    """One forward pass over B images: ``logits`` (B, K) float32, ``features`` (B, C, h, w) float32 or None.

    Features are there exactly where the model's card says ``has_cam``.
    """

    logits: Floats
    features: Floats | None

    @cached_property
    def probabilities(self) -> Floats:
        """Softmax of the logits, (B, K) float32 in 0–1; computed in float64, so the same logits give the same bits."""
        logits = self.logits.astype(np.float64)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


@dataclass(frozen=True)
class ModelCard:
    """One classifier as it really is on this machine: everything that determines its answers.

    ``weights_sha256`` is that of the weight file as it lies on disk. Pixels in 0–1 are normalised as
    (pixel − mean) / std, RGB. ``labels`` has K entries.
    """

    key: str
    label: str
    family: str
    weights_sha256: str
    input_height: int
    input_width: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    labels: tuple[str, ...]
    engine: str
    engine_version: str
    has_cam: bool
    has_gradients: bool

    @cached_property
    def identity(self) -> str:
        """SHA-256 (hex) of everything that determines the answers: the same here, the same answers."""
        fields = [self.key, self.weights_sha256, self.input_height, self.input_width, self.mean, self.std]
        fields += [self.label_set, self.engine, self.engine_version, self.has_cam, self.has_gradients]
        return hashlib.sha256(json.dumps(fields).encode()).hexdigest()

    @cached_property
    def label_set(self) -> str:
        """SHA-256 (hex) of the labels in order: probabilities compare only between models that share it."""
        return hashlib.sha256("\n".join(self.labels).encode()).hexdigest()
