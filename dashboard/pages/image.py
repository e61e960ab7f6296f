"""The page of one picture: `/images/<id>`."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
from typing import Any
from urllib.parse import urlencode

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from dashboard.components import picture_page as parts
from dashboard.components import shell
from dashboard.components.agreement import DASH, failed, progress
from dashboard.components.attributes import data
from dashboard.components.controls import Choice, model_select
from dashboard.components.figure_dialog import figure_button, figure_dialog
from dashboard.components.picture_page import Fact, Legend, ModelLine, RegionRow
from dashboard.failures import describe
from dashboard.figures.curves import NAMES, curve_chart
from dashboard.figures.standing import Mark, standing_chart
from dashboard.recording import everybody
from dashboard.recording.curves import KINDS, ORDERS, CurveQuestion, Curves, advance_curves
from dashboard.recording.everybody import PictureRegions, Standing
from dashboard.recording.ids import parse_id, parse_models
from dashboard.recording.maps import MapNotReadyError
from dashboard.recording.region_import import Manner, import_regions
from dashboard.services import workspace
from dashboard.vision.errors import MaskError, RegionscopeError
from dashboard.vision.explain import EXPLANATIONS
from dashboard.vision.inpainting import METHODS
from db.records import Picture, Region

KEYS = (("?", "This list"),)
STEP_SECONDS = 0.3
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
        dcc.Store(id=parts.IMPORTED),
        dcc.Store(id=parts.ASK),
        dcc.Store(id=parts.IMPORT_ASK),
        dcc.Store(id=parts.STATE),
        html.Div([html.H2(picture.name, className="page-title"), html.P(_about(picture), className="quiet")]),
        html.Div(figure_button("image", picture.id), className="button-row"),
        _choices(found, wanted),
        dcc.Loading(html.Div(id=parts.CONTENT, className="picture-content"), type="dot", delay_show=400),
        parts.curves_section([(m.key, m.label) for m in METHODS if m.group == "remove" and not m.needs_network]),
        parts.import_section(),
        figure_dialog(),
    ]


def _about(picture: Picture) -> list[Any]:
    known = [f"{picture.width} × {picture.height} px, set {picture.image_set}"]
    known += [f"label: {picture.true_label}"] if picture.true_label else []
    known += [picture.licence] if picture.licence else []
    sessions = "/sessions?" + urlencode({"q": picture.name})
    links = [html.A("Mark or edit it", href=_explore(picture)), " · ", html.A("Its sessions", href=sessions)]
    return [" · ".join(known), " · ", *links]


def _explore(picture: Picture) -> str:
    return f"/?image={picture.id}"


def _choices(found: PictureRegions, wanted: str | None) -> html.Div:
    catalogue = workspace().catalogue
    models = [Choice(m.key, m.label, m.explanation, m.unavailable) for m in catalogue.entries()]
    classes = _classes(found)
    value = wanted if wanted in found.classes else found.classes[0] if found.classes else None
    methods = [{"value": method.key, "label": method.label} for method in EXPLANATIONS]
    shown = [{"value": key, "label": label} for key, label in SHOWN]
    return html.Div(
        [
            _field(
                "Class", dbc.Select(id=parts.CLASS, options=classes, value=value, disabled=not classes), parts.CLASS
            ),
            html.Div(
                [
                    html.Span("Models", className="field-label"),
                    model_select(models, catalogue.default_key, parts.MODELS),
                ],
                className="field stacked",
                **data(name="Models"),
            ),
            _field("Map", dbc.Select(id=parts.METHOD, options=methods, value="cam"), parts.METHOD),
            _field("Show", dbc.Select(id=parts.SHOWN, options=shown, value="people"), parts.SHOWN),
        ],
        className="picture-choices",
    )


def _field(label: str, field: Any, field_id: str) -> html.Div:
    return html.Div([html.Label(label, htmlFor=field_id), field], className="field stacked")


def register(app: Dash) -> None:
    """Adds the page's callbacks to ``app``."""
    _register_content(app)
    _register_curves(app)
    _register_import(app)
    _register_browser(app)


def _register_content(app: Dash) -> None:
    @app.callback(
        Output(parts.CONTENT, "children"),
        Output(parts.STATE, "data"),
        Input(parts.ASK, "data"),
        prevent_initial_call=True,
    )
    def show(ask: dict[str, Any]) -> Any:
        try:
            found = everybody.regions_of(workspace(), parse_id(ask["image"], "picture"))
            class_name, models = ask["class"] or "", parse_models(ask["models"])
            return content(found, class_name, models, ask["method"], ask["shown"]), _state(ask)
        except MapNotReadyError as unfinished:
            # Shown for a moment, then the next step is asked for; another map is chosen to stop.
            return _working(unfinished), _state(ask, pending=True)
        except Exception as error:
            return failed(describe(error)[0]), _state(ask)


def _state(ask: dict[str, Any], *, pending: bool = False) -> dict[str, Any]:
    """Never twice the same, as the token is not: a store that is given what it holds tells nobody."""
    return {"token": ask.get("token"), "pending": pending}


def _working(unfinished: MapNotReadyError) -> Any:
    return progress(unfinished.label, unfinished.steps / unfinished.total, can_stop=False)


def _register_curves(app: Dash) -> None:
    @app.callback(
        Output(parts.CURVES, "children"),
        Output(parts.CURVES_STATE, "data"),
        Input(parts.CURVES_QUESTION, "data"),
        prevent_initial_call=True,
    )
    def draw(ask: dict[str, Any]) -> Any:
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


def _register_import(app: Dash) -> None:
    @app.callback(
        Output(parts.IMPORT_REPORT, "children"),
        Output(parts.IMPORTED, "data"),
        Output(parts.CLASS, "options"),
        Output(parts.CLASS, "value"),
        Output(parts.CLASS, "disabled"),
        Input(parts.IMPORT_ASK, "data"),
        prevent_initial_call=True,
    )
    def take(ask: dict[str, Any]) -> Any:
        try:
            class_name, image_id = ask["class"] or "", parse_id(ask["image"], "picture")
            manner = Manner(workspace().catalogue.default_key, image_id, class_name, ask["author"] or "")
            files = [(name, _file(one)) for name, one in zip(ask["names"], ask["contents"], strict=True)]
            report = import_regions(workspace(), files, manner)
        except Exception as error:
            return failed(describe(error)[0]), *[no_update] * 4
        taken = [f"{one.item}: {one.class_name}, {one.mask_area:.1%} of {one.picture}" for one in report.taken]
        left = [f"{one.item}: {one.why}" for one in report.left_out]
        found = everybody.regions_of(workspace(), image_id)
        value = class_name or (found.classes[0] if found.classes else None)
        imported = [one.region for one in report.taken]
        whose = "" if ask["author"] else "They name nobody, so each file counts as a person of its own."
        return (
            parts.import_report(taken, left, whose if taken else ""),
            imported,
            _classes(found),
            value,
            not found.classes,
        )


def _classes(found: PictureRegions) -> list[dict[str, str]]:
    return [{"value": name, "label": f"{name} ({len(found.of_class(name))})"} for name in found.classes]


def _register_browser(app: Dash) -> None:
    def in_browser(function: str, *arguments: Any, initially: bool = False) -> None:
        target = ClientsideFunction("picture", function)
        app.clientside_callback(target, *arguments, prevent_initial_call=not initially)  # type: ignore[no-untyped-call]

    chosen = [State(parts.CLASS, "value"), State(parts.MODELS, "value"), State(parts.METHOD, "value")]
    image = State(parts.ID, "data")
    in_browser(
        "choose",
        Output(parts.ASK, "data"),
        Input(parts.CLASS, "value"),
        Input(parts.MODELS, "value"),
        Input(parts.METHOD, "value"),
        Input(parts.SHOWN, "value"),
        Input(parts.IMPORTED, "data"),
        image,
        initially=True,
    )
    in_browser("shown", Input(parts.STATE, "data"))
    in_browser(
        "drawCurves",
        Output(parts.CURVES_QUESTION, "data"),
        Input(parts.CURVES_ASK, "n_clicks"),
        State(parts.CURVES_FILLING, "value"),
        *chosen,
        image,
    )
    in_browser("stopCurves", Input(parts.CURVES_STOP, "n_clicks"))
    in_browser("drawn", Input(parts.CURVES_STATE, "data"))
    in_browser(
        "take",
        Output(parts.IMPORT_ASK, "data"),
        Input(parts.IMPORT, "contents"),
        State(parts.IMPORT, "filename"),
        State(parts.IMPORT_AUTHOR, "value"),
        State(parts.CLASS, "value"),
        image,
    )


def curves_of(found: Curves) -> Any:
    """Both charts with what is there, and the areas under the curves."""
    charts, sentences = [], []
    for kind in KINDS:
        there = {order: found.curves[kind, order] for order in ORDERS if (kind, order) in found.curves}
        lines = {str(order): (curve.shares, curve.probabilities) for order, curve in there.items()}
        charts.append(curve_chart(kind.capitalize(), lines))
        areas = [f"{_written(curve.area)} in {NAMES[order]}" for order, curve in there.items()]
        if areas:
            better = "smaller" if kind == "deletion" else "larger"
            sentences.append(f"Area under the {kind} curve, {better} is better: {' and '.join(areas)}.")
    working = None if found.is_finished else progress("Drawing the curves", found.done / found.total, can_stop=False)
    return parts.curve_pair(charts, sentences, working)


def _file(contents: str) -> bytes:
    try:
        return base64.b64decode(contents.split(",", 1)[1], validate=True)
    except (IndexError, binascii.Error) as error:
        raise MaskError("The file did not arrive whole. Try again.") from error


def content(found: PictureRegions, class_name: str, models: list[str], method: str, shown: str) -> list[Any]:
    """What is shown of one class."""
    standing = everybody.standing(workspace(), found, class_name, models, method, STEP_SECONDS)
    if standing is None:
        return [picture_of(found, "", models[0], method, "none"), parts.nothing_marked(_explore(found.picture))]
    labels = {model.key: model.label for model in standing.models if model.problem is None}
    return [
        html.Div(
            [picture_of(found, class_name, models[0], method, shown), _people(standing)], className="picture-column"
        ),
        html.Div([_models(standing), matrix(standing, labels)], className="picture-column"),
        parts.region_table(_rows(found.of_class(class_name))),
    ]


def picture_of(found: PictureRegions, class_name: str, model: str, method: str, shown: str) -> Any:
    """The picture with what was chosen over it."""
    picture = found.picture
    marked = sorted((region.id, region.author) for region in found.of_class(class_name))
    # What it follows from is named because the answer is kept by the browser for good.
    follows = hashlib.sha256(json.dumps([marked, _identity(model)]).encode()).hexdigest()[:16]
    asked = urlencode({"class": class_name, "model": model, "method": method, "from": follows})
    overlays = [] if shown == "none" else [f"/media/everybody/{picture.id}/{shown}.png?{asked}"]
    legends = {
        "people": [Legend("patch is-share", "Share of people who marked it, pale to deep")],
        "both": [
            Legend("patch", "Only people"),
            Legend("patch is-both", "Both"),
            Legend("patch is-model", "Only the model, equal area"),
        ],
        "map": [Legend("patch is-heat", "Where the model looked, dark to light")],
    }
    ratio = picture.working_width / picture.working_height
    base = f"/media/{picture.working_blob}.png"
    return parts.picture_stack(picture.name, base, overlays, ratio, legends.get(shown, []))


def _identity(model: str) -> str:
    try:
        return workspace().catalogue.load(model).card.identity
    except RegionscopeError:
        return ""


def _people(standing: Standing) -> Any:
    people = len(standing.people)
    return parts.facts(
        f"{people} {'person' if people == 1 else 'people'}, {standing.regions} regions",
        [
            Fact(
                "Consensus region", f"{standing.consensus_share:.1%}", "Marked by at least half, share of the picture"
            ),
            Fact("Mean pairwise IoU", _written(standing.pairwise_iou), "Needs two people"),
            Fact("Fleiss' kappa", _written(standing.fleiss), "Per pixel, marked or not; needs two people"),
            Fact("Krippendorff's alpha", _written(standing.krippendorff), "Nominal, per pixel; needs two people"),
            Fact(
                "Ceiling",
                _written(standing.ceiling.value),
                "Mean correlation of two halves of the people, 1,000 splits",
            ),
            Fact("Floor", _written(standing.floor.value), "The same with half of another picture's people"),
        ],
    )


def _models(standing: Standing) -> Any:
    scored = [model for model in standing.models if model.problem is None]
    ends = ("value", "low", "high")
    marks = [Mark(m.label, _value(m.score), *[_end(m, end) for end in ends]) for m in scored]
    figure = standing_chart(standing.floor.value, standing.ceiling.value, marks)
    return parts.standing_section(figure, [_line(model) for model in standing.models], _notes(standing))


def _value(mean: Any) -> float:
    return math.nan if mean is None else float(mean.value)


def _end(model: Any, name: str) -> float:
    return math.nan if model.everybody is None else float(getattr(model.everybody, name))


def _line(model: Any) -> ModelLine:
    if model.problem:
        return ModelLine(model.label, DASH, DASH, DASH, DASH, DASH, model.problem)
    low, high = _end(model, "low"), _end(model, "high")
    interval = DASH if low != low else f"{_written(low)} to {_written(high)}"
    everybody_score = _written(_end(model, "value"))
    values = _written(_value(model.score)), everybody_score, interval, _written(model.normalised), _written(model.iou)
    return ModelLine(model.label, *values)


def _notes(standing: Standing) -> list[str]:
    notes = [
        f"Score: correlation of the model's map with the consensus of half of the people ({standing.half}), as ceiling "
        f"and floor are, over {standing.ceiling.n:,} splits{_undefined(standing.ceiling.left_out)}; "
        "beside it that with everybody's, whose 95 % interval draws people anew."
    ]
    if len(standing.people) < 2:
        notes.append("With one person there are no halves, so no score, no ceiling, no floor and no interval.")
    elif standing.floor_picture is None:
        notes.append("There is no floor until two people have marked another picture, too.")
    else:
        notes.append(f"The floor is taken from people's regions on “{standing.floor_picture}”.")
    return notes


def _undefined(left_out: int) -> str:
    return f" ({left_out:,} undefined)" if left_out else ""


def matrix(standing: Standing, labels: dict[str, str]) -> Any:
    """Model against model."""
    keys = list(labels)

    def between(a: str, b: str) -> str:
        return "1.00" if a == b else _written(standing.pairs.get((a, b), standing.pairs.get((b, a), math.nan)))

    return parts.matrix(list(labels.values()), [[between(a, b) for b in keys] for a in keys])


def _rows(found: list[Region]) -> list[RegionRow]:
    """Sessions in which nobody gave her name are numbered."""
    unnamed = list(dict.fromkeys(one.author for one in found if one.author in ("", one.session)))
    names = {author: f"unnamed {number}" for number, author in enumerate(unnamed, 1)}
    return [_row(region, names.get(region.author, region.author)) for region in found]


def _row(region: Region, author: str) -> RegionRow:
    return RegionRow(
        author=author,
        name=region.name,
        share=region.mask_area,
        confidence=region.confidence,
        agreement=_written(region.agreement if region.agreement is not None else math.nan),
        reason=region.reason,
        source=region.source,
        where=f"/sessions/{region.session}" if region.session else None,
        overlay=f"/media/regions/{region.id}.png",
    )


def _written(value: float) -> str:
    return DASH if value != value else f"{value:.2f}".replace("-", "−")
