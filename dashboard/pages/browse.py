"""The browse page: everything recorded, found again. The address is the state; the browser's script keeps to it."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, dcc, html, no_update

from dashboard.components import browse_controls, browse_dialogs, browse_table, shell
from dashboard.components import browse_ids as ids
from dashboard.components import glance as charts
from dashboard.components.export_dialog import export_dialog
from dashboard.failures import describe
from dashboard.figures import glance as figures
from dashboard.recording import browsing
from dashboard.recording.browse_url import parse_state
from dashboard.services import workspace
from dashboard.vision.inpainting import METHODS
from db.choices import Choices
from db.glance import Glance


def layout(**_query: str) -> html.Div:
    """The page before its rows are there; what the address asks for is fetched by the browser."""
    return html.Div(
        [
            *[dcc.Store(id=name) for name in (ids.ASKED, ids.CHANGED, ids.SHOWN, ids.CHOICES)],
            shell.header("/sessions"),
            html.Main(
                [
                    html.H2("Recorded sessions", className="visually-hidden"),
                    browse_controls.find_bar(),
                    browse_controls.filter_bar(),
                    charts.charts(),
                    browse_controls.selection_bar(),
                    html.Div(
                        [browse_table.table_place(_method_labels()), *browse_controls.states()],
                        className="table-place-area",
                    ),
                ],
                className="browse",
                id="browse",
            ),
            browse_table.library(),
            *browse_dialogs.dialogs(),
            export_dialog(),
            shell.keys_dialog(browse_dialogs.KEYS),
        ],
        className="page",
    )


def register(app: Dash) -> None:
    """Adds the page's callbacks to ``app``."""

    @app.callback(
        Output(ids.CLASS_BARS, "children"),
        Output(ids.SUMMARY, "children"),
        Output(ids.SHOWN, "data"),
        Input(ids.ASKED, "data"),
        prevent_initial_call=True,
    )
    def show_glance(asked: dict[str, Any]) -> Any:
        try:
            found = browsing.glance(workspace(), parse_state(str(asked.get("query", ""))))
        except Exception as error:
            return no_update, f"The charts could not be drawn. {describe(error)[0]}", asked
        classes = charts.class_bars([(c.name, c.edits, c.flips) for c in found.classes])
        words = charts.summary(found.edits, found.sessions, found.flips, found.answered)
        return classes, words, asked | {"charts": _charts(found)}

    @app.callback(Output(ids.CHOICES, "data"), Input(ids.CHANGED, "data"))
    def offer(_changed: int | None) -> Any:
        try:
            return _offered(browsing.choices(workspace()))
        except Exception as error:
            describe(error)
            return no_update

    in_browser = {
        "offered": Input(ids.CHOICES, "data"),
        "glanced": Input(ids.SHOWN, "data"),
        "brushTime": Input(ids.TIME_CHART, "relayoutData"),
        "clickTime": Input(ids.TIME_CHART, "clickData"),
        "brushArea": Input(ids.AREA_CHART, "relayoutData"),
    }
    for function, given in in_browser.items():
        app.clientside_callback(ClientsideFunction("browse", function), given, prevent_initial_call=True)  # type: ignore[no-untyped-call]


def _method_labels() -> dict[str, str]:
    return {method.key: method.label for method in METHODS}


def _charts(found: Glance) -> dict[str, Any]:
    """The browser puts them into their places, and later gives them new figures, so that none is made twice."""
    return {
        ids.TIME_PLACE: charts.chart(ids.TIME_CHART, _time_chart(found)),
        ids.AREA_PLACE: charts.chart(ids.AREA_CHART, _area_chart(found)),
    }


def _time_chart(found: Glance) -> dict[str, Any]:
    if not found.edits:
        return figures.nothing("No edit")
    return figures.edits_over_time([b.start_ms for b in found.bars], [b.edits for b in found.bars], found.bar_ms)


def _area_chart(found: Glance) -> dict[str, Any]:
    if found.cells:
        cells = found.cells
        return figures.density([c.area for c in cells], [c.change for c in cells], [c.edits for c in cells])
    if not found.points:
        return figures.nothing("No edit with an answer before and after")
    columns = zip(*[(p.mask_area, p.change, p.flipped, p.edit) for p in found.points], strict=True)
    return figures.points(*columns)


def _offered(found: Choices) -> dict[str, list[tuple[str, str]]]:
    """(value, label) for each kind of choice."""
    labels = _method_labels()
    return {
        "model": list(found.models),
        "class": [(name, name) for name in found.classes],
        "method": [(key, labels.get(key, key)) for key in found.methods],
        "study": [(name, name) for name in found.studies],
        "tag": [(name, name) for name in found.tags],
    }
