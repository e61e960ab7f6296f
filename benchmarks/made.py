"""A made database as large as a field's whole year: 20,000 sessions, 1,000,000 edits and their answers, no pictures.

    python -m benchmarks.made FOLDER [EDITS]

The same seed makes the same rows. Honest where it matters for speed and weight: answers start from what the network
really says to real photographs and are moved from there, classes are skewed (Zipf), sessions are of very different
lengths and have branches, strokes and masks are really rasterised (and then used again). Rows are written past the
application, because performing a million edits would take a day; indexes are made at the end, as a bulk load does.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.recording.pictures import FREE_PHOTOGRAPHS
from dashboard.recording.workspace import Workspace
from dashboard.settings import Settings
from dashboard.vision import rle
from dashboard.vision.images import decode_picture, working_copy
from dashboard.vision.inpainting import apply_method
from dashboard.vision.masks import rasterise
from dashboard.vision.shapes import parse_shapes
from db.outcomes import cell
from db.probabilities import pack

SEED = 20180618
EDITS = 1_000_000
EDITS_A_SESSION = 50
LONG_SESSION = 500
PICTURES = 300
WIDTH, HEIGHT = 512, 384
STROKES = 1_500
SESSIONS_A_CHUNK = 100
START_MS = 1_735_689_600_000  # 2025-01-01
DAYS = 640
MODELS = ("efficientnet_lite0", "efficientnet_lite1")
METHODS = ("telea", "navier_stokes", "patchmatch", "blur", "mean", "noise", "keep_blur", "keep_gray")
METHOD_WEIGHTS = (0.55, 0.1, 0.12, 0.06, 0.07, 0.03, 0.04, 0.03)
SECOND_MODEL = 0.1
ARCHIVED = 0.03
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Materials:
    """What every worker draws from."""

    answers: Floats
    strokes: list[tuple[str, str, float]]
    classes: int


def make(folder: Path, edits: int = EDITS) -> float:
    """Fills an empty data folder; returns the seconds it took."""
    start = time.perf_counter()
    workspace = Workspace.open(Settings(data_dir=folder))
    materials = _materials(workspace)
    labels = list(workspace.catalogue.load(MODELS[0]).card.labels)
    cards = [workspace.catalogue.load(key).card for key in MODELS]
    workspace.close()
    connection = sqlite3.connect(folder / "regionscope.sqlite", isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-400000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    _fixed_rows(connection, labels, cards, materials)
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL "
        "AND tbl_name IN ('outcomes', 'edits', 'predictions')"
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    _sessions(connection, materials, edits)
    for _, sql in indexes:
        connection.execute(sql)
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    return time.perf_counter() - start


def _materials(workspace: Workspace) -> Materials:
    """Real answers to real photographs, whole and with a stroke removed, and strokes with their masks."""
    random = np.random.default_rng(SEED)
    strokes = [_stroke(random) for _ in range(STROKES)]
    classifier = workspace.catalogue.load(MODELS[0])
    answers = []
    for photograph in FREE_PHOTOGRAPHS:
        pixels = working_copy(decode_picture(photograph.read()), 512)
        states = [pixels]
        for shapes, _, _ in strokes[:20]:
            mask = rasterise(parse_shapes(json.loads(shapes)), *pixels.shape[:2])
            states.append(apply_method("mean", pixels, mask, {}) if mask.any() else pixels)
        answers += [classifier.answer(state[None]).probabilities[0] for state in states]
    return Materials(np.stack(answers), strokes, answers[0].size)


def _stroke(random: np.random.Generator) -> tuple[str, str, float]:
    """A brush stroke as recorded: JSON of its shapes, its mask's run-length encoding, its area."""
    width_px = float(np.clip(random.lognormal(3.4, 0.6), 6, 160))
    start, step = random.uniform((30, 30), (WIDTH - 30, HEIGHT - 30)), random.normal(0, 9, (14, 2)).cumsum(axis=0)
    points = np.round(start + step, 2)
    times = np.cumsum(random.integers(12, 60, len(points)))
    shape = {
        "tool": "brush",
        "mode": "add",
        "path": "M" + "L".join(f"{x:.2f},{y:.2f}" for x, y in points),
        "width_image_px": round(width_px, 3),
        "width_screen_px": 36.0,
        "points": [[int(t), float(x), float(y)] for t, (x, y) in zip(times, points, strict=True)],
    }
    mask = rasterise(parse_shapes([shape]), HEIGHT, WIDTH)
    if not mask.any():
        return _stroke(random)
    return json.dumps([shape]), rle.encode(mask)["counts"], float(mask.mean())


def _hex(random: np.random.Generator, digits: int) -> str:
    return random.bytes(digits // 2).hex()


def _uuid(random: np.random.Generator, at_ms: int) -> str:
    digits = f"{at_ms:012x}7{_hex(random, 4)[:3]}8{_hex(random, 16)[:15]}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _moment(at_ms: float) -> str:
    seconds, rest = divmod(int(at_ms), 1000)
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds)) + f".{rest:03d}000"


def _fixed_rows(connection: sqlite3.Connection, labels: list[str], cards: list[Any], materials: Materials) -> None:
    random = np.random.default_rng(SEED + 1)
    connection.execute("INSERT INTO label_sets VALUES (1, ?, ?)", (cards[0].label_set, json.dumps(labels)))
    connection.executemany(
        'INSERT INTO class_names (id, label_set_id, "index", name) VALUES (?, 1, ?, ?)',
        [(index + 1, index, name) for index, name in enumerate(labels)],
    )
    for number, card in enumerate(cards, 1):
        connection.execute(
            "INSERT INTO models VALUES (?, ?, ?, ?, ?, ?, ?, '{}', ?, ?, ?, 1)",
            (
                number,
                card.key,
                card.label,
                card.family,
                card.weights_sha256,
                card.input_height,
                card.input_width,
                _hex(random, 64),
                card.engine,
                card.engine_version,
            ),
        )
    for number in range(1, PICTURES + 1):
        sha256 = _hex(random, 64)
        label = labels[picture_class(number)] if random.random() < 0.7 else None
        moment = _moment(START_MS)
        connection.execute(
            "INSERT INTO images (id, public_id, pixels_sha256, name, true_label, image_set, width, height, "
            "original_blob, working_blob, working_width, working_height, created_at) "
            "VALUES (?, ?, ?, ?, ?, 'made', ?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                _uuid(random, START_MS),
                _hex(random, 64),
                f"Picture {number:03d}",
                label,
                WIDTH,
                HEIGHT,
                sha256,
                sha256,
                WIDTH,
                HEIGHT,
                moment,
            ),
        )
        for model in (1, 2):
            answer = original_answer(materials, number, model)
            top = int(answer.argmax())
            connection.execute(
                "INSERT INTO predictions (model_id, image_id, probabilities, top_index, top_probability, latency_ms, "
                "created_at) VALUES (?, ?, ?, ?, ?, 6.5, ?)",
                (model, number, pack(answer), top, float(answer[top]), moment),
            )


def picture_class(picture: int) -> int:
    """Zipf: a few classes have most of the pictures."""
    return int((np.random.default_rng([SEED, 2, picture]).zipf(1.25) * 281) % 1000)


def original_answer(materials: Materials, picture: int, model: int) -> Floats:
    """A real answer, its top class exchanged for the picture's own."""
    random = np.random.default_rng([SEED, 3, picture, model])
    answer = materials.answers[random.integers(len(materials.answers))].copy()
    top, wanted = int(answer.argmax()), picture_class(picture)
    answer[[top, wanted]] = answer[[wanted, top]]
    return answer


def _sessions(connection: sqlite3.Connection, materials: Materials, edits: int) -> None:
    lengths = session_lengths(edits)
    chunks = [range(start, min(start + SESSIONS_A_CHUNK, len(lengths))) for start in range(0, len(lengths), 100)]
    firsts = np.concatenate(([1], 1 + np.cumsum(lengths)))
    work = [[(number + 1, int(lengths[number]), int(firsts[number])) for number in chunk] for chunk in chunks]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for rows in _in_order(pool, partial(make_sessions, materials), work):
            for table, values in rows.items():
                marks = ", ".join("?" * len(values[0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", values)


def _in_order(pool: ProcessPoolExecutor, act: Any, work: list[Any]) -> Iterator[dict[str, list[tuple[Any, ...]]]]:
    """Results in the order of the work, only a few waiting in memory at a time."""
    ahead = 6
    waiting = [pool.submit(act, item) for item in work[:ahead]]
    for number in range(len(work)):
        yield waiting.pop(0).result()
        if number + ahead < len(work):
            waiting.append(pool.submit(act, work[number + ahead]))


def session_lengths(edits: int) -> NDArray[np.int64]:
    """Edits a session: the first has 500, the others are skewed; together exactly ``edits``."""
    random = np.random.default_rng([SEED, 4])
    sessions = max(2, edits // EDITS_A_SESSION)
    weights = random.lognormal(0, 0.9, sessions - 1)
    rest = edits - min(LONG_SESSION, edits // 2)
    lengths = np.maximum(1, np.floor(weights / weights.sum() * rest).astype(np.int64))
    lengths[np.argmax(lengths)] += rest - lengths.sum()
    return np.concatenate(([edits - rest], lengths))


def make_sessions(materials: Materials, work: list[tuple[int, int, int]]) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of some sessions: (number, edits, number of the first edit)."""
    rows: dict[str, list[tuple[Any, ...]]] = {"sessions": [], "edits": [], "predictions": [], "outcomes": []}
    for number, length, first in work:
        _make_session(materials, number, length, first, rows)
    return {table: values for table, values in rows.items() if values}


def _make_session(
    materials: Materials, number: int, length: int, first: int, rows: dict[str, list[tuple[Any, ...]]]
) -> None:
    random = np.random.default_rng([SEED, 5, number])
    picture = 1 + int(PICTURES * random.uniform() ** 2.2)
    day = int(random.beta(2.2, 1.2) * DAYS)
    at_ms = START_MS + day * 86_400_000 + int(random.normal(13, 3) * 3_600_000)
    session_id, began_ms = _uuid(random, at_ms), at_ms
    person, study = f"P{int(random.zipf(1.2)) % 800:03d}", f"study-{number % 12}" if random.random() < 0.6 else ""
    archived = bool(random.random() < ARCHIVED)
    parents = _tree(random, length)
    strokes = random.integers(len(materials.strokes), size=length)
    areas = np.array([materials.strokes[index][2] for index in strokes])
    removed = np.zeros(length)
    for index, parent in enumerate(parents):
        removed[index] = min(0.95, (removed[parent] if parent >= 0 else 0) + areas[index])
    methods = random.choice(METHODS, size=length, p=METHOD_WEIGHTS)
    seconds = random.uniform(size=length) < SECOND_MODEL
    for model in (1, 2):
        chosen = np.arange(length) if model == 1 else np.flatnonzero(seconds)
        original = original_answer(materials, picture, model)
        answers = _edited_answers(random, original, removed[chosen])
        top, before = int(original.argmax()), float(original.max())
        for index, answer in zip(chosen, answers, strict=True):
            edit = first + int(index)
            made_ms = at_ms + int(index) * 21_000
            prediction = edit + (0 if model == 1 else 10_000_000) + 2 * PICTURES
            best, after = int(answer.argmax()), float(answer[top])
            rows["predictions"].append(
                (prediction, model, None, edit, pack(answer), best, float(answer[best]), 6.5, _moment(made_ms))
            )
            rows["outcomes"].append(
                (
                    prediction,
                    edit,
                    number,
                    picture,
                    model,
                    model == 1,
                    archived,
                    str(methods[index]),
                    float(areas[index]),
                    made_ms,
                    float(random.uniform(400, 6000)),
                    top + 1,
                    best + 1,
                    before,
                    after,
                    after - before,
                    best != top,
                    cell(float(areas[index]), after - before),
                    0,
                    None,
                )
            )
    for index in range(length):
        made_ms = at_ms + index * 21_000
        parent = first + int(parents[index]) if parents[index] >= 0 else None
        shapes, counts, area = materials.strokes[strokes[index]]
        method = str(methods[index])
        rows["edits"].append(
            (
                first + index,
                _uuid(random, made_ms),
                number,
                parent,
                index + 1,
                _hex(random, 64),
                "keep" if method.startswith("keep") else "remove",
                method,
                "{}",
                shapes,
                counts,
                area,
                counts,
                float(removed[index]),
                _hex(random, 64),
                made_ms - 2000.0,
                float(made_ms),
                48.0,
                "0.1.0",
                _moment(made_ms),
                None,
            )
        )
    last_ms = at_ms + length * 21_000
    name = f"{person} looks at picture {picture:03d}" if random.random() < 0.8 else ""
    notes = "Pilot run, instructions were changed afterwards." if random.random() < 0.01 else ""
    rows["sessions"].append(
        (
            number,
            session_id,
            picture,
            length,
            length,
            name,
            notes,
            person,
            '{"made": true}',
            "0.1.0",
            _moment(began_ms),
            _moment(last_ms),
            None,
            study,
            _moment(last_ms) if archived else None,
            0,
            None,
        )
    )


def _tree(random: np.random.Generator, length: int) -> NDArray[np.int64]:
    """Each edit's parent by its place, −1 the original: mostly the one before, now and then a branch."""
    parents = np.arange(-1, length - 1)
    for index in np.flatnonzero(random.uniform(size=length) < 0.15):
        parents[index] = int(random.integers(-1, index)) if index else -1
    # Nobody removes the same picture fifty times over: most go back to the original after a while.
    parents[random.uniform(size=length) < 0.12] = -1
    return parents


def _edited_answers(random: np.random.Generator, original: Floats, removed: NDArray[np.float64]) -> Floats:
    """The original's answer as it might become: the more is removed, the less of its top classes is left."""
    logits = np.log(np.maximum(original, 1e-9))[None] + random.normal(0, 0.35, (len(removed), original.size))
    best = np.argsort(-original)[:3]
    loss = removed[:, None] * random.gamma(1.6, 7.0, (len(removed), 1)) * np.array([1.0, 0.6, 0.4])
    logits[:, best] -= loss
    values = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (values / values.sum(axis=1, keepdims=True)).astype(np.float32)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    seconds = make(target, int(sys.argv[2]) if len(sys.argv) > 2 else EDITS)
    size = (target / "regionscope.sqlite").stat().st_size
    print(f"{seconds:.0f} s, {size / 1e9:.2f} GB")
