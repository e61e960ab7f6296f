"""The names of things in a package: numbers in the order of recording, or the installation's own ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.exports.package.choosing import Choices, Chosen, in_parts
from db.models import Edit, Image, Region, Session
from db.study_models import Participant, Trial

# So that a name inside of JSON is told from a text that looks like one.
MARK = "id:"


class Names:
    """What rows are called in a package, by table and row number; ``translate`` renames them inside of JSON."""

    def __init__(self, transaction: Transaction, chosen: Chosen, choices: Choices) -> None:
        self._keep = choices.keep_ids
        self._rows: dict[str, dict[int, str]] = {}
        self._public: dict[str, str] = {}
        # A trial has its session's id; inside of JSON that is the session.
        for table, letter, model, numbers in (
            ("trials", "T", Trial, chosen.trials),
            ("sessions", "S", Session, chosen.sessions),
            ("participants", "P", Participant, chosen.participants),
            ("images", "I", Image, chosen.images),
            ("edits", "E", Edit, chosen.edits),
            ("regions", "R", Region, chosen.regions),
        ):
            self._read(transaction, table, letter, model, numbers)
        self._rows["models"] = {row: f"M{place}" for place, row in enumerate(chosen.models, 1)}

    def _read(self, transaction: Transaction, table: str, letter: str, model: Any, numbers: Sequence[int]) -> None:
        names = self._rows[table] = {}
        place = 0
        for part in in_parts(numbers):
            rows = select(model.id, model.public_id).where(model.id.in_(part)).order_by(model.id)
            for row, public_id in transaction.execute(rows):
                place += 1
                names[row] = public_id if self._keep else f"{letter}{place}"
                self._public[public_id] = names[row]

    def of(self, table: str, row: int | None) -> str | None:
        """The name of a row; None for none, and for one that is not in the package."""
        return None if row is None else self._rows[table].get(row)

    def own(self, public_id: str, letter: str, place: int) -> str:
        """The name of a row that nothing refers to."""
        return public_id if self._keep else f"{letter}{place}"

    def of_public(self, public_id: str | None) -> str | None:
        """The name of what has this id; None for none, and for what is not in the package."""
        return None if public_id is None else self._public.get(public_id)

    def translate(self, value: Any) -> Any:
        """The same JSON value with every id of the package's rows as its name behind MARK."""
        if isinstance(value, str):
            name = self._public.get(value)
            if name is not None:
                return MARK + name
            return MARK + value if value.startswith(MARK) else value
        if isinstance(value, list):
            return [self.translate(one) for one in value]
        if isinstance(value, dict):
            return {key: self.translate(one) for key, one in value.items()}
        return value


def restore(value: Any, ids: dict[str, str]) -> Any:
    """What ``translate`` was given, with the names' ids from ``ids``."""
    if isinstance(value, str):
        if not value.startswith(MARK):
            return value
        inner = value[len(MARK) :]
        return ids.get(inner, inner)
    if isinstance(value, list):
        return [restore(one, ids) for one in value]
    if isinstance(value, dict):
        return {key: restore(one, ids) for key, one in value.items()}
    return value
