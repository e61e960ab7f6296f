"""What is wrong with an installation, and the part of it that can be put right safely."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.orm import Session as Transaction

from dashboard.keeping.backup import sqlite_file
from dashboard.keeping.errors import KeepingError
from dashboard.recording.files import collect
from dashboard.recording.verify import make_again
from dashboard.recording.workspace import Workspace
from dashboard.settings import Settings
from dashboard.vision.errors import RegionscopeError
from dashboard.vision.images import decode_png, encode_png, working_copy
from db.engine import Database
from db.errors import StorageError
from db.models import Edit, Image, Model, Outcome, Prediction, Session
from db.outcomes import record_outcomes
from db.schema import check_current, migrate

# Somebody may be about to refer to a file that was only just written.
SAFE_AGE_S = 60 * 60
BLOCK = 1 << 20
AT_ONCE = 500
BUSY_S = 60


@dataclass
class Finding:
    """One kind of thing that was looked at: what is wrong, a sentence each, and what was put right."""

    name: str
    looked_at: int = 0
    problems: list[str] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong (any more)."""
        return not self.problems


def look_first(settings: Settings, *, repair: bool = False) -> list[Finding]:
    """Looks at the database as it lies there, before anything opens it for work: opening it changes its schema.

    ``repair``: brings an older schema up to date. Where a finding has not passed, nothing else can be looked at.
    Raises KeepingError where there is no database.
    """
    found = [_noting("database", lambda one: _integrity(settings, one))]
    if found[0].passed:
        found.append(_noting("schema", lambda one: _schema(settings, one, repair)))
    return found


def examine(workspace: Workspace, *, repair: bool = False) -> list[Finding]:
    """Looks at the database's references, pictures' files, outcomes and models; ``repair``: puts right what is safe.

    Repaired are: files that nothing names (older than an hour), leftovers of interrupted writing, working copies and
    edits' pictures that can be made again with the very same checksum, and outcomes, which follow from answers.
    """
    return [
        _noting("references", lambda found: _references(workspace, found)),
        _noting("pictures", lambda found: _pictures(workspace, found, repair)),
        _noting("unreferenced files", lambda found: _unreferenced(workspace, found, repair)),
        _noting("outcomes", lambda found: _outcomes(workspace, found, repair)),
        _noting("models", lambda found: _models(workspace, found)),
    ]


def _noting(name: str, look: Callable[[Finding], None]) -> Finding:
    found = Finding(name)
    try:
        look(found)
    except KeepingError:
        raise  # there is nothing to look at
    except (RegionscopeError, StorageError) as error:
        found.problems.append(str(error))
    return found


def _integrity(settings: Settings, found: Finding) -> None:
    if not settings.url.startswith("sqlite:///"):
        found.notes.append("PostgreSQL looks after itself; its integrity is not checked here.")
        return
    path = sqlite_file(settings)
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_S)) as connection:
            said = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
    except sqlite3.Error as error:
        said = [str(error)]
    found.looked_at = 1
    found.problems += [f"The database is damaged: {one}." for one in said if one != "ok"]
    if found.problems:
        found.notes.append("Restore a backup into an empty folder: `regionscope --data-dir NEW restore FILE`.")


def _schema(settings: Settings, found: Finding, repair: bool) -> None:
    database = Database(settings.url)
    try:
        found.looked_at = 1
        try:
            check_current(database)
        except StorageError:
            if not repair:
                raise
            migrate(database)
            found.repaired.append("The schema was brought up to date.")
    finally:
        database.close()


def _references(workspace: Workspace, found: Finding) -> None:
    with workspace.database.read() as transaction:
        if transaction.get_bind().dialect.name != "sqlite":
            found.notes.append("PostgreSQL sees to it that every reference leads somewhere.")
            return
        found.looked_at = 1
        for row in transaction.execute(text("PRAGMA foreign_key_check")):
            found.problems.append(f"Row {row[1]} of {row[0]} refers to a row of {row[2]} that is not there.")


def _pictures(workspace: Workspace, found: Finding, repair: bool) -> None:
    with workspace.database.read() as transaction:
        named = _named(transaction)
    found.looked_at = len(named)
    wrong = {sha256: said for sha256 in sorted(named) if (said := _wrong_with(workspace, sha256)) is not None}
    # An edit's picture may wait for that of the edit before.
    while repair and (again := [sha256 for sha256 in wrong if _made_again(workspace, sha256)]):
        found.repaired += [f"The file {sha256[:12]}… {wrong.pop(sha256)}; it was made again." for sha256 in again]
    found.problems += [f"The file {sha256[:12]}… {said}: {named[sha256]}." for sha256, said in wrong.items()]


def _named(transaction: Transaction) -> dict[str, str]:
    """Every file that the database names, and what it is of."""
    found: dict[str, str] = {}
    sessions = select(Edit.result_blob, Session.public_id).join(Session)
    for sha256, session in transaction.execute(sessions):
        found.setdefault(sha256, f"the result of an edit in the session {session}")
    for image in transaction.scalars(select(Image)):
        found[image.working_blob] = f"the working copy of the picture “{image.name}”"
        found[image.original_blob] = f"the picture “{image.name}”"
    return found


def _wrong_with(workspace: Workspace, sha256: str) -> str | None:
    path = workspace.blobs.path(sha256)
    if not path.is_file():
        return "is missing"
    sums = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                sums.update(block)
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return None if sums.hexdigest() == sha256 else "is damaged"


def _made_again(workspace: Workspace, sha256: str) -> bool:
    """Whether the very same file could be made from what is there."""
    for data in _candidates(workspace, sha256):
        if hashlib.sha256(data).hexdigest() == sha256:
            workspace.blobs.path(sha256).unlink(missing_ok=True)
            workspace.blobs.put(data)
            return True
    return False


def _candidates(workspace: Workspace, sha256: str) -> Iterator[bytes]:
    with workspace.database.read() as transaction:
        images = list(transaction.scalars(select(Image).where(Image.working_blob == sha256)))
        edits = list(transaction.scalars(select(Edit.public_id).where(Edit.result_blob == sha256)))
    for image in images:
        with suppress(RegionscopeError, StorageError):
            original = decode_png(workspace.blobs.get(image.original_blob))
            yield encode_png(working_copy(original, max(image.working_width, image.working_height)))
    for edit in edits:
        with suppress(RegionscopeError, StorageError):
            yield encode_png(make_again(workspace, edit))


def _unreferenced(workspace: Workspace, found: Finding, repair: bool) -> None:
    with workspace.database.read() as transaction:
        named = _named(transaction)
    waste, leftovers = [], []
    for path in _old_files(workspace.blobs.root):
        found.looked_at += 1
        if path.suffix == ".png" and path.stem not in named:
            waste.append(path.stem)
        elif path.suffix == ".part":
            leftovers.append(path)
    if not repair:
        found.problems += [f"Nothing refers to the file {sha256[:12]}…." for sha256 in waste]
        found.problems += [f"{path.name} is left over from interrupted writing." for path in leftovers]
        return
    freed = collect(workspace, waste) if waste else 0
    for path in leftovers:
        freed += path.stat().st_size
        path.unlink(missing_ok=True)
    if waste or leftovers:
        found.repaired.append(f"{len(waste) + len(leftovers)} files were removed ({freed / 1e6:.1f} MB).")


def _old_files(root: Path) -> Iterator[Path]:
    oldest_s = time.time() - SAFE_AGE_S
    for path in sorted(root.rglob("*")) if root.is_dir() else ():
        with suppress(OSError):
            if path.is_file() and path.stat().st_mtime < oldest_s:
                yield path


def _outcomes(workspace: Workspace, found: Finding, repair: bool) -> None:
    with workspace.database.read() as transaction:
        lost = list(
            transaction.scalars(
                select(Prediction.id)
                .join(Edit, Prediction.edit_id == Edit.id)
                .outerjoin(Outcome, Outcome.prediction_id == Prediction.id)
                .where(Outcome.prediction_id.is_(None), Edit.copied_from.is_(None))
                .order_by(Prediction.id)
            )
        )
    found.looked_at = len(lost)
    if not lost:
        return
    if not repair:
        found.problems.append(f"{len(lost):,} answers are in no list: their outcomes are missing.")
        return
    for start in range(0, len(lost), AT_ONCE):
        with workspace.database.write() as transaction:
            record_outcomes(transaction, lost[start : start + AT_ONCE])
    found.repaired.append(f"{len(lost):,} outcomes were worked out again.")


def _models(workspace: Workspace, found: Finding) -> None:
    """Models that answered something and cannot be asked again are said, but nothing is wrong with the data."""
    with workspace.database.read() as transaction:
        rows = transaction.execute(select(Model.key, Model.weights_sha256).distinct()).all()
    for key, sha256 in rows:
        found.looked_at += 1
        try:
            card = workspace.catalogue.load(key).card
        except RegionscopeError as error:
            found.notes.append(f"{key} cannot be asked: {error}")
            continue
        if card.weights_sha256 != sha256:
            found.notes.append(f"{key} has other weights now than when it was asked ({sha256[:12]}…).")
