"""Comparisons that somebody named and kept: saved, listed, changed, deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.recording.comparison_url import (
    FEWEST,
    MOST,
    Reference,
    look_to_parameters,
    parse_look,
    parse_reference,
)
from dashboard.recording.events import is_new_event
from dashboard.recording.ids import RequestError, new_id
from dashboard.recording.text import is_storable
from dashboard.recording.workspace import Workspace
from db import models
from db.engine import hold
from db.errors import ConflictError, NotFoundError
from db.types import utc_now

LONGEST_NAME = 200
MOST_LISTED = 200


@dataclass(frozen=True)
class Saved:
    """One kept comparison: its items and, as the address writes it, how it is shown."""

    id: str
    name: str
    items: tuple[Reference, ...]
    look: dict[str, str]
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class Content:
    """What is kept under a name, checked."""

    name: str
    items: tuple[Reference, ...]
    look: dict[str, str]


def parse_content(name: object, items: object, look: object) -> Content:
    """Raises RequestError with a sentence for anything that cannot be kept."""
    return Content(parse_name(name), parse_saved_items(items), parse_saved_look(look))


def parse_name(value: object) -> str:
    """A name as it is kept; raises RequestError."""
    if not isinstance(value, str) or not value.strip():
        raise RequestError("A comparison needs a name.")
    if len(value) > LONGEST_NAME:
        raise RequestError(f"The name is longer than {LONGEST_NAME} characters.")
    if not is_storable(value):
        raise RequestError("The name holds characters that cannot be kept.")
    return value.strip()


def parse_saved_items(value: object) -> tuple[Reference, ...]:
    """Two to twelve different items; raises RequestError."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise RequestError("items must be a list of texts such as edit:<id>.")
    items = tuple(dict.fromkeys(map(parse_reference, value)))
    if not FEWEST <= len(items) <= MOST:
        raise RequestError(f"A comparison holds {FEWEST} to {MOST} items, not {len(items)}.")
    return items


def parse_saved_look(value: object) -> dict[str, str]:
    """How it is shown, in canonical form; raises RequestError."""
    if not isinstance(value, Mapping):
        raise RequestError("look must be an object.")
    look = look_to_parameters(parse_look(value))
    if not all(map(is_storable, look.values())):
        raise RequestError("The look holds characters that cannot be kept.")
    return look


def parse_changes(given: Mapping[str, Any]) -> dict[str, Any]:
    """What of a comparison's name, items and look is sent, as it is kept; raises RequestError."""
    parsers: dict[str, Callable[[object], Any]] = {
        "name": parse_name,
        "items": lambda value: list(map(str, parse_saved_items(value))),
        "look": parse_saved_look,
    }
    return {key: parse(given[key]) for key, parse in parsers.items() if key in given}


def save(workspace: Workspace, comparison_id: str, content: Content) -> Saved:
    """Keeps a comparison; the same id with the same content again changes nothing.

    Raises ConflictError where the id stands for something else.
    """
    payload = {"comparison": comparison_id} | _columns(content)
    with workspace.database.write() as transaction:
        hold(transaction, comparison_id)
        if is_new_event(transaction, comparison_id, None, "comparison", payload, None):
            transaction.add(models.Comparison(public_id=comparison_id, **_columns(content)))
            transaction.flush()
        row = _find(transaction, comparison_id)
        if row is None:
            raise ConflictError("This comparison was deleted; save it again as a new one.")
        return _saved(row)


def change(workspace: Workspace, event_id: str, comparison_id: str, changes: Mapping[str, Any]) -> Saved:
    """Changes what ``changes`` (see parse_changes) holds and leaves the rest; the same event again changes nothing.

    Raises NotFoundError, and ConflictError where the event's id stands for something else.
    """
    payload = {"comparison": comparison_id} | dict(changes)
    with workspace.database.write() as transaction:
        hold(transaction, event_id)
        hold(transaction, comparison_id)
        row = _existing(transaction, comparison_id)
        if is_new_event(transaction, event_id, None, "comparison-change", payload, None):
            for name, value in changes.items():
                setattr(row, name, value)
            row.changed_at = utc_now()
            transaction.flush()
        return _saved(row)


def delete(workspace: Workspace, comparison_id: str) -> bool:
    """Deletes a comparison; what it compared stays. False where it is not there (any more)."""
    with workspace.database.write() as transaction:
        hold(transaction, comparison_id)
        row = _find(transaction, comparison_id)
        if row is None:
            return False
        payload = {"comparison": comparison_id, "name": row.name}
        is_new_event(transaction, new_id(), None, "comparison-delete", payload, None)
        transaction.delete(row)
        return True


def read(workspace: Workspace, comparison_id: str) -> Saved:
    """One comparison; raises NotFoundError."""
    with workspace.database.read() as transaction:
        return _saved(_existing(transaction, comparison_id))


def newest(workspace: Workspace, limit: int = MOST_LISTED) -> list[Saved]:
    """Kept comparisons, the newest first."""
    query = select(models.Comparison).order_by(models.Comparison.created_at.desc(), models.Comparison.id.desc())
    with workspace.database.read() as transaction:
        return [_saved(row) for row in transaction.scalars(query.limit(limit))]


def _columns(content: Content) -> dict[str, Any]:
    return {"name": content.name, "items": [str(item) for item in content.items], "look": content.look}


def _find(transaction: Transaction, comparison_id: str) -> models.Comparison | None:
    return transaction.scalar(select(models.Comparison).where(models.Comparison.public_id == comparison_id))


def _existing(transaction: Transaction, comparison_id: str) -> models.Comparison:
    row = _find(transaction, comparison_id)
    if row is None:
        raise NotFoundError("There is no comparison with this id; it may have been deleted.")
    return row


def _saved(row: models.Comparison) -> Saved:
    return Saved(
        id=row.public_id,
        name=row.name,
        items=tuple(parse_reference(item) for item in row.items),
        look=dict(row.look),
        created_at=row.created_at,
        changed_at=row.changed_at,
    )
