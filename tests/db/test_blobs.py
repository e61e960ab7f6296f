from __future__ import annotations

import errno
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from db.blobs import BlobStore
from db.errors import NotFoundError, StorageError

HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


def files(blobs: BlobStore) -> list[str]:
    return sorted(str(path.relative_to(blobs.root)) for path in blobs.root.rglob("*") if path.is_file())


def test_a_file_is_named_after_its_content(blobs):
    assert blobs.put(b"hello") == HELLO
    assert files(blobs) == [f"2c/{HELLO}.png"]
    assert blobs.get(HELLO) == b"hello"
    assert HELLO in blobs
    assert blobs.existing(HELLO).is_absolute()


def test_the_same_content_again_is_one_file_that_is_left_alone(blobs):
    blobs.put(b"hello")
    before = blobs.existing(HELLO).stat()
    assert blobs.put(b"hello") == HELLO
    after = blobs.existing(HELLO).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert files(blobs) == [f"2c/{HELLO}.png"]


def test_the_same_content_from_many_threads_at_once(blobs):
    start = threading.Barrier(8)

    def put(_number: int) -> str:
        start.wait(30)
        return blobs.put(b"hello")

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(put, range(8))) == {HELLO}
    assert files(blobs) == [f"2c/{HELLO}.png"]
    assert blobs.get(HELLO) == b"hello"


@pytest.mark.parametrize(
    "name",
    ["", "x", "../../etc/passwd", HELLO.upper(), HELLO[:-1], HELLO + "0", HELLO + "\n", "../" + HELLO[3:], "g" * 64],
)
def test_what_is_no_sha256_is_not_found(blobs, name):
    blobs.put(b"hello")
    for look in (blobs.get, blobs.existing, blobs.path, blobs.__contains__):
        with pytest.raises(NotFoundError):
            look(name)


def test_what_was_never_kept_is_not_found(blobs):
    assert "0" * 64 not in blobs
    with pytest.raises(NotFoundError):
        blobs.get("0" * 64)


def test_file_and_folders_are_synced_before_put_returns(blobs, monkeypatch):
    steps = []
    fsync, replace = os.fsync, os.replace

    def noted_fsync(descriptor: int) -> None:
        steps.append(("sync", os.fstat(descriptor).st_ino))
        fsync(descriptor)

    def noted_replace(source: str, target: str) -> None:
        steps.append(("replace", Path(source).stat().st_ino))
        replace(source, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    blobs.put(b"hello")
    file = blobs.path(HELLO)
    place = steps.index(("replace", file.stat().st_ino))
    assert ("sync", file.stat().st_ino) in steps[:place]
    assert ("sync", file.parent.stat().st_ino) in steps[place:]
    assert ("sync", blobs.root.stat().st_ino) in steps


@pytest.mark.parametrize("function", ["fsync", "replace", "open"])
def test_a_disk_that_refuses_is_a_storage_error_and_leaves_nothing(blobs, monkeypatch, function):
    blobs.put(b"something else")
    before = files(blobs)

    def full(*_arguments: object, **_named: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, function, full)
        with pytest.raises(StorageError, match="No space left on device"):
            blobs.put(b"hello")
    assert files(blobs) == before
    assert HELLO not in blobs
    assert blobs.put(b"hello") == HELLO


def test_a_write_that_stops_half_way_leaves_nothing(blobs, monkeypatch):
    class HalfWritten:
        def __init__(self, handle: int) -> None:
            self.handle = handle

        def __enter__(self) -> HalfWritten:
            return self

        def __exit__(self, *_error: object) -> None:
            os.close(self.handle)

        def write(self, data: bytes) -> None:
            os.write(self.handle, data[: len(data) // 2])
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdopen", lambda handle, _mode: HalfWritten(handle))
        with pytest.raises(StorageError):
            blobs.put(b"hello")
    assert files(blobs) == []


def test_a_file_where_the_folder_should_be_is_a_storage_error(tmp_path):
    (tmp_path / "blobs").write_text("in the way")
    with pytest.raises(StorageError):
        BlobStore(tmp_path / "blobs").put(b"hello")
