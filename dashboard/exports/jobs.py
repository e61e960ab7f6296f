"""Packages and reports written in the background, each by a fresh interpreter in a folder of its own.

Everything about a job lies in its folder, so that any process of the server can say how far it is, stop it, and hand
out what was made.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from dashboard.background import environment
from dashboard.exports.package import Choices, Scope
from dashboard.handed_out import CONTENT, TAKEN_BACK_SENTENCE, WRITTEN, is_taken_back, remove_files
from dashboard.recording.ids import RequestError, parse_id
from dashboard.settings import Settings
from dashboard.vision.errors import RegionscopeError
from db.errors import NotFoundError, StorageError

KEPT_S = 24 * 60 * 60
MOST_AT_ONCE = 2
EVERY_S = 0.2
STOP_S = 5
# So long a process may take until it is there; a job without one for longer was never begun.
BEGINNING_S = 30
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
    if folder.is_dir():
        return
    # One that was taken back ends as soon as it looks.
    running = [one for one in _folders(settings) if _read(one).get("state") == "running" and _is_at_work(one)]
    if len(running) >= MOST_AT_ONCE:
        raise RequestError("Other packages are being written. Try again when they are done.")
    content = {"scope": asdict(scope), "choices": asdict(choices), "name": name, "file": file}
    if not _prepare(folder, content):
        return  # it was begun at this very moment
    with (folder / "log.txt").open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", START, str(folder)],
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=environment(settings),
            start_new_session=True,
        )
    # A file of its own: what the process says of itself is never written over.
    _put(folder / "pid", str(process.pid))


def _prepare(folder: Path, content: dict[str, Any]) -> bool:
    """Makes the job's folder with all that it needs at once; False where it is there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(dir=folder.parent, prefix="."))
    try:
        (partial / CONTENT).write_text(json.dumps(content))
        _write(partial, {"state": "running", "name": content["name"], "file": content["file"]})
        partial.rename(folder)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            return False
        raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return True


def standing(settings: Settings, job: str) -> Standing:
    """How far a job is; raises NotFoundError for one that is not there (any more)."""
    folder = _folder(settings, job)
    content = _read(folder)
    if is_taken_back(folder):
        content |= {"state": "failed", "message": TAKEN_BACK_SENTENCE}
    if content.get("state") == "running" and not _is_at_work(folder):
        # It may have ended since this was read.
        content = _read(folder)
        if content.get("state") == "running":
            return Standing("failed", message=ENDED)
    known = {key: value for key, value in content.items() if key in Standing.__dataclass_fields__}
    return Standing(**known)


def stop(settings: Settings, job: str) -> None:
    """Ends a job and removes what it made; one that is not there is fine."""
    folder = _folder(settings, job)
    if not folder.is_dir():
        return
    process = _process(folder)
    if process is not None:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
            with suppress(psutil.TimeoutExpired):
                process.wait(STOP_S)
    shutil.rmtree(folder, ignore_errors=True)


def archive(settings: Settings, job: str) -> tuple[Path, str]:
    """The file that a job made, and what to call it; raises NotFoundError before it is done."""
    found, folder = standing(settings, job), _folder(settings, job)
    if is_taken_back(folder):
        raise NotFoundError(TAKEN_BACK_SENTENCE)
    path = folder / WRITTEN / f"{found.name}{Path(found.file).suffix}"
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
    content = json.loads((folder / CONTENT).read_text())
    about = {"name": content["name"], "file": content["file"]}
    last = 0.0

    def say(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last > EVERY_S:
            last = time.monotonic()
            if is_taken_back(folder):
                raise RequestError(TAKEN_BACK_SENTENCE)
            _write(folder, about | {"state": "running", "done": done, "total": total})

    try:
        scope = content["scope"] | {key: tuple(content["scope"][key]) for key in ("sessions", "pictures")}
        workspace = Workspace.open(Settings.model_validate({}))
        target = folder / WRITTEN / f"{content['name']}{Path(content['file']).suffix}"
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
    # It may have read what was taken back while it was at work.
    if is_taken_back(folder):
        remove_files(folder)


def _root(settings: Settings) -> Path:
    return settings.exports_dir


def _folder(settings: Settings, job: str) -> Path:
    return _root(settings) / parse_id(job, "export")


def _folders(settings: Settings) -> list[Path]:
    """The jobs' folders; whatever else lies there is none of ours."""
    root = _root(settings)
    return [path for path in root.iterdir() if path.is_dir() and _is_id(path.name)] if root.is_dir() else []


def _is_id(name: str) -> bool:
    try:
        return parse_id(name, "export") == name
    except RequestError:
        return False


def _read(folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / "state.json").read_text()))
    except (FileNotFoundError, ValueError):
        raise NotFoundError("This package is not there; write it again.") from None


def _write(folder: Path, content: dict[str, Any]) -> None:
    _put(folder / "state.json", json.dumps(content))


def _put(path: Path, text: str) -> None:
    """A file that is whole at every moment; nothing where its folder is gone, for then the job was stopped."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    with suppress(FileNotFoundError):
        partial.write_text(text)
        partial.replace(path)


def _process(folder: Path) -> psutil.Process | None:
    """A job's process, as long as it is one: a number may be another's by now."""
    try:
        process = psutil.Process(int((folder / "pid").read_text()))
        command = process.cmdline()
    except (psutil.Error, OSError, ValueError):
        return None
    # A program that is being loaded has no arguments yet, and one that has ended has none any more.
    is_loading = not command and time.time() - _begun_s(folder) < BEGINNING_S
    return process if is_loading or (START in command and str(folder) in command) else None


def _is_at_work(folder: Path) -> bool:
    process = _process(folder)
    if process is None:
        return not (folder / "pid").exists() and time.time() - _begun_s(folder) < BEGINNING_S
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _begun_s(folder: Path) -> float:
    try:
        return (folder / CONTENT).stat().st_mtime
    except OSError:
        return 0.0
