"""A comparison as a figure: edits, end states of sessions and pictures beside each other."""

from __future__ import annotations

from dashboard.exports.figures.look import FigureError, Look
from dashboard.exports.figures.method_words import cite_removal, removal_name
from dashboard.exports.figures.parts import Drawn, fitted, new_figure, outline, show_picture, under
from dashboard.exports.figures.reading import (
    Asked,
    Row,
    State,
    answers_to,
    find,
    first_model,
    image_name,
    labels,
    model_asked,
    model_name,
    picture_of,
)
from dashboard.exports.figures.source import Source
from dashboard.exports.package.numbering import COMPARABLE
from dashboard.recording.comparison_url import FEWEST, Reference, parse_items
from dashboard.recording.ids import parse_id


def comparison(source: Source, asked: Asked, look: Look) -> Drawn:
    """Each item's picture with its most probable class and its region outlined; ``of`` is as in /compare?items=…"""
    found = items_of(source, asked.of)
    edits = [row["edit_id"] for _, row in found if row is not None]
    model = model_asked(source, asked.model) or (first_model(source, edits[0]) if edits else _any_model(source))
    answers = answers_to(source, [state for state, _ in found], model)
    names = labels(source, model)
    pictures = [picture_of(source, state) for state, _ in found]
    columns = min(len(found), 4 if len(found) != 3 else 3)
    rows = -(-len(found) // columns)
    line = look.points / 72 / look.inches
    tall = max(one.shape[0] / one.shape[1] for one in pictures) / columns + line * 4.3
    figure = new_figure(look, rows * tall + 0.02)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    said = []
    for axes, (state, row), pixels, values in zip(panels, found, pictures, answers, strict=False):
        show_picture(axes, pixels)
        if row is not None:
            outline(axes, source.mask(row["mask_file"]), look.people, look.line)
        top = int(values.argmax())
        under(
            axes,
            f"{fitted(names[top], look.inches / columns * 0.98, look)}\n{values[top] * 100:.1f} %",
            look,
            class_name=names[top],
        )
        said.append(f"{_called(source, state, row)}: {names[top]} {values[top] * 100:.1f} %")
    for axes in panels[len(found) :]:
        axes.set_axis_off()
    caption = f"With {model_name(source, model)}'s most probable class: {'; '.join(said)}."
    if edits:
        caption += " Outlined: what the edit removed."
    methods = dict.fromkeys(row["method"] for _, row in found if row is not None)
    cites = ("cabrera2018", *(work for one in methods for work in cite_removal(one)))
    return Drawn(figure, caption, f"{len(found)} photographs. {caption}", tuple(panels[: len(found)]), cites)


def items_of(source: Source, of: str, fewest: int = FEWEST) -> list[tuple[State, Row | None]]:
    """The state that each item shows, and the edit that led there, None for an untouched picture.

    Items are written with ids, or with the numbers that a package has in their place. Raises FigureError.
    """
    items = parse_items(of, lambda given, what: given if COMPARABLE.fullmatch(given) else parse_id(given, what))
    if items.problems or len(items.references) < fewest:
        least = "two items" if fewest > 1 else "one item"
        raise FigureError(items.problems[0] if items.problems else f"A comparison has {least} at least.")
    return [_item(source, one) for one in items.references]


def _item(source: Source, reference: Reference) -> tuple[State, Row | None]:
    if reference.kind == "image":
        return ("image_id", find(source, "images", "image_id", reference.id)["image_id"]), None
    if reference.kind == "edit":
        return ("edit_id", reference.id), find(source, "edits", "edit_id", reference.id)
    session = find(source, "sessions", "session_id", reference.id)
    for row in source.rows("edits"):
        if row["session_id"] == reference.id and row["sequence"] == session["head_sequence"]:
            return ("edit_id", row["edit_id"]), row
    return ("image_id", session["image_id"]), None


def _any_model(source: Source) -> str:
    for row in source.rows("predictions"):
        return str(row["model_id"])
    raise FigureError("No model has answered these pictures.")


def _called(source: Source, state: State, row: Row | None) -> str:
    if row is None:
        return f"{find(source, 'images', *state)['image_name']}, untouched"
    session = find(source, "sessions", "session_id", row["session_id"])
    return f"{image_name(source, session)}, edit {row['sequence']} ({removal_name(row['method'])})"
