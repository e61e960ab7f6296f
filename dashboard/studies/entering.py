"""How somebody becomes a participant, once, however often and from however many tabs she asks."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session as Transaction

from dashboard.recording.ids import new_id
from dashboard.recording.text import storable
from dashboard.recording.workspace import Workspace
from dashboard.studies.assignment import Condition, PlannedTrial, conditions, least_filled, plan, squares_of
from dashboard.studies.client import DEVICES
from dashboard.studies.design import Design
from dashboard.studies.errors import EntryError
from dashboard.studies.keys import Keys, keys_of, new_withdrawal_code
from dashboard.studies.library import picture_called, pictures_of_sets
from dashboard.studies.orders import least_filled_number
from dashboard.studies.steps import resolved
from dashboard.studies.trials import MarkTrial, Trial
from db import participants
from db.study_models import Participant, Study
from db.study_models import Trial as TrialRow
from db.types import utc_now

# How recruiters call a person's id: Prolific, Mechanical Turk, and links made by hand.
EXTERNAL = ("PROLIFIC_PID", "workerId", "participant")
# What else they send, kept before anything unknown.
KNOWN = ("STUDY_ID", "SESSION_ID", "assignmentId", "hitId")
# Mechanical Turk shows a study to people who have not accepted it yet.
NOT_ACCEPTED = "ASSIGNMENT_ID_NOT_AVAILABLE"
MOST_PARAMETERS, LONGEST_PARAMETER = 50, 500
# What a page leaves free beside the picture on a narrow screen.
PAGE_MARGINS_PX = 32
_SEEDS = 2**31


@dataclass(frozen=True)
class Entrance:
    """Somebody at the door. ``request`` is this entering's id, ``visitor`` what her browser is known by."""

    request: str
    visitor: str
    parameters: dict[str, str] = field(default_factory=dict)
    language: str = ""
    client: dict[str, Any] = field(default_factory=dict)
    preview: bool = False

    @property
    def external_id(self) -> str | None:
        """The recruiter's id for her; None where the link holds none."""
        return next((self.parameters[name] for name in EXTERNAL if self.parameters.get(name)), None)


def check_parameters(parameters: dict[str, Any]) -> dict[str, str]:
    """What can be kept of an address's parameters: a recruiter's odd link keeps nobody out."""
    usable = {
        storable(name): storable(value)[:LONGEST_PARAMETER]
        for name, value in parameters.items()
        if isinstance(value, str) and len(name) <= LONGEST_PARAMETER
    }
    first = sorted(usable, key=lambda name: name not in (*EXTERNAL, *KNOWN))
    return {name: usable[name] for name in first[:MOST_PARAMETERS]}


def enter(workspace: Workspace, slug: str, entrance: Entrance) -> str:
    """The participant (public id) that somebody is from now on, or already was.

    The same recruiter's id, or without one the same browser, is the same participant. Raises EntryError where nobody
    can begin, or not she: closed, full, done already, begun in another browser.
    """
    keys = keys_of(workspace.settings.data_dir)
    if entrance.parameters.get("assignmentId") == NOT_ACCEPTED:
        raise EntryError("accept_first", "Accept the task first, then open the link again.")
    with workspace.database.write() as transaction:
        study = participants.lock_study(transaction, slug)
        version = participants.newest_version(transaction, study)
        design = Design.model_validate(version.design)
        if entrance.preview:
            row = participants.by_entry(transaction, study, keys.hidden("preview", entrance.request))
        else:
            row = _known(transaction, study, design, entrance, keys)
        if row is None:
            row = _new(transaction, study, version.id, design, entrance, keys)
        return row.public_id


def _known(
    transaction: Transaction, study: Study, design: Design, entrance: Entrance, keys: Keys
) -> Participant | None:
    """Her last try, where she may go on with it; None where a new one is hers to begin."""
    for number in range(1, design.tries + 1):
        row = participants.by_entry(transaction, study, _entry(study, design, entrance, number, keys))
        if row is None:
            return None
        if row.state == participants.STARTED:
            if row.visitor != keys.hidden("visitor", entrance.visitor):
                raise EntryError("elsewhere", "You have begun on another device or in another browser.")
            return row
    raise EntryError("again", "You have taken part already.")


def _entry(study: Study, design: Design, entrance: Entrance, number: int, keys: Keys) -> str:
    if entrance.external_id is not None:
        return keys.hidden("recruiter", study.public_id, entrance.external_id, number)
    if design.fresh_start:
        return keys.hidden("request", study.public_id, entrance.request, number)
    return keys.hidden("browser", study.public_id, entrance.visitor, number)


def _new(
    transaction: Transaction, study: Study, version_id: int, design: Design, entrance: Entrance, keys: Keys
) -> Participant:
    filled = _filled(transaction, study, design)
    if not entrance.preview:
        check_open(study, design)
        check_device(design, entrance.client)
        if filled.total() >= study.quota:
            raise EntryError("full", "The study has enough participants.")
    seed = secrets.randbelow(_SEEDS)
    by_key = {condition.key: condition for condition in conditions(design)}
    condition = by_key[least_filled(filled, list(by_key), seed)]
    number = _number(transaction, version_id, design, condition)
    row = Participant(
        public_id=new_id(),
        study_id=study.id,
        version_id=version_id,
        entry=_free_entry(transaction, study, design, entrance, keys),
        visitor=keys.hidden("visitor", entrance.visitor),
        external_id=entrance.external_id,
        preview=entrance.preview,
        condition=condition.key,
        number=number,
        seed=seed,
        language=entrance.language if entrance.language in design.languages else design.languages[0],
        parameters=entrance.parameters,
        client=entrance.client,
        withdrawal_code=new_withdrawal_code(),
    )
    row.try_number = _try_number(transaction, study, design, entrance, keys)
    transaction.add(row)
    transaction.flush()
    _keep_plan(transaction, row, design, condition, number, seed)
    return row


def check_open(study: Study, design: Design) -> None:
    """Raises EntryError where nobody can begin now."""
    now = utc_now()
    if study.state != "open":
        raise EntryError("closed" if study.state == "draft" else "over", "The study is not open.")
    if design.opens and now < design.opens:
        raise EntryError("not_yet", "The study is not open yet.")
    if not design.is_open_at(now):
        raise EntryError("over", "The study is closed.")


def check_entrance(workspace: Workspace, slug: str) -> None:
    """Raises EntryError where nobody new could begin now, NotFoundError where there is no such study."""
    with workspace.database.read() as transaction:
        study = participants.study_called(transaction, slug)
        design = Design.model_validate(participants.newest_version(transaction, study).design)
        check_open(study, design)
        if _filled(transaction, study, design).total() >= study.quota:
            raise EntryError("full", "The study has enough participants.")


def _filled(transaction: Transaction, study: Study, design: Design) -> Counter[str]:
    return participants.filled(transaction, study, _active_since(design))


def _active_since(design: Design) -> datetime:
    return utc_now() - timedelta(minutes=design.place_minutes)


def _number(transaction: Transaction, version_id: int, design: Design, condition: Condition) -> int:
    """Which rows of the design's Latin squares are hers: those that who counts in her condition has least often."""
    taken = participants.numbers_in_condition(transaction, version_id, condition.key, _active_since(design))
    return least_filled_number(taken, squares_of(design, pictures_of_sets(transaction, design)))


def check_device(design: Design, client: dict[str, Any]) -> None:
    """Raises EntryError where the study cannot be done on a device; what it does not say is not held against it."""
    device = client.get("device")
    if device in DEVICES and device not in design.devices.classes:
        raise EntryError("device", "This study cannot be done on this kind of device.")
    width = (client.get("window") or [None])[0]
    if width is not None and width - PAGE_MARGINS_PX < design.devices.canvas_px:
        raise EntryError("small", "The window is too small for this study.", count=design.devices.canvas_px)


def _try_number(transaction: Transaction, study: Study, design: Design, entrance: Entrance, keys: Keys) -> int:
    if entrance.preview:
        return 1
    number = 1
    while participants.by_entry(transaction, study, _entry(study, design, entrance, number, keys)) is not None:
        number += 1
    return number


def _free_entry(transaction: Transaction, study: Study, design: Design, entrance: Entrance, keys: Keys) -> str:
    if entrance.preview:
        return keys.hidden("preview", entrance.request)
    return _entry(study, design, entrance, _try_number(transaction, study, design, entrance, keys), keys)


def _keep_plan(
    transaction: Transaction, row: Participant, design: Design, condition: Condition, number: int, seed: int
) -> None:
    library = pictures_of_sets(transaction, design)
    labels = {picture.id: picture.label for pictures in library.values() for picture in pictures}
    planned = plan(design, condition, number, seed, library)
    for position, one in enumerate(planned):
        content = _content(transaction, design, one, labels)
        transaction.add(TrialRow(public_id=new_id(), participant_id=row.id, position=position, plan=content))
    transaction.flush()


def _content(
    transaction: Transaction, design: Design, planned: PlannedTrial, labels: dict[str, str | None]
) -> dict[str, Any]:
    """What a trial's row holds: all that decides it, resolved, so that nothing has to be looked up again."""
    trial = _trial(design, planned)
    picture, label = planned.picture, labels.get(planned.picture)
    if planned.attention is not None:
        found = picture_called(transaction, _attention(design, planned).picture)
        picture, label = (found.id, found.label) if found else ("", None)
    return {
        "block": planned.block,
        "trial": planned.trial,
        "kind": trial.kind,
        "picture": picture,
        "practice": planned.practice,
        "attention": planned.attention,
        "levels": dict(planned.levels),
        "options": trial.model_dump(mode="json"),
        "class_name": _class_name(trial, label),
        "model": trial.model or design.models[0],
        "prepared": {},
    }


def _trial(design: Design, planned: PlannedTrial) -> Trial:
    if planned.attention is not None:
        return MarkTrial(key="attention", task=_attention(design, planned).task, confidence=False)
    trials = {trial.key: trial for block in (*design.practice, *design.blocks) for trial in block.trials}
    return resolved(trials[planned.trial], planned)


def _attention(design: Design, planned: PlannedTrial) -> Any:
    blocks = {block.key: block for block in (*design.practice, *design.blocks)}
    return blocks[planned.block].attention[planned.attention or 0]


def _class_name(trial: Trial, label: str | None) -> str | None:
    if not isinstance(trial, MarkTrial) or trial.of == "label":
        return label
    return trial.class_name if trial.of == "class" else None
