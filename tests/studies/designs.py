"""Designs for tests: the example that the documentation shows, and small ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dashboard.studies.assignment import LibraryPicture
from dashboard.studies.design import Design
from dashboard.studies.design_yaml import from_content, from_yaml
from dashboard.studies.findings import Available

EXAMPLE = Path(__file__).parents[2] / "docs" / "studies" / "cats-and-cups.yaml"


def example() -> Design:
    return from_yaml(EXAMPLE.read_text(encoding="utf-8"))


def content(**changes: Any) -> dict[str, Any]:
    """The smallest study, in plain values."""
    smallest = {
        "slug": "small",
        "title": "A small study",
        "contact": "Ann",
        "consent": "Yes?",
        "privacy": "Nothing.",
        "image_sets": {"cats": {"pictures": ["Tom", "Kit"]}},
        "blocks": [block()],
        "end": "Thank you.",
    }
    return smallest | changes


def block(**changes: Any) -> dict[str, Any]:
    return {"key": "main", "images": {"set": "cats"}, "trials": [{"kind": "mark", "key": "mark"}]} | changes


def small(**changes: Any) -> Design:
    return from_content(content(**changes))


def pictures(*names: str, label: str | None = "cat") -> list[LibraryPicture]:
    return [LibraryPicture(f"id of {name}", name, label) for name in names]


def available(**library: list[LibraryPicture]) -> Available:
    there = library or {"cats": pictures("Tom", "Kit")}
    return Available({"efficientnet_lite0"}, {"telea", "mean"}, {"cam", "gradcam"}, there)
