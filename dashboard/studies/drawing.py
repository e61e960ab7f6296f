"""What a participant draws: strokes kept as they are made, and edits with a budget, in the trial's own session."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.recording import answers
from dashboard.recording.edits import EditRequest, apply_edit
from dashboard.recording.sessions import move
from dashboard.recording.workspace import Workspace
from dashboard.studies.errors import StudyError
from dashboard.studies.place import Place, TrialPlace
from dashboard.studies.preparing import answer_before, prepare, sitting_of
from dashboard.studies.timing import is_over
from dashboard.studies.trials import EraseTrial, ExploreTrial
from dashboard.vision.shapes import Shape
from db import participants, queries
from db.errors import ConflictError
from db.records import Answer, Edit
from db.study_models import ParticipantEvent


@dataclass(frozen=True)
class EditWish:
    """A region that she wants removed; ``parent`` is the edit that she saw, None the untouched picture."""

    id: str
    trial: str
    parent: str | None
    method: str | None
    shapes: tuple[Shape, ...]
    client_started_ms: float | None = None
    client_ended_ms: float | None = None


@dataclass(frozen=True)
class Edited:
    """Where she is in a trial with edits; ``parents`` leads from ``edit`` back to the untouched picture.

    ``count`` and ``removed_area`` are those of that way.
    """

    edit: str | None
    parents: tuple[str, ...]
    count: int
    left: int | None
    removed_area: float
    before: Answer
    now: Answer

    @property
    def flipped(self) -> bool:
        """Whether the model's answer is another one than at first."""
        return self.before.top_index != self.now.top_index


def strokes(workspace: Workspace, place: Place, step: str) -> list[dict[str, Any]]:
    """The shapes of a step that she drew and did not take back, each with the id it was sent under."""
    with workspace.database.read() as transaction:
        row = participants.participant_row(transaction, place.participant)
        return standing(participants.drawing_events(transaction, row), step)


def standing(events: Iterable[ParticipantEvent], step: str) -> list[dict[str, Any]]:
    """What is left of strokes after what undid them."""
    drawn: dict[str, Any] = {}
    for event in events:
        if event.payload.get("step") != step:
            continue
        if event.kind == "stroke":
            drawn[event.public_id] = event.payload.get("shape")
        elif event.kind == "unstroke":
            drawn.pop(str(event.payload.get("stroke")), None)
        else:
            drawn.clear()
    return [{"id": key, "shape": shape} for key, shape in drawn.items()]


def edit(workspace: Workspace, place: Place, wish: EditWish) -> Edited:
    """Removes a region in the trial she is at and says what came of it.

    Raises ConflictError where she is at another step, StudyError where nothing is left of the trial's budget.
    """
    trial = prepare(workspace, place, _here(place, wish.trial))
    asked = trial.trial
    method = _method(asked, wish.method)
    made = _made(workspace, trial)
    before = _branch(made, wish.parent)
    if wish.id not in made:
        _check_budget(workspace, trial, before, wish.client_ended_ms)
    kept = apply_edit(
        workspace,
        EditRequest(
            id=wish.id,
            sitting=sitting_of(place, trial),
            parent=wish.parent,
            method=method,
            parameters={},
            shapes=wish.shapes,
            model_keys=place.design.models,
            client_started_ms=wish.client_started_ms,
            client_ended_ms=wish.client_ended_ms,
        ),
    )
    return _state(workspace, trial, [kept, *before])


def _check_budget(workspace: Workspace, trial: TrialPlace, before: list[Edit], client_ms: float | None) -> None:
    most = _most_edits(trial.trial)
    if most is not None and len(before) >= most:
        raise StudyError("No removals are left. Undo one, or go on.")
    with workspace.database.read() as transaction:
        if is_over(transaction, trial, client_ms):
            raise StudyError("Time is over; what you did is kept.")


def step_back(
    workspace: Workspace, place: Place, event_id: str, trial_id: str, target: str | None, client_ms: float | None
) -> Edited:
    """Goes back to an edit of the trial, or to the untouched picture (None); nothing is lost by it."""
    trial = _here(place, trial_id)
    with workspace.database.write() as transaction:
        participants.touch(participants.active_row(transaction, place.participant))
    move(workspace, event_id, trial.id, "jump", target, client_ms)
    return _state(workspace, trial, _branch(_made(workspace, trial), target))


def edited(workspace: Workspace, place: Place, trial: TrialPlace) -> Edited:
    """Where she stands in a trial with edits."""
    with workspace.database.read() as transaction:
        session = queries.find_session(transaction, trial.id)
    return _state(workspace, trial, _branch(_made(workspace, trial), session.head if session else None))


def _here(place: Place, trial_id: str) -> TrialPlace:
    trial = place.trial
    if trial is None or trial.id != trial_id or place.step is None or place.step.kind != "trial":
        raise ConflictError("This trial is over, perhaps in another tab.")
    return trial


def _method(trial: object, wished: str | None) -> str:
    if isinstance(trial, EraseTrial):
        return trial.method
    if isinstance(trial, ExploreTrial):
        if wished is not None and wished not in trial.methods:
            raise StudyError("This way to remove is not part of the trial.")
        return wished or trial.methods[0]
    raise StudyError("Nothing can be removed in this trial.")


def _most_edits(trial: object) -> int | None:
    return trial.most_edits if isinstance(trial, EraseTrial | ExploreTrial) else None


def _made(workspace: Workspace, trial: TrialPlace) -> dict[str, Edit]:
    """All edits of the trial by their ids."""
    with workspace.database.read() as transaction:
        return {one.id: one for one in queries.edits(transaction, trial.id)}


def _branch(made: Mapping[str, Edit], edit_id: str | None) -> list[Edit]:
    """The edits on the way to one, from its end; raises StudyError where it is not the trial's."""
    found = []
    while edit_id is not None:
        if edit_id not in made:
            raise StudyError("This step does not belong to the trial.")
        found.append(made[edit_id])
        edit_id = made[edit_id].parent
    return found


def _state(workspace: Workspace, trial: TrialPlace, branch: list[Edit]) -> Edited:
    before = answer_before(workspace, trial)
    key = trial.plan["model"]
    now = answers.of_edit(workspace, branch[0], [key])[key] if branch else before
    most = _most_edits(trial.trial)
    left = None if most is None else max(0, most - len(branch))
    removed = branch[0].removed_area if branch else 0.0
    last = branch[0].id if branch else None
    return Edited(last, tuple(one.id for one in branch[1:]), len(branch), left, removed, before, now)
