"""The commands' work: files in, plain values out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.analysis import compare_region_with_map
from dashboard.json_views import predictions_json, session_json, session_with_edits_json
from dashboard.recording import answers
from dashboard.recording.edits import EditRequest, apply_edit, is_flipped
from dashboard.recording.ids import new_id, parse_id
from dashboard.recording.pictures import About, add_picture, import_folder, read_labels
from dashboard.recording.sessions import Sitting
from dashboard.recording.workspace import Workspace
from dashboard.settings import Settings
from dashboard.vision.classifiers import Catalogue
from dashboard.vision.errors import MaskError, RegionscopeError
from dashboard.vision.images import decode_picture, working_copy
from dashboard.vision.inpainting import METHODS, unavailable_reason
from dashboard.vision.masks import marked_pixels, read_mask
from db import queries
from db.records import Picture

REGION_METRICS = ("iou", "dice", "human_coverage", "model_coverage", "area_ratio")


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
        picture = add_file(workspace, path)
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


def add_file(workspace: Workspace, path: Path) -> Picture:
    """A file's picture, kept; the same pixels again give the same picture."""
    return add_picture(workspace, path.read_bytes(), About(path.stem, "command line", path.name))


def _read_mask(path: Path, picture: Picture) -> Any:
    working = (picture.working_height, picture.working_width)
    return read_mask(path.read_bytes(), (picture.height, picture.width), working)


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


def compare_files(human: Path, model: Path, threshold: float | None, options: dict[str, Any]) -> dict[str, Any]:
    """Every metric of a person's mask PNG and a model's map (.npy) or region (.png), see ``compare_region_with_map``.

    With ``threshold`` the region metrics are of where the map is at least that.
    """
    mask, given = marked_pixels(human.read_bytes()), _map_or_region(model)
    try:
        found = compare_region_with_map(mask, given, **options)
        if threshold is not None:
            of_region = compare_region_with_map(mask, given >= threshold, correct=options["correct"])
            overlaps = {name: of_region[name] for name in (*REGION_METRICS, "case")}
            found |= overlaps | {"rule": f"threshold (at least {threshold:g})", "tied_pixels": None}
    except ValueError as error:
        raise MaskError(str(error)) from error
    return found


def _map_or_region(path: Path) -> Any:
    if path.suffix.lower() != ".npy":
        return marked_pixels(path.read_bytes())
    try:
        found = np.load(path, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise MaskError(f"{path.name} is not a NumPy array file.") from error
    if found.ndim != 2 or found.dtype.kind not in "fiub":
        raise MaskError(f"{path.name} holds an array of {found.ndim} dimensions; a map has two: height and width.")
    return found if found.dtype == np.bool_ else found.astype(np.float64)
