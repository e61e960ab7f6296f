"""One picture with its title and its answers below."""

from __future__ import annotations

from typing import Any, cast

from dash import dcc, html

from dashboard.components.attributes import aria

GRAPH_CONFIG: dict[str, Any] = {
    "displayModeBar": False,
    "displaylogo": False,
    "doubleClick": False,
    "responsive": True,
    "scrollZoom": True,
    # Plotly 7 would offer to upload the picture to a cloud.
    "showSendToCloud": False,
    "plotlyServerURL": "",
}

_HIDDEN_AXIS = {"visible": False}
BLANK = {
    "data": [],
    "layout": {
        "xaxis": _HIDDEN_AXIS,
        "yaxis": _HIDDEN_AXIS,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "dragmode": False,
    },
}


def picture_panel(
    title: str,
    canvas_id: str,
    above_table: Any,
    table_id: str,
    description: str,
    hint: str = "",
    beside: Any = None,
    look: str = "",
) -> html.Section:
    """A section with the canvas, a line about the answer, and a place for the table.

    The hint is for newcomers; ``beside`` stands in the title's row.
    """
    graph = dcc.Graph(
        id=canvas_id, figure=BLANK, config=cast(Any, GRAPH_CONFIG), responsive=True, className="canvas-graph"
    )
    heading = f"{canvas_id}-title"
    return html.Section(
        [
            html.Div([html.H2(title, id=heading), html.Span(hint, className="hint"), beside], className="panel-title"),
            html.Div(
                html.Div(graph, className="canvas", id=f"{canvas_id}-box", role="group", **aria(label=description)),
                className="canvas-place",
            ),
            html.Div(above_table, className="headline-place"),
            html.Div(id=table_id, className="table-place"),
        ],
        className=f"picture-panel {look}".strip(),
        **aria(labelledby=heading),
    )
