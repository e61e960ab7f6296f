"""Figures of a study's results."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes

from dashboard.exports.figures.look import FigureError, Look
from dashboard.exports.figures.parts import Drawn, in_lines, new_figure, show_picture
from dashboard.exports.package.folder import PackageFolder
from dashboard.exports.package.results import PackageWorkings, study_rows
from dashboard.studies.results.report import results_of
from dashboard.studies.results.sections import Results, Table

Row = dict[str, Any]
HATCHES = ("", "///", "...", "\\\\\\", "xxx", "++", "oo", "--")
MOST_PICTURES = 6


def alignment(package: PackageFolder, study: str, look: Look) -> Drawn:
    """IoU with the model's region of equal area, by class, with 95 % intervals."""
    results = _results(package, study)
    table = _table(results, "iou-by-class")
    drawn = _means(table, look, "IoU with the model's region", (0, 1))
    caption = (
        f"Agreement of people's regions with the model's of equal area (IoU) by class: means with 95 % intervals "
        f"(BCa bootstrap), {results.counted} participants."
    )
    return _worded(drawn, table, caption, ("zhou2016", "efron1987"))


def necessity(package: PackageFolder, study: str, look: Look) -> Drawn:
    """Drops of the class's probability when people's, the model's and random regions are removed."""
    results = _results(package, study)
    table = _table(results, "necessity")
    drawn = _means(table, look, "drop, percentage points", None)
    caption = (
        f"Drop of the class's probability when regions are removed by inpainting: what people marked, the model's "
        f"region of equal area, and random regions of equal area. Means with 95 % intervals, {results.counted} "
        f"participants."
    )
    return _worded(drawn, table, caption, ("telea2004", "efron1987"))


def cases(package: PackageFolder, study: str, look: Look) -> Drawn:
    """The cases of Shared Interest as shares of the regions, a bar a group."""
    results = _results(package, study)
    table = _table(results, "cases")
    names = [column for column in table.columns if column not in ("group", "n", "borderline")]
    rows = list(table.rows)
    figure = new_figure(look, 0.16 * len(rows) + 0.34)
    axes = figure.subplots()
    shades = _shades(look, len(names))
    for place, row in enumerate(rows):
        left = 0.0
        for number, name in enumerate(names):
            share = 100 * row[name] / row["n"]
            axes.barh(place, share, left=left, height=0.6, color=shades[number], edgecolor=look.paper,
                      hatch=HATCHES[number % len(HATCHES)], linewidth=look.thin,
                      label=name if place == 0 else None)  # fmt: skip
            left += share
    axes.set_yticks(range(len(rows)), [in_lines(f"{row['group']} (n = {row['n']})", look) for row in rows])
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("regions, %")
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    shares = "; ".join(
        f"{row['group']}: " + ", ".join(f"{name} {row[name]} of {row['n']}" for name in names if row[name])
        for row in rows
    )
    caption = "Cases of Shared Interest: which of the person's and the model's region covers the other."
    return Drawn(figure, caption, f"Stacked bars of shares. {caption} {shares}.", (), ("boggust2022",))


def multiples(package: PackageFolder, study: str, look: Look) -> Drawn:
    """Small multiples: each picture of the study in a row, beside it each model's map."""
    rows = study_rows(package, study)
    wanted = {trial.picture_name for trial in rows.trials}
    images = {row["image_id"]: row for row in package.rows("images") if row["image_name"] in wanted}
    models = {row["model_id"]: row["model_name"] for row in package.rows("models")}
    maps: dict[tuple[str, str], Row] = {}
    for row in package.rows("maps"):
        if row["edit_id"] is None and row["image_id"] in images:
            maps.setdefault((row["image_id"], row["model_id"]), row)
    shown = [name for name in images if any(image == name for image, _ in maps)][:MOST_PICTURES]
    columns = [name for name in models if any(model == name for _, model in maps)]
    if not shown or any(images[name]["working_file"] is None for name in shown):
        raise FigureError("The package holds no maps, or no pictures to show them on.")
    shares = [images[name]["working_height"] / images[name]["working_width"] for name in shown]
    wide = len(columns) + 1
    figure = new_figure(look, sum(shares) / wide + 0.07 * len(shown) + 0.06)
    grid = figure.subplots(len(shown), wide, squeeze=False, height_ratios=shares)
    for line, name in zip(grid, shown, strict=True):
        picture = package.picture(images[name]["working_file"])
        show_picture(line[0], picture)
        first = next(maps[name, model] for model in columns if (name, model) in maps)
        line[0].set_title(
            f"{images[name]['image_name']}: {first['class_name']}", fontsize=look.points * 0.9, loc="left"
        )
        for axes, model in zip(line[1:], columns, strict=True):
            show_picture(axes, picture)
            found = maps.get((name, model))
            if found is not None:
                axes.imshow(package.map(found["file"]), cmap="cividis", alpha=0.6)
            axes.set_title(models[model], fontsize=look.points * 0.9, loc="left")
    named = ", ".join(images[name]["image_name"] for name in shown)
    caption = f"Class activation maps of {', '.join(models[name] for name in columns)} on {named}; bright is high."
    return Drawn(figure, caption, f"A grid of photographs with heat maps. {caption}", (), ("zhou2016",))


def _results(package: PackageFolder, study: str) -> Results:
    return results_of(PackageWorkings(package), study_rows(package, study or None))


def _table(results: Results, name: str) -> Table:
    table = results.table(name)
    if table is None or not table.rows:
        raise FigureError("Nobody's answers are enough for this figure yet.")
    return table


def _means(table: Table, look: Look, label: str, limits: tuple[float, float] | None) -> tuple[Any, Axes]:
    rows = [row for row in table.rows if not math.isnan(row["mean"])]
    if not rows:
        raise FigureError("Everything in this figure would be undefined.")
    figure = new_figure(look, 0.11 * len(rows) + 0.24)
    axes = figure.subplots()
    axes.axvline(0, color=look.ink, linewidth=look.thin)
    for place, row in enumerate(rows):
        low, high = (row["mean"] if math.isnan(row[key]) else row[key] for key in ("low", "high"))
        axes.plot([low, high], [place, place], color=look.people, linewidth=look.line, solid_capstyle="butt")
        axes.plot(row["mean"], place, marker="o", color=look.people, markersize=look.points * 0.7)
    axes.set_yticks(range(len(rows)), [in_lines(f"{row['group']} (n = {row['n']})", look) for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    if limits is not None:
        axes.set_xlim(*limits)
    axes.set_xlabel(label)
    axes.grid(axis="x", color=look.quiet, alpha=0.35)
    axes.tick_params(axis="y", length=0)
    return figure, axes


def _worded(drawn: tuple[Any, Axes], table: Table, caption: str, cites: tuple[str, ...]) -> Drawn:
    said = "; ".join(
        f"{row['group']} {row['mean']:.2f}"
        + (f" ({row['low']:.2f} to {row['high']:.2f})" if row["low"] == row["low"] else "")
        for row in table.rows
    )
    return Drawn(drawn[0], caption, f"Points with intervals, a row a group. {caption} {said}.", (), cites)


def _interval(row: Row) -> str:
    return "" if math.isnan(row["low"]) else f" ({row['low']:.2f} to {row['high']:.2f})"


def _shades(look: Look, count: int) -> Sequence[Any]:
    """Colours whose lightness differs from step to step, so that grey print keeps them apart."""
    from matplotlib import colormaps

    ends = (0.1, 0.95) if look.theme == "light" else (0.3, 1.0)
    return [colormaps["cividis"](ends[0] + (ends[1] - ends[0]) * step / max(1, count - 1)) for step in range(count)]
