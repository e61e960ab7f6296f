"""The explore page: paint over a region, see the answers change."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from dashboard.components import controls, ids, marking, shell
from dashboard.components.agreement import agreement_controls, nothing_chosen
from dashboard.components.attributes import aria
from dashboard.components.canvas import picture_panel
from dashboard.components.controls import Choice, Menu, Setting, Thumbnail
from dashboard.components.effects import effect_controls
from dashboard.components.toolbar import toolbar
from dashboard.failures import describe
from dashboard.pages import explaining, explore_agreement, explore_effects, explore_scene
from dashboard.recording.agreement import RULES
from dashboard.recording.pictures import GALLERY, About, add_picture
from dashboard.recording.workspace import Workspace
from dashboard.services import workspace
from dashboard.vision.colour import scale_stops
from dashboard.vision.errors import PictureError
from dashboard.vision.explain import EXPLANATIONS
from dashboard.vision.explain.flip import SMALLEST_FLIP
from dashboard.vision.inpainting import METHODS, unavailable_reason
from dashboard.vision.registry import Method
from db import queries

SORTS = [{"value": "original", "label": "the original"}, {"value": "new", "label": "the modified"}]
MOST_THUMBNAILS = 120
FLIP_SOURCE = {SMALLEST_FLIP.key: SMALLEST_FLIP.label}


def layout(**_query: str) -> html.Div:
    """The page as it stands before anything is chosen; the view then fills it."""
    opened = workspace()
    return html.Div(
        [
            dcc.Location(id=ids.URL, refresh=False),
            *[dcc.Store(id=name) for name in _STORES],
            dcc.Store(id=ids.TOOL, data="brush"),
            dcc.Store(id=ids.UPLOADED),
            shell.header("/", _session_buttons()),
            shell.trouble_banner(),
            html.Main([toolbar(), _pictures(opened), _controls(opened), _history()], className="explore"),
            html.Div(id="brush-circle", className="brush-circle", **aria(hidden="true")),
            shell.keys_dialog(shell.EXPLORE_KEYS),
            shell.session_dialog(),
            marking.region_dialog(),
        ],
        className="page",
    )


_STORES = (
    ids.VIEW,
    ids.SCENE,
    ids.SOURCES,
    ids.ZOOM,
    ids.PENDING,
    ids.COMPARING,
    ids.UPLOAD_ASK,
    ids.MARKS,
    ids.AGREEMENT_ASK,
    ids.AGREEMENT_STATE,
    ids.EFFECT_ASK,
    ids.EFFECT_STATE,
)


def _session_buttons() -> list[Any]:
    details = html.Button("Session", id="session-details", type="button", className="text-button")
    fresh = html.Button(
        ["New", html.Span(" session", className="wide-only")], id="new-session", type="button", className="text-button"
    )
    return [details, fresh]


def _pictures(opened: Workspace) -> html.Div:
    modified = picture_panel(
        "Modified",
        ids.MODIFIED_CANVAS,
        html.Div(id=ids.HEADLINE, **aria(live="polite")),
        ids.MODIFIED_PREDICTIONS,
        "The picture as it is now. Paint here to remove a region.",
        "Paint over a region to remove it.",
        marking.mode_switch(),
    )
    sort = html.Div(
        [
            html.Span("Top five of", id="sort-label"),
            dbc.RadioItems(SORTS, "original", id=ids.SORT_PREDICTIONS, inline=True, className="sort"),
        ],
        className="sort-place",
        role="radiogroup",
        **aria(labelledby="sort-label"),
    )
    original = picture_panel(
        "Original",
        ids.ORIGINAL_CANVAS,
        sort,
        ids.ORIGINAL_PREDICTIONS,
        "The picture as it was at the beginning.",
        look="edit-only",
    )
    return html.Div([modified, original, _agreement(opened)], className="pictures")


def _agreement(opened: Workspace) -> html.Section:
    """Stands in the original's place while somebody marks."""
    return html.Section(
        [
            html.Div(html.H2("Agreement", id="agreement-title"), className="panel-title"),
            agreement_controls(_sources(), RULES, controls.settings_blocks("agreement", _explaining_settings(opened))),
            html.Div(nothing_chosen(), id=ids.AGREEMENT),
            html.Div(
                [html.H2("Does it matter?"), effect_controls(), html.Div(id=ids.EFFECT)], className="effect-place"
            ),
        ],
        className="picture-panel mark-only",
        **aria(labelledby="agreement-title"),
    )


def _sources() -> dict[str, str]:
    """What the model's region can come from."""
    return {method.key: method.label for method in EXPLANATIONS} | FLIP_SOURCE


def _controls(opened: Workspace) -> html.Aside:
    catalogue = opened.catalogue
    models = [Choice(m.key, m.label, m.explanation, m.unavailable) for m in catalogue.entries()]
    methods = [
        Choice(m.key, m.label, m.explanation, unavailable_reason(m.key, opened.settings.inpainting_network), m.group)
        for m in METHODS
    ]
    maps = [Choice(m.key, m.label, m.explanation) for m in EXPLANATIONS]
    settings = _explaining_settings(opened)
    find = dcc.Dropdown(id=ids.CLASS_SEARCH, multi=True, placeholder="Find and pin a class", options=[], value=[])
    everybody = html.A("Everybody's regions of this picture", id="everybody-link", href="/")
    return html.Aside(
        [
            controls.section("Picture", [html.Div(id=ids.IMAGE_PICKER), controls.upload(), everybody]),
            controls.section(
                "Model",
                [controls.model_select(models, catalogue.default_key), controls.unavailable_notes(models), find],
            ),
            controls.section(
                "Region",
                [
                    html.Div(controls.method_controls(methods, _settings()), className="edit-only method-controls"),
                    html.Div(marking.mark_controls(), className="mark-only"),
                    *controls.brush_controls(marking.save_buttons()),
                ],
            ),
            html.Div(
                controls.section(
                    "Marked regions",
                    [
                        html.Div(id=ids.REGIONS, **aria(live="polite")),
                    ],
                ),
                className="mark-only",
            ),
            controls.section("Heat map", controls.map_controls(maps, scale_stops(), settings)),
            dcc.Store(id="methods", data=[vars(method) for method in methods]),
        ],
        className="controls",
        **aria(label="Choices"),
    )


def _settings() -> dict[str, list[Setting]]:
    return {method.key: _numbers(method) for method in METHODS}


def _explaining_settings(opened: Workspace) -> dict[str, list[Setting | Menu]]:
    """What the ways to explain take; a filling's own numbers are its defaults."""
    missing = explaining.missing_fillings(opened)
    return {
        method.key: [*[Menu(c.name, c.label, c.default, c.options, missing) for c in method.choices], *_numbers(method)]
        for method in [*EXPLANATIONS, SMALLEST_FLIP]
    }


def _numbers(method: Method) -> list[Setting]:
    return [
        Setting(p.name, p.label, p.default, p.minimum, p.maximum, p.step, p.unit)
        for p in method.parameters
        if p.name != "seed"
    ]


def _history() -> html.Section:
    return html.Section(
        [
            html.Div(
                id=ids.FILMSTRIP,
                className="filmstrip",
                tabIndex=0,
                role="region",
                **aria(label="Steps of this session"),
            ),
            html.Div(
                [
                    html.Span("busy: opening", id=ids.STATUS, role="status", className="status"),
                    html.Button("Stop", id="stop", type="button", className="text-button", hidden=True),
                ],
                className="status-place",
            ),
        ],
        className="history",
        **aria(label="History"),
    )


def register(app: Dash) -> None:
    """Adds the page's callbacks to ``app``."""
    _register_server(app)
    explore_agreement.register(app)
    explore_effects.register(app)
    _register_browser(app)


def _register_server(app: Dash) -> None:
    @app.callback(
        Output(ids.SCENE, "data"),
        Output(ids.MODIFIED_PREDICTIONS, "children"),
        Output(ids.ORIGINAL_PREDICTIONS, "children"),
        Output(ids.HEADLINE, "children"),
        Output(ids.FILMSTRIP, "children"),
        Output(ids.REGIONS, "children"),
        Input(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    def show(view: dict[str, Any]) -> Any:
        try:
            return explore_scene.build(workspace(), explore_scene.parse_look(view))
        except Exception as error:
            sentence, _ = describe(error)
            return {"failed": sentence, "token": view.get("token")}, *[no_update] * 5

    @app.callback(Output(ids.IMAGE_PICKER, "children"), Input(ids.UPLOADED, "data"))
    def list_pictures(_uploaded: Any) -> Any:
        with workspace().database.read() as transaction:
            ours = queries.pictures(transaction, GALLERY)[::-1]
            newest = queries.pictures(transaction, limit=MOST_THUMBNAILS)
        others = [picture for picture in newest if picture.image_set != GALLERY]
        return controls.gallery([Thumbnail(p.id, p.name, p.working_blob) for p in [*ours, *others]])

    @app.callback(
        Output(ids.UPLOADED, "data"),
        Output(ids.UPLOAD_MESSAGE, "children"),
        Input(ids.UPLOAD_ASK, "data"),
        prevent_initial_call=True,
    )
    def take_upload(ask: dict[str, Any]) -> Any:
        try:
            picture = add_picture(workspace(), _file(ask["contents"]), About(name=_plain_name(ask["name"])))
            return {"image": picture.id, "at": ask["at"]}, ""
        except Exception as error:
            return no_update, describe(error)[0]

    @app.callback(
        Output(ids.MAP_METHOD, "options"),
        Output(ids.MAP_METHOD, "value"),
        Output(ids.MAP_MISSING, "children"),
        Output(ids.AGREEMENT_SOURCE, "options"),
        Output(ids.AGREEMENT_SOURCE, "value"),
        Output(ids.AGREEMENT_MISSING, "children"),
        Input(ids.MODEL_SELECT, "value"),
        State(ids.MAP_METHOD, "value"),
        State(ids.AGREEMENT_SOURCE, "value"),
    )
    def offer_maps(model_keys: list[str] | None, shown: str, source: str) -> Any:
        opened, model_key = workspace(), _first(model_keys)
        over, beside = (
            explaining.offer(opened, model_key, shown),
            explaining.offer(opened, model_key, source, FLIP_SOURCE),
        )
        kept = [no_update if found.value == was else found.value for found, was in ((over, shown), (beside, source))]
        return over.options, kept[0], over.why, beside.options, kept[1], beside.why

    @app.callback(Output(ids.CLASS_SEARCH, "options"), Input(ids.MODEL_SELECT, "value"))
    def list_classes(model_keys: list[str] | None) -> Any:
        try:
            labels = workspace().catalogue.load(_first(model_keys)).card.labels
        except Exception as error:
            describe(error)
            return []
        return [{"label": label, "value": index} for index, label in enumerate(labels)]


def _first(model_keys: list[str] | None) -> str:
    return model_keys[0] if model_keys else workspace().catalogue.default_key


def _file(contents: str) -> bytes:
    try:
        return base64.b64decode(contents.split(",", 1)[1], validate=True)
    except (IndexError, binascii.Error) as error:
        raise PictureError("The upload did not arrive whole. Try again.") from error


def _plain_name(name: str | None) -> str:
    """A file's name is only ever a label: no folders, no ending, not endless."""
    last = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    return (last.rsplit(".", 1)[0] or "Upload")[:120]


def _register_browser(app: Dash) -> None:
    def in_browser(function: str, *arguments: Any, initially: bool = True) -> None:
        target = ClientsideFunction("explore", function)
        app.clientside_callback(target, *arguments, prevent_initial_call=not initially)  # type: ignore[no-untyped-call]

    in_browser(
        "look",
        Output(ids.VIEW, "data"),
        Input(ids.URL, "search"),
        Input(ids.MODEL_SELECT, "value"),
        Input(ids.SORT_PREDICTIONS, "value"),
        Input(ids.CLASS_SEARCH, "value"),
        Input(ids.MAP_METHOD, "value"),
        Input(ids.MAP_SCALE, "value"),
    )
    in_browser("arrive", Output(ids.SOURCES, "data"), Input(ids.SCENE, "data"), initially=False)
    in_browser(
        "draw",
        Output(ids.MODIFIED_CANVAS, "figure"),
        Output(ids.ORIGINAL_CANVAS, "figure"),
        Input(ids.SOURCES, "data"),
        Input(ids.ZOOM, "data"),
        Input(ids.TOOL, "data"),
        Input(ids.BRUSH_SIZE, "value"),
        Input(ids.HEATMAP_OPACITY, "value"),
        Input(ids.PENDING, "data"),
        Input(ids.COMPARING, "data"),
        Input(ids.MARKS, "data"),
        initially=False,
    )
    in_browser(
        "offer",
        Output(ids.METHOD_SELECT, "options"),
        Output(ids.METHOD_SELECT, "value"),
        Input(ids.OPERATION_SELECT, "value"),
        State("methods", "data"),
        State(ids.METHOD_SELECT, "value"),
    )
    in_browser(
        "explainMethod",
        Output(ids.METHOD_EXPLANATION, "children"),
        Input(ids.METHOD_SELECT, "value"),
        State("methods", "data"),
    )
    in_browser("affected", Input(ids.EFFECT_STATE, "data"), initially=False)
    in_browser("agreed", Input(ids.AGREEMENT_STATE, "data"), initially=False)
    in_browser(
        "chooseRule",
        Input(ids.AGREEMENT_SOURCE, "value"),
        Input(ids.AGREEMENT_RULE, "value"),
        Input(ids.AGREEMENT_SHARE, "value"),
        initially=False,
    )
    in_browser(
        "offerClasses",
        Output(ids.MARK_CLASS, "options"),
        Output(ids.MARK_CLASS, "value"),
        Input(ids.CLASS_SEARCH, "options"),
        Input(ids.SCENE, "data"),
    )
    in_browser("chooseClass", Input(ids.MARK_CLASS, "value"), initially=False)
    in_browser("collecting", Output("collect-buttons", "hidden"), Input(ids.APPLY_MODE, "value"))
    in_browser(
        "upload",
        Output(ids.UPLOAD_ASK, "data"),
        Input(ids.IMAGE_UPLOAD, "contents"),
        State(ids.IMAGE_UPLOAD, "filename"),
        initially=False,
    )
    in_browser("uploaded", Input(ids.UPLOADED, "data"), initially=False)
    in_browser("rejected", Input(ids.UPLOAD_MESSAGE, "children"), initially=False)
