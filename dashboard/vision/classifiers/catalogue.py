"""All classifiers there are: which can be used here, and the loaded ones."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dashboard.vision.classifiers.answer import CamHead, ModelCard
from dashboard.vision.classifiers.blueprints import Blueprint, TorchvisionBlueprint
from dashboard.vision.classifiers.builtin_models import BUILTINS, DEFAULT_KEY
from dashboard.vision.classifiers.classifier import Classifier
from dashboard.vision.classifiers.conversion import (
    ConversionCache,
    file_sha256,
    openvino_version,
    with_features,
)
from dashboard.vision.classifiers.engines import OpenVinoEngine, TorchEngine, choose_device
from dashboard.vision.classifiers.own import OwnModel, find_own_models
from dashboard.vision.classifiers.own_loading import load_own_model
from dashboard.vision.errors import UnavailableError, UnknownNameError

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class ModelEntry:
    """One line of the list of models; ``unavailable`` is a sentence saying why it cannot be used, or None."""

    key: str
    label: str
    family: str
    explanation: str
    unavailable: str | None = None


class Catalogue:
    """The built-in classifiers and those in ``models_dir``, each loaded once a process.

    ``cache_dir`` keeps converted networks; ``device`` is "auto", "cpu" or "cuda"; ``threads`` are those of one
    forward pass on the CPU. All methods may be called from many threads.
    """

    default_key = DEFAULT_KEY

    def __init__(self, models_dir: Path | None, cache_dir: Path, device: str = "auto", threads: int = 2) -> None:
        self._models_dir = models_dir
        self._conversions = ConversionCache(cache_dir / "networks")
        self._device = device
        self._threads = threads
        self._loaded: dict[str, Classifier] = {}
        self._loading = threading.Lock()

    def entries(self) -> list[ModelEntry]:
        """Every model, usable or not; imports no engine and touches no network."""
        return [_builtin_entry(blueprint) for blueprint in BUILTINS.values()] + [
            _own_entry(own) for own in self._own_models()
        ]

    def load(self, key: str) -> Classifier:
        """The classifier, ready to answer; the same object each time.

        Raises UnknownNameError for a key that is not listed, UnavailableError where it cannot be used here.
        """
        if key not in self._loaded:
            with self._loading:
                if key not in self._loaded:
                    classifier = self._load(key)
                    # The first passes of several threads at once can deadlock in OpenVINO's binding (2026.4), so
                    # one pass is made before anybody gets the classifier.
                    classifier.answer(np.zeros((1, 16, 16, 3), np.uint8))
                    self._loaded[key] = classifier
        return self._loaded[key]

    def fetch(self, key: str) -> Path:
        """Downloads a torchvision model's weights into torch's hub cache and returns the file.

        For a model whose weights are here it only returns their file. Raises UnknownNameError, and
        UnavailableError where the download fails.
        """
        blueprint = BUILTINS.get(key)
        if blueprint is None:
            return self._own_model(key).file
        if isinstance(blueprint, TorchvisionBlueprint):
            return blueprint.fetch()
        return blueprint.weights_file()

    def _own_models(self) -> list[OwnModel]:
        return find_own_models(self._models_dir, BUILTINS)

    def _own_model(self, key: str) -> OwnModel:
        own_models = {own.key: own for own in self._own_models()}
        if key not in own_models:
            known = ", ".join([*BUILTINS, *own_models])
            raise UnknownNameError(f"There is no model {key!r}; there are {known}.")
        return own_models[key]

    def _load(self, key: str) -> Classifier:
        own = None if key in BUILTINS else self._own_model(key)
        device = choose_device(self._device)
        if own is not None:
            return load_own_model(own, device, self._threads)
        blueprint = BUILTINS[key]
        weights = blueprint.weights_file()
        return (self._on_gpu if device == "cuda" else self._on_cpu)(blueprint, weights)

    def _on_cpu(self, blueprint: Blueprint, weights: Path) -> Classifier:
        sha256 = file_sha256(weights)
        converted = self._conversions.get(blueprint, weights, sha256)
        card = _card(blueprint, sha256, converted.labels, "openvino", openvino_version(), converted.head)
        engine = OpenVinoEngine(converted.model, self._threads)
        return Classifier(card, engine, converted.head, LazyNetwork(blueprint, weights, "cpu"))

    def _on_gpu(self, blueprint: Blueprint, weights: Path) -> Classifier:
        network = blueprint.build(weights)
        head = blueprint.head(network)
        version = metadata.version("torch")
        card = _card(blueprint, file_sha256(weights), blueprint.labels(), "torch", version, head)
        engine = TorchEngine(with_features(network, blueprint.feature_layer), "cuda", self._threads)
        return Classifier(card, engine, head, LazyNetwork(blueprint, weights, "cuda"))


class LazyNetwork:
    """A built-in's torch network, built when gradients are first wanted and kept.

    It is another object than an engine's, so that hooks on the one are not called by the other.
    """

    def __init__(self, blueprint: Blueprint, weights: Path, device: str) -> None:
        self._blueprint = blueprint
        self._weights = weights
        self._device = device
        self._network: nn.Module | None = None
        self._lock = threading.Lock()

    def network(self) -> nn.Module:
        """The network in evaluation mode, its parameters frozen."""
        with self._lock:
            if self._network is None:
                self._network = self._blueprint.build(self._weights).to(self._device)
            return self._network

    def gradient_layer(self, network: nn.Module) -> nn.Module:
        """The module whose output Grad-CAM weighs."""
        return network.get_submodule(self._blueprint.gradient_layer)


def _builtin_entry(blueprint: Blueprint) -> ModelEntry:
    reason = None
    try:
        blueprint.weights_file()
    except UnavailableError as error:
        reason = str(error)
    return ModelEntry(blueprint.key, blueprint.label, blueprint.family, blueprint.explanation, reason)


def _own_entry(own: OwnModel) -> ModelEntry:
    label, reason = own.file.stem, None
    try:
        description = own.description()
        label = description.name or label
        own.labels(description)
    except UnavailableError as error:
        reason = str(error)
    kind = "ONNX" if own.is_onnx else "TorchScript"
    return ModelEntry(own.key, label, "Own models", f"Your own {kind} file {own.file.name}.", reason)


def _card(
    blueprint: Blueprint,
    weights_sha256: str,
    labels: tuple[str, ...],
    engine: str,
    engine_version: str,
    head: CamHead | None,
) -> ModelCard:
    return ModelCard(
        key=blueprint.key,
        label=blueprint.label,
        family=blueprint.family,
        weights_sha256=weights_sha256,
        input_height=blueprint.input_px,
        input_width=blueprint.input_px,
        mean=blueprint.mean,
        std=blueprint.std,
        labels=labels,
        engine=engine,
        engine_version=engine_version,
        has_cam=head is not None,
        has_gradients=True,
    )
