"""Which figures a page offers: of a session, a picture, a comparison or a study, and what can be chosen for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.exports.figures.annotations import POINTS, SPEAKING
from dashboard.exports.figures.drawing import KINDS
from dashboard.exports.figures.look import FigureError
from dashboard.exports.figures.method_words import removal_name
from dashboard.recording import everybody
from dashboard.recording.comparison_url import FEWEST, parse_items
from dashboard.recording.ids import parse_id
from dashboard.recording.workspace import Workspace
from dashboard.studies.results.report import results
from dashboard.vision.explain import EXPLANATIONS
from dashboard.vision.inpainting import METHODS
from db import queries
from db.models import Edit, Image, Region, Session
from db.regions import HUMAN

MOST = 200
_OF = {"study": ("alignment", "cases", "necessity", "multiples"), "comparison": ("comparison",)}
Of = list[dict[str, str]]


def offers(workspace: Workspace, what: str, of: str) -> dict[str, Any]:
    """``{"kinds": [{"kind", "title", "options", "of": [{"of", "label"}]}], "models", "classes", "methods", "tables",
    "annotations": {kind: {"most": places, "speaks": whether it needs words}}}``.

    ``what`` is session, image, study or comparison. Raises FigureError, RequestError, NotFoundError.
    """
    if what not in ("session", "image", *_OF):
        raise FigureError("There are figures of a session, a picture, a study and a comparison.")
    if what == "comparison" and len(parse_items(of).references) < FEWEST:
        raise FigureError("A comparison has two items at least.")
    models = [{"value": one.key, "label": one.label} for one in workspace.catalogue.entries() if not one.unavailable]
    found: dict[str, Any] = {"models": models, "classes": [], "tables": [], "methods": _methods()}
    found["annotations"] = {kind: {"most": most, "speaks": kind in SPEAKING} for kind, (_, most) in POINTS.items()}
    with workspace.database.read() as transaction:
        places = {kind: list(several) for kind, several in _places(transaction, what, of)}
    if what == "image":
        found["classes"] = everybody.regions_of(workspace, parse_id(of, "picture")).classes
    if what == "study":
        tables = [one for section in results(workspace, of, 0).sections for one in section.tables if one.rows]
        found["tables"] = [{"value": one.name, "label": one.title, "drawn": one.drawn} for one in tables]
    found["kinds"] = [
        {"kind": kind, "title": KINDS[kind].title, "options": list(KINDS[kind].options), "of": several}
        for kind, several in places.items()
        if several
    ]
    return found


def _methods() -> dict[str, list[dict[str, str]]]:
    maps = [{"value": one.key, "label": one.label} for one in EXPLANATIONS]
    removing = [one for one in METHODS if one.group == "remove" and not one.needs_network]
    return {"maps": maps, "removing": [{"value": one.key, "label": one.label} for one in removing]}


def _places(transaction: Transaction, what: str, of: str) -> Iterator[tuple[str, Of]]:
    """What each kind can be of, the usual one first."""
    for kind in _OF.get(what, ()):
        yield kind, [{"of": of, "label": ""}]
    if what == "session":
        session = queries.session(transaction, parse_id(of, "session"))
        edits = _edits(transaction, session.id)
        yield "pair", edits
        whole = [{"of": of, "label": ""}] if edits else []
        yield "series", whole
        yield "trace", whole
        condition = Session.public_id == of
    elif what == "image":
        queries.picture(transaction, parse_id(of, "picture"))
        condition = Region.edit_id.is_(None)
    if what in ("session", "image"):
        regions = _regions(transaction, of if what == "image" else None, condition)
        if what == "image":
            whole = [{"of": of, "label": ""}] if regions else []
            yield "consensus", whole
            yield "curves", whole
        yield "regions", regions
        yield "effect", regions


def _edits(transaction: Transaction, session: str) -> Of:
    query = (
        select(Edit.public_id, Edit.sequence, Edit.method)
        .join(Session, Edit.session_id == Session.id)
        .where(Session.public_id == session)
        .order_by(Edit.sequence)
        .limit(MOST)
    )
    return [
        {"of": public_id, "label": f"Step {sequence}, {removal_name(method)}"}
        for public_id, sequence, method in transaction.execute(query)
    ]


def _regions(transaction: Transaction, image: str | None, condition: Any) -> Of:
    query = (
        select(Region.public_id, Region.class_name, Region.name, Session.person)
        .join(Image, Region.image_id == Image.id)
        .outerjoin(Session, Region.session_id == Session.id)
        .where(Region.kind == HUMAN, Session.archived_at.is_(None), condition)
        .order_by(Region.id)
        .limit(MOST)
    )
    if image is not None:
        query = query.where(Image.public_id == image)
    return [
        {"of": public_id, "label": ", ".join(filter(None, [f"{number}: {class_name}", name, person]))}
        for number, (public_id, class_name, name, person) in enumerate(transaction.execute(query), 1)
    ]
