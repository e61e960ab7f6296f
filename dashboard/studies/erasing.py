"""A researcher erases what a participant gave, who asked for it and told her code."""

from __future__ import annotations

from sqlalchemy import select

from dashboard.recording.workspace import Workspace
from dashboard.studies.errors import StudyError
from dashboard.studies.leaving import withdraw
from db import participants
from db.study_models import Participant


def erase(workspace: Workspace, slug: str, code: str) -> str:
    """Withdraws the participant of a study who has this code, for good, and returns her name in the data.

    Raises StudyError where nobody has it, NotFoundError where there is no such study; then nothing is changed.
    """
    with workspace.database.read() as transaction:
        study = participants.study_called(transaction, slug)
        hers = (Participant.study_id == study.id) & (Participant.withdrawal_code == code.strip().upper())
        row = transaction.scalar(select(Participant).where(hers))
        if row is None:
            raise StudyError("No participant of this study has this code. Nothing was erased.")
        participant, name = row.public_id, f"P{row.id}"
    withdraw(workspace, participant, code)
    return name
