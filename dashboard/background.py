"""Work of minutes, done by a fresh interpreter of its own; nothing here computes.

The server has threads and networks in memory, and a process forked from it must not use either. So what runs in
the forked process of a background callback only starts ``regionscope replay`` anew and passes its progress on.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from dashboard.recording.ids import RequestError, new_id, parse_id
from dashboard.settings import Settings
from dashboard.vision.errors import RegionscopeError

KEPT_S = 24 * 60 * 60
START = "from dashboard.cli import main; main()"


class JobError(RegionscopeError):
    """The work ended before everything was done."""


def write_edits(settings: Settings, edit_ids: list[str]) -> str:
    """Puts ids, one a line, into a file for a job and returns the job's id; raises RequestError for none."""
    if not edit_ids:
        raise RequestError("There is no edited picture among the items, so there is nothing to answer.")
    job = new_id()
    settings.jobs_dir.mkdir(parents=True, exist_ok=True)
    _file(settings, job).write_text("\n".join(edit_ids) + "\n")
    return job


def answer_edits(settings: Settings, job: str, model_keys: list[str], on_progress: Callable[[int, int], None]) -> None:
    """Has the models answer the job's edits and waits for it; raises JobError with what the program said."""
    file = _file(settings, parse_id(job, "job"))
    models = [part for key in model_keys for part in ("--model", key)]
    command = [sys.executable, "-c", START, "replay", "--edits", str(file), *models, "--progress"]
    try:
        with tempfile.TemporaryFile("w+") as errors:
            _follow(command, environment(settings), errors, on_progress)
    finally:
        file.unlink(missing_ok=True)


def sweep(settings: Settings) -> None:
    """Removes what cancelled jobs left: they are killed, so they cannot do it themselves."""
    oldest_s = time.time() - KEPT_S
    for file in settings.jobs_dir.glob(_file(settings, "*").name):
        with suppress(OSError):
            if file.stat().st_mtime < oldest_s:
                file.unlink()


def environment(settings: Settings) -> dict[str, str]:
    """This process's environment with the same settings, so that a password is never part of a command line."""
    own = {f"REGIONSCOPE_{name.upper()}": str(value) for name, value in settings if value is not None}
    own["REGIONSCOPE_DATA_DIR"] = str(settings.data_dir.resolve())
    paths = [str(Path(__file__).resolve().parent.parent), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, **own, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def _follow(
    command: list[str], environment: dict[str, str], errors: IO[str], on_progress: Callable[[int, int], None]
) -> None:
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment) as process:
        for done, total in _progress(process.stdout or iter(())):
            on_progress(done, total)
    if process.returncode:
        errors.seek(0)
        said = errors.read().strip().splitlines()
        raise JobError(said[-1] if said else "The models stopped answering; the log may say why.")


def _progress(lines: Iterator[str] | IO[str]) -> Iterator[tuple[int, int]]:
    for line in lines:
        try:
            found = json.loads(line)
            yield int(found["done"]), int(found["total"])
        except (ValueError, TypeError, KeyError):
            continue


def _file(settings: Settings, job: str) -> Path:
    return settings.jobs_dir / f"{job}.txt"
