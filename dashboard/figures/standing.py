"""Models between floor and ceiling: how close each comes to what people share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MODEL = "#E69F00"
PEOPLE = "#0072B2"


@dataclass(frozen=True)
class Mark:
    """One model's score against halves of the people, and that against everybody with its 95 % interval.

    NaN where it is undefined.
    """

    label: str
    score: float
    everybody: float
    low: float
    high: float


def standing_chart(floor: float, ceiling: float, marks: Sequence[Mark]) -> dict[str, Any]:
    """A row a model: full is the score, hollow that against everybody. Floor and ceiling are upright lines."""
    known = [mark for mark in marks if mark.everybody == mark.everybody]
    ends = [(value, name) for name, value in (("floor", floor), ("ceiling", ceiling)) if value == value]
    shapes = [_upright(value, name) for value, name in ends]
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "markers",
                "x": [mark.everybody for mark in known],
                "y": [mark.label for mark in known],
                "error_x": _interval(known),
                "marker": {"color": MODEL, "size": 11, "symbol": "circle-open", "line": {"width": 2}},
                "hovertemplate": "%{y}, everybody: %{x:.2f}<extra></extra>",
            },
            {
                "type": "scatter",
                "mode": "markers",
                "x": [mark.score if mark.score == mark.score else None for mark in known],
                "y": [mark.label for mark in known],
                "marker": {"color": MODEL, "size": 11, "line": {"color": "rgba(0,0,0,0.5)", "width": 1}},
                "hovertemplate": "%{y}, halves: %{x:.2f}<extra></extra>",
            },
        ],
        "layout": {
            "shapes": shapes,
            # The names stand outside, so that they do not run into each other.
            "annotations": [_name(*end, "right" if end == min(ends) else "left") for end in ends],
            "xaxis": {
                "range": [_lowest(floor, ceiling, known) - 0.1, 1.05],
                "fixedrange": True,
                "zeroline": False,
                "gridcolor": "rgba(127,127,127,0.18)",
                "title": {"text": "correlation with the consensus", "font": {"size": 12}, "standoff": 8},
            },
            "yaxis": {"fixedrange": True, "autorange": "reversed", "automargin": True},
            "margin": {"l": 8, "r": 8, "t": 24, "b": 40},
            "height": 84 + 34 * max(1, len(known)),
            "showlegend": False,
            "dragmode": False,
            "font": {"size": 12},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
        },
    }


def _lowest(floor: float, ceiling: float, marks: Sequence[Mark]) -> float:
    """The least value that is drawn, at most 0: a correlation can be negative."""
    values = [floor, ceiling, *[value for mark in marks for value in (mark.score, mark.everybody, mark.low)]]
    return min([0.0, *[value for value in values if value == value]])


def _interval(marks: Sequence[Mark]) -> dict[str, Any]:
    def apart(first: float, second: float) -> float:
        return max(0.0, first - second) if first == first and second == second else 0.0

    return {
        "type": "data",
        "symmetric": False,
        "array": [apart(mark.high, mark.everybody) for mark in marks],
        "arrayminus": [apart(mark.everybody, mark.low) for mark in marks],
        "color": MODEL,
        "thickness": 2,
        "width": 5,
    }


def _upright(value: float, name: str) -> dict[str, Any]:
    dash = "dot" if name == "floor" else "solid"
    line = {"color": PEOPLE, "width": 2, "dash": dash}
    return {"type": "line", "xref": "x", "yref": "paper", "x0": value, "x1": value, "y0": 0, "y1": 1, "line": line}


def _name(value: float, name: str, side: str) -> dict[str, Any]:
    return {
        "x": value,
        "y": 1,
        "xref": "x",
        "yref": "paper",
        "yanchor": "bottom",
        "xanchor": side,
        "text": name,
        "showarrow": False,
        "font": {"size": 12},
    }
