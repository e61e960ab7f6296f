"""The one owner of transactions, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from db import folding
from db.errors import StorageError

BUSY_TIMEOUT_S = 15
BUSY_PAUSE_S = 0.01
DISK_FULL = "53100"  # PostgreSQL, appendix A
BUSY = "The database is busy; nothing was saved. Try again in a moment."


class Database:
    """Opens read and write transactions; nothing else in the project commits."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self._read = sessionmaker(_consistent(self.engine), expire_on_commit=False)
        writing = self.engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        self._write = sessionmaker(writing, expire_on_commit=False)
        self._turn = _Turn() if self.engine.dialect.name == "sqlite" else nullcontext()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent view; nothing done in it is kept."""
        with translated(), self._read() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Commits at the end, rolls back on any exception. Keep it short: SQLite has one writer at a time."""
        with translated(), self._turn, self._write.begin() as session:
            yield session

    def close(self) -> None:
        """Lets go of all connections."""
        self.engine.dispose()


class _Turn:
    """Lets one thread of this process write at a time, and wakes the next at once.

    SQLite itself lets waiting writers sleep and try again, ever more rarely: under load the oldest would wait longest.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=BUSY_TIMEOUT_S):
            raise StorageError(BUSY)

    def __exit__(self, *_error: object) -> None:
        self._lock.release()


@contextmanager
def translated() -> Iterator[None]:
    """Turns the driver's errors into our own, which carry them as their cause for the log."""
    try:
        yield
    except SQLAlchemyError as error:
        raise StorageError(_sentence(getattr(error, "orig", None))) from error


def _sentence(error: BaseException | None) -> str:
    code = getattr(error, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_FULL or getattr(error, "sqlstate", None) == DISK_FULL:
        return "The server's disk is full; nothing was saved."
    if code is not None and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return BUSY
    return "The database could not do this; nothing was saved."


def _engine(url: str) -> Engine:
    try:
        return _engine_of(make_url(url))
    except (ImportError, ValueError, SQLAlchemyError) as error:
        # The address itself may hold a password, so it is not repeated.
        raise StorageError("The database's address cannot be used: no such kind of database, or no driver.") from error


def _engine_of(parsed: URL) -> Engine:
    if parsed.get_backend_name() != "sqlite":
        engine = create_engine(parsed, pool_pre_ping=True)
        folding.prepare(engine)
        return engine
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    folding.prepare(engine)
    return engine


def _consistent(engine: Engine) -> Engine:
    """Every read of a transaction sees one moment; SQLite always does it like that."""
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ")


def _configure_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own transactions start too late (at the first write), so they are switched off.
    connection.isolation_level = None
    _use_write_ahead_log(connection)
    for pragma in ("foreign_keys=ON", "synchronous=FULL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """SQLite answers "busy" at once, without its timeout, where several change a new file's journal together."""
    give_up = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(BUSY_PAUSE_S)


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))


def hold(transaction: Session, public_id: str) -> None:
    """Lets no other write transaction that holds the same id go on before this one ends.

    A lock on a row would not do: the row may not be there yet. SQLite has one writer at a time anyway.
    """
    if transaction.get_bind().dialect.name == "postgresql":
        transaction.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(public_id, 0))))


def share(transaction: Session, name: str) -> None:
    """Lets others that share the same name go on, but none that holds it; SQLite has one writer at a time anyway."""
    if transaction.get_bind().dialect.name == "postgresql":
        transaction.execute(select(func.pg_advisory_xact_lock_shared(func.hashtextextended(name, 0))))


def insert_if_new(transaction: Session, table: type[Any], **values: Any) -> None:
    """Inserts a row unless a unique column already holds one of the values; races end with one row."""
    insert_all_if_new(transaction, table, [values])


def insert_all_if_new(transaction: Session, table: type[Any], rows: list[dict[str, Any]]) -> None:
    """The same for several rows at once."""
    dialect = transaction.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    transaction.execute(insert(table).on_conflict_do_nothing(), rows)
