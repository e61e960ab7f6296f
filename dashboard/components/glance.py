"""The charts above the lists: places that never change their size, and the bars of flips by class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from dashboard.components import browse_ids as ids
from dashboard.components.attributes import aria, data
from dashboard.numbers import percent

_CONFIG: Any = {
    "displayModeBar": False,
    "showTips": False,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "displaylogo": False,
    "doubleClick": False,
    "responsive": True,
}


def charts() -> html.Section:
    """Places for three charts side by side; on a phone they open when asked for."""
    bars = html.Div(html.Ol(id=ids.CLASS_BARS, className="class-bars"), className="chart-place")
    classes = html.Div(
        [_title("Flips by first answer", "click to filter"), bars], className="glance-chart", **data(chart="classes")
    )
    summary = html.Div(
        [
            html.Button("Charts", id="charts-toggle", type="button", className="text-button", **aria(expanded=False)),
            html.P(id=ids.SUMMARY, className="summary", role="status"),
        ],
        className="glance-head",
    )
    time = _place("Edits over time, UTC", ids.TIME_PLACE)
    area = _place("Mask area (%) against change (points)", ids.AREA_PLACE)
    inside = html.Div([time, classes, area], className="glance-charts", id="glance-charts")
    return html.Section([summary, inside], className="glance", id="glance", **aria(label="At a glance"))


def _place(title: str, element_id: str) -> html.Div:
    inside = [_title(title, "drag to filter"), html.Div(id=element_id, className="chart-place")]
    return html.Div(inside, className="glance-chart")


def chart(element_id: str, figure: dict[str, Any]) -> dcc.Graph:
    """A chart for its place. It comes with its first figure: Plotly's 5 MB are read after the rows are there."""
    return dcc.Graph(id=element_id, config=_CONFIG, figure=figure, className="glance-graph")


def _title(text: str, hint: str) -> html.H3:
    return html.H3([text, html.Span(f" – {hint}", className="chart-hint")])


def class_bars(classes: Sequence[tuple[str, int, int]]) -> list[Any]:
    """(class, edits, flips) as buttons with bars on one scale, real ones: they work by keyboard as well."""
    largest = max((flips for _, _, flips in classes), default=0) or 1
    return [html.Li(_bar(name, edits, flips, flips / largest)) for name, edits, flips in classes]


def _bar(name: str, edits: int, flips: int, share: float) -> html.Button:
    said = f"{name}: {flips:,} of {edits:,} edits flipped ({percent(flips / edits)} %)"
    return html.Button(
        [
            html.Span(name, className="class-name"),
            html.Span(
                html.Span(className="bar", style={"width": f"{share * 100:.1f}%"}),
                className="bar-track",
                **aria(hidden="true"),
            ),
            html.Span(f"{flips:,} of {edits:,}", className="number"),
        ],
        type="button",
        title=f"{said}. Show only these.",
        **data(class_name=name),
        **aria(label=said),
    )


def summary(edits: int, sessions: int, flips: int, answered: int) -> str:
    """What the filter holds, in words: n is how many edits have an answer before and after."""
    held = f"{_counted(edits, 'edit')} in {_counted(sessions, 'session')}"
    return f"{held}, {percent(flips / answered)} % flipped (n\u00a0=\u00a0{answered:,})" if answered else held


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
