"""The commands' work: files in, plain values out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.json_views import predictions_json, session_json, session_with_edits_json
from dashboard.recording import answers
from dashboard.recording.edits import EditRequest, apply_edit, is_flipped
from dashboard.recording.ids import new_id, parse_id
from dashboard.recording.maps import class_map
from dashboard.recording.pictures import About, add_picture, import_folder, read_labels
from dashboard.recording.sessions import Sitting
from dashboard.recording.workspace import Workspace
from dashboard.settings import Settings
from dashboard.vision.classifiers import Catalogue
from dashboard.vision.errors import RegionscopeError, UnknownNameError
from dashboard.vision.images import decode_picture, working_copy
from dashboard.vision.inpainting import METHODS, unavailable_reason
from dashboard.vision.masks import read_mask
from db import queries
from db.records import Picture


@contextmanager
def opened(settings: Settings) -> Iterator[Workspace]:
    """A workspace for the length of one command."""
    workspace = Workspace.open(settings)
    try:
        yield workspace
    finally:
        workspace.close()


def _catalogue(settings: Settings) -> Catalogue:
    return Catalogue(settings.own_models_dir, settings.cache_dir, settings.device, settings.threads)


def classify_files(settings: Settings, paths: list[Path], model: str, top: int) -> list[dict[str, Any]]:
    """What the model says to each file's working copy; nothing is recorded."""
    classifier = _catalogue(settings).load(model)
    found = []
    for path in paths:
        pixels = working_copy(_read_picture(path), settings.working_px)
        probabilities = classifier.answer(pixels[None]).probabilities[0]
        highest = (-probabilities).argsort(kind="stable")[:top]
        predictions = [
            {"index": int(i), "label": classifier.card.labels[i], "probability": float(probabilities[i])}
            for i in highest
        ]
        found.append({"image": str(path), "model": model, "predictions": predictions})
    return found


def _read_picture(path: Path) -> Any:
    try:
        return decode_picture(path.read_bytes())
    except RegionscopeError as error:
        raise type(error)(f"{path}: {error}") from error


def edit_file(
    settings: Settings,
    path: Path,
    mask_path: Path,
    method: str,
    parameters: dict[str, Any],
    model: str,
    output: Path | None,
) -> dict[str, Any]:
    """Performs one edit on a file and records it as a session of its own."""
    with opened(settings) as workspace:
        picture = _add(workspace, path)
        request = EditRequest(
            id=new_id(),
            sitting=Sitting(new_id(), picture.id, {"interface": "command line"}),
            parent=None,
            method=METHODS[method].key,
            parameters=parameters,
            shapes=(),
            model_keys=(model,),
            mask=_read_mask(mask_path, picture),
        )
        before = answers.of_picture(workspace, picture, [model])[model]
        edit = apply_edit(workspace, request)
        after = answers.of_edit(workspace, edit, [model])[model]
        if output is not None:
            output.write_bytes(workspace.blobs.get(edit.result_blob))
        return {
            "session": edit.session,
            "edit": edit.id,
            "mask_area": edit.mask_area,
            "before": predictions_json(before),
            "after": predictions_json(after),
            "flipped": is_flipped([before], [after]),
            "output": str(output) if output else None,
        }


def _add(workspace: Workspace, path: Path) -> Picture:
    return add_picture(workspace, path.read_bytes(), About(path.stem, "command line", path.name))


def _read_mask(path: Path, picture: Picture) -> Any:
    working = (picture.working_height, picture.working_width)
    return read_mask(path.read_bytes(), (picture.height, picture.width), working)


def explain_file(
    settings: Settings, path: Path, method: str, label: str | None, model: str, output: Path | None
) -> dict[str, Any]:
    """A model map of one file; ``output`` gets it as (H, W) float32."""
    with opened(settings) as workspace:
        picture = _add(workspace, path)
        answer = answers.of_picture(workspace, picture, [model])[model]
        index = answer.top_index if label is None else class_index(answer.labels, label)
        found = class_map(workspace, model, method, index, picture.working_blob)
    if output is not None:
        with output.open("wb") as file:
            np.save(file, found)
    row, column = np.unravel_index(int(found.argmax()), found.shape)
    return {
        "image": str(path),
        "model": model,
        "method": method,
        "index": index,
        "label": answer.labels[index],
        "size": list(found.shape),
        "low": float(found.min()),
        "high": float(found.max()),
        "peak": [int(row), int(column)],
        "output": str(output) if output else None,
    }


def class_index(labels: list[str], wanted: str) -> int:
    """A class by its number or its name (case does not matter); raises UnknownNameError."""
    if wanted.isdecimal() and int(wanted) < len(labels):
        return int(wanted)
    for index, label in enumerate(labels):
        if label.casefold() == wanted.casefold():
            return index
    raise UnknownNameError(f"The model knows no class {wanted!r}.")


def list_models(settings: Settings, fetch: str | None = None) -> list[dict[str, Any]]:
    """Every model, downloading one's weights first if asked to."""
    catalogue = _catalogue(settings)
    if fetch:
        catalogue.fetch(fetch)
    return [
        {"key": e.key, "label": e.label, "family": e.family, "explanation": e.explanation, "unavailable": e.unavailable}
        for e in catalogue.entries()
    ]


def list_methods(settings: Settings) -> list[dict[str, Any]]:
    """Every way to change a region."""
    return [
        {
            "key": method.key,
            "label": method.label,
            "operation": method.group,
            "explanation": method.explanation,
            "parameters": [vars(parameter) for parameter in method.parameters],
            "unavailable": unavailable_reason(method.key, settings.inpainting_network),
        }
        for method in METHODS
    ]


def import_pictures(settings: Settings, folder: Path, image_set: str, labels: Path | None) -> dict[str, Any]:
    """Adds a folder's pictures."""
    names = read_labels(labels) if labels else None
    with opened(settings) as workspace:
        report = import_folder(workspace, folder, image_set, names)
    return {
        "set": image_set,
        "added": [{"id": picture.id, "name": picture.name} for picture in report.added],
        "skipped": [{"file": name, "reason": reason} for name, reason in report.skipped],
    }


def find_sessions(
    settings: Settings, image: str | None, model: str | None, flipped: bool, limit: int
) -> list[dict[str, Any]]:
    """Recorded sessions, the newest first."""
    with opened(settings) as workspace, workspace.database.read() as transaction:
        wanted = queries.SessionFilter(image, model, flipped, limit)
        return [session_json(session) for session in queries.sessions(transaction, wanted)]


def show_session(settings: Settings, session_id: str) -> dict[str, Any]:
    """One session with its edits and their answers."""
    wanted = parse_id(session_id, "session")
    with opened(settings) as workspace, workspace.database.read() as transaction:
        session = queries.session(transaction, wanted)
        return session_with_edits_json(
            session,
            queries.edits(transaction, session.id),
            queries.answers_of_edits(transaction, session.id),
            queries.answers_of_picture(transaction, session.picture.id),
        )
