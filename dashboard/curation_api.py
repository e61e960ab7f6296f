"""Order among what was recorded, as the browser asks for it: kinds of events, what a selection holds, the demo."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from dashboard.recording import curation, demo
from dashboard.recording.continuing import continue_as_new_session
from dashboard.recording.deleting import delete_sessions, extent
from dashboard.recording.ids import RequestError, parse_id
from dashboard.services import workspace

blueprint = Blueprint("curation", __name__, url_prefix="/api/v1")


def curate(event_id: str, kind: str, body: dict[str, Any], time_ms: float | None) -> dict[str, Any] | None:
    """Does what an event of one of our kinds asks for and says what came of it; None for another kind."""
    act = _ACTS.get(kind)
    return {"id": event_id, **act(event_id, body, time_ms)} if act else None


def _tag(event_id: str, body: dict[str, Any], time_ms: float | None) -> dict[str, Any]:
    given = body.get("selection")
    return {"tagged": curation.tag(workspace(), event_id, given, body.get("add"), body.get("remove"), time_ms)}


def _rename(event_id: str, body: dict[str, Any], time_ms: float | None) -> dict[str, Any]:
    return {"sessions": curation.rename(workspace(), event_id, body.get("selection"), body.get("name"), time_ms)}


def _archive(event_id: str, body: dict[str, Any], time_ms: float | None) -> dict[str, Any]:
    return {"sessions": curation.archive(workspace(), event_id, body.get("selection"), True, time_ms)}


def _unarchive(event_id: str, body: dict[str, Any], time_ms: float | None) -> dict[str, Any]:
    return {"sessions": curation.archive(workspace(), event_id, body.get("selection"), False, time_ms)}


def _delete(event_id: str, body: dict[str, Any], time_ms: float | None) -> dict[str, Any]:
    expected = body.get("expected")
    if not isinstance(expected, dict):
        raise RequestError("Say how many sessions and edits are expected to go.")
    return vars(delete_sessions(workspace(), event_id, body.get("selection"), expected, time_ms))


def _note(event_id: str, body: dict[str, Any], time_ms: float | None) -> dict[str, Any]:
    curation.note(workspace(), event_id, body.get("edit"), body.get("content"), time_ms)
    return {}


def _continue(event_id: str, body: dict[str, Any], time_ms: float | None) -> dict[str, Any]:
    client = body.get("client") or {}
    if not isinstance(client, dict):
        raise RequestError("client must be an object.")
    source = parse_id(body["session"], "session") if body.get("session") else None
    session = continue_as_new_session(workspace(), event_id, body.get("edit"), client, time_ms, source)
    return {"session": session.id}


_ACTS = {
    "tag": _tag,
    "rename": _rename,
    "archive": _archive,
    "unarchive": _unarchive,
    "delete": _delete,
    "note": _note,
    "continue": _continue,
}


@blueprint.get("/selection")
def selection() -> dict[str, Any]:
    """What deleting ``items`` (comma-separated) or everything that ``query`` holds would take. Pictures stay."""
    items = request.args.get("items")
    given = {"items": items.split(",")} if items else {"query": request.args.get("query", "")}
    return {**vars(extent(workspace(), given)), "pictures_kept": True}


@blueprint.post("/selection")
def long_selection() -> dict[str, Any]:
    """The same for a selection that no address can hold, as JSON."""
    return {**vars(extent(workspace(), request.get_json(silent=True))), "pictures_kept": True}


@blueprint.post("/demo")
def record_demo() -> dict[str, Any]:
    """Fills an empty database with a few recorded sessions."""
    return {"sessions": len(demo.record_demo(workspace()))}
