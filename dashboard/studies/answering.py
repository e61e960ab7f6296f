"""Keeping a participant's answer: once, however often it is sent, and only at the step where she is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.analysis import iou
from dashboard.recording.ids import RequestError, parse_id
from dashboard.recording.masks import mask_of
from dashboard.recording.regions import About, RegionRequest, mark
from dashboard.recording.workspace import Workspace
from dashboard.studies import drawing
from dashboard.studies.answers import answers_in_time, parse_answers, screens_out
from dashboard.studies.attention import right_region
from dashboard.studies.place import Place, TrialPlace, place_again, place_of
from dashboard.studies.preparing import prepare, sitting_of
from dashboard.studies.steps import Step, current
from dashboard.studies.timing import is_over
from dashboard.studies.trials import MarkTrial
from dashboard.vision.masks import area_share, rasterise
from dashboard.vision.shapes import parse_shapes
from db import participants, queries
from db.engine import hold
from db.errors import ConflictError
from db.regions import find_region
from db.study_models import Participant, Response
from db.study_models import Trial as TrialRow
from db.types import utc_now

SURE = range(1, 6)
MORE_LIKE_ME = ("first", "second", "neither")


@dataclass(frozen=True)
class Given:
    """What a browser sends as the answer to a step; ``id`` was made there and stays the same when it is sent again."""

    id: str
    step: str
    answers: dict[str, Any]
    client_ms: float | None = None

    @property
    def sha256(self) -> str:
        """The same for the same answer."""
        return hashlib.sha256(json.dumps([self.step, self.answers], sort_keys=True).encode()).hexdigest()


def answer(workspace: Workspace, participant: str, given: Given) -> Place:
    """Keeps an answer and says where she is then; when it returns, the answer is on the disk.

    The same id again changes nothing. Raises RequestError for an answer that cannot be kept, ConflictError where the
    step is not the one she is at, or was answered otherwise.
    """
    with workspace.database.read() as transaction:
        row = participants.participant_row(transaction, participant)
        place = place_of(transaction, row)
        if _was_kept(transaction, row, given):
            return place
    step = _step(place, given)
    values = _values(workspace, place, step, given)
    with workspace.database.write() as transaction:
        hold(transaction, given.id)
        row = participants.participant_row(transaction, participant, locked=True)
        place = place_again(transaction, row, place)
        if _was_kept(transaction, row, given):
            return place
        _step(place, given)
        if place.trial is not None and "timed_out" in values and is_over(transaction, place.trial, given.client_ms):
            values["timed_out"] = True
        transaction.add(
            Response(
                public_id=given.id,
                request_sha256=given.sha256,
                participant_id=row.id,
                step=given.step,
                answers=values,
                client_ms=given.client_ms,
            )
        )
        participants.touch(row)
        transaction.flush()
        _note_times(transaction, row.id, step, given)
        if place.questions() and screens_out(place.questions(), values):
            row.state = "screened_out"
        answered = place.answered | {step.key}
        if row.state == participants.STARTED and current(place.way, answered) is None:
            row.state = participants.FINISHED
        if row.state != participants.STARTED:
            row.ended_at = utc_now()
        return replace(place, state=row.state, answered=answered)


def _was_kept(transaction: Transaction, participant: Participant, given: Given) -> bool:
    kept = participants.response_under(transaction, given.id)
    if kept is None:
        return False
    if (kept.participant_id, kept.request_sha256) != (participant.id, given.sha256):
        raise ConflictError("The same id was sent before, for another answer.")
    return True


def _step(place: Place, given: Given) -> Step:
    step = place.step
    if step is None or step.key != given.step:
        raise ConflictError("This step was answered already, perhaps in another tab.")
    return step


def _note_times(transaction: Transaction, participant_id: int, step: Step, given: Given) -> None:
    if step.kind != "trial":
        return
    query = select(TrialRow).where(TrialRow.participant_id == participant_id, TrialRow.position == step.position)
    row = transaction.scalars(query).one()
    row.answered_at, row.answered_client_ms = utc_now(), given.client_ms


def _values(workspace: Workspace, place: Place, step: Step, given: Given) -> dict[str, Any]:
    if step.kind == "consent":
        if given.answers != {"agreed": True}:
            raise RequestError("Taking part needs your consent.")
        return {"agreed": True}
    if step.kind in ("questionnaire", "questions"):
        return parse_answers(place.questions(), given.answers)
    if step.kind in ("instructions", "truth"):
        return {}
    if place.trial is None:
        raise RequestError("There is nothing to answer.")
    trial = prepare(workspace, place, place.trial)
    return _OF_KIND[trial.plan["kind"]](workspace, place, trial, given)


def _marked(workspace: Workspace, place: Place, trial: TrialPlace, given: Given) -> dict[str, Any]:
    sure = given.answers.get("sure")
    if sure is not None and (type(sure) is not int or sure not in SURE):
        raise RequestError("How sure you are is a whole number from 1 to 5.")
    timed_out = _timed_out(given)
    values: dict[str, Any] = {"region": None, "sure": sure, "timed_out": timed_out}
    shapes = parse_shapes(given.answers["shapes"]) if given.answers.get("shapes") else ()
    with workspace.database.read() as transaction:
        picture = queries.picture(transaction, trial.plan["picture"])
    mask = rasterise(shapes, picture.working_height, picture.working_width) if shapes else None
    if mask is not None and mask.any():
        most = trial.trial.largest_share if isinstance(trial.trial, MarkTrial) else 1.0
        _require(timed_out, area_share(mask) <= most, "You have marked more of the picture than you may.")
        values["region"] = parse_id(given.answers.get("region"), "region")
        _keep_region(workspace, place, trial, given, str(values["region"]))
    if trial.plan["attention"] is None:
        return values
    return values | {"iou": _attention(workspace, place, trial, values["region"])}


def _keep_region(workspace: Workspace, place: Place, trial: TrialPlace, given: Given, region: str) -> None:
    model = workspace.catalogue.load(trial.plan["model"]).card
    name = trial.plan["class_name"] or ""
    index = model.labels.index(name) if name in model.labels else None
    mark(
        workspace,
        RegionRequest(
            id=region,
            sitting=sitting_of(place, trial),
            edit=None,
            model_key=trial.plan["model"],
            class_index=index,
            class_name="" if index is not None else name,
            shapes=parse_shapes(given.answers["shapes"]),
            about=About(confidence=given.answers.get("sure")),
            client_ended_ms=given.client_ms,
        ),
    )


def _attention(workspace: Workspace, place: Place, trial: TrialPlace, region: object) -> float:
    if region is None:
        return 0.0
    with workspace.database.read() as transaction:
        drawn = find_region(transaction, str(region))
        if drawn is None:
            return 0.0
        right = right_region(transaction, place.design, trial.plan)
    mask = mask_of(drawn)
    return iou(mask, right) if right.shape == mask.shape else 0.0


def _edited(workspace: Workspace, place: Place, trial: TrialPlace, given: Given) -> dict[str, Any]:
    state = drawing.edited(workspace, place, trial)
    values = {"edits": state.count, "edit": state.edit, "timed_out": _timed_out(given)}
    if trial.plan["kind"] == "explore":
        return values
    return values | {"flipped": state.flipped, "removed_area": state.removed_area}


def _predicted(_workspace: Workspace, _place: Place, trial: TrialPlace, given: Given) -> dict[str, Any]:
    prepared, asks = trial.plan["prepared"], trial.plan["options"]["asks"]
    said: Mapping[str, Any] = given.answers
    timed_out = _timed_out(given)
    class_name, change, sure = (said.get(key) for key in ("class", "change", "sure"))
    _require(timed_out, "class" not in asks or class_name in prepared["offered"], "Choose one of the answers offered.")
    _require(timed_out, "change" not in asks or change in ("yes", "no"), "Say whether its answer will change.")
    usable = isinstance(sure, int | float) and not isinstance(sure, bool) and 0 <= sure <= 100
    _require(timed_out, "sure" not in asks or usable, "Say how sure you are.")
    changed = prepared["now"] != prepared["class"]
    class_name = class_name if "class" in asks and class_name in prepared["offered"] else None
    change = change if "change" in asks and change in ("yes", "no") else None
    return {
        "class": class_name,
        "change": change,
        "sure": sure if "sure" in asks and usable else None,
        "right_class": None if class_name is None else class_name == prepared["now"],
        "right_change": None if change is None else (change == "yes") == changed,
        "timed_out": timed_out,
    }


def _require(waived: bool, holds: bool, sentence: str) -> None:
    if not waived and not holds:
        raise RequestError(sentence)


def _timed_out(given: Given) -> bool:
    return given.answers.get("timed_out") is True


def _rated(_workspace: Workspace, place: Place, trial: TrialPlace, given: Given) -> dict[str, Any]:
    said = {key: value for key, value in given.answers.items() if key != "timed_out"}
    if trial.trial.seconds is None:
        return parse_answers(place.questions(), said)
    parse = answers_in_time if _timed_out(given) else parse_answers
    return parse(place.questions(), said) | {"timed_out": _timed_out(given)}


def _compared(_workspace: Workspace, _place: Place, trial: TrialPlace, given: Given) -> dict[str, Any]:
    chosen, is_timed = given.answers.get("more_like_me"), trial.trial.seconds is not None
    is_one = chosen in MORE_LIKE_ME
    _require(is_timed and _timed_out(given), is_one, "Choose one of the two, or neither.")
    values = {"more_like_me": chosen if is_one else None}
    return values | ({"timed_out": _timed_out(given)} if is_timed else {})


_OF_KIND = {
    "mark": _marked,
    "erase": _edited,
    "explore": _edited,
    "predict": _predicted,
    "rate": _rated,
    "compare": _compared,
}
