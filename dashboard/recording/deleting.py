"""Deleting sessions for good: what would go, and its going, as one event."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session as Transaction

from dashboard.recording.curation import TAGS, drop_unused_tags
from dashboard.recording.files import collect
from dashboard.recording.redacting import redact_events
from dashboard.recording.selections import SelectedRows, find_rows, in_turn, once, parse_selection
from dashboard.recording.workspace import Workspace
from db.errors import ConflictError, StorageError
from db.models import (
    Edit,
    EditNote,
    EditTag,
    Event,
    FigureAnnotations,
    Outcome,
    Prediction,
    Region,
    Session,
    SessionTag,
)
from db.study_models import Participant, Trial

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Extent:
    """How much a deletion takes: whole sessions with all their edits, answers and regions. Pictures stay.

    ``digest`` says which sessions: the SHA-256 of their sorted ids, so that others as many are told apart.
    """

    sessions: int
    edits: int
    predictions: int
    regions: int = 0
    digest: str = field(default="", compare=False, repr=False)


def extent(workspace: Workspace, given: Any) -> Extent:
    """What deleting a selection would take."""
    selection = parse_selection(workspace, given)
    with workspace.database.read() as transaction:
        return _extent(transaction, find_rows(transaction, selection).all_sessions)


def delete_sessions(
    workspace: Workspace, event_id: str, given: Any, expected: dict[str, Any], client_time_ms: float | None = None
) -> Extent:
    """Deletes the selected sessions – of selected edits, those that hold them – if it is as much as ``expected``.

    ``expected`` holds ``sessions``, ``edits`` and, where she was told of them, ``regions`` and ``digest``. Raises
    ConflictError where more, less or something else would go, or what a participant of a study gave; NotFoundError
    where nothing is left. The same event id again changes nothing and says what went.
    """
    files: list[str] = []

    def act(transaction: Transaction, rows: SelectedRows) -> dict[str, Any]:
        going = _extent(transaction, rows.all_sessions)
        _check(going, expected)
        _leave_studies(transaction, rows.all_sessions)
        names = [name for some in in_turn(rows.all_sessions) for name in _names(transaction, some)]
        redact_events(transaction, rows.all_sessions)
        for some in in_turn(rows.all_sessions):
            files.extend(delete_rows(transaction, some))
        drop_unused_tags(transaction)
        return {"extent": asdict(going), "sessions": names}

    payload = {"selection": given, "expected": expected}
    outcome = once(workspace, event_id, "delete", payload, client_time_ms, act, first_hold=TAGS)
    try:
        collect(workspace, files)
    except StorageError:
        # The rows are gone, and that is what was asked for: a file that stays costs room only.
        log.warning("files of deleted sessions stay", exc_info=True)
    return Extent(**outcome["extent"])


def _check(going: Extent, expected: dict[str, Any]) -> None:
    told = {"regions": going.regions, "digest": going.digest} | expected
    if any(getattr(going, what) != told.get(what) for what in ("sessions", "edits", "regions")):
        now = f"{going.sessions:,} sessions with {going.edits:,} edits and {going.regions:,} regions"
        raise ConflictError(f"By now this is {now}. Nothing was deleted; look again.")
    if going.digest != told["digest"]:
        raise ConflictError("By now these are other sessions, as many. Nothing was deleted; look again.")


def _leave_studies(transaction: Transaction, sessions: tuple[int, ...]) -> None:
    """Takes sessions of previews from their trials; raises ConflictError for those of participants.

    A preview that somebody still has open prepares its trial anew, so that its session is a preview's again.
    """
    for some in in_turn(sessions):
        refuse_participants(transaction, some)
        for trial in transaction.scalars(select(Trial).where(Trial.session_id.in_(some)).with_for_update()):
            trial.session_id, trial.plan = None, trial.plan | {"prepared": {}}
        transaction.flush()


def refuse_participants(transaction: Transaction, sessions: Sequence[int]) -> None:
    """Raises ConflictError where one of the sessions is a participant's: her answers name what is in it."""
    given = select(func.count(Trial.id)).join(Participant, Trial.participant_id == Participant.id)
    count = transaction.scalar(given.where(Trial.session_id.in_(sessions), Participant.preview.is_(False)))
    if count:
        raise ConflictError(
            "This is part of what a participant gave in a study, so it stays. On the study's page she can be excluded, "
            "or her data erased with her code."
        )


def _extent(transaction: Transaction, sessions: tuple[int, ...]) -> Extent:
    edits = predictions = regions = 0
    for some in in_turn(sessions):
        edits += transaction.scalar(select(func.count()).where(Edit.session_id.in_(some))) or 0
        answers = select(func.count(Prediction.id)).join(Edit, Prediction.edit_id == Edit.id)
        predictions += transaction.scalar(answers.where(Edit.session_id.in_(some))) or 0
        regions += transaction.scalar(select(func.count()).where(Region.session_id.in_(some))) or 0
    names = sorted(name for some in in_turn(sessions) for name in _names(transaction, some))
    digest = hashlib.sha256("\n".join(names).encode()).hexdigest()
    return Extent(len(sessions), edits, predictions, regions, digest)


def _names(transaction: Transaction, sessions: tuple[int, ...]) -> list[str]:
    return list(transaction.scalars(select(Session.public_id).where(Session.id.in_(sessions))))


def delete_rows(transaction: Transaction, sessions: tuple[int, ...]) -> set[str]:
    """Removes the rows, those that refer before those referred to; returns the files that they named."""
    edits = select(Edit.id).where(Edit.session_id.in_(sessions))
    files = set(transaction.scalars(select(Edit.result_blob).where(Edit.session_id.in_(sessions))))
    of_session = select(Session.public_id).where(Session.id.in_(sessions))
    of_edits = select(Edit.public_id).where(Edit.session_id.in_(sessions))
    of_regions = select(Region.public_id).where(Region.session_id.in_(sessions))
    about = FigureAnnotations.about
    for table, condition in (
        (FigureAnnotations, about.in_(of_session) | about.in_(of_edits) | about.in_(of_regions)),
        (Region, Region.session_id.in_(sessions)),
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
