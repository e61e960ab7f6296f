"""The drawing tools and the way back."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from dashboard.components.attributes import aria, data
from dashboard.components.icon import icon

TOOL_BUTTONS = (
    ("brush", "brush", "Brush", "B"),
    ("eraser", "eraser", "Eraser: takes away from a region being collected", "E"),
    ("lasso", "bezier2", "Lasso", "P"),
    ("rectangle", "square", "Rectangle", "R"),
    ("ellipse", "circle", "Ellipse", "O"),
    ("hand", "arrows-move", "Move the picture; the wheel zooms", "H"),
)
STEP_BUTTONS = (
    ("undo", "arrow-counterclockwise", "Undo", "Ctrl Z"),
    ("redo", "arrow-clockwise", "Redo", "Ctrl Shift Z"),
    ("reset", "skip-backward", "Back to the original", ""),
)
ZOOM_BUTTONS = (
    ("zoom-in", "zoom-in", "Zoom in", "+"),
    ("zoom-out", "zoom-out", "Zoom out", "−"),
    ("zoom-fit", "fullscreen", "Whole picture", "0"),
)


def toolbar() -> html.Div:
    """Tools, steps and zoom, each with its key in the tooltip."""
    tools = html.Div([_tool(*entry) for entry in TOOL_BUTTONS], role="group", **aria(label="Drawing tools"))
    steps = html.Div([_button(*entry) for entry in STEP_BUTTONS], role="group", **aria(label="Steps"))
    zoom = html.Div([_button(*entry) for entry in ZOOM_BUTTONS], role="group", **aria(label="Zoom"))
    return html.Div([tools, steps, zoom], className="toolbar")


def _tool(name: str, picture: str, label: str, key: str) -> dbc.Button:
    return _button(f"tool-{name}", picture, label, key, data(tool=name) | aria(pressed=False))


def _button(
    element_id: str, picture: str, label: str, key: str, attributes: dict[str, Any] | None = None
) -> html.Button:
    title = f"{label} ({key})" if key else label
    return html.Button(
        icon(picture),
        id=element_id,
        type="button",
        className="tool-button",
        title=title,
        **aria(label=label),
        **(attributes or {}),
    )
