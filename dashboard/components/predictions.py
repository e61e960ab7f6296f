"""The table of a model's answers, with a bar and, on the modified side, the change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import html

from dashboard.components.attributes import aria, data
from dashboard.numbers import arrow, percent, points


@dataclass(frozen=True)
class Line:
    """One class as shown: probabilities 0–1, ``change`` None on the original side, ``further`` a model each."""

    index: int
    label: str
    probability: float
    change: float | None
    further: tuple[float | None, ...]
    pinned: bool
    explained: bool


@dataclass(frozen=True)
class Column:
    """A model: its key and human label."""

    key: str
    label: str


def prediction_table(lines: Sequence[Line], models: Sequence[Column], caption: str) -> html.Table:
    """A table whose rows line up with those of the other picture, because both hold the same classes."""
    with_change = any(line.change is not None for line in lines)
    head = [html.Th("Class", scope="col"), html.Th(_model(models[0], len(models) > 1), scope="col", className="number")]
    head += [html.Th("Change, points", scope="col", className="number")] if with_change else []
    head += [html.Th(model.label, scope="col", className="number") for model in models[1:]]
    return html.Table(
        [
            html.Caption(caption, className="visually-hidden"),
            html.Thead(html.Tr(head)),
            html.Tbody([_row(line, models, with_change) for line in lines]),
        ],
        className="predictions several" if len(models) > 1 else "predictions",
    )


def _model(model: Column, several: bool) -> str:
    return model.label if several else "Probability, %"


def _row(line: Line, models: Sequence[Column], with_change: bool) -> html.Tr:
    pin = html.Span("pinned", className="pin") if line.pinned else None
    name = html.Button(
        [html.Span(line.label, className="label"), pin],
        type="button",
        className="class-button",
        title=f"{line.label}: show where the model looked for it",
        **aria(pressed=line.explained),
    )
    cells = [html.Th(name, scope="row", **_column("label")), _probability(line)]
    cells += [_change(line.change)] if with_change else []
    cells += [_further(model, value) for model, value in zip(models[1:], line.further, strict=True)]
    return html.Tr(cells, className="is-explained" if line.explained else "", **data(class_index=line.index))


def _probability(line: Line) -> html.Td:
    bar = html.Span(className="bar", style={"--share": f"{line.probability:.4f}"}, **aria(hidden="true"))
    return html.Td([bar, html.Span(percent(line.probability))], className="number", **_column("probability"))


def _change(change: float | None) -> html.Td:
    if change is None:
        return html.Td("", **_column("change"))
    direction = "down" if change < 0 else "up"
    mark = html.Span(arrow(change), className="arrow", **aria(hidden="true"))
    kind = direction if arrow(change) else "same"
    return html.Td([mark, html.Span(points(change))], className=f"number change {kind}", **_column("change"))


def _further(model: Column, value: float | None) -> html.Td:
    text = "–" if value is None else percent(value)
    reason = "This model names its classes differently" if value is None else None
    return html.Td(text, className="number", title=reason, **_column(f"probability:{model.key}"))


def _column(name: str) -> dict[str, Any]:
    return {"data-column": name}


def headline(before: str, after: str, before_share: float, after_share: float) -> html.Div:
    """Says plainly whether the top answer changed; shares 0–1."""
    if before == after:
        text = [html.Strong(after), html.Span(f" {percent(after_share)} %", className="quiet")]
        return html.Div(text, className="headline")
    return html.Div(
        [
            html.Span(before, className="was", title=f"{percent(before_share)} % before"),
            html.Span(" → ", **aria(label="became")),
            html.Strong(after),
            html.Span(f" {percent(after_share)} %", className="quiet"),
        ],
        className="headline flipped",
    )
