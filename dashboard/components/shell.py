"""What surrounds every page: the header, the banner for trouble, the list of keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from flask_login import current_user

from dashboard.components.attributes import aria
from dashboard.components.icon import icon

PAGES = (("Explore", "/"), ("Sessions", "/sessions"), ("Compare", "/compare"), ("Studies", "/studies"))
EXPLORE_KEYS = (
    ("B", "Brush"),
    ("E", "Eraser"),
    ("P", "Lasso"),
    ("R", "Rectangle"),
    ("O", "Ellipse"),
    ("H", "Move the picture"),
    ("[ ]", "Smaller, larger brush"),
    ("+ − 0", "Zoom in, out, whole picture"),
    ("M", "Edit, or mark what matters"),
    ("C", "Hold to see the original in place"),
    ("Enter", "Apply or save what is collected"),
    ("Esc", "Drop what is being drawn"),
    ("Ctrl/⌘ Z", "Undo"),
    ("Ctrl/⌘ Shift Z", "Redo"),
    ("?", "This list"),
)


def header(here: str, actions: Sequence[Any] = ()) -> html.Header:
    """The application's name, its pages (``here`` is the present one's path), and what is always at hand."""
    nav = html.Nav(
        [html.A(label, href=path, **aria(current="page" if path == here else None)) for label, path in PAGES],
        **aria(label="Pages"),
    )
    return html.Header(
        [
            html.H1(html.A("Regionscope", href="/"), className="brand"),
            nav,
            html.Div(
                [
                    *actions,
                    html.Span("", id="saved", className="saved"),
                    _round("theme", "moon-stars", "Light or dark"),
                    _round("keys", "question-lg", "Keys (?)"),
                    *_sign_out(),
                ],
                className="header-actions",
            ),
        ],
        className="page-header",
    )


def _sign_out() -> list[html.Form]:
    """Nothing where nobody needs to sign in; a plain form, so that it works whatever became of the page's scripts."""
    name = getattr(current_user, "name", None)
    if name is None:
        return []
    button = html.Button(
        icon("box-arrow-right"), type="submit", className="tool-button", title="Sign out", **aria(label="Sign out")
    )
    who = html.Span(name, className="who wide-only", title=f"Signed in as {name}")
    return [html.Form([who, button], action="/sign-out", method="post", className="sign-out")]


def _round(element_id: str, picture: str, label: str) -> html.Button:
    return html.Button(
        icon(picture), id=element_id, type="button", className="tool-button", title=label, **aria(label=label)
    )


def trouble_banner() -> html.Div:
    """Impossible to miss, empty while all is well."""
    return html.Div(
        [
            html.Span(id="trouble-text"),
            html.Div(
                [
                    dbc.Button("Try again", id="try-again", color="light", size="sm"),
                    dbc.Button("Give this step up", id="discard", color="light", outline=True, size="sm"),
                ],
                id="trouble-actions",
                className="button-row",
            ),
        ],
        id="trouble",
        className="trouble",
        role="alert",
        hidden=True,
    )


def keys_dialog(keys: Sequence[tuple[str, str]]) -> dbc.Modal:
    """All keys of a page at a glance: (key, what it does)."""
    rows = [html.Div([html.Dt(html.Kbd(key)), html.Dd(what)]) for key, what in keys]
    return dbc.Modal(
        [dbc.ModalHeader(dbc.ModalTitle("Keys", id="keys-title")), dbc.ModalBody(html.Dl(rows, className="keys"))],
        id="keys-dialog",
        labelledby="keys-title",
        is_open=False,
        size="lg",
        centered=True,
    )


def session_dialog() -> dbc.Modal:
    """Name, person and notes of the session."""
    fields = [
        _field(
            "Name",
            dbc.Input(id="session-name", maxLength=200, placeholder="What is this session about?"),
            "session-name",
        ),
        _field(
            "Person", dbc.Input(id="session-person", maxLength=200, placeholder="A pseudonym, if any"), "session-person"
        ),
        _field("Notes", dbc.Textarea(id="session-notes", maxLength=20_000, rows=5), "session-notes"),
        html.P(id="session-message", className="message", role="alert"),
    ]
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle("Session", id="session-title")),
            dbc.ModalBody(fields),
            dbc.ModalFooter(dbc.Button("Save", id="session-save", color="primary")),
        ],
        id="session-dialog",
        labelledby="session-title",
        is_open=False,
        centered=True,
    )


def _field(label: str, field: Any, field_id: str) -> html.Div:
    return html.Div([html.Label(label, htmlFor=field_id), field], className="field stacked")
