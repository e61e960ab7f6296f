"""A figure for a paper from a page: chosen, seen as the file that is saved, annotated, fetched. The browser runs it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.components.attributes import aria, data
from dashboard.components.canvas import BLANK, GRAPH_CONFIG
from dashboard.components.dialog_parts import check, choice
from dashboard.components.icon import icon

WIDTHS = (
    ("acm", "ACM, one column, 3.33 in"),
    ("acm-wide", "ACM, two columns, 7 in"),
    ("ieee", "IEEE, one column, 3.5 in"),
    ("ieee-wide", "IEEE, two columns, 7.16 in"),
    ("springer", "Springer, 4.8 in"),
    ("a4", "A4, 6.3 in"),
    ("poster", "Poster, 12 in"),
    ("slide", "Slide, 10 in"),
)
THEMES = (("light", "Light"), ("dark", "Dark"))
FORMATS = (("pdf", "PDF"), ("svg", "SVG"), ("png", "PNG"), ("tiff", "TIFF"))


class Tool(NamedTuple):
    """What is put on a figure with the mouse, or by its places: x,y in percent of a panel from its top left corner."""

    kind: str
    icon: str
    label: str
    drag: str
    what: str
    usual: str


TOOLS = (
    Tool("arrow", "arrow-up-right", "Arrow", "drag from its tail to its head", "from, to", "20,20 45,45"),
    Tool("rectangle", "square", "Frame", "drag a rectangle", "two corners", "25,25 75,75"),
    Tool("ellipse", "circle", "Ellipse", "drag it", "two corners around it", "25,25 75,75"),
    Tool("outline", "bounding-box", "Outline", "draw around something", "its corners, three at least",
         "50,20 80,80 20,80"),
    Tool("label", "fonts", "Label", "it appears in the middle, drag it", "its middle", "50,50"),
    Tool("callout", "chat-square-text", "Callout", "drag from the words to what they are about",
         "the words, what they are about", "20,15 45,45"),
    Tool("inset", "zoom-in", "Enlarged detail", "drag a rectangle around it",
         "two corners, and the corner where it is shown", "30,30 45,45"),
)  # fmt: skip
COLOURS = (("ink", "As the text"), ("people", "People's blue"), ("model", "Models' orange"), ("both", "Violet"))
# What is put on the figure is moved, not the figure.
_CONFIG = GRAPH_CONFIG | {
    "scrollZoom": False,
    "edits": {"annotationPosition": True, "annotationTail": True, "shapePosition": True},
}


def figure_button(what: str, of: str = "") -> html.Button:
    """Opens the dialog for figures of a session, image, study or comparison; without ``of`` the page's script knows."""
    return html.Button(
        [icon("file-earmark-image"), "Export figure …"],
        type="button",
        className="btn btn-outline-secondary with-icon",
        **data(figure=what, of=of),
    )


def figure_dialog() -> html.Dialog:
    """Closed; assets/figure opens it."""
    return html.Dialog(
        [
            html.H2("Figure for a paper", id="figure-title"),
            html.Div([_choices(), _result()], className="figure-columns"),
            _foot(),
        ],
        id="figure-dialog",
        className="dialog figure-dialog",
        **aria(labelledby="figure-title"),
    )


def _foot() -> html.Div:
    buttons = html.Div(
        [
            html.Span("", id="figure-status", className="quiet", role="status"),
            html.Button("Close", id="figure-close", type="button", className="btn btn-outline-secondary"),
            html.A("Download", id="figure-file", className="btn btn-primary", download="", hidden=True),
        ],
        className="button-row dialog-buttons",
    )
    return html.Div([html.P(id="figure-message", className="message", role="alert"), buttons], className="figure-foot")


def _choices() -> html.Div:
    return html.Div(
        [
            _select("kind", "Figure", ()),
            _select("of", "Of", ()),
            _select("model", "Model", ()),
            _select("class_name", "Class", ()),
            _select("method", "Method", ()),
            _select("table", "Numbers", ()),
            _select("by", "Columns", ()),
            _select("width", "Width", WIDTHS),
            html.Div([_select("theme", "Background", THEMES), _select("form", "Format", FORMATS)], className="pair"),
            html.Div(
                [
                    html.Div(
                        [
                            html.Label("Dots per inch", htmlFor="figure-dpi"),
                            dbc.Input(id="figure-dpi", type="number", min=50, max=1200, step=1, value=300),
                        ]
                    ),
                    check("figure-letters", "(a), (b) … on the panels", is_on=True),
                ],
                className="pair",
            ),
        ],
        className="figure-choices",
        id="figure-choices",
    )  # fmt: skip


def _result() -> html.Div:
    tabs = html.Div(
        [
            html.Button("The file", id="figure-see", type="button", className="text-button", **aria(pressed="true")),
            html.Button("Annotate", id="figure-draw", type="button", className="text-button", **aria(pressed="false")),
        ],
        className="button-row",
    )
    return html.Div(
        [
            tabs,
            html.Div(html.Img(id="figure-preview", alt="", hidden=True), id="figure-shown", className="figure-shown"),
            _annotating(),
            html.Ul(id="figure-problems", className="figure-problems", role="status"),
            _text("caption", "Caption"),
            _text("alt", "For those who cannot see it"),
            html.Details(
                [html.Summary("LaTeX"), _text("latex", "Figure"), _text("references", "References, BibTeX")],
                className="notes",
            ),
        ],
        className="figure-result",
    )


def _annotating() -> html.Div:
    tools = [
        html.Button(icon(tool.icon), type="button", className="tool-button", title=f"{tool.label}: {tool.drag}",
                    **data(figure_tool=tool.kind), **aria(label=tool.label, pressed="false"))
        for tool in TOOLS
    ]  # fmt: skip
    graph = dcc.Graph(id="figure-canvas", figure=BLANK, config=cast(Any, _CONFIG), className="figure-canvas")
    return html.Div(
        [
            html.Div(
                [*tools, _select("colour", "Colour", COLOURS), _select("highlight", "Let a class stand out", ())],
                className="button-row figure-tools",
                role="group",
                **aria(label="What to put on the figure"),
            ),
            html.P(
                "Choose a tool, then drag on the figure, or add it by its places below. What is there can be moved.",
                className="quiet small",
            ),
            html.Div(graph, role="group", **aria(label="Figure to put something on")),
            html.Div(id="figure-adding", className="button-row figure-tools", role="group",
                     **aria(label="Add without a mouse")),
            html.Ul(id="figure-annotations", className="figure-annotations", **aria(label="What is on the figure")),
        ],
        id="figure-annotating",
        hidden=True,
        **data(kinds=json.dumps({tool.kind: tool._asdict() for tool in TOOLS})),
    )  # fmt: skip


def _select(name: str, label: str, options: Sequence[tuple[str, str]]) -> html.Div:
    return choice(f"figure-{name}", label, options, "figure-choice")


def _text(name: str, label: str) -> html.Div:
    area = html.Textarea(id=f"figure-{name}", className="form-control", rows=3, readOnly="readonly")
    copy = html.Button("Copy", type="button", className="text-button", **data(figure_copy=f"figure-{name}"),
                       **aria(label=f"Copy: {label}"))  # fmt: skip
    heading = html.Div([html.Label(label, htmlFor=f"figure-{name}"), copy], className="figure-text-head")
    return html.Div([heading, area], className="figure-text")
