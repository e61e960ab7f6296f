"""The drops of an answer side by side: the person's region, the model's, and random ones as a distribution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

PEOPLE = "#0072B2"
MODEL = "#E69F00"
CHANCE = "#8A919B"
ROWS = ("Random", "Model", "Marked")


def effects_chart(
    human: float | None, model: float | None, random: Sequence[float], interval: tuple[float, float] | None
) -> dict[str, Any]:
    """Horizontal bars in points (shares in, −1 to 1), a dot a random region; None and NaN are left out.

    ``interval`` holds the middle 95 % of the random ones.
    """
    data = [_bar("Marked", human, PEOPLE), _bar("Model", model, MODEL), *_random(random, interval)]
    return {"data": data, "layout": _layout([human, model, *random])}


def _bar(name: str, value: float | None, colour: str) -> dict[str, Any]:
    shown = value is not None and value == value
    return {
        "type": "bar",
        "orientation": "h",
        "y": [name],
        "x": [_points(value) if shown and value is not None else None],
        "marker": {"color": colour},
        "width": 0.5,
        "hovertemplate": "%{x:+.1f} points<extra></extra>",
    }


def _random(random: Sequence[float], interval: tuple[float, float] | None) -> list[dict[str, Any]]:
    if not random:
        return []
    dots = {
        "type": "scatter",
        "mode": "markers",
        "y": ["Random"] * len(random),
        "x": [_points(value) for value in random],
        "marker": {"color": CHANCE, "size": 7, "opacity": 0.55, "line": {"width": 0}},
        "hovertemplate": "%{x:+.1f} points<extra></extra>",
    }
    if interval is None:
        return [dots]
    band = {
        "type": "scatter",
        "mode": "lines",
        "y": ["Random", "Random"],
        "x": [_points(end) for end in interval],
        "line": {"color": CHANCE, "width": 14},
        "opacity": 0.35,
        "hoverinfo": "skip",
    }
    return [band, dots]


def _points(value: float) -> float:
    return round(value * 100, 2)


def _layout(values: Sequence[float | None]) -> dict[str, Any]:
    known = [value for value in values if value is not None and value == value]
    low, high = min([0.0, *known]), max([0.05, *known])
    room = (high - low) * 0.06
    return {
        "xaxis": {
            "range": [_points(low - room), _points(high + room)],
            "fixedrange": True,
            "zeroline": True,
            "zerolinecolor": "rgba(127,127,127,0.7)",
            "gridcolor": "rgba(127,127,127,0.18)",
            "title": {"text": "drop of the answer, points", "standoff": 8, "font": {"size": 12}},
        },
        "yaxis": {"categoryorder": "array", "categoryarray": list(ROWS), "range": [-0.6, 2.6], "fixedrange": True},
        "margin": {"l": 64, "r": 8, "t": 4, "b": 40},
        "height": 172,
        "showlegend": False,
        "dragmode": False,
        "font": {"size": 12},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
    }
