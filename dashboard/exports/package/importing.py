"""Reading a package into an installation, empty or not: all of it, or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.exports.package import manifest
from dashboard.exports.package.cells import PackageError
from dashboard.exports.package.folder import PackageFolder
from dashboard.exports.package.numbering import restore
from dashboard.recording.files import FILES
from dashboard.recording.ids import RequestError, new_id, parse_id
from dashboard.recording.workspace import Workspace
from dashboard.studies.design import Design
from dashboard.studies.design_yaml import from_yaml
from dashboard.studies.results.rows import read
from dashboard.studies.results.working_out import keep_measured, marks
from dashboard.vision import rle
from dashboard.vision.errors import PictureError, RegionscopeError
from dashboard.vision.images import decode_png, pixel_hash
from db import models
from db.engine import share
from db.errors import NotFoundError
from db.outcomes import record_outcomes
from db.probabilities import pack
from db.regions import recount
from db.study_models import Participant, ParticipantEvent, Response, Study, StudyVersion, Trial

Row = dict[str, Any]
Progress = Callable[[int, int], None]
AT_ONCE = 200
WITHOUT_REASON = "The package does not say why."
KEYED = (("images", "image_id"), ("participants", "participant_id"), ("sessions", "session_id"),
         ("trials", "trial_id"), ("edits", "edit_id"), ("regions", "region_id"))  # fmt: skip


@dataclass
class Imported:
    """How many rows were added by table, and how many were there already; the studies by their names here."""

    added: dict[str, int] = field(default_factory=dict)
    there: dict[str, int] = field(default_factory=dict)
    studies: dict[str, str] = field(default_factory=dict)

    def count(self, table: str, is_new: bool) -> None:
        """One row more."""
        counts = self.added if is_new else self.there
        counts[table] = counts.get(table, 0) + 1


def import_package(
    workspace: Workspace, folder: Path, *, keep_ids: bool = False, progress: Progress = lambda _done, _total: None
) -> Imported:
    """Reads a package. ``keep_ids``: what has the same id here already is left as it is.

    Raises PackageError for a package that was changed, is incomplete or cannot be kept; then nothing was.
    """
    wrong = next(manifest.differences(folder), None)
    if wrong:
        raise PackageError(f"This is not the package that was written: {wrong}")
    package = PackageFolder(folder)
    with workspace.database.write() as transaction:
        share(transaction, FILES)
        importing = _Import(workspace, transaction, package, keep_ids, progress)
        importing.everything()
    _keep_worked_out(workspace, importing)
    return importing.done


@dataclass
class _Import:
    workspace: Workspace
    transaction: Transaction
    package: PackageFolder
    keep_ids: bool
    progress: Progress
    done: Imported = field(default_factory=Imported)
    ids: dict[str, str] = field(default_factory=dict)
    rows: dict[str, dict[str, int]] = field(default_factory=dict)
    classes: dict[tuple[str, int], int] = field(default_factory=dict)
    label_sets: dict[str, int] = field(default_factory=dict)
    versions: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    changed: dict[int, None] = field(default_factory=dict)
    steps: int = 0

    def everything(self) -> None:
        """Table by table; each refers to earlier ones."""
        for table, key in KEYED:
            for row in self.package.rows(table):
                self.ids.setdefault(row[key], self._new_id(row, table))
        for read_table in (
            self._images, self._label_sets, self._models, self._studies, self._participants, self._sessions,
            self._trials, self._responses, self._edits, self._predictions, self._regions, self._events,
        ):  # fmt: skip
            read_table()
            self.transaction.flush()
            self.steps += 1
            self.progress(self.steps, 13)
        for session in self.changed:
            edits = list(self.transaction.scalars(select(models.Edit.id).where(models.Edit.session_id == session)))
            recount(self.transaction, session, edits)

    def _new_id(self, row: Row, table: str) -> str:
        if self.keep_ids:
            key = next(key for name, key in KEYED if name == table)
            try:
                return parse_id(row[key], table)
            except RequestError:
                raise PackageError("This package was not exported with its ids, so they cannot be kept.") from None
        # A trial and its session have one id.
        return self.ids[row["session_id"]] if table == "trials" and row["session_id"] else new_id()

    def _keep(self, table: str, name: str, model: Any, public_id: str, /, **values: Any) -> int:
        """The row number of what has this id, made where it is new."""
        known = self.transaction.scalar(select(model.id).where(model.public_id == public_id))
        self.done.count(table, known is None)
        if known is None:
            row = model(public_id=public_id, **values)
            self.transaction.add(row)
            self.transaction.flush()
            known = row.id
            self.transaction.expunge(row)
        self.rows.setdefault(table, {})[name] = known
        return int(known)

    def _number(self, table: str, name: str | None) -> int | None:
        if name is None:
            return None
        try:
            return self.rows[table][name]
        except KeyError:
            raise PackageError(f"{name!r} is in no row of {table}.") from None

    def _restored(self, value: Any) -> Any:
        return restore(value, self.ids)

    def _file(self, sha256: str, name: str | None) -> None:
        """Keeps a picture's file under its checksum."""
        if sha256 in self.workspace.blobs:
            return
        if name is None:
            raise PackageError("The package holds hashes instead of pictures, so it can be read but not worked with.")
        data = self.package.bytes(name)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise PackageError(f"{name} is another picture than the tables say.")
        self.workspace.blobs.put(data)

    def _images(self) -> None:
        for row in self.package.rows("images"):
            name = row["image_id"]
            self.sizes[name] = row["working_height"], row["working_width"]
            query = select(models.Image).where(models.Image.pixels_sha256 == row["pixels_sha256"])
            known = self.transaction.scalar(query)
            if known is not None:
                if (known.working_height, known.working_width) != self.sizes[name]:
                    raise PackageError(f"{name} has a working copy of another size here.")
                self.ids[name] = known.public_id
                self.rows.setdefault("images", {})[name] = known.id
                self.done.count("images", False)
                continue
            self._file(row["original_sha256"], row["original_file"])
            self._file(row["working_sha256"], row["working_file"])
            self._check_picture(row)
            columns = ("pixels_sha256", "source", "licence", "true_label", "width", "height", "created_at")
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

    def _check_picture(self, row: Row) -> None:
        try:
            pixels = decode_png(self.workspace.blobs.get(row["original_sha256"]))
            working = decode_png(self.workspace.blobs.get(row["working_sha256"]))
        except PictureError as error:
            raise PackageError(f"The picture {row['image_id']} cannot be read.") from error
        if pixel_hash(pixels) != row["pixels_sha256"] or working.shape[:2] != self.sizes[row["image_id"]]:
            raise PackageError(f"The picture {row['image_id']} has other pixels than the tables say.")

    def _label_sets(self) -> None:
        labels: dict[str, list[str]] = {}
        for row in self.package.rows("classes"):
            found = labels.setdefault(row["label_set"], [])
            if row["class_index"] != len(found):
                raise PackageError(f"The classes of {row['label_set']} are not in order.")
            found.append(row["class_name"] or "")
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
                    label=row["model_name"],
                    family=row["family"],
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

    def _studies(self) -> None:
        by_slug: dict[str, list[Row]] = {}
        for row in self.package.rows("studies"):
            by_slug.setdefault(row["study"], []).append(row)
        for slug, rows in by_slug.items():
            self._study(slug, sorted(rows, key=lambda row: int(row["study_version"])))

    def _study(self, slug: str, rows: list[Row]) -> None:
        """Joins the study of the same designs that is here already, else adds it under a name that is free."""
        designs = [self._design(row) for row in rows]
        here, number = slug, 1
        while True:
            study = self.transaction.scalar(select(Study).filter_by(slug=here))
            if study is None:
                break
            if self._is_same(study, designs):
                self.done.count("studies", False)
                break
            number += 1
            here = f"{slug[:58]}-{number}"
        if study is None:
            study = Study(
                public_id=new_id(), slug=here, state="closed", version=len(rows), quota=rows[-1]["quota"],
                created_at=rows[0]["created_at"],
            )  # fmt: skip
            self.transaction.add(study)
            self.transaction.flush()
            for row, design in zip(rows, designs, strict=True):
                renamed = design.model_copy(update={"slug": here})
                self.transaction.add(
                    StudyVersion(
                        study_id=study.id,
                        number=row["study_version"],
                        design=renamed.model_dump(mode="json", by_alias=True),
                        sha256=renamed.sha256,
                        frozen_at=row["frozen_at"],
                        created_at=row["created_at"],
                    )
                )
            self.transaction.flush()
            self.done.count("studies", True)
        self.done.studies[slug] = here
        versions = select(StudyVersion.number, StudyVersion.id).filter_by(study_id=study.id)
        self.versions |= {(slug, number): (study.id, row) for number, row in self.transaction.execute(versions)}

    def _design(self, row: Row) -> Design:
        design = from_yaml(self.package.bytes(row["design_file"]).decode("utf-8", "replace"))
        if design.sha256 != row["design_sha256"] or design.slug != row["study"]:
            raise PackageError(f"{row['design_file']} is another design than the tables say.")
        return design

    def _is_same(self, study: Study, designs: list[Design]) -> bool:
        kept = select(StudyVersion).filter_by(study_id=study.id).order_by(StudyVersion.number)
        shas = [version.sha256 for version in self.transaction.scalars(kept)]
        return shas == [design.model_copy(update={"slug": study.slug}).sha256 for design in designs]

    def _participants(self) -> None:
        for row in self.package.rows("participants"):
            study, version = self.versions[row["study"], row["study_version"]]
            public_id = self.ids[row["participant_id"]]
            hidden = hashlib.sha256(f"imported {public_id}".encode()).hexdigest()
            columns = ("condition", "seed", "try_number", "language", "started_at", "ended_at")
            self._keep(
                "participants",
                row["participant_id"],
                Participant,
                public_id,
                **{column: row[column] for column in columns},
                study_id=study,
                version_id=version,
                entry=hidden,
                visitor=hidden,
                external_id=row["recruiter_id"],
                parameters=row["recruiter_parameters"] or {},
                preview=False,
                state=row["participant_state"],
                number=row["place"],
                client=row["client"] or {},
                flag=(row["flag_reason"] or WITHOUT_REASON) if row["flagged"] else None,
                excluded=(row["exclusion_reason"] or WITHOUT_REASON) if row["excluded"] else None,
                seen_at=row["last_seen_at"],
            )

    def _sessions(self) -> None:
        for row in self.package.rows("sessions"):
            label = row["study_label"] or ""
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
                person=row["person"] or "",
                study=self.done.studies.get(label, label),
                client=self._restored(row["client"] or {}),
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

    def _trials(self) -> None:
        times = ("shown_at", "shown_client_ms", "first_input_client_ms", "answered_at", "answered_client_ms")
        for row in self.package.rows("trials"):
            self._keep(
                "trials",
                row["trial_id"],
                Trial,
                self.ids[row["trial_id"]],
                participant_id=self._number("participants", row["participant_id"]),
                position=row["position"],
                plan=self._restored(row["plan"]),
                session_id=self._number("sessions", row["session_id"]),
                **{name: row[name] for name in times},
            )

    def _responses(self) -> None:
        for row in self.package.rows("responses"):
            public_id = self._own_id(row["response_id"])
            self._keep(
                "responses",
                row["response_id"],
                Response,
                public_id,
                request_sha256=hashlib.sha256(f"imported {public_id}".encode()).hexdigest(),
                participant_id=self._number("participants", row["participant_id"]),
                step=row["step"],
                answers=self._restored(row["answers"] or {}),
                client_ms=row["client_ms"],
                created_at=row["created_at"],
            )

    def _own_id(self, name: str) -> str:
        return parse_id(name, "row") if self.keep_ids else new_id()

    def _edits(self) -> None:
        images: dict[str, str] = {row["session_id"]: row["image_id"] for row in self.package.rows("sessions")}
        for row in self.package.rows("edits"):
            self._file(row["result_sha256"], row["result_file"])
            mask = self.package.mask(row["mask_file"])
            if mask.shape != self.sizes[images[row["session_id"]]]:
                raise PackageError(f"The mask of {row['edit_id']} has another size than its picture.")
            parent = self._number("edits", row["parent_id"])
            removed = rle.encode(~mask if row["operation"] == "keep" else mask)
            if parent is not None:
                counts = self.transaction.scalars(select(models.Edit.removed_counts).filter_by(id=parent)).one()
                removed = rle.union(cast(rle.RLE, {"size": list(mask.shape), "counts": counts}), removed)
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
                parent_id=parent,
                copied_from=self.ids.get(copied, copied) if copied else None,
                request_sha256=hashlib.sha256(f"imported {public_id}".encode()).hexdigest(),
                parameters=row["parameters"] or {},
                shapes=row["shapes"] or [],
                mask_counts=rle.encode(mask)["counts"],
                removed_counts=removed["counts"],
                result_blob=row["result_sha256"],
            )
            self._tag(models.EditTag, "edit_id", number, row["tags"])
            if row["note"] and self.transaction.get(models.EditNote, number) is None:
                self.transaction.add(models.EditNote(edit_id=number, content=row["note"]))

    def _predictions(self) -> None:
        answers = zip(self.package.rows("predictions"), self.package.probabilities(), strict=True)
        for part in _in_parts(answers):
            kept = []
            for row, (name, probabilities) in part:
                if row["prediction_id"] != name:
                    raise PackageError("data/probabilities.parquet is not in the order of the predictions.")
                about = {
                    "model_id": self._number("models", row["model_id"]),
                    "image_id": self._number("images", row["image_id"]),
                    "edit_id": self._number("edits", row["edit_id"]),
                }
                if self.transaction.scalar(select(models.Prediction.id).filter_by(**about)) is not None:
                    self.done.count("predictions", False)
                    continue
                prediction = models.Prediction(
                    **about,
                    probabilities=pack(probabilities),
                    top_index=row["top_class_index"],
                    top_probability=row["top_probability"],
                    latency_ms=row["latency_ms"],
                    created_at=row["created_at"],
                )
                self.transaction.add(prediction)
                kept.append(prediction)
                self.done.count("predictions", True)
            self.transaction.flush()
            record_outcomes(self.transaction, [one.id for one in kept if one.edit_id is not None])

    def _regions(self) -> None:
        columns = ("confidence", "mask_area", "agreement", "client_started_ms", "client_ended_ms", "software_version",
                   "created_at")  # fmt: skip
        sets = {row["model_id"]: row["label_set"] for row in self.package.rows("models")}
        for row in self.package.rows("regions"):
            mask = self.package.mask(row["mask_file"])
            if mask.shape != self.sizes[row["image_id"]]:
                raise PackageError(f"The mask of {row['region_id']} has another size than its picture.")
            index, model = row["class_index"], row["model_id"]
            known = index is not None and model is not None
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
                class_id=self.classes[sets[model], index] if known else None,
                class_name=row["class_name"] or "",
                name=row["region_name"] or "",
                reason=row["reason"] or "",
                author=row["author"] or "",
                source=row["source"] or "",
                parameters=self._restored(row["parameters"] or {}),
                shapes=row["shapes"] or [],
                mask_counts=rle.encode(mask)["counts"],
            )

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


def _in_parts(rows: Iterable[Any]) -> Iterator[list[Any]]:
    part: list[Any] = []
    for row in rows:
        part.append(row)
        if len(part) == AT_ONCE:
            yield part
            part = []
    yield part


def _keep_worked_out(workspace: Workspace, importing: _Import) -> None:
    """Keeps what was worked out for regions, where the same models are here; else it is worked out again."""
    found: dict[tuple[str, str], Row] = {}
    keys = {row["model_id"]: row["model_key"] for row in importing.package.rows("models")}
    for row in importing.package.rows("metrics"):
        if row["region_id"] is not None:
            about = importing.ids[row["region_id"]], keys[row["model_id"]]
            found.setdefault(about, {})[row["metric"]] = row["word"] if row["word"] is not None else row["value"]
    for slug in importing.done.studies.values():
        try:
            every = marks(read(workspace, slug))
        except NotFoundError:
            continue
        for one in every:
            if (one.region, one.model) in found:
                try:
                    keep_measured(workspace, one, found[one.region, one.model])
                except RegionscopeError:
                    continue  # the model is not here
