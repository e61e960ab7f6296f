"""A study's results as they are read: sections, charts, and the tables behind them."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboard.components import study_parts as parts
from dashboard.components.attributes import aria, data
from dashboard.figures.groups import means_chart, shares_chart
from dashboard.figures.study_charts import calibration_chart, standings_chart
from dashboard.studies.results import reading
from dashboard.studies.results.sections import Results, Section, Table

MOST_ROWS = 200


def sections(results: Results) -> list[Any]:
    """The sections that hold something, each to be reached by its address, and which do not."""
    return [*[_section(results, one) for one in _full(results)], _without(results)]


def _full(results: Results) -> list[Section]:
    """Who is counted is said even of nobody."""
    return [one for one in results.sections if not one.empty or one is results.sections[0]]


def _without(results: Results) -> html.Section | None:
    full = _full(results)
    lines = [html.Li([html.Strong(one.title), ": ", one.empty]) for one in results.sections if one not in full]
    if not lines:
        return None
    return html.Section(
        [html.H3("Nothing to show yet, or at all", id="without-title"), html.Ul(lines, className="quiet")],
        id="without",
        className="card-plain results-section",
        **aria(labelledby="without-title"),
    )


def contents(results: Results) -> html.Nav:
    """Where what is."""
    links = [html.A(one.title, href=f"#{one.key}") for one in _full(results)]
    everything = html.A("All as JSON", href=_address(results), className="results-json")
    return html.Nav([*links, everything], className="design-nav", **aria(label="Sections"))


def _address(results: Results, file: str = "") -> str:
    query = "?unfinished=1" if results.unfinished else ""
    return f"/api/v1/studies/{results.slug}/results{file}{query}"


def _section(results: Results, one: Section) -> html.Section:
    head = html.Div(
        [html.H3(one.title, id=f"{one.key}-title"), html.Span(f"n = {one.n} participants", className="quiet")]
    )
    left = f"Left out: {'; '.join(one.left_out)}." if one.left_out else None
    body = [html.P(one.empty, className="quiet")] if one.empty else [_table(results, table) for table in one.tables]
    return html.Section(
        [
            html.Div(head, className="section-head"),
            html.P(one.about, className="quiet") if one.about else None,
            html.P(left, className="left-out") if left else None,
            *body,
        ],
        id=one.key,
        className="card-plain results-section",
        **aria(labelledby=f"{one.key}-title"),
    )


def _table(results: Results, table: Table) -> html.Div:
    chart = _chart(table)
    figure_id = f"figure-{table.name}"
    svg = html.Button("SVG", type="button", className="text-button accent", **data(svg=figure_id, name=table.name))
    csv = html.A("CSV", href=_address(results, f"/{table.name}.csv"), className="text-button accent", download="")
    head = html.Div(
        [html.H4(table.title), html.Span([csv, svg if chart else None], className="button-row")],
        className="section-head",
    )
    note = html.P(table.note, className="quiet small") if table.note else None
    if chart is None:
        return html.Div([head, _rows(table), note], className="results-table")
    graph = dcc.Graph(
        figure=chart,
        id=figure_id,
        config={"displayModeBar": False, "responsive": True},
        style={"height": f"{chart['layout']['height']}px"},
    )
    numbers = html.Details([html.Summary("Numbers"), _rows(table)], id=f"numbers-{table.name}")
    described = html.Div(graph, role="img", **aria(label=f"{table.title}; its numbers follow"))
    return html.Div([head, described, note, numbers], className="results-table")


def _chart(table: Table) -> dict[str, Any] | None:
    if table.drawn == "means" and any(row["mean"] == row["mean"] for row in table.rows):
        return means_chart(table.rows, table.unit)
    if table.drawn == "shares" and table.rows:
        return shares_chart(table.rows, table.columns[1 : table.columns.index("n")])
    if table.drawn == "standing" and table.rows:
        return standings_chart(table.rows)
    if table.drawn == "calibration" and table.rows:
        return calibration_chart(table.rows)
    return None


def _rows(table: Table) -> Any:
    if not table.rows:
        return html.P("Nothing yet.", className="quiet")
    heads = [reading.head(name) for name in table.columns]
    rows = [[_written(cell) for cell in row] for row in reading.cells(table)[:MOST_ROWS]]
    made = parts.table(table.title, heads, rows, reading.numeric(table))
    if len(table.rows) <= MOST_ROWS:
        return made
    return html.Div(
        [made, html.P(f"The first {MOST_ROWS} of {len(table.rows):,} rows; the file holds all.", className="quiet")]
    )


def _written(cell: str) -> Any:
    return html.Span(cell, className="quiet", title="undefined") if cell == reading.UNDEFINED else cell
