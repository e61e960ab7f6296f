"""The session's edits as a tree of small pictures: branches below one another, newest to the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html

from dashboard.components.attributes import aria, data
from dashboard.numbers import arrow, points


@dataclass(frozen=True)
class Frame:
    """One picture of the strip; ``parent`` is the id of the frame it came from, None for the original itself."""

    id: str
    parent: str | None
    depth: int
    blob: str
    title: str
    top_label: str
    change: float | None
    flipped: bool
    current: bool
    in_branch: bool


def filmstrip(frames: Sequence[Frame]) -> html.Ol:
    """Frames in columns by how many edits they hold, each branch in a row of its own."""
    rows = lay_out(frames)
    lines = {frame.id: rows[frame.id] for frame in frames}
    return html.Ol([_frame(frame, rows[frame.id], lines) for frame in frames], className="frames")


def lay_out(frames: Sequence[Frame]) -> dict[str, int]:
    """The row of each frame: a first child stays in its parent's row, every further one opens a new row."""
    rows: dict[str, int] = {}
    continued: set[str] = set()
    free = 0
    for frame in frames:
        if frame.parent is None:
            rows[frame.id] = 0
        elif frame.parent in continued:
            free += 1
            rows[frame.id] = free
        else:
            continued.add(frame.parent)
            rows[frame.id] = rows[frame.parent]
    return rows


def _frame(frame: Frame, row: int, rows: dict[str, int]) -> html.Li:
    classes = [
        "frame",
        "is-current" if frame.current else "",
        "in-branch" if frame.in_branch else "",
        "is-flipped" if frame.flipped else "",
    ]
    rise = row - rows[frame.parent] if frame.parent else 0
    picture = html.Img(src=f"/media/thumbnails/{frame.blob}.png", alt="", draggable="false")
    button = html.Button(
        [
            picture,
            html.Span(frame.title, className="what"),
            html.Span(frame.top_label, className="top"),
            _change(frame),
        ],
        type="button",
        className="frame-button",
        title=f"{frame.title}: {frame.top_label}",
        **data(edit_id=frame.id),
        **aria(current="step" if frame.current else "false"),
    )
    place = {"gridColumn": frame.depth + 1, "gridRow": row + 1, "--rise": rise}
    return html.Li(button, className=" ".join(filter(None, classes)), style=place)


def _change(frame: Frame) -> html.Span | None:
    if frame.change is None:
        return None
    kind = "same" if not arrow(frame.change) else "down" if frame.change < 0 else "up"
    return html.Span(f"{arrow(frame.change)} {points(frame.change)}", className=f"change {kind}")
