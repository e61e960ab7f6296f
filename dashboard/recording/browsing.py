"""Browsing what was recorded: pages of the lists, the charts, the choices, each remembered until something changes."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

from sqlalchemy.orm import Session as Transaction

from dashboard.recording.ids import RequestError
from dashboard.recording.workspace import Workspace
from db import browsing
from db import glance as glances
from db.browse_filter import BrowseState, View
from db.browsing import EditRow, SessionRow
from db.choices import Choices, occurring
from db.glance import Glance

MOST_ROWS = 1_000
MOST_SELECTED = 100_000
Value = TypeVar("Value")


@dataclass(frozen=True)
class Page:
    """Some rows of a list, and how many it holds altogether."""

    rows: list[EditRow] | list[SessionRow]
    total: int


def rows(workspace: Workspace, state: BrowseState, offset: int, limit: int) -> Page:
    """A page of the list; RequestError or BrowseError with a sentence for what cannot be asked."""
    if offset < 0 or not 0 < limit <= MOST_ROWS:
        raise RequestError(f"A page begins at 0 or later and has 1 to {MOST_ROWS:,} rows.")
    with workspace.database.read() as transaction:
        total = _remembered(workspace, transaction, ("count", state), lambda: browsing.count(transaction, state))
        page = browsing.edit_rows if state.view == "edits" else browsing.session_rows
        return Page(page(transaction, state, offset, limit, total), total)


def row_numbers(workspace: Workspace, state: BrowseState) -> array[int]:
    """All rows that the list holds at this moment, by number and in its order."""
    with workspace.database.read() as transaction:
        return browsing.row_numbers(transaction, state)


def rows_of(workspace: Workspace, view: View, numbers: Sequence[int]) -> list[EditRow] | list[SessionRow]:
    """The rows with these numbers; what was deleted meanwhile is left out."""
    with workspace.database.read() as transaction:
        read = browsing.edit_rows_of if view == "edits" else browsing.session_rows_of
        return read(transaction, numbers)


def glance(workspace: Workspace, state: BrowseState) -> Glance:
    """The charts' numbers; always about edits."""
    with workspace.database.read() as transaction:
        key = ("glance", state.view, state.filter)
        return _remembered(workspace, transaction, key, lambda: glances.glance(transaction, state))


def choices(workspace: Workspace) -> Choices:
    """What can be chosen from: the models, classes, methods, studies and tags that occur."""
    with workspace.database.read() as transaction:
        return _remembered(workspace, transaction, ("choices",), lambda: occurring(transaction))


def selection(workspace: Workspace, state: BrowseState) -> list[str]:
    """The public ids of everything that the list holds; RequestError where that is too much for one step."""
    with workspace.database.read() as transaction:
        if browsing.count(transaction, state) > MOST_SELECTED:
            raise RequestError(f"At most {MOST_SELECTED:,} rows can be selected at once. Filter further.")
        return browsing.selected(transaction, state, MOST_SELECTED)


def _remembered(
    workspace: Workspace, transaction: Transaction, key: tuple[object, ...], make: Callable[[], Value]
) -> Value:
    return cast(Value, workspace.browsed.get((browsing.version(transaction), *key), make))
