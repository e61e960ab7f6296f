"""What stands above the table: the two lists, search, choices, what is filtered, what is selected."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from dashboard.components import browse_ids as ids
from dashboard.components.attributes import aria, data
from dashboard.components.icon import icon

VIEWS = (("sessions", "Sessions"), ("edits", "Edits"))
FILTERS = (
    ("model", "Model"),
    ("class", "First answer"),
    ("method", "Operation"),
    ("study", "Study"),
    ("tag", "Tag"),
)
ANSWERS = (("", "Any outcome"), ("1", "Flipped"), ("0", "Same answer"))
ACTIONS = (
    ("compare", "layout-split", "Compare"),
    ("export", "download", "Export"),
    ("package", "box-seam", "Data package"),
    ("tag", "tag", "Tag"),
    ("rename", "pencil", "Rename"),
    ("archive", "archive", "Archive"),
    ("delete", "trash", "Delete"),
)


def find_bar() -> html.Div:
    """The two lists, the search field, the link to what is seen."""
    tabs = [
        html.A(label, href="/sessions" if view == "sessions" else f"/sessions?view={view}", **data(view=view))
        for view, label in VIEWS
    ]
    search = html.Div(
        [
            icon("search"),
            dbc.Input(
                id="browse-search",
                type="search",
                placeholder="Names, notes, labels, classes",
                autoComplete="off",
                maxLength=200,
            ),
        ],
        className="search",
        role="search",
        **data(name="Search names, notes, labels and classes (/)"),
    )
    copy = html.Button([icon("link-45deg"), "Copy link"], id="copy-link", type="button", className="text-button")
    return html.Div([html.Nav(tabs, className="view-tabs", **aria(label="Lists")), search, copy], className="find-bar")


def filter_bar() -> html.Div:
    """One menu a kind of choice, and what is active as chips that can be taken away."""
    menus = [_menu(name, label) for name, label in FILTERS]
    answers = html.Select(
        [html.Option(label, value=value) for value, label in ANSWERS],
        id=ids.FLIPPED,
        className="form-select filter-select",
        **aria(label="Outcome"),
    )
    archived = dbc.Switch(id=ids.ARCHIVED, label="Archived", value=False, className="filter-switch")
    return html.Div([*menus, answers, archived, _chips()], className="filter-bar", role="group", **aria(label="Filter"))


def _menu(name: str, label: str) -> html.Div:
    """A button and the list that it opens; the browser fills it with what occurs."""
    panel_id = f"menu-{name}"
    button = html.Button(
        [html.Span(label), html.Span(className="menu-count"), icon("chevron-down")],
        type="button",
        className="menu-button",
        **aria(expanded=False, controls=panel_id),
    )
    panel = html.Div(id=panel_id, className="menu-panel", hidden=True, role="group", **aria(label=label))
    return html.Div([button, panel], className="filter-menu", **data(menu=name))


def _chips() -> html.Div:
    """Filled by the browser: one button a filter, and one that clears them all."""
    return html.Div(id="filter-chips", className="chips", role="group", hidden=True, **aria(label="Active filters"))


def selection_bar() -> html.Div:
    """How many rows there are and are selected, and what can be done with them."""
    counted = html.Div(
        [
            html.Span(id="row-count", role="status"),
            html.Button(id="select-all", type="button", className="text-button accent", hidden=True),
            html.Button(
                html.Span(["Clear", html.Span(" selection", className="wide-only")]),
                id="select-none",
                type="button",
                className="text-button",
                hidden=True,
            ),
        ],
        className="row-count",
    )
    buttons = [_action(*action) for action in ACTIONS]
    tools = html.Div(buttons, className="row-actions", role="toolbar", **aria(label="With the selected rows"))
    return html.Div([counted, tools], className="selection-bar")


def _action(name: str, picture: str, label: str) -> Any:
    return html.Button(
        [icon(picture), html.Span([html.Span(label, className="action-name"), html.Span(className="wide-only")])],
        type="button",
        className="text-button action",
        disabled=True,
        id=f"rows-{name}",
        **data(action=name),
    )


def states() -> list[Any]:
    """What stands in the table's place: nothing recorded, nothing found, or it failed."""
    empty = html.Div(
        [
            html.H3("Nothing has been recorded yet"),
            html.P("Every region you paint over on the explore page is kept here, with the answers before and after."),
            html.Div(
                [
                    html.A("Open the explore page", href="/", className="btn btn-primary"),
                    html.Button(
                        "Record a small demo", id="record-demo", type="button", className="btn btn-outline-secondary"
                    ),
                ],
                className="button-row",
            ),
            html.P(id="demo-progress", className="quiet", role="status"),
        ],
        id="state-empty",
        className="table-state",
        hidden=True,
    )
    all_archived = html.Div(
        [
            html.H3("Everything here is archived"),
            html.P("Archived sessions are kept, but left out of this list."),
            html.Button("Show what is archived", id="show-archived", type="button", className="btn btn-primary"),
        ],
        id="state-archived",
        className="table-state",
        hidden=True,
    )
    unfound = html.Div(
        [
            html.H3("Nothing fits this filter"),
            html.P(id="unfound-text"),
            html.Button("Clear filter", type="button", className="btn btn-primary", **data(clear="all")),
        ],
        id="state-unfound",
        className="table-state",
        hidden=True,
    )
    failed = html.Div(
        [
            html.H3("The list could not be loaded"),
            html.P(id="failed-text"),
            html.Div(
                [
                    html.Button("Try again", id="load-again", type="button", className="btn btn-primary"),
                    html.Button(
                        "Clear filter", type="button", className="btn btn-outline-secondary", **data(clear="all")
                    ),
                ],
                className="button-row",
            ),
        ],
        id="state-failed",
        className="table-state",
        role="alert",
        hidden=True,
    )
    return [empty, all_archived, unfound, failed]
