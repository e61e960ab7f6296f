"""The tables of user studies. An answer is added, never changed; what withdrawing leaves is a row without content."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models import Base, PublicId, Sha256
from db.types import utc_now


class Study(Base):
    """A study; ``version`` is the number of its newest design, ``state`` draft, open, paused or closed."""

    __tablename__ = "studies"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[str] = mapped_column(String(8), default="draft")
    version: Mapped[int]
    quota: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)


class StudyVersion(Base):
    """One design of a study; frozen since the study first opened with it, None while it can be changed."""

    __tablename__ = "study_versions"
    __table_args__ = (UniqueConstraint("study_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id"))
    number: Mapped[int]
    design: Mapped[dict[str, Any]]
    sha256: Mapped[str] = mapped_column(Sha256)
    frozen_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Participant(Base):
    """One try of one person.

    ``entry`` is the same for the same recruiter's id and try, so that she is there once; ``visitor`` says which browser
    she came with. Both are keyed hashes, and stay when she withdraws; what she gave does not.
    """

    __tablename__ = "participants"
    __table_args__ = (
        UniqueConstraint("study_id", "entry"),
        Index("ix_participants_condition", "study_id", "preview", "condition", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("study_versions.id"), index=True)
    entry: Mapped[str] = mapped_column(Sha256)
    visitor: Mapped[str] = mapped_column(Sha256)
    external_id: Mapped[str | None] = mapped_column(Text)
    try_number: Mapped[int] = mapped_column(default=1)
    preview: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(12), default="started")
    condition: Mapped[str] = mapped_column(Text)
    number: Mapped[int]
    seed: Mapped[int] = mapped_column(BigInteger)
    language: Mapped[str] = mapped_column(String(2))
    parameters: Mapped[dict[str, Any]]
    client: Mapped[dict[str, Any]]
    withdrawal_code: Mapped[str | None] = mapped_column(String(16), unique=True)
    flag: Mapped[str | None] = mapped_column(Text)
    excluded: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(default=utc_now)
    seen_at: Mapped[datetime] = mapped_column(default=utc_now)
    ended_at: Mapped[datetime | None]


class Trial(Base):
    """One planned trial of one participant, and when what happened in it, by both clocks.

    Its public id is that of the session it records into, once it has one.
    """

    __tablename__ = "trials"
    __table_args__ = (UniqueConstraint("participant_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"))
    position: Mapped[int]
    plan: Mapped[dict[str, Any]]
    session_id: Mapped[int | None] = mapped_column(ForeignKey("sessions.id"), index=True)
    shown_at: Mapped[datetime | None]
    shown_client_ms: Mapped[float | None]
    first_input_client_ms: Mapped[float | None]
    answered_at: Mapped[datetime | None]
    answered_client_ms: Mapped[float | None]


class Response(Base):
    """What a participant answered at one step; its id was made in her browser."""

    __tablename__ = "responses"
    __table_args__ = (UniqueConstraint("participant_id", "step"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    request_sha256: Mapped[str] = mapped_column(Sha256)
    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"))
    step: Mapped[str] = mapped_column(String(96))
    answers: Mapped[dict[str, Any]]
    client_ms: Mapped[float | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class ParticipantEvent(Base):
    """What else happened: focus lost, a window's size, a flag, an exclusion and its end."""

    __tablename__ = "participant_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]]
    client_ms: Mapped[float | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
