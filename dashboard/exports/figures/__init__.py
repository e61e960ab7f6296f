"""Figures for papers, drawn from a data package alone: no database, no models, no browser."""

from dashboard.exports.figures.annotations import Annotation, parse_annotations
from dashboard.exports.figures.drawing import FORMATS, KINDS, draw, save
from dashboard.exports.figures.look import WIDTHS, Look
from dashboard.exports.figures.reading import Asked

__all__ = ["FORMATS", "KINDS", "WIDTHS", "Annotation", "Asked", "Look", "draw", "parse_annotations", "save"]
