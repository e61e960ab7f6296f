"""A study's results: `/studies/<slug>/results`."""

from __future__ import annotations

from functools import partial
from typing import Any

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from dashboard.components import shell, study_results
from dashboard.components import study_parts as parts
from dashboard.components.agreement import progress
from dashboard.components.export_dialog import export_button, export_dialog, report_button
from dashboard.components.figure_dialog import figure_button, figure_dialog
from dashboard.failures import describe
from dashboard.services import workspace
from dashboard.studies import store
from dashboard.studies.base import text_in
from dashboard.studies.results.leaving_out import leave_out
from dashboard.studies.results.report import results
from dashboard.studies.results.rows import read
from dashboard.studies.results.sections import Results
from dashboard.studies.results.working_out import Done, advance

SLUG, ASK, STATE, CONTENT, PROGRESS, UNFINISHED = (
    "results-slug",
    "results-ask",
    "results-state",
    "results-content",
    "results-progress",
    "results-unfinished",
)
# What is left to be worked out is worked on for so long at a time, as long as the page is open.
STEP_SECONDS = 0.6


def layout(slug: str = "", **_query: str) -> html.Div:
    """The head; the numbers follow."""
    try:
        record = store.get(workspace(), slug)
        title = text_in(record.design.title, "en", record.design.languages[0])
        body = [
            dcc.Store(id=SLUG, data=slug),
            dcc.Store(id=ASK),
            dcc.Store(id=STATE),
            html.Div(
                [
                    html.Div(
                        [html.H2(f"Results: {title}", className="page-title"), parts.pill(record.state)],
                        className="title-row",
                    ),
                    html.Div(
                        [
                            dbc.Switch(id=UNFINISHED, value=False, label="Count who has not finished, too"),
                            report_button(slug),
                            export_button(study=slug),
                            figure_button("study", slug),
                            html.A("Study", href=f"/studies/{slug}", className="btn btn-outline-secondary"),
                        ],
                        className="button-row",
                    ),
                ],
                className="study-head",
            ),
            html.Div(html.P("Reading the answers …", className="quiet"), id=PROGRESS, role="status"),
            html.Div(id=CONTENT, className="results-columns"),
            export_dialog(),
            figure_dialog(),
        ]
    except Exception as error:
        body = [parts.message(describe(error)[0]), html.A("All studies", href="/studies")]
    return html.Div(
        [shell.header("/studies"), html.Main(body, className="study-page"), shell.keys_dialog((("?", "This list"),))],
        className="page plain-page",
    )


def register(app: Dash) -> None:
    """Adds the page's callbacks to ``app``."""

    @app.callback(
        Output(CONTENT, "children"),
        Output(PROGRESS, "children"),
        Output(STATE, "data"),
        Input(ASK, "data"),
        State(STATE, "data"),
        prevent_initial_call=True,
    )
    def show(ask: dict[str, Any], shown: dict[str, Any] | None) -> Any:
        slug, unfinished = ask["slug"], bool(ask["unfinished"])
        state = {"token": ask["token"], "unfinished": unfinished}
        try:
            # What is known is there at once, and again when all of it is.
            if shown and shown["unfinished"] == unfinished:
                done = _go_on(slug, unfinished)
                if done.done < done.total:
                    return no_update, _working(done), state | {"pending": True}
            found = results(workspace(), slug, unfinished=unfinished)
        except Exception as error:
            return parts.message(describe(error)[0]), None, state | {"unfinished": None, "pending": False}
        done = Done(found.done, found.total)
        return _content(found), _working(done), state | {"pending": done.done < done.total}

    in_browser = partial(ClientsideFunction, "results")
    app.clientside_callback(  # type: ignore[no-untyped-call]
        in_browser("ask"), Output(ASK, "data"), Input(UNFINISHED, "value"), State(SLUG, "data")
    )
    app.clientside_callback(in_browser("shown"), Input(STATE, "data"), prevent_initial_call=True)  # type: ignore[no-untyped-call]


def _go_on(slug: str, unfinished: bool) -> Done:
    counted, _ = leave_out(read(workspace(), slug), unfinished=unfinished)
    return advance(workspace(), counted, STEP_SECONDS)


def _content(found: Results) -> list[Any]:
    problems = [html.P(problem, className="message") for problem in found.problems]
    return [
        study_results.contents(found),
        html.Div([*problems, *study_results.sections(found)], className="results-sections"),
    ]


def _working(done: Done) -> Any:
    if done.done >= done.total:
        return None
    what = "Marked regions are held against the model and against each other, and removed"
    return progress(f"{what}: {done.done} of {done.total}", done.done / done.total)
