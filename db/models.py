"""The tables. What happened is never rewritten: an edit, an answer or an event is added, not changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, MetaData, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from db.types import UtcDateTime, utc_now

PublicId = String(36)
Sha256 = String(64)


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can find it on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012


class Image(Base):
    """A picture that can be worked on; width and height are those of the upload."""

    __tablename__ = "images"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    pixels_sha256: Mapped[str] = mapped_column(Sha256, unique=True)
    name: Mapped[str] = mapped_column(Text)
    source: Mapped[str | None] = mapped_column(Text)
    licence: Mapped[str | None] = mapped_column(Text)
    true_label: Mapped[str | None] = mapped_column(Text)
    image_set: Mapped[str] = mapped_column(Text, index=True)
    width: Mapped[int]
    height: Mapped[int]
    original_blob: Mapped[str] = mapped_column(Sha256)
    working_blob: Mapped[str] = mapped_column(Sha256)
    working_width: Mapped[int]
    working_height: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class LabelSet(Base):
    """The class names of one or more models, in the order of their outputs."""

    __tablename__ = "label_sets"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(Sha256, unique=True)
    labels: Mapped[list[Any]]


class Model(Base):
    """One classifier as it really was: weights, preprocessing and engine."""

    __tablename__ = "models"
    __table_args__ = (
        UniqueConstraint(
            "key",
            "weights_sha256",
            "engine",
            "engine_version",
            "preprocessing_sha256",
            name="uq_models_identity",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text, index=True)
    label: Mapped[str] = mapped_column(Text)
    family: Mapped[str] = mapped_column(Text)
    weights_sha256: Mapped[str] = mapped_column(Sha256)
    input_height: Mapped[int]
    input_width: Mapped[int]
    preprocessing: Mapped[dict[str, Any]]
    preprocessing_sha256: Mapped[str] = mapped_column(Sha256)
    engine: Mapped[str] = mapped_column(Text)
    engine_version: Mapped[str] = mapped_column(Text)
    label_set_id: Mapped[int] = mapped_column(ForeignKey("label_sets.id"))

    label_set: Mapped[LabelSet] = relationship()


class Session(Base):
    """One sitting of one person with one picture.

    ``head`` is the sequence number of the edit she stands at, ``tip`` that of the branch's end that she last worked
    on, so that redo leads back to it; 0 is the original.
    """

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    image_id: Mapped[int] = mapped_column(ForeignKey("images.id"), index=True)
    head: Mapped[int] = mapped_column(default=0)
    tip: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(Text, default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    person: Mapped[str] = mapped_column(Text, default="")
    client: Mapped[dict[str, Any]] = mapped_column(default=dict)
    software_version: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    last_seen_at: Mapped[datetime] = mapped_column(default=utc_now)
    ended_at: Mapped[datetime | None]

    image: Mapped[Image] = relationship()


class Edit(Base):
    """One change to a session's picture: a node of its tree. The mask is COCO run-length encoding."""

    __tablename__ = "edits"
    __table_args__ = (
        UniqueConstraint("session_id", "sequence"),
        CheckConstraint("mask_area > 0 AND mask_area <= 1", name="mask_area"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("edits.id"), index=True)
    sequence: Mapped[int]
    request_sha256: Mapped[str] = mapped_column(Sha256)
    operation: Mapped[str] = mapped_column(Text)
    method: Mapped[str] = mapped_column(Text)
    parameters: Mapped[dict[str, Any]]
    shapes: Mapped[list[Any]]
    mask_counts: Mapped[str] = mapped_column(Text)
    mask_area: Mapped[float]
    removed_counts: Mapped[str] = mapped_column(Text)
    removed_area: Mapped[float]
    result_blob: Mapped[str] = mapped_column(Sha256)
    client_started_ms: Mapped[float | None]
    client_ended_ms: Mapped[float | None]
    duration_ms: Mapped[float]
    software_version: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    session: Mapped[Session] = relationship()


class Prediction(Base):
    """One model's answer to one image state: a picture's working copy or an edit's result."""

    __tablename__ = "predictions"
    __table_args__ = (
        UniqueConstraint("edit_id", "model_id"),
        UniqueConstraint("image_id", "model_id"),
        CheckConstraint("(edit_id IS NULL) <> (image_id IS NULL)", name="one_state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"), index=True)
    image_id: Mapped[int | None] = mapped_column(ForeignKey("images.id"))
    edit_id: Mapped[int | None] = mapped_column(ForeignKey("edits.id"))
    probabilities: Mapped[bytes]
    top_index: Mapped[int]
    top_probability: Mapped[float]
    latency_ms: Mapped[float]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    model: Mapped[Model] = relationship()


class Event(Base):
    """What else happened in a session, in order: going back, resetting, renaming, stopping."""

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("sessions.id"), index=True)
    kind: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]]
    client_time_ms: Mapped[float | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
