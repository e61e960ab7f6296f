"""Watching a study: `/studies/<slug>`."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from flask import request

from dashboard.components import shell, watching
from dashboard.components import study_parts as parts
from dashboard.components.attributes import data
from dashboard.components.watching import DONE, SEEN, SLUG
from dashboard.failures import describe
from dashboard.pages import study_people
from dashboard.recording.ids import RequestError, new_id
from dashboard.services import workspace
from dashboard.studies import store
from dashboard.studies.base import text_in
from dashboard.studies.entering import check_entrance
from dashboard.studies.errors import EntryError
from dashboard.studies.watching import Watch, pulse, watch

TICK, HEAD, BODY, REST = "watch-tick", "watch-head", "watch-body", "watch-rest"
ACT, QUOTA, MESSAGE = "watch-act", "watch-quota", "watch-message"
EVERY_MS = 4_000
_ACTS = {"open": store.open_study, "pause": store.pause, "close": store.close}
_WORDS = {"open": "Open", "pause": "Pause", "close": "Close"}
_OFFERED = {"draft": ("open",), "open": ("pause", "close"), "paused": ("open", "close"), "closed": ("open",)}


def layout(slug: str = "", **_query: str) -> html.Div:
    """How the study stands now; from then on the page asks again every few seconds."""
    try:
        beat = pulse(workspace(), slug)
        now = watch(workspace(), slug)
        body = [
            dcc.Store(id=SLUG, data=slug),
            dcc.Store(id=SEEN, data=beat),
            dcc.Store(id=DONE),
            dcc.Interval(id=TICK, interval=EVERY_MS),
            html.Div(_head(now), id=HEAD),
            html.P(id=MESSAGE, className="message", role="alert"),
            # Apart from what is drawn anew while the study fills, so that nobody's typing is overwritten.
            _quota(now),
            html.Div(_standings(now), id=BODY),
            study_people.section(now),
            html.Div(_last(now), id=REST, className="watch-pair"),
            *study_people.dialogs(),
        ]
    except Exception as error:
        body = [parts.message(describe(error)[0]), html.A("All studies", href="/studies")]
    return html.Div(
        [shell.header("/studies"), html.Main(body, className="study-page"), shell.keys_dialog((("?", "This list"),))],
        className="page plain-page",
    )


def _head(now: Watch) -> list[Any]:
    record = now.record
    title = text_in(record.design.title, "en", record.design.languages[0])
    return [
        html.Div(
            [
                html.Div([html.H2(title, className="page-title"), parts.pill(record.state)], className="title-row"),
                html.Div(
                    [
                        html.A("Design", href=f"/studies/{record.slug}/design", className="btn btn-outline-secondary"),
                        html.A(
                            "Results", href=f"/studies/{record.slug}/results", className="btn btn-outline-secondary"
                        ),
                        *[_act(name) for name in _OFFERED[record.state]],
                    ],
                    className="button-row",
                ),
            ],
            className="study-head",
        ),
        _link(now),
    ]


def _act(name: str) -> html.Button:
    style = "btn btn-primary" if name == "open" else "btn btn-outline-secondary"
    return html.Button(_WORDS[name], id={"type": ACT, "act": name}, type="button", className=style)


def _link(now: Watch) -> html.Div:
    address = f"{request.host_url.rstrip('/')}/s/{now.record.slug}"
    recruiters = "?PROLIFIC_PID={{%PROLIFIC_PID%}}&STUDY_ID={{%STUDY_ID%}}&SESSION_ID={{%SESSION_ID%}}"
    return html.Div(
        [
            html.Code(address),
            _copy("Copy the link", address),
            _copy("Copy it for Prolific", address + recruiters),
            html.A("Test the link", href=address, target="_blank"),
            html.A("Preview as participant", href=f"/s/{now.record.slug}?preview=1", target="_blank"),
            html.Span(_entrance(now), className="quiet"),
        ],
        className="study-link",
    )


def _copy(label: str, text: str) -> html.Button:
    return html.Button(label, type="button", className="text-button accent", **data(copy=text))


def _entrance(now: Watch) -> str:
    """What somebody who opens the link meets."""
    try:
        check_entrance(workspace(), now.record.slug)
    except EntryError as error:
        return f"Nobody can begin now: {error}"
    return "Participants can begin now."


def _standings(now: Watch) -> html.Section:
    return watching.standings(now.conditions, now.total, now.record.quota, now.previews)


def _last(now: Watch) -> list[Any]:
    return [watching.times(now.times), watching.answers(now.answers)]


def _quota(now: Watch) -> html.Div:
    field = dbc.Input(id=QUOTA, type="number", value=now.record.quota, min=1, max=store.LARGEST_QUOTA, step=1)
    button = html.Button(
        "Change", id={"type": ACT, "act": "quota"}, type="button", className="btn btn-outline-secondary"
    )
    hint = "Excluded participants keep their place: raise the quota to replace them."
    return html.Div(
        [html.Label("Participants wanted", htmlFor=QUOTA), field, button, html.Span(hint, className="quiet small")],
        className="quota-row",
    )


def register(app: Dash) -> None:
    """Adds the page's callbacks to ``app``."""
    _register_watching(app)
    _register_acts(app)
    study_people.register(app)


def _register_watching(app: Dash) -> None:
    @app.callback(
        Output(HEAD, "children"),
        Output(BODY, "children"),
        Output(REST, "children"),
        Output(SEEN, "data"),
        Output(MESSAGE, "children"),
        Input(TICK, "n_intervals"),
        Input(DONE, "data"),
        State(SLUG, "data"),
        State(SEEN, "data"),
        prevent_initial_call=True,
    )
    def look(_ticks: int, done: dict[str, Any] | None, slug: str, seen: str) -> Any:
        said = (done or {}).get("said", "") if ctx.triggered_id == DONE else no_update
        try:
            beat = pulse(workspace(), slug)
            if beat == seen:
                return no_update, no_update, no_update, no_update, said
            now = watch(workspace(), slug)
        except Exception as error:
            return no_update, no_update, no_update, no_update, describe(error)[0]
        return _head(now), _standings(now), _last(now), beat, said


def _register_acts(app: Dash) -> None:
    @app.callback(
        Output(DONE, "data"),
        Input({"type": ACT, "act": ALL}, "n_clicks"),
        State(QUOTA, "value"),
        State(SLUG, "data"),
        prevent_initial_call=True,
    )
    def act(_clicks: list[int | None], quota: Any, slug: str) -> Any:
        if not ctx.triggered[0]["value"] or not isinstance(ctx.triggered_id, dict):
            return no_update
        name = ctx.triggered_id["act"]
        try:
            if name == "quota":
                store.extend(workspace(), slug, _whole(quota))
            else:
                _ACTS[name](workspace(), slug)
        except Exception as error:
            return {"id": new_id(), "said": describe(error)[0]}
        return {"id": new_id(), "said": ""}


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise RequestError("The quota must be a whole number.")
    return int(value)
