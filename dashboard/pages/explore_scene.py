"""From what the browser asks to see to what it shows: the one reader behind the explore page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboard.components.filmstrip import Frame, filmstrip
from dashboard.components.numbers import percent
from dashboard.components.predictions import Column, Line, headline, prediction_table
from dashboard.recording.answer_rows import AnswerRow, answer_rows
from dashboard.recording.ids import RequestError, parse_id, parse_models
from dashboard.recording.maps import class_map
from dashboard.recording.view import ExploreView, Step, explore_view
from dashboard.recording.workspace import Workspace
from dashboard.vision.colour import value_range
from dashboard.vision.errors import RegionscopeError
from dashboard.vision.inpainting import METHODS
from db.records import Answer

MOST_PINNED = 50


@dataclass(frozen=True)
class Look:
    """What the browser asks to see; ``edit`` None is where the session stands, "original" its beginning."""

    image: str | None
    session: str | None
    edit: str | None
    models: list[str]
    sort_by: str
    pinned: list[int]
    explained: int | None
    map_method: str
    shared_scale: bool
    token: Any


def parse_look(view: Any) -> Look:
    """Raises RequestError for anything that our own page would not send."""
    if not isinstance(view, dict):
        raise RequestError("The view must be an object.")
    edit = view.get("edit")
    explained = view.get("explained")
    pinned = view.get("pinned") or []
    models = parse_models(view.get("models"))
    if len(pinned) > MOST_PINNED:
        raise RequestError(f"At most {MOST_PINNED} classes can be pinned.")
    if not all(isinstance(index, int) for index in [*pinned, explained or 0]):
        raise RequestError("A class is chosen by its number.")
    return Look(
        image=parse_id(view["image"], "picture") if view.get("image") else None,
        session=parse_id(view["session"], "session") if view.get("session") else None,
        edit=edit if edit in (None, "original") else parse_id(edit, "edit"),
        models=models,
        sort_by="new" if view.get("sort") == "new" else "original",
        pinned=pinned,
        explained=explained,
        map_method=str(view.get("mapMethod") or "cam"),
        shared_scale=view.get("mapScale") != "own",
        token=view.get("token"),
    )


def build(workspace: Workspace, look: Look) -> tuple[Any, ...]:
    """The scene for the browser, both tables, the headline and the film strip."""
    view = explore_view(workspace, look.image, look.session, look.edit, look.models)
    before, after = list(view.before.values()), list(view.after.values())
    rows = answer_rows(before, after, look.sort_by, look.pinned)
    models = [Column(answer.model.key, answer.model.label) for answer in before]
    return (
        _scene(workspace, look, view),
        prediction_table([_line(row, look, after=True) for row in rows], models, "Answers to the modified picture"),
        prediction_table([_line(row, look, after=False) for row in rows], models, "Answers to the original"),
        _headline(before[0], after[0]),
        filmstrip(_frames(view)),
    )


def _line(row: AnswerRow, look: Look, *, after: bool) -> Line:
    return Line(
        index=row.index,
        label=row.label,
        probability=row.after if after else row.before,
        change=row.change if after else None,
        further=row.further_after if after else row.further_before,
        pinned=row.pinned,
        explained=row.index == look.explained,
    )


def _headline(before: Answer, after: Answer) -> Any:
    return headline(before.top_label, after.top_label, before.top_probability, after.top_probability)


def _scene(workspace: Workspace, look: Look, view: ExploreView) -> dict[str, Any]:
    picture, session = view.picture, view.session
    return {
        "token": look.token,
        "image": {
            "id": picture.id,
            "name": picture.name,
            "width": picture.working_width,
            "height": picture.working_height,
        },
        "session": session.id if session else None,
        "texts": {"name": session.name, "person": session.person, "notes": session.notes} if session else {},
        "edit": view.edit.id if view.edit else None,
        "original": f"/media/{picture.working_blob}.png",
        "modified": f"/media/{view.blob}.png",
        "undo": view.undo,
        "redo": view.redo,
        "map": _map(workspace, look, view),
    }


def _map(workspace: Workspace, look: Look, view: ExploreView) -> dict[str, Any] | None:
    """Where both coloured maps are to be had, and the values at the ends of the scale; or why there is none."""
    if look.explained is None:
        return None
    weights = view.before[look.models[0]].model.weights_sha256[:16]
    model, blobs = look.models[0], {"modified": view.blob, "original": view.picture.working_blob}
    try:
        maps = {
            name: class_map(workspace, model, look.map_method, look.explained, blob) for name, blob in blobs.items()
        }
    except RegionscopeError as error:
        return {"failed": str(error)}
    shared = value_range(*maps.values())
    answer = {"label": view.before[model].labels[look.explained], "low": shared[0], "high": shared[1]}
    for name, blob in blobs.items():
        low, high = shared if look.shared_scale else value_range(maps[name])
        path = f"/media/maps/{model}/{look.map_method}/{look.explained}/{blob}.png"
        # The weights are named because the answer is kept by the browser for good.
        answer[name] = f"{path}?low={low!r}&high={high!r}&weights={weights}"
    return answer | {"shared": look.shared_scale}


def _frames(view: ExploreView) -> list[Frame]:
    original = next(iter(view.before.values()))
    first = Frame(
        id="original",
        parent=None,
        depth=0,
        blob=view.picture.working_blob,
        title="Original",
        top_label=original.top_label,
        change=None,
        flipped=False,
        current=view.edit is None,
        in_branch=True,
    )
    return [first, *[_frame(view, step) for step in view.steps]]


def _frame(view: ExploreView, step: Step) -> Frame:
    edit = step.edit
    return Frame(
        id=edit.id,
        parent=edit.parent or "original",
        depth=step.depth,
        blob=edit.result_blob,
        title=f"{METHODS[edit.method].label if edit.method in METHODS else edit.method}, {percent(edit.mask_area)} %",
        top_label=step.top_label,
        change=step.change,
        flipped=step.flipped,
        current=view.edit is not None and view.edit.id == edit.id,
        in_branch=step.in_branch,
    )
