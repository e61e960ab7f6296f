"""*Does it matter?* on a picture of 512 px: how soon the first bar is there, and how soon all is.

Each time with another region, in a workspace that holds neither the picture nor the model's map, and with all that the
page does for a poll: the step, the bootstrap, the figure and the words, and writing them as JSON.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import numpy as np
from plotly.io.json import to_json_plotly

from benchmarks.timing import Row
from dashboard.pages.explore_effects import panel
from dashboard.recording import effects, regions
from dashboard.recording.ids import new_id
from dashboard.recording.pictures import FREE_PHOTOGRAPHS, add_picture
from dashboard.recording.sessions import Sitting
from dashboard.recording.workspace import Workspace
from dashboard.settings import Settings
from dashboard.vision.classifiers import Classifier
from dashboard.vision.shapes import parse_shapes
from db.records import Picture

MODEL = "efficientnet_lite0"
FIRST_S, ALL_S = 0.5, 3.0
REPEATS = 9
# The picture for its answer and once more for its map, both regions, both with all else blurred, 30 random regions.
PASSES, FIRST_PASSES = 36, 2


def measure(folder: Path, cache_dir: Path) -> list[Row]:
    folder.mkdir(parents=True)
    (folder / "cache").symlink_to(cache_dir.resolve())
    workspace = Workspace.open(Settings(data_dir=folder))
    photograph = FREE_PHOTOGRAPHS[1]
    picture = add_picture(workspace, photograph.read(), photograph.about)
    runs = [_timed(_cold(workspace), _question(workspace, picture, turn)) for turn in range(REPEATS)]
    first, whole, shown, polls = (statistics.median(column) for column in zip(*runs, strict=True))
    bare = _bare(workspace.catalogue.load(MODEL), workspace.pixels(picture.working_blob))
    workspace.close()
    name = "Does it matter? 30 random regions, Telea, 512 px"
    peer = f"{PASSES} bare forward passes {PASSES * bare:.2f} s"
    return [
        Row(name, whole, "s", peer, f"≤ {ALL_S:g} s", whole <= ALL_S),
        Row("  of it showing, in all polls", shown, "s", f"{polls:.0f} polls"),
        Row(
            "  the first bar",
            first,
            "s",
            f"{FIRST_PASSES} bare forward passes {FIRST_PASSES * bare:.2f} s",
            f"≤ {FIRST_S:g} s",
            first <= FIRST_S,
        ),
    ]


def _question(workspace: Workspace, picture: Picture, turn: int) -> effects.EffectQuestion:
    """About another region each time, so that nothing is computed twice."""
    shape = {"tool": "ellipse", "mode": "add", "x0": 150, "y0": 60, "x1": 320 + turn, "y1": 230}
    sitting = Sitting(new_id(), picture.id, {})
    request = regions.RegionRequest(new_id(), sitting, None, MODEL, 967, "", parse_shapes([shape]))
    region = regions.mark(workspace, request)
    return effects.parse_question({"region": region.id, "model": MODEL, "method": "telea"})


def _cold(workspace: Workspace) -> Workspace:
    """The same folder and models with nothing else in memory."""
    cold = Workspace(workspace.settings, workspace.database, workspace.blobs)
    vars(cold)["catalogue"] = workspace.catalogue
    return cold


def _timed(workspace: Workspace, question: effects.EffectQuestion) -> tuple[float, float, float, int]:
    """Seconds to the first bar, to the end, of showing alone, and the number of polls."""
    start, first, shown, polls = time.perf_counter(), 0.0, 0.0, 0
    while True:
        found = effects.advance(workspace, question)
        worked = time.perf_counter()
        to_json_plotly(panel([(question, found)], not found.is_finished))
        now = time.perf_counter()
        shown, polls, first = shown + now - worked, polls + 1, first or now - start
        if found.is_finished:
            return first, now - start, shown, polls


def _bare(classifier: Classifier, picture: np.ndarray) -> float:
    """Seconds of one forward pass, resizing included."""
    times = []
    for _ in range(PASSES):
        start = time.perf_counter()
        classifier.answer(picture[None])
        times.append(time.perf_counter() - start)
    return statistics.median(times)
