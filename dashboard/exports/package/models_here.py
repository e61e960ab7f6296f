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
    """Models by their keys."""

    workspace: Workspace
    reader: Reader

    @cached_property
    def rows(self) -> dict[str, Model]:
        """Every model of the package: of several with one key the one that is at hand, else the newest."""
        rows = select(Model).where(Model.id.in_(self.reader.chosen.models)).order_by(Model.id)
        found: dict[str, Model] = {}
        for row in self.reader.transaction.scalars(rows).all():
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

    def _is_at_hand(self, row: Model) -> bool:
        return carried.is_at_hand(self.workspace, self.reader.transaction, row)
