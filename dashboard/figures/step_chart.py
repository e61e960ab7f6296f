"""Probabilities of some classes over the steps of a session. Colours of text are the style sheet's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# Okabe & Ito 2008, told apart without colour vision; dashes and marks say the same once more.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "triangle-down", "cross")
MOST_TICKS = 12
MARKS_UP_TO = 80
BACK = "rgba(127,127,127,0.35)"


@dataclass(frozen=True)
class ChartStep:
    """One place on the chart: its number in the session, what was seen before it was made, whether that is a return.

    Probabilities 0–1, one a class; None where the model did not answer.
    """

    number: int
    probabilities: Sequence[float] | None
    before: Sequence[float] | None
    goes_back: bool


def step_chart(classes: Sequence[str], original: Sequence[float] | None, steps: Sequence[ChartStep]) -> dict[str, Any]:
    """A line a class, place 0 the original; a line is broken where the film returns to an earlier step.

    The present position is no part of it: Plotly takes 50 ms to move a line, the page moves one of its own.
    """
    return {
        "data": [_returns(steps), *[_line(place, label, original, steps) for place, label in enumerate(classes)]],
        "layout": _layout(steps),
    }


def _line(place: int, label: str, original: Sequence[float] | None, steps: Sequence[ChartStep]) -> dict[str, Any]:
    x: list[int] = [0]
    y: list[float | None] = [_percent(original, place)]
    sizes = [6]
    for position, step in enumerate(steps, 1):
        if step.goes_back:
            # A new beginning at the parent's value: the line then shows what this very step changed.
            x += [position - 1, position - 1]
            y += [None, _percent(step.before, place)]
            sizes += [0, 0]
        x.append(position)
        y.append(_percent(step.probabilities, place))
        sizes.append(6)
    few = len(steps) <= MARKS_UP_TO
    colour = COLOURS[place % len(COLOURS)]
    return {
        "type": "scatter",
        "mode": "lines+markers" if few else "lines",
        "name": label,
        "x": x,
        "y": y,
        "line": {"color": colour, "width": 2, "dash": DASHES[place % len(DASHES)]},
        "marker": {"color": colour, "symbol": SYMBOLS[place % len(SYMBOLS)], "size": sizes, "line": {"width": 0}}
        if few
        else {},
        "hovertemplate": "%{y:.1f} %",
        "connectgaps": False,
    }


def _percent(probabilities: Sequence[float] | None, place: int) -> float | None:
    return None if probabilities is None else round(probabilities[place] * 100, 3)


def _layout(steps: Sequence[ChartStep]) -> dict[str, Any]:
    last = len(steps)
    return {
        "xaxis": {
            "range": [-0.5, last + 0.5],
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
            "showspikes": False,
            **_ticks(steps),
        },
        "yaxis": {
            "range": [0, 103],
            "fixedrange": True,
            "zeroline": False,
            "tickvals": [0, 25, 50, 75, 100],
            "gridcolor": "rgba(127,127,127,0.18)",
        },
        "margin": {"l": 48, "r": 8, "t": 8, "b": 24},
        "autosize": True,
        "showlegend": False,
        "hovermode": "x unified",
        "hoverdistance": -1,
        "dragmode": False,
        "font": {"size": 12},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
    }


def _returns(steps: Sequence[ChartStep]) -> dict[str, Any]:
    """An upright line at each return; one trace, because hundreds of shapes take Plotly seconds."""
    x: list[int] = []
    for place, step in enumerate(steps):
        x += [place] * 3 if step.goes_back else []
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": [0, 100, None] * (len(x) // 3),
        "line": {"color": BACK, "width": 1, "dash": "dot"},
        "hoverinfo": "skip",
        "connectgaps": False,
    }


def _ticks(steps: Sequence[ChartStep]) -> dict[str, Any]:
    every = max(1, -(-(len(steps) + 1) // MOST_TICKS))
    places = range(0, len(steps) + 1, every)
    names = ["Original" if place == 0 else str(steps[place - 1].number) for place in places]
    return {"tickvals": list(places), "ticktext": names}
