"""Figures of what people marked: one region beside the model's, and everybody's together."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from numpy.typing import NDArray

from dashboard.analysis import (
    compare_region_with_map,
    consensus_region,
    equal_area_region,
    mean_pairwise_iou,
)
from dashboard.exports.figures.look import FigureError, Look
from dashboard.exports.figures.method_words import cite_map, map_name
from dashboard.exports.figures.parts import (
    Drawn,
    colour_bar,
    fill,
    hatch,
    new_figure,
    outline,
    pale,
    show_picture,
    under,
    written,
)
from dashboard.exports.figures.reading import (
    Asked,
    Row,
    find,
    image_name,
    map_of,
    maps_like,
    model_asked,
    model_name,
    no_map,
    picture_of,
    state_of,
    usual_map,
)
from dashboard.exports.figures.source import Source
from dashboard.exports.package import counting
from dashboard.numbers import counted

Mask = NDArray[np.bool_]


def regions(source: Source, asked: Asked, look: Look) -> Drawn:
    """A person's region and the model's of equal area on a pale picture, with their metrics."""
    row = find(source, "regions", "region_id", asked.of)
    human = source.mask(row["mask_file"])
    wanted = model_asked(source, asked.model) or row["model_id"]
    about, of_map = map_of(source, row, wanted, asked.method)
    model = equal_area_region(human, of_map)
    numbers = compare_region_with_map(human, of_map, correct=None)
    picture = picture_of(source, state_of(row))
    figure = new_figure(look, 0.5 * picture.shape[0] / picture.shape[1] + 0.066 * look.points / look.inches)
    left, right = figure.subplots(1, 2)
    show_picture(left, picture)
    show_picture(right, _overlap(picture, human, model, look))
    patches = [
        Patch(facecolor=look.people, alpha=0.65, label="only the person"),
        Patch(facecolor=(*look.model, 0.55), edgecolor=look.model, hatch="////", label="only the model"),
        Patch(facecolor=look.both, alpha=0.8, label="both"),
    ]
    figure.legend(handles=patches, loc="outside lower center", ncols=3, frameon=False, handlelength=1.4)
    measured = ", ".join(f"{name} {written(numbers[key])}" for key, name in (("iou", "IoU"), ("auc", "AUC")))
    under(right, measured, look)
    caption = (
        f"{image_name(source, row)}: what a person marked for {row['class_name']}, and the region of equal area "
        f"({row['mask_area'] * 100:.1f} % of the picture) in the {map_name(about['method'])} of "
        f"{model_name(source, about['model_id'])}. {measured}."
    )
    both = float((human & model).sum() / max(1, human.sum()))
    alt = (
        f"The photograph, and beside it in pale grey with three regions: only the person's, only the model's, and the "
        f"part of both, which is {both * 100:.0f} % of the person's. {caption}"
    )
    return Drawn(figure, caption, alt, (left, right), (*cite_map(about["method"]), "boggust2022"))


def _overlap(picture: NDArray[np.uint8], human: Mask, model: Mask, look: Look) -> NDArray[np.uint8]:
    shown = pale(picture)
    shown = fill(shown, human & ~model, look.people, 0.65)
    shown = fill(shown, model & ~human, look.model, 0.55)
    shown = hatch(shown, model & ~human, look.model, max(6, picture.shape[1] // 40))
    return fill(shown, human & model, look.both, 0.8)


@dataclass(frozen=True)
class Marked:
    """What people marked on a picture for one class: a mask (H, W) a person; ``left_out`` regions do not count."""

    class_name: str
    rows: list[Row]
    masks: Mask
    left_out: int


def everybody(source: Source, image: str, class_name: str = "") -> Marked:
    """Each person's union of regions on the untouched picture, as the picture's page has it; raises FigureError.

    Archived sessions, participants whom a researcher excluded, practice and attention checks do not count. The class
    is the one that most people marked, where none is named.
    """
    out, persons = counting.not_counted(source.rows), counting.persons(source.rows)
    marked = [row for row in source.rows("regions") if row["image_id"] == image and counting.is_on_original(row)]
    counts = Counter(class_name for class_name, _ in sorted({(row["class_name"], counting.author(row, persons))
                     for row in marked if row["session_id"] not in out}))  # fmt: skip
    chosen = class_name or next((name for name, _ in counts.most_common()), "")
    rows = [row for row in marked if row["class_name"] == chosen and row["session_id"] not in out]
    if not rows:
        raise FigureError(f"Nobody marked a region{f' for {class_name[:60]}' if class_name else ''} on this picture.")
    masks: dict[str, Mask] = {}
    for row in rows:
        mask, author = source.mask(row["mask_file"]), counting.author(row, persons)
        masks[author] = masks[author] | mask if author in masks else mask
    left = sum(row["class_name"] == chosen and row["session_id"] in out for row in marked)
    return Marked(chosen, rows, np.stack(list(masks.values())), left)


def consensus(source: Source, asked: Asked, look: Look) -> Drawn:
    """How many people marked each pixel, their majority's region, and where models stand between floor and ceiling."""
    marked = everybody(source, asked.of, asked.class_name)
    picture = picture_of(source, ("image_id", asked.of))
    standing = _standing(source, marked, asked)
    line = look.points / 72 / look.inches
    heights = [0.5 * picture.shape[0] / picture.shape[1] + line * 5.5]
    if standing:
        heights.append(line * (4.6 + 1.7 * max(1, len(standing["models"]))))
    figure = new_figure(look, sum(heights))
    grid = figure.add_gridspec(len(heights), 2, height_ratios=heights)
    left, right = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[0, 1])
    show_picture(left, picture)
    show_picture(right, pale(picture))
    share = marked.masks.mean(axis=0)
    drawn = right.imshow(np.ma.masked_equal(share, 0), cmap="cividis", vmin=0, vmax=1, alpha=0.8, interpolation="none")
    outline(right, consensus_region(marked.masks), look.ink, look.line)
    colour_bar(figure, drawn, [left, right], "share of people", look)
    if standing:
        _draw_standing(figure.add_subplot(grid[1, :]), standing, look)
    people = len(marked.masks)
    caption = (
        f"{image_name(source, marked.rows[0])}: what {people} {'person' if people == 1 else 'people'} marked for "
        f"{marked.class_name} ({counted(len(marked.rows), 'region')}); outlined, what at least half of them did."
    )
    if people > 1:
        caption += f" Mean IoU of pairs {written(mean_pairwise_iou(marked.masks))}."
    caption += _standing_said(standing) if standing else ""
    if marked.left_out:
        caption += f" {counted(marked.left_out, 'region')} of excluded or archived work left out."
    alt = (
        f"The photograph, and beside it in grey with the share of people who marked each pixel; the region of at "
        f"least half covers {consensus_region(marked.masks).mean() * 100:.1f} % of the picture. {caption}"
    )
    cites = (
        tuple(dict.fromkeys(key for one in standing["methods"].values() for key in cite_map(one))) if standing else ()
    )
    return Drawn(figure, caption, alt, (left, right), cites)


def _standing(source: Source, marked: Marked, asked: Asked) -> dict[str, Any] | None:
    """Models' scores between floor and ceiling, as the picture's page says them; None without two people or a map."""
    if len(marked.masks) < 2:
        return None
    rows = _maps_of_models(source, marked, asked)
    source.prepare([row["file"] for row in rows.values()])
    maps = {name: source.map(row["file"]) for name, row in rows.items()}
    other, other_name = _other_picture(source, marked.rows[0]["image_id"])
    shared, scores = source.standing(marked.masks, other, maps)
    if math.isnan(shared.ceiling.value):
        return None
    return {
        "half": shared.half,
        "ceiling": shared.ceiling.value,
        "floor": shared.floor.value,
        "floor_of": other_name,
        "models": scores,
        "methods": {name: row["method"] for name, row in rows.items()},
    }


def _maps_of_models(source: Source, marked: Marked, asked: Asked) -> dict[str, Row]:
    """A map of each model by its name, or of that which is asked for; raises FigureError where there is none such."""
    wanted, there = model_asked(source, asked.model), list(maps_like(source, marked.rows[0]))
    by_model: dict[str, list[Row]] = {}
    for row in there:
        if wanted in (None, row["model_id"]) and asked.method in ("", row["method"]):
            by_model.setdefault(model_name(source, row["model_id"]), []).append(row)
    if not by_model and (wanted or asked.method):
        raise FigureError(no_map(source, there, wanted, asked.method, marked.class_name))
    return {name: usual_map(rows) for name, rows in by_model.items()}


def _other_picture(source: Source, image: str) -> tuple[Mask | None, str]:
    """The masks of the other picture that most people marked, from which the floor is taken, and its name."""
    found: tuple[Mask | None, str] = (None, "")
    marked_ones = {row["image_id"] for row in source.rows("regions")} - {image}
    # Of two that as many marked it is the picture that was there first, see ``db.regions.most_marked``.
    for other in (row["image_id"] for row in source.rows("images") if row["image_id"] in marked_ones):
        try:
            marked = everybody(source, other)
        except FigureError:
            continue
        if len(marked.masks) >= 2 and (found[0] is None or len(marked.masks) > len(found[0])):
            found = marked.masks, image_name(source, marked.rows[0])
    return found


def _draw_standing(axes: Axes, standing: dict[str, Any], look: Look) -> None:
    """A scale with floor and ceiling as a band, and a point for each model."""
    floor, ceiling, models = standing["floor"], standing["ceiling"], standing["models"]
    values = [value for value in (floor, ceiling, *models.values()) if not math.isnan(value)]
    if not math.isnan(floor):
        axes.axvspan(floor, ceiling, color=look.people, alpha=0.15, linewidth=0)
        axes.axvline(floor, color=look.people, linewidth=look.line, linestyle=":")
    axes.axvline(ceiling, color=look.people, linewidth=look.line)
    for place, (name, value) in enumerate(models.items()):
        if not math.isnan(value):
            axes.plot(value, place, marker="s", markersize=look.points * 0.7, color=look.model,
                      markeredgecolor=look.ink, markeredgewidth=look.thin)  # fmt: skip
        where = 0.01 if not value < 0.5 else 0.99
        axes.annotate(name, (where, place), xycoords=("axes fraction", "data"), va="center",
                      ha="left" if where < 0.5 else "right", zorder=0)  # fmt: skip
    axes.set_yticks([])
    axes.set_ylim(max(1, len(models)) - 0.4, -0.6)
    axes.set_xlim(min(0, *values) - 0.03, max(1, *values) + 0.03)
    # Each away from the other, whichever is the higher one.
    sides = ("left", "right") if floor > ceiling else ("right", "left")
    for value, name, side in zip((floor, ceiling), ("floor", "ceiling"), sides, strict=True):
        if not math.isnan(value):
            axes.annotate(name, (value, 1), xycoords=("data", "axes fraction"), xytext=(0, 1),
                          textcoords="offset points", ha=side, va="bottom", fontsize=look.points * 0.9)  # fmt: skip
    axes.set_xlabel("correlation of halves of the people")
    axes.spines["left"].set_visible(False)


def _standing_said(standing: dict[str, Any]) -> str:
    floor = "" if math.isnan(standing["floor"]) else f", with {standing['floor_of']}'s (floor) {standing['floor']:.2f}"
    models = "".join(
        f", with the {map_name(standing['methods'][name])} of {name} {written(value)}"
        for name, value in standing["models"].items()
    )
    return (
        f" Correlation of the consensus of half of them ({standing['half']}) with the other half's (ceiling) "
        f"{standing['ceiling']:.2f}{floor}{models}."
    )
