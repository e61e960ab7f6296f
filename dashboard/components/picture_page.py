"""The page of one picture: everybody's regions over it, what they share, and where the models stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.components.attributes import aria, data
from dashboard.components.canvas import GRAPH_CONFIG
from dashboard.components.numbers import percent

CLASS = "picture-class"
MODELS = "picture-models"
METHOD = "picture-method"
SHOWN = "picture-shown"
CONTENT = "picture-content"
IMPORT = "region-import"
IMPORT_AUTHOR = "region-import-author"
IMPORT_REPORT = "region-import-report"
IMPORTED = "region-imported"
IMPORT_ASK = "region-import-ask"
ID = "picture-id"
ASK = "picture-content-ask"
STATE = "picture-state"
CURVES = "picture-curves"
CURVES_ASK = "picture-curves-ask"
CURVES_STOP = "picture-curves-stop"
CURVES_QUESTION = "picture-curves-question"
CURVES_STATE = "picture-curves-state"
CURVES_FILLING = "picture-curves-filling"


@dataclass(frozen=True)
class Fact:
    """A measure with its value as written and what it says."""

    label: str
    value: str
    explanation: str


@dataclass(frozen=True)
class ModelLine:
    """One model beside people, as written."""

    label: str
    score: str
    everybody: str
    interval: str
    normalised: str
    iou: str
    problem: str = ""


@dataclass(frozen=True)
class RegionRow:
    """One person's region; ``where`` is the address of the session it was marked in, None for an imported one."""

    author: str
    name: str
    share: float
    confidence: int | None
    agreement: str
    reason: str
    source: str
    where: str | None
    overlay: str


@dataclass(frozen=True)
class Legend:
    """A colour and what it stands for."""

    look: str
    label: str


def picture_stack(name: str, base: str, overlays: Sequence[str], ratio: float, legend: Sequence[Legend]) -> html.Figure:
    """The picture with transparent pictures of the same size over it."""
    layers = [html.Img(src=base, alt=name, className="stack-base")]
    layers += [html.Img(src=overlay, alt="", className="stack-over") for overlay in overlays]
    entries = [html.Li([html.Span(className=one.look, **aria(hidden="true")), one.label]) for one in legend]
    return html.Figure(
        [
            html.Div(layers, className="stack", style={"--ratio": f"{ratio:.4f}"}),
            html.Figcaption(html.Ul(entries, className="legend")),
        ]
    )


def nothing_marked(explore: str) -> html.Div:
    """What to do where nobody has marked anything."""
    return html.Div(
        [
            html.P("Nobody has marked anything on this picture yet.", className="empty-title"),
            html.P(["Mark what matters on the ", html.A("Explore page", href=explore), ", or import regions below."]),
        ],
        className="empty",
    )


def facts(title: str, entries: Sequence[Fact]) -> html.Section:
    """Measures with their explanations."""
    items = [
        html.Li(
            [html.Span(one.label, className="measure-name"), html.Span(one.value, className="number")],
            title=one.explanation,
            **data(metric=one.label),
        )
        for one in entries
    ]
    return html.Section([html.H2(title), html.Ul(items, className="measures")], className="card-plain")


def standing_section(figure: dict[str, Any], lines: Sequence[ModelLine], notes: Sequence[str]) -> html.Section:
    """Every model's score between floor and ceiling."""
    titles = ("Model", "Score", "Everybody", "95 %", "Of the ceiling", "IoU")
    cells = [html.Th(title, scope="col", className="" if title == "Model" else "number") for title in titles]
    head = html.Thead(html.Tr(cells))
    graph = dcc.Graph(figure=cast(Any, figure), config=cast(Any, GRAPH_CONFIG | {"scrollZoom": False}))
    return html.Section(
        [
            html.H2("Models beside people"),
            html.Div(
                graph, role="img", **aria(label="Models' scores between floor and ceiling"), **data(chart="effects")
            ),
            html.Table([head, html.Tbody([_model(line) for line in lines])], className="numbers"),
            *[html.P(note, className="quiet small") for note in notes],
        ],
        className="card-plain",
    )


def _model(line: ModelLine) -> html.Tr:
    name = html.Th(line.label, scope="row")
    if line.problem:
        return html.Tr([name, html.Td(line.problem, colSpan=5, className="quiet")])
    values = (line.score, line.everybody, line.interval, line.normalised, line.iou)
    return html.Tr([name, *[html.Td(value, className="number") for value in values]])


def matrix(labels: Sequence[str], values: Sequence[Sequence[str]]) -> Any:
    """Model against model: rows and columns in one order."""
    if len(labels) < 2:
        return None
    head = html.Tr([html.Td(), *[html.Th(label, scope="col") for label in labels]])
    rows = [
        html.Tr([html.Th(label, scope="row"), *[html.Td(value, className="number") for value in row]])
        for label, row in zip(labels, values, strict=True)
    ]
    table = html.Table([html.Thead(head), html.Tbody(rows)], className="numbers")
    return html.Section([html.H2("Models among themselves, correlation of maps"), table], className="card-plain")


def region_table(rows: Sequence[RegionRow]) -> html.Section:
    """Everybody's regions one by one."""
    titles = ("", "Who", "Called", "Area, %", "Sure", "IoU", "Why", "")
    numeric = {"Area, %", "Sure", "IoU"}
    cells = [html.Th(title, scope="col", className="number" if title in numeric else "") for title in titles]
    head = html.Thead(html.Tr(cells))
    body = html.Tbody([_region(row) for row in rows])
    return html.Section(
        [html.H2("Regions"), html.Div(html.Table([head, body], className="numbers regions"), className="scrolls")],
        className="card-plain",
    )


def _region(row: RegionRow) -> html.Tr:
    link = html.A("session", href=row.where) if row.where else row.source
    return html.Tr(
        [
            html.Td(html.Img(src=row.overlay, alt="", className="region-thumbnail")),
            html.Th(row.author, scope="row"),
            html.Td(row.name),
            html.Td(percent(row.share), className="number"),
            html.Td(str(row.confidence or "–"), className="number"),
            html.Td(row.agreement, className="number"),
            html.Td(row.reason, className="region-reason"),
            html.Td(link),
        ]
    )


def curves_section(fillings: Sequence[tuple[str, str]]) -> html.Section:
    """What is asked for, and the place where the curves grow."""
    options = [{"value": key, "label": label} for key, label in fillings]
    choice = dbc.Select(id=CURVES_FILLING, options=options, value=fillings[0][0], size="sm")
    return html.Section(
        [
            html.H2("Deletion and insertion"),
            html.P(
                "The picture is taken away, and built up, in equal steps of area: in the order of people's consensus, "
                "and in that of the first model's map.",
                className="quiet small",
            ),
            html.Div(
                [
                    html.Div([html.Label("Filled by", htmlFor=CURVES_FILLING), choice], className="field"),
                    dbc.Button("Draw the curves", id=CURVES_ASK, color="primary", size="sm"),
                    dbc.Button("Stop", id=CURVES_STOP, color="secondary", outline=True, size="sm"),
                ],
                className="button-row",
            ),
            dcc.Store(id=CURVES_QUESTION),
            dcc.Store(id=CURVES_STATE),
            html.Div(id=CURVES, **aria(live="polite")),
        ],
        className="card-plain curves-section",
    )


def curve_pair(charts: Sequence[dict[str, Any]], sentences: Sequence[str], working: Any) -> html.Div:
    """Both charts side by side, and their areas in words."""
    graphs = [
        html.Div(
            dcc.Graph(figure=cast(Any, chart), config=cast(Any, GRAPH_CONFIG | {"scrollZoom": False})),
            role="img",
            **aria(label=chart["layout"]["title"]["text"]),
            **data(chart="effects"),
        )
        for chart in charts
    ]
    legend = [Legend("patch", "People's order"), Legend("patch is-model", "The model's order")]
    entries = [html.Li([html.Span(className=one.look, **aria(hidden="true")), one.label]) for one in legend]
    return html.Div(
        [
            working,
            html.Div(graphs, className="curve-pair"),
            html.Ul(entries, className="legend"),
            *[html.P(sentence, className="small") for sentence in sentences],
        ]
    )


def import_section() -> html.Details:
    """Regions that were marked elsewhere."""
    upload = dcc.Upload(
        html.Span("Choose or drop mask PNGs, COCO JSON, or labelme JSON"),
        id=IMPORT,
        multiple=True,
        className="upload",
        className_active="over",
        max_size=25_000_000,
    )
    author = dbc.Input(id=IMPORT_AUTHOR, placeholder="a pseudonym, if any", maxLength=200, size="sm")
    return html.Details(
        [
            html.Summary("Import regions"),
            html.P(
                "A mask PNG belongs to this picture and the chosen class; JSON files name their pictures and classes.",
                className="quiet small",
            ),
            html.Div([html.Label("Marked by", htmlFor=IMPORT_AUTHOR), author], className="field"),
            html.Div(upload, **data(name="Import regions")),
            html.Div(id=IMPORT_REPORT, **aria(live="polite")),
        ],
        className="import-section",
    )


def import_report(taken: Sequence[str], left_out: Sequence[str], whose: str = "") -> html.Div:
    """What was taken, and what was not and why; ``whose`` says who counts as its author."""
    return html.Div(
        [
            html.P(f"{len(taken)} taken, {len(left_out)} left out. {whose}", className="small"),
            html.Ul([html.Li(text) for text in taken], className="small"),
            html.Ul([html.Li(text) for text in left_out], className="small message"),
        ]
    )
