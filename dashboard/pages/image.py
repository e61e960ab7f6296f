"""The page of one picture: `/images/<id>`."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from dashboard.components import picture_page as parts
from dashboard.components import picture_tools as tools
from dashboard.components import shell
from dashboard.components.agreement import failed, progress
from dashboard.components.attributes import data
from dashboard.components.controls import Choice, menu_option, model_select
from dashboard.components.figure_dialog import figure_button, figure_dialog
from dashboard.failures import describe
from dashboard.pages import explore_effects, picture_import
from dashboard.pages.explaining import missing_fillings, offer
from dashboard.pages.picture_import import class_options, import_classes
from dashboard.pages.picture_scene import content, curves_of, explore_address, region_options
from dashboard.recording import everybody
from dashboard.recording.curves import CurveQuestion, advance_curves
from dashboard.recording.everybody import PictureRegions
from dashboard.recording.ids import parse_id, parse_models
from dashboard.recording.maps import MapNotReadyError
from dashboard.services import workspace
from dashboard.vision.inpainting import METHODS
from db.records import Picture

KEYS = (("?", "This list"),)
SHOWN = (("people", "Everybody's regions"), ("both", "Consensus and the first model"), ("map", "The first model's map"))


def layout(image_id: str = "", **query: str) -> html.Div:
    """The picture's name and choices; the content follows."""
    try:
        found = everybody.regions_of(workspace(), parse_id(image_id, "picture"))
        body = _body(found, query.get("class"))
    except Exception as error:
        body = [failed(describe(error)[0]), html.A("All sessions", href="/sessions")]
    return html.Div(
        [
            shell.header("/images"),
            shell.trouble_banner(),
            html.Main(body, className="picture-page"),
            shell.keys_dialog(KEYS),
        ],
        className="page plain-page",
    )


def _body(found: PictureRegions, wanted: str | None) -> list[Any]:
    picture = found.picture
    return [
        dcc.Store(id=parts.ID, data=picture.id),
        dcc.Store(id=parts.ASK),
        dcc.Store(id=tools.IMPORTED),
        dcc.Store(id=tools.IMPORT_ASK),
        dcc.Store(id=parts.STATE),
        html.Div(
            [
                html.Div([html.H2(picture.name, className="page-title"), html.P(_about(picture), className="quiet")]),
                figure_button("image", picture.id),
            ],
            className="picture-head",
        ),
        _choices(found, wanted),
        html.Div(html.P("Reading what was marked …", className="quiet"), id=parts.CONTENT, className="picture-content"),
        tools.effect_section(_fillings()),
        tools.curves_section(_fillings()),
        tools.import_section(import_classes(found), wanted or picture.true_label or next(iter(found.classes), None)),
        figure_dialog(),
    ]


def _fillings() -> list[dict[str, Any]]:
    """The ways to remove a region; those that cannot be used here say why."""
    missing = missing_fillings(workspace())
    return [menu_option(m.key, m.label, missing.get(m.key)) for m in METHODS if m.group == "remove"]


def _about(picture: Picture) -> list[Any]:
    known = [f"{picture.width} × {picture.height} px, set {picture.image_set}"]
    known += [f"label: {picture.true_label}"] if picture.true_label else []
    known += [picture.licence] if picture.licence else []
    sessions = "/sessions?" + urlencode({"q": picture.name})
    links = [html.A("Mark or edit it", href=explore_address(picture)), " · ", html.A("Its sessions", href=sessions)]
    return [" · ".join(known), " · ", *links]


def _choices(found: PictureRegions, wanted: str | None) -> html.Div:
    catalogue = workspace().catalogue
    models = [Choice(m.key, m.label, m.explanation, m.unavailable) for m in catalogue.entries()]
    classes = class_options(found)
    value = wanted if wanted in found.classes else found.classes[0] if found.classes else None
    maps = offer(workspace(), catalogue.default_key, None)
    shown = [{"value": key, "label": label} for key, label in SHOWN]
    return html.Div(
        [
            _field(
                "Class",
                dbc.Select(
                    id=parts.CLASS,
                    options=classes,
                    value=value,
                    disabled=not classes,
                    placeholder="Nothing marked",
                ),
                parts.CLASS,
            ),
            html.Div(
                [
                    html.Span("Models", className="field-label"),
                    model_select(models, catalogue.default_key, parts.MODELS),
                ],
                className="field stacked",
                **data(name="Models"),
            ),
            _field("Map", dbc.Select(id=parts.METHOD, options=maps.options, value=maps.value), parts.METHOD),
            _field("Show", dbc.Select(id=parts.SHOWN, options=shown, value="people"), parts.SHOWN),
            html.Div(maps.why, id=parts.METHOD_MISSING),
        ],
        className="picture-choices",
    )


def _field(label: str, field: Any, field_id: str) -> html.Div:
    return html.Div([html.Label(label, htmlFor=field_id), field], className="field stacked")


def register(app: Dash) -> None:
    """Adds the page's callbacks to ``app``."""
    _register_content(app)
    _register_curves(app)
    explore_effects.register(app, tools.EFFECT, tools.EFFECT_ASK, tools.EFFECT_STATE)
    picture_import.register(app)
    _register_browser(app)


def _register_content(app: Dash) -> None:
    @app.callback(
        Output(parts.CONTENT, "children"),
        Output(parts.STATE, "data"),
        Output(tools.EFFECT_REGION, "options"),
        Output(tools.EFFECT_REGION, "value"),
        Output(tools.EFFECT_REGION, "disabled"),
        Output(tools.EFFECT_FIND_OUT, "disabled"),
        Input(parts.ASK, "data"),
        State(tools.EFFECT_REGION, "value"),
        prevent_initial_call=True,
    )
    def show(ask: dict[str, Any], region: str | None) -> Any:
        try:
            found = everybody.regions_of(workspace(), parse_id(ask["image"], "picture"))
            class_name, models = ask["class"] or "", parse_models(ask["models"])
            shown = content(found, class_name, models, ask["method"], ask["shown"])
            return shown, _state(ask), *_regions(found, class_name, region)
        except MapNotReadyError as unfinished:
            return _working(unfinished), _state(ask, pending=True), *[no_update] * 4
        except Exception as error:
            return failed(describe(error)[0]), _state(ask), *[no_update] * 4

    @app.callback(
        Output(parts.METHOD, "options"),
        Output(parts.METHOD, "value"),
        Output(parts.METHOD_MISSING, "children"),
        Input(parts.MODELS, "value"),
        State(parts.METHOD, "value"),
    )
    def offer_maps(model_keys: list[str] | None, method: str) -> Any:
        found = offer(workspace(), model_keys[0] if model_keys else workspace().catalogue.default_key, method)
        return found.options, no_update if found.value == method else found.value, found.why


def _regions(found: PictureRegions, class_name: str, region: str | None) -> Any:
    """Of whose region it can be asked whether it matters: options, value, and whether there is none."""
    options = region_options(found.of_class(class_name))
    ids = [option["value"] for option in options]
    kept = region if region in ids else next(iter(ids), None)
    return options, kept, not ids, not ids


def _state(ask: dict[str, Any], *, pending: bool = False) -> dict[str, Any]:
    """Never twice the same, as the token is not: a store that is given what it holds tells nobody."""
    return {"token": ask.get("token"), "pending": pending}


def _working(unfinished: MapNotReadyError) -> Any:
    return progress(unfinished.label, unfinished.steps / unfinished.total)


def _register_curves(app: Dash) -> None:
    @app.callback(
        Output(tools.CURVES, "children"),
        Output(tools.CURVES_STATE, "data"),
        Input(tools.CURVES_QUESTION, "data"),
        prevent_initial_call=True,
    )
    def draw(ask: dict[str, Any]) -> Any:
        if not ask.get("image"):
            return None, _state(ask)
        try:
            found = everybody.regions_of(workspace(), parse_id(ask["image"], "picture"))
            models = parse_models(ask["models"])
            question = CurveQuestion(ask["class"] or "", models[0], ask["method"], ask["filling"])
            curves = advance_curves(workspace(), found, question)
            return curves_of(curves), _state(ask, pending=not curves.is_finished)
        except MapNotReadyError as unfinished:
            return _working(unfinished), _state(ask, pending=True)
        except Exception as error:
            return failed(describe(error)[0]), _state(ask)


def _register_browser(app: Dash) -> None:
    def in_browser(function: str, *arguments: Any, initially: bool = False) -> None:
        target = ClientsideFunction("picture", function)
        app.clientside_callback(target, *arguments, prevent_initial_call=not initially)  # type: ignore[no-untyped-call]

    in_browser(
        "choose",
        Output(parts.ASK, "data"),
        Input(parts.CLASS, "value"),
        Input(parts.MODELS, "value"),
        Input(parts.METHOD, "value"),
        Input(parts.SHOWN, "value"),
        Input(tools.IMPORTED, "data"),
        State(parts.ID, "data"),
        initially=True,
    )
    in_browser("shown", Input(parts.STATE, "data"))
    removed = ((tools.EFFECT_REGION, "value"), (tools.EFFECT_FILLING, "value"), (tools.EFFECT_ALL, "value"))
    in_browser("findOut", Input(tools.EFFECT_FIND_OUT, "n_clicks"), *[State(*one) for one in removed])
    in_browser("forgetEffect", *[Input(*one) for one in removed])
    in_browser("affected", Input(tools.EFFECT_STATE, "data"))
    in_browser("drawCurves", Input(tools.CURVES_ASK, "n_clicks"), State(tools.CURVES_FILLING, "value"))
    in_browser("forgetCurves", Input(tools.CURVES_FILLING, "value"))
    in_browser("drawn", Input(tools.CURVES_STATE, "data"))
    in_browser(
        "take",
        Output(tools.IMPORT_ASK, "data"),
        Input(tools.IMPORT, "contents"),
        State(tools.IMPORT, "filename"),
        State(tools.IMPORT_AUTHOR, "value"),
        State(tools.IMPORT_CLASS, "value"),
    )
