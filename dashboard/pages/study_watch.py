"""Watching a study: `/studies/<slug>`."""

from __future__ import annotations

from typing import Any, get_args

import dash_bootstrap_components as dbc
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from flask import request
from flask_login import current_user

from dashboard.components import shell, watching
from dashboard.components import study_parts as parts
from dashboard.components.attributes import data
from dashboard.failures import describe
from dashboard.recording.ids import RequestError, new_id
from dashboard.services import workspace
from dashboard.studies import store
from dashboard.studies.base import text_in
from dashboard.studies.entering import check_entrance
from dashboard.studies.erasing import erase
from dashboard.studies.errors import EntryError
from dashboard.studies.judging import LONGEST_REASON, Judgement, judge
from dashboard.studies.watching import Watch, pulse, watch
from dashboard.studies.watching_people import people

SLUG, TICK, HEAD, BODY, SEEN, DONE = "watch-slug", "watch-tick", "watch-head", "watch-body", "watch-seen", "watch-done"
ACT, QUOTA, MESSAGE = "watch-act", "watch-quota", "watch-message"
DIALOG, TITLE, REASON, DECIDE, DECISION, DIALOG_MESSAGE = (
    "judge-dialog",
    "judge-title",
    "judge-reason",
    "judge-decide",
    "judge-decision",
    "judge-message",
)
PEOPLE, PAGE, REST = "watch-people", "watch-page", "watch-rest"
ERASE_OPEN, ERASE_DIALOG, CODE, ERASE, ERASE_MESSAGE = (
    "erase-open",
    "erase-dialog",
    "erase-code",
    "erase-decide",
    "erase-message",
)
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
            _participants(now),
            html.Div(_last(now), id=REST, className="watch-pair"),
            _dialog(),
            _erasing(),
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


def _participants(now: Watch) -> html.Section:
    withdraw = html.Button("Withdraw a participant", id=ERASE_OPEN, type="button", className="text-button accent")
    found = people(workspace(), now.record.slug)
    return html.Section(
        [
            dcc.Store(id=PAGE, data=1),
            html.Div([html.H3("Participants"), watching.finder(), withdraw], className="section-head"),
            html.Div(watching.people(found, now.record.quota), id=PEOPLE),
        ],
        className="card-plain",
    )


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


def _dialog() -> dbc.Modal:
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(id=TITLE)),
            dbc.ModalBody(
                [
                    dcc.Store(id=DECISION),
                    html.P("Nothing is deleted, and it can be taken back. The reason is kept in the data."),
                    html.Label("Reason", htmlFor=REASON, className="field-label"),
                    dbc.Textarea(id=REASON, rows=3, maxLength=LONGEST_REASON),
                    html.P(id=DIALOG_MESSAGE, className="message", role="alert"),
                ]
            ),
            dbc.ModalFooter(dbc.Button("Save", id=DECIDE, color="primary")),
        ],
        id=DIALOG,
        labelledby=TITLE,
        is_open=False,
        centered=True,
    )


def _erasing() -> dbc.Modal:
    words = (
        "All answers, drawings and sessions of the participant with this code are erased for good. That somebody "
        "withdrew stays in the data, and nothing else."
    )
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle("Withdraw a participant", id="erase-title")),
            dbc.ModalBody(
                [
                    html.P(words),
                    html.Label("Her withdrawal code", htmlFor=CODE, className="field-label"),
                    dbc.Input(id=CODE, autoComplete="off", maxLength=32),
                    html.P(id=ERASE_MESSAGE, className="message", role="alert"),
                ]
            ),
            dbc.ModalFooter(dbc.Button("Erase for good", id=ERASE, color="danger")),
        ],
        id=ERASE_DIALOG,
        labelledby="erase-title",
        is_open=False,
        centered=True,
    )


def register(app: Dash) -> None:
    """Adds the page's callbacks to ``app``."""
    _register_watching(app)
    _register_people(app)
    _register_erasing(app)
    _register_acts(app)
    _register_judging(app)


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


def _register_people(app: Dash) -> None:
    @app.callback(
        Output(PEOPLE, "children"),
        Output(PAGE, "data"),
        Input(SEEN, "data"),
        Input(watching.FIND, "value"),
        Input(watching.WHO, "value"),
        Input({"type": watching.TURN, "page": ALL}, "n_clicks"),
        State(PAGE, "data"),
        State(SLUG, "data"),
        prevent_initial_call=True,
    )
    def look_for(_seen: str, find: str | None, who: str | None, _clicks: list[int | None], page: int, slug: str) -> Any:
        asked = ctx.triggered_id
        if isinstance(asked, dict):
            if not ctx.triggered[0]["value"]:
                return no_update, no_update  # a button that has just come
            page = asked["page"]
        elif asked != SEEN:
            page = 1
        try:
            standing = "" if who in (None, watching.EVERYBODY) else str(who)
            found = people(workspace(), slug, find or "", standing, page)
            return watching.people(found, store.get(workspace(), slug).quota), found.number
        except Exception as error:
            return parts.message(describe(error)[0]), no_update


def _register_erasing(app: Dash) -> None:
    @app.callback(
        Output(ERASE_DIALOG, "is_open"),
        Output(CODE, "value"),
        Output(ERASE_MESSAGE, "children"),
        Input(ERASE_OPEN, "n_clicks"),
        prevent_initial_call=True,
    )
    def ask_code(_clicks: int) -> Any:
        return True, "", ""

    @app.callback(
        Output(ERASE_DIALOG, "is_open", allow_duplicate=True),
        Output(ERASE_MESSAGE, "children", allow_duplicate=True),
        Output(DONE, "data", allow_duplicate=True),
        Input(ERASE, "n_clicks"),
        State(CODE, "value"),
        State(SLUG, "data"),
        prevent_initial_call=True,
    )
    def erase_hers(_clicks: int, code: str | None, slug: str) -> Any:
        try:
            name = erase(workspace(), slug, code or "")
        except Exception as error:
            return no_update, describe(error)[0], no_update
        return False, "", {"id": new_id(), "said": f"{name} is withdrawn; what she gave is erased."}


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


def _register_judging(app: Dash) -> None:
    @app.callback(
        Output(DIALOG, "is_open"),
        Output(TITLE, "children"),
        Output(DECISION, "data"),
        Output(REASON, "value"),
        Output(DIALOG_MESSAGE, "children"),
        Output(DONE, "data", allow_duplicate=True),
        Input({"type": watching.JUDGE, "participant": ALL, "judgement": ALL, "name": ALL}, "n_clicks"),
        State(SLUG, "data"),
        prevent_initial_call=True,
    )
    def ask(_clicks: list[int | None], slug: str) -> Any:
        wanted = ctx.triggered_id
        if not isinstance(wanted, dict) or not ctx.triggered[0]["value"]:
            return (no_update,) * 6
        if wanted["judgement"] in ("flag", "exclude"):
            title = f"{'Flag' if wanted['judgement'] == 'flag' else 'Exclude'} {wanted['name']}"
            return True, title, wanted, "", "", no_update
        said = _decide(slug, wanted, "")
        return False, no_update, no_update, no_update, "", {"id": new_id(), "said": said}

    @app.callback(
        Output(DIALOG, "is_open", allow_duplicate=True),
        Output(DIALOG_MESSAGE, "children", allow_duplicate=True),
        Output(DONE, "data", allow_duplicate=True),
        Input(DECIDE, "n_clicks"),
        State(REASON, "value"),
        State(DECISION, "data"),
        State(SLUG, "data"),
        prevent_initial_call=True,
    )
    def decide(_clicks: int, reason: str | None, wanted: dict[str, str], slug: str) -> Any:
        said = _decide(slug, wanted, reason or "")
        return (no_update, said, no_update) if said else (False, "", {"id": new_id(), "said": ""})


def _decide(slug: str, wanted: dict[str, str], reason: str) -> str:
    """What went wrong, in a sentence; "" where the decision is kept."""
    try:
        if wanted["judgement"] not in get_args(Judgement):
            raise RequestError("There is no such decision.")
        name = str(getattr(current_user, "name", "") or "")
        judge(workspace(), slug, wanted["participant"], new_id(), wanted["judgement"], reason, name)  # type: ignore[arg-type]
    except Exception as error:
        return describe(error)[0]
    return ""
