"""Pictures of what differs and of what people took away, coloured; each address holds all that determines them."""

from __future__ import annotations

import math

import numpy as np
from flask import Blueprint, Response, abort, request

from dashboard.colours import PEOPLES_BLUE
from dashboard.media import FOREVER
from dashboard.recording.differences import people_map
from dashboard.recording.differences import region as removed_region
from dashboard.recording.ids import parse_id
from dashboard.recording.maps import class_map
from dashboard.services import workspace
from dashboard.vision.colour import diverging, people_overlay
from dashboard.vision.differences import amplified, changed, outline, pale
from dashboard.vision.images import encode_png
from dashboard.vision.masks import overlay_rgba
from db.errors import NotFoundError

blueprint = Blueprint("comparison_media", __name__, url_prefix="/media")
CHANGED = (148, 12, 126)  # neither people's blue nor the model's orange, and dark enough for a faded picture
WHITE = (255, 255, 255)
GAIN = 4
MOST_PEOPLE = 12


@blueprint.get("/pale/<sha256>.png")
def faded(sha256: str) -> Response:
    """A kept picture in light greys, as a backdrop."""
    return _png(pale(workspace().pixels(sha256)))


@blueprint.get("/regions/<edit>/<style>.png")
def region(edit: str, style: str) -> Response:
    """What an edit's branch took away, transparent elsewhere; ``style`` is outline or fill."""
    mask = removed_region(workspace(), parse_id(edit, "edit"))
    if style == "fill":
        return _png(overlay_rgba(mask, PEOPLES_BLUE))
    if style != "outline":
        raise NotFoundError("A region is shown as outline or fill.")
    # White beside the blue: one of the two can be seen on every picture.
    blue, white = outline(mask, 2), outline(mask, 3)
    return _png(np.where(blue[..., None], overlay_rgba(blue, PEOPLES_BLUE), overlay_rgba(white, WHITE)))


@blueprint.get("/differences/changed/<first>/<second>.png")
def changed_pixels(first: str, second: str) -> Response:
    """The pixels in which two kept pictures differ, marked; transparent elsewhere."""
    return _png(overlay_rgba(changed(workspace().pixels(first), workspace().pixels(second)), CHANGED))


@blueprint.get(f"/differences/amplified-{GAIN}/<first>/<second>.png")
def amplified_difference(first: str, second: str) -> Response:
    """By how much two kept pictures differ, made ``GAIN`` times as strong."""
    return _png(amplified(workspace().pixels(first), workspace().pixels(second), GAIN))


@blueprint.get("/differences/maps/<model>/<method>/<int:index>/<first>/<second>.png")
def map_difference(model: str, method: str, index: int, first: str, second: str) -> Response:
    """The second picture's map minus the first's, coloured from −``limit`` to ``limit`` (query parameter)."""
    limit = request.args.get("limit", type=float)
    if limit is None or not math.isfinite(limit) or limit <= 0:
        abort(400, "A difference of maps needs a scale: limit, a number above 0.")
    before, after = (class_map(workspace(), model, method, index, blob) for blob in (first, second))
    if before.shape != after.shape:
        abort(422, "Maps of pictures of different sizes cannot be subtracted.")
    return _png(diverging(after - before, limit))


@blueprint.get("/people.png")
def people() -> Response:
    """The share of people who took each pixel away; each ``person`` parameter holds one person's edits."""
    height, width = (request.args.get(name, 0, type=int) for name in ("height", "width"))
    everybody = request.args.getlist("person")
    if height < 1 or width < 1 or not everybody or len(everybody) > MOST_PEOPLE:
        abort(400, f"This needs a height, a width and 1 to {MOST_PEOPLE} people.")
    groups = tuple(tuple(parse_id(edit, "edit") for edit in one.split(",") if edit) for one in everybody)
    return _png(people_overlay(people_map(workspace(), groups, height, width)))


def _png(image: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Response:
    return Response(encode_png(image), mimetype="image/png", headers={"Cache-Control": FOREVER})
