"""A study's results: `/studies/<slug>/results`."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update

from dashboard.components import shell, study_results
from dashboard.components import study_parts as parts
from dashboard.components.attributes import aria
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

SLUG, CONTENT, PROGRESS, TICK, UNFINISHED, STOP = (
    "results-slug",
    "results-content",
    "results-progress",
    "results-tick",
    "results-unfinished",
    "results-stop",
)
# What is left to be worked out is worked on for so long, so often, as long as the page is open.
STEP_SECONDS, EVERY_MS = 0.6, 1_000


def layout(slug: str = "", **_query: str) -> html.Div:
    """The head; the numbers follow."""
    try:
        record = store.get(workspace(), slug)
        title = text_in(record.design.title, "en", record.design.languages[0])
        body = [
            dcc.Store(id=SLUG, data=slug),
            dcc.Interval(id=TICK, interval=EVERY_MS, disabled=True),
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
            html.Div(id=PROGRESS, role="status"),
            dcc.Loading(html.Div(id=CONTENT, className="results-columns"), type="dot", delay_show=400),
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
        Output(TICK, "disabled"),
        Input(UNFINISHED, "value"),
        Input(TICK, "n_intervals"),
        State(SLUG, "data"),
    )
    def show(unfinished: bool, _ticks: int | None, slug: str) -> Any:
        try:
            if ctx.triggered_id == TICK:
                done = _go_on(slug, unfinished)
                if done.done < done.total:
                    return no_update, _working(done.done, done.total), no_update
            found = results(workspace(), slug, unfinished=unfinished)
        except Exception as error:
            return parts.message(describe(error)[0]), None, True
        return _content(found), _working(found.done, found.total), found.done >= found.total

    @app.callback(
        Output(TICK, "disabled", allow_duplicate=True),
        Output(PROGRESS, "children", allow_duplicate=True),
        Input(STOP, "n_clicks"),
        prevent_initial_call=True,
    )
    def stop(clicks: int | None) -> Any:
        if not clicks:
            return no_update, no_update
        return True, html.P("Stopped; what was worked out is kept. Load the page again to go on.", className="quiet")


def _go_on(slug: str, unfinished: bool) -> Done:
    counted, _ = leave_out(read(workspace(), slug), unfinished=unfinished)
    return advance(workspace(), counted, STEP_SECONDS)


def _content(found: Results) -> list[Any]:
    problems = [html.P(problem, className="message") for problem in found.problems]
    return [
        study_results.contents(found),
        html.Div([*problems, *study_results.sections(found)], className="results-sections"),
    ]


def _working(done: int, total: int) -> Any:
    if done >= total:
        return None
    label = f"Marked regions are held against the model and against each other, and removed: {done} of {total}"
    return html.Div(
        [
            html.Span(label),
            html.Progress(value=str(done), max=str(total), **aria(label=label)),
            html.Button("Stop", id=STOP, type="button", className="btn btn-outline-secondary"),
        ],
        className="results-working",
    )
