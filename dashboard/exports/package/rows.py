"""The rows of a package's tables, read a part at a time: what is in memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.exports.package.choosing import Choices, Chosen, in_parts
from dashboard.exports.package.designs import free_questions, free_questions_of_trial, portable
from dashboard.exports.package.numbering import Names
from dashboard.studies.design import Design
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
    Tag,
)
from db.probabilities import unpack
from db.study_models import Participant, ParticipantEvent, Response, Study, StudyVersion, Trial

Row = dict[str, Any]
TOP = 5
# Steps whose answers belong to a trial, before its place.
OF_TRIALS = ("trial:", "questions:", "truth:")
# What these hold was typed by somebody.
FREE_TEXT_EVENTS = ("describe", "describe-region", "rename", "tag", "note", "flag", "exclude", "unflag", "include")
FORBIDDEN = ("all rights reserved", "not for redistribution", "no redistribution", "proprietary", "confidential")


def may_be_passed_on(licence: str | None) -> bool:
    """Whether a licence does not forbid it; one that is not known does not."""
    return not any(word in (licence or "").lower() for word in FORBIDDEN)


@dataclass
class Reader:
    """Reads what was chosen. ``pictures``: row numbers of the pictures whose pixels are in the package."""

    transaction: Transaction
    chosen: Chosen
    choices: Choices
    names: Names
    pictures: frozenset[int] = frozenset()
    label_sets: dict[int, str] = field(default_factory=dict)
    labels: dict[int, list[str]] = field(default_factory=dict)
    free_questions: dict[int, dict[str, frozenset[str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        models = select(Model).where(Model.id.in_(self.chosen.models)).order_by(Model.id)
        for row in self.transaction.scalars(models):
            self.label_sets.setdefault(row.label_set_id, f"L{len(self.label_sets) + 1}")
            self.labels[row.id] = row.label_set.labels
        if self.choices.pictures != "none":
            self.pictures = frozenset(self._free_pictures())
        versions = select(StudyVersion).where(StudyVersion.study_id.in_(self.chosen.studies))
        for version in self.transaction.scalars(versions):
            self.free_questions[version.id] = free_questions(Design.model_validate(version.design))

    def _free_pictures(self) -> Iterator[int]:
        for part in in_parts(self.chosen.images):
            rows = select(Image.id, Image.licence).where(Image.id.in_(part))
            for row, licence in self.transaction.execute(rows):
                if self.choices.pictures == "all" or may_be_passed_on(licence):
                    yield row

    def studies(self) -> Iterator[Row]:
        """Every version of each study's design."""
        query = (
            select(Study, StudyVersion)
            .join(StudyVersion, StudyVersion.study_id == Study.id)
            .where(Study.id.in_(self.chosen.studies))
            .order_by(Study.id, StudyVersion.number)
        )
        for study, version in self.transaction.execute(query):
            design = portable(self.transaction, Design.model_validate(version.design))
            yield {
                "study": study.slug,
                "study_version": version.number,
                "design_sha256": design.sha256,
                "design_file": design_file(study.slug, version.number),
                "quota": study.quota,
                "frozen_at": version.frozen_at,
                "created_at": version.created_at,
                "_design": design,
            }

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

    def participants(self) -> Iterator[Row]:
        """Participants; those who withdrew are a row without content."""
        query = (
            select(Participant, Study.slug, StudyVersion.number)
            .join(Study, Participant.study_id == Study.id)
            .join(StudyVersion, Participant.version_id == StudyVersion.id)
        )
        flagged = self.choices.excluded == "flagged"
        for row, slug, version in self._pairs(query, Participant.id, self.chosen.participants):
            yield {
                "participant_id": self.names.of("participants", row.id),
                "study": slug,
                "study_version": version,
                "condition": row.condition,
                "participant_state": row.state,
                "place": row.number,
                "seed": row.seed,
                "try_number": row.try_number,
                "language": row.language,
                "flagged": row.flag is not None,
                "excluded": row.excluded is not None if flagged else None,
                "flag_reason": row.flag,
                "exclusion_reason": row.excluded,
                "recruiter_id": row.external_id,
                "recruiter_parameters": row.parameters,
                "client": row.client,
                "started_at": row.started_at,
                "last_seen_at": row.seen_at,
                "ended_at": row.ended_at,
            }

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

    def trials(self) -> Iterator[Row]:
        """Planned trials, answered or not."""
        for row in self._rows(select(Trial), Trial.id, self.chosen.trials):
            plan = row.plan
            yield {
                "trial_id": self.names.of("trials", row.id),
                "participant_id": self.names.of("participants", row.participant_id),
                "session_id": self.names.of("sessions", row.session_id),
                "position": row.position,
                "block": plan["block"],
                "trial": plan["trial"],
                "trial_kind": plan["kind"],
                "practice": bool(plan.get("practice")),
                "image_id": self.names.of_public(plan["picture"]),
                "class_name": plan["class_name"],
                "model_key": plan["model"],
                "levels": plan["levels"],
                "plan": self.names.translate(plan),
                "shown_at": row.shown_at,
                "shown_client_ms": row.shown_client_ms,
                "first_input_client_ms": row.first_input_client_ms,
                "answered_at": row.answered_at,
                "answered_client_ms": row.answered_client_ms,
            }

    def _client(self, client: dict[str, Any], participant: str | None) -> Any:
        named = {"participant": participant} if "participant" in client else {}
        return self.names.translate({**client, **named})

    def responses(self) -> Iterator[Row]:
        """What participants answered; texts of their own only where they were asked for."""
        place = 0
        for part in in_parts(self.chosen.participants):
            free = self._free_questions(part)
            trials = self._trials_by_step(part)
            query = select(Response).where(Response.participant_id.in_(part)).order_by(Response.id)
            for row in self.transaction.scalars(query):
                trial = trials.get((row.participant_id, row.step))
                if trial is None and row.step.startswith(OF_TRIALS):
                    continue  # a trial that is not in the package
                place += 1
                hidden = free.get((row.participant_id, row.step), frozenset())
                answers = {name: None if name in hidden else value for name, value in row.answers.items()}
                yield {
                    "response_id": self.names.own(row.public_id, "A", place),
                    "participant_id": self.names.of("participants", row.participant_id),
                    "trial_id": trial,
                    "step": row.step,
                    "answers": self.names.translate(answers),
                    "client_ms": row.client_ms,
                    "created_at": row.created_at,
                }
            self.transaction.expunge_all()

    def _free_questions(self, people: Sequence[int]) -> dict[tuple[int, str], frozenset[str]]:
        """The questions whose answers are left out, by participant and step."""
        if self.choices.free_text:
            return {}
        found: dict[tuple[int, str], frozenset[str]] = {}
        for person, version in self.transaction.execute(
            select(Participant.id, Participant.version_id).where(Participant.id.in_(people))
        ):
            found |= {(person, step): keys for step, keys in self.free_questions[version].items()}
        plans = select(Trial.participant_id, Trial.position, Trial.plan).where(Trial.participant_id.in_(people))
        for person, position, plan in self.transaction.execute(plans):
            if keys := free_questions_of_trial(plan):
                found |= {(person, f"{kind}{position}"): keys for kind in OF_TRIALS}
        return found

    def _trials_by_step(self, people: Sequence[int]) -> dict[tuple[int, str], str | None]:
        rows = select(Trial.id, Trial.participant_id, Trial.position).where(Trial.participant_id.in_(people))
        return {
            (person, f"{kind}{position}"): self.names.of("trials", row)
            for row, person, position in self.transaction.execute(rows)
            for kind in OF_TRIALS
        }

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
                "region_source": row.source,
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

    def _rows(self, query: Any, key: Any, numbers: Any) -> Iterator[Any]:
        for part in in_parts(numbers):
            yield from self.transaction.scalars(query.where(key.in_(part)).order_by(key))
            self.transaction.expunge_all()

    def _pairs(self, query: Any, key: Any, numbers: Any) -> Iterator[Any]:
        for part in in_parts(numbers):
            yield from self.transaction.execute(query.where(key.in_(part)).order_by(key))
            self.transaction.expunge_all()

    def _tags(self, table: Any, key: Any, part: Any) -> dict[int, list[str]]:
        query = select(key, Tag.name).join(Tag, Tag.id == table.tag_id).where(key.in_(part)).order_by(key, Tag.name)
        found: dict[int, list[str]] = {}
        for row, name in self.transaction.execute(query):
            found.setdefault(row, []).append(name)
        return found


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


def design_file(slug: str, version: int) -> str:
    """Where a design lies in a package."""
    return f"materials/studies/{slug}_v{version}.yaml"
