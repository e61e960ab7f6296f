"""Figures drawn for a page: their files lie in a folder for as long as the page may ask for them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from matplotlib.colors import to_hex

from dashboard.exports.figures import latex
from dashboard.exports.figures.annotating import classes_in
from dashboard.exports.figures.annotations import COLOURS, Annotation, as_json
from dashboard.exports.figures.drawing import boxes, draw, save
from dashboard.exports.figures.look import FigureError, Look
from dashboard.exports.figures.parts import Drawn
from dashboard.exports.figures.reading import Asked
from dashboard.exports.figures.recorded import recorded
from dashboard.handed_out import unless_taken_back
from dashboard.recording.workspace import Workspace
from db.errors import NotFoundError

KEPT_S = 60 * 60
STEP_SECONDS = 0.6
# A browser shows neither of these, so the same figure is shown in the format that is nearest.
SHOWN_AS = {"pdf": "svg", "tiff": "png"}
_NAMED = set("0123456789abcdefghijklmnopqrstuvwxyz.-")


@dataclass(frozen=True)
class Request:
    """A figure as a page asks for it."""

    kind: str
    asked: Asked
    look: Look
    form: str
    dpi: int
    annotations: tuple[Annotation, ...] = ()


def drawn_for(workspace: Workspace, request: Request) -> dict[str, Any]:
    """The figure's words, and its files' names: the one to be downloaded, and the one to be shown.

    Raises NotReadyError where something is still to be worked out, FigureError where it cannot be drawn.
    """
    root = _root(workspace)
    _sweep(root)
    content = asdict(request) | {"annotations": as_json(request.annotations)}
    key = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]
    shown_as = SHOWN_AS.get(request.form, request.form)
    names = {form: f"{key}.{form}" for form in (request.form, shown_as)}

    def make() -> Drawn:
        with recorded(workspace, request.kind, request.asked, STEP_SECONDS) as source:
            drawn = draw(source, request.kind, request.asked.of, request.look, request.asked, request.annotations)
        for form, name in names.items():
            _write(root / name, save(drawn, form, request.dpi))
        return drawn

    drawn = unless_taken_back(workspace.settings, make, lambda: _remove(root, names.values()))
    name = f"{request.kind}.{request.form}"
    width, height = drawn.figure.get_size_inches()
    return {
        "file": names[request.form],
        "shown": names[shown_as],
        "name": name,
        "caption": drawn.caption,
        "alt": drawn.alt,
        "latex": latex.figure(drawn, name),
        "references": latex.references(drawn.cites),
        "problems": list(drawn.problems),
        "panels": boxes(drawn),
        "classes": classes_in(drawn),
        "inches": [float(width), float(height)],
        "colours": {name: to_hex(getattr(request.look, name)) for name in (*COLOURS, "paper")},
    }


def file_of(workspace: Workspace, name: str) -> Path:
    """A drawn file; raises NotFoundError where it is not there any more."""
    path = _root(workspace) / name
    if not set(name) <= _NAMED or name.startswith(".") or not path.is_file():
        raise NotFoundError("This figure is not there any more. Draw it again.")
    return path


def _root(workspace: Workspace) -> Path:
    return workspace.settings.figures_dir


def _sweep(root: Path) -> None:
    root.mkdir(parents=True, exist_ok=True)
    for path in root.iterdir():
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > KEPT_S:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def _remove(root: Path, names: Iterable[str]) -> None:
    for name in names:
        (root / name).unlink(missing_ok=True)


def _write(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.{time.monotonic_ns()}")
    path.parent.mkdir(exist_ok=True)
    try:
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise FigureError(f"The figure could not be written ({error.strerror}).") from error
