"""Figures for papers, drawn from a data package alone or from what an installation recorded; no browser is needed."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dashboard.exports.figures.annotations import Annotation, parse_annotations
    from dashboard.exports.figures.drawing import FORMATS, KINDS, draw, save
    from dashboard.exports.figures.look import WIDTHS, Look
    from dashboard.exports.figures.reading import Asked

__all__ = ["FORMATS", "KINDS", "WIDTHS", "Annotation", "Asked", "Look", "draw", "parse_annotations", "save"]

_WHERE = {
    "annotations": ("Annotation", "parse_annotations"),
    "drawing": ("FORMATS", "KINDS", "draw", "save"),
    "look": ("WIDTHS", "Look"),
    "reading": ("Asked",),
}


def __getattr__(name: str) -> Any:
    """matplotlib takes half a second, which neither a server's start nor another command has to wait for (PEP 562)."""
    for module, names in _WHERE.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
