"""Text without regard to case on both databases, beyond ASCII too."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, Text, event
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

# Folds whatever the language; there where PostgreSQL was built with ICU and the database's encoding is UTF-8.
_COLLATION = "und-x-icu"
_UNICODE_LOWER = "unicode_lower"


class folded(GenericFunction[str]):  # noqa: N801 (it is the name of an SQL function)
    """A text in lower case, to be compared with ``fold`` of another."""

    type = Text()
    inherit_cache = True


def fold(text: str) -> str:
    """What ``folded`` makes of a text."""
    return text.lower()


def prepare(engine: Engine) -> None:
    """Makes ``folded`` known to an engine's connections."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _add_function)
    elif engine.dialect.name == "postgresql":
        event.listen(engine, "first_connect", lambda connection, _record: _find_collation(engine, connection))


def _add_function(connection: Any, _record: Any) -> None:
    connection.create_function(_UNICODE_LOWER, 1, _lower, deterministic=True)


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _find_collation(engine: Engine, connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_encoding') FROM pg_collation WHERE collname = %s", (_COLLATION,))
        usable = cursor.fetchone() == ("UTF8",)
    connection.rollback()
    vars(engine.dialect)["folding_collation"] = _COLLATION if usable else None


@compiles(folded, "sqlite")
def _sqlite(element: Any, compiler: Any, **options: Any) -> str:
    (text,) = (compiler.process(clause, **options) for clause in element.clauses)
    # SQLite's own lower() knows ASCII only, but is many times as fast as a function of ours.
    is_ascii = f"length({text}) = length(CAST({text} AS BLOB))"
    return f"CASE WHEN {is_ascii} THEN lower({text}) ELSE {_UNICODE_LOWER}({text}) END"


@compiles(folded, "postgresql")
def _postgresql(element: Any, compiler: Any, **options: Any) -> str:
    (text,) = (compiler.process(clause, **options) for clause in element.clauses)
    collation = vars(compiler.dialect).get("folding_collation")
    return f'lower({text} COLLATE "{collation}")' if collation else f"lower({text})"
