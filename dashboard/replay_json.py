"""A film and a single step as the replay page and scripts read them."""

from __future__ import annotations

from typing import Any

from dashboard.components.filmstrip import Frame, lay_out
from dashboard.figures.step_chart import ChartStep, step_chart
from dashboard.json_views import predictions_json
from dashboard.recording.film import Film, FilmAnswer, FilmStep, Stop
from dashboard.vision.inpainting import METHODS
from db.films import EditWhole, RegionInShort
from db.records import Answer

ORIGINAL = "original"


def film_json(film: Film) -> dict[str, Any]:
    """Everything that the player needs before it shows a stroke; edits are referred to by their number, 0 the original.

    Probabilities, shares and areas 0–1, times in ms.
    """
    session, picture = film.session, film.session.picture
    return {
        "session": {
            "id": session.id,
            "name": session.name,
            "person": session.person,
            "notes": session.notes,
            "started": session.started_at.isoformat(),
            "tags": film.tags,
        },
        "picture": {
            "id": picture.id,
            "name": picture.name,
            "true_label": picture.true_label,
            "width": picture.working_width,
            "height": picture.working_height,
            "image": f"/media/{picture.working_blob}.png",
            "thumbnail": f"/media/thumbnails/{picture.working_blob}.png",
        },
        "models": [vars(model) for model in film.models],
        "model": film.model,
        "classes": [vars(one) for one in film.classes],
        "original": _answer(film.original),
        "steps": _steps(film),
        "stops": [vars(stop) for stop in _stops(film)],
        "ends": film.ends,
        "end": film.end,
        "chart": _chart(film),
    }


def _steps(film: Film) -> list[dict[str, Any]]:
    """Edits, then what was marked: its numbers go on after those of the edits."""
    ids = {0: ORIGINAL} | {step.edit.number: step.edit.id for step in film.steps}
    frames = [_frame(ORIGINAL, None)]
    frames += [_frame(step.edit.id, ids[step.edit.parent]) for step in film.steps]
    frames += [_frame(region.id, ids[region.on]) for region in film.regions]
    rows = lay_out(frames)
    made = [_step(film, step) for step in film.steps]
    made += [_marked(film, region, number) for number, region in _numbered(film)]
    return [step | {"row": rows[step["id"]]} for step in made]


def _numbered(film: Film) -> list[tuple[int, RegionInShort]]:
    first = max((step.edit.number for step in film.steps), default=0) + 1
    return list(enumerate(film.regions, first))


def _stops(film: Film) -> list[Stop]:
    """Edits and regions in the order in which they came; a region is marked on the picture that it lies on."""
    if not film.regions:
        return film.stops
    made = {step.edit.number: step.edit.created_at for step in film.steps}
    marked = dict(_numbered(film))
    came = [(made[stop.number], stop.number, stop.parent) for stop in film.stops]
    came += [(region.created_at, number, region.on) for number, region in marked.items()]
    stops, shown = [], 0
    for _, number, parent in sorted(came):
        stops.append(Stop(number, parent, parent != shown))
        shown = parent if number in marked else number
    return stops


def _marked(film: Film, region: RegionInShort, number: int) -> dict[str, Any]:
    """A step of the kind "region": the picture stays as it is."""
    below = {step.edit.number: step for step in film.steps}.get(region.on)
    blob = below.edit.blob if below else film.session.picture.working_blob
    known = region.client_started_ms is not None and region.client_ended_ms is not None
    return {
        "id": region.id,
        "kind": "region",
        "number": number,
        "parent": region.on,
        "depth": (below.depth if below else 0) + 1,
        "method": f"marked: {region.class_name}" if region.class_name else "marked",
        "operation": "mark",
        "mask_area": region.mask_area,
        "image": f"/media/{blob}.png",
        "thumbnail": f"/media/thumbnails/{blob}.png",
        "mask": f"/media/regions/{region.id}.png",
        "pause_ms": 0.0,
        "drawing_ms": (region.client_ended_ms or 0) - (region.client_started_ms or 0) if known else None,
        "copied": False,
        "answer": _answer(below.answer if below else film.original),
        "flipped": None,
    }


def _frame(frame_id: str, parent: str | None) -> Frame:
    """Only what the layout of the tree depends on."""
    return Frame(frame_id, parent, 0, "", "", "", None, False, False, False)


def _step(film: Film, step: FilmStep) -> dict[str, Any]:
    edit, original = step.edit, film.original
    compared = step.answer is not None and original is not None
    return {
        "id": edit.id,
        "kind": "edit",
        "number": edit.number,
        "parent": edit.parent,
        "depth": step.depth,
        "method": method_label(edit.method),
        "operation": edit.operation,
        "mask_area": edit.mask_area,
        "image": f"/media/{edit.blob}.png",
        "thumbnail": f"/media/thumbnails/{edit.blob}.png",
        "mask": f"/media/masks/{edit.id}.png",
        "pause_ms": step.times.pause_ms,
        "drawing_ms": step.times.drawing_ms,
        "copied": edit.copied_from is not None,
        "answer": _answer(step.answer),
        "flipped": step.answer.top_index != original.top_index if compared and step.answer and original else None,
    }


def _answer(answer: FilmAnswer | None) -> dict[str, Any] | None:
    if answer is None:
        return None
    return {
        "label": answer.top_label,
        "probability": answer.top_probability,
        "probabilities": [float(f"{value:.6g}") for value in answer.probabilities],
    }


def _chart(film: Film) -> dict[str, Any]:
    answers = {0: film.original} | {step.edit.number: step.answer for step in film.steps}
    values = {number: answer.probabilities if answer else None for number, answer in answers.items()}
    values |= {number: values[region.on] for number, region in _numbered(film)}
    steps = [ChartStep(one.number, values[one.number], values[one.parent], one.goes_back) for one in _stops(film)]
    return step_chart([one.label for one in film.classes], values[0], steps)


def method_label(key: str) -> str:
    """The method's human label; its key where the method is not here any more."""
    return METHODS[key].label if key in METHODS else key


def edit_json(found: EditWhole) -> dict[str, Any]:
    """One edit with everything that is known of it."""
    edit = found.edit
    known = None not in (edit.client_started_ms, edit.client_ended_ms)
    return {
        "id": edit.id,
        "session": edit.session,
        "parent": edit.parent,
        "number": found.number,
        "operation": edit.operation,
        "method": edit.method,
        "method_label": method_label(edit.method),
        "parameters": edit.parameters,
        "parameter_labels": _parameter_labels(edit.method),
        "shapes": edit.shapes,
        "image": f"/media/{edit.result_blob}.png",
        "mask": f"/media/masks/{edit.id}.png",
        "mask_area": edit.mask_area,
        "removed_area": edit.removed_area,
        "client_started_ms": edit.client_started_ms,
        "client_ended_ms": edit.client_ended_ms,
        "drawing_ms": (edit.client_ended_ms or 0) - (edit.client_started_ms or 0) if known else None,
        "duration_ms": edit.duration_ms,
        "created": edit.created_at.isoformat(),
        "software_version": found.software_version,
        "copied_from": found.copied_from,
        "answers": [_model_answer(answer) for answer in found.answers],
        "note": found.note,
        "tags": found.tags,
    }


def _parameter_labels(method: str) -> dict[str, dict[str, str]]:
    parameters = METHODS[method].parameters if method in METHODS else ()
    return {p.name: {"label": p.label, "unit": p.unit} for p in parameters}


def _model_answer(answer: Answer) -> dict[str, Any]:
    model = answer.model
    return {
        "model": model.key,
        "label": model.label,
        "weights_sha256": model.weights_sha256,
        "engine": model.engine,
        "engine_version": model.engine_version,
        "latency_ms": answer.latency_ms,
        "predictions": predictions_json(answer),
    }
