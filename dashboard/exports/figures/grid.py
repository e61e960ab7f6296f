"""A grid of maps: each picture in a row, untouched first, and beside it what each column says of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from dashboard.exports.figures.look import FigureError, Look
from dashboard.exports.figures.method_words import cite_map, map_heading, map_name
from dashboard.exports.figures.parts import Drawn, colour_bar, fitted, new_figure, pale, show_picture
from dashboard.exports.figures.reading import QUICK_MAPS, Asked, Row, model_name, models_asked, no_map, usual_map
from dashboard.exports.figures.source import Source
from dashboard.numbers import counted

MOST_PICTURES = 6
MOST_COLUMNS = 6
ALONE = "Maps of one method only are here: a package holds those that were worked out before it was written."
Map = NDArray[np.float32]


@dataclass(frozen=True)
class Pictured:
    """A row's picture: its name, its file (None where it is not there), its size, and the class that the row is of."""

    key: str
    name: str
    file: str | None
    height: int
    width: int
    class_name: str


@dataclass(frozen=True)
class Grid:
    """Maps (H, W) by picture and column, read when they are drawn. ``files`` are those that models made.

    ``shares``: they are shares of people.
    """

    maps: dict[tuple[str, str], Callable[[], Map]]
    columns: list[str]
    said: str
    cites: tuple[str, ...] = ()
    shares: bool = False
    files: dict[tuple[str, str], str] = field(default_factory=dict)


def of_models(source: Source, asked: Asked, rows: Iterable[tuple[str, Row]], class_name: str = "") -> Grid:
    """Each model's map of one method, or each method's of one model, from the maps with their picture's key.

    ``class_name`` is said where there is none. Raises FigureError where what is asked for by its name is not there.
    """
    there = list(rows)
    models = models_asked(source, asked.model) or list(dict.fromkeys(row["model_id"] for _, row in there))
    by_model = asked.by == "models"
    methods = list(asked.methods or _methods(there, models, by_model=by_model))
    models, methods = (models, methods[:1]) if by_model else (models[:1], methods)
    names = {one: model_name(source, one) for one in models} if by_model else {one: map_heading(one) for one in methods}
    files: dict[tuple[str, str], str] = {}
    for key, row in there:
        if row["model_id"] in models and row["method"] in methods:
            files.setdefault((key, names[row["model_id" if by_model else "method"]]), row["file"])
    columns = [name for name in dict.fromkeys(names.values()) if any(column == name for _, column in files)]
    named = asked.model if by_model else asked.method
    for one, name in names.items():
        if (named or not columns) and name not in columns:
            wanted = (one, methods[0]) if by_model else (models[0] if models else None, one)
            raise FigureError(no_map(source, (row for _, row in there), *wanted, class_name or asked.class_name))
    maps: dict[tuple[str, str], Callable[[], Map]] = {place: partial(source.map, one) for place, one in files.items()}
    shown = methods if by_model else [one for one in methods if names[one] in columns]
    called = ", ".join(map(map_name, shown))
    said = f"Maps ({called}) of {', '.join(columns)}" if by_model else (
        f"Maps of {model_name(source, models[0]) if models else 'the model'}: {called}")  # fmt: skip
    cites = tuple(dict.fromkeys(key for one in shown for key in cite_map(one)))
    return Grid(maps, columns, f"{said}, each from its lowest to its highest value.", cites, files=files)


def _methods(there: Sequence[tuple[str, Row]], models: Sequence[str], *, by_model: bool) -> Sequence[str]:
    """The usual method; of those beside each other the quick ones, or all, where there are not two of them."""
    rows = [row for _, row in there if row["model_id"] in (models if by_model else models[:1])]
    if not rows or by_model:
        return [usual_map(rows)["method"]] if rows else []
    used = dict.fromkeys(row["method"] for row in rows)
    quick = [one for one in QUICK_MAPS if one in used]
    return quick if len(quick) > 1 else [*used]


def draw_grid(source: Source, grid: Grid, pictures: Sequence[Pictured], by: str, look: Look) -> Drawn:
    """The grid of the first pictures and columns. Raises FigureError where there is nothing to be drawn."""
    shown = [one for one in pictures if any(key == one.key for key, _ in grid.maps)]
    if not shown or any(one.file is None for one in shown):
        raise FigureError("There are no maps, or no pictures to show them on.")
    left, shown, columns = len(shown) - MOST_PICTURES, shown[:MOST_PICTURES], grid.columns[:MOST_COLUMNS]
    places = [(one.key, column) for one in shown for column in columns]
    source.prepare([grid.files[place] for place in places if place in grid.files])
    figure, panels = _draw(source, grid, shown, columns, look)
    caption = f"{grid.said} Pictures: {', '.join(f'{one.name} ({one.class_name})' for one in shown)}."
    if left > 0 or len(grid.columns) > MOST_COLUMNS:
        caption += (f" Shown are {len(shown)} of {len(shown) + max(0, left)} pictures and {len(columns)} of "
                    f"{len(grid.columns)} {by}.")  # fmt: skip
    alt = f"A grid of {counted(len(shown), 'row')} and {len(columns) + 1} columns, the picture itself first. {caption}"
    problems = [ALONE] if by == "methods" and len(grid.columns) == 1 else []
    if without := [one.name for one in pictures if not any(key == one.key for key, _ in grid.maps)]:
        problems.append(f"Left out, for there are no such maps of it: {', '.join(without)}.")
    return Drawn(figure, caption, alt, tuple(panels), grid.cites, problems=tuple(problems))


def _draw(source: Source, grid: Grid, shown: Sequence[Pictured], columns: Sequence[str],
          look: Look) -> tuple[Figure, list[Axes]]:  # fmt: skip
    tall = [one.height / one.width for one in shown]
    wide, line = len(columns) + 1, look.points / 72 / look.inches
    figure = new_figure(look, sum(tall) / wide + line * (1.9 * len(shown) + 4.5))
    axes = figure.subplots(len(shown), wide, squeeze=False, height_ratios=tall)
    room = look.inches / wide - 4 * line * look.inches
    scale = Normalize(0, 1)
    drawn: Any = None
    for row, one in zip(axes, shown, strict=True):
        picture = source.picture(str(one.file))
        show_picture(row[0], picture)
        row[0].set_title(fitted(one.name, room, look), loc="left")
        for panel, column in zip(row[1:], columns, strict=True):
            panel.set_title(fitted(column, room, look), loc="left")
            read = grid.maps.get((one.key, column))
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


def _from_0_to_1(values: Map) -> Map:
    low, span = float(values.min()), float(np.ptp(values))
    return np.asarray((values - low) / span if span > 0 else np.zeros_like(values), np.float32)
