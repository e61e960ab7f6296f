"""The columns of both lists: what each is sorted and filtered by, and the tables that takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Float, Integer, and_, cast, func, or_, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.functions import GenericFunction

from db.browse_filter import Condition, View
from db.errors import BrowseError
from db.folding import fold, folded
from db.models import ClassName, Edit, Image, Model, Outcome, Session

Kind = Literal["text", "number", "date"]
Operation = Callable[[Any, Any], ColumnElement[bool]]


class milliseconds_between(GenericFunction[float]):  # noqa: N801 (it is the name of an SQL function)
    """The time from one moment to another in milliseconds, on both databases."""

    type = Float()
    inherit_cache = True


@compiles(milliseconds_between, "sqlite")
def _sqlite(element: Any, compiler: Any, **options: Any) -> str:
    start, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"((julianday({end}) - julianday({start})) * 86400000.0)"


@compiles(milliseconds_between, "postgresql")
def _postgresql(element: Any, compiler: Any, **options: Any) -> str:
    start, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(extract(epoch from ({end} - {start})) * 1000.0)"


@dataclass(frozen=True)
class Column:
    """``joined`` names a table of JOINS that ``by`` needs beside the list's own."""

    kind: Kind
    by: Any
    joined: str = ""
    nullable: bool = False


Head = aliased(Outcome, name="head_outcome")
HeadEdit = aliased(Edit, name="head_edit")
Before = aliased(ClassName, name="class_before")
After = aliased(ClassName, name="class_after")

# A row a session: its own edits (copies from another session have no outcome), and how many of them flipped.
SUMMARY = (
    select(
        Outcome.session_id,
        func.count().label("edits"),
        func.sum(cast(Outcome.flipped, Integer)).label("flips"),
    )
    .where(Outcome.leading == true())
    .group_by(Outcome.session_id)
    .subquery("summary")
)

_SHARED = {
    "session": Column("text", Session.name, "session"),
    "person": Column("text", Session.person, "session"),
    "study": Column("text", Session.study, "session"),
    "picture": Column("text", Image.name, "image"),
    "true_label": Column("text", Image.true_label, "image", nullable=True),
}
EDIT_COLUMNS: dict[str, Column] = _SHARED | {
    "model": Column("text", Model.label, "model"),
    "method": Column("text", Outcome.method),
    "mask_area": Column("number", Outcome.mask_area),
    "before": Column("text", Before.name, "before", nullable=True),
    "after": Column("text", After.name, "after"),
    "change": Column("number", Outcome.change, nullable=True),
    "flipped": Column("number", cast(Outcome.flipped, Integer), nullable=True),
    "regions": Column("number", Outcome.regions),
    "agreement": Column("number", Outcome.agreement, nullable=True),
    "made": Column("date", Outcome.made_at_ms),
    "duration": Column("number", Outcome.drawing_ms, nullable=True),
}
SESSION_COLUMNS: dict[str, Column] = _SHARED | {
    "model": Column("text", Model.label, "model", nullable=True),
    "edits": Column("number", func.coalesce(SUMMARY.c.edits, 0), "summary"),
    "flips": Column("number", func.coalesce(SUMMARY.c.flips, 0), "summary"),
    "before": Column("text", Before.name, "before", nullable=True),
    "after": Column("text", After.name, "after", nullable=True),
    "change": Column("number", Head.change, "head", nullable=True),
    "mask_area": Column("number", HeadEdit.removed_area, "head_edit", nullable=True),
    "regions": Column("number", Session.regions),
    "agreement": Column("number", Session.agreement, nullable=True),
    "started": Column("date", Session.started_at),
    "duration": Column("number", func.milliseconds_between(Session.started_at, Session.last_seen_at)),
}
COLUMNS: dict[View, dict[str, Column]] = {"edits": EDIT_COLUMNS, "sessions": SESSION_COLUMNS}

# Each table beside the list's own: what must be joined before it, and on what.
_EDIT_JOINS: dict[str, tuple[str, Any, Any]] = {
    "session": ("", Session, Session.id == Outcome.session_id),
    "image": ("", Image, Image.id == Outcome.image_id),
    "model": ("", Model, Model.id == Outcome.model_id),
    "before": ("", Before, Before.id == Outcome.before_class_id),
    "after": ("", After, After.id == Outcome.after_class_id),
}
_SESSION_JOINS: dict[str, tuple[str, Any, Any]] = {
    "image": ("", Image, Image.id == Session.image_id),
    "summary": ("", SUMMARY, SUMMARY.c.session_id == Session.id),
    "head_edit": ("", HeadEdit, (HeadEdit.session_id == Session.id) & (HeadEdit.sequence == Session.head)),
    "head": ("head_edit", Head, (Head.edit_id == HeadEdit.id) & (Head.leading == true())),
    "model": ("head", Model, Model.id == Head.model_id),
    "before": ("head", Before, Before.id == Head.before_class_id),
    "after": ("head", After, After.id == Head.after_class_id),
}
JOINS: dict[View, dict[str, tuple[str, Any, Any]]] = {"edits": _EDIT_JOINS, "sessions": _SESSION_JOINS}


def column(view: View, name: str) -> Column:
    """The column of a list; raises BrowseError where there is none of this name."""
    found = COLUMNS[view].get(name)
    if found is None:
        raise BrowseError(f"The list of {view} has no column {name[:40]!r}.")
    return found


def joined(query: Any, view: View, names: set[str]) -> Any:
    """``query`` with the tables of these names joined, each once and after the ones it needs."""
    done: set[str] = set()

    def join(name: str) -> None:
        nonlocal query
        if name in done or name not in JOINS[view]:
            return
        before, target, on = JOINS[view][name]
        if before:
            join(before)
        query = query.outerjoin(target, on)
        done.add(name)

    for name in sorted(names):
        join(name)
    return query


_ORDERED: dict[str, Operation] = {
    "equals": lambda by, value: by == value,
    "notEqual": lambda by, value: by != value,
    "lessThan": lambda by, value: by < value,
    "lessThanOrEqual": lambda by, value: by <= value,
    "greaterThan": lambda by, value: by > value,
    "greaterThanOrEqual": lambda by, value: by >= value,
}
_TEXT: dict[str, Operation] = {
    "contains": lambda by, value: folded(by).contains(fold(value), autoescape=True),
    "notContains": lambda by, value: ~folded(by).contains(fold(value), autoescape=True),
    "startsWith": lambda by, value: folded(by).startswith(fold(value), autoescape=True),
    "endsWith": lambda by, value: folded(by).endswith(fold(value), autoescape=True),
    "equals": lambda by, value: folded(by) == fold(value),
    "notEqual": lambda by, value: folded(by) != fold(value),
}


# What is undefined is unlike everything.
UNLIKE = ("notContains", "notEqual")


def holds(found: Column, wanted: Condition) -> ColumnElement[bool]:
    """Whether a row's column is as wanted; raises BrowseError for an operator that its kind does not have."""
    condition = _condition(found, wanted)
    return or_(found.by.is_(None), condition) if found.nullable and wanted.operator in UNLIKE else condition


def _condition(found: Column, wanted: Condition) -> ColumnElement[bool]:
    if wanted.operator in ("blank", "notBlank"):
        blank: ColumnElement[bool] = found.by.is_(None)
        if found.kind == "text":
            blank = or_(blank, found.by == "")
        return blank if wanted.operator == "blank" else ~blank
    if found.kind == "text":
        return _operation(_TEXT, wanted)(found.by, str(wanted.value))
    if wanted.operator == "inRange":
        lower, upper = _bound(found, wanted.value), _bound(found, wanted.upper)
        # A day ends where the next one begins; "1 to 2" and "0 to 100 %" hold their last number.
        return and_(found.by >= lower, found.by < upper if found.kind == "date" else found.by <= upper)
    return _operation(_ORDERED, wanted)(found.by, _bound(found, wanted.value))


def _operation(known: dict[str, Operation], wanted: Condition) -> Operation:
    if wanted.operator not in known:
        raise BrowseError(f"{wanted.operator[:40]!r} is no way to filter {wanted.column}.")
    return known[wanted.operator]


def _bound(found: Column, value: str | float | None) -> Any:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise BrowseError("A filter of numbers or times needs numbers.")
    if isinstance(found.by.type, Float | Integer):
        return value
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise BrowseError("This time lies outside the calendar.") from error
