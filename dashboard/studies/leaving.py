"""Declining and withdrawing: what a person gave goes, that somebody was there stays."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as Transaction

from dashboard.handed_out import note_withdrawal, take_back
from dashboard.recording.deleting import delete_rows
from dashboard.recording.files import collect
from dashboard.recording.text import storable
from dashboard.recording.workspace import Workspace
from dashboard.studies.errors import StudyError
from dashboard.studies.results.keeping import forget
from db import participants
from db.erasing import overwrite
from db.errors import ConflictError, StorageError
from db.models import Session
from db.study_models import Participant, ParticipantEvent, Response, Study, Trial
from db.types import utc_now

log = logging.getLogger(__name__)
DECLINED, WITHDRAWN = "declined", "withdrawn"


def decline(workspace: Workspace, participant: str) -> None:
    """She does not consent; doing it again changes nothing. Raises ConflictError once she has begun."""
    with workspace.database.write() as transaction:
        row = participants.participant_row(transaction, participant, locked=True)
        if row.state == DECLINED:
            return
        if row.state != participants.STARTED or "consent" in participants.answered_steps(transaction, row):
            raise ConflictError("You have begun already; to leave, withdraw.")
        files = empty(transaction, row, DECLINED)
    _erase_copies(lambda: collect(workspace, files))


def withdraw(workspace: Workspace, participant: str, code: str) -> None:
    """Erases all she gave, for good; what stays says that somebody withdrew, and nothing else.

    Raises StudyError where the code is not hers; then nothing is changed.
    """
    with workspace.database.write() as transaction:
        row = participants.participant_row(transaction, participant, locked=True)
        if row.state == WITHDRAWN:
            return
        if not hmac.compare_digest((row.withdrawal_code or "").encode(), code.strip().upper().encode()):
            raise StudyError("This code is not yours. Nothing was erased.")
        files = empty(transaction, row, WITHDRAWN)
        slug = transaction.get_one(Study, row.study_id).slug
    _erase_copies(
        lambda: note_withdrawal(workspace.settings),
        lambda: forget(workspace, slug),
        lambda: take_back(workspace.settings, slug),
        lambda: collect(workspace, files),
        lambda: overwrite(workspace.database),
    )


def _erase_copies(*acts: Callable[[], object]) -> None:
    """What else holds what was erased; where one of it cannot be removed, the log says so, and the rest goes."""
    for act in acts:
        try:
            act()
        except (OSError, StorageError):
            log.exception("a copy of what was erased stays")


def withdraw_with(workspace: Workspace, slug: str, code: str) -> str:
    """The same for whoever was given ``code``, who may be without her browser; returns her public id.

    Raises StudyError where nobody in the study has the code (any more).
    """
    with workspace.database.read() as transaction:
        participant = participants.holder_of(transaction, slug, storable(code.strip().upper()))
    if participant is None:
        raise StudyError("This code is not known here. Nothing was erased.")
    withdraw(workspace, participant, code)
    return participant


def empty(transaction: Transaction, row: Participant, state: str) -> set[str]:
    """Takes the content and returns the files that nobody may need any more.

    The condition stays, for a lost place in it is counted there.
    """
    trials = select(Trial.public_id).where(Trial.participant_id == row.id)
    sessions = tuple(transaction.scalars(select(Session.id).where(Session.public_id.in_(trials))))
    for table in (Response, ParticipantEvent, Trial):
        transaction.execute(delete(table).where(table.participant_id == row.id))
    files = delete_rows(transaction, sessions) if sessions else set()
    row.state, row.ended_at = state, utc_now()
    row.external_id, row.withdrawal_code, row.flag, row.excluded = None, None, None, None
    row.parameters, row.client = {}, {}
    transaction.flush()
    return files
