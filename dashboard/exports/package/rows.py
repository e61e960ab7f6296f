"""The rows of a package's tables: what was recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import select

from dashboard.exports.package.choosing import in_parts
from dashboard.exports.package.reading import Row
from dashboard.exports.package.study_tables import StudyTables
from dashboard.vision import rle
from db.models import (
    ClassName,
    Edit,
    EditNote,
    EditTag,
    Event,
    Image,
    LabelSet,
    Model,
    Outcome,
    Prediction,
    Region,
    Session,
    SessionTag,
)
from db.probabilities import unpack
from db.study_models import ParticipantEvent, Trial

TOP = 5
# What these hold was typed by somebody.
FREE_TEXT_EVENTS = ("describe", "describe-region", "rename", "tag", "note", "flag", "exclude", "unflag", "include")
FORBIDDEN = ("all rights reserved", "not for redistribution", "no redistribution", "proprietary", "confidential")


def may_be_passed_on(licence: str | None) -> bool:
    """Whether a licence does not forbid it; one that is not known does not."""
    return not any(word in (licence or "").lower() for word in FORBIDDEN)


@dataclass
class Reader(StudyTables):
    """Reads what was chosen. ``pictures``: row numbers of the pictures whose pixels are in the package."""

    pictures: frozenset[int] = frozenset()
    label_sets: dict[int, str] = field(default_factory=dict)
    labels: dict[int, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        models = select(Model).where(Model.id.in_(self.chosen.models)).order_by(Model.id)
        for row in self.transaction.scalars(models):
            self.label_sets.setdefault(row.label_set_id, f"L{len(self.label_sets) + 1}")
            self.labels[row.id] = row.label_set.labels
        if self.choices.pictures != "none":
            self.pictures = frozenset(self._free_pictures())

    def _free_pictures(self) -> Iterator[int]:
        for part in in_parts(self.chosen.images):
            rows = select(Image.id, Image.licence).where(Image.id.in_(part))
            for row, licence in self.transaction.execute(rows):
                if self.choices.pictures == "all" or may_be_passed_on(licence):
                    yield row

    def images(self) -> Iterator[Row]:
        """Pictures; ``_original`` and ``_working`` are the files to be copied, None where they are left out."""
        for row in self._rows(select(Image), Image.id, self.chosen.images):
            name, there = self.names.of("images", row.id), row.id in self.pictures
            yield {
                "image_id": name,
                "image_name": row.name,
                "image_set": row.image_set,
                "source": row.source,
                "licence": row.licence,
                "true_label": row.true_label,
                "width": row.width,
                "height": row.height,
                "working_width": row.working_width,
                "working_height": row.working_height,
                "pixels_sha256": row.pixels_sha256,
                "original_sha256": row.original_blob,
                "working_sha256": row.working_blob,
                "original_file": f"materials/pictures/{name}_original.png" if there else None,
                "working_file": f"materials/pictures/{name}.png" if there else None,
                "created_at": row.created_at,
            }

    def models(self) -> Iterator[Row]:
        """Classifiers."""
        for row in self._rows(select(Model), Model.id, self.chosen.models):
            yield {
                "model_id": self.names.of("models", row.id),
                "model_key": row.key,
                "model_name": row.label,
                "family": row.family,
                "weights_sha256": row.weights_sha256,
                "input_width": row.input_width,
                "input_height": row.input_height,
                "preprocessing": row.preprocessing,
                "preprocessing_sha256": row.preprocessing_sha256,
                "engine": row.engine,
                "engine_version": row.engine_version,
                "label_set": self.label_sets[row.label_set_id],
            }

    def classes(self) -> Iterator[Row]:
        """Class names of the models' label sets."""
        for number, name in self.label_sets.items():
            labels = self.transaction.scalars(select(LabelSet.labels).where(LabelSet.id == number)).one()
            for index, label in enumerate(labels):
                yield {"label_set": name, "class_index": index, "class_name": label}

    def sessions(self) -> Iterator[Row]:
        """Sessions of participants and of anybody else."""
        people: dict[int, int] = {}
        for part in in_parts(self.chosen.sessions):
            owners = select(Trial.session_id, Trial.participant_id).where(Trial.session_id.in_(part))
            people |= {int(session): person for session, person in self.transaction.execute(owners) if session}
        for part in in_parts(self.chosen.sessions):
            tags = self._tags(SessionTag, SessionTag.session_id, part)
            for row in self._rows(select(Session), Session.id, part):
                participant = self.names.of("participants", people.get(row.id))
                yield {
                    "session_id": self.names.of("sessions", row.id),
                    "image_id": self.names.of("images", row.image_id),
                    "participant_id": participant,
                    "study_label": row.study,
                    "session_name": row.name,
                    "session_notes": row.notes,
                    # A study's sessions say it by a row's number, which looks like another participant's name here.
                    "person": row.person if participant is None else participant,
                    "tags": tags.get(row.id, []),
                    "head_sequence": row.head,
                    "tip_sequence": row.tip,
                    "software_version": row.software_version,
                    "client": self._client(row.client, participant),
                    "started_at": row.started_at,
                    "last_seen_at": row.last_seen_at,
                    "ended_at": row.ended_at,
                    "archived_at": row.archived_at,
                }

    def _client(self, client: dict[str, Any], participant: str | None) -> Any:
        named = {"participant": participant} if "participant" in client else {}
        return self.names.translate({**client, **named})

    def edits(self) -> Iterator[Row]:
        """Edits; ``_mask`` and ``_removed`` are COCO run lengths, ``_picture`` whether its picture is included."""
        for part in in_parts(self.chosen.edits):
            tags = self._tags(EditTag, EditTag.edit_id, part)
            rows = select(EditNote.edit_id, EditNote.content).where(EditNote.edit_id.in_(part))
            notes: dict[int, str] = dict(self.transaction.execute(rows).all())
            query = (
                select(Edit, Session.image_id, Image.working_height, Image.working_width)
                .join(Session, Edit.session_id == Session.id)
                .join(Image, Session.image_id == Image.id)
            )
            for row, image, height, width in self._pairs(query, Edit.id, part):
                name = self.names.of("edits", row.id)
                yield {
                    "edit_id": name,
                    "session_id": self.names.of("sessions", row.session_id),
                    "parent_id": self.names.of("edits", row.parent_id),
                    "copied_from": self.names.reference(row.copied_from),
                    "sequence": row.sequence,
                    "operation": row.operation,
                    "method": row.method,
                    "parameters": row.parameters,
                    "mask_area": row.mask_area,
                    "removed_area": row.removed_area,
                    "mask_file": f"data/masks/{name}.png",
                    "result_sha256": row.result_blob,
                    "result_file": f"data/pictures/{name}.png" if image in self.pictures else None,
                    "client_started_ms": row.client_started_ms,
                    "client_ended_ms": row.client_ended_ms,
                    "duration_ms": row.duration_ms,
                    "tags": tags.get(row.id, []),
                    "note": notes.get(row.id),
                    "shapes": row.shapes,
                    "software_version": row.software_version,
                    "created_at": row.created_at,
                    "_image": self.names.of("images", image),
                    "_mask": rle.RLE(size=[height, width], counts=row.mask_counts),
                    "_removed": rle.RLE(size=[height, width], counts=row.removed_counts),
                }

    def predictions(self) -> Iterator[Row]:
        """Answers to pictures, then to edits; ``_probabilities`` (K,) float32."""
        place = 0
        for numbers, column in ((self.chosen.images, Prediction.image_id), (self.chosen.edits, Prediction.edit_id)):
            for part in in_parts(numbers):
                for row in self.transaction.scalars(
                    select(Prediction).where(column.in_(part)).order_by(column, Prediction.id)
                ):
                    place += 1
                    yield {
                        "prediction_id": f"Y{place}",
                        "image_id": self.names.of("images", row.image_id),
                        "edit_id": self.names.of("edits", row.edit_id),
                        "model_id": self.names.of("models", row.model_id),
                        "top_class_index": row.top_index,
                        "top_class": self.labels[row.model_id][row.top_index],
                        "top_probability": row.top_probability,
                        "latency_ms": row.latency_ms,
                        "created_at": row.created_at,
                        "_probabilities": unpack(row.probabilities),
                        "_labels": self.labels[row.model_id],
                    }
                self.transaction.expunge_all()

    def regions(self) -> Iterator[Row]:
        """Regions; ``_mask`` is COCO run lengths."""
        query = (
            select(Region, Image.working_height, Image.working_width, ClassName.index)
            .join(Image, Region.image_id == Image.id)
            .outerjoin(ClassName, Region.class_id == ClassName.id)
        )
        for row, height, width, index in self._pairs(query, Region.id, self.chosen.regions):
            name = self.names.of("regions", row.id)
            yield {
                "region_id": name,
                "region_kind": row.kind,
                "image_id": self.names.of("images", row.image_id),
                "edit_id": self.names.of("edits", row.edit_id),
                "session_id": self.names.of("sessions", row.session_id),
                "model_id": self.names.of("models", row.model_id),
                "class_name": row.class_name,
                "class_index": index,
                "region_name": row.name,
                "reason": row.reason,
                "author": row.author,
                "source": row.source,
                "confidence": row.confidence,
                "mask_area": row.mask_area,
                "agreement": row.agreement,
                "mask_file": f"data/masks/{name}.png",
                "parameters": self.names.translate(row.parameters),
                "shapes": row.shapes,
                "client_started_ms": row.client_started_ms,
                "client_ended_ms": row.client_ended_ms,
                "software_version": row.software_version,
                "created_at": row.created_at,
                "_mask": rle.RLE(size=[height, width], counts=row.mask_counts),
            }

    def outcomes(self) -> Iterator[Row]:
        """What each answer to an edit says beside the answer to the untouched picture, a number a row."""
        for part in in_parts(self.chosen.edits):
            query = select(Outcome).where(Outcome.edit_id.in_(part)).order_by(Outcome.edit_id, Outcome.prediction_id)
            for row in self.transaction.scalars(query):
                about = {
                    "edit_id": self.names.of("edits", row.edit_id),
                    "model_id": self.names.of("models", row.model_id),
                }
                yield about | {"metric": "probability_before", "value": row.probability_before}
                yield about | {"metric": "probability_after", "value": row.probability_after}
                yield about | {"metric": "change", "value": row.change}
                yield about | {"metric": "flipped", "value": None if row.flipped is None else float(row.flipped)}

    def events(self) -> Iterator[Row]:
        """Events of sessions, then of participants."""
        place = 0
        owned: tuple[tuple[Any, Any, Sequence[int], str, str], ...] = (
            (Event, Event.session_id, self.chosen.sessions, "sessions", "client_time_ms"),
            (ParticipantEvent, ParticipantEvent.participant_id, self.chosen.participants, "participants", "client_ms"),
        )
        for model, owner, numbers, table, clock in owned:
            for part in in_parts(numbers):
                for row in self.transaction.scalars(select(model).where(owner.in_(part)).order_by(owner, model.id)):
                    place += 1
                    silent = row.kind in FREE_TEXT_EVENTS and not self.choices.free_text
                    yield {
                        "event_id": self.names.own(row.public_id, "N", place),
                        owner.key: self.names.of(table, getattr(row, owner.key)),
                        "event_kind": row.kind,
                        "payload": {} if silent else self.names.translate(row.payload),
                        "client_ms": getattr(row, clock),
                        "created_at": row.created_at,
                    }


def top_rows(row: Row) -> Iterator[Row]:
    """The most probable classes of one answer."""
    probabilities, labels = row["_probabilities"], row["_labels"]
    highest = np.argsort(-probabilities, kind="stable")[:TOP]
    for rank, index in enumerate(map(int, highest), 1):
        yield {
            "prediction_id": row["prediction_id"],
            "rank": rank,
            "class_index": index,
            "class_name": labels[index],
            "probability": float(probabilities[index]),
        }
