"""One forward pass of EfficientNet-Lite0, batch 1, float32, beside plain torch on the same weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import skimage.data

from benchmarks.timing import Row, side_by_side
from dashboard.vision.classifiers import Catalogue

TARGET = 0.45


def measure(cache_dir: Path) -> list[Row]:
    import torch

    torch.set_num_threads(2)
    classifier = Catalogue(None, cache_dir, "cpu", 2).load("efficientnet_lite0")
    network = classifier.network()
    picture = skimage.data.chelsea()[None]
    batch = classifier.preprocess(picture)
    tensor = torch.from_numpy(batch)
    channels_last = tensor.to(memory_format=torch.channels_last)

    def eager(given: torch.Tensor) -> None:
        with torch.inference_mode():
            network(given)

    medians = side_by_side(
        {
            "torch": lambda: eager(tensor),
            "ours": lambda: classifier._engine(batch),
            "answer": lambda: classifier.answer(picture),
        }
    )
    # The layout belongs to the network, so it is changed only once the plain one has been measured.
    network.to(memory_format=torch.channels_last)
    medians |= side_by_side({"channels_last": lambda: eager(channels_last)})
    network.to(memory_format=torch.contiguous_format)
    error = float(np.abs(classifier._engine(batch)[0] - network(tensor).detach().numpy()).max())
    share = medians["ours"] / medians["torch"]
    peer = f"torch eager {medians['torch']:.1f} ms, channels last {medians['channels_last']:.1f} ms"
    return [
        Row("forward pass, EfficientNet-Lite0, batch 1", medians["ours"], "ms", peer),
        Row("  as a share of torch eager", share, "×", "", f"≤ {TARGET}", share <= TARGET),
        Row("  with resizing and normalising", medians["answer"], "ms"),
        Row("  largest difference of a logit from torch", error * 1e6, "1e-6", "", "≤ 100", error <= 1e-4),
    ]
