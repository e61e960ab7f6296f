"""The names of things in a package: numbers in the order of recording, or the installation's own ids."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.exports.package.choosing import Choices, Chosen, in_parts
from db.models import Edit, Image, Region, Session
from db.study_models import Participant, Trial

# So that a name inside of JSON is told from a text that looks like one.
MARK = "id:"
OUTSIDE = re.compile(r"U[1-9][0-9]*")
# What can be compared: an edit, a session or a picture.
COMPARABLE = re.compile(r"[ESI][1-9][0-9]*")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Names:
    """What rows are called in a package, by table and row number; ``translate`` renames them inside of JSON.

    What is named but not in the package is U1, U2 … in the order in which it is met, so that no id of the installation
    goes out and the same thing still has one name.
    """

    def __init__(self, transaction: Transaction, chosen: Chosen, choices: Choices) -> None:
        self._keep = choices.keep_ids
        self._rows: dict[str, dict[int, str]] = {}
        self._public: dict[str, str] = {}
        self._outside: dict[str, str] = {}
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

    def reference(self, public_id: str | None) -> str | None:
        """The same, but of what is not in the package the name that it has all the same."""
        return None if public_id is None else self.of_public(public_id) or self._name_outside(public_id)

    def translate(self, value: Any) -> Any:
        """The same JSON value with every id as its name behind MARK; inside of a longer text as its name alone."""
        if isinstance(value, str):
            name = self.of_public(value)
            if name is None and not self._keep and _ID.fullmatch(value):
                name = self.reference(value.lower())
            if name is not None:
                return MARK + name
            text = value if self._keep else _ID.sub(lambda found: str(self.reference(found[0].lower())), value)
            return MARK + text if text.startswith(MARK) else text
        if isinstance(value, list):
            return [self.translate(one) for one in value]
        if isinstance(value, dict):
            return {key: self.translate(one) for key, one in value.items()}
        return value

    def _name_outside(self, public_id: str) -> str:
        return public_id if self._keep else self._outside.setdefault(public_id, f"U{len(self._outside) + 1}")


def restore(value: Any, id_of: Callable[[str], str]) -> Any:
    """What ``translate`` was given, with the id that ``id_of`` gives for each name."""
    if isinstance(value, str):
        return id_of(value[len(MARK) :]) if value.startswith(MARK) else value
    if isinstance(value, list):
        return [restore(one, id_of) for one in value]
    if isinstance(value, dict):
        return {key: restore(one, id_of) for key, one in value.items()}
    return value
