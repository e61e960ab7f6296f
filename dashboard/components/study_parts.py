"""What the pages of studies share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from dash import html

from dashboard.components.attributes import aria

STATES = {"draft": "Draft", "open": "Open", "paused": "Paused", "closed": "Closed"}


def pill(state: str) -> html.Span:
    """A study's state in a word."""
    return html.Span(STATES.get(state, state), className=f"state-pill is-{state}")


def moment(when: datetime | None) -> Any:
    """A time that the page's script writes as the reader's own; UTC until then."""
    if when is None:
        return "–"
    exact = when if when.tzinfo else when.replace(tzinfo=UTC)
    return html.Time(f"{exact:%Y-%m-%d %H:%M} UTC", dateTime=exact.isoformat(timespec="seconds"))


def filling(done: int, wanted: int) -> html.Div:
    """How much of a quota is there, as a bar and in figures."""
    share = min(1.0, done / wanted) if wanted else 0
    bar = html.Span(className="bar", style={"width": f"{share:.1%}"})
    return html.Div(
        [
            html.Span(bar, className="bar-track", **aria(hidden="true")),
            html.Span(f"{done} of {wanted}", className="number"),
        ],
        className="filling",
    )


def table(caption: str, heads: Sequence[Any], rows: Sequence[Sequence[Any]], numbers: Sequence[int] = ()) -> html.Div:
    """A table whose columns ``numbers`` hold figures; its first column names the row."""

    def cell(place: int, content: Any, head: bool = False) -> Any:
        style = "number" if place in numbers else None
        if head:
            return html.Th(content, scope="col", className=style)
        return html.Th(content, scope="row") if place == 0 else html.Td(content, className=style)

    head = html.Tr([cell(place, one, head=True) for place, one in enumerate(heads)])
    body = [html.Tr([cell(place, one) for place, one in enumerate(row)]) for row in rows]
    made = html.Table(
        [html.Caption(caption, className="visually-hidden"), html.Thead(head), html.Tbody(body)],
        className="study-table",
    )
    # What can be scrolled must be reachable by keyboard.
    return html.Div(made, className="scrolls", tabIndex=0, role="region", **aria(label=caption))


def message(sentence: str) -> html.P:
    """Something that went wrong, in a sentence."""
    return html.P(sentence, className="message", role="alert")
