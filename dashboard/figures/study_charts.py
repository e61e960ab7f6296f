"""A study's own figures: models between floor and ceiling, and whether being sure meant being right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.figures.groups import COLOURS, frame

MODEL, PEOPLE = "#E69F00", "#0072B2"
Row = Mapping[str, Any]


def standings_chart(rows: Sequence[Row]) -> dict[str, Any]:
    """A row a picture, class and model: from floor to ceiling a line, on it the score; hollow that against everybody.

    Numbers are None where they are undefined.
    """
    labels = [", ".join(str(row[name]) for name in ("picture", "class", "model") if row[name]) for row in rows]
    between: dict[str, list[Any]] = {"x": [], "y": []}
    for row, label in zip(rows, labels, strict=True):
        between["x"] += [row["floor"], row["ceiling"], None]
        between["y"] += [label, label, None]
    line = {"type": "scatter", "mode": "lines", "line": {"color": PEOPLE, "width": 3}, "hoverinfo": "skip"}
    data = [
        line | between | {"name": "floor to ceiling"},
        _points(rows, labels, "floor", PEOPLE, "line-ns-open"),
        _points(rows, labels, "ceiling", PEOPLE, "line-ns-open"),
        _points(rows, labels, "everybody", MODEL, "circle-open") | {"error_x": _intervals(rows)},
        _points(rows, labels, "score", MODEL, "circle"),
    ]
    for one, shown in zip(data, (True, False, False, True, True), strict=True):
        one["showlegend"] = shown
    return {"data": data, "layout": _with_legend(frame(len(rows), ""))}


def _points(rows: Sequence[Row], labels: list[str], name: str, colour: str, symbol: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": {"everybody": "against everybody, 95 %", "score": "model against halves"}.get(name, name),
        "x": [row[name] for row in rows],
        "y": labels,
        "marker": {"color": colour, "size": 12, "symbol": symbol, "line": {"width": 2, "color": colour}},
        "hovertemplate": f"{name}: %{{x:.2f}}<extra>%{{y}}</extra>",
    }


def _intervals(rows: Sequence[Row]) -> dict[str, Any]:
    def apart(row: Row, low: str, high: str) -> float:
        return 0.0 if row[low] is None or row[high] is None else max(0.0, row[high] - row[low])

    return {
        "type": "data",
        "symmetric": False,
        "array": [apart(row, "everybody", "high") for row in rows],
        "arrayminus": [apart(row, "low", "everybody") for row in rows],
        "color": MODEL,
        "thickness": 2,
        "width": 5,
    }


def calibration_chart(rows: Sequence[Row]) -> dict[str, Any]:
    """What people stated (x) and how often they were right (y), both in percent, a line a group; dotted: perfect."""
    groups = list(dict.fromkeys(row["group"] for row in rows))
    data: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "perfectly calibrated",
            "x": [0, 100],
            "y": [0, 100],
            "line": {"color": "rgba(127,127,127,0.8)", "dash": "dot", "width": 2},
            "hoverinfo": "skip",
        }
    ]
    for place, group in enumerate(groups):
        own = [row for row in rows if row["group"] == group]
        data.append(
            {
                "type": "scatter",
                "mode": "lines+markers+text",
                "name": group,
                "x": [row["said"] for row in own],
                "y": [row["right"] for row in own],
                "text": [f"{row['n']}" for row in own],
                "textposition": "top center",
                "cliponaxis": False,
                "marker": {"size": 9, "symbol": place},
                "line": {"color": COLOURS[place % len(COLOURS)], "width": 2},
                "hovertemplate": f"{group}: said %{{x:.0f}} %, right %{{y:.0f}} %<extra></extra>",
            }
        )
    layout = _with_legend(frame(9, "%"))
    axis = layout["xaxis"] | {"range": [0, 104]}
    layout["xaxis"] = axis | {"title": _title("stated")}
    layout["yaxis"] = axis | {"range": [-4, 108], "title": _title("right"), "automargin": True}
    layout["margin"] = layout["margin"] | {"b": 48}
    return {"data": data, "layout": layout}


def _title(text: str) -> dict[str, Any]:
    return {"text": text, "standoff": 8, "font": {"size": 12}}


def _with_legend(layout: dict[str, Any]) -> dict[str, Any]:
    layout["showlegend"] = True
    layout["legend"] = {"orientation": "h", "traceorder": "normal", "y": 1, "yanchor": "bottom", "x": 0}
    layout["height"] += 32
    layout["margin"] = layout["margin"] | {"t": 40}
    return layout
