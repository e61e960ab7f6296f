"""Where a model looked for a class, on any kept image state."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dashboard.recording.workspace import Workspace
from dashboard.vision.explain import explain


def class_map(workspace: Workspace, model_key: str, method: str, class_index: int, blob: str) -> NDArray[np.float32]:
    """The map (H, W) float32 in the working copy's pixels, as the method gives it, not normalised.

    ``blob`` is the picture's file. Raises RegionscopeError where the model cannot be explained that way.
    """
    classifier = workspace.catalogue.load(model_key)
    key = (classifier.card.weights_sha256, model_key, method, class_index, blob)
    return workspace.maps.get(key, lambda: explain(classifier, workspace.pixels(blob), class_index, method))
