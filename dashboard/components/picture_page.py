"""The page of one picture: everybody's regions over it, what they share, and where the models stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from dash import dcc, html

from dashboard.components.attributes import aria, data
from dashboard.components.canvas import GRAPH_CONFIG
from dashboard.numbers import percent

CLASS = "picture-class"
MODELS = "picture-models"
METHOD = "picture-method"
SHOWN = "picture-shown"
CONTENT = "picture-content"
ID = "picture-id"
ASK = "picture-content-ask"
STATE = "picture-state"
METHOD_MISSING = "picture-method-missing"


@dataclass(frozen=True)
class Fact:
    """A measure with its value as written, what it says, and where it is undefined why."""

    label: str
    value: str
    explanation: str
    missing: str = ""


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
    ties: str
    case: str
    sentence: str
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


def nothing_marked(explore: str, note: str) -> html.Div:
    """What to do where nobody has marked anything that counts."""
    return html.Div(
        [
            html.P("Nobody has marked anything on this picture yet.", className="empty-title"),
            html.P(["Mark what matters on the ", html.A("Explore page", href=explore), ", or import regions below."]),
            *_notes(note),
        ],
        className="empty",
    )


def facts(title: str, entries: Sequence[Fact], note: str) -> html.Section:
    """Measures with their explanations, and what they are not of."""
    items = [
        html.Li(
            [
                html.Span(one.label, className="measure-name"),
                html.Span(one.value, className="number"),
                html.Span(one.missing or one.explanation, className="quiet measure-missing"),
            ],
            **data(metric=one.label),
        )
        for one in entries
    ]
    measures = html.Ul(items, className="measures")
    return html.Section([html.H2(title), measures, *_notes(note)], className="card-plain")


def _notes(*notes: str) -> list[html.P]:
    return [html.P(note, className="quiet small") for note in notes if note]


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
                graph, role="img", **aria(label="Models' scores between floor and ceiling"), **data(chart="standing")
            ),
            html.Div(
                html.Table([head, html.Tbody([_model(line) for line in lines])], className="numbers models"),
                className="scrolls",
                tabIndex=0,
                role="region",
                **aria(label="Models beside people, in numbers"),
            ),
            *_notes(*notes),
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


def region_table(rows: Sequence[RegionRow], notes: Sequence[str]) -> html.Section:
    """Everybody's regions one by one; ``notes`` say what each is held against."""
    titles = ("", "Who", "Called", "Area, %", "Sure", "IoU", "Ties", "Beside the model", "Why", "")
    numeric = {"Area, %", "Sure", "IoU", "Ties"}
    cells = [html.Th(title, scope="col", className="number" if title in numeric else "") for title in titles]
    head = html.Thead(html.Tr(cells))
    body = html.Tbody([_region(row) for row in rows])
    return html.Section(
        [
            html.H2("Regions"),
            html.Div(
                html.Table([head, body], className="numbers regions"),
                className="scrolls",
                tabIndex=0,
                role="region",
                **aria(label="Everybody's regions one by one"),
            ),
            *_notes(*notes),
        ],
        className="card-plain",
    )


def _region(row: RegionRow) -> html.Tr:
    link = html.A("its session", href=row.where) if row.where else row.source
    return html.Tr(
        [
            html.Td(html.Img(src=row.overlay, alt="", className="region-thumbnail")),
            html.Th(row.author, scope="row"),
            html.Td(row.name),
            html.Td(percent(row.share), className="number"),
            html.Td(str(row.confidence or "–"), className="number"),
            html.Td(row.agreement, className="number"),
            html.Td(row.ties, className="number"),
            html.Td([html.Div(row.case), html.Div(row.sentence, className="quiet small")], className="region-beside"),
            html.Td(row.reason, className="region-reason"),
            html.Td(link, className="region-where"),
        ]
    )
