"""Which figures a page offers: of a session, a picture, a comparison or a study, and what can be chosen for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.exports.figures.annotations import POINTS, SPEAKING
from dashboard.exports.figures.drawing import KINDS
from dashboard.exports.figures.look import FigureError
from dashboard.exports.figures.menus import Menus
from dashboard.exports.figures.method_words import removal_name
from dashboard.exports.figures.reading import Asked, State
from dashboard.exports.figures.recorded import Recorded, recorded
from dashboard.exports.figures.side_by_side import items_of
from dashboard.exports.package import counting
from dashboard.recording import everybody
from dashboard.recording.comparison_url import FEWEST, parse_items
from dashboard.recording.ids import parse_id
from dashboard.recording.workspace import Workspace
from dashboard.studies.results.report import results
from db import queries
from db.models import Edit, Image, Region, Session
from db.regions import HUMAN

MOST = 200
_OF = {"study": ("alignment", "cases", "necessity", "multiples"), "comparison": ("comparison", "maps")}
# By which kind of figure all of it is read that can be chosen from.
_READ_AS = {"session": "series", "image": "maps", "comparison": "maps", "study": "multiples"}
Of = list[dict[str, str]]


def offers(workspace: Workspace, what: str, of: str, shown: Asked | None = None) -> dict[str, Any]:
    """``{"kinds": [{"kind", "title", "of": [{"of", "label"}], "choices", "by"}], "annotations": {kind: {"most": places,
    "speaks": whether it needs words}}}``; of ``choices`` and ``by`` see ``Menus``.

    ``what`` is session, image, study or comparison; ``shown``: models and class that a page shows.
    Raises FigureError, RequestError, NotFoundError.
    """
    if what not in _READ_AS:
        raise FigureError("There are figures of a session, a picture, a study and a comparison.")
    if what == "comparison" and len(parse_items(of).references) < FEWEST:
        raise FigureError("A comparison has two items at least.")
    with workspace.database.read() as transaction:
        places = {KINDS[kind]: several for kind, several in _places(transaction, what, of) if several}
    with recorded(workspace, _READ_AS[what], Asked(_items(what, of))) as source:
        menus = replace(_menus(source, what, of), shown=shown or Asked(of))
        kinds = [
            {"kind": kind.key, "title": kind.title, "of": several, **menus.of(kind)}
            for kind, several in places.items()
            if menus.is_drawn(kind)
        ]
    annotations = {kind: {"most": most, "speaks": kind in SPEAKING} for kind, (_, most) in POINTS.items()}
    return {"kinds": kinds, "annotations": annotations}


def _items(what: str, of: str) -> str:
    return f"image:{of}" if what == "image" else of


def _menus(source: Recorded, what: str, of: str) -> Menus:
    if what == "study":
        return Menus(source, (), _marked(source), results(source.workspace, of, 0))
    if what == "session":
        image = next((row["image_id"] for row in source.rows("sessions")), None)
        if image is None:
            raise FigureError("A session of a preview is in no figure.")
        edits: list[State] = [("edit_id", row["edit_id"]) for row in source.rows("edits")]
        classes = [row["class_name"] for row in source.rows("regions") if row["region_kind"] == HUMAN]
        return Menus(source, [("image_id", image), *edits], list(dict.fromkeys(filter(None, classes))))
    states = [state for state, _ in items_of(source, _items(what, of), fewest=1)]
    classes = everybody.regions_of(source.workspace, of).classes if what == "image" else _marked(source)
    return Menus(source, states, classes)


def _marked(source: Recorded) -> list[str]:
    """The classes for which people marked regions, most people first."""
    found: Counter[str] = Counter()
    for (_, class_name), by_author in counting.people(source.rows).items():
        found[class_name] += len(by_author)
    return [name for name, _ in found.most_common() if name]


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
            yield "maps", [{"of": _items(what, of), "label": ""}]
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
