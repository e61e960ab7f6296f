"""A network of which the truth is known: its answer depends on one patch of the picture and nothing else."""

import numpy as np
import torch

from dashboard.vision.classifiers import Classifier, ModelCard
from dashboard.vision.classifiers.engines import TorchEngine

SIZE, CELL = 64, 8
PATCH = (slice(16, 32), slice(32, 48))
PATCH_SHARE = 1 / 16


class Cells(torch.nn.Module):
    """The brightness of each cell of 8 × 8 px, zero outside the patch and where it is below the middle."""

    def __init__(self) -> None:
        super().__init__()
        seen = torch.zeros(SIZE, SIZE)
        seen[PATCH] = 1
        self.seen = torch.nn.Parameter(seen, requires_grad=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        bright = (images.mean(dim=1, keepdim=True) * self.seen).clamp(min=0)
        return torch.nn.functional.avg_pool2d(bright, CELL)


class PatchNetwork(torch.nn.Module):
    """Class 0 while at least ``needed`` of the patch is white, else class 1; (logits, features)."""

    def __init__(self, needed: float) -> None:
        super().__init__()
        self.cells = Cells()
        self.register_buffer("weights", torch.tensor([[8 / PATCH_SHARE], [0.0]]))
        self.register_buffer("bias", torch.tensor([0.0, 8 * needed]))

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features = self.cells(images)
        return features.mean((2, 3)) @ self.weights.T + self.bias, features


class LogitsOf(torch.nn.Module):
    def __init__(self, network: PatchNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.network(images)[0]


class Gradients:
    def __init__(self, network: PatchNetwork) -> None:
        self._logits = LogitsOf(network).eval()

    def network(self) -> torch.nn.Module:
        return self._logits

    def gradient_layer(self, network: torch.nn.Module) -> torch.nn.Module:
        return network.network.cells


def card(*, has_cam: bool = True, has_gradients: bool = True) -> ModelCard:
    return ModelCard(
        key="patch",
        label="Patch network",
        family="Tests",
        weights_sha256="0" * 64,
        input_height=SIZE,
        input_width=SIZE,
        mean=(0.5, 0.5, 0.5),
        std=(0.5, 0.5, 0.5),
        labels=("patch", "no patch"),
        engine="torch",
        engine_version=torch.__version__,
        has_cam=has_cam,
        has_gradients=has_gradients,
    )


def patch_classifier(needed: float = 0.15, *, has_cam: bool = True, has_gradients: bool = True) -> Classifier:
    network = PatchNetwork(needed).eval()
    head = (network.weights.numpy(), network.bias.numpy())
    return Classifier(
        card(has_cam=has_cam, has_gradients=has_gradients),
        TorchEngine(network, "cpu", 2),
        head if has_cam else None,
        Gradients(network) if has_gradients else None,
    )


def picture() -> np.ndarray:
    """Noise below the middle grey, and the patch white."""
    image = np.random.default_rng(0).integers(60, 125, (SIZE, SIZE, 3), np.uint8)
    image[PATCH] = 255
    return image


def share_in_patch(heat: np.ndarray) -> float:
    """The mass of a map in the patch: its positive part there over all of it."""
    positive = np.maximum(heat, 0)
    return float(positive[PATCH].sum() / positive.sum())
