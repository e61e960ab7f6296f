"""What a researcher decides about a participant: a flag, an exclusion, with its reason. Nothing is deleted by it."""

from __future__ import annotations

from typing import Literal

from dashboard.recording.ids import RequestError
from dashboard.recording.text import check_text
from dashboard.recording.workspace import Workspace
from db import participants
from db.engine import hold, insert_if_new
from db.errors import ConflictError, NotFoundError
from db.study_models import ParticipantEvent, Study

Judgement = Literal["flag", "unflag", "exclude", "include"]
LONGEST_REASON = 2_000


def judge(
    workspace: Workspace,
    slug: str,
    participant: str,
    event_id: str,
    judgement: Judgement,
    reason: str = "",
    by: str = "",
) -> None:
    """Flags or excludes a participant of a study, or takes that back; the same event again changes nothing.

    ``reason`` is needed for a flag and an exclusion and kept with both; ``by`` says whose decision it was. Raises
    RequestError without a reason, NotFoundError for somebody who is not in this study, ConflictError for a preview.
    """
    given = check_text(reason, "reason", LONGEST_REASON).strip()
    if judgement in ("flag", "exclude") and not given:
        raise RequestError("Say why, in a few words: the reason is kept in the data.")
    with workspace.database.write() as transaction:
        hold(transaction, event_id)
        row = participants.participant_row(transaction, participant, locked=True)
        if transaction.get_one(Study, row.study_id).slug != slug:
            raise NotFoundError("There is no such participant in this study.")
        if row.preview:
            raise ConflictError("A preview is in no result anyway.")
        if participants.event_under(transaction, event_id) is not None:
            return
        if judgement in ("flag", "unflag"):
            row.flag = given if judgement == "flag" else None
        else:
            row.excluded = given if judgement == "exclude" else None
        insert_if_new(
            transaction,
            ParticipantEvent,
            public_id=event_id,
            participant_id=row.id,
            kind=judgement,
            payload={"reason": given, "by": by},
        )
