"""The rows of a package that is read in, table by table, within one transaction that computes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from dashboard.exports.package.cells import PackageError
from dashboard.exports.package.keeping_rows import KEYED, Row
from dashboard.exports.package.put_on_figures import keep_annotated
from dashboard.exports.package.studies_in import StudiesIn
from db import models
from db.outcomes import complete_outcomes, record_outcomes
from db.probabilities import pack
from db.regions import recount
from db.study_models import ParticipantEvent

AT_ONCE = 200
TABLES = 13


@dataclass
class RowsIn(StudiesIn):
    """Reads the tables within one transaction."""

    labels: dict[str, list[str]] = field(default_factory=dict)
    label_sets: dict[str, int] = field(default_factory=dict)
    classes: dict[tuple[str, int], int] = field(default_factory=dict)
    changed: dict[int, None] = field(default_factory=dict)

    def everything(self) -> None:
        """Table by table; each refers to earlier ones."""
        for table, key in KEYED:
            for row in self.package.rows(table):
                self.ids.setdefault(row[key], self._new_id(row, table))
        for read_table in (
            self._images, self._label_sets, self._models, self._studies, self._participants, self._sessions,
            self._trials, self._responses, self._edits, self._predictions, self._regions, self._events,
            lambda: keep_annotated(self),
        ):  # fmt: skip
            read_table()
            self.transaction.flush()
            self.step()
        for session in self.changed:
            edits = list(self.transaction.scalars(select(models.Edit.id).where(models.Edit.session_id == session)))
            recount(self.transaction, session, edits)

    def _images(self) -> None:
        columns = ("pixels_sha256", "source", "licence", "true_label", "width", "height", "created_at")
        for row in self.package.rows("images"):
            name = row["image_id"]
            query = select(models.Image).where(models.Image.pixels_sha256 == row["pixels_sha256"])
            known = self.transaction.scalar(query)
            if known is not None:
                if (known.working_height, known.working_width) != self.files.sizes[name]:
                    raise PackageError(f"{name} has a working copy of another size here.")
                self.ids[name] = known.public_id
                self.rows.setdefault("images", {})[name] = known.id
                self.done.count("images", False)
                continue
            self.files.keep(row["original_sha256"], row["original_file"])
            self.files.keep(row["working_sha256"], row["working_file"])
            self._keep(
                "images",
                name,
                models.Image,
                self.ids[name],
                **{column: row[column] for column in columns},
                name=row["image_name"] or "",
                image_set=row["image_set"] or "",
                original_blob=row["original_sha256"],
                working_blob=row["working_sha256"],
                working_width=row["working_width"],
                working_height=row["working_height"],
            )

    def _label_sets(self) -> None:
        labels: dict[str, list[str]] = {}
        for row in self.package.rows("classes"):
            found = labels.setdefault(row["label_set"], [])
            if row["class_index"] != len(found):
                raise PackageError(f"The classes of {row['label_set']} are not in order.")
            found.append(row["class_name"] or "")
        self.labels = labels
        for name, found in labels.items():
            sha256 = hashlib.sha256("\n".join(found).encode()).hexdigest()
            number = self.transaction.scalar(select(models.LabelSet.id).filter_by(sha256=sha256))
            if number is None:
                label_set = models.LabelSet(sha256=sha256, labels=found)
                self.transaction.add(label_set)
                self.transaction.flush()
                number = label_set.id
                self.transaction.add_all(
                    models.ClassName(label_set_id=number, index=index, name=label) for index, label in enumerate(found)
                )
                self.transaction.flush()
            self.label_sets[name] = number
            rows = select(models.ClassName.index, models.ClassName.id).filter_by(label_set_id=number)
            self.classes |= {(name, index): row for index, row in self.transaction.execute(rows)}

    def _models(self) -> None:
        for row in self.package.rows("models"):
            identity = {
                "key": row["model_key"],
                "weights_sha256": row["weights_sha256"],
                "engine": row["engine"],
                "engine_version": row["engine_version"],
                "preprocessing_sha256": row["preprocessing_sha256"],
            }
            number = self.transaction.scalar(select(models.Model.id).filter_by(**identity))
            self.done.count("models", number is None)
            if number is None:
                model = models.Model(
                    **identity,
                    label=row["model_name"] or row["model_key"],
                    family=row["family"] or "",
                    preprocessing=row["preprocessing"],
                    input_width=row["input_width"],
                    input_height=row["input_height"],
                    label_set_id=self.label_sets[row["label_set"]],
                )
                self.transaction.add(model)
                self.transaction.flush()
                number = model.id
            self.rows.setdefault("models", {})[row["model_id"]] = number
            self.rows.setdefault("label sets", {})[row["model_id"]] = self.label_sets[row["label_set"]]

    def _sessions(self) -> None:
        for row in self.package.rows("sessions"):
            label = row["study_label"] or ""
            client, person = self._restored(row["client"] or {}), row["person"] or ""
            if row["participant_id"] is not None:
                # Studies say by the row's number who worked.
                person = f"P{self._number('participants', row['participant_id'])}"
                client |= {"participant": person} if "participant" in client else {}
            number = self._keep(
                "sessions",
                row["session_id"],
                models.Session,
                self.ids[row["session_id"]],
                image_id=self._number("images", row["image_id"]),
                head=row["head_sequence"],
                tip=row["tip_sequence"],
                name=row["session_name"] or "",
                notes=row["session_notes"] or "",
                person=person,
                study=self.done.studies.get(label, label),
                client=client,
                **{name: row[name] for name in ("started_at", "last_seen_at", "ended_at", "archived_at")},
                software_version=row["software_version"],
            )
            self.changed[number] = None
            self._tag(models.SessionTag, "session_id", number, row["tags"])

    def _tag(self, table: Any, key: str, number: int, tags: list[str] | None) -> None:
        for name in tags or ():
            tag = self.transaction.scalar(select(models.Tag).filter_by(name=name))
            if tag is None:
                tag = models.Tag(name=name)
                self.transaction.add(tag)
                self.transaction.flush()
            if self.transaction.get(table, {key: number, "tag_id": tag.id}) is None:
                self.transaction.add(table(**{key: number, "tag_id": tag.id}))

    def _edits(self) -> None:
        for row in self.package.rows("edits"):
            self.files.keep(row["result_sha256"], row["result_file"])
            drawn = self.files.edits[row["edit_id"]]
            public_id = self.ids[row["edit_id"]]
            copied = row["copied_from"]
            columns = ("sequence", "operation", "method", "mask_area", "removed_area", "client_started_ms",
                       "client_ended_ms", "duration_ms", "software_version", "created_at")  # fmt: skip
            number = self._keep(
                "edits",
                row["edit_id"],
                models.Edit,
                public_id,
                **{column: row[column] for column in columns},
                session_id=self._number("sessions", row["session_id"]),
                parent_id=self._number("edits", row["parent_id"]),
                copied_from=self.id_of(copied) if copied else None,
                request_sha256=hashlib.sha256(f"imported {public_id}".encode()).hexdigest(),
                parameters=row["parameters"] or {},
                shapes=row["shapes"] or [],
                mask_counts=drawn.mask,
                removed_counts=drawn.removed,
                result_blob=row["result_sha256"],
            )
            self._tag(models.EditTag, "edit_id", number, row["tags"])
            if row["note"] and self.transaction.get(models.EditNote, number) is None:
                self.transaction.add(models.EditNote(edit_id=number, content=row["note"]))

    def _predictions(self) -> None:
        lengths = {row["model_id"]: len(self.labels[row["label_set"]]) for row in self.package.rows("models")}
        for part in _in_parts(self.package.answers()):
            kept = []
            for row, probabilities in part:
                if len(probabilities) != lengths[row["model_id"]]:
                    raise PackageError(f"{row['prediction_id']} has another number of classes than its model.")
                about = {
                    "model_id": self._number("models", row["model_id"]),
                    "image_id": self._number("images", row["image_id"]),
                    "edit_id": self._number("edits", row["edit_id"]),
                }
                is_new = self.transaction.scalar(select(models.Prediction.id).filter_by(**about)) is None
                self.done.count("predictions", is_new)
                if is_new:
                    kept.append(_prediction(row, probabilities, about))
            self.transaction.add_all(kept)
            self.transaction.flush()
            for one in kept:
                if one.image_id is not None:
                    # Edits of this picture that are here may have waited for the answer.
                    complete_outcomes(self.transaction, one.image_id, one.model_id)
            record_outcomes(self.transaction, [one.id for one in kept if one.edit_id is not None])

    def _regions(self) -> None:
        columns = ("confidence", "mask_area", "agreement", "client_started_ms", "client_ended_ms", "software_version",
                   "created_at")  # fmt: skip
        sets = {row["model_id"]: row["label_set"] for row in self.package.rows("models")}
        for row in self.package.rows("regions"):
            index, model = row["class_index"], row["model_id"]
            if index is not None and model is not None and (sets[model], index) not in self.classes:
                raise PackageError(f"The class of {row['region_id']} is none of its model's.")
            public_id = self.ids[row["region_id"]]
            self._keep(
                "regions",
                row["region_id"],
                models.Region,
                public_id,
                **{column: row[column] for column in columns},
                request_sha256=hashlib.sha256(f"imported {public_id}".encode()).hexdigest(),
                kind=row["region_kind"],
                image_id=self._number("images", row["image_id"]),
                edit_id=self._number("edits", row["edit_id"]),
                session_id=self._number("sessions", row["session_id"]),
                model_id=self._number("models", model),
                class_id=self._class(row, sets.get(model)),
                class_name=row["class_name"] or "",
                name=row["region_name"] or "",
                reason=row["reason"] or "",
                author=row["author"] or "",
                source=row["source"] or "",
                parameters=self._restored(row["parameters"] or {}),
                shapes=row["shapes"] or [],
                mask_counts=self.files.regions[row["region_id"]],
            )

    def _class(self, row: Row, label_set: str | None) -> int | None:
        """The class's row: of the model's label set, or of the first that has this class at this place."""
        index, name = row["class_index"], row["class_name"]
        if index is None:
            return None
        if label_set is None:
            has = (one for one, labels in self.labels.items() if index < len(labels) and labels[index] == name)
            label_set = next(has, None)
        return None if label_set is None else self.classes[label_set, index]

    def _events(self) -> None:
        for row in self.package.rows("events"):
            of_session = row["session_id"] is not None
            common = {
                "kind": row["event_kind"],
                "payload": self._restored(row["payload"] or {}),
                "created_at": row["created_at"],
            }
            public_id = self._own_id(row["event_id"])
            if of_session:
                owner = {"session_id": self._number("sessions", row["session_id"]), "client_time_ms": row["client_ms"]}
            else:
                person = self._number("participants", row["participant_id"])
                owner = {"participant_id": person, "client_ms": row["client_ms"]}
            self._keep(
                "events",
                row["event_id"],
                models.Event if of_session else ParticipantEvent,
                public_id,
                **common,
                **owner,
            )


def _prediction(row: Row, probabilities: NDArray[np.float32], about: dict[str, int | None]) -> models.Prediction:
    return models.Prediction(
        **about,
        probabilities=pack(probabilities),
        top_index=row["top_class_index"],
        top_probability=row["top_probability"],
        latency_ms=row["latency_ms"],
        created_at=row["created_at"],
    )


def _in_parts(rows: Iterable[Any]) -> Iterator[list[Any]]:
    part: list[Any] = []
    for row in rows:
        part.append(row)
        if len(part) == AT_ONCE:
            yield part
            part = []
    yield part
