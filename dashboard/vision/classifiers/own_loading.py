"""Own model files as classifiers; what they claim is checked by running them once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import metadata
from typing import Any

import numpy as np

from dashboard.vision.classifiers.answer import CamHead, Floats, ModelCard
from dashboard.vision.classifiers.classifier import Classifier, Engine
from dashboard.vision.classifiers.conversion import file_sha256, openvino_version
from dashboard.vision.classifiers.engines import CPU_BATCH, OpenVinoEngine, TorchEngine, openvino_core
from dashboard.vision.classifiers.own import Description, OwnModel
from dashboard.vision.classifiers.torch_import import prepare_torch
from dashboard.vision.errors import UnavailableError

# By how much the same float32 sum may differ when it is summed in another order, relative to the largest logit.
HEAD_TOLERANCE = 1e-4


def load_own_model(own: OwnModel, device: str, threads: int) -> Classifier:
    """The classifier of a model file; UnavailableError with a sentence where it cannot be used."""
    description = own.description()
    labels = own.labels(description)
    try:
        make, constants = _onnx(own, description, threads) if own.is_onnx else _script(own, device, threads)
        engine = _engine_that_runs(make, _noise(description))
        logits, features = engine(_noise(description))
    except Exception as error:  # a foreign file can fail in any way
        raise UnavailableError(f"{own.file.name} cannot be run: {_last_line(error)}") from error
    if logits.ndim != 2 or logits.shape[1] != len(labels):
        raise UnavailableError(
            f"{own.file.name} gives {logits[0].size} numbers for a picture, but there are {len(labels)} labels."
        )
    head = find_head(constants, logits, features) if description.features else None
    card = _card(own, description, labels, has_cam=head is not None)
    return Classifier(card, engine if head else LogitsOnly(engine), head)


class LogitsOnly:
    """An engine without its features, where nothing can be made of them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.part = getattr(engine, "part", CPU_BATCH)

    def __call__(self, batch: Floats) -> tuple[Floats, None]:
        """One forward pass."""
        return self._engine(batch)[0], None


def find_head(constants: Iterable[Floats], logits: Floats, features: Floats | None) -> CamHead | None:
    """The (weights (K, C), bias (K,)) among a model's constants that turn mean features into its logits.

    ``logits`` (B, K) and ``features`` (B, C, h, w) float32 are what the model gave for the same B images.
    None where no pair does that, so that a class activation map would not be exact.
    """
    if features is None or features.ndim != 4:
        return None
    arrays = [np.squeeze(array) for array in constants]
    classes, channels = logits.shape[1], features.shape[1]
    pooled = features.mean(axis=(2, 3), dtype=np.float64)
    tolerance = HEAD_TOLERANCE * max(1.0, float(np.abs(logits).max()))
    for weights in _weights(arrays, classes, channels):
        for bias in _biases(arrays, classes):
            if np.abs(pooled @ weights.T + bias - logits).max() <= tolerance:
                return weights.astype(np.float32), bias.astype(np.float32)
    return None


def _weights(arrays: list[Floats], classes: int, channels: int) -> Iterator[Floats]:
    for array in arrays:
        if array.shape == (classes, channels):
            yield array
        if array.shape == (channels, classes):
            yield array.T
    if classes == channels:
        yield np.eye(classes, dtype=np.float32)  # the features are the class maps themselves


def _biases(arrays: list[Floats], classes: int) -> Iterator[Floats]:
    yield from (array for array in arrays if array.shape == (classes,))
    yield np.zeros(classes, np.float32)


Loaded = tuple[Callable[[int], Engine], list[Floats]]


def _onnx(own: OwnModel, description: Description, threads: int) -> Loaded:
    """How to make the engine for parts of a given size, and the model's float constants."""
    model = openvino_core().read_model(own.file)
    nodes: list[Any] = [node for node in model.get_ops() if node.get_type_name() == "Constant"]
    arrays = [np.array(node.data) for node in nodes]

    def make(part: int) -> Engine:
        model.reshape([-1 if part > 1 else 1, 3, *description.height_width])
        return OpenVinoEngine(model, threads, part)

    return make, [array for array in arrays if array.dtype == np.float32]


def _script(own: OwnModel, device: str, threads: int) -> Loaded:
    """The same for TorchScript, run by torch itself: what a scripted file can hold has no sure conversion."""
    prepare_torch()
    import torch

    network: Any = torch.jit.load(str(own.file), map_location=device).eval()  # type: ignore[no-untyped-call]
    arrays = [tensor.detach().cpu().numpy() for tensor in network.state_dict().values()]
    return lambda part: TorchEngine(network, device, threads, part), arrays


def _engine_that_runs(make: Callable[[int], Engine], images: Floats) -> Engine:
    """An engine for several images at once, or one by one where the file fixes the batch size."""
    try:
        engine = make(CPU_BATCH)
        if len(engine(images)[0]) == len(images):
            return engine
    except Exception:  # why it fails for several is said, if it is more than that, by failing for one
        pass
    return make(1)


def _noise(description: Description) -> Floats:
    shape = (3, 3, *description.height_width)
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


def _card(own: OwnModel, description: Description, labels: tuple[str, ...], *, has_cam: bool) -> ModelCard:
    height, width = description.height_width
    return ModelCard(
        key=own.key,
        label=description.name or own.file.stem,
        family="Own models",
        weights_sha256=file_sha256(own.file),
        input_height=height,
        input_width=width,
        mean=description.mean,
        std=description.std,
        labels=labels,
        engine="openvino" if own.is_onnx else "torch",
        engine_version=openvino_version() if own.is_onnx else metadata.version("torch"),
        has_cam=has_cam,
        has_gradients=False,
    )


def _last_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
