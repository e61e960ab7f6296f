"""A backup holds everything that was acknowledged before it began, and comes back whole or not at all."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from dashboard.keeping import backup as module
from dashboard.keeping.backup import DATABASE, back_up
from dashboard.keeping.doctor import examine
from dashboard.keeping.errors import KeepingError
from dashboard.keeping.restore import restore
from dashboard.recording.deleting import delete_rows
from dashboard.recording.edits import apply_edit
from dashboard.recording.files import collect
from dashboard.recording.ids import new_id
from dashboard.recording.workspace import Workspace
from dashboard.settings import Settings
from db import queries
from db.models import Session
from tests.support.edits import edit_body, edit_request, rectangle, sitting
from tests.support.pictures import add_small
from tests.support.rows import assert_whole, row_counts
from tests.support.server import ServerProcess, post
from tests.support.waiting import wait_until


@pytest.fixture
def place(tmp_path) -> Settings:
    """Where a backup is restored."""
    return Settings(data_dir=tmp_path / "restored", device="cpu")


@pytest.fixture
def recorded(workspace):
    """Some edits, an own model's file, the installation's secret."""
    picture = add_small(workspace)
    parent, where = None, sitting(picture)
    for number in range(3):
        shape = rectangle(4 + 6 * number, 10, 20 + 6 * number, 30)
        parent = apply_edit(workspace, edit_request(where, parent, shapes=[shape])).id
    folder = workspace.settings.data_dir
    (folder / "models").mkdir()
    (folder / "models/own.json").write_text("{}")
    (folder / "secret").write_bytes(b"s" * 32)
    return workspace


def dump(settings: Settings) -> list[str]:
    with closing(sqlite3.connect(settings.data_dir / DATABASE)) as connection:
        return list(connection.iterdump())


def test_what_was_kept_comes_back(recorded, place, tmp_path):
    found = back_up(recorded.settings, tmp_path / "backup.zip")
    assert found.missing == ()
    assert (tmp_path / "backup.zip").stat().st_mode & 0o777 == 0o600
    assert restore(place, tmp_path / "backup.zip").pictures == found.pictures == 4
    assert dump(place) == dump(recorded.settings)
    assert (place.data_dir / "secret").read_bytes() == b"s" * 32
    assert (place.data_dir / "secret").stat().st_mode & 0o777 == 0o600
    assert (place.data_dir / "models/own.json").read_text() == "{}"
    opened = Workspace.open(place)
    assert_whole(opened.database, opened.blobs)
    assert [one.problems for one in examine(opened)] == [[]] * 5
    opened.close()


def test_under_load_nothing_acknowledged_before_is_lost(settings, data_dir, tmp_path, place, monkeypatch):
    monkeypatch.setenv("REGIONSCOPE_DEVICE", "cpu")
    opened = Workspace.open(settings)
    image = add_small(opened).id
    opened.close()
    acknowledged: list[str] = []
    stop = threading.Event()

    def draw(port: int) -> None:
        session, parent = new_id(), None
        while not stop.is_set():
            body: dict[str, Any] = edit_body(image, session, parent, method="noise")
            status, answer = post(port, "/api/v1/edits", body)
            assert status == 200, answer
            parent = answer["id"]
            acknowledged.append(parent)

    with ServerProcess(data_dir, tmp_path / "log") as server:
        server.wait_ready()
        threads = [threading.Thread(target=draw, args=(server.port,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(acknowledged) >= 10, "the first edits")
        try:
            for number in range(3):
                before = list(acknowledged)
                found = back_up(settings, tmp_path / f"backup-{number}.zip")
                assert found.missing == ()
                # Others go on drawing while it is restored.
                restored = _restored(tmp_path / f"restored-{number}", found.file)
                with restored.database.read() as transaction:
                    assert [edit for edit in before if queries.find_edit(transaction, edit) is None] == []
                assert_whole(restored.database, restored.blobs)
                restored.close()
                wait_until(lambda before=before: len(acknowledged) >= len(before) + 5, "more edits")
        finally:
            stop.set()
            for thread in threads:
                thread.join()


def _restored(folder: Path, file: Path) -> Workspace:
    there = Settings(data_dir=folder, device="cpu")
    restore(there, file)
    return Workspace.open(there)


def test_models_that_lie_elsewhere_are_in_it_and_what_is_not_is_said(recorded, place, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "sub").mkdir(parents=True)
    (elsewhere / "sub/mine.json").write_text("{}")
    settings = recorded.settings.model_copy(
        update={"models_dir": elsewhere, "inpainting_network": tmp_path / "lama.pt"}
    )
    found = back_up(settings, tmp_path / "backup.zip")
    [sentence] = found.left_out
    assert "lama.pt" in sentence
    restore(place, tmp_path / "backup.zip")
    assert (place.data_dir / "models/sub/mine.json").read_text() == "{}"


def test_what_is_deleted_meanwhile_is_gone_whole(recorded, place, tmp_path, monkeypatch):
    """A file that goes while others are copied leads to a newer moment of the database."""
    other = apply_edit(recorded, edit_request(sitting(add_small(recorded)), shapes=[rectangle(1, 1, 30, 30)]))
    real, done = module._add_picture, []

    def delete_first(archive, blobs, sha256):
        if not done:
            done.append(sha256)
            with recorded.database.write() as transaction:
                row = transaction.scalars(select(Session.id).where(Session.public_id == other.session)).one()
                files = delete_rows(transaction, (row,))
            collect(recorded, files)
            assert other.result_blob not in recorded.blobs
        return real(archive, blobs, sha256)

    monkeypatch.setattr(module, "_add_picture", delete_first)
    found = back_up(recorded.settings, tmp_path / "backup.zip")
    assert found.missing == ()
    restore(place, found.file)
    opened = Workspace.open(place)
    assert row_counts(opened.database)["sessions"] == 1
    opened.close()


def test_a_missing_file_is_said_and_the_rest_is_kept(recorded, place, tmp_path):
    with recorded.database.read() as transaction:
        [session] = queries.sessions(transaction, queries.SessionFilter())
        blob = queries.edits(transaction, session.id)[0].result_blob
    recorded.blobs.path(blob).unlink()
    found = back_up(recorded.settings, tmp_path / "backup.zip")
    assert found.missing == (blob,)
    assert restore(place, found.file).missing == (blob,)


def changed(source, target, change) -> None:
    """The archive again, each entry as ``change`` gives it: (name, content) or None."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            found = change(entry.filename, old.read(entry))
            if found is not None:
                new.writestr(*found)


def flipped(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize(
    "change",
    [
        lambda name, content: (name, flipped(content) if name.startswith("blobs/") else content),
        lambda name, content: (name, flipped(content) if name == DATABASE else content),
        lambda name, content: None if name.startswith("blobs/") else (name, content),
        lambda name, content: None if name == DATABASE else (name, content),
        lambda name, content: None if name == "backup.json" else (name, content),
        lambda name, content: ("models/../../outside" if name.startswith("models/") else name, content),
        lambda name, content: (name, content.replace(b'"format": 1', b'"format": 2')),
    ],
    ids=["picture", "database", "no picture", "no database", "no word", "outside", "newer"],
)
def test_a_damaged_backup_restores_nothing(recorded, place, tmp_path, change):
    back_up(recorded.settings, tmp_path / "backup.zip")
    changed(tmp_path / "backup.zip", tmp_path / "damaged.zip", change)
    with pytest.raises(KeepingError):
        restore(place, tmp_path / "damaged.zip")
    assert list(place.data_dir.iterdir()) == []
    assert not (tmp_path / "outside").exists()


def test_half_a_backup_restores_nothing(recorded, place, tmp_path):
    back_up(recorded.settings, tmp_path / "backup.zip")
    data = (tmp_path / "backup.zip").read_bytes()
    (tmp_path / "half.zip").write_bytes(data[: len(data) // 2])
    with pytest.raises(KeepingError, match="only a part"):
        restore(place, tmp_path / "half.zip")
    assert list(place.data_dir.iterdir()) == []


def test_only_an_empty_place_is_restored_into(recorded, place, tmp_path):
    back_up(recorded.settings, tmp_path / "backup.zip")
    with pytest.raises(KeepingError, match="holds data already"):
        restore(recorded.settings, tmp_path / "backup.zip")
    (place.data_dir / "cache").mkdir(parents=True)
    restore(place, tmp_path / "backup.zip")
    before = dump(place)
    with pytest.raises(KeepingError, match="holds data already"):
        restore(place, tmp_path / "backup.zip")
    assert dump(place) == before


def test_nothing_is_written_over_and_a_full_disk_leaves_nothing(recorded, tmp_path, monkeypatch):
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "mine").write_text("mine")
    with pytest.raises(KeepingError, match="there already"):
        back_up(recorded.settings, folder / "mine")

    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(module, "_add_picture", full)
    with pytest.raises(KeepingError, match="disk is full"):
        back_up(recorded.settings, folder / "backup.zip")
    assert [path.name for path in folder.iterdir()] == ["mine"]


def test_other_databases_are_left_to_their_own_tools(workspace, tmp_path):
    elsewhere = workspace.settings.model_copy(update={"database_url": "postgresql+psycopg://nowhere/x"})
    with pytest.raises(KeepingError, match="pg_dump"):
        back_up(elsewhere, tmp_path / "backup.zip")
    with pytest.raises(KeepingError, match="no database"):
        back_up(Settings(data_dir=tmp_path / "empty"), tmp_path / "backup.zip")
