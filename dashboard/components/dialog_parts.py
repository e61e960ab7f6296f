"""What dialogs that a script fills and reads are made of: plain elements, of which Dash need not know."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html

from dashboard.components.attributes import aria


def choice(field_id: str, label: str, options: Sequence[tuple[str, str]], style: str | None = None) -> html.Div:
    """A menu of (value, words) under its label."""
    entries = [html.Option(words, value=value) for value, words in options]
    field = html.Select(entries, id=field_id, className="form-select")
    return html.Div([html.Label(label, htmlFor=field_id), field], className=style)


def check(field_id: str, words: str, about: str = "", *, is_on: bool = False) -> html.Button:
    """A box that a script ticks, with ``about`` in smaller letters behind its words."""
    return html.Button(
        [
            html.Span(className="check-box", **aria(hidden=True)),
            html.Span([words, html.Small(about)] if about else words),
        ],
        id=field_id,
        type="button",
        role="checkbox",
        className="check-button",
        **aria(checked=is_on),
    )
