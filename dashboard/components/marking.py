"""Marking what matters: the two modes, what a person says of her region, and the regions that there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.components import ids
from dashboard.components.attributes import aria, data
from dashboard.components.icon import icon
from dashboard.numbers import percent

MODES = (("edit", "Edit"), ("mark", "Mark what matters"))
LONGEST_NAME = 200
LONGEST_REASON = 5_000


@dataclass(frozen=True)
class RegionLine:
    """One region as listed; ``share`` 0–1, ``where`` is the image state in words."""

    id: str
    title: str
    class_name: str
    share: float
    where: str
    confidence: int | None
    reason: str
    agreement: float | None
    is_human: bool


def mode_switch() -> html.Div:
    """Edit the picture, or mark what matters in it."""
    return html.Div(
        [_mode(key, label) for key, label in MODES],
        className="segments",
        role="group",
        **aria(label="What drawing does"),
    )


def _mode(key: str, label: str) -> html.Button:
    return html.Button(
        label,
        id=f"mode-{key}",
        type="button",
        className="segment",
        title=f"{label} (M)",
        **data(mode=key),
        **aria(pressed=key == "edit"),
    )


def mark_controls() -> html.Div:
    """What the region speaks for, how sure she is, and why; then to save it."""
    classes = dcc.Dropdown(
        id=ids.MARK_CLASS, options=[], value=None, clearable=False, placeholder="Choose a class", optionHeight=32
    )
    sure = dbc.RadioItems(
        [{"value": value, "label": str(value)} for value in range(1, 6)], None, id=ids.MARK_SURE, inline=True
    )
    name = dbc.Input(id=ids.MARK_NAME, maxLength=LONGEST_NAME, placeholder="the head, the wheel …", size="sm")
    why = dbc.Textarea(id=ids.MARK_WHY, maxLength=LONGEST_REASON, rows=2, placeholder="optional")
    return html.Div(
        [
            html.P("Paint what, to you, makes the picture a:", id="mark-class-label", className="quiet small"),
            html.Div(classes, **data(name="Class that the region speaks for")),
            html.Div(
                [html.Span("How sure", id="mark-sure-label", className="field-label"), sure],
                className="field sure",
                role="radiogroup",
                title="1 is not at all, 5 is completely",
                **aria(labelledby="mark-sure-label"),
            ),
            _labelled("Call it", name, ids.MARK_NAME),
            _labelled("Why", why, ids.MARK_WHY),
        ],
        className="mark-controls",
    )


def save_buttons() -> html.Div:
    """What is done with the region that is being painted."""
    return html.Div(
        [
            dbc.Button("Save region", id="save-region", color="primary", size="sm", disabled=True),
            dbc.Button("Clear", id="clear-mark", color="secondary", outline=True, size="sm", disabled=True),
            html.Span(id="mark-note", className="quiet small", **aria(live="polite")),
        ],
        className="button-row",
    )


def _labelled(label: str, field: Any, field_id: str) -> html.Div:
    return html.Div([html.Label(label, htmlFor=field_id), field], className="field")


def region_list(lines: Sequence[RegionLine]) -> html.Ul | html.P:
    """The regions at hand, each to be shown, renamed, deleted; says what to do where there is none."""
    if not lines:
        return html.P("Nothing is marked yet. Paint a region, then save it.", className="quiet small")
    return html.Ul([_line(line) for line in lines], className="region-list")


def _line(line: RegionLine) -> html.Li:
    about = [f"{percent(line.share)} %", line.where]
    about += [f"sure {line.confidence}/5"] if line.confidence else []
    about += [f"IoU {line.agreement:.2f} with CAM, equal area"] if line.agreement is not None else []
    choose = html.Button(
        [
            html.Span(className="patch" if line.is_human else "patch is-model", **aria(hidden="true")),
            html.Span(line.title, className="region-title"),
            html.Span(" · ".join(about), className="quiet region-about"),
        ],
        type="button",
        className="region-choose",
        title=line.reason or line.class_name,
        **data(choose_region=line.id),
        **aria(pressed=False),
    )
    return html.Li(
        [
            choose,
            _act("show", "eye", f"Show or hide {line.title}", line.id),
            _act("rename", "pencil", f"Rename {line.title}", line.id),
            _act("delete", "trash", f"Delete {line.title}", line.id),
        ],
        className="region-line",
        **data(region=line.id, title=line.title),
    )


def _act(name: str, picture: str, label: str, region: str) -> html.Button:
    return html.Button(
        icon(picture),
        type="button",
        className="tool-button small-button",
        title=label,
        **data(region_act=name, region_id=region),
        **aria(label=label),
    )


def region_dialog() -> dbc.Modal:
    """What is said of a region that is kept already; its pixels stay as they are."""
    fields = [
        _stacked("Name", dbc.Input(id="region-name", maxLength=LONGEST_NAME), "region-name"),
        _stacked(
            "How sure, 1 to 5",
            dbc.Input(id="region-sure", type="number", min=1, max=5, step=1),
            "region-sure",
        ),
        _stacked("Why", dbc.Textarea(id="region-why", maxLength=LONGEST_REASON, rows=4), "region-why"),
        html.P(id="region-message", className="message", role="alert"),
    ]
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle("Region", id="region-dialog-title")),
            dbc.ModalBody(fields),
            dbc.ModalFooter(dbc.Button("Save", id="region-save", color="primary")),
        ],
        id="region-dialog",
        labelledby="region-dialog-title",
        is_open=False,
        centered=True,
    )


def _stacked(label: str, field: Any, field_id: str) -> html.Div:
    return html.Div([html.Label(label, htmlFor=field_id), field], className="field stacked")
