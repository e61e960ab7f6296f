"""How the rows of a package that is read in are kept: under which ids, and what their names lead to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.exports.package.arriving import Arriving
from dashboard.exports.package.cells import PackageError
from dashboard.exports.package.folder import PackageFolder
from dashboard.exports.package.numbering import OUTSIDE, restore
from dashboard.recording.ids import RequestError, new_id, parse_id

Row = dict[str, Any]
KEYED = (("images", "image_id"), ("participants", "participant_id"), ("sessions", "session_id"),
         ("trials", "trial_id"), ("edits", "edit_id"), ("regions", "region_id"))  # fmt: skip


@dataclass
class Imported:
    """How many rows were added by table, and how many were there already; the studies by their names here.

    ``again``: added participants who look like some that were there already.
    """

    added: dict[str, int] = field(default_factory=dict)
    there: dict[str, int] = field(default_factory=dict)
    studies: dict[str, str] = field(default_factory=dict)
    again: int = 0

    def count(self, table: str, is_new: bool) -> None:
        """One row more."""
        counts = self.added if is_new else self.there
        counts[table] = counts.get(table, 0) + 1


@dataclass
class KeepingRows:
    """Keeps rows within one transaction; ``ids`` here and ``rows`` (their numbers) are by the package's names."""

    transaction: Transaction
    package: PackageFolder
    files: Arriving
    keep_ids: bool
    step: Callable[[], None]
    done: Imported = field(default_factory=Imported)
    ids: dict[str, str] = field(default_factory=dict)
    rows: dict[str, dict[str, int]] = field(default_factory=dict)

    def _new_id(self, row: Row, table: str) -> str:
        if self.keep_ids:
            key = next(key for name, key in KEYED if name == table)
            try:
                return parse_id(row[key], table)
            except RequestError:
                raise PackageError("This package was not exported with its ids, so they cannot be kept.") from None
        # A trial and its session have one id.
        return self.ids[row["session_id"]] if table == "trials" and row["session_id"] else new_id()

    def _keep(self, table: str, name: str, model: Any, public_id: str, /, **values: Any) -> int:
        """The row number of what has this id, made where it is new."""
        known = self.transaction.scalar(select(model.id).where(model.public_id == public_id))
        self.done.count(table, known is None)
        if known is None:
            row = model(public_id=public_id, **values)
            self.transaction.add(row)
            self.transaction.flush()
            known = row.id
            self.transaction.expunge(row)
        self.rows.setdefault(table, {})[name] = known
        return int(known)

    def _number(self, table: str, name: str | None) -> int | None:
        if name is None:
            return None
        try:
            return self.rows[table][name]
        except KeyError:
            raise PackageError(f"{name!r} is in no row of {table}.") from None

    def id_of(self, name: str) -> str:
        """The id here; what the package names without holding it gets one, so that it stays the same thing."""
        if name not in self.ids and OUTSIDE.fullmatch(name):
            self.ids[name] = new_id()
        return self.ids.get(name, name)

    def _restored(self, value: Any) -> Any:
        return restore(value, self.id_of)

    def _own_id(self, name: str) -> str:
        return parse_id(name, "row") if self.keep_ids else new_id()
