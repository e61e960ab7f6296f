"""The dialogs of the browse page: tag, rename, delete. Their words about the selection are the browser's."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from dashboard.components.attributes import aria

KEYS = (
    ("/", "Search"),
    ("↑ ↓ ← →", "Move through the table"),
    ("Space", "Select the row"),
    ("Shift Space", "Select all rows from the last one to here"),
    ("Enter", "Open the row; on a heading, sort"),
    ("Ctrl/⌘ Enter", "Open the row in a new tab; on a heading, its filter"),
    ("Esc", "Clear the selection"),
    ("?", "This list"),
)


def dialogs() -> list[Any]:
    """All of them, closed."""
    return [_tag(), _rename(), _delete()]


def _tag() -> html.Dialog:
    return _dialog(
        "tag",
        "Tag",
        [
            html.Label("Add", htmlFor="tag-add"),
            _input("tag-add", "tag, another tag", 2000),
            html.Div(id="tag-offers", className="chips", role="group", **aria(label="Tags there are; press to add")),
            html.Div(
                [
                    html.Span("Remove", className="field-label"),
                    html.Div(id="tag-removals", className="chips", role="group", **aria(label="Press to remove")),
                ],
                id="tag-removal-part",
            ),
        ],
        "Save tags",
    )


def _input(element_id: str, placeholder: str, most: int) -> Any:
    return dbc.Input(id=element_id, type="text", placeholder=placeholder, autoComplete="off", maxLength=most)


def _rename() -> html.Dialog:
    field = [html.Label("Name", htmlFor="rename-name"), _input("rename-name", "", 192)]
    return _dialog("rename", "Rename", field, "Rename")


def _delete() -> html.Dialog:
    return _dialog("delete", "Delete for good?", [], "Delete", "btn btn-danger")


def _dialog(name: str, title: str, fields: list[Any], act: str, style: str = "btn btn-primary") -> html.Dialog:
    return html.Dialog(
        [
            html.H2(title, id=f"{name}-title"),
            html.P(id=f"{name}-about", className="dialog-about"),
            *fields,
            html.P(id=f"{name}-message", className="message", role="alert"),
            html.Div(
                [
                    html.Button("Cancel", type="button", className="btn btn-outline-secondary dialog-cancel"),
                    html.Button(act, id=f"{name}-act", type="button", className=style),
                ],
                className="button-row dialog-buttons",
            ),
        ],
        id=f"{name}-dialog",
        className="dialog",
        **aria(labelledby=f"{name}-title", describedby=f"{name}-about"),
    )
