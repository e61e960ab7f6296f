from __future__ import annotations

import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import datetime
from multiprocessing import get_context

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from db.engine import Database
from db.errors import StorageError
from db.models import Base
from db.schema import check_current, downgrade, migrate

TABLES = {"alembic_version", "edits", "events", "images", "label_sets", "models", "predictions", "sessions"}


@pytest.fixture
def empty(empty_url):
    opened = Database(empty_url)
    yield opened
    opened.close()


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names())


def test_models_and_migrations_agree(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_upgrade_from_empty_downgrade_and_upgrade(empty):
    assert tables(empty) == set()
    migrate(empty)
    assert tables(empty) >= TABLES
    check_current(empty)
    downgrade(empty)
    assert tables(empty) == {"alembic_version"}
    with pytest.raises(StorageError):
        check_current(empty)
    migrate(empty)
    assert tables(empty) >= TABLES
    check_current(empty)


def test_migrating_again_changes_nothing(database):
    with database.write() as transaction:
        transaction.execute(text("INSERT INTO label_sets (sha256, labels) VALUES ('a', '[]')"))
    migrate(database)
    with database.read() as transaction:
        assert transaction.execute(text("SELECT sha256 FROM label_sets")).scalars().all() == ["a"]


def annotations_in(database: Database, columns: str) -> list[tuple[str, ...]]:
    with database.read() as transaction:
        return [tuple(row) for row in transaction.execute(text(f"SELECT {columns} FROM figure_annotations"))]


def test_what_was_put_on_figures_before_they_had_choices_stays_with_the_usual_ones(empty):
    migrate(empty, "0006")
    before = "INSERT INTO figure_annotations (kind, about, content, changed_at) VALUES ('cases', 'a', '[]', :now)"
    now = {"now": datetime(2026, 1, 1)}
    with empty.write() as transaction:
        transaction.execute(text(before), now)
    migrate(empty)
    assert annotations_in(empty, "kind, about, choices") == [("cases", "a", "{}")]
    with empty.write() as transaction:
        other = before.replace("content,", "choices, content,").replace("'a',", "'a', :choices,")
        transaction.execute(text(other), now | {"choices": '{"table": "b"}'})
    downgrade(empty, "0006")
    assert annotations_in(empty, "kind, about") == [("cases", "a")]
    with pytest.raises(StorageError), empty.write() as transaction:
        transaction.execute(text(before), now)


def test_an_empty_database_is_not_current(empty):
    with pytest.raises(StorageError, match="regionscope serve"):
        check_current(empty)


def test_a_schema_from_the_future_is_refused_with_a_sentence(database):
    with database.write() as transaction:
        transaction.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError) as refused:
        migrate(database)
    assert str(refused.value).endswith(".")
    with pytest.raises(StorageError):
        check_current(database)


def test_threads_migrating_at_once_end_with_one_schema(empty_url):
    start = threading.Barrier(4)

    def open_and_migrate(_number: int) -> None:
        opened = Database(empty_url)
        start.wait(30)
        migrate(opened)
        check_current(opened)
        opened.close()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(open_and_migrate, range(4))) == [None] * 4


def test_opening_a_new_file_at_once_never_finds_it_locked(tmp_path):
    def open_new(name: str, start: threading.Barrier) -> str:
        opened = Database(f"sqlite:///{tmp_path / name}")
        start.wait(30)
        with opened.read() as session:
            mode = session.scalar(text("PRAGMA journal_mode"))
        opened.close()
        return mode

    with ThreadPoolExecutor(6) as pool:
        for number in range(40):
            start = threading.Barrier(6)
            modes = list(pool.map(open_new, [f"{number}.sqlite"] * 6, [start] * 6))
            assert modes == ["wal"] * 6


def migrate_url(url: str) -> set[str]:
    opened = Database(url)
    try:
        migrate(opened)
        return tables(opened)
    finally:
        opened.close()


def test_processes_migrating_at_once_end_with_one_schema(empty_url):
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        assert all(found >= TABLES for found in pool.map(migrate_url, [empty_url] * 3))
