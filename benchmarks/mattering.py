"""*Does it matter?* on a picture of 512 px: how soon the first bar is there, and how soon all is."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from benchmarks.timing import Row
from dashboard.recording import effects, regions
from dashboard.recording.ids import new_id
from dashboard.recording.pictures import FREE_PHOTOGRAPHS, add_picture
from dashboard.recording.sessions import Sitting
from dashboard.recording.workspace import Workspace
from dashboard.settings import Settings
from dashboard.vision.shapes import parse_shapes

MODEL = "efficientnet_lite0"
FIRST_S, ALL_S = 0.5, 3.0
REPEATS = 9
PASSES = 34  # the picture, two regions, two sufficiencies – of which one is blurred anew – and 30 random regions


def measure(folder: Path, cache_dir: Path) -> list[Row]:
    folder.mkdir(parents=True)
    (folder / "cache").symlink_to(cache_dir.resolve())
    workspace = Workspace.open(Settings(data_dir=folder))
    photograph = FREE_PHOTOGRAPHS[1]
    picture = add_picture(workspace, photograph.read(), photograph.about)
    shape = {"tool": "ellipse", "mode": "add", "x0": 150, "y0": 60, "x1": 320, "y1": 230}
    firsts, alls = [], []
    for turn in range(REPEATS):
        sitting = Sitting(new_id(), picture.id, {})
        # Another region each time: nothing is computed twice.
        drawn = parse_shapes([shape | {"x1": 320 + turn}])
        request = regions.RegionRequest(new_id(), sitting, None, MODEL, 967, "", drawn)
        region = regions.mark(workspace, request)
        question = effects.parse_question({"region": region.id, "model": MODEL, "method": "telea"})
        first, whole = _timed(workspace, question)
        firsts.append(first)
        alls.append(whole)
    classifier = workspace.catalogue.load(MODEL)
    pixels = workspace.pixels(picture.working_blob)
    start = time.perf_counter()
    for _ in range(PASSES):
        classifier.answer(pixels[None])
    bare = time.perf_counter() - start
    workspace.close()
    first, whole = statistics.median(firsts), statistics.median(alls)
    name = "Does it matter? 30 random regions, Telea, 512 px"
    return [
        Row(name, whole, "s", f"{PASSES} bare forward passes {bare:.2f} s", f"≤ {ALL_S:g} s", whole <= ALL_S),
        Row("  the first bar", first, "s", "", f"≤ {FIRST_S:g} s", first <= FIRST_S),
    ]


def _timed(workspace: Workspace, question: effects.EffectQuestion) -> tuple[float, float]:
    start = time.perf_counter()
    found = effects.advance(workspace, question)
    first = time.perf_counter() - start
    while not found.is_finished:
        found = effects.advance(workspace, question)
    return first, time.perf_counter() - start
