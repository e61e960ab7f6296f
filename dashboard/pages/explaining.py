"""What the pages' menus offer: the ways to explain a model, the fillings, and why some of them cannot be chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.components.controls import menu_option, reasons
from dashboard.failures import describe
from dashboard.recording.workspace import Workspace
from dashboard.vision.explain import EXPLANATIONS, unavailable_reason
from dashboard.vision.inpainting import METHODS
from dashboard.vision.inpainting import unavailable_reason as no_filling

NONE_AT_ALL: Mapping[str, str] = {}


@dataclass(frozen=True)
class Offer:
    """A menu's entries, the one that is chosen, and why some cannot be, to be shown below; ``why`` None for none."""

    options: list[dict[str, Any]]
    value: str
    why: Any


def offer(opened: Workspace, model_key: str, chosen: str | None, further: Mapping[str, str] = NONE_AT_ALL) -> Offer:
    """Every explanation method, then ``further`` entries (key: label), as the model can be explained.

    What is ``chosen`` stays where it can be used, else the first method that can takes its place.
    """
    missing = unusable(opened, model_key)
    options = [menu_option(method.key, method.label, missing.get(method.key)) for method in EXPLANATIONS]
    options += [{"value": key, "label": label} for key, label in further.items()]
    usable = [str(option["value"]) for option in options if not option.get("disabled")]
    value = chosen if chosen in usable else usable[0]
    about = f"with {model_label(opened, model_key)}"
    return Offer(options, value, reasons("maps", about, {EXPLANATIONS[key].label: why for key, why in missing.items()}))


def unusable(opened: Workspace, model_key: str) -> dict[str, str]:
    """The explanation methods that this model does not offer, each with why; none where it cannot be loaded."""
    try:
        card = opened.catalogue.load(model_key).card
    except Exception as error:
        describe(error)
        return {}
    found = {method.key: unavailable_reason(card, method.key) for method in EXPLANATIONS}
    return {key: why for key, why in found.items() if why is not None}


def first_method(opened: Workspace, model_key: str) -> str:
    """The first way in which a model can be explained."""
    return offer(opened, model_key, None).value


def model_label(opened: Workspace, model_key: str) -> str:
    """What people call a model, whether or not it can be loaded."""
    labels = {entry.key: entry.label for entry in opened.catalogue.entries()}
    return labels.get(model_key, model_key)


def missing_fillings(opened: Workspace) -> dict[str, str]:
    """The inpainting methods that cannot be used here, each with why."""
    network = opened.settings.inpainting_network
    found = {method.key: no_filling(method.key, network) for method in METHODS}
    return {key: why for key, why in found.items() if why is not None}
