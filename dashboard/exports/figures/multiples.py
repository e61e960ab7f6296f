"""Small multiples: each picture of a study in a row, beside it models' maps, several methods', or conditions' marks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from dashboard.exports.figures.look import FigureError, Look
from dashboard.exports.figures.method_words import cite_map, map_name
from dashboard.exports.figures.parts import Drawn, colour_bar, fitted, new_figure, pale, show_picture
from dashboard.exports.figures.reading import Asked, Row, model_asked, model_name
from dashboard.exports.figures.source import Source
from dashboard.studies.results.leaving_out import leave_out
from dashboard.studies.results.marks import marks
from dashboard.studies.results.rows import StudyRows

BY = ("models", "methods", "conditions")
MOST_PICTURES = 6
MOST_COLUMNS = 6


@dataclass(frozen=True)
class Grid:
    """Maps (H, W) by picture and column, read when they are drawn. ``shares``: they are shares of people."""

    maps: dict[tuple[str, str], Callable[[], NDArray[np.float32]]]
    columns: list[str]
    classes: dict[str, str]
    said: str
    cites: tuple[str, ...] = ()
    shares: bool = False


def multiples(source: Source, asked: Asked, look: Look) -> Drawn:
    """Pictures by models, by methods or by conditions."""
    if asked.by not in BY:
        raise FigureError(f"Small multiples are by {', '.join(BY)}.")
    rows, _ = leave_out(source.study(asked.of))
    wanted = {trial.picture_name for trial in rows.trials}
    images = {row["image_id"]: row for row in source.rows("images") if row["image_name"] in wanted}
    grid = _conditions(source, rows, images) if asked.by == "conditions" else _models(source, asked, images)
    shown = [name for name in images if any(image == name for image, _ in grid.maps)]
    columns = grid.columns[:MOST_COLUMNS]
    if not shown or any(images[name]["working_file"] is None for name in shown):
        raise FigureError("There are no maps, or no pictures to show them on.")
    left = len(shown) - MOST_PICTURES
    shown = shown[:MOST_PICTURES]
    figure, panels = _draw(source, grid, images, shown, columns, look)
    pictures = ", ".join(f"{images[name]['image_name']} ({grid.classes[name]})" for name in shown)
    caption = f"{grid.said} Pictures: {pictures}."
    if left > 0 or len(grid.columns) > MOST_COLUMNS:
        caption += (f" Shown are {len(shown)} of {len(shown) + max(0, left)} pictures and {len(columns)} of "
                    f"{len(grid.columns)} {asked.by}.")  # fmt: skip
    alt = f"A grid of {len(shown)} rows and {len(columns) + 1} columns, the untouched picture first. {caption}"
    return Drawn(figure, caption, alt, tuple(panels), grid.cites)


def _draw(source: Source, grid: Grid, images: dict[str, Row], shown: list[str], columns: list[str],
          look: Look) -> tuple[Figure, list[Axes]]:  # fmt: skip
    tall = [images[name]["working_height"] / images[name]["working_width"] for name in shown]
    wide, line = len(columns) + 1, look.points / 72 / look.inches
    figure = new_figure(look, sum(tall) / wide + line * (1.9 * len(shown) + 4.5))
    axes = figure.subplots(len(shown), wide, squeeze=False, height_ratios=tall)
    room = look.inches / wide - 4 * line * look.inches
    scale = Normalize(0, 1)
    drawn: Any = None
    for row, name in zip(axes, shown, strict=True):
        picture = source.picture(images[name]["working_file"])
        show_picture(row[0], picture)
        row[0].set_title(fitted(images[name]["image_name"], room, look), loc="left")
        for panel, column in zip(row[1:], columns, strict=True):
            panel.set_title(fitted(column, room, look), loc="left")
            read = grid.maps.get((name, column))
            if read is None:
                panel.set_axis_off()
                continue
            found = read()
            show_picture(panel, pale(picture))
            values = np.ma.masked_equal(found, 0) if grid.shares else _from_0_to_1(found)
            drawn = panel.imshow(values, cmap="cividis", norm=scale, alpha=0.65, interpolation="none")
    label = "share of people" if grid.shares else "each map from its lowest to its highest value"
    bar = colour_bar(figure, drawn, axes, label, look)
    if not grid.shares:
        bar.set_ticks([0, 1], labels=["lowest", "highest"])
    return figure, [panel for row in axes for panel in row if panel.get_images()]


def _from_0_to_1(values: NDArray[np.float32]) -> NDArray[np.float32]:
    low, span = float(values.min()), float(np.ptp(values))
    return np.asarray((values - low) / span if span > 0 else np.zeros_like(values), np.float32)


def _models(source: Source, asked: Asked, images: dict[str, Row]) -> Grid:
    """Each model's map of one method, or each method's of one model, for one class a picture."""
    by_model = asked.by == "models"
    maps: dict[tuple[str, str], Callable[[], NDArray[np.float32]]] = {}
    classes: dict[str, str] = {}
    model = model_asked(source, asked.model)
    method = asked.method or ("cam" if by_model else "")
    used: dict[str, None] = {}
    for row in source.rows("maps"):
        if row["edit_id"] is not None or row["image_id"] not in images or method not in ("", row["method"]):
            continue
        if not by_model:
            model = model or row["model_id"]
        if model not in (None, row["model_id"]) or asked.class_name not in ("", row["class_name"]):
            continue
        if classes.setdefault(row["image_id"], row["class_name"]) != row["class_name"]:
            continue
        column = model_name(source, row["model_id"]) if by_model else map_name(row["method"])
        used[row["method"]] = None
        maps.setdefault((row["image_id"], column), partial(source.map, row["file"]))
    columns = list(dict.fromkeys(column for _, column in maps))
    what = f"Maps ({', '.join(map(map_name, used))}) of {', '.join(columns)}" if by_model else (
        f"Maps of {model_name(source, model) if model else 'the model'}: {', '.join(columns)}")  # fmt: skip
    cites = tuple(dict.fromkeys(key for one in used for key in cite_map(one)))
    return Grid(maps, columns, classes, f"{what}, each from its lowest to its highest value.", cites)


def _conditions(source: Source, rows: StudyRows, images: dict[str, Row]) -> Grid:
    """The share of each condition's participants who marked a pixel."""
    regions = {row["region_id"]: row for row in source.rows("regions")}
    files: dict[tuple[str, str], dict[str, list[str]]] = {}
    classes: dict[str, str] = {}
    first = rows.record.design.models[0]
    for one in marks(rows):
        region = regions.get(one.region)
        if region is None or region["edit_id"] is not None or one.model != first or region["image_id"] not in images:
            continue
        if classes.setdefault(region["image_id"], region["class_name"]) != region["class_name"]:
            continue
        people = files.setdefault((region["image_id"], one.trial.condition), {})
        people.setdefault(one.trial.person, []).append(region["mask_file"])
    conditions = sorted({condition for _, condition in files})
    factors = {condition.rpartition("=")[0] for condition in conditions}
    # Where they are levels of one factor, its name before each would leave no room for what differs.
    columns = {one: one.rpartition("=")[2] if len(factors) == 1 else one for one in conditions}
    maps: dict[tuple[str, str], Callable[[], NDArray[np.float32]]] = {
        (image, columns[condition]): partial(_share, source, list(people.values()))
        for (image, condition), people in files.items()
    }
    people_in: dict[str, set[str]] = {}
    for (_, condition), people in files.items():
        people_in.setdefault(condition, set()).update(people)
    listed = "; ".join(f"{one}, n\u00a0=\u00a0{len(people_in[one])}" for one in conditions)
    said = f"The share of people who marked each pixel, by condition ({listed})."
    return Grid(maps, list(columns.values()), classes, said, shares=True)


def _share(source: Source, people: Sequence[Sequence[str]]) -> NDArray[np.float32]:
    """The share of people in whose masks a pixel is, from each one's files."""
    marked = [np.logical_or.reduce([source.mask(one) for one in files]) for files in people]
    return np.asarray(np.mean(marked, axis=0), np.float32)
