"""What can be asked on the page of one picture: does it matter, the curves, and regions from files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.components.attributes import aria, data
from dashboard.components.canvas import GRAPH_CONFIG
from dashboard.components.picture_page import Legend

IMPORT = "region-import"
IMPORT_CLASS = "region-import-class"
IMPORT_AUTHOR = "region-import-author"
IMPORT_MESSAGE = "region-import-message"
IMPORT_REPORT = "region-import-report"
IMPORTED = "region-imported"
IMPORT_ASK = "region-import-ask"
LARGEST_IMPORT = 25_000_000
CURVES = "picture-curves"
CURVES_ASK = "picture-curves-ask"
CURVES_QUESTION = "picture-curves-question"
CURVES_STATE = "picture-curves-state"
CURVES_FILLING = "picture-curves-filling"
EFFECT = "picture-effect"
EFFECT_REGION = "picture-effect-region"
EFFECT_FILLING = "picture-effect-filling"
EFFECT_ALL = "picture-effect-all"
EFFECT_FIND_OUT = "picture-effect-find-out"
EFFECT_ASK = "picture-effect-ask"
EFFECT_STATE = "picture-effect-state"


def effect_section(fillings: Sequence[dict[str, Any]]) -> html.Section:
    """Which region is removed and how, and the place where the drops are shown; the page lists the regions."""
    region = dbc.Select(id=EFFECT_REGION, options=[], disabled=True, size="sm", placeholder="Nothing marked")
    filling = dbc.Select(id=EFFECT_FILLING, options=list(fillings), value=fillings[0]["value"], size="sm")
    return html.Section(
        [
            html.H2("Does it matter?"),
            html.P(
                "One person's region, each model's of equal area, and 30 random ones are removed by the same method.",
                className="quiet small",
            ),
            html.Div(
                [
                    html.Div([html.Label("Region", htmlFor=EFFECT_REGION), region], className="field"),
                    html.Div([html.Label("Removed by", htmlFor=EFFECT_FILLING), filling], className="field"),
                    dbc.Button("Find out", id=EFFECT_FIND_OUT, color="primary", size="sm", disabled=True),
                    dbc.Switch(id=EFFECT_ALL, label="by every method that there is", value=False),
                ],
                className="button-row",
            ),
            dcc.Store(id=EFFECT_ASK),
            dcc.Store(id=EFFECT_STATE),
            html.Div(id=EFFECT, **aria(live="polite")),
        ],
        className="card-plain curves-section",
    )


def curves_section(fillings: Sequence[dict[str, Any]]) -> html.Section:
    """What is asked for, and the place where the curves grow."""
    choice = dbc.Select(id=CURVES_FILLING, options=list(fillings), value=fillings[0]["value"], size="sm")
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


def import_section(classes: Sequence[str], chosen: str | None) -> html.Details:
    """Regions that were marked elsewhere; ``classes`` are those that a file may speak for that names none."""
    upload = dcc.Upload(
        html.Span("Choose or drop mask PNGs, COCO JSON, or labelme JSON"),
        id=IMPORT,
        multiple=True,
        className="upload",
        className_active="over",
        max_size=LARGEST_IMPORT,
    )
    speaks_for = dcc.Dropdown(
        list(classes), chosen, id=IMPORT_CLASS, clearable=False, placeholder="Choose a class", optionHeight=32
    )
    author = dbc.Input(id=IMPORT_AUTHOR, placeholder="a pseudonym, if any", maxLength=200, size="sm")
    return html.Details(
        [
            html.Summary("Import regions"),
            html.P(
                "A mask PNG belongs to this picture and the class chosen here; JSON files name their own. "
                "25 MB at most, all files together.",
                className="quiet small",
            ),
            html.Div(
                [html.Span("Class", className="field-label"), speaks_for],
                className="field",
                **data(name="Class of mask PNGs"),
            ),
            html.Div([html.Label("Marked by", htmlFor=IMPORT_AUTHOR), author], className="field"),
            html.Div(upload, **data(name="Import regions")),
            html.P(id=IMPORT_MESSAGE, className="message", role="alert"),
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
