"""What somebody browsing wants to see: plain descriptions, parsed elsewhere and asked for in ``db.browsing``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

View = Literal["sessions", "edits"]


@dataclass(frozen=True)
class Condition:
    """A filter of one column. Times are Unix milliseconds; a range takes ``value`` ≤ x ≤ ``upper``, of times < it."""

    column: str
    operator: str
    value: str | float | None = None
    upper: float | None = None


@dataclass(frozen=True)
class BrowseFilter:
    """Which edits – and so which sessions – are wanted. Several values of one field are alternatives.

    ``classes`` are names of the original's top answer. ``archived`` True means only what is archived. Without
    ``models`` an edit is meant as the person saw it: with the answer of the model that was asked first.
    """

    search: str = ""
    models: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    studies: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    flipped: bool | None = None
    archived: bool = False
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Sort:
    """A column to sort by."""

    column: str
    descending: bool = False


@dataclass(frozen=True)
class BrowseState:
    """A view, what it holds and in which order; without an order the newest come first."""

    view: View = "sessions"
    filter: BrowseFilter = field(default_factory=BrowseFilter)
    sort: tuple[Sort, ...] = ()
