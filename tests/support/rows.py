"""What lies in the database and in the folder of files, counted and compared."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, func, select

from dashboard.vision.images import decode_png
from db import models
from db.blobs import BlobStore
from db.engine import Database

TABLES = (models.Image, models.Model, models.Session, models.Edit, models.Prediction, models.Event)


def row_counts(database: Database) -> dict[str, int]:
    with database.read() as transaction:
        return {
            table.__tablename__: transaction.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES
        }


def blob_names(blobs: BlobStore) -> set[str]:
    """The names of all files, half-written ones too."""
    return {path.name for path in blobs.root.rglob("*") if path.is_file()}


def assert_whole(database: Database, blobs: BlobStore) -> None:
    """Every row's file is there, is a picture, and holds what its name says; every edit has an answer."""
    with database.read() as transaction:
        named = set(transaction.scalars(select(models.Edit.result_blob)))
        named |= set(transaction.scalars(select(models.Image.working_blob)))
        named |= set(transaction.scalars(select(models.Image.original_blob)))
        unanswered = select(models.Edit.public_id).where(
            models.Edit.id.not_in(select(models.Prediction.edit_id).where(models.Prediction.edit_id.is_not(None)))
        )
        assert transaction.scalars(unanswered).all() == []
    for name in named:
        data = blobs.get(name)
        assert hashlib.sha256(data).hexdigest() == name
        assert decode_png(data).ndim == 3


@contextmanager
def counted_statements(database: Database) -> Iterator[list[str]]:
    """The SQL that is sent meanwhile, without the beginnings and ends of transactions."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
