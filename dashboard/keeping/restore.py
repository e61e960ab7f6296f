"""A backup put into an empty place: checked first, all of it or nothing."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dashboard.accounts.secret import NAME as SECRET
from dashboard.keeping.backup import ABOUT, BLOCK, DATABASE, FORMAT, SUMS, Progress
from dashboard.keeping.errors import KeepingError
from dashboard.settings import Settings

_BLOB = re.compile(r"blobs/([0-9a-f]{2})/(\1[0-9a-f]{62})\.png")
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
_TOP = (DATABASE, SECRET, "models")
# What may lie in a place that counts as empty: it can be made again.
_HARMLESS = {"cache", "exports"}


@dataclass(frozen=True)
class Restored:
    """What a backup held, and when it was made."""

    made_at: str
    pictures: int
    missing: tuple[str, ...]


def restore(settings: Settings, file: Path, progress: Progress = lambda _done, _total: None) -> Restored:
    """Puts a backup into the data folder. Raises KeepingError for a file that is none or was damaged, for a folder
    that holds data already, and for an installation on PostgreSQL; then nothing was changed."""
    folder = settings.data_dir
    if settings.database_url:
        raise KeepingError("A backup is restored into a data folder of its own; REGIONSCOPE_DATABASE_URL is set.")
    if folder.exists() and (not folder.is_dir() or {path.name for path in folder.iterdir()} - _HARMLESS):
        raise KeepingError(f"{folder} holds data already; restore into an empty folder.")
    folder.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(dir=folder, prefix=".restoring-"))
    try:
        about = _extract(file, partial, progress)
        _check_database(partial / DATABASE)
        # The database comes last: without it the folder holds no data.
        for path in sorted(partial.iterdir(), key=lambda path: path.name == DATABASE):
            path.replace(folder / path.name)
    except zipfile.BadZipFile:
        raise KeepingError(f"{file} is no backup, or only a part of one.") from None
    except (OSError, zlib.error, EOFError) as error:
        if getattr(error, "errno", None) == errno.ENOSPC:
            raise KeepingError("The disk is full; what was written was removed.") from error
        raise KeepingError(f"{file} could not be restored ({error}).") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return about


def _extract(file: Path, target: Path, progress: Progress) -> Restored:
    with zipfile.ZipFile(file) as archive:
        about = _about(archive, file)
        sums = _sums(archive)
        entries = [entry for entry in archive.infolist() if entry.filename not in (ABOUT, SUMS)]
        for done, entry in enumerate(entries, 1):
            expected = _expected(entry.filename, sums, file)
            path = target / entry.filename
            path.parent.mkdir(parents=True, exist_ok=True)
            if _write(archive, entry, path) != expected:
                raise KeepingError(f"{entry.filename} in {file} was damaged; nothing was restored.")
            progress(done, len(entries))
        missing = sums.keys() - {entry.filename for entry in entries}
        pictures = sum(entry.filename.startswith("blobs/") for entry in entries)
        if missing or DATABASE not in sums or pictures != about.pictures:
            raise KeepingError(f"{file} is only a part of a backup; nothing was restored.")
    secret = target / SECRET
    if secret.exists():
        secret.chmod(0o600)
    return about


def _about(archive: zipfile.ZipFile, file: Path) -> Restored:
    try:
        content = json.loads(archive.read(ABOUT))
        if content["format"] != FORMAT:
            raise KeepingError(f"{file} was made by a newer version of Regionscope.")
        return Restored(str(content["made_at"]), int(content["pictures"]), tuple(content["missing"]))
    except (KeyError, ValueError, TypeError):
        raise KeepingError(f"{file} is no backup of Regionscope.") from None


def _sums(archive: zipfile.ZipFile) -> dict[str, str]:
    try:
        lines = archive.read(SUMS).decode().splitlines()
    except (KeyError, UnicodeDecodeError):
        raise KeepingError("The backup has no checksums.") from None
    return {match[2]: match[1] for line in lines if (match := _LINE.fullmatch(line))}


def _expected(name: str, sums: dict[str, str], file: Path) -> str:
    """The SHA-256 that a file must have; a picture's is its name."""
    blob = _BLOB.fullmatch(name)
    if blob:
        return blob[2]
    parts = PurePosixPath(name).parts
    if name not in sums or not parts or parts[0] not in _TOP or ".." in parts:
        raise KeepingError(f"{file} holds a file that is in no backup: {name[:80]!r}.")
    return sums[name]


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> str:
    found = hashlib.sha256()
    with archive.open(entry) as source, path.open("wb") as into:
        while block := source.read(BLOCK):
            found.update(block)
            into.write(block)
        into.flush()
        os.fsync(into.fileno())
    return found.hexdigest()


def _check_database(path: Path) -> None:
    try:
        with closing(sqlite3.connect(path)) as connection:
            said = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        said = str(error)
    if said != "ok":
        raise KeepingError(f"The backup's database is damaged ({said}); nothing was restored.")
