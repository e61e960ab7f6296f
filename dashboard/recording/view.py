"""Everything the explore page shows of one moment in one session, gathered in a few reads."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session as Transaction

from dashboard.recording import answers
from dashboard.recording.history import redo_target
from dashboard.recording.pictures import GALLERY
from dashboard.recording.workspace import Workspace
from db import queries
from db.errors import NotFoundError
from db.records import Answer, Edit, Picture, Region, Session, StepAnswer
from db.regions import regions_at_hand


@dataclass(frozen=True)
class Step:
    """One item of the film strip: an edit and what the first model says to it."""

    edit: Edit
    depth: int
    top_label: str
    change: float | None
    flipped: bool
    in_branch: bool


@dataclass(frozen=True)
class ExploreView:
    """The picture, where the person stands, all answers there and to the original, and the session's steps."""

    picture: Picture
    session: Session | None
    edit: Edit | None
    before: dict[str, Answer]
    after: dict[str, Answer]
    steps: list[Step]
    regions: list[Region]
    undo: str | None
    redo: str | None

    @property
    def blob(self) -> str:
        """The file of the picture as it is now."""
        return self.edit.result_blob if self.edit else self.picture.working_blob


def explore_view(
    workspace: Workspace, image: str | None, session_id: str | None, edit_id: str | None, model_keys: list[str]
) -> ExploreView:
    """The moment ``edit_id`` (None: where the session stands, "original": its beginning).

    A session that is not kept yet is shown as untouched. Raises NotFoundError for what does not exist.
    """
    with workspace.database.read() as transaction:
        session = queries.find_session(transaction, session_id) if session_id else None
        picture = session.picture if session else _picture(transaction, image)
        edits = queries.edits(transaction, session.id) if session else []
        marked = regions_at_hand(transaction, picture.id, session.id if session else None)
    at = session.head if session and edit_id is None else edit_id
    edit = _find(edits, at)
    before = answers.of_picture(workspace, picture, model_keys)
    after = answers.of_edit(workspace, edit, model_keys) if edit else before
    original = before[model_keys[0]]
    steps = _steps(edits, edit, _in_short(workspace, session, original), original)
    undo, redo = _neighbours(session, edits, edit)
    return ExploreView(picture, session, edit, before, after, steps, marked, undo, redo)


def _in_short(workspace: Workspace, session: Session | None, original: Answer) -> dict[str, StepAnswer]:
    if session is None:
        return {}
    with workspace.database.read() as transaction:
        return queries.step_answers(transaction, session.id, original.model.key, original.top_index)


def _picture(transaction: Transaction, image: str | None) -> Picture:
    if image is not None:
        return queries.picture(transaction, image)
    known = queries.pictures(transaction, GALLERY) or queries.pictures(transaction)
    if not known:
        raise NotFoundError("There is no picture yet. Upload one to begin.")
    return known[-1]


def _find(edits: list[Edit], edit_id: str | None) -> Edit | None:
    if edit_id in (None, "original"):
        return None
    for edit in edits:
        if edit.id == edit_id:
            return edit
    raise NotFoundError("This step does not belong to the session.")


def _neighbours(session: Session | None, edits: list[Edit], edit: Edit | None) -> tuple[str | None, str | None]:
    """Where undo and redo lead from here: an edit's id, "original", or None where they lead nowhere."""
    numbers = {item.id: item.sequence for item in edits}
    ids = {item.sequence: item.id for item in edits}
    parents = {item.sequence: numbers[item.parent] if item.parent else 0 for item in edits}
    tip = numbers[session.tip] if session and session.tip else 0
    forward = redo_target(parents, edit.sequence if edit else 0, tip)
    back = (edit.parent or "original") if edit else None
    return back, ids[forward] if forward else None


def _steps(edits: list[Edit], here: Edit | None, found: dict[str, StepAnswer], original: Answer) -> list[Step]:
    branch = _branch(edits, here)
    depths = _depths(edits)
    return [_step(edit, found.get(edit.id), original, depths[edit.id], edit.id in branch) for edit in edits]


def _step(edit: Edit, answer: StepAnswer | None, original: Answer, depth: int, in_branch: bool) -> Step:
    return Step(
        edit=edit,
        depth=depth,
        top_label=original.labels[answer.top_index] if answer else "",
        change=answer.probability - original.top_probability if answer else None,
        flipped=answer is not None and answer.top_index != original.top_index,
        in_branch=in_branch,
    )


def _branch(edits: list[Edit], here: Edit | None) -> set[str]:
    parents = {edit.id: edit.parent for edit in edits}
    found: set[str] = set()
    node = here.id if here else None
    while node is not None:
        found.add(node)
        node = parents[node]
    return found


def _depths(edits: list[Edit]) -> dict[str, int]:
    """How many edits lie between the original and each edit, itself counted."""
    depth: dict[str, int] = {}
    for edit in edits:
        depth[edit.id] = 1 + (depth[edit.parent] if edit.parent else 0)
    return depth
