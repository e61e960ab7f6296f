"""Brings a database to the newest schema; tables are made by migrations only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, inspect, text

from db.engine import Database, translated
from db.errors import StorageError

_LOCK = 7294115  # an arbitrary number that all processes share: PostgreSQL's advisory lock for migrating


def migrate(database: Database, revision: str = "head") -> None:
    """Upgrades to ``revision``. Several processes may call it at once: one migrates, the others wait."""
    writing = database.engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
    with translated(), _known_revisions(), writing.begin() as connection:
        _lock(connection)
        command.upgrade(_config(connection), revision)


def downgrade(database: Database, revision: str = "base") -> None:
    """Goes back to ``revision``; what only newer schemas hold is lost."""
    with database.engine.begin() as connection:
        command.downgrade(_config(connection), revision)


def check_current(database: Database) -> None:
    """Raises StorageError with what to do where the schema is not the newest."""
    with translated(), database.engine.connect() as connection:
        known = inspect(connection).has_table("alembic_version")
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if known else None
    if found != ScriptDirectory.from_config(_config(None)).get_current_head():
        raise StorageError("The database has an older or newer schema; `regionscope serve` brings it up to date.")


@contextmanager
def _known_revisions() -> Iterator[None]:
    try:
        yield
    except CommandError as error:
        raise StorageError("The database was made by a newer version of Regionscope.") from error


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
