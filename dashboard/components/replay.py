"""The places of the replay page; what stands in them comes from the film and changes with every step."""

from __future__ import annotations

from typing import Any, cast

from dash import dcc, html

from dashboard.components.attributes import aria
from dashboard.components.canvas import BLANK, GRAPH_CONFIG
from dashboard.components.figure_dialog import figure_button
from dashboard.components.icon import icon

SCRUBBER_TITLE = "A tick a step: blue where a branch begins, orange where the top answer differs from the original's"
SPEEDS = (0.5, 1, 2, 4, 8)
REPLAY_KEYS = (
    ("Space", "Play, pause"),
    ("← →", "Step back, forward"),
    ("Home End", "To the original, to the last step"),
    ("[ ]", "Slower, faster"),
    ("S", "Skip a pause"),
    ("D", "Draw this step again"),
    ("R", "Show or hide the step's region"),
    ("L", "Copy the link to this step"),
    ("?", "This list"),
)


def heading() -> html.Section:
    """Whose session it is, and how it is watched."""
    return html.Section(
        [
            html.Div(
                [
                    html.H2("Session", id="replay-name"),
                    html.P("", id="replay-about", className="quiet"),
                    html.P("", id="replay-notes"),
                ],
                className="replay-titles",
            ),
            html.Div(
                [_select("replay-model", "Model"), _select("replay-way", "Watch"), figure_button("session")],
                className="replay-choices",
            ),
        ],
        className="replay-heading",
        **aria(labelledby="replay-name"),
    )


def message() -> html.Div:
    """What is said instead of a film: loading, failed, nothing to see."""
    return html.Div(
        [
            html.P("Loading the session …", id="replay-message-text"),
            html.Div(
                [
                    html.Button(
                        "Try again", id="replay-again", type="button", className="btn btn-primary", hidden=True
                    ),
                    html.A("All sessions", id="replay-out", href="/sessions", className="text-button", hidden=True),
                ],
                className="button-row",
            ),
        ],
        id="replay-message",
        className="replay-message",
        role="status",
    )


def stage() -> html.Div:
    """The picture, and the answers beside it."""
    return html.Div(
        [
            html.Section(
                html.Div(html.Div(id="screen", className="screen"), className="screen-place"), **aria(label="Picture")
            ),
            html.Section(
                [
                    html.P("", id="step-caption", className="step-caption"),
                    html.Div(id="replay-headline", className="headline-place", **aria(live="off")),
                    html.Div(id="replay-answers", className="replay-answers"),
                    html.P("", id="replay-answers-note", className="quiet small"),
                    html.Div(
                        [_label_button("copy-link", "link-45deg", "Copy link to this step"), _region_switch()],
                        className="button-row step-actions",
                    ),
                    html.Div(
                        [
                            html.H3("Continue from here", id="continue-title"),
                            html.Div(
                                [
                                    html.A("As a branch of this session", id="continue-branch", href="/"),
                                    html.Button("As a new session", id="continue-session", type="button"),
                                ],
                                className="button-row",
                            ),
                        ],
                        className="continue",
                        role="group",
                        **aria(labelledby="continue-title"),
                    ),
                ],
                className="replay-side",
                **aria(label="Answers"),
            ),
        ],
        className="stage",
    )


def _region_switch() -> html.Button:
    return html.Button(
        [icon("bounding-box"), "Region"],
        id="show-region",
        type="button",
        className="text-button with-icon",
        title="Show the region of this step on its result (R)",
        **aria(pressed=False),
    )


def player() -> html.Section:
    """Play, step, scrub, speed and pauses."""
    buttons = [
        _button("step-first", "skip-start", "To the original (Home)"),
        _button("step-back", "chevron-left", "One step back (←)"),
        _button("play", "play-fill", "Play (Space)"),
        _button("step-forward", "chevron-right", "One step forward (→)"),
        _button("step-last", "skip-end", "To the last step (End)"),
        _button("draw-again", "arrow-repeat", "Draw this step again (D)"),
    ]
    speeds = [html.Option(f"{speed:g}×", value=f"{speed:g}") for speed in SPEEDS]
    pauses = [html.Option("evened out", value="even"), html.Option("as they were", value="real")]
    return html.Section(
        [
            html.Div(buttons, className="player-buttons", role="group", **aria(label="Player")),
            html.Div(id="scrubber-place", className="scrubber-place", title=SCRUBBER_TITLE),
            _select("speed", "Speed", speeds),
            _select("pauses", "Pauses", pauses),
            html.Div(
                [
                    html.Span("", id="replay-status", role="status"),
                    html.Button("Skip pause", id="skip-pause", type="button", className="text-button", hidden=True),
                ],
                className="player-status",
            ),
        ],
        className="player",
        **aria(label="Player"),
    )


def chart() -> html.Section:
    """Probabilities over the steps; a click goes there."""
    graph = dcc.Graph(
        id="replay-chart",
        figure=BLANK,
        config=cast(Any, GRAPH_CONFIG | {"scrollZoom": False}),
        responsive=True,
        className="canvas-graph",
    )
    return html.Section(
        [
            html.H3("Probability over the steps, %", id="chart-title"),
            html.Div(graph, className="replay-chart", role="group", **aria(labelledby="chart-title")),
            html.Ul(id="chart-legend", className="chart-legend"),
        ],
        className="replay-section",
    )


def tree() -> html.Section:
    """All steps with their branches."""
    return html.Section(
        [
            html.Div(
                [
                    html.H3("Steps and branches"),
                    html.Button(
                        "Watch only this branch", id="enter-branch", type="button", className="text-button", hidden=True
                    ),
                    html.Button(
                        "Watch all as it happened",
                        id="leave-branch",
                        type="button",
                        className="text-button",
                        hidden=True,
                    ),
                ],
                className="section-title",
            ),
            html.Div(
                id="replay-tree", className="filmstrip", tabIndex=0, role="region", **aria(label="Steps and branches")
            ),
        ],
        className="replay-section",
    )


def details() -> html.Section:
    """All that is known of the step, and what somebody wrote about it."""
    return html.Section(
        [
            html.Div(
                [
                    html.H3("Step", id="details-title"),
                    html.Dl(id="details", className="details", **aria(labelledby="details-title")),
                ]
            ),
            html.Div(
                [
                    html.H3("Answers' origin"),
                    html.Div(id="details-answers", className="details-answers"),
                ]
            ),
            html.Div(
                [
                    html.Label("Notes on this step", htmlFor="edit-note", id="edit-note-label"),
                    html.Textarea(id="edit-note", className="form-control", rows=4, maxLength=20_000),
                    html.Div(html.H3("Tags", id="tags-title"), className="section-title"),
                    html.Ul(id="edit-tags", className="tags", **aria(labelledby="tags-title")),
                    html.Form(id="tag-form", className="button-row", role="group", **aria(labelledby="tags-title")),
                    html.P("", id="curate-message", className="message", role="alert"),
                ],
                id="curate",
                className="field",
            ),
        ],
        className="replay-section replay-details",
        **aria(label="Details of the step"),
    )


def _select(element_id: str, label: str, options: list[Any] | None = None) -> html.Div:
    return html.Div(
        [html.Label(label, htmlFor=element_id), html.Select(options or [], id=element_id, className="form-select")],
        className="labelled-select",
    )


def _button(element_id: str, picture: str, label: str) -> html.Button:
    return html.Button(
        icon(picture),
        id=element_id,
        type="button",
        className="tool-button",
        title=label,
        **aria(label=label.split(" (")[0]),
    )


def _label_button(element_id: str, picture: str, label: str) -> html.Button:
    return html.Button([icon(picture), label], id=element_id, type="button", className="text-button with-icon")
