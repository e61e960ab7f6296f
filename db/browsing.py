"""The lists of sessions and of edits: filtered, sorted and paged by the database, a page of any million as well.

A page is asked for in two steps: the numbers of its rows from narrow, indexed tables, then what those rows show.
No question is asked once a row.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, Select, Text, cast, func, select, true
from sqlalchemy.orm import Session as Transaction
from sqlalchemy.orm import aliased

from db import models
from db.browse_columns import After, Before, Column, Head, HeadEdit, column, joined
from db.browse_conditions import edit_conditions, session_conditions
from db.browse_filter import BrowseState, Sort, View
from db.models import Edit, EditTag, Image, Model, Outcome, Prediction, Session, SessionTag, Tag
from db.outcomes import milliseconds


@dataclass(frozen=True)
class EditRow:
    """One edit in the list, with one model's answer; probabilities 0–1, ``change`` −1 to 1, None where undefined.

    ``top_before`` and ``top_after`` are the probabilities of the two top answers, ``probability_after`` that of the
    original's top class after the edit, so that change = probability_after − top_before.
    """

    id: str
    session_id: str
    session: str
    person: str
    study: str
    picture_id: str
    picture: str
    true_label: str | None
    model_key: str
    model: str
    method: str
    mask_area: float
    before: str | None
    after: str
    top_before: float | None
    top_after: float
    probability_after: float | None
    change: float | None
    flipped: bool | None
    regions: int
    agreement: float | None
    made_ms: int
    duration_ms: float | None
    blob: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class SessionRow:
    """One session in the list; ``before``, ``after`` and ``change`` are those of where it stands now."""

    id: str
    session: str
    person: str
    study: str
    picture_id: str
    picture: str
    true_label: str | None
    model_key: str | None
    model: str | None
    edits: int
    flips: int
    mask_area: float | None
    before: str | None
    after: str | None
    top_before: float | None
    top_after: float | None
    change: float | None
    flipped: bool | None
    regions: int
    agreement: float | None
    started_ms: int
    duration_ms: float
    blob: str
    tags: tuple[str, ...]


def version(transaction: Transaction) -> tuple[Any, ...]:
    """Something that is another one after every change of what browsing shows."""
    if transaction.get_bind().dialect.name == "postgresql":
        return (transaction.scalar(select(func.pg_current_snapshot().cast(Text))),)
    # SQLite has one writer, so numbers are given in the order of commits; and whatever is done is an event too.
    numbers = (Outcome.prediction_id, models.Event.id, Session.id, Prediction.id)
    return tuple(transaction.execute(select(*[select(func.max(n)).scalar_subquery() for n in numbers])).one())


def count(transaction: Transaction, state: BrowseState) -> int:
    """How many rows the list holds."""
    return transaction.scalar(_matching(transaction, state, func.count())) or 0


def edit_rows(transaction: Transaction, state: BrowseState, offset: int, limit: int, total: int) -> list[EditRow]:
    """A page of edits; ``total`` is what ``count`` said."""
    return edit_rows_of(transaction, _page(transaction, state, *_NUMBERS["edits"], offset, limit, total))


def edit_rows_of(transaction: Transaction, numbers: Sequence[int]) -> list[EditRow]:
    """The rows with these numbers that are still there, in their order."""
    rows = {row.id: row for row in transaction.execute(_edit_details().where(Outcome.prediction_id.in_(numbers)))}
    owners = {row.edit_row for row in rows.values()}
    tags = _tags(transaction, select(EditTag.edit_id, Tag.name).join(Tag).where(EditTag.edit_id.in_(owners)))
    return [_edit_row(rows[number], tags) for number in numbers if number in rows]


def session_rows(transaction: Transaction, state: BrowseState, offset: int, limit: int, total: int) -> list[SessionRow]:
    """A page of sessions; ``total`` is what ``count`` said."""
    return session_rows_of(transaction, _page(transaction, state, *_NUMBERS["sessions"], offset, limit, total))


def session_rows_of(transaction: Transaction, numbers: Sequence[int]) -> list[SessionRow]:
    """The rows with these numbers that are still there, in their order."""
    rows = {row.number: row for row in transaction.execute(_session_details(numbers))}
    tags = _tags(transaction, select(SessionTag.session_id, Tag.name).join(Tag).where(SessionTag.session_id.in_(rows)))
    return [_session_row(rows[number], tags) for number in numbers if number in rows]


def row_numbers(transaction: Transaction, state: BrowseState) -> array[int]:
    """The numbers of all rows that the list holds, in its order: eight bytes each."""
    number, default = _NUMBERS[state.view]
    query = _in_order(transaction, state, number, state.sort or default, backwards=False)
    return array("q", transaction.scalars(query.execution_options(yield_per=_AT_ONCE)))


def selected(transaction: Transaction, state: BrowseState, limit: int) -> list[str]:
    """Public ids of what the list holds, at most ``limit``, in its order."""
    total = min(limit, count(transaction, state))
    if state.view == "sessions":
        numbers = _page(transaction, state, Session.id, (Sort("started", True),), 0, total, total)
        known = _public_ids(transaction, Session.id, Session.public_id, numbers)
    else:
        numbers = _page(transaction, state, Outcome.edit_id, (Sort("made", True),), 0, total, total)
        known = _public_ids(transaction, Edit.id, Edit.public_id, numbers)
    # With several models an edit is listed once for each of them.
    return list(dict.fromkeys(known[number] for number in numbers))


_AT_ONCE = 10_000
# What a row of each list is known by, and its order where none is chosen.
_NUMBERS: dict[View, tuple[Any, tuple[Sort, ...]]] = {
    "edits": (Outcome.prediction_id, (Sort("made", True),)),
    "sessions": (Session.id, (Sort("started", True),)),
}


def _public_ids(transaction: Transaction, number: Any, public_id: Any, wanted: list[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        found.update(tuple(row) for row in transaction.execute(select(number, public_id).where(number.in_(some))))
    return found


def _matching(transaction: Transaction, state: BrowseState, what: Any, sorted_by: tuple[Column, ...] = ()) -> Any:
    needed = {found.joined for found in sorted_by}
    if state.view == "edits":
        query = joined(select(what).select_from(Outcome), "edits", needed)
        return query.where(*edit_conditions(transaction, state))
    needed |= {column("sessions", condition.column).joined for condition in state.filter.conditions}
    query = joined(select(what).select_from(Session), "sessions", needed)
    return query.where(*session_conditions(transaction, state))


def _page(
    transaction: Transaction,
    state: BrowseState,
    number: Any,
    default: tuple[Sort, ...],
    offset: int,
    limit: int,
    total: int,
) -> list[int]:
    """The rows' numbers. What lies in the further half is walked to from the end, which is half as far at most."""
    sort = state.sort or default
    backwards = offset > total / 2
    if backwards:
        limit = max(0, min(limit, total - offset))
        offset = max(0, total - offset - limit)
    query = _in_order(transaction, state, number, sort, backwards=backwards).offset(offset).limit(limit)
    found = list(transaction.scalars(query))
    return found[::-1] if backwards else found


def _in_order(
    transaction: Transaction, state: BrowseState, number: Any, sort: tuple[Sort, ...], *, backwards: bool
) -> Any:
    columns = tuple(column(state.view, item.column) for item in sort)
    order = [_ordered(found, item.descending != backwards) for found, item in zip(columns, sort, strict=True)]
    tie = Outcome.prediction_id if state.view == "edits" else Session.id
    order.append(tie.desc() if sort[-1].descending != backwards else tie.asc())
    return _matching(transaction, state, number, columns).order_by(*order)


def _ordered(found: Column, descending: bool) -> Any:
    """Undefined values are the lowest on both databases: PostgreSQL has to be told, SQLite does it by itself."""
    order = found.by.desc() if descending else found.by.asc()
    if not found.nullable:
        return order
    return order.nulls_last() if descending else order.nulls_first()


def _edit_details() -> Any:
    query: Any = select(
        Outcome.prediction_id.label("id"),
        Edit.id.label("edit_row"),
        Edit.public_id,
        Session.public_id.label("session_id"),
        Session.name.label("session"),
        Session.person,
        Session.study,
        Image.public_id.label("picture_id"),
        Image.name.label("picture"),
        Image.true_label,
        Model.key.label("model_key"),
        Model.label.label("model"),
        Outcome.method,
        Outcome.mask_area,
        Before.name.label("before"),
        After.name.label("after"),
        Outcome.probability_before,
        Prediction.top_probability,
        Outcome.probability_after,
        Outcome.change,
        Outcome.flipped,
        Outcome.regions,
        Outcome.agreement,
        Outcome.made_at_ms,
        Outcome.drawing_ms,
        Edit.result_blob,
    )
    query = query.select_from(Outcome).join(Edit, Edit.id == Outcome.edit_id)
    query = query.join(Prediction, Prediction.id == Outcome.prediction_id)
    return joined(query, "edits", {"session", "image", "model", "before", "after"})


def _edit_row(row: Any, tags: dict[int, list[str]]) -> EditRow:
    return EditRow(
        id=row.public_id,
        session_id=row.session_id,
        session=row.session,
        person=row.person,
        study=row.study,
        picture_id=row.picture_id,
        picture=row.picture,
        true_label=row.true_label,
        model_key=row.model_key,
        model=row.model,
        method=row.method,
        mask_area=row.mask_area,
        before=row.before,
        after=row.after,
        top_before=row.probability_before,
        top_after=row.top_probability,
        probability_after=row.probability_after,
        change=row.change,
        flipped=row.flipped,
        regions=row.regions,
        agreement=row.agreement,
        made_ms=row.made_at_ms,
        duration_ms=row.drawing_ms,
        blob=row.result_blob,
        tags=tuple(tags.get(row.edit_row, ())),
    )


def _session_details(wanted: Sequence[int]) -> Any:
    # The summary of all sessions would be made for the hundred of a page, so theirs is counted on its own.
    own = aliased(Outcome)
    edits, flips = (
        select(what).where(own.session_id == Session.id, own.leading == true()).correlate(Session).scalar_subquery()
        for what in (func.count(), func.sum(cast(own.flipped, Integer)))
    )
    query: Any = select(
        Session.id.label("number"),
        Session,
        Image,
        Model.key.label("model_key"),
        Model.label.label("model"),
        edits.label("edits"),
        flips.label("flips"),
        HeadEdit.removed_area,
        HeadEdit.result_blob,
        Before.name.label("before"),
        After.name.label("after"),
        Head.probability_before,
        Prediction.top_probability,
        Head.change,
        Head.flipped,
    )
    query = joined(query.select_from(Session), "sessions", {"image", "head", "model", "before", "after"})
    return query.outerjoin(Prediction, Prediction.id == Head.prediction_id).where(Session.id.in_(wanted))


def _session_row(row: Any, tags: dict[int, list[str]]) -> SessionRow:
    session: Session = row.Session
    return SessionRow(
        id=session.public_id,
        session=session.name,
        person=session.person,
        study=session.study,
        picture_id=row.Image.public_id,
        picture=row.Image.name,
        true_label=row.Image.true_label,
        model_key=row.model_key,
        model=row.model,
        edits=row.edits,
        flips=row.flips or 0,
        mask_area=row.removed_area,
        before=row.before,
        after=row.after,
        top_before=row.probability_before,
        top_after=row.top_probability,
        change=row.change,
        flipped=row.flipped,
        regions=session.regions,
        agreement=session.agreement,
        started_ms=milliseconds(session.started_at),
        duration_ms=(session.last_seen_at - session.started_at).total_seconds() * 1000,
        blob=row.result_blob or row.Image.working_blob,
        tags=tuple(tags.get(session.id, ())),
    )


def _tags(transaction: Transaction, query: Select[int, str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for owner, name in transaction.execute(query.order_by(Tag.name)):
        found.setdefault(owner, []).append(name)
    return found
