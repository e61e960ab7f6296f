"""The compare page without anything to compare: how to begin, and what was kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from dashboard.components import comparison as parts
from dashboard.components.ids import STATUS
from dashboard.recording import comparisons
from dashboard.recording.comparison_url import address
from dashboard.recording.comparisons import Saved
from dashboard.recording.workspace import Workspace
from db import queries


def layout(workspace: Workspace) -> html.Main:
    """The list of kept comparisons, and a way in for whoever has none."""
    saved = comparisons.newest(workspace)
    example = _example(workspace)
    return html.Main(
        [
            html.Div([html.H2("Compare"), html.Span("ready", id=STATUS, role="status", className="visually-hidden")]),
            html.P(_how_to_begin(example), className="compare-begin"),
            html.H3("Saved comparisons") if saved else None,
            parts.saved_list([_entry(one) for one in saved]) if saved else None,
            html.P("No comparison has been saved yet.", className="quiet") if not saved else None,
        ],
        className="compare compare-start",
    )


def dialogs() -> list[dbc.Modal]:
    """Naming a comparison, and asking before one is deleted."""
    name = dbc.Input(id="comparison-name", maxLength=comparisons.LONGEST_NAME, placeholder="What does it show?")
    naming = dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle("Save this comparison", id="comparison-title")),
            dbc.ModalBody(
                [
                    html.Div([html.Label("Name", htmlFor="comparison-name"), name], className="field stacked"),
                    html.P(id="comparison-message", className="message", role="alert"),
                ]
            ),
            dbc.ModalFooter(dbc.Button("Save", id="comparison-save", color="primary")),
        ],
        id="comparison-dialog",
        labelledby="comparison-title",
        is_open=False,
        centered=True,
    )
    deleting = dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle("Delete this comparison?", id="delete-title")),
            dbc.ModalBody([html.P(id="delete-text"), html.P(id="delete-message", className="message", role="alert")]),
            dbc.ModalFooter(dbc.Button("Delete", id="comparison-delete", color="danger")),
        ],
        id="delete-dialog",
        labelledby="delete-title",
        is_open=False,
        centered=True,
    )
    return [naming, deleting]


def _how_to_begin(example: str | None) -> list[Any]:
    choose = ["Choose two to twelve rows in ", html.A("Sessions", href="/sessions"), " and press Compare. "]
    if example:
        return [*choose, html.A("Show me an example", href=example, id="compare-example"), " from what is recorded."]
    return [*choose, "Nothing is recorded yet: ", html.A("Explore", href="/"), " makes the first session."]


def _example(workspace: Workspace) -> str | None:
    """The newest sessions that hold edits, before and after."""
    with workspace.database.read() as transaction:
        newest = queries.sessions(transaction, queries.SessionFilter(limit=20))
    edited = [session for session in newest if session.head]
    if not edited:
        return None
    same = [session for session in edited if session.picture.id == edited[0].picture.id][:3]
    items = [f"image:{same[0].picture.id}", *(f"session:{session.id}" for session in same)]
    return address({"items": ",".join(items)})


def _entry(saved: Saved) -> parts.Entry:
    about = f"{len(saved.items)} items · saved {_day(saved.created_at)}"
    return parts.Entry(saved.id, saved.name, address({"comparison": saved.id}), about)


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"
