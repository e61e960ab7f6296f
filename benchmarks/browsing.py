"""Browsing a made database of 1,000,000 edits, as the server answers it: lists, filters, search, charts, memory."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks import made
from benchmarks.server import worker_memory_mb
from benchmarks.timing import Row
from tests.support.server import ServerProcess, get

TARGET_MS = 300
TARGET_GLANCE_MS = 1_500
TARGET_GLANCE_AGAIN_MS = 300
TARGET_MEMORY_MB = 1_200
REPEATS = 15
PAGE = 100
QUESTIONS = {
    "first page of sessions": ("", 0),
    "  first page of edits": ("view=edits", 0),
    "a page deep in the list of sessions": ("", 0.6),
    "  deep in the edits by change": ("view=edits&sort=change", 0.6),
    "a filter by class and flipped": ("view=edits&class=tabby&flipped=1", 0),
    "  the same for sessions": ("class=tabby&flipped=1", 0),
    "a text search (in class names)": ("view=edits&q=cat", 0),
    "  in notes, for sessions": ("q=pilot", 0),
}


def folder(build: Path, cache_dir: Path) -> Path:
    """The made database, made once and kept beside the results."""
    target = build / f"made-{made.EDITS}"
    if not (target / "done").exists():
        target.mkdir(parents=True, exist_ok=True)
        (target / "regionscope.sqlite").unlink(missing_ok=True)
        if not (target / "cache").exists():
            (target / "cache").symlink_to(cache_dir.resolve())
        seconds = made.make(target)
        (target / "done").write_text(f"{seconds:.0f}")
    return target


def measure(data_dir: Path, log: Path) -> list[Row]:
    """Over HTTP on loopback, one request at a time; ``data_dir`` holds the made database."""
    size = (data_dir / "regionscope.sqlite").stat().st_size
    rows = [
        Row("the made database", size / 1e9, "GB", f"made in {(data_dir / 'done').read_text()} s"),
        Row("  an edit with its answers, without pictures", size / made.EDITS, "B"),
    ]
    with ServerProcess(data_dir, log) as server:
        server.wait_ready()
        rows += _pages(server.port)
        rows += _glances(server.port)
        memory = worker_memory_mb(server)
    rows.append(
        Row("memory of the server during all of this", memory, "MB", "", "≤ 1,200 MB", memory <= TARGET_MEMORY_MB)
    )
    return rows


def _pages(port: int) -> list[Row]:
    found = []
    for what, (query, share) in QUESTIONS.items():
        total = _ask(port, f"/api/v1/rows?{query}&offset=0&limit=1")["total"]

        # Each time another page, so that none is remembered.
        start, step = int(total * share), 3 if share else 0
        median = _median(partial(_page, port, query, start, step))
        found.append(Row(what, median, "ms", f"of {total:,}", f"≤ {TARGET_MS} ms", median <= TARGET_MS))
    return found


def _page(port: int, query: str, start: int, step: int, turn: int) -> None:
    _ask(port, f"/api/v1/rows?{query}&offset={start + turn * step}&limit={PAGE}")


def _glances(port: int) -> list[Row]:
    start = time.perf_counter()
    glance = _ask(port, "/api/v1/glance?view=edits")
    first = (time.perf_counter() - start) * 1000
    again = _median(lambda _turn: _ask(port, "/api/v1/glance?view=edits"))
    return [
        Row(
            "the charts for all, first time",
            first,
            "ms",
            f"{glance['edits']:,} edits, {glance['flips']:,} flips",
            f"≤ {TARGET_GLANCE_MS} ms",
            first <= TARGET_GLANCE_MS,
        ),
        Row("  afterwards", again, "ms", "", f"≤ {TARGET_GLANCE_AGAIN_MS} ms", again <= TARGET_GLANCE_AGAIN_MS),
    ]


def _median(act: Callable[[int], object]) -> float:
    times = []
    for turn in range(REPEATS + 1):
        start = time.perf_counter()
        act(turn)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times[1:])


def _ask(port: int, path: str) -> dict[str, Any]:
    status, body = get(port, quote(path, safe="/?&=+-,.:%"))
    assert status == 200, (path, status, body[:200])
    answer: dict[str, Any] = json.loads(body)
    return answer
