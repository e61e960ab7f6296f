"""A person's sitting: begun by the first thing done in it, moved through, named, resumed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard import __version__
from dashboard.recording.events import is_new_event
from dashboard.recording.history import ORIGINAL, tip_after_move
from dashboard.recording.ids import RequestError
from dashboard.recording.text import check_text
from dashboard.recording.workspace import Workspace
from db import models, participants, queries
from db.engine import hold, insert_if_new
from db.errors import ConflictError, NotFoundError
from db.records import Session
from db.regions import find_region
from db.types import utc_now

Move = Literal["undo", "redo", "jump", "reset"]
MOVES: tuple[Move, ...] = ("undo", "redo", "jump", "reset")
LONGEST_TEXT = {"name": 200, "notes": 20_000, "person": 200, "study": 100}


@dataclass(frozen=True)
class Sitting:
    """Which session something belongs to; a session that is not kept yet begins with it.

    ``participant``: whose part in a study it is; nothing is kept for somebody who has left or ended it.
    """

    session: str
    image: str
    client: dict[str, Any]
    participant: str | None = None


def begin_or_lock(transaction: Transaction, sitting: Sitting) -> models.Session:
    """The session's row, made if it is new, held until the end of the transaction so that its order is kept.

    Raises ConflictError where the participant whose it is has left meanwhile.
    """
    if sitting.participant is not None:
        # Before the session, as in withdrawing: neither waits for the other's lock.
        participants.touch(participants.active_row(transaction, sitting.participant))
    image = queries.image_row(transaction, sitting.image)
    insert_if_new(
        transaction,
        models.Session,
        public_id=sitting.session,
        image_id=image.id,
        client=sitting.client,
        software_version=__version__,
        ended_at=None,
    )
    row = lock(transaction, sitting.session)
    if row.image_id != image.id:
        raise ConflictError("This session belongs to another picture.")
    return row


def lock(transaction: Transaction, session_id: str) -> models.Session:
    """The session's row, locked; raises NotFoundError."""
    query = select(models.Session).where(models.Session.public_id == session_id).with_for_update()
    row = transaction.scalar(query)
    if row is None:
        raise NotFoundError("There is no session with this id.")
    row.last_seen_at = utc_now()
    return row


def move(
    workspace: Workspace, event_id: str, session_id: str, kind: Move, target: str | None, client_time_ms: float | None
) -> Session:
    """Goes to ``target`` (an edit's id, None the original); the same event id again changes nothing."""
    if kind == "reset" and target is not None:
        raise RequestError("A reset leads back to the original.")
    with workspace.database.write() as transaction:
        hold(transaction, event_id)
        row = lock(transaction, session_id)
        if is_new_event(transaction, event_id, row, kind, {"edit": target}, client_time_ms):
            parents = _parents(transaction, row)
            row.head = _sequence(transaction, row, target)
            row.tip = tip_after_move(parents, row.head, row.tip)
            transaction.flush()
        return queries.session(transaction, session_id)


def describe(
    workspace: Workspace, event_id: str, sitting: Sitting, texts: dict[str, str], client_time_ms: float | None
) -> Session:
    """Keeps a session's texts; what is not in ``texts`` stays. Raises RequestError for bad ones."""
    for key, value in texts.items():
        if key not in LONGEST_TEXT:
            raise RequestError(f"A session has no text {key!r}.")
        check_text(value, key, LONGEST_TEXT[key])
    with workspace.database.write() as transaction:
        hold(transaction, event_id)
        row = begin_or_lock(transaction, sitting)
        if is_new_event(transaction, event_id, row, "describe", cast(dict[str, Any], texts), client_time_ms):
            for key, value in texts.items():
                setattr(row, key, value.strip())
            transaction.flush()
        return queries.session(transaction, sitting.session)


def cancel(workspace: Workspace, edit_id: str, client_time_ms: float | None) -> bool:
    """Stops an edit or a region that is not kept yet; False where it is kept already and so stays."""
    with workspace.database.write() as transaction:
        hold(transaction, edit_id)
        if queries.find_edit(transaction, edit_id) or find_region(transaction, edit_id):
            return False
        is_new_event(transaction, edit_id, None, "cancel", {}, client_time_ms)
        return True


def _parents(transaction: Transaction, row: models.Session) -> dict[int, int]:
    query = select(models.Edit.id, models.Edit.sequence, models.Edit.parent_id).filter_by(session_id=row.id)
    rows = transaction.execute(query).all()
    sequence = {row_id: number for row_id, number, _ in rows}
    return {number: sequence[parent] if parent else ORIGINAL for _, number, parent in rows}


def _sequence(transaction: Transaction, row: models.Session, target: str | None) -> int:
    if target is None:
        return ORIGINAL
    query = select(models.Edit.sequence).filter_by(session_id=row.id, public_id=target)
    found = transaction.scalar(query)
    if found is None:
        raise NotFoundError("This step does not belong to the session.")
    return found
