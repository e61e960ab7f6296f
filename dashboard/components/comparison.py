"""The pieces of the compare page: panels, the table of answers, colour bars, saved comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from dash import dcc, html

from dashboard.components.attributes import aria, data
from dashboard.components.canvas import BLANK, GRAPH_CONFIG
from dashboard.components.icon import icon
from dashboard.numbers import arrow, percent, points

CANVAS = "compare-canvas"


@dataclass(frozen=True)
class Panel:
    """One item as shown. ``width_share`` is its picture's width beside the widest one's (0–1): one scale for all."""

    key: str
    letter: str
    kind: str
    title: str
    where: str
    href: str | None
    width_px: int
    height_px: int
    width_share: float


@dataclass(frozen=True)
class Heading:
    """A column of the table of answers: one item."""

    key: str
    letter: str
    title: str
    is_reference: bool


@dataclass(frozen=True)
class Cell:
    """What one model says of one class in one item: probability 0–1 and the change against the reference.

    ``probability`` is None where there is no such answer, and ``reason`` says why.
    """

    item: str
    model: str
    probability: float | None
    change: float | None
    is_top: bool
    reason: str = ""


@dataclass(frozen=True)
class Row:
    """One class in all items."""

    index: int
    label: str
    is_chosen: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Entry:
    """A saved comparison in the list."""

    id: str
    name: str
    href: str
    about: str


def canvas(index: str, width_px: int, height_px: int, description: str, width_share: float = 1.0) -> html.Div:
    """A picture that can be zoomed together with all others; the browser draws it."""
    graph = dcc.Graph(
        id={"type": CANVAS, "index": index},
        figure=BLANK,
        config=cast(Any, GRAPH_CONFIG),
        responsive=True,
        className="canvas-graph",
    )
    shape = {"--ratio": f"{width_px / height_px:.5f}", "--width-share": f"{width_share:.4f}"}
    return html.Div(
        html.Div(graph, className="compare-canvas", role="img", style=shape, **aria(label=description)),
        className="compare-canvas-place",
        **data(canvas=index),
    )


def panels(shown: Sequence[Panel]) -> list[html.Section]:
    """A panel for every item, in their order."""
    return [_panel(panel, len(shown) > 2) for panel in shown]


def skeletons(count: int) -> list[html.Div]:
    """What holds the panels' places until they are there."""
    return [html.Div(className="compare-panel skeleton", **aria(hidden="true")) for _ in range(count)]


def _panel(panel: Panel, removable: bool) -> html.Section:
    heading = f"panel-{panel.letter}"
    title = html.A(panel.title, href=panel.href) if panel.href else html.Span(panel.title)
    reference = html.Button(
        "Reference",
        type="button",
        className="reference-button",
        title=f"Measure all others against {panel.letter} (R)",
        **data(reference=panel.key),
        **aria(pressed=False, label=f"{panel.letter} is the reference"),
    )
    remove = html.Button(
        icon("x-lg"),
        type="button",
        className="tool-button small-button",
        title=f"Leave {panel.letter} out",
        disabled=not removable,
        **data(remove=panel.key),
        **aria(label=f"Leave {panel.letter} out"),
    )
    name = [html.Span(panel.letter, className="letter"), title]
    return html.Section(
        [
            html.Div([html.H3(name, id=heading, title=panel.title), remove], className="compare-title"),
            html.P([html.Span(panel.kind), html.Span(panel.where)], className="where", title=panel.where),
            canvas(panel.letter, panel.width_px, panel.height_px, f"{panel.letter}: {panel.title}", panel.width_share),
            html.Div(
                [html.P(className="compare-answer", **data(answer=panel.letter)), reference], className="compare-foot"
            ),
        ],
        className="compare-panel",
        tabIndex=0,
        **data(item=panel.key),
        **aria(labelledby=heading),
    )


def colour_bar(element_id: str, stops: Sequence[str], ticks: Sequence[str]) -> html.Div:
    """A scale from its lowest to its highest colour, with as many evenly spaced values below as ``ticks``."""
    gradient = f"linear-gradient(to right, {', '.join(stops)})"
    values = [html.Span(tick, className="number") for tick in ticks]
    return html.Div(
        [
            html.Span(className="scale", style={"backgroundImage": gradient}),
            html.Div(values, className="ticks", id=f"{element_id}-ticks"),
        ],
        id=element_id,
        className="compare-bar",
    )


def answers_table(headings: Sequence[Heading], models: Sequence[tuple[str, str]], rows: Sequence[Row]) -> html.Table:
    """Classes × items; ``models`` are (key, label), each a column below every item where there are several."""
    several = len(models) > 1
    first = html.Th("Class", scope="col", rowSpan=2 if several else 1, className="class-column")
    items = [_item_heading(heading, len(models)) for heading in headings]
    head = [html.Tr([first, *items])]
    if several:
        head.append(
            html.Tr([_model_heading(label, place) for _ in headings for place, (_, label) in enumerate(models)])
        )
    caption = html.Caption("Probability in % and change against the reference in points", className="visually-hidden")
    return html.Table([caption, html.Thead(head), html.Tbody([_row(row) for row in rows])], className="compare-table")


def _model_heading(label: str, place: int) -> html.Th:
    return html.Th(label, scope="col", className="number starts-item" if place == 0 else "number")


def _item_heading(heading: Heading, columns: int) -> html.Th:
    mark = html.Span("reference", className="pin") if heading.is_reference else None
    return html.Th(
        [html.Span(heading.letter, className="letter"), mark],
        scope="colgroup" if columns > 1 else "col",
        colSpan=columns,
        className=f"number starts-item{' is-reference' if heading.is_reference else ''}",
        title=heading.title,
        **data(item=heading.key),
    )


def _row(row: Row) -> html.Tr:
    name = html.Button(
        row.label,
        type="button",
        className="class-button",
        title=f"{row.label}: show where the model looked for it",
        **data(choose_class=row.index),
        **aria(pressed=row.is_chosen),
    )
    cells = [_cell(cell, row.cells[at - 1] if at else None) for at, cell in enumerate(row.cells)]
    return html.Tr(
        [html.Th(name, scope="row", className="class-column"), *cells],
        className="is-chosen" if row.is_chosen else "",
        **data(class_index=row.index),
    )


def _cell(cell: Cell, before: Cell | None) -> html.Td:
    marks = {**data(item=cell.item, model=cell.model)}
    style = "number" if before is not None and before.item == cell.item else "number starts-item"
    if cell.probability is None:
        return html.Td("–", className=f"{style} quiet", title=cell.reason, **marks)
    value = html.Span(percent(cell.probability), className="probability is-top" if cell.is_top else "probability")
    return html.Td([value, *_change(cell.change)], className=style, **marks)


def _change(change: float | None) -> list[html.Span]:
    if change is None:
        return []
    kind = "same" if not arrow(change) else "down" if change < 0 else "up"
    mark = html.Span(arrow(change), className="arrow", **aria(hidden="true"))
    return [html.Span([mark, points(change)], className=f"change {kind}")]


def problems(sentences: Sequence[str]) -> html.Ul | None:
    """What could not be shown and why, one sentence each."""
    return html.Ul([html.Li(sentence) for sentence in sentences], className="problems") if sentences else None


def ways_out() -> html.P:
    """What to do where there is nothing to compare."""
    return html.P(
        [
            "Choose two to twelve rows in ",
            html.A("Sessions", href="/sessions"),
            ", or open one of the ",
            html.A("saved comparisons", href="/compare"),
            ".",
        ],
        className="compare-begin",
    )


def saved_list(entries: Sequence[Entry]) -> html.Ul:
    """Kept comparisons, each a link, with its own rename and delete."""
    return html.Ul([_saved(entry) for entry in entries], className="saved-comparisons")


def _saved(entry: Entry) -> html.Li:
    return html.Li(
        [
            html.A(entry.name, href=entry.href, className="saved-name"),
            html.Span(entry.about, className="quiet"),
            html.Button("Rename", type="button", className="text-button", **data(rename=entry.id, name=entry.name)),
            html.Button("Delete", type="button", className="text-button", **data(delete=entry.id, name=entry.name)),
        ]
    )
