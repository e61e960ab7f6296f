"""Going on from a recorded step in a session of one's own: the way there is copied, the record stays as it is."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from sqlalchemy import insert, inspect, select, update
from sqlalchemy.orm import Session as Transaction

from dashboard import __version__
from dashboard.recording.events import is_new_event
from dashboard.recording.files import FILES
from dashboard.recording.ids import new_id, parse_id
from dashboard.recording.selections import in_turn, locked_edit
from dashboard.recording.workspace import Workspace
from db import models, queries
from db.engine import hold, share
from db.errors import ConflictError, NotFoundError
from db.records import Session


def continue_as_new_session(
    workspace: Workspace,
    event_id: str,
    edit_id: Any,
    client: dict[str, Any],
    client_time_ms: float | None = None,
    session_id: Any = None,
) -> Session:
    """A new session whose edits are copies of the way to an edit, standing at its end.

    The new session has the event's id, so that asking again leads to the same one, even if the source is gone by
    then. Copies name what they are copies of and are not counted when browsing. Raises NotFoundError for an unknown
    edit, or one that is not of the session where one is named.
    """
    edit = parse_id(edit_id, "edit")
    with workspace.database.write() as transaction:
        hold(transaction, event_id)
        share(transaction, FILES)
        if not _is_continued(transaction, event_id, edit):
            source = transaction.scalar(locked_edit(edit))
            if source is None or session_id not in (None, source.session.public_id):
                raise NotFoundError("There is no such edit in this session.")
            _begin(transaction, event_id, source, client, client_time_ms)
        return queries.session(transaction, event_id)


def _is_continued(transaction: Transaction, event_id: str, edit: str) -> bool:
    """Whether this was done before; ConflictError where the id stands for something else."""
    event = transaction.scalar(select(models.Event).filter_by(public_id=event_id))
    session = transaction.scalar(select(models.Session.id).filter_by(public_id=event_id))
    if event is None and session is None:
        return False
    if event is None or event.kind != "continue" or event.payload["edit"] != edit:
        raise ConflictError("The same id was sent before, for something else.")
    return True


def _begin(
    transaction: Transaction,
    event_id: str,
    source: models.Edit,
    client: dict[str, Any],
    client_time_ms: float | None,
) -> None:
    row = models.Session(
        public_id=event_id,
        image_id=source.session.image_id,
        client=client,
        software_version=__version__,
        name=f"{source.session.name} (continued)"[:200] if source.session.name else "",
        study=source.session.study,
    )
    transaction.add(row)
    transaction.flush()
    payload = {"session": source.session.public_id, "edit": source.public_id}
    is_new_event(transaction, event_id, row, "continue", payload, client_time_ms)
    row.head = row.tip = _copy_way(transaction, source, row)
    transaction.flush()


def _copy_way(transaction: Transaction, end: models.Edit, session: models.Session) -> int:
    """Copies the edits up to ``end`` with their answers, in a few statements whatever their number."""
    way = _way(transaction, end)
    rows = [
        _values(edit, "id", "parent_id")
        | {"public_id": new_id(), "session_id": session.id, "sequence": sequence}
        | {"copied_from": edit.copied_from or edit.public_id}
        for sequence, edit in enumerate(way, 1)
    ]
    transaction.execute(insert(models.Edit), rows)
    made = select(models.Edit.id).filter_by(session_id=session.id).order_by(models.Edit.sequence)
    copies = dict(zip((edit.id for edit in way), transaction.scalars(made), strict=True))
    chain = [{"id": number, "parent_id": before} for before, number in pairwise(copies.values())]
    if chain:
        transaction.execute(update(models.Edit), chain)
    for some in in_turn(tuple(copies)):
        given = select(models.Prediction).where(models.Prediction.edit_id.in_(some)).order_by(models.Prediction.id)
        answers = [
            _values(answer, "id") | {"edit_id": copies[answer.edit_id]}
            for answer in transaction.scalars(given)
            if answer.edit_id is not None
        ]
        if answers:
            transaction.execute(insert(models.Prediction), answers)
    return len(way)


def _way(transaction: Transaction, end: models.Edit) -> list[models.Edit]:
    """The edits from the first one to ``end``."""
    edits = transaction.scalars(select(models.Edit).filter_by(session_id=end.session_id))
    by_number = {edit.id: edit for edit in edits}
    way = [end]
    while way[-1].parent_id is not None:
        way.append(by_number[way[-1].parent_id])
    return way[::-1]


def _values(row: Any, *without: str) -> dict[str, Any]:
    columns = inspect(type(row)).columns.keys()
    return {name: getattr(row, name) for name in columns if name not in without}
