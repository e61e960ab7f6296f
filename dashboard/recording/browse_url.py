"""The address of a filtered list: what stands behind ``?``, both ways. The same state always gives the same text."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import cast
from urllib.parse import parse_qsl, urlencode

from dashboard.recording.ids import RequestError
from dashboard.recording.text import storable
from db.browse_columns import COLUMNS, Column, column
from db.browse_filter import BrowseFilter, BrowseState, Condition, Sort, View

LONGEST_QUERY = 8_000
LONGEST_TEXT = 200
MOST_SORTS = 4
MOST_FIELDS = 500
_LISTS = {"model": "models", "class": "classes", "method": "methods", "study": "studies", "tag": "tags"}
_FILTER = "f."
_BLANK = ("blank", "notBlank")


def parse_state(query: str) -> BrowseState:
    """What an address asks for; "" is all sessions, the newest first. Raises RequestError with a sentence."""
    if len(query) > LONGEST_QUERY:
        raise RequestError("This address is too long to be one of ours.")
    pairs = [(name, storable(value)) for name, value in fields_of(query, MOST_FIELDS)]
    found = dict(pairs)
    view = cast(View, found.get("view", "sessions"))
    if view not in COLUMNS:
        raise RequestError("There is a list of sessions and one of edits, no other.")
    lists = {field: _values(pairs, name) for name, field in _LISTS.items()}
    filters = [(name.removeprefix(_FILTER), text) for name, text in pairs if name.startswith(_FILTER)]
    wanted = BrowseFilter(
        search=found.get("q", "").strip()[:LONGEST_TEXT],
        **lists,
        flipped=_yes_or_no(found.get("flipped")),
        archived=_yes_or_no(found.get("archived")) or False,
        conditions=tuple(_condition(view, name, text) for name, text in sorted(filters)),
    )
    return BrowseState(view, wanted, _sort(view, found.get("sort", "")))


def fields_of(query: str, most: int) -> list[tuple[str, str]]:
    """The names and values of a query string, with or without its "?"; raises RequestError for more than ``most``."""
    try:
        return parse_qsl(query.removeprefix("?"), max_num_fields=most)
    except ValueError as error:
        raise RequestError("This address says more than one of ours can.") from error


def state_to_query(state: BrowseState) -> str:
    """The address of ``state`` without its "?"; "" for all sessions, the newest first."""
    return urlencode(list(_pairs(state)), safe=":,")


def _pairs(state: BrowseState) -> Iterator[tuple[str, str]]:
    wanted = state.filter
    if state.view != "sessions":
        yield "view", state.view
    if wanted.search:
        yield "q", wanted.search
    for name, field in _LISTS.items():
        for value in sorted(getattr(wanted, field)):
            yield name, value
    if wanted.flipped is not None:
        yield "flipped", "1" if wanted.flipped else "0"
    if wanted.archived:
        yield "archived", "1"
    for condition in sorted(wanted.conditions, key=lambda condition: condition.column):
        yield _FILTER + condition.column, _condition_text(condition)
    if state.sort:
        yield "sort", ",".join(f"{'-' if item.descending else ''}{item.column}" for item in state.sort)


def _values(pairs: list[tuple[str, str]], name: str) -> tuple[str, ...]:
    return tuple(sorted({value[:LONGEST_TEXT] for found, value in pairs if found == name and value}))


def _yes_or_no(text: str | None) -> bool | None:
    if text not in (None, "0", "1"):
        raise RequestError("Yes is written 1 and no 0.")
    return None if text is None else text == "1"


def _sort(view: View, text: str) -> tuple[Sort, ...]:
    names = list(dict.fromkeys(name for name in text.split(",") if name))[:MOST_SORTS]
    sort = tuple(Sort(name.removeprefix("-"), name.startswith("-")) for name in names)
    for item in sort:
        column(view, item.column)
    return sort


def _condition(view: View, name: str, text: str) -> Condition:
    found = column(view, name)
    operator, _, rest = text.partition(":")
    if operator in _BLANK:
        return Condition(name, operator)
    if found.kind == "text":
        return Condition(name, operator, rest[:LONGEST_TEXT])
    return _number_condition(found, name, operator, rest)


def _number_condition(found: Column, name: str, operator: str, text: str) -> Condition:
    try:
        numbers = [float(part) for part in text.split(":")]
    except ValueError:
        numbers = []
    if len(numbers) != (2 if operator == "inRange" else 1) or not all(map(math.isfinite, numbers)):
        raise RequestError(f"The filter of {name} is not one that can be read.")
    return Condition(name, operator, numbers[0], numbers[1] if len(numbers) > 1 else None)


def _condition_text(condition: Condition) -> str:
    if condition.operator in _BLANK:
        return condition.operator
    parts = [condition.value, *([condition.upper] if condition.upper is not None else [])]
    return ":".join([condition.operator, *[_number(part) for part in parts]])


def _number(value: str | float | None) -> str:
    """0.1 as 0.1 and 3.0 as 3: the shortest text that is read back as the same number."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)
