"""The rows of a package that is read in that are about studies: designs, participants, trials, responses."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from sqlalchemy import select

from dashboard.exports.package.cells import PackageError
from dashboard.exports.package.columns import WITHOUT_REASON
from dashboard.exports.package.designs import portable
from dashboard.exports.package.keeping_rows import KeepingRows, Row
from dashboard.recording.ids import new_id
from dashboard.studies.design import Design
from dashboard.studies.leaving import WITHDRAWN
from db.study_models import Participant, Response, Study, StudyVersion, Trial


@dataclass
class StudiesIn(KeepingRows):
    """Reads what belongs to studies; ``versions`` are the row numbers of study and version, by slug and number."""

    versions: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)

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
        design = self.package.design(row["design_file"])
        if design.sha256 != row["design_sha256"] or design.slug != row["study"]:
            raise PackageError(f"{row['design_file']} is another design than the tables say.")
        return design

    def _is_same(self, study: Study, designs: list[Design]) -> bool:
        kept = select(StudyVersion).filter_by(study_id=study.id).order_by(StudyVersion.number)
        here = [Design.model_validate(version.design) for version in self.transaction.scalars(kept)]
        shas = [portable(self.transaction, design).sha256 for design in here]
        return shas == [design.model_copy(update={"slug": study.slug}).sha256 for design in designs]

    def _participants(self) -> None:
        for row in self.package.rows("participants"):
            study, version = self.versions[row["study"], row["study_version"]]
            public_id = self.ids[row["participant_id"]]
            hidden = hashlib.sha256(f"imported {public_id}".encode()).hexdigest()
            self._refuse_withdrawn(row)
            is_known = self._is_known(row, study)
            columns = ("condition", "seed", "try_number", "language", "started_at", "ended_at")
            before = self.done.added.get("participants", 0)
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
            self.done.again += is_known and self.done.added.get("participants", 0) > before

    def _refuse_withdrawn(self, row: Row) -> None:
        """What somebody took back does not return with a package that was written before she did."""
        same = {"seed": row["seed"], "started_at": row["started_at"], "state": WITHDRAWN}
        if row["participant_state"] == WITHDRAWN:
            return
        if self.transaction.scalar(select(Participant.id).filter_by(**same).limit(1)) is not None:
            name = row["participant_id"]
            raise PackageError(f"{name} has withdrawn here since this package was written. Export the study anew.")

    def _is_known(self, row: Row, study: int) -> bool:
        """Whether somebody who began at the same moment with the same orders is in the study already."""
        same = {"study_id": study, "seed": row["seed"], "started_at": row["started_at"]}
        return self.transaction.scalar(select(Participant.id).filter_by(**same).limit(1)) is not None

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
