"""Removing a region from a picture, or everything but it: one table of methods and one way to apply them.

Adding a method is one function decorated with ``inpainting_method`` in a module that is imported here.
"""

from __future__ import annotations

import hashlib
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from dashboard.vision.errors import EmptyMaskError, MaskError, UnavailableError
from dashboard.vision.inpainting.method import METHODS, RGB, SEED, InpaintingMethod, Mask
from dashboard.vision.registry import Value

# The order of these imports is the order of the menu.
from dashboard.vision.inpainting import marching, patches, network, plain  # isort: skip

__all__ = [
    "METHODS",
    "InpaintingMethod",
    "apply_method",
    "identity",
    "marching",
    "network",
    "parse_parameters",
    "patches",
    "plain",
    "unavailable_reason",
]


def unavailable_reason(key: str, network_path: Path | None = None) -> str | None:
    """Why the method ``key`` cannot be used here, or None where it can; raises UnknownNameError.

    ``network_path`` is the TorchScript file that the settings name.
    """
    return METHODS[key].unavailable_with(network_path)


def identity(key: str, network_path: Path | None = None) -> list[str]:
    """What the method ``key`` is, beside its parameters: its name, and the network's bytes where it has one."""
    if not METHODS[key].needs_network or network_path is None or not network_path.is_file():
        return [key]
    about = network_path.stat()
    return [key, _file_sha256(network_path, about.st_size, about.st_mtime_ns)]


@lru_cache(maxsize=4)
def _file_sha256(path: Path, _size: int, _changed_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def parse_parameters(key: str, given: dict[str, Any]) -> dict[str, Value]:
    """All parameters of the method ``key``, defaults filled in, a seed drawn where the method is random.

    This is what is recorded: with it apply_method gives the same bytes again. Raises UnknownNameError or
    ParameterError.
    """
    method = METHODS[key]
    if method.is_random and given.get(SEED.name) is None:
        given = {**given, SEED.name: secrets.randbelow(int(SEED.maximum) + 1)}
    return method.parse(given)


def apply_method(key: str, image: RGB, mask: Mask, parameters: dict[str, Any], network_path: Path | None = None) -> RGB:
    """``image`` (H, W, 3) uint8 with ``mask`` (H, W) bool removed, or only it kept: a new image.

    Pixels outside the mask (inside it for "keep") are those of ``image``, bit for bit. Raises EmptyMaskError;
    MaskError where mask and image differ in size or nothing is left to fill from; ParameterError;
    UnknownNameError; UnavailableError where the method cannot be used here.
    """
    method = METHODS[key]
    values = parse_parameters(key, parameters)
    _check(method, image, mask)
    reason = method.unavailable_with(network_path)
    if reason is not None:
        raise UnavailableError(f"{method.label} cannot be used: {reason}")
    if method.needs_network:
        values = {**values, "network_path": network_path}  # type: ignore[dict-item]
    filled = method.function(image, mask, **values)
    replaced = ~mask if method.group == "keep" else mask
    # OpenCV's masked copy takes a tenth of numpy.where's time for three channels.
    return np.asarray(cv2.copyTo(filled, replaced.view(np.uint8), image.copy()), np.uint8)


def _check(method: InpaintingMethod, image: RGB, mask: Mask) -> None:
    if image.shape != (*mask.shape, 3):
        raise MaskError(
            f"The region is {mask.shape[1]} × {mask.shape[0]} pixels, the picture {image.shape[1]} × {image.shape[0]}."
        )
    if not mask.any():
        raise EmptyMaskError("The region holds no pixel of the picture, so nothing was changed.")
    if method.needs_surroundings and mask.all():
        raise MaskError("The region is the whole picture, so nothing is left to fill it from.")
