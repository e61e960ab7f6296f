"""The people of a study that is watched: found, flagged, left out, and withdrawn."""

from __future__ import annotations

from typing import Any, get_args

import dash_bootstrap_components as dbc
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from flask_login import current_user

from dashboard.components import study_parts as parts
from dashboard.components import watching
from dashboard.components.watching import DONE, SEEN, SLUG
from dashboard.failures import describe
from dashboard.recording.ids import RequestError, new_id
from dashboard.services import workspace
from dashboard.studies import store
from dashboard.studies.erasing import erase
from dashboard.studies.judging import LONGEST_REASON, Judgement, judge
from dashboard.studies.watching import Watch
from dashboard.studies.watching_people import people

DIALOG, TITLE, REASON, DECIDE, DECISION, DIALOG_MESSAGE = (
    "judge-dialog",
    "judge-title",
    "judge-reason",
    "judge-decide",
    "judge-decision",
    "judge-message",
)
PEOPLE, PAGE = "watch-people", "watch-page"
ERASE_OPEN, ERASE_DIALOG, CODE, ERASE, ERASE_MESSAGE = (
    "erase-open",
    "erase-dialog",
    "erase-code",
    "erase-decide",
    "erase-message",
)


def section(now: Watch) -> html.Section:
    """Everybody who came, to be looked through."""
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


def dialogs() -> tuple[dbc.Modal, dbc.Modal]:
    """What asks before somebody is flagged, left out or withdrawn."""
    return _judging(), _erasing()


def _judging() -> dbc.Modal:
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
    """Adds the callbacks to ``app``."""
    _register_people(app)
    _register_erasing(app)
    _register_judging(app)


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
