"""The reads and locks of a participant's way. Rows stay inside a transaction; callers get what they need of them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.orm import Session as Transaction

from db.errors import ConflictError, NotFoundError
from db.study_models import Participant, ParticipantEvent, Response, Study, StudyVersion, Trial
from db.types import utc_now

STARTED, FINISHED = "started", "finished"


def lock_study(transaction: Transaction, slug: str) -> Study:
    """The study's row, held until the end of the transaction; raises NotFoundError."""
    return study_called(transaction, slug, locked=True)


def find_study(transaction: Transaction, slug: str, *, locked: bool = False) -> Study | None:
    """The study's row, or None; ``locked``: held until the end of the transaction."""
    query = select(Study).where(_is_called(slug))
    return transaction.scalar(query.with_for_update() if locked else query)


def study_called(transaction: Transaction, slug: str, *, locked: bool = False) -> Study:
    """The study's row, see ``find_study``; raises NotFoundError."""
    row = find_study(transaction, slug, locked=locked)
    if row is None:
        raise NotFoundError("There is no study at this address.")
    return row


def newest_version(transaction: Transaction, study: Study) -> StudyVersion:
    """The version that whoever enters now gets."""
    query = select(StudyVersion).where(StudyVersion.study_id == study.id, StudyVersion.number == study.version)
    return transaction.scalars(query).one()


def is_taken(transaction: Transaction, version: StudyVersion) -> bool:
    """Whether anybody has begun with this version, previews included."""
    return transaction.scalar(select(Participant.id).where(Participant.version_id == version.id).limit(1)) is not None


def participant_row(transaction: Transaction, public_id: str, *, locked: bool = False) -> Participant:
    """A participant's row, held until the end of the transaction where ``locked``; raises NotFoundError."""
    query = select(Participant).where(Participant.public_id == public_id)
    row = transaction.scalar(query.with_for_update() if locked else query)
    if row is None:
        raise NotFoundError("There is no participant with this id.")
    return row


def active_row(transaction: Transaction, public_id: str) -> Participant:
    """The row of a participant who is on her way, held until the end; raises ConflictError once she has left it."""
    row = participant_row(transaction, public_id, locked=True)
    if row.state != STARTED:
        raise ConflictError("You have left the study; nothing more is kept.")
    return row


def holder_of(transaction: Transaction, slug: str, code: str) -> str | None:
    """The participant (public id) of a study who was given a code for withdrawing; None where nobody was."""
    query = select(Participant.public_id).join(Study, Study.id == Participant.study_id)
    return transaction.scalar(query.where(_is_called(slug), Participant.withdrawal_code == code))


def _is_called(slug: str) -> ColumnElement[bool]:
    """An address can hold what PostgreSQL cannot be asked for (NUL, half a surrogate); no study is called like that."""
    return Study.slug == slug if slug.isascii() and slug.isprintable() else false()


def by_entry(transaction: Transaction, study: Study, entry: str) -> Participant | None:
    """Who entered like this before."""
    return transaction.scalar(select(Participant).where(Participant.study_id == study.id, Participant.entry == entry))


def filled(transaction: Transaction, study: Study, active_since: datetime) -> Counter[str]:
    """Participants that count for each condition: who finished, and who was seen since; previews never do."""
    query = (
        select(Participant.condition, func.count())
        .where(Participant.study_id == study.id, _counts(active_since))
        .group_by(Participant.condition)
    )
    return Counter(dict(transaction.execute(query).all()))


def numbers_in_condition(
    transaction: Transaction, version_id: int, condition: str, active_since: datetime
) -> list[int]:
    """The numbers of the participants of one version of a design that count for a condition."""
    query = select(Participant.number).where(
        Participant.version_id == version_id, Participant.condition == condition, _counts(active_since)
    )
    return list(transaction.scalars(query))


def _counts(active_since: datetime) -> ColumnElement[bool]:
    is_active = (Participant.state == STARTED) & (Participant.seen_at >= active_since)
    return Participant.preview.is_(False) & ((Participant.state == FINISHED) | is_active)


def version_of(transaction: Transaction, participant: Participant) -> StudyVersion:
    """The design that this participant goes through."""
    return transaction.scalars(select(StudyVersion).where(StudyVersion.id == participant.version_id)).one()


def trials_of(transaction: Transaction, participant: Participant) -> list[Trial]:
    """Her trials in order."""
    query = select(Trial).where(Trial.participant_id == participant.id).order_by(Trial.position)
    return list(transaction.scalars(query))


def answered_steps(transaction: Transaction, participant: Participant) -> set[str]:
    """Keys of the steps she has answered."""
    return set(transaction.scalars(select(Response.step).where(Response.participant_id == participant.id)))


def response_to(transaction: Transaction, participant: Participant, step: str) -> Response | None:
    """What she answered at a step."""
    query = select(Response).where(Response.participant_id == participant.id, Response.step == step)
    return transaction.scalar(query)


def response_under(transaction: Transaction, public_id: str) -> Response | None:
    """The response that was sent under this id."""
    return transaction.scalar(select(Response).where(Response.public_id == public_id))


def event_under(transaction: Transaction, public_id: str) -> ParticipantEvent | None:
    """The event that was sent under this id."""
    return transaction.scalar(select(ParticipantEvent).where(ParticipantEvent.public_id == public_id))


def drawing_events(transaction: Transaction, participant: Participant) -> list[ParticipantEvent]:
    """Strokes and what undid them, in the order they arrived in."""
    kinds = or_(*[ParticipantEvent.kind == kind for kind in ("stroke", "unstroke", "clear")])
    query = (
        select(ParticipantEvent)
        .where(ParticipantEvent.participant_id == participant.id, kinds)
        .order_by(ParticipantEvent.id)
    )
    return list(transaction.scalars(query))


def touch(participant: Participant) -> None:
    """She was here just now."""
    participant.seen_at = utc_now()
