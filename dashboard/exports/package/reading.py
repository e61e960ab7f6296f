"""How a package's rows are read: a part at a time, so that what is in memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.exports.package.choosing import Choices, Chosen, in_parts
from dashboard.exports.package.numbering import Names
from db.models import Tag

Row = dict[str, Any]


@dataclass
class Reading:
    """What is read, by whom it was chosen, and what things are called."""

    transaction: Transaction
    chosen: Chosen
    choices: Choices
    names: Names

    def _rows(self, query: Any, key: Any, numbers: Any) -> Iterator[Any]:
        for part in in_parts(numbers):
            yield from self.transaction.scalars(query.where(key.in_(part)).order_by(key))
            self.transaction.expunge_all()

    def _pairs(self, query: Any, key: Any, numbers: Any) -> Iterator[Any]:
        for part in in_parts(numbers):
            yield from self.transaction.execute(query.where(key.in_(part)).order_by(key))
            self.transaction.expunge_all()

    def _tags(self, table: Any, key: Any, part: Any) -> dict[int, list[str]]:
        query = select(key, Tag.name).join(Tag, Tag.id == table.tag_id).where(key.in_(part)).order_by(key, Tag.name)
        found: dict[int, list[str]] = {}
        for row, name in self.transaction.execute(query):
            found.setdefault(row, []).append(name)
        return found
