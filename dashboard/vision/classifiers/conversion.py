"""Torch networks as OpenVINO models, kept on disk so that a later start needs no torch."""

from __future__ import annotations

import hashlib
import json
import tempfile
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.vision.classifiers.answer import CamHead
from dashboard.vision.classifiers.blueprints import Blueprint
from dashboard.vision.classifiers.engines import openvino_core
from dashboard.vision.errors import UnavailableError

if TYPE_CHECKING:
    from torch import nn

# Raise it whenever what is stored, or how a network is converted, changes: older folders are then not read.
FORMAT = 1

_MODEL, _WEIGHTS, _LABELS, _HEAD = "network.xml", "network.bin", "labels.json", "head.npz"
_SIDECAR = "network.json"

# Tracing is not safe beside another tracing in the same process.
_converting = threading.Lock()


@dataclass(frozen=True, eq=False)
class Converted:
    """A network ready for OpenVINO: the openvino.Model, its labels, and its CAM head where it has one."""

    model: Any
    labels: tuple[str, ...]
    head: CamHead | None


def openvino_version() -> str:
    """The installed version, without importing openvino."""
    return metadata.version("openvino")


def file_sha256(path: Path) -> str:
    """SHA-256 (hex) of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class ConversionCache:
    """Converted networks in a folder, one sub-folder for each key, weight file, OpenVINO version and format.

    A sub-folder appears whole, by renaming; one that is damaged is made again.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, blueprint: Blueprint, weights: Path, weights_sha256: str) -> Converted:
        """The converted network, from the folder or made now; UnavailableError where it cannot be."""
        name = f"{blueprint.key}-{weights_sha256[:16]}-openvino{openvino_version()}-f{FORMAT}"
        folder = self._folder / name
        with _converting:
            stored = _read(folder)
            if stored is None:
                self._write(folder, lambda target: _convert(blueprint, weights, weights_sha256, target))
                stored = _read(folder)
        if stored is None:
            raise UnavailableError(f"{blueprint.label} was stored in {folder} but cannot be read back.")
        return stored

    def _write(self, folder: Path, fill: Callable[[Path], None]) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._folder, prefix=".converting-") as temporary:
                made = Path(temporary) / "made"
                made.mkdir()
                fill(made)
                _put_in_place(made, folder)
        except OSError as error:
            raise UnavailableError(
                f"The converted network cannot be kept in {self._folder}: {error.strerror or error}."
            ) from error


def _put_in_place(made: Path, folder: Path) -> None:
    if folder.exists() and _read(folder) is None:
        # Renamed, and deleted with the temporary folder, so that no other process reads half of it.
        folder.rename(made.with_name("damaged"))
    try:
        made.rename(folder)
    except OSError:
        # Another process was quicker; what it made from the same inputs is as good.
        if _read(folder) is None:
            raise


def _read(folder: Path) -> Converted | None:
    """What the folder holds, or None where anything is missing or differs from when it was written."""
    try:
        sidecar = json.loads((folder / _SIDECAR).read_text(encoding="utf-8"))
        if any(file_sha256(folder / name) != digest for name, digest in sidecar["files"].items()):
            return None
        labels = json.loads((folder / _LABELS).read_text(encoding="utf-8"))
        head = _read_head(folder) if _HEAD in sidecar["files"] else None
        return Converted(openvino_core().read_model(folder / _MODEL), tuple(labels), head)
    except (OSError, ValueError, KeyError, RuntimeError):
        return None


def _read_head(folder: Path) -> CamHead:
    with np.load(folder / _HEAD) as arrays:
        return arrays["weights"], arrays["bias"]


def _convert(blueprint: Blueprint, weights: Path, weights_sha256: str, target: Path) -> None:
    import openvino

    network = blueprint.build(weights)
    openvino.save_model(_traced(network, blueprint), target / _MODEL, compress_to_fp16=False)
    _write_json(target / _LABELS, blueprint.labels())
    names = [_MODEL, _WEIGHTS, _LABELS]
    head = blueprint.head(network)
    if head is not None:
        np.savez(target / _HEAD, weights=head[0], bias=head[1])
        names.append(_HEAD)
    sidecar = {
        "key": blueprint.key,
        "weights_sha256": weights_sha256,
        "versions": {name: metadata.version(name) for name in ("openvino", "torch", "torchvision", "timm")},
        "files": {name: file_sha256(target / name) for name in names},
    }
    _write_json(target / _SIDECAR, sidecar)


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")


def _traced(network: nn.Module, blueprint: Blueprint) -> Any:
    import openvino
    import torch

    pixels = blueprint.input_px
    both = with_features(network, blueprint.feature_layer)
    fast_attention = torch.backends.mha.get_fastpath_enabled()
    # Attention's fused kernel, which torch takes in evaluation mode, has no counterpart in OpenVINO.
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with warnings.catch_warnings():
            # The networks check their input's size; that the check becomes a constant is what is wanted.
            warnings.simplefilter("ignore")
            model = openvino.convert_model(both, example_input=torch.zeros(1, 3, pixels, pixels))
    finally:
        torch.backends.mha.set_fastpath_enabled(fast_attention)
    model.reshape([-1, 3, pixels, pixels])
    return model


def with_features(network: nn.Module, layer: str) -> nn.Module:
    """``network`` returning (logits, the output of the module ``layer``); as it is where ``layer`` is empty."""
    return _features_class()(network, layer) if layer else network


@cache
def _features_class() -> Any:
    from torch import Tensor, nn

    class WithFeatures(nn.Module):
        """One pass gives both outputs. Holds state during the pass: not for several threads at once."""

        def __init__(self, network: nn.Module, layer: str) -> None:
            super().__init__()
            self.network = network
            self._collected: list[Tensor] = []
            network.get_submodule(layer).register_forward_hook(self._collect)

        def _collect(self, _module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
            self._collected.append(output)

        def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
            """Logits (B, K) and features (B, C, h, w)."""
            self._collected.clear()
            return self.network(images), self._collected.pop()

    return WithFeatures
