"""The column of choices: picture, model, how to remove, heat map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.components import ids
from dashboard.components.attributes import aria, data
from dashboard.components.icon import icon

LARGEST_UPLOAD = 25_000_000
OPERATIONS = (("remove", "Remove the region"), ("keep", "Keep only the region"))


@dataclass(frozen=True)
class Choice:
    """One entry of a menu; ``unavailable`` says why it cannot be chosen, None where it can."""

    key: str
    label: str
    explanation: str
    unavailable: str | None = None
    group: str = ""


@dataclass(frozen=True)
class Setting:
    """A number that a method takes."""

    name: str
    label: str
    default: float
    minimum: float
    maximum: float
    step: float
    unit: str


@dataclass(frozen=True)
class Menu:
    """A name that a method takes, one of ``options`` (key, label); ``unavailable`` says why some cannot be chosen."""

    name: str
    label: str
    default: str
    options: tuple[tuple[str, str], ...]
    unavailable: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Thumbnail:
    """A picture that can be picked."""

    id: str
    name: str
    blob: str


def gallery(pictures: Sequence[Thumbnail]) -> html.Div | html.P:
    """Small pictures to pick from; says what to do where there are none."""
    if not pictures:
        return html.P("No picture here. Upload one to begin.", className="quiet")
    return html.Div([_thumbnail(picture) for picture in pictures], className="gallery")


def _thumbnail(picture: Thumbnail) -> html.Button:
    image = html.Img(src=f"/media/thumbnails/{picture.blob}.png", alt="", draggable="false")
    return html.Button(
        image,
        type="button",
        className="thumbnail",
        title=picture.name,
        **data(image_id=picture.id),
        **aria(label=picture.name),
    )


def upload() -> html.Div:
    """A button and a place to drop a file on."""
    inside = [icon("upload"), html.Span("Upload or drop a picture")]
    return html.Div(
        [
            dcc.Upload(
                inside, id=ids.IMAGE_UPLOAD, max_size=LARGEST_UPLOAD, className="upload", className_active="over"
            ),
            html.P(id=ids.UPLOAD_MESSAGE, className="message", role="alert"),
        ],
        **data(name="Upload a picture"),
    )


def model_select(choices: Iterable[Choice], default: str, element_id: str = ids.MODEL_SELECT) -> Any:
    """One model or several; the first is the one that decides."""
    return dcc.Dropdown(
        options=[_option(choice) for choice in choices],
        value=[default],
        id=element_id,
        multi=True,
        clearable=False,
        searchable=False,
        persistence=True,
        placeholder="Choose a model",
    )


def _option(choice: Choice) -> dict[str, Any]:
    label: Any = choice.label
    if choice.unavailable:
        label = html.Span([choice.label, html.Span("unavailable", className="pin")], title=choice.unavailable)
    return {"label": label, "value": choice.key, "disabled": choice.unavailable is not None, "search": choice.label}


def unavailable_notes(choices: Iterable[Choice]) -> html.Details | None:
    """Why some entries cannot be chosen, one sentence each."""
    return reasons("models", "here", {choice.label: choice.unavailable for choice in choices if choice.unavailable})


def reasons(what: str, where: str, missing: Mapping[str, str]) -> html.Details | None:
    """Why some of ``what`` (in the plural) cannot be used ``where``, by their labels; None where all can."""
    if not missing:
        return None
    notes = [html.Li([html.Strong(label), ": ", why]) for label, why in missing.items()]
    named = what.removesuffix("s") if len(missing) == 1 else what
    summary = html.Summary(f"{len(missing)} {named} cannot be used {where}: why")
    return html.Details([summary, html.Ul(notes)], className="notes")


def method_controls(methods: Sequence[Choice], settings: Mapping[str, Sequence[Setting]]) -> list[Any]:
    """What to do with the region, by which method, with which numbers."""
    operation = dbc.Select(id=ids.OPERATION_SELECT, options=_plain(OPERATIONS), value=OPERATIONS[0][0])
    offered = [(method.key, method.label) for method in methods if method.group == OPERATIONS[0][0]]
    method = dbc.Select(id=ids.METHOD_SELECT, options=_plain(offered), value=offered[0][0])
    return [
        _labelled("Action", operation, ids.OPERATION_SELECT),
        _labelled("Method", method, ids.METHOD_SELECT),
        html.P(id=ids.METHOD_EXPLANATION, className="quiet small"),
        settings_blocks("parameter", settings),
    ]


def settings_blocks(place: str, settings: Mapping[str, Sequence[Setting | Menu]]) -> html.Div:
    """What each method takes; only the chosen method's block is shown. ``place`` keeps several apart on a page."""
    return html.Div([_settings_of(place, *item) for item in settings.items()], id=f"{place}-settings")


def _plain(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"value": value, "label": label} for value, label in pairs]


def _settings_of(place: str, method: str, settings: Sequence[Setting | Menu]) -> html.Div:
    fields = [_setting_field(f"{place}--{method}--{setting.name}", setting) for setting in settings]
    return html.Div(fields, className="parameters", hidden=True, **data(method=method))


def _setting_field(element_id: str, setting: Setting | Menu) -> html.Div:
    if isinstance(setting, Menu):
        options = [menu_option(key, label, setting.unavailable.get(key)) for key, label in setting.options]
        menu = dbc.Select(id=element_id, options=options, value=setting.default, size="sm")
        return _labelled(setting.label, menu, element_id)
    label = f"{setting.label}, {setting.unit}" if setting.unit else setting.label
    field = dbc.Input(
        id=element_id,
        type="number",
        min=setting.minimum,
        max=setting.maximum,
        step=setting.step,
        value=setting.default,
        size="sm",
    )
    return _labelled(label, field, element_id)


def menu_option(key: str, label: str, missing: str | None) -> dict[str, Any]:
    """An entry of a menu; ``missing`` says why it cannot be chosen, None where it can."""
    if missing is None:
        return {"value": key, "label": label}
    return {"value": key, "label": f"{label} (unavailable)", "title": missing, "disabled": True}


def brush_controls(save: Any) -> list[Any]:
    """How wide the brush is; whether a region is applied at once, or how a marked one is saved (``save``)."""
    switch = dbc.Switch(id=ids.APPLY_MODE, label="Apply when I let go", value=True, persistence=True)
    buttons = html.Div(
        [
            dbc.Button("Apply", id="apply", color="primary", size="sm", disabled=True),
            dbc.Button("Clear", id="clear", color="secondary", outline=True, size="sm", disabled=True),
            html.Span(id="pending-note", className="quiet small"),
        ],
        id="collect-buttons",
        className="button-row",
        hidden=True,
    )
    brush = _slider("Brush, px", ids.BRUSH_SIZE, min=4, max=160, step=2, value=36)
    return [
        html.Div(
            [brush, html.Div([switch, buttons], className="edit-only"), html.Div(save, className="mark-only")],
            className="brush-bar",
        )
    ]


def map_controls(
    methods: Sequence[Choice], scale: Sequence[str], settings: Mapping[str, Sequence[Setting | Menu]]
) -> list[Any]:
    """Which map is shown over the pictures and how."""
    gradient = ", ".join(scale)
    bar = html.Div(
        [
            html.Span(id="scale-low", className="number"),
            html.Span(className="scale", style={"backgroundImage": f"linear-gradient(to right, {gradient})"}),
            html.Span(id="scale-high", className="number"),
        ],
        id="colour-bar",
        className="colour-bar",
        hidden=True,
    )
    options = [{"value": choice.key, "label": choice.label} for choice in methods]
    scales = [{"value": "shared", "label": "One scale for both"}, {"value": "own", "label": "Each its own"}]
    return [
        html.P("Click an answer to see where the model looked.", id=ids.MAP_NOTE, className="quiet small"),
        html.Button("Stop", id="stop-map", type="button", className="text-button", hidden=True),
        bar,
        _labelled("Map", dbc.Select(id=ids.MAP_METHOD, options=options, value=methods[0].key), ids.MAP_METHOD),
        html.Div(id=ids.MAP_MISSING),
        settings_blocks("map", settings),
        _labelled("Scale", dbc.Select(id=ids.MAP_SCALE, options=scales, value="shared"), ids.MAP_SCALE),
        _slider("Opacity, %", ids.HEATMAP_OPACITY, min=0, max=100, step=5, value=55),
    ]


def section(title: str, children: Sequence[Any]) -> html.Section:
    """A titled part of the column."""
    return html.Section(
        [html.H3(title), *[child for child in children if child is not None]], className="control-group"
    )


def _labelled(label: str, field: Any, field_id: str) -> html.Div:
    return html.Div([html.Label(label, htmlFor=field_id), field], className="field")


def _slider(label: str, field_id: str, **options: Any) -> html.Div:
    slider = dcc.Slider(id=field_id, marks=None, persistence=True, updatemode="drag", **options)
    return html.Div([html.Span(label, className="field-label"), slider], className="field", **data(name=label))
