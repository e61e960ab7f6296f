"""What `regionscope explain` does: a model's map of one file, or the smallest region that changes its answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from dashboard.headless import add_file, opened
from dashboard.recording import answers
from dashboard.recording.flips import find_flip
from dashboard.recording.maps import MapNotReadyError, class_map
from dashboard.settings import Settings
from dashboard.vision import rle
from dashboard.vision.errors import ParameterError, RegionscopeError, UnknownNameError
from dashboard.vision.explain import EXPLANATIONS, SMALLEST_FLIP
from dashboard.vision.images import encode_png

Found = TypeVar("Found")
Progress = Callable[[str, float], None]
PATIENCE_S = 0.5


def explain_file(
    settings: Settings,
    path: Path,
    method: str,
    parameters: dict[str, Any],
    label: str | None,
    model: str,
    output: Path | None,
    progress: Progress,
) -> dict[str, Any]:
    """A model map of one file; ``output`` gets it as (H, W) float32. ``progress`` is told a label and a share, 0–1."""
    used = EXPLANATIONS[method].settings(parameters)
    with opened(settings) as workspace:
        picture = add_file(workspace, path)
        answer = answers.of_picture(workspace, picture, [model])[model]
        index = answer.top_index if label is None else class_index(answer.labels, label)
        blob = picture.working_blob
        found = patiently(lambda: class_map(workspace, model, method, index, blob, used, seconds=PATIENCE_S), progress)
    if output is not None:
        with output.open("wb") as file:
            np.save(file, found)
    row, column = np.unravel_index(int(found.argmax()), found.shape)
    return {
        "image": str(path),
        "model": model,
        "method": method,
        "parameters": used,
        "index": index,
        "label": answer.labels[index],
        "size": list(found.shape),
        "low": float(found.min()),
        "high": float(found.max()),
        "peak": [int(row), int(column)],
        "output": str(output) if output else None,
    }


def flip_file(
    settings: Settings,
    path: Path,
    parameters: dict[str, Any],
    label: str | None,
    model: str,
    output: Path | None,
    progress: Progress,
) -> dict[str, Any]:
    """The smallest flip of one file; ``output`` gets it as a mask PNG. Says so where nothing that was tried flips.

    Raises ParameterError for a ``label``, which would be ignored.
    """
    if label is not None:
        raise ParameterError("The smallest flip changes the model's top answer: it does not go with --label.")
    used = SMALLEST_FLIP.settings(parameters)
    with opened(settings) as workspace:
        blob = add_file(workspace, path).working_blob
        labels = workspace.catalogue.load(model).card.labels
        found = patiently(lambda: find_flip(workspace, model, blob, used, seconds=PATIENCE_S), progress)
    if output is not None:
        if not found.flipped:
            raise RegionscopeError(f"Nothing that was tried flips the answer, so {output.name} was not written.")
        output.write_bytes(encode_png(np.repeat(found.region[..., None], 3, axis=2).astype(np.uint8) * 255))
    return {
        "image": str(path),
        "model": model,
        "method": SMALLEST_FLIP.key,
        "parameters": used,
        "flipped": found.flipped,
        "area": found.area,
        "mask": rle.encode(found.region) if found.flipped else None,
        "before": {"label": labels[found.class_before], "probability": found.probability_before},
        "after": {"label": labels[found.class_after], "probability": found.probability_after},
        "evaluations": found.evaluations,
        "output": str(output) if output else None,
    }


def patiently(ask: Callable[[], Found], progress: Progress) -> Found:
    """Asks until all steps are done, telling ``progress`` after each try."""
    while True:
        try:
            return ask()
        except MapNotReadyError as unfinished:
            progress(unfinished.label, unfinished.steps / unfinished.total)


def class_index(labels: list[str], wanted: str) -> int:
    """A class by its number or its name (case does not matter); raises UnknownNameError."""
    if wanted.isdecimal() and int(wanted) < len(labels):
        return int(wanted)
    for index, label in enumerate(labels):
        if label.casefold() == wanted.casefold():
            return index
    raise UnknownNameError(f"The model knows no class {wanted!r}.")
