"""Does it matter? The question's button, and its answer while it grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.components import ids
from dashboard.components.attributes import aria, data
from dashboard.components.canvas import GRAPH_CONFIG


@dataclass(frozen=True)
class EffectLine:
    """One model and one filling: the drops in points as written."""

    name: str
    human: str
    model: str
    random: str
    advantage: str
    alone: str
    problem: str = ""


def effect_controls() -> html.Div:
    """The button, and whether every filling is to be tried."""
    return html.Div(
        [
            html.P(
                "Your region, the model's of equal area, and 30 random ones are each removed by the chosen method.",
                className="quiet small",
            ),
            html.Div(
                [
                    dbc.Button("Find out", id="ask-effect", color="primary", size="sm", disabled=True),
                    dbc.Switch(id=ids.EFFECT_ALL, label="by every method that there is", value=False),
                ],
                className="button-row",
            ),
        ],
        className="effect-controls",
    )


def effect_panel(
    about: str,
    figure: dict[str, Any],
    sentences: Sequence[str],
    lines: Sequence[EffectLine],
    together: Sequence[str],
    progress: html.Div | None,
) -> html.Div:
    """Whose answer it is, the chart of the first question and what it says in words; then a line for each question
    where there are several, and what they say ``together``.
    """
    graph = dcc.Graph(figure=cast(Any, figure), config=cast(Any, GRAPH_CONFIG | {"scrollZoom": False}))
    return html.Div(
        [
            progress,
            html.P(about, className="quiet small effect-about"),
            html.Div(graph, role="img", **aria(label=" ".join(sentences)), **data(chart="effects")),
            *[html.P(sentence, className="small") for sentence in sentences],
            _table(lines),
            *[html.P(sentence, className="small") for sentence in together],
        ],
        className="effect-panel",
    )


def _table(lines: Sequence[EffectLine]) -> Any:
    if not lines:
        return None
    titles = ("", "Marked", "Model", "Random", "Advantage", "Alone, %")
    head = html.Thead(html.Tr([html.Th(title, scope="col", className="number" if title else "") for title in titles]))
    return html.Table(
        [
            html.Caption(
                "Drops in points, random is their mean; alone: the answer with all but the marked region blurred",
                className="quiet",
            ),
            head,
            html.Tbody(list(map(_row, lines))),
        ],
        className="numbers effect-table",
    )


def _row(line: EffectLine) -> html.Tr:
    name = html.Th(line.name, scope="row")
    if line.problem:
        return html.Tr([name, html.Td(line.problem, colSpan=5, className="quiet")])
    values = (line.human, line.model, line.random, line.advantage, line.alone)
    return html.Tr([name, *[html.Td(value, className="number") for value in values]])
