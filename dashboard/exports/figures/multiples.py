"""Small multiples: each picture of a study in a row, beside it models' maps, several methods', or conditions' marks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from dashboard.exports.figures.grid import Grid, Pictured, draw_grid, of_models
from dashboard.exports.figures.look import Look
from dashboard.exports.figures.parts import Drawn
from dashboard.exports.figures.reading import Asked, Row
from dashboard.exports.figures.source import Source
from dashboard.studies.results.leaving_out import leave_out
from dashboard.studies.results.marks import marks
from dashboard.studies.results.rows import StudyRows


def multiples(source: Source, asked: Asked, look: Look) -> Drawn:
    """Pictures by models, by methods or by conditions, each for the class that was marked on it first.

    By methods: those that take no time worth dividing, unless others are named; what a package lacks is left out.
    """
    rows, _ = leave_out(source.study(asked.of))
    wanted = {trial.picture_name for trial in rows.trials}
    images = {row["image_id"]: row for row in source.rows("images") if row["image_name"] in wanted}
    classes: dict[str, str] = {}
    if asked.by == "conditions":
        grid = _conditions(source, rows, images, asked, classes)
    else:
        maps = _of_one_class(source.rows("maps"), images, asked, classes)
        grid = of_models(source, asked, ((row["image_id"], row) for row in maps))
    pictures = [
        Pictured(key, row["image_name"], row["working_file"], row["working_height"], row["working_width"], classes[key])
        for key, row in images.items()
        if key in classes
    ]
    return draw_grid(source, grid, pictures, asked.by, look)


def _of_one_class(rows: Iterable[Row], images: dict[str, Row], asked: Asked, classes: dict[str, str]) -> list[Row]:
    """The rows of untouched pictures for the class that is asked for, else for each picture's first one."""
    return [
        row
        for row in rows
        if row["edit_id"] is None
        and row["image_id"] in images
        and asked.class_name in ("", row["class_name"])
        and classes.setdefault(row["image_id"], row["class_name"]) == row["class_name"]
    ]


def _conditions(source: Source, rows: StudyRows, images: dict[str, Row], asked: Asked, classes: dict[str, str]) -> Grid:
    """The share of each condition's participants who marked a pixel."""
    regions = {row["region_id"]: row for row in source.rows("regions")}
    first = rows.record.design.models[0]
    found = [one for one in marks(rows) if one.model == first and one.region in regions]
    marked = _of_one_class((regions[one.region] for one in found), images, asked, classes)
    shown = {row["region_id"] for row in marked}
    files: dict[tuple[str, str], dict[str, list[str]]] = {}
    for one in (one for one in found if one.region in shown):
        region = regions[one.region]
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
    return Grid(maps, list(columns.values()), said, shares=True)


def _share(source: Source, people: Sequence[Sequence[str]]) -> NDArray[np.float32]:
    """The share of people in whose masks a pixel is, from each one's files."""
    marked = [np.logical_or.reduce([source.mask(one) for one in files]) for files in people]
    return np.asarray(np.mean(marked, axis=0), np.float32)
