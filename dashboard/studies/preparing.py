"""What a trial needs before it is shown: its session, its class, and for predictions the edited picture."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.analysis import equal_area_region
from dashboard.analysis.random_regions import RegionTooLargeError, random_region
from dashboard.recording import answers
from dashboard.recording.edits import EditRequest, apply_edit
from dashboard.recording.maps import class_map
from dashboard.recording.sessions import Sitting, begin_or_lock
from dashboard.recording.workspace import Workspace
from dashboard.studies.place import Place, TrialPlace
from dashboard.studies.trials import CompareTrial, PredictTrial, RateTrial
from db import queries
from db.records import Answer, Picture
from db.study_models import Trial as TrialRow
from db.types import utc_now


def picture_of(workspace: Workspace, trial: TrialPlace) -> Picture:
    """The picture that a trial is about."""
    with workspace.database.read() as transaction:
        return queries.picture(transaction, trial.plan["picture"])


def answer_before(workspace: Workspace, trial: TrialPlace) -> Answer:
    """What the trial's model says of the untouched picture."""
    key = trial.plan["model"]
    return answers.of_picture(workspace, picture_of(workspace, trial), [key])[key]


def prepare(workspace: Workspace, place: Place, trial: TrialPlace) -> TrialPlace:
    """The trial as it can be shown; what was prepared is kept, so the second time it is only read."""
    if trial.plan["prepared"]:
        return trial
    before = answer_before(workspace, trial)
    prepared: dict[str, Any] = {"class": before.top_label}
    if isinstance(trial.trial, PredictTrial):
        with workspace.database.write() as transaction:
            _claim_session(transaction, place, trial)  # whose it is counts for what is recorded into it
        prepared |= _predicted(workspace, place, trial, before)
    for model, method in maps_of(trial).values():
        # Worked out now, so that what she sees is there at once.
        map_of(workspace, trial, model, method)
    if isinstance(trial.trial, CompareTrial):
        first_is_left = _number_for(trial.id) % 2 == 0
        prepared["sides"] = ["first", "second"] if first_is_left else ["second", "first"]
    with workspace.database.write() as transaction:
        row = _claim_session(transaction, place, trial)
        if not row.plan["prepared"]:
            class_name = row.plan["class_name"] or before.top_label
            row.plan = {**row.plan, "class_name": class_name, "prepared": prepared}
            row.shown_at = utc_now()
        return TrialPlace(row.public_id, row.position, row.plan)


def maps_of(trial: TrialPlace) -> dict[str, tuple[str, str]]:
    """The maps that a trial shows by what they are called there: model and method of each."""
    asked, model = trial.trial, str(trial.plan["model"])
    if isinstance(asked, RateTrial) and "map" in asked.shown:
        return {"map": (model, asked.map_method)}
    if isinstance(asked, CompareTrial):
        first, second = asked.first_model or model, asked.second_model or model
        return {"first": (first, asked.first_method), "second": (second, asked.second_method)}
    return {}


def map_of(workspace: Workspace, trial: TrialPlace, model: str, method: str) -> NDArray[np.float32]:
    """A model's map (H, W) float32 for the class that the trial is about, else for the model's top answer."""
    picture = picture_of(workspace, trial)
    answer = answers.of_picture(workspace, picture, [model])[model]
    name = trial.plan["class_name"]
    index = answer.labels.index(name) if name in answer.labels else answer.top_index
    return class_map(workspace, model, method, index, picture.working_blob)


def sitting_of(place: Place, trial: TrialPlace) -> Sitting:
    """The session that a trial records into."""
    client = {"study": place.slug, "participant": place.person}
    return Sitting(trial.id, trial.plan["picture"], client, place.participant)


def _claim_session(transaction: Transaction, place: Place, trial: TrialPlace) -> TrialRow:
    """The session that the trial records into is hers, and the trial's row is held until the end."""
    session = begin_or_lock(transaction, sitting_of(place, trial))
    session.study, session.person = place.slug, place.person
    if place.preview:
        session.archived_at = session.archived_at or utc_now()
    row = transaction.scalars(select(TrialRow).where(TrialRow.public_id == trial.id).with_for_update()).one()
    row.session_id = session.id
    return row


def _predicted(workspace: Workspace, place: Place, trial: TrialPlace, before: Answer) -> dict[str, Any]:
    asked = trial.trial
    if not isinstance(asked, PredictTrial):
        raise AssertionError("only predictions have an edited picture")
    request = EditRequest(
        id=_id_for(trial.id, "prepared"),
        sitting=sitting_of(place, trial),
        parent=None,
        method=asked.method,
        parameters={},
        shapes=(),
        model_keys=(trial.plan["model"],),
        mask=_removed(workspace, trial, asked, before),
    )
    edit = apply_edit(workspace, request)
    after = answers.of_edit(workspace, edit, [trial.plan["model"]])[trial.plan["model"]]
    offered = _offered(before, after, asked.classes_offered)
    return {"edit": edit.id, "now": after.top_label, "probability": after.top_probability, "offered": offered}


def _removed(workspace: Workspace, trial: TrialPlace, asked: PredictTrial, before: Answer) -> NDArray[np.bool_]:
    picture = picture_of(workspace, trial)
    blob, model = picture.working_blob, trial.plan["model"]
    found = class_map(workspace, model, "cam", before.top_index, blob)
    pixels = max(1, round(asked.share * found.size))
    region = equal_area_region(_any_of_size(found.shape, pixels), found)
    if asked.remove == "model":
        return region
    return _elsewhere(region, _number_for(trial.id))


def _number_for(trial_id: str) -> int:
    """A number that follows from the trial's id: the seed of all that is left to chance in it."""
    return int.from_bytes(hashlib.sha256(trial_id.encode()).digest()[:4], "big")


def _elsewhere(region: NDArray[np.bool_], seed: int) -> NDArray[np.bool_]:
    """A region of this shape and area at random; one that reaches all borders is moved around them."""
    try:
        return random_region(region, 0, seed)
    except RegionTooLargeError:
        height, width = region.shape
        random = np.random.default_rng(seed)
        return np.roll(region, (int(random.integers(height)), int(random.integers(width))), (0, 1))


def _any_of_size(shape: tuple[int, ...], pixels: int) -> NDArray[np.bool_]:
    mask = np.zeros(shape, bool)
    mask.flat[:pixels] = True
    return mask


def _offered(before: Answer, after: Answer, count: int) -> list[str]:
    """Classes to choose from: the likeliest of before and of now, in the order of their names, so that none is told."""
    ranked = [np.argsort(-one.probabilities) for one in (after, before)]
    found: list[str] = []
    for place in range(len(after.labels)):
        for order in ranked:
            label = after.labels[int(order[place])]
            if label not in found and len(found) < count:
                found.append(label)
        if len(found) >= count:
            break
    return sorted(found)


def _id_for(trial_id: str, what: str) -> str:
    """An id that follows from the trial's, so that preparing twice prepares once."""
    digest = hashlib.sha256(f"{trial_id} {what}".encode()).digest()[:16]
    return str(UUID(bytes=digest, version=5))
