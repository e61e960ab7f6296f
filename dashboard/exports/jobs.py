"""Packages and reports written in the background, each by a fresh interpreter in a folder of its own.

Everything about a job lies in its folder, so that any process of the server can say how far it is, stop it, and hand
out what was made.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from dashboard.background import environment
from dashboard.exports.package import Choices, Scope
from dashboard.recording.ids import RequestError, parse_id
from dashboard.settings import Settings
from dashboard.vision.errors import RegionscopeError
from db.errors import NotFoundError, StorageError

KEPT_S = 24 * 60 * 60
MOST_AT_ONCE = 2
EVERY_S = 0.2
STOP_S = 5
START = "from dashboard.exports.jobs import main; main()"
# What can be made, and what the file is called in its address.
FILES = {"package": "package.zip", "report": "report.html"}
ENDED = "The export ended before everything was written; the log may say why."
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Standing:
    """How far a job is: ``state`` running, done or failed; ``message`` says why it failed.

    ``file``: what its file is called in its address.
    """

    state: str
    done: int = 0
    total: int = 0
    message: str = ""
    size: int = 0
    name: str = ""
    file: str = FILES["package"]


def begin(
    settings: Settings, job: str, scope: Scope, choices: Choices, name: str, file: str = FILES["package"]
) -> None:
    """Starts writing one of FILES; the same job again changes nothing.

    A report is one of a study. Raises RequestError where too many are at work.
    """
    folder = _folder(settings, job)
    sweep(settings)
    running = [one for one in _folders(settings) if standing(settings, one.name).state == "running"]
    if folder.is_dir():
        return
    if len(running) >= MOST_AT_ONCE:
        raise RequestError("Other packages are being written. Try again when they are done.")
    folder.mkdir(parents=True)
    content = {"scope": asdict(scope), "choices": asdict(choices), "name": name, "file": file}
    (folder / "job.json").write_text(json.dumps(content))
    with (folder / "log.txt").open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", START, str(folder)],
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=environment(settings),
            start_new_session=True,
        )
    _write(folder, {"state": "running", "pid": process.pid, "name": name, "file": file})


def standing(settings: Settings, job: str) -> Standing:
    """How far a job is; raises NotFoundError for one that is not there (any more)."""
    content = _read(_folder(settings, job))
    if content.get("state") == "running" and not _is_alive(content.get("pid")):
        # It may have ended since this was read.
        content = _read(_folder(settings, job))
        if content.get("state") == "running":
            return Standing("failed", message=ENDED)
    known = {key: value for key, value in content.items() if key in Standing.__dataclass_fields__}
    return Standing(**known)


def stop(settings: Settings, job: str) -> None:
    """Ends a job and removes what it made; one that is not there is fine."""
    folder = _folder(settings, job)
    if not folder.is_dir():
        return
    process = _process(_read(folder).get("pid"))
    if process is not None:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
            with suppress(psutil.TimeoutExpired):
                process.wait(STOP_S)
    shutil.rmtree(folder, ignore_errors=True)


def archive(settings: Settings, job: str) -> tuple[Path, str]:
    """The file that a job made, and what to call it; raises NotFoundError before it is done."""
    found = standing(settings, job)
    path = _folder(settings, job) / "package" / f"{found.name}{Path(found.file).suffix}"
    if found.state != "done" or not path.is_file():
        raise NotFoundError("This package is not there; write it again.")
    return path, path.name


def sweep(settings: Settings) -> None:
    """Removes what was made long ago."""
    oldest_s = time.time() - KEPT_S
    for folder in _folders(settings):
        with suppress(OSError):
            if folder.stat().st_mtime < oldest_s:
                stop(settings, folder.name)


def main() -> None:
    """The job's own process: writes the package or report and says how far it is."""
    from dashboard.exports.package.archive import write_archive
    from dashboard.exports.report.writing import write_study_report
    from dashboard.recording.workspace import Workspace

    folder = Path(sys.argv[1])
    logging.basicConfig(level=logging.INFO)
    content = json.loads((folder / "job.json").read_text())
    about = {"pid": os.getpid(), "name": content["name"], "file": content["file"]}
    last = 0.0

    def say(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last > EVERY_S:
            last = time.monotonic()
            _write(folder, about | {"state": "running", "done": done, "total": total})

    try:
        scope = content["scope"] | {"sessions": tuple(content["scope"]["sessions"])}
        workspace = Workspace.open(Settings.model_validate({}))
        target = folder / "package" / f"{content['name']}{Path(content['file']).suffix}"
        choices = Choices(**content["choices"])
        if content["file"] == FILES["report"]:
            size = write_study_report(workspace, scope["study"], choices, target, say).size
        else:
            size = write_archive(workspace, Scope(**scope), choices, target, say).size
        _write(folder, about | {"state": "done", "size": size})
    except (RegionscopeError, StorageError) as error:
        log.exception("an export failed")
        _write(folder, about | {"state": "failed", "message": str(error)})
    except Exception:
        log.exception("an export failed")
        _write(folder, about | {"state": "failed", "message": ENDED})


def _root(settings: Settings) -> Path:
    return settings.exports_dir


def _folder(settings: Settings, job: str) -> Path:
    return _root(settings) / parse_id(job, "export")


def _folders(settings: Settings) -> list[Path]:
    root = _root(settings)
    return [path for path in root.iterdir() if path.is_dir()] if root.is_dir() else []


def _read(folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / "state.json").read_text()))
    except FileNotFoundError:
        if folder.is_dir():
            return {"state": "running", "pid": os.getpid()}  # it is just being begun
        raise NotFoundError("This package is not there; write it again.") from None


def _write(folder: Path, content: dict[str, Any]) -> None:
    partial = folder / f"state.{os.getpid()}.part"
    partial.write_text(json.dumps(content))
    partial.replace(folder / "state.json")


def _process(pid: Any) -> psutil.Process | None:
    """A job's process, as long as it is one: a number may be another's by now."""
    try:
        process = psutil.Process(int(pid))
        return process if START in process.cmdline() else None
    except (psutil.Error, TypeError, ValueError):
        return None


def _is_alive(pid: Any) -> bool:
    if pid == os.getpid():
        return True
    process = _process(pid)
    try:
        return process is not None and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
