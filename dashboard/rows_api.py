"""The lists' rows as the browser's table asks for them, and all of them as a CSV file."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, request, stream_with_context

from dashboard.exports.table import csv_lines
from dashboard.recording import browsing
from dashboard.recording.browse_url import parse_state
from dashboard.recording.ids import RequestError, parse_id
from dashboard.recording.workspace import Workspace
from dashboard.services import workspace
from db.browse_filter import BrowseState
from db.browsing import EditRow, SessionRow

blueprint = Blueprint("rows", __name__, url_prefix="/api/v1")
CSV_BLOCK = browsing.MOST_ROWS
KINDS = {"edit": "edits", "session": "sessions"}


@blueprint.get("/rows")
def page() -> dict[str, Any]:
    """``offset`` and ``limit`` beside the page's own address: ``{"total": n, "rows": […]}``."""
    state = parse_state(request.query_string.decode("ascii", "replace"))
    found = browsing.rows(workspace(), state, _whole("offset", 0), _whole("limit", 100))
    return {"total": found.total, "rows": [asdict(row) for row in found.rows]}


@blueprint.get("/glance")
def charts() -> dict[str, Any]:
    """The charts' numbers for the edits that the address holds."""
    return asdict(browsing.glance(workspace(), parse_state(request.query_string.decode("ascii", "replace"))))


@blueprint.route("/rows.csv", methods=["GET", "POST"])
def table() -> Response:
    """Everything that the address holds, in its order; ``items`` (in a form where they are many) leaves only those."""
    state = parse_state(request.query_string.decode("ascii", "replace"))
    wanted = _items(state)
    # What cannot be asked is refused before the first line is sent.
    numbers = browsing.row_numbers(workspace(), state)
    lines = csv_lines(state.view, _rows(workspace(), state, numbers, wanted))
    name = f"regionscope-{state.view}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(stream_with_context(lines), mimetype="text/csv; charset=utf-8", headers=headers)


def _rows(
    opened: Workspace, state: BrowseState, numbers: array[int], wanted: frozenset[str] | None
) -> Iterator[EditRow | SessionRow]:
    """The rows of these numbers, read in blocks: what is recorded meanwhile moves none of them."""
    missing = set(wanted or ())
    for start in range(0, len(numbers), CSV_BLOCK):
        for row in browsing.rows_of(opened, state.view, numbers[start : start + CSV_BLOCK].tolist()):
            if wanted is None or row.id in wanted:
                missing.discard(row.id)
                yield row
        # An edit with several models' answers has a line each, so what was found may come again in a later block.
        if wanted is not None and not missing and not state.filter.models:
            return


def _items(state: BrowseState) -> frozenset[str] | None:
    text = request.values.get("items")
    if not text:
        return None
    found = set()
    for item in text.split(","):
        kind, _, public_id = item.partition(":")
        if KINDS.get(kind) != state.view:
            raise RequestError(f"What is selected must be {state.view}.")
        found.add(parse_id(public_id, kind))
    return frozenset(found)


def _whole(name: str, default: int) -> int:
    text = request.args.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise RequestError(f"{name} must be a whole number.")
    return int(text)
