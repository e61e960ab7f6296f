"""The columns of both lists, and the place where the table is made from them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import dash_ag_grid
from dash import html

from dashboard.components import browse_ids as ids
from dashboard.components.attributes import aria, data

SKELETON_ROWS = 8


@dataclass(frozen=True)
class Column:
    """One column: its name in the address, its heading, how a cell is drawn, its filter ("" none) and width in px.

    ``scale`` is what a person's number is divided by to become the recorded one: 100 for per cent. ``phone`` columns
    are those shown on a phone; ``wide`` ones are not shown there.
    """

    name: str
    label: str
    kind: str
    width: int
    filter: str = ""
    scale: float = 1
    unit: str = ""
    sortable: bool = True
    phone: bool = False
    wide: bool = True


_PICTURE = Column("thumbnail", "", "thumbnail", 68, sortable=False, phone=True)
_NAME = Column("session", "Session", "name", 176, "text", phone=True)
_OUTCOME = Column("outcome", "Before → after", "outcome", 130, sortable=False, phone=True, wide=False)
_BEFORE = Column("before", "Answer before", "before", 150, "text")
_AFTER = Column("after", "Answer after", "after", 164, "text")
_CHANGE = Column("change", "Change, points", "change", 104, "number", 100, "points", phone=True)
_ABOUT = (
    Column("picture", "Picture", "picture", 128, "text"),
    Column("true_label", "True label", "text", 124, "text"),
    Column("person", "Person", "text", 90, "text"),
    Column("study", "Study", "text", 110, "text"),
)
_REGIONS = (
    Column("regions", "Regions", "count", 98, "number"),
    Column("agreement", "Agreement, IoU", "ratio", 130, "number"),
)
_TAGS = Column("tags", "Tags", "tags", 150, sortable=False)

# What is looked for first stands first; what often is empty stands last, a scroll away.
EDITS = (
    _PICTURE,
    _NAME,
    _OUTCOME,
    _BEFORE,
    _AFTER,
    _CHANGE,
    Column("flipped", "Flipped", "flag", 84),
    Column("mask_area", "Mask, %", "share", 92, "number", 100, "%"),
    Column("method", "Operation", "method", 120, "text"),
    Column("made", "Time", "time", 138, "date"),
    _ABOUT[0],
    Column("model", "Model", "text", 142, "text"),
    *_ABOUT[1:],
    *_REGIONS,
    Column("duration", "Drawn in", "duration", 104, "number", 0.001, "s"),
    _TAGS,
)
SESSIONS = (
    _PICTURE,
    _NAME,
    _OUTCOME,
    _BEFORE,
    _AFTER,
    _CHANGE,
    Column("edits", "Edits", "count", 84, "number"),
    Column("flips", "Flips", "count", 84, "number"),
    Column("mask_area", "Removed, %", "share", 112, "number", 100, "%"),
    Column("started", "Started", "time", 138, "date"),
    *_ABOUT[:1],
    Column("model", "Model", "text", 142, "text"),
    *_ABOUT[1:],
    *_REGIONS,
    Column("duration", "Duration", "duration", 104, "number", 0.001, "s"),
    _TAGS,
)


def table_place(methods: Mapping[str, str]) -> html.Div:
    """Skeleton rows until the table stands in their place; ``methods`` are the operations' labels by key."""
    row = html.Div([html.Span(), html.Span(), html.Span()], className="skeleton-row")
    skeleton = html.Div([row] * SKELETON_ROWS, id="browse-skeleton", className="skeleton", **aria(hidden="true"))
    columns = {"edits": [asdict(c) for c in EDITS], "sessions": [asdict(c) for c in SESSIONS]}
    setup = json.dumps({"columns": columns, "methods": dict(methods)})
    return html.Div(
        [html.Div(id=ids.TABLE, className="table-grid", **data(setup=setup)), skeleton], className="table-area"
    )


def library() -> html.Div:
    """Loads AG Grid and hands it to our script, which makes the table itself.

    The wrapper's own table keeps filter, selection and column state in properties of Dash as well and puts them back
    whenever it renders, which throws the loaded rows away; and its rows come one request at a time, which cannot be
    taken back when the filter changes. So rows are fetched from /api/v1/rows by a data source of our own.
    """
    options = {"theme": {"function": "regionscopeTable(agGrid)"}}
    loader = dash_ag_grid.AgGrid(id="grid-library", columnDefs=[], rowData=[], dashGridOptions=options)
    return html.Div(loader, hidden=True, **aria(hidden="true"), **data(role="library"))
