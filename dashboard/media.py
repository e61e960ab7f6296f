"""Pictures, maps, icons and health: everything the browser gets that is neither a page nor a command."""

from __future__ import annotations

import math
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

from flask import Blueprint, Response, abort, request, send_file

from dashboard.recording.maps import class_map
from dashboard.request_json import query_json
from dashboard.services import workspace
from dashboard.vision.colour import overlay
from dashboard.vision.errors import RegionscopeError
from dashboard.vision.images import encode_png, thumbnail_png
from db.schema import check_current

blueprint = Blueprint("media", __name__)
FOREVER = "private, max-age=31536000, immutable"
THUMBNAIL_PX = 160
_SVG = "{http://www.w3.org/2000/svg}"


@blueprint.get("/media/<sha256>.png")
def picture(sha256: str) -> Response:
    """A kept picture, as it lies on the disk."""
    response = send_file(workspace().blobs.existing(sha256), mimetype="image/png", etag=sha256)
    response.headers["Cache-Control"] = FOREVER
    return response


@blueprint.get("/media/thumbnails/<sha256>.png")
def thumbnail(sha256: str) -> Response:
    """A small copy of a kept picture."""
    return _png(thumbnail_png(workspace().blobs.get(sha256), THUMBNAIL_PX))


@blueprint.get("/media/maps/<model>/<method>/<int:index>/<sha256>.png")
def heat_map(model: str, method: str, index: int, sha256: str) -> Response:
    """A model map, coloured from ``low`` to ``high`` (the map's own unit); ``settings`` is JSON (all in the query)."""
    low, high = request.args.get("low", type=float), request.args.get("high", type=float)
    if low is None or high is None or not math.isfinite(low) or not math.isfinite(high):
        abort(400, "A map's scale needs two numbers, low and high.")
    of_class = class_map(workspace(), model, method, index, sha256, query_json("settings"))
    return _png(encode_png(overlay(of_class, low, high)))


@blueprint.get("/vendor/bootstrap.min.css")
def bootstrap() -> Response:
    """Bootstrap's style sheet, served by ourselves: the page asks no other host for anything."""
    return send_file(_bootstrap_folder() / "css" / "bootstrap.min.css", max_age=86400)


@blueprint.get("/vendor/icons/<name>.svg")
def icon(name: str) -> Response:
    """One icon out of Bootstrap Icons' sheet."""
    symbols = _icons()
    if name not in symbols:
        abort(404)
    return Response(symbols[name], mimetype="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"})


@blueprint.get("/readyz")
def ready() -> tuple[dict[str, str], int]:
    """200 once the schema is current and the default model has answered for itself; 503 with the reason before."""
    check_current(workspace().database)
    try:
        workspace().catalogue.load(workspace().catalogue.default_key)
    except RegionscopeError as error:
        return {"error": str(error)}, 503
    return {"status": "ready"}, 200


@blueprint.get("/healthz")
def healthy() -> dict[str, str]:
    """200 while the process answers."""
    return {"status": "ok"}


@blueprint.get("/media/<path:_rest>")
@blueprint.get("/vendor/<path:_rest>")
@blueprint.get("/api/<path:_rest>")
def nothing(_rest: str) -> Response:
    """What is none of the above; Dash would answer with its page."""
    abort(404, "There is nothing at this address.")


def _png(data: bytes) -> Response:
    return Response(data, mimetype="image/png", headers={"Cache-Control": FOREVER})


def _bootstrap_folder() -> Path:
    spec = find_spec("flask_bootstrap")
    if spec is None or spec.origin is None:
        abort(404)
    return Path(spec.origin).parent / "static" / "bootstrap5"


@cache
def _icons() -> dict[str, str]:
    """Each symbol of the sheet as a document of its own, by name."""
    ElementTree.register_namespace("", "http://www.w3.org/2000/svg")
    found = {}
    for symbol in ElementTree.parse(_bootstrap_folder() / "icons" / "bootstrap-icons.svg").iter(f"{_SVG}symbol"):
        inner = "".join(ElementTree.tostring(child, encoding="unicode") for child in symbol)
        inner = re.sub(r'\sxmlns="[^"]+"', "", inner)
        box = symbol.get("viewBox", "0 0 16 16")
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{inner}</svg>'
        found[symbol.get("id", "")] = svg
    return found
