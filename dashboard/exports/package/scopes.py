"""Which sessions and pictures belong to what somebody looks at: for its package, and for figures of it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.exports.package.choosing import Scope
from dashboard.recording.comparison_url import WHAT, parse_items
from dashboard.recording.ids import RequestError, parse_id
from dashboard.recording.workspace import Workspace
from db import regions
from db.errors import NotFoundError
from db.models import Edit, Image, Region, Session
from db.regions import HUMAN


def scope_of(workspace: Workspace, what: str, of: str) -> Scope:
    """The part of the installation that is of one thing, by its kind: a study, a comparison, a picture, a region …

    Raises NotFoundError, RequestError.
    """
    if what == "study":
        return Scope(study=of)
    with workspace.database.read() as transaction:
        if what == "comparison":
            scope = _compared(transaction, of)
        else:
            scope = Scope(sessions=_sessions(transaction, what, of), pictures=_pictures(transaction, what, of))
    return scope


def _compared(transaction: Transaction, of: str) -> Scope:
    items = parse_items(of)
    if items.problems:
        raise RequestError(items.problems[0])
    sessions = [one for item in items.references if item.kind != "image"
                for one in _sessions(transaction, item.kind, item.id)]  # fmt: skip
    pictures = tuple(item.id for item in items.references if item.kind == "image")
    return Scope(sessions=tuple(dict.fromkeys(sessions)), pictures=pictures)


def _pictures(transaction: Transaction, what: str, of: str) -> tuple[str, ...]:
    """The pictures whose imported regions belong to it: everybody's, and the one from which the floor is taken."""
    if what == "region":
        region = regions.region(transaction, parse_id(of, "region"))
        return () if region.session else (region.picture,)
    if what != "image":
        return ()
    other = regions.most_marked(transaction, but=parse_id(of, "picture"))
    return (of, other) if other else (of,)


def _sessions(transaction: Transaction, what: str, of: str) -> tuple[str, ...]:
    public_id = parse_id(of, WHAT.get(what, what))
    query = select(Session.public_id).order_by(Session.id).distinct()
    if what == "session":
        query = query.where(Session.public_id == public_id)
    elif what == "edit":
        query = query.join(Edit, Edit.session_id == Session.id).where(Edit.public_id == public_id)
    elif what == "region":
        query = query.join(Region, Region.session_id == Session.id).where(Region.public_id == public_id)
    else:
        pictures = _pictures(transaction, what, of)
        query = query.join(Region, Region.session_id == Session.id).join(Image, Region.image_id == Image.id)
        query = query.where(Image.public_id.in_(pictures), Region.kind == HUMAN, Region.edit_id.is_(None))
    found = tuple(transaction.scalars(query.add_columns(Session.id)))
    if not found and what in ("session", "edit"):
        raise NotFoundError(f"There is no {what} with this id.")
    return found
