"""What else happened, in order: each change of state under the id that its sender gave it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from db import models
from db.errors import ConflictError

# What came of an event is kept with it, but is no part of what was asked for.
OUTCOME = "outcome"
# Of a session that was deleted it says nothing any more, so what was asked for cannot be compared.
REDACTED = "redacted"


def is_new_event(
    transaction: Transaction,
    event_id: str,
    row: models.Session | None,
    kind: str,
    payload: dict[str, Any],
    client_time_ms: float | None,
) -> bool:
    """Keeps the event; False where it was kept before, ConflictError where its id stands for another one."""
    session_id = row.id if row else None
    if was_kept(transaction, event_id, session_id, kind, payload):
        return False
    event = models.Event(
        public_id=event_id,
        session_id=session_id,
        kind=kind,
        payload=payload,
        client_time_ms=client_time_ms,
    )
    transaction.add(event)
    transaction.flush()
    return True


def was_kept(
    transaction: Transaction, event_id: str, session_id: int | None, kind: str, payload: dict[str, Any]
) -> bool:
    """Whether this event was kept before; ConflictError where its id stands for another one."""
    earlier = transaction.scalar(select(models.Event).where(models.Event.public_id == event_id))
    if earlier is None:
        return False
    if earlier.payload.get(REDACTED) and (earlier.session_id, earlier.kind) == (session_id, kind):
        return True
    asked = {key: value for key, value in earlier.payload.items() if key != OUTCOME}
    if (earlier.session_id, earlier.kind, asked) != (session_id, kind, payload):
        raise ConflictError("The same id was sent before, for something else.")
    return True


def add_outcome(transaction: Transaction, event_id: str, outcome: dict[str, Any]) -> None:
    """Keeps what came of an event."""
    event = transaction.scalars(select(models.Event).where(models.Event.public_id == event_id)).one()
    event.payload = {**event.payload, OUTCOME: outcome}
    transaction.flush()


def outcome_of(transaction: Transaction, event_id: str) -> dict[str, Any]:
    """What came of a kept event; empty where nothing was noted."""
    payload = transaction.scalars(select(models.Event.payload).where(models.Event.public_id == event_id)).one()
    found: dict[str, Any] = payload.get(OUTCOME, {})
    return found
