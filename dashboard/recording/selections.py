"""Which sessions and edits somebody selected: named one by one, or everything that a filtered list holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session as Transaction

from dashboard.recording import browsing
from dashboard.recording.browse_url import parse_state
from dashboard.recording.events import add_outcome, is_new_event, outcome_of, was_kept
from dashboard.recording.ids import RequestError, parse_id
from dashboard.recording.workspace import Workspace
from db import models
from db.engine import hold
from db.errors import NotFoundError

_AT_ONCE = 500


@dataclass(frozen=True)
class Selection:
    """Public ids; those of sessions were selected as sessions, not through their edits."""

    sessions: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()


@dataclass(frozen=True)
class SelectedRows:
    """Row numbers of what is still there: the sessions selected, the edits selected, the sessions of either."""

    sessions: tuple[int, ...]
    edits: tuple[int, ...]
    all_sessions: tuple[int, ...]


Act = Callable[[Transaction, SelectedRows], dict[str, Any]]


def parse_selection(workspace: Workspace, given: Any) -> Selection:
    """``{"items": ["session:<id>", "edit:<id>", …]}`` or ``{"query": "<address of the list>"}``.

    Raises RequestError for anything else, and for nothing selected.
    """
    if not isinstance(given, dict):
        raise RequestError("The selection must be an object.")
    found = _of_query(workspace, given["query"]) if "query" in given else _of_items(given.get("items"))
    if not found.sessions and not found.edits:
        raise RequestError("Nothing is selected.")
    return found


def _of_query(workspace: Workspace, query: Any) -> Selection:
    if not isinstance(query, str):
        raise RequestError("The list's address must be text.")
    state = parse_state(query)
    ids = tuple(browsing.selection(workspace, state))
    return Selection(edits=ids) if state.view == "edits" else Selection(sessions=ids)


def _of_items(items: Any) -> Selection:
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise RequestError("Selected items are a list of texts such as session:<id>.")
    if len(items) > browsing.MOST_SELECTED:
        raise RequestError(f"At most {browsing.MOST_SELECTED:,} items can be selected at once.")
    chosen: dict[str, dict[str, None]] = {"session": {}, "edit": {}}
    for item in items:
        kind, _, public_id = item.partition(":")
        if kind not in chosen:
            raise RequestError(f"{item[:60]!r} is neither a session nor an edit.")
        chosen[kind][parse_id(public_id, kind)] = None
    return Selection(tuple(chosen["session"]), tuple(chosen["edit"]))


def once(
    workspace: Workspace,
    event_id: str,
    kind: str,
    payload: dict[str, Any],
    client_time_ms: float | None,
    act: Act,
    *,
    first_hold: str | None = None,
) -> dict[str, Any]:
    """Does ``act`` to the rows of ``payload["selection"]`` and keeps the event with what came of it.

    The same event again changes nothing and gets the same answer, even where the list that it named holds something
    else by now. Nobody deletes, archives or draws in the sessions meanwhile. ``first_hold`` is held before them.
    """
    with workspace.database.read() as transaction:
        if was_kept(transaction, event_id, None, kind, payload):
            return outcome_of(transaction, event_id)
    selection = parse_selection(workspace, payload["selection"])
    with workspace.database.write() as transaction:
        hold(transaction, event_id)
        if first_hold is not None:
            hold(transaction, first_hold)
        if not is_new_event(transaction, event_id, None, kind, payload, client_time_ms):
            return outcome_of(transaction, event_id)
        outcome = act(transaction, locked_rows(transaction, selection))
        add_outcome(transaction, event_id, outcome)
        return outcome


def locked_rows(transaction: Transaction, selection: Selection) -> SelectedRows:
    """As find_rows, but of sessions that nobody else changes or deletes before the transaction ends."""
    found = find_rows(transaction, selection)
    query = select(models.Session.id).order_by(models.Session.id).with_for_update()
    there = {
        number
        # In one order for everybody, so that two who select the same wait for each other only one way.
        for some in in_turn(tuple(sorted(found.all_sessions)))
        for number in transaction.scalars(query.where(models.Session.id.in_(some)))
    }
    if len(there) == len(found.all_sessions):
        return found
    # Some were deleted while we waited for them, with all their edits.
    return find_rows(transaction, selection)


def find_rows(transaction: Transaction, selection: Selection) -> SelectedRows:
    """The rows of a selection; raises NotFoundError where none of it is there any more."""
    sessions = [
        number
        for some in in_turn(selection.sessions)
        for number in transaction.scalars(select(models.Session.id).where(models.Session.public_id.in_(some)))
    ]
    edits: list[int] = []
    owners: dict[int, None] = dict.fromkeys(sessions)
    for some in in_turn(selection.edits):
        query = select(models.Edit.id, models.Edit.session_id).where(models.Edit.public_id.in_(some))
        for number, owner in transaction.execute(query):
            edits.append(number)
            owners[owner] = None
    if not owners:
        raise NotFoundError("What was selected is not here any more.")
    return SelectedRows(tuple(sessions), tuple(edits), tuple(owners))


def locked_edit(public_id: str) -> Select[models.Edit]:
    """Reads an edit whose session nobody deletes or archives before the transaction ends."""
    query = select(models.Edit).join(models.Session).where(models.Edit.public_id == public_id)
    return query.with_for_update(read=True, of=models.Session)


def in_turn(values: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """The values in parts that one statement can hold."""
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
