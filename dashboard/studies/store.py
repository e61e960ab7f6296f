"""Studies as they are kept: drafted, checked, opened, paused, closed; a design is frozen by opening it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Transaction

from dashboard.recording.ids import new_id
from dashboard.recording.workspace import Workspace
from dashboard.studies import attention
from dashboard.studies.check import check
from dashboard.studies.check_trials import variants
from dashboard.studies.design import Design
from dashboard.studies.errors import StudyError
from dashboard.studies.findings import Available, Finding
from dashboard.studies.library import picture_called, pictures_of_sets, with_settled_sets
from dashboard.studies.trials import MarkTrial
from dashboard.vision.explain import EXPLANATIONS
from dashboard.vision.inpainting import METHODS, unavailable_reason
from db import participants
from db.engine import hold
from db.errors import ConflictError
from db.study_models import Participant, Study, StudyVersion
from db.types import utc_now

State = Literal["draft", "open", "paused", "closed"]
LARGEST_QUOTA = 10_000
# What a study can become from what it is.
_LEADS_TO: dict[str, tuple[str, ...]] = {
    "draft": ("open",),
    "open": ("paused", "closed"),
    "paused": ("open", "closed"),
    "closed": ("open",),
}


@dataclass(frozen=True)
class StudyRecord:
    """A study with its newest design; ``people`` counts participants by state, previews left out."""

    slug: str
    state: str
    version: int
    quota: int
    design: Design
    people: dict[str, int]
    created_at: datetime


def available(workspace: Workspace, design: Design) -> Available:
    """What there is here of what a design may name."""
    network = workspace.settings.inpainting_network
    models = {entry.key for entry in workspace.catalogue.entries() if not entry.unavailable}
    pages = {page.picture for page in design.instructions if page.picture is not None}
    with workspace.database.read() as transaction:
        library = pictures_of_sets(transaction, design)
        pictures = {name for name in pages if picture_called(transaction, name)}
    return Available(
        models=models,
        methods={method.key for method in METHODS if unavailable_reason(method.key, network) is None},
        explanations={method.key for method in EXPLANATIONS},
        library=library,
        pictures=pictures,
        classes={key: workspace.catalogue.load(key).card.labels for key in _named_classes(design) & models},
    )


def _named_classes(design: Design) -> set[str]:
    """The models of which the design names a class."""
    marks = [one.trial for one in variants(design) if isinstance(one.trial, MarkTrial) and one.trial.of == "class"]
    return {trial.model or design.models[0] for trial in marks}


def findings(workspace: Workspace, design: Design) -> list[Finding]:
    """What is wrong or unwise in a design here, errors first."""
    found = check(design, available(workspace, design))
    with workspace.database.read() as transaction:
        found += attention.findings(transaction, design)
    return sorted(found, key=lambda finding: finding.level != "error")


def save(workspace: Workspace, design: Design, instead_of: str | None = None) -> StudyRecord:
    """Keeps a design under its slug: as a new draft, in a draft's place, or as the next version of what
    is frozen or was previewed.

    The same design again changes nothing. Participants keep the version that they began with. ``instead_of`` is the
    sha256 of the design that was changed, "" for a new study: raises ConflictError where there is another one by now.
    Raises StudyError for a design that could not be opened where participants would get it at once.
    """
    _check_usable(workspace, design)
    with workspace.database.write() as transaction:
        hold(transaction, f"study {design.slug}")
        # Held: nobody enters, and be it a preview, with a draft that becomes another one.
        study = participants.find_study(transaction, design.slug, locked=True)
        if instead_of is not None:
            _check_unchanged(transaction, study, design, instead_of)
        if study is None:
            study = Study(public_id=new_id(), slug=design.slug, version=0, quota=design.quota)
            transaction.add(study)
            transaction.flush()
        _keep_version(transaction, study, design)
        study.changed_at = utc_now()
        transaction.flush()
        return record_of(transaction, study)


def _check_usable(workspace: Workspace, design: Design) -> None:
    with workspace.database.read() as transaction:
        study = participants.find_study(transaction, design.slug)
        is_draft = study is None or study.state == "draft"
    if not is_draft:
        _check_errors(workspace, design, "The study is not a draft any more, and this version could not be opened")


def _check_errors(workspace: Workspace, design: Design, words: str) -> None:
    wrong = [one for one in findings(workspace, design) if one.level == "error"]
    if wrong:
        raise StudyError(f"{words}: {wrong[0].place}: {wrong[0].sentence}")


def _check_unchanged(transaction: Transaction, study: Study | None, design: Design, instead_of: str) -> None:
    newest = participants.newest_version(transaction, study) if study else None
    if newest is None or newest.sha256 in (instead_of, design.sha256):
        return
    if not instead_of:
        raise ConflictError("There is a study at this address already. Choose another address.")
    raise ConflictError("Somebody else has changed this study meanwhile. Copy your text (As YAML), then load it again.")


def _keep_version(transaction: Transaction, study: Study, design: Design) -> None:
    newest = participants.newest_version(transaction, study) if study.version else None
    if study.state != "draft":
        # A change to an open study is for those who enter from now on, so it is frozen at once.
        design = _settled(transaction, design)
    if newest is not None and newest.sha256 == design.sha256:
        return
    if newest is None or newest.design["quota"] != design.quota:
        # Where the design asks for as many as before, a quota that was extended meanwhile stays.
        study.quota = design.quota
    # A preview in another tab goes on with the draft that it began with.
    if newest is None or newest.frozen_at is not None or participants.is_taken(transaction, newest):
        study.version += 1
        newest = StudyVersion(study_id=study.id, number=study.version)
        newest.frozen_at = utc_now() if study.state != "draft" else None
        transaction.add(newest)
    newest.design, newest.sha256 = design.model_dump(mode="json", by_alias=True), design.sha256


def _settled(transaction: Transaction, design: Design) -> Design:
    """The design without anything that could become something else: sets of the library, regions that were marked."""
    return attention.with_settled_masks(transaction, with_settled_sets(transaction, design))


def _freeze(transaction: Transaction, version: StudyVersion) -> None:
    design = _settled(transaction, Design.model_validate(version.design))
    version.design, version.sha256 = design.model_dump(mode="json", by_alias=True), design.sha256
    version.frozen_at = utc_now()


def open_study(workspace: Workspace, slug: str) -> StudyRecord:
    """Lets participants in; raises StudyError with the first thing that is wrong in the design."""
    _check_errors(workspace, get(workspace, slug).design, "The study cannot be opened")
    return _become(workspace, slug, "open")


def pause(workspace: Workspace, slug: str) -> StudyRecord:
    """Lets nobody new in; who has begun goes on."""
    return _become(workspace, slug, "paused")


def close(workspace: Workspace, slug: str) -> StudyRecord:
    """Ends it for everybody new; who has begun goes on."""
    return _become(workspace, slug, "closed")


def extend(workspace: Workspace, slug: str, quota: int) -> StudyRecord:
    """Changes how many participants are wanted, without a new version of the design."""
    if not 1 <= quota <= LARGEST_QUOTA:
        raise StudyError(f"The quota must be a whole number from 1 to {LARGEST_QUOTA:,}.")
    with workspace.database.write() as transaction:
        study = participants.lock_study(transaction, slug)
        study.quota, study.changed_at = quota, utc_now()
        transaction.flush()
        return record_of(transaction, study)


def _become(workspace: Workspace, slug: str, state: State) -> StudyRecord:
    with workspace.database.write() as transaction:
        study = participants.lock_study(transaction, slug)
        if study.state != state and state not in _LEADS_TO[study.state]:
            raise ConflictError(f"A study that is {study.state} cannot become {state}.")
        study.state, study.changed_at = state, utc_now()
        version = participants.newest_version(transaction, study)
        if state == "open" and version.frozen_at is None:
            _freeze(transaction, version)
        transaction.flush()
        return record_of(transaction, study)


def get(workspace: Workspace, slug: str) -> StudyRecord:
    """The study of this slug; raises NotFoundError."""
    with workspace.database.read() as transaction:
        return record_of(transaction, participants.study_called(transaction, slug))


def everything(workspace: Workspace) -> list[StudyRecord]:
    """All studies, the newest first."""
    with workspace.database.read() as transaction:
        rows = transaction.scalars(select(Study).order_by(Study.id.desc()))
        return [record_of(transaction, row) for row in rows]


def record_of(transaction: Transaction, study: Study) -> StudyRecord:
    """What is known of a study's row."""
    query = (
        select(Participant.state, func.count())
        .where(Participant.study_id == study.id, Participant.preview.is_(False))
        .group_by(Participant.state)
        .order_by(Participant.state)
    )
    return StudyRecord(
        slug=study.slug,
        state=study.state,
        version=study.version,
        quota=study.quota,
        design=Design.model_validate(participants.newest_version(transaction, study).design),
        people=dict(transaction.execute(query).all()),
        created_at=study.created_at,
    )
