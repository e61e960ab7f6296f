"""The one owner of transactions, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from db.errors import StorageError

BUSY_TIMEOUT_S = 15
log = logging.getLogger(__name__)


class Database:
    """Opens read and write transactions; nothing else in the project commits."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self._read = sessionmaker(self.engine, expire_on_commit=False)
        writing = self.engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        self._write = sessionmaker(writing, expire_on_commit=False)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent view; nothing done in it is kept."""
        with _translated(), self._read() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Commits at the end, rolls back on any exception. Keep it short: SQLite has one writer at a time."""
        with _translated(), self._write.begin() as session:
            yield session

    def close(self) -> None:
        """Lets go of all connections."""
        self.engine.dispose()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        log.exception("the database refused")
        raise StorageError("The database could not do this; nothing was saved.") from error


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transactions start too late (at the first write), so they are switched off.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))


def insert_if_new(transaction: Session, table: type[Any], **values: Any) -> None:
    """Inserts a row unless a unique column already holds one of the values; races end with one row."""
    dialect = transaction.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    transaction.execute(insert(table).values(**values).on_conflict_do_nothing())
