"""The compare page: edits, end states and pictures side by side."""

from __future__ import annotations

import time
from typing import Any

import dash_bootstrap_components as dbc
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from dashboard import background
from dashboard.comparison_media import GAIN
from dashboard.components import compare_ids as ids
from dashboard.components import comparison as parts
from dashboard.components import shell
from dashboard.components.agreement import failed, progress
from dashboard.components.attributes import aria, data
from dashboard.components.export_dialog import export_button, export_dialog
from dashboard.components.figure_dialog import figure_button, figure_dialog
from dashboard.components.ids import STATUS
from dashboard.failures import describe
from dashboard.pages import compare_scene, compare_start
from dashboard.pages.explaining import offer
from dashboard.pages.picture_scene import marked_by_people
from dashboard.recording import comparing, everybody
from dashboard.recording.comparison_url import MASKS, NO_MAP, parse_items, parse_reference
from dashboard.recording.ids import parse_id, parse_models
from dashboard.recording.maps import MapNotReadyError
from dashboard.services import workspace
from dashboard.settings import Settings
from dashboard.vision.classifiers.catalogue import ModelEntry
from dashboard.vision.colour import diverging_stops, people_stops, scale_stops
from dashboard.vision.explain import EXPLANATIONS

KEYS = (
    ("← →", "The panel before, the next one"),
    ("R", "Make this panel the reference"),
    ("M", "Regions: outline, filled, none"),
    ("H", "Heat map on or off"),
    ("+ − 0", "Zoom in, out, whole pictures"),
    ("S", "Save this comparison"),
    ("?", "This list"),
)
MASK_LABELS = dict(zip(MASKS, ("Outline", "Filled", "None"), strict=True))
POLL_MS = 400
NO_MAP_CHOICE = {NO_MAP: "No heat map"}


def layout(items: str = "", comparison: str = "", **_query: str) -> html.Div:
    """The page as it stands before anything is there; without items, the kept comparisons."""
    if not items and not comparison:
        body: Any = compare_start.layout(workspace())
    else:
        body = _comparison(len(parse_items(items).references) or 4)
    return html.Div(
        [shell.header("/compare"), body, shell.keys_dialog(KEYS), *compare_start.dialogs()],
        className="page compare-page",
    )


def _comparison(count: int) -> html.Main:
    shown = (ids.VIEW, ids.SCENE, ids.MAPS, ids.MAPS_AGAIN, ids.SOURCES, ids.MARKED_ASK, ids.MARKED_STATE)
    stores = (*shown, ids.JOB, ids.JOB_DONE)
    return html.Main(
        [
            dcc.Location(id=ids.URL, refresh=False),
            *[dcc.Store(id=name) for name in stores],
            _head(),
            html.Div(id=ids.PROBLEMS, role="status"),
            html.Div(id="compare-failed", className="compare-failed", role="alert", hidden=True),
            _choices(),
            html.Div(parts.skeletons(count), id=ids.GRID, className="compare-grid"),
            html.Div(
                [_answers(), _differences(), _people(), _marked(), _further_models(workspace().catalogue.entries())],
                className="compare-sections",
                id="compare-sections",
            ),
            export_dialog(),
            figure_dialog(),
        ],
        className="compare",
    )


def _head() -> html.Div:
    buttons = [
        html.Button("Rename", id="compare-rename", type="button", className="text-button", hidden=True),
        html.Button("Keep changes", id="compare-keep", type="button", className="text-button", hidden=True),
        export_button(),
        figure_button("comparison"),
        dbc.Button("Save …", id="compare-save", color="primary", size="sm"),
    ]
    return html.Div(
        [
            html.H2("Compare", id="compare-name"),
            html.Span("busy: opening", id=STATUS, role="status", className="status"),
            html.Div(buttons, className="button-row"),
        ],
        className="compare-head",
    )


def _choices() -> html.Div:
    methods = [{"value": m.key, "label": m.label} for m in EXPLANATIONS]
    methods += [{"value": key, "label": label} for key, label in NO_MAP_CHOICE.items()]
    masks = [{"value": key, "label": label} for key, label in MASK_LABELS.items()]
    zoom = [
        html.Button(text, id=f"compare-zoom-{name}", type="button", className="text-button", **aria(label=label))
        for name, text, label in (("in", "+", "Zoom in"), ("out", "−", "Zoom out"), ("fit", "Whole", "Whole pictures"))
    ]
    models = dcc.Dropdown(id=ids.MODELS, multi=True, clearable=False, searchable=False, options=[], value=[])
    classes = dcc.Dropdown(id=ids.CLASS, clearable=False, options=[], placeholder="Find a class")
    opacity = dcc.Slider(id=ids.OPACITY, min=0, max=100, step=5, value=55, marks=None, updatemode="drag")
    return html.Div(
        [
            _choice("Models", models, name="Models", wide=True),
            _choice("Class", classes, name="Class of the heat map", wide=True),
            _choice("Heat map", dbc.Select(id=ids.MAP_METHOD, options=methods), field_id=ids.MAP_METHOD),
            html.Div(id=ids.MAP_MISSING),
            _choice("Opacity, %", opacity, name="Opacity of heat maps"),
            _choice("Regions", dbc.Select(id=ids.MASKS, options=masks), field_id=ids.MASKS),
            html.Div(zoom, className="button-row", role="group", **aria(label="Zoom, all pictures together")),
            html.Div(
                [parts.colour_bar(ids.BAR, scale_stops(), ("", "", "")), html.P(id=ids.MAP_NOTE, className="small")],
                className="map-scale",
            ),
        ],
        className="compare-choices",
        role="group",
        **aria(label="What is shown"),
    )


def _choice(label: str, control: Any, *, field_id: str = "", name: str = "", wide: bool = False) -> html.Div:
    heading = html.Label(label, htmlFor=field_id) if field_id else html.Span(label, className="field-label")
    marks = data(name=name) if name else {}
    return html.Div([heading, control], className="choice is-wide" if wide else "choice", **marks)


def _section(title: str, children: list[Any], element_id: str) -> html.Section:
    heading = f"{element_id}-title"
    content = [html.H3(title, id=heading), *children]
    return html.Section(content, id=element_id, className="compare-section", **aria(labelledby=heading))


def _answers() -> html.Section:
    note = "Probabilities in %, changes against the reference in points. A class's name shows its heat maps."
    table = html.Div(id=ids.TABLE, className="compare-table-place", tabIndex=0, role="region", **aria(label="Answers"))
    return _section("Answers", [html.P(note, className="quiet small"), table], "section-answers")


def _differences() -> html.Section:
    choice = html.Div(
        [
            _choice("From", dbc.Select(id=ids.FIRST, options=[]), field_id=ids.FIRST),
            _choice("To", dbc.Select(id=ids.SECOND, options=[]), field_id=ids.SECOND),
        ],
        className="pair",
    )
    figures = [
        _figure("changed", "Pixels that differ, marked", None),
        _figure("amplified", f"How much they differ, {GAIN} × as strong", None),
        _figure(
            "maps",
            "Heat map minus heat map",
            parts.colour_bar(ids.DIFFERENCE_BAR, diverging_stops(), ("", "0", "")),
            html.P(id=ids.DIFFERENCE_MAPS, className="small"),
        ),
    ]
    return _section(
        "Difference of two",
        [choice, html.Div(id=ids.DIFFERENCE, role="status"), html.Div(figures, className="figures")],
        "section-difference",
    )


def _people() -> html.Section:
    bar = parts.colour_bar("people-bar", people_stops(), ("0 %", "25", "50", "75", "100 %"))
    figure = _figure("people", "Regions of all items over each other", bar)
    return _section(
        "Where people agree", [html.Div(id=ids.PEOPLE), html.Div([figure], className="figures")], "section-people"
    )


def _marked() -> html.Section:
    """What people marked on the one picture of the comparison; not seen where there is no such."""
    section = _section("What people marked", [html.Div(id=ids.MARKED, **aria(live="polite"))], "section-marked")
    section.hidden = True  # type: ignore[attr-defined]
    return section


def _figure(index: str, title: str, *below: Any) -> html.Figure:
    caption = html.Figcaption([html.Span(title), *[one for one in below if one is not None]])
    return html.Figure([parts.canvas(index, 3, 2, title), caption], id=f"figure-{index}", hidden=True)


def _further_models(entries: list[ModelEntry]) -> html.Section:
    usable = [{"value": entry.key, "label": entry.label} for entry in entries if not entry.unavailable]
    missing = [entry for entry in entries if entry.unavailable]
    reasons = [
        html.Li([dbc.Checkbox(label=entry.label, disabled=True, value=False), html.Span(entry.unavailable)])
        for entry in missing
    ]
    scopes = [{"value": "these", "label": "these states"}]
    summary = html.Summary(f"{len(missing)} models cannot be used here: why")
    running = html.Div(
        [
            html.Progress(id=ids.JOB_BAR, value="0", max="1", **aria(label="Answered so far")),
            html.Span(id=ids.JOB_TEXT, role="status"),
            html.Button("Cancel", id=ids.JOB_CANCEL, type="button", className="text-button"),
        ],
        id=ids.JOB_PLACE,
        className="job",
        hidden=True,
    )
    text = (
        "Further models answer the recorded edited pictures. Their answers are kept; what is kept is never "
        "computed again."
    )
    return _section(
        "Same edits under other models",
        [
            html.P(text, className="quiet small"),
            dbc.Checklist(usable, [], id=ids.JOB_MODELS, className="job-models"),
            html.Details([summary, html.Ul(reasons)], className="notes") if missing else None,
            dbc.RadioItems(scopes, "these", id=ids.JOB_SCOPE, inline=True, className="job-scope"),
            html.Div([dbc.Button("Ask these models", id=ids.JOB_START, size="sm"), running], className="button-row"),
            html.P(id="job-message", className="message", role="alert"),
        ],
        "section-models",
    )


def register(app: Dash, settings: Settings) -> None:
    """Adds the page's callbacks to ``app``; work in the background knows nothing but ``settings``."""
    _register_server(app)
    _register_job(app, settings)
    _register_browser(app)


def _register_server(app: Dash) -> None:
    @app.callback(
        Output(ids.SCENE, "data"),
        Output(ids.PROBLEMS, "children"),
        Output(ids.GRID, "children"),
        Output(ids.TABLE, "children"),
        Output(ids.DIFFERENCE, "children"),
        Output(ids.PEOPLE, "children"),
        Input(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    def show(view: dict[str, Any]) -> Any:
        try:
            return compare_scene.build(workspace(), view)
        except Exception as error:
            return {"failed": describe(error)[0], "token": view.get("token")}, *[no_update] * 5

    @app.callback(
        Output(ids.MAPS, "data"), Input(ids.SCENE, "data"), Input(ids.MAPS_AGAIN, "data"), prevent_initial_call=True
    )
    def explain(scene: dict[str, Any] | None, _again: Any) -> Any:
        if not scene or "maps" not in scene:
            return no_update
        try:
            return compare_scene.maps(workspace(), scene)
        except MapNotReadyError as unfinished:
            # The time makes each answer another one: a store that is given what it holds tells nobody.
            share = unfinished.steps / unfinished.total
            return {"token": scene["token"], "pending": share, "method": unfinished.label, "at": time.monotonic_ns()}
        except Exception as error:
            return {"token": scene["token"], "failed": describe(error)[0]}

    @app.callback(
        Output(ids.MAP_METHOD, "options"),
        Output(ids.MAP_MISSING, "children"),
        Input(ids.MODELS, "value"),
        prevent_initial_call=True,
    )
    def offer_maps(model_keys: list[str] | None) -> Any:
        found = offer(workspace(), (model_keys or [workspace().catalogue.default_key])[0], None, NO_MAP_CHOICE)
        return found.options, found.why

    @app.callback(
        Output(ids.MARKED, "children"),
        Output(ids.MARKED_STATE, "data"),
        Input(ids.MARKED_ASK, "data"),
        prevent_initial_call=True,
    )
    def show_marked(ask: dict[str, Any]) -> Any:
        state = {"token": ask.get("token")}
        if not ask.get("image"):
            return None, state
        try:
            found = everybody.regions_of(workspace(), parse_id(ask["image"], "picture"))
            return marked_by_people(found, parse_models(ask["models"])), state
        except MapNotReadyError as unfinished:
            return progress(unfinished.label, unfinished.steps / unfinished.total), state | {"pending": True}
        except Exception as error:
            return failed(describe(error)[0]), state

    @app.callback(
        Output(ids.JOB, "data"),
        Output("job-message", "children"),
        Input(ids.JOB_START, "n_clicks"),
        State(ids.JOB_MODELS, "value"),
        State(ids.JOB_SCOPE, "value"),
        State(ids.SCENE, "data"),
        prevent_initial_call=True,
    )
    def prepare(_clicks: int, chosen: list[str], scope: str, scene: dict[str, Any]) -> Any:
        try:
            return _job(chosen, scope, scene), ""
        except Exception as error:
            return no_update, describe(error)[0]


def _job(chosen: list[str], scope: str, scene: dict[str, Any]) -> dict[str, Any]:
    """What the background is to do: the file of edits is written here, where the database is at hand."""
    models = parse_models(chosen)
    references = [parse_reference(key) for key in scene["items"]]
    edits = comparing.edits_to_answer(workspace(), references, scope == "every")
    return {"job": background.write_edits(workspace().settings, edits), "models": models, "edits": len(edits)}


def _register_job(app: Dash, settings: Settings) -> None:
    @app.callback(
        Output(ids.JOB_DONE, "data"),
        Input(ids.JOB, "data"),
        background=True,
        interval=POLL_MS,
        progress=[Output(ids.JOB_BAR, "value"), Output(ids.JOB_BAR, "max"), Output(ids.JOB_TEXT, "children")],
        running=[(Output(ids.JOB_START, "disabled"), True, False), (Output(ids.JOB_PLACE, "hidden"), False, True)],
        cancel=[Input(ids.JOB_CANCEL, "n_clicks")],
        prevent_initial_call=True,
    )
    def answer(set_progress: Any, job: dict[str, Any]) -> dict[str, Any]:
        set_progress(("0", "1", "loading the models …"))
        try:
            background.answer_edits(
                settings,
                job["job"],
                parse_models(job["models"]),
                lambda done, total: set_progress((str(done), str(max(total, 1)), f"{done:,} of {total:,} answers")),
            )
            return {"models": job["models"], "job": job["job"]}
        except Exception as error:
            return {"failed": describe(error)[0], "job": job["job"]}


def _register_browser(app: Dash) -> None:
    def in_browser(function: str, *arguments: Any, initially: bool = False) -> None:
        target = ClientsideFunction("compare", function)
        app.clientside_callback(target, *arguments, prevent_initial_call=not initially)  # type: ignore[no-untyped-call]

    in_browser("look", Output(ids.VIEW, "data"), Input(ids.URL, "search"), initially=True)
    in_browser("arrive", Input(ids.SCENE, "data"))
    in_browser("mapsArrive", Input(ids.MAPS, "data"))
    in_browser("markedArrive", Input(ids.MARKED_STATE, "data"))
    in_browser(
        "draw",
        Output({"type": parts.CANVAS, "index": ALL}, "figure"),
        Input(ids.SOURCES, "data"),
        Input(ids.OPACITY, "value"),
        Input(ids.MASKS, "value"),
        initially=True,
    )
    for key, control in (
        ("models", ids.MODELS),
        ("class", ids.CLASS),
        ("map", ids.MAP_METHOD),
        ("masks", ids.MASKS),
        ("opacity", ids.OPACITY),
        ("first", ids.FIRST),
        ("second", ids.SECOND),
    ):
        in_browser(f"choose_{key}", Input(control, "value"))
    in_browser("answered", Input(ids.JOB_DONE, "data"))
    in_browser("cancelled", Input(ids.JOB_CANCEL, "n_clicks"))
