"""A participant's pictures: only those of her own trials, and only once she has come to them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dashboard.colours import BOTH_VIOLET, MODELS_ORANGE, PEOPLES_BLUE
from dashboard.participants.shown import has_map
from dashboard.recording.agreement import both_regions
from dashboard.recording.agreement import parse_question as parse_agreement
from dashboard.recording.ids import parse_id
from dashboard.recording.maps import class_map
from dashboard.recording.workspace import Workspace
from dashboard.studies.errors import NotHersError
from dashboard.studies.place import Place, TrialPlace
from dashboard.studies.preparing import answer_before, map_of, maps_of, picture_of
from dashboard.vision.colour import overlay, value_range
from dashboard.vision.images import encode_png
from dashboard.vision.masks import two_masks_rgba
from db import participants, queries
from db.records import Edit


def trial_png(workspace: Workspace, place: Place, trial: TrialPlace, what: str) -> bytes:
    """One of a trial's pictures as PNG; raises NotHersError for what her trial does not show."""
    if what == "picture":
        return workspace.blobs.get(picture_of(workspace, trial).working_blob)
    name, _, edit_id = what.partition("-")
    if name in ("prepared", "map") and not trial.plan.get("prepared"):
        raise NotHersError("The trial has not begun yet.")
    if what == "prepared":
        return workspace.blobs.get(_edit(workspace, trial, str(trial.plan["prepared"].get("edit"))).result_blob)
    if name == "edit":
        return workspace.blobs.get(_edit(workspace, trial, edit_id).result_blob)
    if name == "map" and has_map(trial):
        return encode_png(_canvas_map(workspace, trial, edit_id))
    if what == "both":
        return _both(workspace, place, trial)
    return encode_png(_map(workspace, trial, what))


def instruction_png(workspace: Workspace, place: Place, number: int) -> bytes:
    """The picture of a page of the instructions."""
    pages = place.design.instructions
    name = pages[number].picture if 0 <= number < len(pages) else None
    with workspace.database.read() as transaction:
        found = [one for one in queries.pictures(transaction) if one.name == name]
    if not found:
        raise NotHersError("There is no such picture in the instructions.")
    return workspace.blobs.get(found[0].working_blob)


def _edit(workspace: Workspace, trial: TrialPlace, edit_id: str) -> Edit:
    with workspace.database.read() as transaction:
        found = queries.find_edit(transaction, parse_id(edit_id, "edit"))
    if found is None or found.session != trial.id:
        raise NotHersError("This is not part of your own study.")
    return found


def _both(workspace: Workspace, place: Place, trial: TrialPlace) -> bytes:
    """Her region and the model's of equal area; only once she has answered."""
    step = f"trial:{trial.position}"
    if step not in place.answered or f"truth:{trial.position}" not in {one.key for one in place.way}:
        raise NotHersError("This comes after your answer.")
    with workspace.database.read() as transaction:
        row = participants.participant_row(transaction, place.participant)
        response = participants.response_to(transaction, row, step)
        region = response.answers.get("region") if response else None
    if region is None:
        picture = picture_of(workspace, trial)
        return encode_png(np.zeros((picture.working_height, picture.working_width, 4), np.uint8))
    question = parse_agreement({"region": region, "model": trial.plan["model"], "method": "cam", "rule": "area"})
    human, model = both_regions(workspace, question)
    return encode_png(two_masks_rgba(human, model, PEOPLES_BLUE, MODELS_ORANGE, BOTH_VIOLET))


def _map(workspace: Workspace, trial: TrialPlace, what: str) -> NDArray[np.uint8]:
    shown = maps_of(trial).get(what)
    if shown is None:
        raise NotHersError("This is not part of your own study.")
    found = map_of(workspace, trial, *shown)
    return overlay(found, *value_range(found))


def _canvas_map(workspace: Workspace, trial: TrialPlace, edit_id: str) -> NDArray[np.uint8]:
    """Where the model looks for the class that it saw at first, on the picture or on what is left of it."""
    blob = _edit(workspace, trial, edit_id).result_blob if edit_id else picture_of(workspace, trial).working_blob
    model, labels = str(trial.plan["model"]), answer_before(workspace, trial).labels
    found = class_map(workspace, model, "cam", labels.index(trial.plan["prepared"]["class"]), blob)
    return overlay(found, *value_range(found))
