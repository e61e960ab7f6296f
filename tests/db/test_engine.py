from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from db import models
from db.engine import Database, insert_if_new
from db.errors import ConflictError, NotFoundError, StorageError


def label_sets(database: Database) -> list[str]:
    with database.read() as transaction:
        return list(transaction.scalars(select(models.LabelSet.sha256).order_by(models.LabelSet.sha256)))


def add(database: Database, *names: str) -> None:
    with database.write() as transaction:
        for name in names:
            transaction.add(models.LabelSet(sha256=name, labels=[]))


def test_a_write_is_kept(database):
    add(database, "a", "b")
    assert label_sets(database) == ["a", "b"]


def test_a_write_that_fails_half_way_is_not(database):
    def half() -> None:
        with database.write() as transaction:
            transaction.add(models.LabelSet(sha256="a", labels=[]))
            transaction.flush()
            raise KeyError("anything")

    with pytest.raises(KeyError):
        half()
    assert label_sets(database) == []
    add(database, "b")
    assert label_sets(database) == ["b"]


def test_what_a_read_changes_is_not_kept(database):
    with database.read() as transaction:
        transaction.execute(text("INSERT INTO label_sets (sha256, labels) VALUES ('a', '[]')"))
    assert label_sets(database) == []


def test_a_read_sees_one_moment(database):
    add(database, "a")
    with database.read() as transaction:
        assert transaction.scalars(select(models.LabelSet.sha256)).all() == ["a"]
        add(database, "b")
        assert transaction.scalars(select(models.LabelSet.sha256)).all() == ["a"]
    assert label_sets(database) == ["a", "b"]


def test_what_is_not_committed_is_not_seen(database):
    with database.write() as transaction:
        transaction.add(models.LabelSet(sha256="a", labels=[]))
        transaction.flush()
        assert label_sets(database) == []
    assert label_sets(database) == ["a"]


def test_a_broken_rule_is_a_storage_error_with_its_cause(database):
    add(database, "a")
    with pytest.raises(StorageError, match="nothing was saved") as refused:
        add(database, "b", "a")
    assert refused.value.__cause__ is not None
    assert label_sets(database) == ["a"]


def test_foreign_keys_are_held(database):
    with pytest.raises(StorageError), database.write() as transaction:
        transaction.add(models.Event(public_id="e", session_id=77, kind="undo", payload={}))


@pytest.mark.parametrize("area", [0, -0.5, 1.5])
def test_an_impossible_mask_area_is_refused(database, area):
    with database.write() as transaction:
        session = models.Session(public_id="s", image=an_image(), software_version="0")
        transaction.add(session)
        transaction.flush()
        edit_of = session.id
    with pytest.raises(StorageError), database.write() as transaction:
        transaction.add(an_edit(edit_of, area))


def an_image() -> models.Image:
    return models.Image(
        public_id="i",
        pixels_sha256="p",
        name="",
        image_set="",
        width=1,
        height=1,
        original_blob="o",
        working_blob="w",
        working_width=1,
        working_height=1,
    )


def an_edit(session_id: int, area: float) -> models.Edit:
    return models.Edit(
        public_id="e",
        session_id=session_id,
        sequence=1,
        request_sha256="r",
        operation="remove",
        method="mean",
        parameters={},
        shapes=[],
        mask_counts="",
        mask_area=area,
        removed_counts="",
        removed_area=0.5,
        result_blob="b",
        duration_ms=1,
        software_version="0",
    )


def test_a_possible_mask_area_is_not(database):
    with database.write() as transaction:
        transaction.add(models.Session(public_id="s", image=an_image(), software_version="0"))
        transaction.flush()
        transaction.add(an_edit(1, 1))


def test_our_own_errors_pass_untouched(database):
    for error in (NotFoundError("gone"), ConflictError("taken")):
        with pytest.raises(type(error)) as passed, database.write():
            raise error
        assert passed.value is error


def test_inserting_again_changes_nothing(database):
    for labels in ([1], [2]):
        with database.write() as transaction:
            insert_if_new(transaction, models.LabelSet, sha256="a", labels=labels)
    with database.read() as transaction:
        assert transaction.scalars(select(models.LabelSet.labels)).all() == [[1]]


def test_writers_at_once_wait_for_each_other(database):
    add(database, "0")
    start = threading.Barrier(8)

    def count_up(_number: int) -> None:
        start.wait(30)
        for _ in range(5):
            with database.write() as transaction:
                row = transaction.scalars(select(models.LabelSet).with_for_update()).one()
                row.labels = [*row.labels, 1]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count_up, range(8)))
    with database.read() as transaction:
        assert transaction.scalars(select(models.LabelSet.labels)).one() == [1] * 40


def test_a_writer_whose_turn_never_comes_is_told_so(tmp_path, monkeypatch):
    monkeypatch.setattr("db.engine.BUSY_TIMEOUT_S", 0.05)
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite'}")
    models.Base.metadata.create_all(database.engine)
    with ThreadPoolExecutor(1) as pool, database.write() as transaction:
        transaction.add(models.LabelSet(sha256="first", labels=[]))
        with pytest.raises(StorageError, match="busy; nothing was saved"):
            pool.submit(add, database, "second").result(30)
    add(database, "third")
    assert label_sets(database) == ["first", "third"]
    database.close()


def test_sqlite_is_set_up_to_lose_nothing(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'new' / 'folder' / 'x.sqlite'}")
    wanted = {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 15_000}
    with database.read() as transaction:
        found = {name: transaction.execute(text(f"PRAGMA {name}")).scalar() for name in wanted}
    assert found == wanted
    database.close()


def test_a_sqlite_write_holds_the_lock_from_its_first_moment(tmp_path):
    path = tmp_path / "x.sqlite"
    database = Database(f"sqlite:///{path}")
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    with database.write() as transaction:
        transaction.connection()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.close()
    database.close()


@pytest.mark.parametrize("url", ["", "nonsense", "nonsense://x/y", "postgresql+nodriver://u:secret@h/d"])
def test_an_address_that_cannot_be_used_is_a_sentence_without_the_password(url):
    with pytest.raises(StorageError) as refused:
        Database(url)
    assert "secret" not in str(refused.value)


def test_a_file_that_is_no_database_is_a_storage_error(tmp_path):
    (tmp_path / "x.sqlite").write_bytes(b"this is no database at all" * 100)
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite'}")
    with pytest.raises(StorageError), database.read() as transaction:
        transaction.execute(text("SELECT 1"))
    database.close()


def test_times_are_kept_in_utc(database):
    moment = datetime.fromisoformat("2026-03-01T12:30:00.123456+05:30")
    with database.write() as transaction:
        transaction.add(models.Session(public_id="s", image=an_image(), software_version="0", started_at=moment))
    with database.read() as transaction:
        found = transaction.scalars(select(models.Session)).one()
        assert found.started_at == datetime(2026, 3, 1, 7, 0, 0, 123456, tzinfo=UTC)
        assert found.started_at.tzinfo is UTC
        assert found.ended_at is None
        assert found.last_seen_at.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(database):
    row = models.Session(public_id="s", image=an_image(), software_version="0", started_at=datetime(2026, 1, 1))
    with pytest.raises(StorageError) as refused, database.write() as transaction:
        transaction.add(row)
    assert "zone" in str(refused.value.__cause__)
