"""Figures of pictures: an edit, a session, a region, what everybody marked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.patches import Patch
from numpy.typing import NDArray

from dashboard.analysis import compare_region_with_map, consensus_region, equal_area_region, mean_pairwise_iou
from dashboard.exports.figures.look import FigureError, Look
from dashboard.exports.figures.parts import (
    Drawn,
    answer_table,
    counted,
    fill,
    hatch,
    new_figure,
    outline,
    pale,
    points,
    shortened,
    show_picture,
)
from dashboard.exports.package.folder import PackageFolder
from dashboard.studies.results.working_out import standing_of

Row = dict[str, Any]
SHOWN = 5
MOST_STEPS = 11
CITE_METHOD = {"telea": "telea2004", "navier_stokes": "bertalmio2001", "patchmatch": "barnes2009"}


def pair(package: PackageFolder, edit: str, look: Look) -> Drawn:
    """Before and after an edit, picture above table, as in Cabrera et al. (2018)."""
    row = _find(package, "edits", "edit_id", edit)
    session = _find(package, "sessions", "session_id", row["session_id"])
    before_state = ("edit_id", row["parent_id"]) if row["parent_id"] else ("image_id", session["image_id"])
    before, after = _state(package, *before_state), _state(package, "edit_id", edit)
    model, was = _answer(package, *before_state)
    _, now = _answer(package, "edit_id", edit, model)
    labels = _labels(package, model)
    height, width = before.shape[:2]
    figure = new_figure(look, 0.5 * height / width + 0.42)
    grid = figure.subplots(2, 2, height_ratios=[0.5 * height / width, 0.36])
    show_picture(grid[0, 0], before)
    outline(grid[0, 0], package.mask(row["mask_file"]), look.people, look.line)
    show_picture(grid[0, 1], after)
    highest, now_highest = _highest(was), _highest(now)
    answer_table(grid[1, 0], [(labels[i], float(was[i]), None) for i in highest], look, "Before")
    answer_table(grid[1, 1], [(labels[i], float(now[i]), float(now[i] - was[i])) for i in now_highest], look, "After")
    top = highest[0]
    flipped = top != now_highest[0]
    change = points(float(now[top] - was[top]))
    said = f"{labels[top]} falls" if now[top] < was[top] else f"{labels[top]} rises"
    sentence = f"{said} from {was[top] * 100:.1f} % to {now[top] * 100:.1f} % ({change} points)"
    answer = f"the answer becomes {labels[now_highest[0]]}" if flipped else "the answer stays"
    outlined = f"the outlined region ({row['mask_area'] * 100:.1f} % of the picture)"
    removed = f"all but {outlined}" if row["operation"] == "keep" else outlined
    caption = (
        f"{_image_name(package, session)}: {removed} is removed ({row['method'].replace('_', ' ')}). "
        f"{_model_name(package, model)}: {sentence}; {answer}."
    )
    alt = (
        f"Two photographs side by side, before and after a region was removed, each above a table of the five most "
        f"probable classes. {caption}"
    )
    cites = ("cabrera2018", *filter(None, [CITE_METHOD.get(row["method"])]))
    return Drawn(figure, caption, alt, (grid[0, 0], grid[0, 1]), cites)


def series(package: PackageFolder, session: str, look: Look) -> Drawn:
    """The untouched picture and the pictures on the way to the step at which the session ended."""
    about, way, model = _way(package, session)
    if len(way) > MOST_STEPS:
        way = [*way[: MOST_STEPS - 1], way[-1]]
    states = [("image_id", about["image_id"]), *(("edit_id", step["edit_id"]) for step in way)]
    labels = _labels(package, model)
    first = _state(package, *states[0])
    columns = min(4, len(states))
    rows = -(-len(states) // columns)
    height_share = first.shape[0] / first.shape[1] / columns + 0.09
    figure = new_figure(look, rows * height_share + 0.02)
    panels = np.atleast_1d(figure.subplots(rows, columns, squeeze=False)).ravel()
    words = []
    for axes, state in zip(panels, states, strict=False):
        show_picture(axes, _state(package, *state))
        _, found = _answer(package, *state, model)
        top = int(found.argmax())
        words.append(f"{labels[top]} {found[top] * 100:.0f} %")
        text = f"{shortened(labels[top], 14)}\n{found[top] * 100:.1f} %"
        axes.text(0.5, -0.04, text, transform=axes.transAxes, ha="center", va="top", fontsize=look.points * 0.9)
    for axes in panels[len(states) :]:
        axes.set_axis_off()
    caption = (
        f"{_image_name(package, about)}: {counted(len(way), 'edit')} one after the other, with the most probable class "
        f"of {_model_name(package, model)}."
    )
    alt = f"{len(states)} photographs in order. {caption} The answers in order: {', then '.join(words)}."
    return Drawn(figure, caption, alt, tuple(panels[: len(states)]), ("cabrera2018",))


def trace(package: PackageFolder, session: str, look: Look) -> Drawn:
    """How probable the first answer is at each step, and where the answer is another one."""
    about, way, model = _way(package, session)
    states = [("image_id", about["image_id"]), *(("edit_id", step["edit_id"]) for step in way)]
    answers = [_answer(package, *state, model)[1] for state in states]
    labels, top = _labels(package, model), int(answers[0].argmax())
    values = [float(found[top]) * 100 for found in answers]
    flips = [number for number, found in enumerate(answers) if int(found.argmax()) != top]
    figure = new_figure(look, 0.55)
    axes = figure.subplots()
    steps = range(len(values))
    axes.plot(steps, values, color=look.people, marker="o", markersize=look.points * 0.55)
    if flips:
        at = [values[number] for number in flips]
        axes.plot(flips, at, linestyle="none", marker="D", markersize=look.points * 0.8, color=look.model,
                  markeredgecolor=look.ink, markeredgewidth=look.thin, label="another class is first")  # fmt: skip
        axes.legend(frameon=False, loc="best")
    axes.set_ylim(0, 100)
    axes.set_xticks(list(steps) if len(values) <= 12 else list(steps)[:: len(values) // 8])
    axes.set_xlabel("edit")
    axes.set_ylabel(f"{labels[top]}, %")
    axes.grid(axis="y", color=look.quiet, alpha=0.35)
    caption = (
        f"{_image_name(package, about)}: probability of {labels[top]} by {_model_name(package, model)} over "
        f"{counted(len(way), 'edit')}; after {len(flips)} of them another class is first."
    )
    listed = ", ".join(f"{value:.0f}" for value in values)
    return Drawn(figure, caption, f"A line over the edits of a session. {caption} In percent: {listed}.")


def regions(package: PackageFolder, region: str, look: Look) -> Drawn:
    """A person's region and the model's of equal area on a pale picture, with their metrics."""
    row = _find(package, "regions", "region_id", region)
    human = package.mask(row["mask_file"])
    of_map = _map_of(package, row)
    model = equal_area_region(human, of_map)
    numbers = compare_region_with_map(human, of_map, correct=None)
    state = ("edit_id", row["edit_id"]) if row["edit_id"] else ("image_id", row["image_id"])
    picture = _state(package, *state)
    shown = pale(picture)
    step = max(6, picture.shape[1] // 40)
    shown = fill(shown, human & ~model, look.people, 0.6)
    shown = hatch(shown, model & ~human, look.model, step)
    shown = fill(shown, model & ~human, look.model, 0.45)
    shown = fill(shown, human & model, look.both, 0.75)
    height, width = picture.shape[:2]
    figure = new_figure(look, 0.5 * height / width + 0.20)
    left, right = figure.subplots(1, 2)
    show_picture(left, picture)
    show_picture(right, shown)
    patches = [
        Patch(facecolor=look.people, alpha=0.6, label="only the person"),
        Patch(facecolor=look.model, alpha=0.6, hatch="///", label="only the model"),
        Patch(facecolor=look.both, alpha=0.75, label="both"),
    ]
    figure.legend(handles=patches, loc="outside lower center", ncols=3, frameon=False, handlelength=1.4)
    measured = f"IoU {numbers['iou']:.2f}, AUC {numbers['auc']:.2f}"
    right.text(0.5, -0.03, measured, transform=right.transAxes, ha="center", va="top")
    name = _image_name(package, row)
    caption = (
        f"{name}: what a person marked for {row['class_name']}, and the region of equal area "
        f"({row['mask_area'] * 100:.1f} % of the picture) in the class activation map of "
        f"{_model_name(package, row['model_id'])}. {measured}."
    )
    both = float((human & model).sum() / max(1, human.sum()))
    alt = (
        f"The photograph, and beside it in pale grey with three regions: only the person's, only the model's, and the "
        f"part of both, which is {both * 100:.0f} % of the person's. {caption}"
    )
    return Drawn(figure, caption, alt, (left, right), ("zhou2016", "boggust2022"))


def consensus(package: PackageFolder, image: str, look: Look) -> Drawn:
    """How many of the people marked each pixel of a picture, their majority's region, and how far a model agrees."""
    rows = [
        row
        for row in package.rows("regions")
        if row["image_id"] == image and row["region_kind"] == "human" and row["edit_id"] is None
    ]
    if not rows:
        raise FigureError("Nobody marked a region on this picture.")
    classes = [row["class_name"] for row in rows]
    chosen = max(dict.fromkeys(classes), key=classes.count)
    rows = [row for row in rows if row["class_name"] == chosen]
    masks = np.stack([package.mask(row["mask_file"]) for row in rows])
    share = masks.mean(axis=0)
    picture = _state(package, "image_id", image)
    height, width = picture.shape[:2]
    figure = new_figure(look, 0.5 * height / width + 0.2)
    left, right = figure.subplots(1, 2)
    show_picture(left, picture)
    show_picture(right, pale(picture))
    drawn = right.imshow(np.ma.masked_equal(share, 0), cmap="cividis", vmin=0, vmax=1, alpha=0.8)
    outline(right, consensus_region(masks), (0, 0, 0), look.line)
    bar = figure.colorbar(drawn, ax=[left, right], location="bottom", shrink=0.5, aspect=30, label="share of regions")
    bar.outline.set_linewidth(look.thin)
    people = len(rows)
    caption = (
        f"{_image_name(package, rows[0])}: what {people} people marked for {chosen}; outlined, what most of them did."
    )
    if people > 1:
        caption += f" Mean IoU of pairs {mean_pairwise_iou(masks):.2f}."
        caption += _between(package, rows, masks)
    alt = f"The photograph, and beside it in grey with the share of regions that hold each pixel. {caption}"
    return Drawn(figure, caption, alt, (left, right), ())


def _between(package: PackageFolder, rows: list[Row], masks: NDArray[np.bool_]) -> str:
    try:
        of_map, model = _map_of(package, rows[0]), rows[0]["model_id"]
    except FigureError:
        return ""
    found = standing_of(masks, {model: of_map}, None)
    score, ceiling = found["models"][model]["score"], found["ceiling"]
    if score is None or ceiling is None:
        return ""
    name = _model_name(package, model)
    return f" Correlation of halves of them (ceiling) {ceiling:.2f}, with {name}'s map {score:.2f}."


def _way(package: PackageFolder, session: str) -> tuple[Row, list[Row], str]:
    """A session, its edits on the way to where it ended, and the model that answered them first."""
    about = _find(package, "sessions", "session_id", session)
    edits = {row["sequence"]: row for row in package.rows("edits") if row["session_id"] == session}
    if not edits:
        raise FigureError("The session has no edits.")
    by_name = {row["edit_id"]: row for row in edits.values()}
    last = edits.get(about["head_sequence"]) or edits.get(about["tip_sequence"]) or edits[max(edits)]
    way = [last]
    while (parent := by_name.get(way[-1]["parent_id"])) is not None:
        way.append(parent)
    way.reverse()
    model, _ = _answer(package, "edit_id", way[0]["edit_id"])
    return about, way, model


def _find(package: PackageFolder, table: str, key: str, name: str) -> Row:
    for row in package.rows(table):
        if row[key] == name:
            return row
    raise FigureError(f"There is no {key.removesuffix('_id')} {name[:40]!r} in the package.")


def _state(package: PackageFolder, key: str, name: str) -> NDArray[np.uint8]:
    table, file = ("images", "working_file") if key == "image_id" else ("edits", "result_file")
    row = _find(package, table, key, name)
    if row[file] is None:
        raise FigureError("The package holds this picture's checksum only, so it cannot be shown.")
    return package.picture(row[file])


def _answer(package: PackageFolder, key: str, name: str, model: str | None = None) -> tuple[str, NDArray[np.float32]]:
    """A model (the first that answered) and all its probabilities for an image state."""
    wanted = [
        row
        for row in package.rows("predictions")
        if row[key] == name and (key == "edit_id" or row["edit_id"] is None) and model in (None, row["model_id"])
    ]
    if not wanted:
        raise FigureError("No model answered this picture.")
    first = wanted[0]
    for found, values in package.probabilities():
        if found == first["prediction_id"]:
            return str(first["model_id"]), values
    raise FigureError("The answer's probabilities are not in the package.")


def _highest(values: NDArray[np.float32]) -> list[int]:
    return [int(index) for index in np.argsort(-values, kind="stable")[:SHOWN]]


def _labels(package: PackageFolder, model: str) -> list[str]:
    label_set = _find(package, "models", "model_id", model)["label_set"]
    return [row["class_name"] or "" for row in package.rows("classes") if row["label_set"] == label_set]


def _model_name(package: PackageFolder, model: str | None) -> str:
    return str(_find(package, "models", "model_id", model)["model_name"]) if model else "the model"


def _image_name(package: PackageFolder, row: Row) -> str:
    return str(_find(package, "images", "image_id", row["image_id"])["image_name"])


def _map_of(package: PackageFolder, region: Row) -> NDArray[np.float32]:
    for row in _maps_like(package, region):
        if row["model_id"] == region["model_id"]:
            return package.map(row["file"])
    raise FigureError("The package holds no map of the model for this region.")


def _maps_like(package: PackageFolder, region: Row) -> Iterator[Row]:
    keys = ("image_id", "edit_id", "class_name")
    yield from (row for row in package.rows("maps") if all(row[key] == region[key] for key in keys))
