"""Figures of edits: one of them, a session's, and how the answer went."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dashboard.exports.figures.look import FigureError, Look
from dashboard.exports.figures.method_words import cite_removal, removal_name
from dashboard.exports.figures.parts import (
    Drawn,
    answer_table,
    fitted,
    name_class,
    new_figure,
    outline,
    points,
    show_picture,
    under,
)
from dashboard.exports.figures.reading import (
    Asked,
    Row,
    State,
    answers_to,
    find,
    first_model,
    highest,
    image_name,
    labels,
    model_asked,
    model_name,
    picture_of,
)
from dashboard.exports.figures.source import Source
from dashboard.numbers import counted

MOST_STEPS = 11


def pair(source: Source, asked: Asked, look: Look) -> Drawn:
    """The original picture and what an edit left of it, picture above table, as in Cabrera et al. (2018)."""
    row = find(source, "edits", "edit_id", asked.of)
    session = find(source, "sessions", "session_id", row["session_id"])
    before_state: State = ("image_id", session["image_id"])
    after_state: State = ("edit_id", asked.of)
    before, after = picture_of(source, before_state), picture_of(source, after_state)
    model = model_asked(source, asked.model) or _model_of(source, row["session_id"])
    was, now = answers_to(source, [before_state, after_state], model)
    names = labels(source, model)
    height, width = before.shape[:2]
    tall = 0.5 * height / width
    figure = new_figure(look, tall + 0.065 * look.points / look.inches + 0.2)
    grid = figure.subplots(2, 2, height_ratios=[tall, 0.065 * look.points / look.inches + 0.14])
    show_picture(grid[0, 0], before)
    show_picture(grid[0, 1], after)
    for mask in _masks_on_the_way(source, row):
        outline(grid[0, 0], mask, look.people, look.line)
    first, last = highest(was), highest(now)
    answer_table(grid[1, 0], [(names[i], float(was[i]), None) for i in first], look, "Before")
    answer_table(grid[1, 1], [(names[i], float(now[i]), float(now[i] - was[i])) for i in last], look, "After")
    caption = (
        f"{image_name(source, session)}: {_removed(source, row)} {model_name(source, model)}: "
        f"{_change(names[first[0]], float(was[first[0]]), float(now[first[0]]))}; "
        f"{'the answer stays' if first[0] == last[0] else f'the answer becomes {names[last[0]]}'}."
    )
    listed = "; ".join(
        f"{head} {', '.join(f'{names[i]} {values[i] * 100:.1f} %' for i in order)}"
        for head, values, order in (("before", was, first), ("after", now, last))
    )
    alt = (
        f"Two photographs side by side, before and after a region was removed, each above a table of the five most "
        f"probable classes. {caption} Tables: {listed}."
    )
    cites = ("cabrera2018", *cite_removal(row["method"]))
    return Drawn(figure, caption, alt, (grid[0, 0], grid[0, 1]), cites)


def _removed(source: Source, row: Row) -> str:
    """What was removed, on the way and by the edit itself, as a sentence."""
    before = len(list(_way_to(source, row))) - 1
    method = removal_name(row["method"])
    if row["operation"] == "keep":
        return f"all but the outlined region ({row['mask_area'] * 100:.1f} % of the picture) is removed ({method})."
    if not before:
        return f"the outlined region ({row['mask_area'] * 100:.1f} % of the picture) is removed ({method})."
    area = f"{row['removed_area'] * 100:.1f} % of the picture"
    return f"the outlined regions ({area}) are removed in {before + 1} edits (the last by {method})."


def _change(name: str, was: float, now: float) -> str:
    direction = "falls" if now < was else "rises" if now > was else "stays"
    return f"{name} {direction} from {was * 100:.1f} % to {now * 100:.1f} % ({points(now - was)} points)"


def _way_to(source: Source, row: Row) -> list[Row]:
    """The edits from the first one to this one."""
    by_name = {one["edit_id"]: one for one in source.rows("edits") if one["session_id"] == row["session_id"]}
    way = [row]
    while (parent := by_name.get(way[-1]["parent_id"])) is not None:
        way.append(parent)
    return way[::-1]


def _masks_on_the_way(source: Source, row: Row) -> list[NDArray[np.bool_]]:
    return [source.mask(one["mask_file"]) for one in _way_to(source, row)]


def _model_of(source: Source, session: str) -> str:
    """The model that the person worked with: the one that answered the session's first edit first."""
    edits = [row for row in source.rows("edits") if row["session_id"] == session]
    return first_model(source, min(edits, key=lambda row: row["sequence"])["edit_id"])


def _whole_way(source: Source, asked: Asked) -> tuple[Row, list[Row], list[State], str]:
    """A session, its edits on the way to where it ended, their states after the untouched picture, and the model."""
    about = find(source, "sessions", "session_id", asked.of)
    edits = {row["sequence"]: row for row in source.rows("edits") if row["session_id"] == asked.of}
    if not edits:
        raise FigureError("The session has no edits.")
    last = edits.get(about["head_sequence"]) or edits.get(about["tip_sequence"]) or edits[max(edits)]
    way = _way_to(source, last)
    states: list[State] = [("image_id", about["image_id"]), *(("edit_id", step["edit_id"]) for step in way)]
    return about, way, states, model_asked(source, asked.model) or _model_of(source, asked.of)


def series(source: Source, asked: Asked, look: Look) -> Drawn:
    """The untouched picture and the pictures on the way to the step at which the session ended."""
    about, way, states, model = _whole_way(source, asked)
    steps = list(range(len(states)))
    if len(way) > MOST_STEPS:
        steps = [*steps[:MOST_STEPS], steps[-1]]
    answers = answers_to(source, [states[step] for step in steps], model)
    names = labels(source, model)
    first = picture_of(source, states[0])
    columns = min(4, len(steps))
    rows = -(-len(steps) // columns)
    tall = first.shape[0] / first.shape[1] / columns + 0.053 * look.points / look.inches
    figure = new_figure(look, rows * tall + 0.02)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    words = []
    for axes, step, found in zip(panels, steps, answers, strict=False):
        show_picture(axes, picture_of(source, states[step]))
        top = int(found.argmax())
        words.append(f"{names[top]} {found[top] * 100:.1f} %")
        under(
            axes,
            f"{fitted(names[top], look.inches / columns * 0.98, look)}\n{found[top] * 100:.1f} %",
            look,
            class_name=names[top],
        )
    for axes in panels[len(steps) :]:
        axes.set_axis_off()
    caption = (
        f"{image_name(source, about)}: {counted(len(way), 'edit')} one after the other, with the most probable class "
        f"of {model_name(source, model)}."
    )
    if left := len(states) - len(steps):
        caption += f" Shown are the first {MOST_STEPS - 1} edits and the last; the {left} between them are left out."
    alt = f"{len(steps)} photographs in order. {caption} The answers in order: {', then '.join(words)}."
    return Drawn(figure, caption, alt, tuple(panels[: len(steps)]), ("cabrera2018",))


def trace(source: Source, asked: Asked, look: Look) -> Drawn:
    """How probable a class (the first answer, where none is asked for) is at each step, and where another is first."""
    about, way, states, model = _whole_way(source, asked)
    answers = answers_to(source, states, model)
    names = labels(source, model)
    if asked.class_name and asked.class_name not in names:
        raise FigureError(f"{model_name(source, model)} has no class “{asked.class_name[:60]}”.")
    top = names.index(asked.class_name) if asked.class_name else int(answers[0].argmax())
    values = [float(found[top]) * 100 for found in answers]
    others = [number for number, found in enumerate(answers) if int(found.argmax()) != top]
    name = fitted(names[top], look.inches / 3, look)
    figure = new_figure(look, 0.55)
    axes = figure.subplots()
    axes.plot(values, color=look.model, marker="o", markersize=look.points * 0.6, linewidth=look.line,
              markeredgecolor=look.ink, markeredgewidth=look.thin, label=f"{name} is first")  # fmt: skip
    at = [values[number] for number in others]
    if others:
        axes.plot(others, at, linestyle="none", marker="D", markersize=look.points * 0.8, color=look.paper,
                  markeredgecolor=look.ink, markeredgewidth=look.thin, label="another class is first")  # fmt: skip
    figure.legend(frameon=False, loc="outside upper right", ncols=2, handlelength=1.4)
    axes.set_ylim(0, 100)
    axes.set_xlim(-0.2, len(values) - 0.8)
    axes.set_xticks(list(range(0, len(values), max(1, -(-len(values) // 12)))))
    axes.set_xlabel("edit")
    name_class(axes.set_ylabel(f"{name}, %"), names[top])
    axes.grid(axis="y", color=look.quiet, alpha=0.35)
    caption = (
        f"{image_name(source, about)}: probability of {names[top]} by {model_name(source, model)} over "
        f"{counted(len(way), 'edit')}; at {len([number for number in others if number])} of them another class is "
        f"the most probable."
    )
    listed = ", ".join(f"{value:.1f}" for value in values)
    alt = f"A line over the edits of a session. {caption} In percent, from the untouched picture on: {listed}."
    return Drawn(figure, caption, alt, (axes,), ("cabrera2018",))
