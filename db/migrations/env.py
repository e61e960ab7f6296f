"""Runs migrations on the connection handed in, or on the URL of the settings' environment variable."""

import os

from alembic import context

from db.engine import Database
from db.models import Base
from db.study_models import Study  # noqa: F401  # its tables belong to the same schema
from db.types import UtcDateTime


def plain_times(kind, item, _context):  # type: ignore[no-untyped-def]
    """A migration must not change when our own types do."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def run(connection) -> None:  # type: ignore[no-untyped-def]
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=plain_times,
    )
    with context.begin_transaction():
        context.run_migrations()


handed_in = context.config.attributes.get("connection")
if handed_in is not None:
    run(handed_in)
else:
    url = context.config.get_main_option("sqlalchemy.url") or os.environ.get(
        "REGIONSCOPE_DATABASE_URL", "sqlite:///data/regionscope.sqlite"
    )
    with Database(url).engine.begin() as own:
        run(own)
