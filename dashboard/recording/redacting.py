"""What was said about sessions that are deleted goes from the events that stay."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.recording.events import OUTCOME, REDACTED
from dashboard.recording.ids import parse_id
from dashboard.recording.selections import in_turn
from db.models import Edit, Event, Session

# These say more than which sessions they were about: names and tags.
_KINDS = ("rename", "tag")
_AT_ONCE = 1_000


def redact_events(transaction: Transaction, sessions: tuple[int, ...]) -> None:
    """Takes the sessions (row numbers) and their edits out of renamings and taggings that named them.

    One that was about nothing else says nothing any more but that it happened, so that it is not done again.
    """
    going = {item for some in in_turn(sessions) for item in _items(transaction, some)}
    events = select(Event).where(Event.kind.in_(_KINDS)).execution_options(yield_per=_AT_ONCE)
    for event in transaction.scalars(events):
        named = event.payload.get("selection", {}).get("items", ())
        staying = [item for item in named if _canonical(item) not in going]
        if len(staying) < len(named):
            event.payload = _without(event.payload, staying)
    transaction.flush()


def _canonical(item: str) -> str:
    kind, _, public_id = item.partition(":")
    return f"{kind}:{parse_id(public_id, kind)}"


def _items(transaction: Transaction, sessions: tuple[int, ...]) -> list[str]:
    names = transaction.scalars(select(Session.public_id).where(Session.id.in_(sessions)))
    edits = transaction.scalars(select(Edit.public_id).where(Edit.session_id.in_(sessions)))
    return [*(f"session:{name}" for name in names), *(f"edit:{name}" for name in edits)]


def _without(payload: dict[str, Any], staying: list[str]) -> dict[str, Any]:
    kept = payload if staying else {OUTCOME: payload.get(OUTCOME, {})}
    return {**kept, "selection": {"items": staying}, REDACTED: True}
