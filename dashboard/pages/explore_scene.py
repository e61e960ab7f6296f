"""From what the browser asks to see to what it shows: the one reader behind the explore page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from dashboard.components.filmstrip import Frame, filmstrip
from dashboard.components.marking import RegionLine, region_list
from dashboard.components.predictions import Column, Line, headline, prediction_table
from dashboard.numbers import percent
from dashboard.recording.answer_rows import AnswerRow, answer_rows
from dashboard.recording.ids import RequestError, object_of, parse_id, parse_models
from dashboard.recording.maps import MapNotReadyError, class_map
from dashboard.recording.view import ExploreView, Step, explore_view
from dashboard.recording.workspace import Workspace
from dashboard.vision.colour import value_range
from dashboard.vision.errors import RegionscopeError
from dashboard.vision.inpainting import METHODS
from db.records import Answer, Region
from db.regions import HUMAN

MOST_PINNED = 50
STEP_SECONDS = 0.3


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
    map_settings: dict[str, Any]
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
        map_settings=object_of(view, "mapSettings"),
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
        region_list([_region_line(view, region) for region in view.regions]),
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
        "trueLabel": picture.true_label,
        "top": next(iter(view.after.values())).top_index,
        "regions": [_region(region) for region in view.regions],
        "map": _map(workspace, look, view),
    }


def _region(region: Region) -> dict[str, Any]:
    """What the browser does things with; what it only shows is in the list."""
    texts = {"name": region.name, "reason": region.reason, "confidence": region.confidence}
    return {"id": region.id, "overlay": f"/media/regions/{region.id}.png", "className": region.class_name} | texts


def _state(view: ExploreView, edit: str | None) -> str:
    steps = {step.edit.id: step.edit.sequence for step in view.steps}
    return f"on step {steps[edit]}" if edit in steps else "on the original" if edit is None else "on another step"


def _region_line(view: ExploreView, region: Region) -> RegionLine:
    where = _state(view, region.edit)
    return RegionLine(
        id=region.id,
        title=f"{region.name} · {region.class_name}" if region.name else region.class_name,
        class_name=region.class_name,
        share=region.mask_area,
        where=f"{where}, {region.source}" if region.source else where,
        confidence=region.confidence,
        reason=region.reason,
        agreement=region.agreement,
        is_human=region.kind == HUMAN,
    )


def _map(workspace: Workspace, look: Look, view: ExploreView) -> dict[str, Any] | None:
    """Where both coloured maps are to be had, and the values at the ends of the scale; or why there is none."""
    if look.explained is None:
        return None
    identity = workspace.catalogue.load(look.models[0]).card.identity[:16]
    model, blobs = look.models[0], {"modified": view.blob, "original": view.picture.working_blob}
    try:
        maps = {
            name: class_map(
                workspace, model, look.map_method, look.explained, blob, look.map_settings, seconds=STEP_SECONDS
            )
            for name, blob in blobs.items()
        }
    except MapNotReadyError as unfinished:
        return {"pending": unfinished.steps / unfinished.total, "method": unfinished.label}
    except RegionscopeError as error:
        return {"failed": str(error)}
    shared = value_range(*maps.values())
    answer = {"label": view.before[model].labels[look.explained], "low": shared[0], "high": shared[1]}
    for name, blob in blobs.items():
        low, high = shared if look.shared_scale else value_range(maps[name])
        path = f"/media/maps/{model}/{look.map_method}/{look.explained}/{blob}.png"
        # What the model is is named because the answer is kept by the browser for good.
        query = {"low": low, "high": high, "model": identity}
        if look.map_settings:
            query["settings"] = json.dumps(look.map_settings)
        answer[name] = f"{path}?{urlencode(query)}"
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
