"""Figures for papers on the pages: drawn, shown, fetched, and what was put on them. For researchers.

What draws is imported when it is asked for: matplotlib takes half a second that a server's start does not have.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from flask import Blueprint, Response, request, send_file

from dashboard.exports.figures.annotations import as_json, parse_annotations
from dashboard.exports.figures.look import Look
from dashboard.exports.figures.reading import Asked
from dashboard.recording.ids import RequestError, object_of
from dashboard.recording.text import storable
from dashboard.request_json import body_json
from dashboard.services import workspace

blueprint = Blueprint("figures", __name__, url_prefix="/api/v1/figures")
TYPES = {"pdf": "application/pdf", "svg": "image/svg+xml", "png": "image/png", "tiff": "image/tiff"}
LONGEST = 1024


@blueprint.post("")
def drawn() -> dict[str, Any]:
    """``{"kind", "asked": {"of", …}, "look": {"width", "theme", "letters"}, "format", "dpi", "annotations": [ ]}``.

    ``{"done", "total"}`` where something is still to be worked out: ask again.
    """
    from dashboard.exports.figures.previews import Request, drawn_for
    from dashboard.exports.figures.worked_out import NotReadyError

    body = body_json()
    dpi = body.get("dpi", 300)
    if isinstance(dpi, bool) or not isinstance(dpi, int):
        raise RequestError("dpi must be a whole number.")
    wanted = Request(
        _text(body, "kind"),
        Asked(**_texts(object_of(body, "asked"), Asked)),
        _look(object_of(body, "look")),
        _text(body, "format"),
        dpi,
        parse_annotations(body.get("annotations", [])),
    )
    try:
        return drawn_for(workspace(), wanted)
    except NotReadyError as unfinished:
        return {"done": unfinished.done, "total": unfinished.total}


@blueprint.get("/offers")
def offered() -> dict[str, Any]:
    """Which figures there are ``of`` a ``what``: session, image, study or comparison.

    ``model`` (keys with commas) and ``class_name``: what the page shows.
    """
    from dashboard.exports.figures.offers import offers

    shown = {name: request.args.get(name, "")[:LONGEST] for name in ("model", "class_name")}
    return offers(workspace(), _text(request.args, "what"), _text(request.args, "of"), Asked("", **shown))


@blueprint.get("/files/<name>")
def file(name: str) -> Response:
    """A drawn file; ``as`` is the name under which it is to be saved, without one it is shown."""
    from dashboard.exports.figures.previews import file_of

    path = file_of(workspace(), name)
    saved_as = request.args.get("as", "")
    if not saved_as.isprintable():
        raise RequestError("as must be a file's name.")
    kind = TYPES[path.suffix.lstrip(".")]
    return send_file(path.resolve(), mimetype=kind, as_attachment=bool(saved_as), download_name=saved_as or name)


@blueprint.get("/annotations")
def kept() -> dict[str, Any]:
    """What is on a figure, by ``kind`` and what is asked for it in the address."""
    from dashboard.exports.figures.keeping import kept_annotations

    asked = {name: value for name, value in request.args.items() if name != "kind"}
    found = kept_annotations(workspace(), _text(request.args, "kind"), Asked(**_texts(asked, Asked)))
    return {"annotations": as_json(found)}


@blueprint.put("/annotations")
def keep() -> dict[str, Any]:
    """``{"kind", "asked": {"of", …}, "annotations": [ ]}``, in the place of what was there."""
    from dashboard.exports.figures.keeping import keep_annotations

    body = body_json()
    found = parse_annotations(body.get("annotations", []))
    asked = Asked(**_texts(object_of(body, "asked"), Asked))
    keep_annotations(workspace(), _text(body, "kind"), asked, found)
    return {"annotations": as_json(found)}


def _text(given: Any, name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value or len(value) > LONGEST:
        raise RequestError(f"{name} must be a text.")
    return storable(value)


def _texts(given: dict[str, Any], kind: type[Asked]) -> dict[str, str]:
    known = {field.name for field in fields(kind)}
    for name, value in given.items():
        if name not in known:
            raise RequestError(f"There is no choice {name[:40]!r}.")
        if not isinstance(value, str) or len(value) > LONGEST:
            raise RequestError(f"{name} must be a text.")
    if not given.get("of"):
        raise RequestError("Say what the figure is of.")
    return {name: storable(value) for name, value in given.items()}


def _look(given: dict[str, Any]) -> Look:
    letters = given.get("letters", True)
    if not isinstance(letters, bool):
        raise RequestError("letters must be true or false.")
    width, theme = str(given.get("width", "acm")), str(given.get("theme", "light"))
    return Look(width, theme, letters)  # type: ignore[arg-type]
