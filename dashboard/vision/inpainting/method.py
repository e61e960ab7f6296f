"""The table of inpainting methods and the decorator that adds one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.vision.registry import Method, Parameter, Registry

RGB = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Fill = Callable[..., RGB]

SEED = Parameter("seed", "Random seed", default=0, minimum=0, maximum=2**31 - 1, step=1)


@dataclass(frozen=True)
class InpaintingMethod(Method):
    """A method whose function takes an image (H, W, 3) uint8, a mask (H, W) bool, and its parameters by name.

    It returns an image of the same shape and changes neither argument; what it gives for pixels that are to
    stay is ignored. ``group`` is "remove" (the region is replaced) or "keep" (everything else is).
    """

    needs_surroundings: bool = False
    needs_network: bool = False

    @property
    def is_random(self) -> bool:
        """Whether the result depends on a seed."""
        return SEED in self.parameters

    def unavailable_with(self, network_path: Path | None) -> str | None:
        """Why the method cannot be used where the settings name ``network_path``, or None where it can."""
        if not self.needs_network:
            return self.unavailable()
        if network_path is None:
            return "No TorchScript file is named in the settings (REGIONSCOPE_INPAINTING_NETWORK)."
        return None if network_path.is_file() else f"There is no file {network_path.name} for the network."


METHODS: Registry[InpaintingMethod] = Registry("inpainting method")


def inpainting_method(
    key: str, label: str, explanation: str, *parameters: Parameter, group: str = "remove", **options: Any
) -> Callable[[Fill], Fill]:
    """Adds the decorated function to METHODS; ``options`` are further fields of InpaintingMethod."""

    def add(function: Fill) -> Fill:
        METHODS.add(InpaintingMethod(key, label, explanation, function, parameters, group, **options))
        return function

    return add
