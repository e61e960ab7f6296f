"""Going on from a recorded step in a session of one's own: the way there is copied, the record stays as it is."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session as Transaction

from dashboard import __version__
from dashboard.recording.events import is_new_event
from dashboard.recording.files import FILES
from dashboard.recording.ids import new_id, parse_id
from dashboard.recording.workspace import Workspace
from db import models, queries
from db.engine import hold, insert_if_new, share
from db.errors import NotFoundError
from db.records import Session


def continue_as_new_session(
    workspace: Workspace, event_id: str, edit_id: Any, client: dict[str, Any], client_time_ms: float | None = None
) -> Session:
    """A new session whose edits are copies of the way to an edit, standing at its end.

    The new session has the event's id, so that asking again leads to the same one. Copies name what they are copies
    of and are not counted when browsing. Raises NotFoundError for an unknown edit.
    """
    edit = parse_id(edit_id, "edit")
    with workspace.database.write() as transaction:
        hold(transaction, event_id)
        share(transaction, FILES)
        source = transaction.scalar(select(models.Edit).filter_by(public_id=edit))
        if source is None:
            raise NotFoundError("There is no edit with this id.")
        insert_if_new(
            transaction,
            models.Session,
            public_id=event_id,
            image_id=source.session.image_id,
            client=client,
            software_version=__version__,
            ended_at=None,
        )
        row = transaction.scalars(select(models.Session).filter_by(public_id=event_id)).one()
        payload = {"session": source.session.public_id, "edit": edit}
        if is_new_event(transaction, event_id, row, "continue", payload, client_time_ms):
            row.name = f"{source.session.name} (continued)"[:200] if source.session.name else ""
            row.person, row.study = source.session.person, source.session.study
            row.head = row.tip = _copy_way(transaction, source, row)
            transaction.flush()
        return queries.session(transaction, event_id)


def _copy_way(transaction: Transaction, end: models.Edit, session: models.Session) -> int:
    edits = transaction.scalars(select(models.Edit).filter_by(session_id=end.session_id))
    by_number = {edit.id: edit for edit in edits}
    way = [end]
    while way[-1].parent_id is not None:
        way.append(by_number[way[-1].parent_id])
    parent_id = None
    for sequence, edit in enumerate(reversed(way), 1):
        copy = models.Edit(
            **_values(edit, "id", "public_id", "session_id", "parent_id", "sequence", "copied_from"),
            public_id=new_id(),
            session_id=session.id,
            parent_id=parent_id,
            sequence=sequence,
            copied_from=edit.copied_from or edit.public_id,
        )
        transaction.add(copy)
        transaction.flush()
        for answer in transaction.scalars(select(models.Prediction).filter_by(edit_id=edit.id)).all():
            transaction.add(models.Prediction(**_values(answer, "id", "edit_id"), edit_id=copy.id))
        parent_id = copy.id
    return len(way)


def _values(row: Any, *without: str) -> dict[str, Any]:
    columns = inspect(type(row)).columns.keys()
    return {name: getattr(row, name) for name in columns if name not in without}
