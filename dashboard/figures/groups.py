"""Groups beside each other: means with their intervals, and shares of a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

PEOPLE = "#0072B2"
# Okabe and Ito's colours, in an order in which neighbours differ in lightness as well.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#999999", "#F0E442")
_ROW_PX, _FRAME_PX = 30, 64
_GRID = "rgba(127,127,127,0.18)"


def means_chart(rows: Sequence[Mapping[str, Any]], unit: str = "") -> dict[str, Any]:
    """A row a group: its mean and 95 % interval, and how many values there are. NaN where there is none."""
    known = [row for row in rows if row["mean"] == row["mean"]]
    data = {
        "type": "scatter",
        "mode": "markers",
        "x": [row["mean"] for row in known],
        "y": [_label(row) for row in known],
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [_apart(row["high"], row["mean"]) for row in known],
            "arrayminus": [_apart(row["mean"], row["low"]) for row in known],
            "color": PEOPLE,
            "thickness": 2,
            "width": 5,
        },
        "marker": {"color": PEOPLE, "size": 10},
        "hovertemplate": "%{y}: %{x:.3g}<extra></extra>",
    }
    return {"data": [data], "layout": frame(len(known), unit)}


def shares_chart(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> dict[str, Any]:
    """A bar a group, divided among ``names`` by their counts; each row's ``n`` is the whole."""
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "x": [100 * row[name] / row["n"] if row["n"] else 0 for row in rows],
            "y": [_label(row) for row in rows],
            "marker": {"color": COLOURS[place % len(COLOURS)], "line": {"width": 1, "color": "rgba(255,255,255,0.6)"}},
            "customdata": [row[name] for row in rows],
            "hovertemplate": f"{name}: %{{customdata}} (%{{x:.0f}} %)<extra></extra>",
        }
        for place, name in enumerate(names)
    ]
    layout = frame(len(rows), "%") | {
        "barmode": "stack",
        "showlegend": True,
        "legend": {"orientation": "h", "traceorder": "normal", "y": 1, "yanchor": "bottom", "x": 0},
    }
    layout["height"] += 32
    layout["margin"] = layout["margin"] | {"t": 40}
    return {"data": data, "layout": layout}


def _label(row: Mapping[str, Any]) -> str:
    return f"{row['group']}  (n = {row['n']})"


def _apart(first: float, second: float) -> float:
    return max(0.0, first - second) if first == first and second == second else 0.0


def frame(rows: int, unit: str) -> dict[str, Any]:
    """The layout of a chart of so many rows; ``unit`` stands behind the figures of its x axis."""
    return {
        "xaxis": {
            "fixedrange": True,
            "zeroline": False,
            "rangemode": "tozero",
            "gridcolor": _GRID,
            "ticksuffix": f" {unit}" if unit else "",
        },
        "yaxis": {
            "fixedrange": True,
            "autorange": "reversed",
            "automargin": True,
            "ticksuffix": " ",
            "gridcolor": _GRID,
        },
        "margin": {"l": 8, "r": 16, "t": 8, "b": 32},
        "height": _FRAME_PX + _ROW_PX * max(1, rows),
        "showlegend": False,
        "dragmode": False,
        "font": {"size": 12},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
    }
