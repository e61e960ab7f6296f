"""What a filter holds at a glance: edits over time, flips by class, mask area against change – exact counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, cast, func, select
from sqlalchemy.orm import Session as Transaction

from db.browse_conditions import edit_conditions
from db.browse_filter import BrowseState
from db.models import ClassName, Edit, Outcome, Session
from db.outcomes import AREA_CELLS, CHANGE_CELLS

MOST_POINTS = 5_000
MOST_CLASSES = 12
_MOST_BARS = 80
_MANY = 100_000
_MINUTE_MS = 60_000
_DAY_MS = 1_440 * _MINUTE_MS
_BAR_WIDTHS_MS = tuple(
    [minutes * _MINUTE_MS for minutes in (1, 5, 15, 60, 180, 720)] + [days * _DAY_MS for days in (1, 7, 28, 91, 364)]
)


@dataclass(frozen=True)
class Bar:
    """Edits made in a stretch of time: from ``start_ms`` (Unix time) for the length that all bars have."""

    start_ms: int
    edits: int


@dataclass(frozen=True)
class ClassFlips:
    """How many of the edits of pictures that were first taken for a class changed the answer."""

    name: str
    edits: int
    flips: int


@dataclass(frozen=True)
class Point:
    """One edit: mask area 0–1, change −1 to 1."""

    edit: str
    mask_area: float
    change: float
    flipped: bool


@dataclass(frozen=True)
class Cell:
    """How many edits have a mask area and a change within the cell's bounds."""

    area: tuple[float, float]
    change: tuple[float, float]
    edits: int


@dataclass(frozen=True)
class Glance:
    """``points`` or, past 5,000 edits, ``cells``; both leave out edits whose change is undefined."""

    edits: int
    sessions: int
    flips: int
    answered: int
    bar_ms: int
    bars: tuple[Bar, ...]
    classes: tuple[ClassFlips, ...]
    points: tuple[Point, ...]
    cells: tuple[Cell, ...]


def glance(transaction: Transaction, state: BrowseState) -> Glance:
    """The charts' numbers for the edits that ``state`` holds, in a few statements whatever their number."""
    conditions = edit_conditions(transaction, state)
    classes = _classes(transaction, conditions)
    edits, first_ms, last_ms = transaction.execute(
        select(func.count(), func.min(Outcome.made_at_ms), func.max(Outcome.made_at_ms)).where(*conditions)
    ).one()
    width_ms = _bar_width((last_ms or 0) - (first_ms or 0))
    few = edits <= MOST_POINTS
    return Glance(
        edits=edits,
        sessions=_sessions(transaction, conditions, edits),
        flips=sum(found.flips for found in classes),
        answered=sum(found.edits for found in classes),
        bar_ms=width_ms,
        bars=_bars(transaction, conditions, width_ms),
        classes=tuple(sorted(classes, key=lambda found: (-found.flips, -found.edits, found.name))[:MOST_CLASSES]),
        points=_points(transaction, conditions) if few else (),
        cells=() if few else _cells(transaction, conditions),
    )


def _sessions(transaction: Transaction, conditions: list[ColumnElement[bool]], edits: int) -> int:
    """How many sessions these edits lie in. Of very many, a session's first one answers; few are gathered faster."""
    query = select(func.count(Outcome.session_id.distinct())).where(*conditions)
    if edits > _MANY:
        one_of = select(Outcome.prediction_id).where(Outcome.session_id == Session.id, *conditions)
        query = select(func.count()).select_from(Session).where(one_of.correlate(Session).exists())
    return transaction.scalar(query) or 0


def _bar_width(span_ms: int) -> int:
    return next((width for width in _BAR_WIDTHS_MS if span_ms / width < _MOST_BARS), _BAR_WIDTHS_MS[-1])


def _bars(transaction: Transaction, conditions: list[ColumnElement[bool]], width_ms: int) -> tuple[Bar, ...]:
    number = Outcome.made_at_ms // width_ms
    query = select(number, func.count()).where(*conditions).group_by(number).order_by(number)
    return tuple(Bar(int(start) * width_ms, edits) for start, edits in transaction.execute(query))


def _classes(transaction: Transaction, conditions: list[ColumnElement[bool]]) -> list[ClassFlips]:
    """Classes of one name – of several label sets – are one."""
    counted = (
        select(
            Outcome.before_class_id.label("number"),
            func.count().label("edits"),
            func.sum(cast(Outcome.flipped, Integer)).label("flips"),
        )
        .where(*conditions)
        .group_by(Outcome.before_class_id)
        .subquery()
    )
    query = (
        select(ClassName.name, func.sum(counted.c.edits), func.sum(counted.c.flips))
        .join(counted, ClassName.id == counted.c.number)
        .group_by(ClassName.name)
    )
    return [ClassFlips(name, int(edits), int(flips or 0)) for name, edits, flips in transaction.execute(query)]


def _points(transaction: Transaction, conditions: list[ColumnElement[bool]]) -> tuple[Point, ...]:
    query = (
        select(Edit.public_id, Outcome.mask_area, Outcome.change, Outcome.flipped)
        .join(Edit, Edit.id == Outcome.edit_id)
        .where(*conditions, Outcome.change.is_not(None))
        .order_by(Outcome.prediction_id)
    )
    rows: Any = transaction.execute(query)
    return tuple(Point(*row) for row in rows)


def _cells(transaction: Transaction, conditions: list[ColumnElement[bool]]) -> tuple[Cell, ...]:
    query = select(Outcome.cell, func.count()).where(*conditions, Outcome.cell.is_not(None)).group_by(Outcome.cell)
    rows: Any = transaction.execute(query)
    return tuple(_cell(number, edits) for number, edits in rows)


def _cell(number: int, edits: int) -> Cell:
    column, row = divmod(number, CHANGE_CELLS)
    area = (column / AREA_CELLS, (column + 1) / AREA_CELLS)
    change = (row / CHANGE_CELLS * 2 - 1, (row + 1) / CHANGE_CELLS * 2 - 1)
    return Cell(area, change, edits)
