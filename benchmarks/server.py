"""How soon the server is ready, and how much memory one worker needs as edits go by."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from benchmarks.timing import Row
from dashboard.recording.ids import new_id
from tests.support.server import ServerProcess, post

TARGET_START_S = 6
TARGET_MEMORY_MB = 900
SOME, MANY = 100, 1000


def measure_start(data_dir: Path, log: Path, what: str) -> Row:
    """Seconds from starting the process to the first 200 of /readyz."""
    start = time.perf_counter()
    with ServerProcess(data_dir, log) as server:
        server.wait_ready()
        taken = time.perf_counter() - start
    return Row(
        f"start of the server to /readyz, {what}", taken, "s", "", f"≤ {TARGET_START_S} s", taken <= TARGET_START_S
    )


def measure_memory(server: ServerProcess, image: str) -> list[Row]:
    """Resident memory of the worker after 100 edits and after 1,000."""
    session = new_id()
    worker = _worker(server)
    _edit(server, image, session, SOME)
    some = _resident_mb(worker)
    _edit(server, image, session, MANY - SOME)
    many = _resident_mb(worker)
    grown = many - some
    return [
        Row(
            "memory of one worker after 100 edits", some, "MB", "", f"≤ {TARGET_MEMORY_MB} MB", some <= TARGET_MEMORY_MB
        ),
        Row("  grown over 900 more", grown, "MB", f"{many:.0f} MB after 1,000", "not growing", grown < some * 0.05),
    ]


def _edit(server: ServerProcess, image: str, session: str, count: int) -> None:
    for number in range(count):
        status, reply = post(server.port, "/api/v1/edits", _body(image, session, number))
        assert status == 200, reply


def _body(image: str, session: str, number: int) -> dict[str, Any]:
    x, y = 60 + (number * 37) % 300, 60 + (number * 53) % 180
    shape = {"tool": "brush", "mode": "add", "path": f"M{x},{y}L{x + 40},{y + 20}", "width_image_px": 30}
    return {
        "id": new_id(),
        "session": session,
        "image": image,
        "parent": None,
        "method": "telea",
        "parameters": {},
        "shapes": [shape],
        "models": ["efficientnet_lite0"],
    }


def worker_memory_mb(server: ServerProcess) -> float:
    """Resident memory of the server's one worker."""
    return _resident_mb(_worker(server))


def _worker(server: ServerProcess) -> int:
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    return int(children[0])


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("the kernel does not say how much memory the process has")
