"""Keeping order among what was recorded: tags, names, notes, the archive. None of it changes what happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session as Transaction

from dashboard.recording.events import is_new_event
from dashboard.recording.ids import RequestError, parse_id
from dashboard.recording.selections import SelectedRows, in_turn, locked_edit, once
from dashboard.recording.text import check_text
from dashboard.recording.workspace import Workspace
from db import models
from db.engine import hold, insert_all_if_new
from db.errors import NotFoundError
from db.models import EditTag, SessionTag, Tag
from db.types import utc_now

MOST_TAGS = 20
LONGEST_TAG = 60
LONGEST_NAME = 200
LONGEST_NOTE = 20_000
TAGS = "tags"  # the lock of who makes tags or lets them vanish


def tag(
    workspace: Workspace, event_id: str, given: Any, add: Any, remove: Any, client_time_ms: float | None = None
) -> int:
    """Puts tags on the selected sessions and edits and takes others off; returns how many things were selected."""
    adding, removing = _tag_names(add), _tag_names(remove)

    def act(transaction: Transaction, rows: SelectedRows) -> dict[str, Any]:
        _untag(transaction, rows, removing)
        _tag(transaction, rows, adding)
        drop_unused_tags(transaction)
        return {"count": len(rows.sessions) + len(rows.edits)}

    payload = {"selection": given, "add": adding, "remove": removing}
    return _count(once(workspace, event_id, "tag", payload, client_time_ms, act, first_hold=TAGS))


def rename(workspace: Workspace, event_id: str, given: Any, name: Any, client_time_ms: float | None = None) -> int:
    """Names the selected sessions; several get their number in the order of their beginning. Returns how many."""
    text = check_text(name, "name", LONGEST_NAME - 8).strip()

    def act(transaction: Transaction, rows: SelectedRows) -> dict[str, Any]:
        sessions = _in_order(transaction, rows)
        for number, session in enumerate(sessions, 1):
            session.name = text if len(sessions) == 1 or not text else f"{text} {number}"
        return {"count": len(sessions)}

    return _count(once(workspace, event_id, "rename", {"selection": given, "name": text}, client_time_ms, act))


def archive(
    workspace: Workspace, event_id: str, given: Any, archived: bool, client_time_ms: float | None = None
) -> int:
    """Puts the selected sessions – of selected edits, those that hold them – away, or takes them out again."""
    moment = utc_now() if archived else None

    def act(transaction: Transaction, rows: SelectedRows) -> dict[str, Any]:
        for some in in_turn(rows.all_sessions):
            transaction.execute(update(models.Session).where(models.Session.id.in_(some)).values(archived_at=moment))
            outcomes = update(models.Outcome).where(models.Outcome.session_id.in_(some))
            transaction.execute(outcomes.values(archived=archived))
        return {"count": len(rows.all_sessions)}

    kind = "archive" if archived else "unarchive"
    return _count(once(workspace, event_id, kind, {"selection": given}, client_time_ms, act))


def note(workspace: Workspace, event_id: str, edit_id: Any, content: Any, client_time_ms: float | None = None) -> None:
    """Writes about an edit; an empty text takes the note away. Raises NotFoundError for an unknown edit."""
    edit, text = parse_id(edit_id, "edit"), check_text(content, "note", LONGEST_NOTE).strip()
    with workspace.database.write() as transaction:
        hold(transaction, event_id)
        row = transaction.scalar(locked_edit(edit))
        if row is None:
            raise NotFoundError("There is no edit with this id.")
        hold(transaction, edit)
        if is_new_event(transaction, event_id, row.session, "note", {"edit": edit, "content": text}, client_time_ms):
            transaction.execute(delete(models.EditNote).filter_by(edit_id=row.id))
            if text:
                transaction.add(models.EditNote(edit_id=row.id, content=text))


def _count(outcome: dict[str, Any]) -> int:
    return int(outcome["count"])


def _tag_names(value: Any) -> list[str]:
    names = [] if value is None else value
    if not isinstance(names, list):
        raise RequestError("Tags are a list of words.")
    found: dict[str, str] = {}
    for name in names:
        text = " ".join(check_text(name, "tag", LONGEST_TAG).split())
        if not text:
            raise RequestError("A tag needs at least one character.")
        found.setdefault(text.casefold(), text)
    return list(found.values())


def _tag(transaction: Transaction, rows: SelectedRows, names: list[str]) -> None:
    if not names:
        return
    known = {name.casefold(): number for number, name in transaction.execute(select(Tag.id, Tag.name))}
    numbers = []
    for name in names:
        if name.casefold() not in known:
            row = Tag(name=name)
            transaction.add(row)
            transaction.flush()
            known[name.casefold()] = row.id
        numbers.append(known[name.casefold()])
    _put(transaction, SessionTag, "session_id", rows.sessions, numbers)
    _put(transaction, EditTag, "edit_id", rows.edits, numbers)


def _put(transaction: Transaction, table: Any, owner: str, owners: Sequence[int], numbers: list[int]) -> None:
    for some in in_turn(tuple(owners)):
        values = [{owner: row, "tag_id": number} for row in some for number in numbers]
        insert_all_if_new(transaction, table, values)
        column = getattr(table, owner)
        most = select(func.count()).where(column.in_(some)).group_by(column).having(func.count() > MOST_TAGS).limit(1)
        if transaction.scalar(most) is not None:
            raise RequestError(f"A session or an edit can have {MOST_TAGS} tags at most.")


def _untag(transaction: Transaction, rows: SelectedRows, names: list[str]) -> None:
    wanted = {name.casefold() for name in names}
    numbers = [number for number, name in transaction.execute(select(Tag.id, Tag.name)) if name.casefold() in wanted]
    for table, owner, owners in (
        (SessionTag, SessionTag.session_id, rows.sessions),
        (EditTag, EditTag.edit_id, rows.edits),
    ):
        for some in in_turn(owners):
            transaction.execute(delete(table).where(owner.in_(some), table.tag_id.in_(numbers)))


def drop_unused_tags(transaction: Transaction) -> None:
    """Tags that nothing carries any more vanish."""
    used = [exists().where(table.tag_id == Tag.id) for table in (SessionTag, EditTag)]
    transaction.execute(delete(Tag).where(~used[0], ~used[1]))


def _in_order(transaction: Transaction, rows: SelectedRows) -> list[models.Session]:
    found = [
        session
        for some in in_turn(rows.all_sessions)
        for session in transaction.scalars(select(models.Session).where(models.Session.id.in_(some)))
    ]
    return sorted(found, key=lambda session: (session.started_at, session.id))
