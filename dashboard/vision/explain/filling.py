"""Any inpainting method, with its own parameters, as what a window or region is filled with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dashboard.vision.explain.question import Question
from dashboard.vision.inpainting import METHODS, apply_method
from dashboard.vision.inpainting.method import RGB, Mask
from dashboard.vision.registry import Choice, Setting

PREFIX = "filling."
_OPTIONS = tuple((method.key, method.label) for method in METHODS if method.group == "remove")


def filling_choice(default: str) -> Choice:
    """The choice of an inpainting method; its own parameters are given beside it as ``filling.<name>``."""
    return Choice("filling", "Filling", default, _OPTIONS)


def parse_filling(chosen: str, given: Mapping[str, Any]) -> dict[str, Setting]:
    """The method's own parameters, all of them, as ``filling.<name>``; a seed that is not given is 0.

    ``given`` holds only names that begin with ``filling.``. Raises ParameterError.
    """
    own = {name.removeprefix(PREFIX): value for name, value in given.items()}
    return {PREFIX + name: value for name, value in METHODS[chosen].parse(own).items()}


def filler(question: Question) -> Callable[[RGB, Mask], RGB]:
    """(image, mask) → the image with the mask removed by the method that the question's settings name."""
    key = str(question.settings["filling"])
    own = {n.removeprefix(PREFIX): value for n, value in question.settings.items() if n.startswith(PREFIX)}
    return lambda image, mask: apply_method(key, image, mask, own, question.network_path)
