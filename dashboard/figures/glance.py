"""The small charts above the lists. Colours of text and lines are the style sheet's, so that both themes fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

MARK = "#3f8fc4"
MARK_FLIPPED = "#16191d"
MANY_POINTS = 800
_DENSITY = [[0, "rgba(63,143,196,0.10)"], [0.25, "rgba(63,143,196,0.40)"], [1, "rgba(63,143,196,1)"]]
_AXIS = {"zeroline": False, "showline": False, "ticks": "", "fixedrange": False}
_FONT = {"family": 'system-ui, -apple-system, "Segoe UI", Roboto, Inter, "DejaVu Sans", sans-serif', "size": 12}


def edits_over_time(start_ms: Sequence[int], edits: Sequence[int], bar_ms: int) -> dict[str, Any]:
    """Bars of edits, each ``bar_ms`` wide (Unix ms, UTC); dragging sideways chooses a stretch."""
    middle = [start + bar_ms / 2 for start in start_ms]
    trace = {
        "type": "bar",
        "x": middle,
        "y": list(edits),
        "width": bar_ms * 0.92,
        "marker": {"color": MARK, "line": {"width": 0}},
        "hovertemplate": "%{x|%-d %b %Y, %H:%M}<br>%{y:,} edits<extra></extra>",
    }
    x = _AXIS | {"type": "date", "showgrid": False, "nticks": 5}
    y = _AXIS | {"fixedrange": True, "nticks": 3, "rangemode": "tozero", "tickformat": ",d"}
    # A single bar would else fill the chart.
    if len(middle) == 1:
        x["range"] = [middle[0] - 8 * bar_ms, middle[0] + 8 * bar_ms]
    figure = _figure([trace], x, y, "x")
    figure["layout"]["margin"]["b"] = 36
    return figure


def points(
    mask_area: Sequence[float], change: Sequence[float], flipped: Sequence[bool], edits: Sequence[str]
) -> dict[str, Any]:
    """One point an edit: mask area in per cent across, change in points upwards; flipped ones stand out."""
    area, moved = np.asarray(mask_area, float) * 100, np.asarray(change, float) * 100
    turned = np.asarray(flipped, bool)
    crowded = len(turned) > MANY_POINTS
    traces = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "x": area[chosen].round(3).tolist(),
            "y": moved[chosen].round(3).tolist(),
            "customdata": [edit for edit, taken in zip(edits, chosen, strict=True) if taken],
            "marker": {
                "color": colour,
                "symbol": symbol,
                "size": size,
                "opacity": 0.5 if crowded else 0.8,
                "line": {"width": 0},
            },
            "hovertemplate": f"mask %{{x:.1f}} %<br>%{{y:+.1f}} points<extra>{name}</extra>",
        }
        for name, chosen, colour, symbol, size in (
            ("same answer", ~turned, MARK, "circle", 3 if crowded else 5),
            ("flipped", turned, MARK_FLIPPED, "diamond", 4 if crowded else 6),
        )
    ]
    return _area_against_change(traces)


def density(
    area: Sequence[tuple[float, float]], change: Sequence[tuple[float, float]], edits: Sequence[int]
) -> dict[str, Any]:
    """The same for many edits: cells by their bounds (shares), darker where there are more; exact counts on hover."""
    left, bottom = np.asarray([a for a, _ in area]) * 100, np.asarray([c for c, _ in change]) * 100
    columns, rows = np.unique(left.round(6)), np.unique(bottom.round(6))
    across = np.arange(columns.min(), columns.max() + 1)
    step = 2.5
    upwards = np.arange(rows.min(), rows.max() + step, step)
    count = np.full((len(upwards), len(across)), np.nan)
    count[np.rint((bottom - upwards[0]) / step).astype(int), np.rint(left - across[0]).astype(int)] = edits
    filled = np.isfinite(count)
    # Counts span orders of magnitude; what is written on hover is the count itself.
    shade = np.log10(np.where(filled, count, 1)) + 0.3
    trace = {
        "type": "heatmap",
        "x0": float(across[0]) + 0.5,
        "dx": 1,
        "y0": float(upwards[0]) + step / 2,
        "dy": step,
        "z": [
            [float(v) if ok else None for v, ok in zip(*row, strict=True)] for row in zip(shade, filled, strict=True)
        ],
        "text": [
            [f"{int(v):,}" if ok else "" for v, ok in zip(*row, strict=True)] for row in zip(count, filled, strict=True)
        ],
        "colorscale": _DENSITY,
        "showscale": False,
        "hoverongaps": False,
        "hovertemplate": "%{text} edits<br>mask around %{x:.1f} %<br>change around %{y:+.1f} points<extra></extra>",
    }
    return _area_against_change([trace])


def nothing(sentence: str) -> dict[str, Any]:
    """An empty chart that says so."""
    figure = _figure([], {"visible": False}, {"visible": False}, "x")
    figure["layout"]["annotations"] = [
        {"text": sentence, "showarrow": False, "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5}
    ]
    return figure


def _area_against_change(traces: list[dict[str, Any]]) -> dict[str, Any]:
    x = _AXIS | {"ticksuffix": " %", "nticks": 6, "showgrid": False}
    y = _AXIS | {"nticks": 5, "zeroline": True, "zerolinewidth": 1}
    return _figure(traces, x, y, "closest")


def _figure(traces: list[dict[str, Any]], x: dict[str, Any], y: dict[str, Any], hover: str) -> dict[str, Any]:
    layout = {
        "margin": {"l": 44, "r": 8, "t": 4, "b": 22},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": _FONT,
        "separators": ".,",
        "showlegend": False,
        "dragmode": "zoom",
        "hovermode": hover,
        "bargap": 0.08,
        "xaxis": x,
        "yaxis": y,
    }
    return {"data": traces, "layout": layout}
