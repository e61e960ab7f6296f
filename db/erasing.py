"""What was deleted is gone from the disk as well.

Deleted rows are overwritten with zeros (``secure_delete``), but SQLite's log keeps the pages as they were until it is
written back. PostgreSQL's own vacuum and archiving are its administrator's.
"""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing, suppress

from db.engine import Database

log = logging.getLogger(__name__)
WAIT_S = 1.0


def overwrite(database: Database) -> None:
    """Writes SQLite's log back and empties it; where somebody reads for longer, it is left to the next time."""
    path = database.engine.url.database
    if database.engine.dialect.name != "sqlite" or not path:
        return
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(path, WAIT_S)) as connection:
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            log.warning("somebody reads, so SQLite's log still holds what was deleted, until it is emptied next")
