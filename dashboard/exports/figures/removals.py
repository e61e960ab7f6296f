"""Figures of removing regions: whether one matters, and how the answer goes as more and more is taken away."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import chain
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from dashboard.analysis.removal import effects
from dashboard.exports.figures.look import FigureError, Look
from dashboard.exports.figures.marked import everybody
from dashboard.exports.figures.method_words import cite_map, cite_removal, map_name, removal_name
from dashboard.exports.figures.parts import Drawn, new_figure
from dashboard.exports.figures.reading import (
    USUAL_MAP,
    USUAL_REMOVAL,
    Asked,
    Row,
    find,
    image_name,
    model_asked,
    model_name,
)
from dashboard.exports.figures.source import Source
from dashboard.vision.classifiers import Catalogue

ORDERS = {"people": ("people's order", "-", "o"), "model": ("the model's order", "--", "s")}
CURVES = ("deletion", "insertion")


def effect(source: Source, asked: Asked, look: Look) -> Drawn:
    """What removing a person's region does to the answer, beside the model's region and random ones of equal area."""
    row = find(source, "regions", "region_id", asked.of)
    model = model_asked(source, asked.model) or row["model_id"] or _default_model(source) or ""
    drops, about = _drops(source, row, model, asked.method)
    summary = effects(drops["people"][0], (drops.get("model") or [math.nan])[0], drops.get("random", []))
    figure = new_figure(look, 0.3 + 0.02 * look.points / look.inches)
    axes = figure.subplots()
    _bars(axes, summary, look)
    method = removal_name(about["method"])
    chance = (
        f"random regions {summary.random_mean.value * 100:.1f} points on average"
        + (f" (95 % interval of the mean {_between(summary.random_mean.low, summary.random_mean.high)}; "
           f"the middle 95 % of {len(summary.random)} regions {_between(summary.random_low, summary.random_high)})"
           if len(summary.random) > 1 else "")
        if summary.random else "no random region of this size fits into the picture"
    )  # fmt: skip
    model_drop = "undefined" if math.isnan(summary.model) else f"{summary.model * 100:.1f} points"
    caption = (
        f"{image_name(source, row)}: drop of {model_name(source, model)}'s probability of {row['class_name']} when a "
        f"region is removed ({method}): the person's ({row['mask_area'] * 100:.1f} % of the picture) "
        f"{summary.human * 100:.1f} points, the model's of equal area ({map_name(about['map_method'])}) {model_drop}, "
        f"{chance}."
    )
    cites = (*cite_removal(about["method"]), *cite_map(about["map_method"]))
    return Drawn(figure, caption, f"Three rows: the person, the model, chance. {caption}", (axes,), cites)


def _drops(source: Source, row: Row, model: str, method: str) -> tuple[dict[str, list[float]], Row]:
    rows = _usual(
        one for one in source.rows("effects")
        if (one["region_id"], one["model_id"]) == (row["region_id"], model)
        and method in ("", one["map_method"], one["method"])
    )  # fmt: skip
    found: dict[str, list[float]] = {}
    for one in rows:
        found.setdefault(str(one["whose"]), []).append(math.nan if one["drop"] is None else float(one["drop"]))
    about: Row = rows[0] if rows else {"map_method": USUAL_MAP, "method": USUAL_REMOVAL}
    if not found and method in ("", *about.values()):
        found = _measured(source, row, model)
    if "people" not in found:
        raise FigureError("What removing this region does is not known.")
    return found, about


def _with(rows: list[Row], key: str, value: str | None) -> list[Row]:
    """Those with this value where there are any, else those with the first row's."""
    found = [one for one in rows if one[key] == value]
    return found or [one for one in rows if one[key] == rows[0][key]]


def _most_marked(source: Source, image: str) -> str | None:
    try:
        return everybody(source, image).class_name
    except FigureError:
        return None


def _default_model(source: Source) -> str | None:
    """The model that is asked where nobody says which."""
    return next((row["model_id"] for row in source.rows("models") if row["model_key"] == Catalogue.default_key), None)


def _usual(rows: Iterable[Row]) -> list[Row]:
    """Those of one way of finding and removing: the usual one where it is there, else the first."""
    ways: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        ways.setdefault((row["map_method"], row["method"]), []).append(row)
    usual = (way for way in ways if way == (USUAL_MAP, USUAL_REMOVAL))
    with_usual = (way for way in ways if way[0] == USUAL_MAP or way[1] == USUAL_REMOVAL)
    return ways[next(chain(usual, with_usual, ways))] if ways else []


def _measured(source: Source, row: Row, model: str) -> dict[str, list[float]]:
    """From a study's package: the three drops, of the random ones their mean alone."""
    names = {f"necessity_{whose}": whose for whose in ("people", "model", "random")}
    return {
        names[one["metric"]]: [float(one["value"])]
        for one in source.rows("metrics")
        if one["region_id"] == row["region_id"]
        and one["model_id"] == model
        and one["metric"] in names
        and one["value"] is not None
    }


def _between(low: float, high: float) -> str:
    return f"{low * 100:.1f} to {high * 100:.1f}".replace("-", "−")


def _bars(axes: Axes, found: Any, look: Look) -> None:
    rows = [("person", found.human, look.people, ""), ("model", found.model, look.model, "///")]
    for place, (_, drop, colour, lines) in enumerate(rows):
        if not math.isnan(drop):
            axes.barh(place, drop * 100, height=0.55, facecolor=colour, edgecolor=look.ink, linewidth=look.thin,
                      hatch=lines)  # fmt: skip
            _number(axes, drop, place, look)
    if found.random:
        values = np.asarray(found.random) * 100
        if len(values) > 1:
            axes.plot([found.random_low * 100, found.random_high * 100], [2, 2], color=look.quiet, alpha=0.35,
                      linewidth=look.points * 1.2, solid_capstyle="butt")  # fmt: skip
            axes.plot(values, np.full(values.shape, 2.0), "o", markersize=look.points * 0.35, color=look.quiet,
                      alpha=0.7, markeredgewidth=0)  # fmt: skip
        axes.plot(found.random_mean.value * 100, 2, "D", markersize=look.points * 0.7, color=look.ink)
    axes.axvline(0, color=look.ink, linewidth=look.thin)
    axes.set_yticks(range(3), ["person", "model", "chance"])
    axes.set_ylim(2.6, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.margins(x=0.12)
    axes.set_xlabel("drop of the probability, percentage points")
    axes.grid(axis="x", color=look.quiet, alpha=0.35)
    axes.set_axisbelow(True)


def _number(axes: Axes, drop: float, place: int, look: Look) -> None:
    sign = 1 if drop >= 0 else -1
    axes.annotate(f"{drop * 100:.1f}".replace("-", "−"), (drop * 100, place), xytext=(sign * look.points * 0.4, 0),
                  textcoords="offset points", va="center", ha="left" if sign > 0 else "right")  # fmt: skip


def curves(source: Source, asked: Asked, look: Look) -> Drawn:
    """Deletion and insertion in people's order and in the model's (Petsiuk et al. 2018)."""
    model = model_asked(source, asked.model)
    rows = [
        one
        for one in source.rows("curves")
        if one["image_id"] == asked.of
        and model in (None, one["model_id"])
        and asked.class_name in ("", one["class_name"])
        and asked.method in ("", one["map_method"], one["method"])
    ]
    if not rows:
        raise FigureError(
            "There are no deletion and insertion curves of this picture: a package holds those that were worked out on "
            "the picture's page before it was written."
        )
    rows = _with(rows, "class_name", _most_marked(source, asked.of))
    rows = _usual(_with(rows, "model_id", _default_model(source)))
    first = rows[0]
    figure = new_figure(look, 0.5 + 0.03 * look.points / look.inches)
    panels = figure.subplots(1, 2, sharey=True)
    areas = []
    for axes, curve in zip(panels, CURVES, strict=True):
        areas += _curve(axes, curve, rows, look)
    panels[0].set_ylabel(f"{first['class_name']}, %" if len(first["class_name"]) < 24 else "probability, %")
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=2, frameon=False)
    picture = find(source, "images", "image_id", asked.of)["image_name"]
    caption = (
        f"{picture}: {model_name(source, first['model_id'])}'s probability of {first['class_name']} as the picture "
        f"is taken away (deletion) or built up (insertion) in the order of people's consensus map and of its "
        f"{map_name(first['map_method'])}, filled by {removal_name(first['method'])}. "
        f"Areas under the curves: {', '.join(areas)}."
    )
    cites = ("petsiuk2018", *cite_removal(first["method"]), *cite_map(first["map_method"]))
    return Drawn(figure, caption, f"Two charts with two lines each. {caption}", tuple(panels), cites)


def _curve(axes: Axes, curve: str, rows: list[Row], look: Look) -> list[str]:
    areas = []
    for order, (name, style, marker) in ORDERS.items():
        line = sorted((one["share"], one["probability"]) for one in rows
                      if one["curve"] == curve and one["ordering"] == order)  # fmt: skip
        if not line:
            continue
        shares, values = np.asarray(line).T
        colour = look.people if order == "people" else look.model
        axes.plot(shares * 100, values * 100, style, marker=marker, markersize=look.points * 0.4, color=colour,
                  linewidth=look.line, label=name, markeredgecolor=look.ink, markeredgewidth=look.thin,
                  markevery=4)  # fmt: skip
        areas.append(f"{curve} in {name} {float(np.trapezoid(values, shares)):.2f}")
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 100)
    axes.set_xlabel("removed, %" if curve == "deletion" else "shown, %")
    axes.set_title(curve, loc="left")
    axes.grid(color=look.quiet, alpha=0.35)
    return areas
