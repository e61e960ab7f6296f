"""A backup while the server runs: one moment of the database, and every file that it names."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dashboard import __version__
from dashboard.accounts.secret import NAME as SECRET
from dashboard.keeping.errors import KeepingError
from dashboard.settings import Settings
from db.blobs import BlobStore
from db.files import sync_folder

FORMAT = 1
DATABASE = "regionscope.sqlite"
ABOUT = "backup.json"
SUMS = "manifest.sha256"
MODELS = "models"  # caches and what can be computed again are left out
# A file goes when nothing names it any more; then a newer moment of the database does not name it either.
MOST_MOMENTS = 10
PAGES = 1_000
BLOCK = 1 << 20
NAMED = (
    "SELECT original_blob FROM images UNION SELECT working_blob FROM images UNION SELECT result_blob FROM edits"
)  # fmt: skip

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Backup:
    """What was kept: pictures' files, bytes of the backup, and files that the database names but nobody has.

    ``left_out``: what lies elsewhere and is not in it, a sentence each.
    """

    file: Path
    pictures: int
    size: int
    missing: tuple[str, ...]
    left_out: tuple[str, ...] = ()


def back_up(settings: Settings, target: Path, progress: Progress = lambda _done, _total: None) -> Backup:
    """Writes a backup into the new file ``target``: whole, or not at all.

    Everything that was acknowledged before it began is in it. It holds the installation's secret, so only its owner
    may read it. Raises KeepingError where the data are not in SQLite or the file cannot be written.
    """
    source = sqlite_file(settings)
    if target.exists():
        raise KeepingError(f"{target} is there already.")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as folder:
            found = _write(settings, source, Path(folder), progress)
            partial = Path(folder) / "backup"
            partial.replace(target)
            sync_folder(target.parent)
    except OSError as error:
        full = "The disk is full; what was written was removed."
        raise KeepingError(full if error.errno == errno.ENOSPC else f"{target}: {error.strerror}.") from error
    except sqlite3.Error as error:
        raise KeepingError(f"The database could not be read ({error}).") from error
    return Backup(target, found.pictures, target.stat().st_size, found.missing, tuple(_left_out(settings)))


def sqlite_file(settings: Settings) -> Path:
    """Where the database lies; raises KeepingError where it is not SQLite's, or not there."""
    if not settings.url.startswith("sqlite:///"):
        raise KeepingError("The data are in PostgreSQL: back them up with pg_dump, and copy the data folder's blobs.")
    path = Path(settings.url.removeprefix("sqlite:///"))
    if not path.is_file():
        raise KeepingError(f"There is no database in {settings.data_dir}.")
    return path


def _write(settings: Settings, source: Path, folder: Path, progress: Progress) -> Backup:
    blobs = BlobStore(settings.blobs_dir)
    sums: dict[str, str] = {}
    partial = folder / "backup"
    descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w+b") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            moment, missing, kept = _one_moment(source, blobs, archive, folder, progress)
            _add(archive, DATABASE, moment, sums, zipfile.ZIP_DEFLATED)
            for name, path in _other_files(settings):
                _add(archive, name, path, sums)
            about = {
                "format": FORMAT,
                "regionscope": __version__,
                "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "pictures": kept,
                "missing": missing,
            }
            archive.writestr(ABOUT, json.dumps(about, indent=2))
            archive.writestr(SUMS, "".join(f"{sha256}  {name}\n" for name, sha256 in sums.items()))
        file.flush()
        os.fsync(file.fileno())
    return Backup(partial, kept, partial.stat().st_size, tuple(missing))


def _one_moment(
    source: Path, blobs: BlobStore, archive: zipfile.ZipFile, folder: Path, progress: Progress
) -> tuple[Path, list[str], int]:
    """A moment of the database of which every file is in the archive, the files nobody has, and how many there are."""
    kept: set[str] = set()
    missing: list[str] = []
    for number in range(MOST_MOMENTS):
        moment = folder / f"database-{number}"
        _snapshot(source, moment)
        named = list(_named(moment))
        before, missing = missing, []
        for done, sha256 in enumerate(named, 1):
            if sha256 not in kept:
                if _add_picture(archive, blobs, sha256):
                    kept.add(sha256)
                else:
                    missing.append(sha256)
            progress(done, len(named))
        if not missing or (number and missing == before):
            return moment, missing, len(named) - len(missing)
        if number < MOST_MOMENTS - 1:
            moment.unlink()
    return moment, missing, len(named) - len(missing)


def _snapshot(source: Path, target: Path) -> None:
    """SQLite's online backup: other processes go on reading and writing meanwhile."""
    with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True, timeout=60)) as reading:
        # Within one transaction, or every write meanwhile would make it begin anew.
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
        with closing(sqlite3.connect(target)) as writing:
            reading.backup(writing, pages=PAGES)
            writing.execute("PRAGMA journal_mode=DELETE")


def _named(database: Path) -> Iterator[str]:
    with closing(sqlite3.connect(database)) as connection:
        yield from (str(row[0]) for row in connection.execute(NAMED))


def _add_picture(archive: zipfile.ZipFile, blobs: BlobStore, sha256: str) -> bool:
    path = blobs.path(sha256)
    try:
        archive.write(path, f"blobs/{sha256[:2]}/{path.name}")
    except FileNotFoundError:
        return False
    return True


def _other_files(settings: Settings) -> Iterator[tuple[str, Path]]:
    secret = settings.data_dir / SECRET
    if secret.is_file():
        yield SECRET, secret
    root = settings.own_models_dir
    yield from (
        (f"{MODELS}/{path.relative_to(root).as_posix()}", path)
        for path in sorted(root.rglob("*") if root.is_dir() else ())
        if path.is_file()
    )


def _left_out(settings: Settings) -> Iterator[str]:
    network = settings.inpainting_network
    if network is not None:
        yield f"the network that fills regions, {network}; keep it yourself."


def _add(
    archive: zipfile.ZipFile, name: str, path: Path, sums: dict[str, str], compression: int = zipfile.ZIP_STORED
) -> None:
    found = hashlib.sha256()
    entry = zipfile.ZipInfo.from_file(path, name)
    entry.compress_type = compression
    with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as into:
        while block := source.read(BLOCK):
            found.update(block)
            into.write(block)
    sums[name] = found.hexdigest()
