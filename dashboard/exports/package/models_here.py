"""The models of a package: which there are, and which of them this installation can ask."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import select

from dashboard.exports.package import carried
from dashboard.exports.package.rows import Reader
from dashboard.recording.agreement import index_of
from dashboard.recording.workspace import Workspace
from db.models import Model


@dataclass
class ModelsHere:
    """The models of a package, which one reader reads."""

    workspace: Workspace
    reader: Reader

    @cached_property
    def every(self) -> list[Model]:
        """All of them, whatever their keys."""
        rows = select(Model).where(Model.id.in_(self.reader.chosen.models)).order_by(Model.id)
        return list(self.reader.transaction.scalars(rows))

    @cached_property
    def rows(self) -> dict[str, Model]:
        """One for each key: of several the one that is at hand, else the newest."""
        found: dict[str, Model] = {}
        for row in self.every:
            if row.key not in found or not self._is_at_hand(found[row.key]):
                found[row.key] = row
        return found

    @cached_property
    def at_hand(self) -> frozenset[str]:
        """Those that can be asked here."""
        return frozenset(key for key, row in self.rows.items() if self._is_at_hand(row))

    def class_index(self, key: str, name: str, place: int | None = None) -> int | None:
        """A class by its name, None where there is none; at its own ``place`` where several are called so."""
        model = self.rows.get(key)
        if model is None:
            return None
        labels = self.reader.labels[model.id]
        is_there = place is not None and place < len(labels) and labels[place] == name
        return place if is_there else index_of(name, labels)

    def can_be_asked(self, row: Model) -> bool:
        """Whether this very model is at hand."""
        return row.key in self.at_hand and self.rows[row.key] is row

    def _is_at_hand(self, row: Model) -> bool:
        return carried.is_at_hand(self.workspace, self.reader.transaction, row)
