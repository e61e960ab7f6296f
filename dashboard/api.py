"""The machine interface: JSON in, JSON out, safe to repeat because every change carries an id made by the sender."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from dashboard.colours import PEOPLES_BLUE
from dashboard.curation_api import curate
from dashboard.recording import comparisons, sessions
from dashboard.recording.edits import EditRequest, apply_edit
from dashboard.recording.ids import RequestError, object_of, parse_id, parse_models
from dashboard.request_json import body_json, number_of, sitting
from dashboard.services import workspace
from dashboard.vision.images import encode_png
from dashboard.vision.masks import area_share, overlay_rgba, rasterise
from dashboard.vision.shapes import parse_shapes
from db import queries
from db.records import Edit

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.post("/edits")
def edits() -> dict[str, Any]:
    """Applies an edit and answers once all of it is on the disk."""
    body = body_json()
    edit = apply_edit(workspace(), parse_edit(body))
    return edit_json(edit)


@blueprint.post("/events")
def events() -> dict[str, Any]:
    """Undo, redo, jump, reset, describe, cancel; tag, rename, archive, delete, note, continue."""
    body = body_json()
    event_id, kind, time_ms = parse_id(body.get("id"), "event"), body.get("kind"), number_of(body, "time_ms")
    if kind == "cancel":
        return {"id": event_id, "cancelled": sessions.cancel(workspace(), event_id, time_ms)}
    if kind == "describe":
        session = sessions.describe(workspace(), event_id, sitting(body), object_of(body, "texts"), time_ms)
    elif kind in sessions.MOVES:
        target = parse_id(body["edit"], "edit") if body.get("edit") else None
        session_id = parse_id(body.get("session"), "session")
        session = sessions.move(workspace(), event_id, session_id, kind, target, time_ms)
    else:
        done = curate(event_id, str(kind), body, time_ms)
        if done is None:
            raise RequestError("There is no event of this kind.")
        return done
    return {"id": event_id, "session": session.id, "head": session.head}


@blueprint.post("/comparisons")
def save_comparison() -> dict[str, Any]:
    """Keeps a named comparison."""
    body = body_json()
    content = comparisons.parse_content(body.get("name"), body.get("items"), object_of(body, "look"))
    return _comparison_json(comparisons.save(workspace(), parse_id(body.get("id"), "comparison"), content))


@blueprint.put("/comparisons/<comparison>")
def change_comparison(comparison: str) -> dict[str, Any]:
    """Renames a comparison, or keeps how it looks now; what is not sent stays."""
    body, comparison_id = body_json(), parse_id(comparison, "comparison")
    event_id, changes = parse_id(body.get("id"), "event"), comparisons.parse_changes(body)
    return _comparison_json(comparisons.change(workspace(), event_id, comparison_id, changes))


@blueprint.delete("/comparisons/<comparison>")
def delete_comparison(comparison: str) -> dict[str, Any]:
    """Deletes a comparison; what it compared stays."""
    comparison_id = parse_id(comparison, "comparison")
    return {"id": comparison_id, "deleted": comparisons.delete(workspace(), comparison_id)}


def _comparison_json(saved: comparisons.Saved) -> dict[str, Any]:
    return {
        "id": saved.id,
        "name": saved.name,
        "items": list(map(str, saved.items)),
        "look": saved.look,
        "address": f"/compare?comparison={saved.id}",
    }


@blueprint.post("/masks")
def masks() -> Response:
    """The region's own pixels as a transparent picture: what is seen is what will be masked."""
    body = body_json()
    with workspace().database.read() as transaction:
        picture = queries.picture(transaction, parse_id(body.get("image"), "picture"))
    mask = rasterise(parse_shapes(body.get("shapes")), picture.working_height, picture.working_width)
    png = encode_png(overlay_rgba(mask, PEOPLES_BLUE))
    return Response(png, mimetype="image/png", headers={"X-Mask-Area": f"{area_share(mask):.6f}"})


def parse_edit(body: dict[str, Any]) -> EditRequest:
    """What the browser sends for a finished region; raises RegionscopeError with a sentence for anything else."""
    method = body.get("method")
    if not isinstance(method, str):
        raise RequestError("The method is missing.")
    return EditRequest(
        id=parse_id(body.get("id"), "edit"),
        sitting=sitting(body),
        parent=parse_id(body["parent"], "edit") if body.get("parent") else None,
        method=method,
        parameters=object_of(body, "parameters"),
        shapes=parse_shapes(body.get("shapes")),
        model_keys=tuple(parse_models(body.get("models"))),
        client_started_ms=number_of(body, "started_ms"),
        client_ended_ms=number_of(body, "ended_ms"),
    )


def edit_json(edit: Edit) -> dict[str, Any]:
    """What the browser needs to go on from an edit."""
    return {
        "id": edit.id,
        "session": edit.session,
        "parent": edit.parent,
        "mask_area": edit.mask_area,
        "image": f"/media/{edit.result_blob}.png",
        "duration_ms": edit.duration_ms,
    }
