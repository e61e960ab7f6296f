"""The participants' application: one page that shows the step where somebody is, and one question to the server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl

from dash import ClientsideFunction, Dash, Input, Output, dcc, html, no_update
from flask import Flask, Response, request

from dashboard.access import is_researcher_here
from dashboard.components import ids
from dashboard.components.attributes import aria, data
from dashboard.components.canvas import BLANK, GRAPH_CONFIG
from dashboard.failures import describe
from dashboard.participants import api, cookies, limits, shown, steps
from dashboard.participants.endings import later, notice
from dashboard.services import workspace
from dashboard.studies.design import Design
from dashboard.studies.entering import EXTERNAL, NOT_ACCEPTED, check_open
from dashboard.studies.errors import EntryError
from dashboard.studies.keys import keys_of
from dashboard.studies.place import Place, place_of
from dashboard.studies.preparing import prepare
from dashboard.studies.telling import in_language
from dashboard.studies.timing import seconds_left
from dashboard.studies.wording import FALLBACK, TEXTS, say
from db import participants

PREFIX = "/s/"
_SCRIPTS = (
    "explore/10-sitting.js",
    "explore/40-canvas.js",
    "explore/50-region.js",
    "participant/10-outbox.js",
    "participant/20-drawing.js",
    "participant/30-answers.js",
    "participant/35-half-filled.js",
    "participant/40-way.js",
)
_STYLES = ("/vendor/bootstrap.min.css", "/assets/regionscope.css", "/assets/participant/participant.css")
_DRAWING = ("mark", "erase", "explore")
_IN_BROWSER = (
    "lost",
    "no_answer",
    "server_refused",
    "page_failed",
    "no_picture",
    "nothing_to_rub_out",
    "too_much",
    "marked",
    "larger_window",
    "picture_label",
    "keyboard",
    "offline",
    "offline_removing",
    "waits",
    "saving",
    "saved",
    "refused",
    "required",
    "not_number",
    "nothing_marked",
    "seconds_left",
    "minutes_left",
    "time_over",
    "loading",
)


def create_participants_app(server: Flask, index: str, assets: Path) -> Dash:
    """The application under ``/s/`` on the same server; it knows no page and no callback of the researchers'."""
    limits.attach(server)
    server.register_blueprint(api.blueprint)
    app = Dash(
        "regionscope-participants",
        server=server,  # type: ignore[arg-type]  # Dash's annotation forgets that it takes a Flask
        title="Regionscope",
        update_title="",
        routes_pathname_prefix=PREFIX,
        requests_pathname_prefix=PREFIX,
        include_assets_files=False,
        external_scripts=[_versioned(assets, name) for name in _SCRIPTS],
        external_stylesheets=list(_STYLES),
        index_string=index,
        serve_locally=True,
        suppress_callback_exceptions=True,
        add_log_handler=False,
    )
    app.layout = _layout
    _register(app)
    server.after_request(_give_visitor)
    return app


def _versioned(assets: Path, name: str) -> str:
    return f"/assets/{name}?m={int((assets / name).stat().st_mtime)}"


def _give_visitor(response: Response) -> Response:
    if request.endpoint in (PREFIX, f"{PREFIX}<path:path>"):
        cookies.give_visitor(response)
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _layout() -> html.Div:
    graph = dcc.Graph(
        id=ids.MODIFIED_CANVAS, figure=BLANK, config=cast(Any, GRAPH_CONFIG), responsive=True, className="canvas-graph"
    )
    canvas = html.Div(
        graph,
        className="canvas",
        id="modified-canvas-box",
        tabIndex=0,
        role="application",
        **aria(describedby="keyboard-help"),
    )
    drawing = html.Div(
        [
            html.Div(id="tools", className="draw-tools"),
            html.Div(canvas, className="canvas-place"),
            html.P(id="keyboard-help", className="quiet keyboard-help"),
            html.Div(id="says", className="says", **aria(live="polite")),
            html.Div(id="way-after"),
        ],
        id="drawing",
        hidden=True,
    )
    return html.Div(
        [
            *[dcc.Store(id=name) for name in ("way-ask", "way-scene", ids.SOURCES, ids.ZOOM, ids.PENDING)],
            dcc.Store(id=ids.TOOL, data="brush"),
            dcc.Store(id=ids.BRUSH_SIZE, data=36),
            html.Div(id="trouble", className="trouble", role="alert", hidden=True),
            html.Main(
                [html.Div(id="way", className="way"), drawing, html.Div(id="later", className="later")],
                className="participant",
            ),
            html.Div(
                [html.Span(id="saved", **aria(live="polite")), html.Span("busy: opening", id="status", hidden=True)],
                className="way-foot",
            ),
            html.Div(id="brush-circle", className="brush-circle", **aria(hidden="true")),
        ],
        id="participant-page",
        className="participant-page",
        # The scripts have something to say before the server has answered for the first time.
        **data(words=json.dumps({language: _words(language) for language in TEXTS})),
    )


def _register(app: Dash) -> None:
    @app.callback(
        Output("way", "children"),
        Output("tools", "children"),
        Output("way-after", "children"),
        Output("later", "children"),
        Output("way-scene", "data"),
        Input("way-ask", "data"),
        prevent_initial_call=True,
    )
    def show(ask: Any) -> Any:
        ask = ask if isinstance(ask, dict) else {}
        try:
            return _answer(ask)
        except Exception as error:
            sentence, _ = describe(error)
            told = in_language(sentence, str(ask.get("language", "")))
            return *[no_update] * 4, {"failed": told, "token": ask.get("token")}

    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("participant", "arrive"), Input("way-scene", "data"), prevent_initial_call=True
    )
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("participant", "draw"),
        Output(ids.MODIFIED_CANVAS, "figure"),
        Input(ids.SOURCES, "data"),
        Input(ids.ZOOM, "data"),
        Input(ids.TOOL, "data"),
        Input(ids.BRUSH_SIZE, "data"),
        Input(ids.PENDING, "data"),
        prevent_initial_call=True,
    )


def _answer(ask: dict[str, Any]) -> tuple[Any, ...]:
    slug, token = str(ask.get("slug", "")), ask.get("token")
    query = dict(parse_qsl(str(ask.get("search", "")).removeprefix("?")))
    here = _place(slug, query)
    if here is None:
        children, language = _entrance(slug, query, str(ask.get("language", "")))
        return children, [], [], [], {"token": token, "step": None, "language": language}
    step = here.step
    if step is not None and here.trial is not None:
        prepare(workspace(), here, here.trial)
        here = _again(here)
    scene = _scene(here) | {"token": token}
    if step is not None and ask.get("have") == step.key:
        return *[no_update] * 4, scene
    drawing = "image" in scene
    tools, after = (steps.tools(here), steps.after(here)) if drawing else ([], [])
    return steps.page(here), tools, after, later(here, scene["link"]), scene


def _place(slug: str, query: dict[str, str]) -> Place | None:
    """Where whoever asks is; None for somebody who has not begun, or who may begin anew."""
    participant = cookies.held_here(slug, "preview" in query)
    if participant is None:
        return None
    with workspace().database.read() as transaction:
        row = participants.participant_row(transaction, participant)
        place, external_id, tries = place_of(transaction, row), row.external_id, row.try_number
    asked_for = next((query[name] for name in EXTERNAL if query.get(name)), None)
    if asked_for is not None and external_id is not None and asked_for != external_id:
        return None
    if query.get("p") == participant:
        return place
    may_try_again = place.state != participants.STARTED and tries < place.design.tries
    comes_anew = "p" in query or place.preview or place.design.fresh_start or may_try_again
    return None if comes_anew else place


def _again(here: Place) -> Place:
    with workspace().database.read() as transaction:
        return place_of(transaction, participants.participant_row(transaction, here.participant))


def _entrance(slug: str, query: dict[str, str], browser_language: str) -> tuple[list[Any], str]:
    with workspace().database.read() as transaction:
        study = participants.find_study(transaction, slug)
        version = participants.newest_version(transaction, study) if study else None
    if study is None or version is None:
        language = browser_language[:2] if browser_language[:2] in TEXTS else FALLBACK
        return notice(say(language, "not_found")), language
    design = Design.model_validate(version.design)
    language = _language(design, query.get("lang") or browser_language[:2])
    preview = "preview" in query and is_researcher_here()
    message = say(language, "accept_first") if query.get("assignmentId") == NOT_ACCEPTED else ""
    if not preview and not message:
        try:
            check_open(study, design)
        except EntryError as error:
            message = say(language, error.reason, **error.values)
    return steps.welcome(design, language, preview, message), language


def _language(design: Design, wished: str) -> str:
    return wished if wished in design.languages else design.languages[0]


def _scene(here: Place) -> dict[str, Any]:
    step, trial = here.step, here.trial
    scene: dict[str, Any] = {
        "step": step.key if step else None,
        "kind": step.kind if step else None,
        "participant": here.participant,
        "state": here.state,
        "fresh": here.design.fresh_start,
        "language": here.language,
        "link": f"{PREFIX}{here.slug}/resume/{keys_of(workspace().settings.data_dir).token(here.participant)}",
    }
    if step is None or trial is None or step.kind != "trial":
        return scene
    kind = trial.plan["kind"]
    with workspace().database.read() as transaction:
        left = seconds_left(transaction, trial)
    scene |= {"trial": trial.id, "trialKind": kind, "seconds": left, "canvas": here.design.devices.canvas_px}
    return scene | shown.drawn(here, trial) if kind in _DRAWING else scene


def _words(language: str) -> dict[str, str]:
    """The sentences that the scripts say, with ``$name`` where something is to be put in."""
    texts = TEXTS.get(language, TEXTS[FALLBACK])
    return {key: texts[key] for key in _IN_BROWSER}
