"""Agreement between a person and a model: the sentence, the legend, the numbers with their chance levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.components import ids
from dashboard.components.attributes import aria, data
from dashboard.numbers import percent

LARGEST_SHARE = 80
DEFAULT_CUT_OFF = 0.5


@dataclass(frozen=True)
class Number:
    """One metric: what it is called, its value and chance level as written, what it says, and why it is missing."""

    label: str
    value: str
    chance: str
    explanation: str
    missing: str = ""


@dataclass(frozen=True)
class Further:
    """The same region held against another model, or why it cannot be."""

    model: str
    iou: str
    case: str
    problem: str = ""


@dataclass(frozen=True)
class CaseView:
    """The Shared Interest case in words; ``values`` are the numbers that decided it, as written."""

    name: str
    explanation: str
    values: str = ""
    is_borderline: bool = False


@dataclass(frozen=True)
class AgreementView:
    """What is shown of one agreement; shares are of the picture, 0–1."""

    sentence: str
    only_person: float
    both: float
    only_model: float
    case: CaseView
    numbers: Sequence[Number]
    further: Sequence[Further]
    notes: Sequence[str]
    tied: str = ""


def agreement_controls(sources: Mapping[str, str], rules: Mapping[str, str], settings: html.Div) -> html.Div:
    """What the model's region comes from, with which settings, by which rule, and the live area."""
    options = [{"value": key, "label": label} for key, label in rules.items()]
    choices = [{"value": key, "label": label} for key, label in sources.items()]
    source = dbc.Select(id=ids.AGREEMENT_SOURCE, options=choices, value=next(iter(sources)))
    rule = dbc.Select(id=ids.AGREEMENT_RULE, options=options, value=next(iter(rules)))
    slider = dcc.Slider(
        id=ids.AGREEMENT_SHARE, min=1, max=LARGEST_SHARE, step=0.5, value=10, marks=None, updatemode="drag"
    )
    match = html.Button(
        "Same as yours",
        id="match-area",
        type="button",
        className="text-button",
        **aria(pressed=True),
    )
    area = html.Div(
        [html.Span("Area, %", className="field-label"), slider, match],
        className="field",
        id="agreement-area",
        **data(name="The model's area, % of the picture"),
    )
    high = dbc.Input(id="agreement-high", type="number", min=0.05, max=1, step=0.05, value=DEFAULT_CUT_OFF, size="sm")
    return html.Div(
        [
            html.Div([html.Label("Model's", htmlFor=ids.AGREEMENT_SOURCE), source], className="field"),
            html.Div([html.Label("Region is", htmlFor=ids.AGREEMENT_RULE), rule], className="field", id="rule-field"),
            area,
            html.Div(id=ids.AGREEMENT_MISSING),
            settings,
            html.Div([html.Label("Cut-off of the case", htmlFor="agreement-high"), high], className="field cut-off"),
        ],
        className="agreement-controls",
    )


def nothing_chosen() -> html.P:
    """What to do first."""
    return html.P("Save a region, or choose one above, to see where you and the model agree.", className="quiet small")


def progress(label: str, share: float) -> html.Div:
    """How far the work is (0–1), and buttons to stop it and to go on, of which the style sheet shows the right one."""
    bar = html.Div(className="progress-bar", style={"width": percent(share) + "%"})
    values = aria(valuenow=str(round(share * 100)), valuemin="0", valuemax="100", label=label)
    return html.Div(
        [
            html.Div(
                [html.Span(label), html.Span(f"{share * 100:.0f} %", className="number")], className="progress-head"
            ),
            html.Div(bar, className="progress", role="progressbar", **values),
            html.Button("Stop", type="button", className="text-button", **data(stop_work=True)),
            html.Button("Stopped – go on", type="button", className="text-button", **data(go_on=True)),
        ],
        className="work-progress",
    )


def failed(sentence: str) -> html.Div:
    """Why there is nothing to see."""
    return html.Div(sentence, className="message", role="alert")


def agreement_panel(view: AgreementView) -> html.Div:
    """The sentence first, then what is seen, then the numbers."""
    return html.Div(
        [
            html.P(view.sentence, className="agreement-sentence", **aria(live="polite")),
            _legend(view),
            *[html.P(note, className="quiet small") for note in view.notes],
            html.Button("Keep the model's region", id="keep-model-region", type="button", className="text-button"),
            _case(view.case),
            html.P("Measures, and after the stroke what chance would give", className="quiet measures-title"),
            _measures(view.numbers),
            html.P(view.tied, className="quiet small") if view.tied else None,
            _glossary(view.numbers),
            _further(view.further),
        ],
        className="agreement-panel",
    )


def _legend(view: AgreementView) -> html.Ul:
    entries = (
        ("patch", "Only you", view.only_person),
        ("patch is-both", "Both", view.both),
        ("patch is-model", "Only the model", view.only_model),
    )
    return html.Ul(
        [
            html.Li(
                [
                    html.Span(className=look, **aria(hidden="true")),
                    label,
                    html.Span(f"{percent(share)} %", className="number"),
                ]
            )
            for look, label, share in entries
        ],
        className="legend",
        **aria(label="Colours over the picture, shares of the picture"),
    )


def _case(case: CaseView) -> html.Div:
    border: list[Any] = [html.Span("borderline", className="pin")]
    border.append("A value that decided lies within 0.05 of the cut-off. ")
    return html.Div(
        [
            html.Div(html.Strong(case.name.capitalize()), className="case"),
            html.P(case.explanation, className="small"),
            html.P([*(border if case.is_borderline else []), case.values], className="quiet small"),
        ]
    )


def _measures(numbers: Sequence[Number]) -> html.Ul:
    return html.Ul([_measure(number) for number in numbers], className="measures", **aria(label="Measures"))


def _measure(number: Number) -> html.Li:
    chance = html.Span(f"/ {number.chance}", className="quiet number") if number.chance else None
    parts = [html.Span(number.label, className="measure-name"), html.Span(number.value, className="number"), chance]
    missing = html.Span(number.missing, className="quiet measure-missing") if number.missing else None
    return html.Li([*parts, missing], title=number.explanation, **data(metric=number.label))


def _glossary(numbers: Sequence[Number]) -> html.Details:
    """What each measure says, for whoever has no pointer to rest on it."""
    entries = [part for one in numbers for part in (html.Dt(one.label), html.Dd(one.explanation))]
    return html.Details([html.Summary("What the measures say"), html.Dl(entries)], className="notes glossary")


def _further(lines: Sequence[Further]) -> Any:
    if not lines:
        return None
    head = html.Thead(html.Tr([html.Th(text, scope="col") for text in ("Model", "IoU", "Case")]))
    rows = [
        html.Tr(
            [
                html.Th(line.model, scope="row"),
                html.Td(line.iou, className="number"),
                html.Td(line.problem or line.case),
            ]
        )
        for line in lines
    ]
    return html.Table([head, html.Tbody(rows)], className="numbers", **aria(label="The same region and other models"))
