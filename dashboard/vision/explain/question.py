"""What a method is asked: why did this model see this class in this picture?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from dashboard.vision.classifiers.answer import Answer, Bytes, Floats
from dashboard.vision.classifiers.classifier import Classifier
from dashboard.vision.registry import Setting


@dataclass(frozen=True, eq=False)
class Question:
    """One class of one RGB image (H, W, 3) uint8, with all of a method's settings filled in.

    ``answer`` is the classifier's answer to this image alone, where it is already there; ``network_path`` the
    TorchScript file for the filling method that needs one.
    """

    classifier: Classifier
    image: Bytes
    class_index: int
    settings: Mapping[str, Setting] = field(default_factory=dict)
    answer: Answer | None = None
    network_path: Path | None = None

    @property
    def input_shape(self) -> tuple[int, int]:
        """The network's input: height, width."""
        return self.classifier.card.input_height, self.classifier.card.input_width

    @cached_property
    def resized(self) -> Bytes:
        """The image at the network's input size, (h, w, 3) uint8."""
        return self.classifier.resize(self.image)

    @cached_property
    def prepared(self) -> Floats:
        """The network's input, (3, h, w) float32."""
        return self.classifier.normalise(self.resized)

    def number(self, name: str) -> float:
        """A numeric setting."""
        return float(self.settings[name])

    def whole(self, name: str) -> int:
        """A whole number among the settings."""
        return int(self.settings[name])

    def probabilities(self, batch: Floats) -> Floats:
        """The class's probability for each of a prepared batch (B, 3, h, w), (B,) float32."""
        return self.classifier.answer_prepared(batch).probabilities[:, self.class_index]
