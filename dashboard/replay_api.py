"""What replaying reads: a session as a film, one edit whole, the pixels of a region."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from dashboard.colours import PEOPLES_BLUE
from dashboard.media import FOREVER
from dashboard.recording.film import film
from dashboard.recording.ids import parse_id
from dashboard.replay_json import edit_json, film_json
from dashboard.services import workspace
from dashboard.vision import rle
from dashboard.vision.images import encode_png
from dashboard.vision.masks import overlay_rgba
from db import films, queries
from db.errors import NotFoundError

blueprint = Blueprint("replay", __name__)


@blueprint.get("/api/v1/sessions/<session_id>/film")
def session_film(session_id: str) -> dict[str, Any]:
    """The session seen with ``?model=``, whole or only the branch that ends at ``?branch=<edit>``."""
    end = request.args.get("branch")
    found = film(
        workspace(),
        parse_id(session_id, "session"),
        request.args.get("model") or None,
        parse_id(end, "edit") if end else None,
    )
    return film_json(found)


@blueprint.get("/api/v1/edits/<edit_id>")
def edit(edit_id: str) -> dict[str, Any]:
    """One edit: shapes with their timing, parameters, answers, versions, note and tags."""
    with workspace().database.read() as transaction:
        return edit_json(films.edit_whole(transaction, parse_id(edit_id, "edit")))


@blueprint.get("/media/masks/<edit_id>.png")
def mask(edit_id: str) -> Response:
    """The region's own pixels as a transparent picture of the working copy's size."""
    with workspace().database.read() as transaction:
        found = queries.find_edit(transaction, parse_id(edit_id, "edit"))
    if found is None:
        raise NotFoundError("There is no step with this id.")
    region = rle.decode({"size": found.mask["size"], "counts": found.mask["counts"]})
    png = encode_png(overlay_rgba(region, PEOPLES_BLUE))
    return Response(png, mimetype="image/png", headers={"Cache-Control": FOREVER})
