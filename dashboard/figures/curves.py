"""Deletion and insertion curves in people's and the model's order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

PEOPLE = "#0072B2"
MODEL = "#E69F00"
LOOKS = {"people": (PEOPLE, "solid", "circle"), "model": (MODEL, "dash", "square")}
NAMES = {"people": "people's order", "model": "the model's order"}


def curve_chart(title: str, curves: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> dict[str, Any]:
    """One line for each of "people" and "model": (shares of the area, probabilities), both 0–1."""
    return {
        "data": [_line(order, shares, values) for order, (shares, values) in curves.items()],
        "layout": {
            "title": {"text": title, "font": {"size": 13}, "x": 0, "xanchor": "left", "y": 0.97},
            "xaxis": {
                "range": [-2, 102],
                "fixedrange": True,
                "zeroline": False,
                "gridcolor": "rgba(127,127,127,0.18)",
                "title": {"text": "area, %", "font": {"size": 12}, "standoff": 6},
            },
            "yaxis": {"range": [-3, 103], "fixedrange": True, "zeroline": False, "gridcolor": "rgba(127,127,127,0.18)"},
            "margin": {"l": 36, "r": 8, "t": 32, "b": 40},
            "height": 240,
            "showlegend": False,
            "dragmode": False,
            "hovermode": "x unified",
            "font": {"size": 12},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
        },
    }


def _line(order: str, shares: Sequence[float], values: Sequence[float]) -> dict[str, Any]:
    colour, dash, symbol = LOOKS[order]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": NAMES[order],
        "x": [round(share * 100, 2) for share in shares],
        "y": [round(value * 100, 2) for value in values],
        "line": {"color": colour, "width": 2, "dash": dash},
        "marker": {"symbol": symbol, "size": 5},
        "hovertemplate": "%{y:.1f} %",
    }
