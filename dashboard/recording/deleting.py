"""Deleting sessions for good: what would go, and its going, as one event."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session as Transaction

from dashboard.recording.curation import drop_unused_tags
from dashboard.recording.events import add_outcome, is_new_event, outcome_of
from dashboard.recording.files import collect
from dashboard.recording.selections import find_rows, in_turn, parse_selection
from dashboard.recording.workspace import Workspace
from db.engine import hold
from db.errors import ConflictError
from db.models import Edit, EditNote, EditTag, Event, Outcome, Prediction, Session, SessionTag


@dataclass(frozen=True)
class Extent:
    """How much a deletion takes: whole sessions with all their edits and answers. Pictures stay."""

    sessions: int
    edits: int
    predictions: int


def extent(workspace: Workspace, given: Any) -> Extent:
    """What deleting a selection would take."""
    selection = parse_selection(workspace, given)
    with workspace.database.read() as transaction:
        return _extent(transaction, find_rows(transaction, selection).all_sessions)


def delete_sessions(
    workspace: Workspace, event_id: str, given: Any, expected: dict[str, int], client_time_ms: float | None = None
) -> Extent:
    """Deletes the selected sessions – of selected edits, those that hold them – if it is as much as ``expected``.

    ``expected`` holds ``sessions`` and ``edits``, as the person was told. Raises ConflictError where more or less
    would go, NotFoundError where nothing is left. The same event id again changes nothing and says what went.
    """
    payload = {"selection": given, "expected": expected}
    with workspace.database.read() as transaction:
        known = transaction.scalar(select(Event.id).filter_by(public_id=event_id))
    selection = parse_selection(workspace, given) if known is None else None
    with workspace.database.write() as transaction:
        hold(transaction, event_id)
        if not is_new_event(transaction, event_id, None, "delete", payload, client_time_ms) or selection is None:
            return Extent(**outcome_of(transaction, event_id)["extent"])
        sessions = find_rows(transaction, selection).all_sessions
        for some in in_turn(sessions):
            transaction.execute(select(Session.id).where(Session.id.in_(some)).order_by(Session.id).with_for_update())
        going = _extent(transaction, sessions)
        if (going.sessions, going.edits) != (expected.get("sessions"), expected.get("edits")):
            now = f"{going.sessions:,} sessions with {going.edits:,} edits"
            raise ConflictError(f"By now this is {now}. Nothing was deleted; look again.")
        names = [row for some in in_turn(sessions) for row in _names(transaction, some)]
        files = [file for some in in_turn(sessions) for file in _delete(transaction, some)]
        drop_unused_tags(transaction)
        add_outcome(transaction, event_id, {"extent": asdict(going), "sessions": names})
    collect(workspace, files)
    return going


def _extent(transaction: Transaction, sessions: tuple[int, ...]) -> Extent:
    edits = predictions = 0
    for some in in_turn(sessions):
        edits += transaction.scalar(select(func.count()).where(Edit.session_id.in_(some))) or 0
        answers = select(func.count(Prediction.id)).join(Edit, Prediction.edit_id == Edit.id)
        predictions += transaction.scalar(answers.where(Edit.session_id.in_(some))) or 0
    return Extent(len(sessions), edits, predictions)


def _names(transaction: Transaction, sessions: tuple[int, ...]) -> list[str]:
    return list(transaction.scalars(select(Session.public_id).where(Session.id.in_(sessions))))


def _delete(transaction: Transaction, sessions: tuple[int, ...]) -> set[str]:
    """Removes the rows, those that refer before those referred to; returns the files that they named."""
    edits = select(Edit.id).where(Edit.session_id.in_(sessions))
    files = set(transaction.scalars(select(Edit.result_blob).where(Edit.session_id.in_(sessions))))
    for table, condition in (
        (Outcome, Outcome.session_id.in_(sessions)),
        (Prediction, Prediction.edit_id.in_(edits)),
        (EditTag, EditTag.edit_id.in_(edits)),
        (EditNote, EditNote.edit_id.in_(edits)),
        (SessionTag, SessionTag.session_id.in_(sessions)),
        (Event, Event.session_id.in_(sessions)),
        (Edit, Edit.session_id.in_(sessions)),
        (Session, Session.id.in_(sessions)),
    ):
        transaction.execute(delete(table).where(condition))
    return files
