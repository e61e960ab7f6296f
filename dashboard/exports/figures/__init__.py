"""Figures for papers, drawn from a data package alone: no database, no models, no browser."""

from dashboard.exports.figures.drawing import FORMATS, KINDS, draw, save
from dashboard.exports.figures.look import WIDTHS, Look

__all__ = ["FORMATS", "KINDS", "WIDTHS", "Look", "draw", "save"]
