"""The tables. What happened is never rewritten: an edit, an answer or an event is added, not changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    MetaData,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
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


class ClassName(Base):
    """One class of a label set as a row of its own, so that it can be searched, joined and sorted by."""

    __tablename__ = "class_names"
    __table_args__ = (UniqueConstraint("label_set_id", "index"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    label_set_id: Mapped[int] = mapped_column(ForeignKey("label_sets.id"))
    index: Mapped[int]
    name: Mapped[str] = mapped_column(Text, index=True)


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
    on, so that redo leads back to it; 0 is the original. ``regions`` and ``agreement`` follow from the regions
    marked in it: their number and their mean iou with the model's.
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
    study: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    client: Mapped[dict[str, Any]] = mapped_column(default=dict)
    software_version: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    last_seen_at: Mapped[datetime] = mapped_column(default=utc_now)
    ended_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    regions: Mapped[int] = mapped_column(default=0, server_default="0")
    agreement: Mapped[float | None]

    image: Mapped[Image] = relationship()


class Edit(Base):
    """One change to a session's picture: a node of its tree. The mask is COCO run-length encoding.

    ``copied_from`` is the public id of the edit that this one repeats in a session continued from another one; None
    for what a person did herself. A copy has no outcome, so nothing is counted twice.
    """

    __tablename__ = "edits"
    __table_args__ = (
        UniqueConstraint("session_id", "sequence"),
        CheckConstraint("mask_area > 0 AND mask_area <= 1", name="mask_area"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("edits.id"), index=True)
    copied_from: Mapped[str | None] = mapped_column(PublicId)
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
    result_blob: Mapped[str] = mapped_column(Sha256, index=True)
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


class Outcome(Base):
    """What one model's answer to an edit says beside its answer to the original picture.

    Everything here can be made again from the other tables: it is what browsing sorts, filters and draws by, in one
    narrow row. ``leading`` is the answer that the person saw first. *before* and *change* are of the original's top
    class; they are None until the model has answered the original too. ``cell`` is the place in the density of
    mask area against change, see ``db.outcomes``.
    """

    __tablename__ = "outcomes"
    __table_args__ = (
        UniqueConstraint("edit_id", "model_id"),
        Index("ix_outcomes_time", "archived", "leading", "made_at_ms"),
        Index("ix_outcomes_change", "archived", "leading", "change"),
        Index("ix_outcomes_mask_area", "archived", "leading", "mask_area"),
        Index("ix_outcomes_drawing_ms", "archived", "leading", "drawing_ms"),
        Index("ix_outcomes_before_class", "archived", "leading", "before_class_id", "flipped", "made_at_ms"),
        Index("ix_outcomes_after_class", "archived", "leading", "after_class_id"),
        Index("ix_outcomes_cell", "archived", "leading", "cell"),
        Index("ix_outcomes_session", "session_id", "leading", "archived", "flipped"),
        Index("ix_outcomes_image", "image_id", "model_id"),
        Index("ix_outcomes_model", "model_id", "made_at_ms"),
    )

    prediction_id: Mapped[int] = mapped_column(ForeignKey("predictions.id"), primary_key=True, autoincrement=False)
    edit_id: Mapped[int] = mapped_column(ForeignKey("edits.id"))
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    image_id: Mapped[int] = mapped_column(ForeignKey("images.id"))
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"))
    leading: Mapped[bool]
    archived: Mapped[bool] = mapped_column(default=False)
    method: Mapped[str] = mapped_column(Text)
    mask_area: Mapped[float]
    made_at_ms: Mapped[int] = mapped_column(BigInteger)
    drawing_ms: Mapped[float | None]
    before_class_id: Mapped[int | None] = mapped_column(ForeignKey("class_names.id"))
    after_class_id: Mapped[int] = mapped_column(ForeignKey("class_names.id"))
    probability_before: Mapped[float | None]
    probability_after: Mapped[float | None]
    change: Mapped[float | None]
    flipped: Mapped[bool | None]
    cell: Mapped[int | None] = mapped_column(SmallInteger)
    regions: Mapped[int] = mapped_column(default=0, server_default="0")
    agreement: Mapped[float | None]


class Region(Base):
    """A part of one image state that a person or a method considers important for a class; it changes no picture.

    ``kind`` is "human" or the key of the explanation method. ``edit_id`` None is the original picture, ``session_id``
    None a region that was imported or computed outside of any sitting. ``class_id`` is None where the class is
    nobody's output, such as a true label that no model knows. The mask is COCO run-length encoding; ``parameters``
    are all that a computed region follows from, ``source`` is the file of an imported one. ``agreement`` is a human
    region's iou with the region of equal area of the class activation map of ``model_id``, the model that she was
    looking at.
    """

    __tablename__ = "regions"
    __table_args__ = (
        CheckConstraint("mask_area > 0 AND mask_area <= 1", name="mask_area"),
        CheckConstraint("confidence BETWEEN 1 AND 5", name="confidence"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    request_sha256: Mapped[str] = mapped_column(Sha256)
    kind: Mapped[str] = mapped_column(Text)
    image_id: Mapped[int] = mapped_column(ForeignKey("images.id"), index=True)
    edit_id: Mapped[int | None] = mapped_column(ForeignKey("edits.id"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("sessions.id"), index=True)
    model_id: Mapped[int | None] = mapped_column(ForeignKey("models.id"))
    class_id: Mapped[int | None] = mapped_column(ForeignKey("class_names.id"))
    class_name: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    confidence: Mapped[int | None] = mapped_column(SmallInteger)
    agreement: Mapped[float | None]
    author: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(Text, default="")
    parameters: Mapped[dict[str, Any]] = mapped_column(default=dict)
    shapes: Mapped[list[Any]] = mapped_column(default=list)
    mask_counts: Mapped[str] = mapped_column(Text)
    mask_area: Mapped[float]
    client_started_ms: Mapped[float | None]
    client_ended_ms: Mapped[float | None]
    software_version: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Tag(Base):
    """A word that sessions and edits are gathered under."""

    __tablename__ = "tags"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)


class SessionTag(Base):
    """A tag on a session."""

    __tablename__ = "session_tags"

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id"), primary_key=True, index=True)


class EditTag(Base):
    """A tag on an edit."""

    __tablename__ = "edit_tags"

    edit_id: Mapped[int] = mapped_column(ForeignKey("edits.id"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id"), primary_key=True, index=True)


class EditNote(Base):
    """What somebody wrote about an edit afterwards; the edit itself is never changed."""

    __tablename__ = "edit_notes"

    edit_id: Mapped[int] = mapped_column(ForeignKey("edits.id"), primary_key=True)
    content: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)


class Comparison(Base):
    """Edits, end states and pictures that somebody set side by side and gave a name.

    ``items`` are references such as ``edit:<id>``; ``look`` is what else the page shows: reference, class, models.
    """

    __tablename__ = "comparisons"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    name: Mapped[str] = mapped_column(Text)
    items: Mapped[list[Any]]
    look: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)


class FigureAnnotations(Base):
    """What somebody put on a figure for a paper: arrows, labels, enlarged details.

    ``kind`` and ``about`` say which figure: its kind, and the id of what it is of, a study's slug, or a comparison's
    items as written. ``choices``: what it was drawn with and is not the usual, as JSON of texts by name, in order.
    """

    __tablename__ = "figure_annotations"
    __table_args__ = (UniqueConstraint("kind", "about", "choices"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    about: Mapped[str] = mapped_column(String(1024))
    choices: Mapped[str] = mapped_column(String(1024))
    content: Mapped[list[Any]]
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)


class Account(Base):
    """A researcher who may sign in; ``name`` is folded, so that upper and lower case are one."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    password_hash: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class SignIn(Base):
    """A browser in which somebody is signed in; without its row the browser's cookie is worth nothing."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    token_sha256: Mapped[str] = mapped_column(Sha256, unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SignInAttempt(Base):
    """An attempt to sign in that failed or goes on; neither name nor address can be read from it, nor does it stay."""

    __tablename__ = "sign_in_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_mac: Mapped[str] = mapped_column(Sha256, index=True)
    client_mac: Mapped[str] = mapped_column(Sha256, index=True)
    made_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
