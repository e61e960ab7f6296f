"""Icons, drawn in the text's own colour."""

from __future__ import annotations

from dash import html

from dashboard.components.attributes import aria


def icon(name: str) -> html.Span:
    """One of Bootstrap Icons, by name; screen readers pass over it."""
    return html.Span(className="icon", style={"--icon": f"url(/vendor/icons/{name}.svg)"}, **aria(hidden="true"))
