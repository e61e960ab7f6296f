"""An installation as a source of figures: of what was recorded, only what a figure shows is read, and nothing written.

Everything is named by the installation's own ids.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session as Transaction

from dashboard.exports.figures.annotations import Annotation
from dashboard.exports.figures.compared_maps import compared
from dashboard.exports.figures.drawing import Kind, kind_called
from dashboard.exports.figures.keeping import annotations_on
from dashboard.exports.figures.look import FigureError
from dashboard.exports.figures.method_words import map_name
from dashboard.exports.figures.reading import Asked, find, models_asked
from dashboard.exports.figures.worked_out import NotReadyError, WorkedOut, work_out
from dashboard.exports.package import Choices, Scope
from dashboard.exports.package.cells import cell, value_of
from dashboard.exports.package.choosing import choose
from dashboard.exports.package.describing import environment
from dashboard.exports.package.numbering import Names
from dashboard.exports.package.rows import Reader
from dashboard.exports.package.scopes import scope_of
from dashboard.exports.package.studied import chosen_studies
from dashboard.exports.package.tables import TABLES
from dashboard.exports.package.workings import FoundMap, Wanted, Workings, once
from dashboard.recording.maps import MapNotReadyError
from dashboard.recording.standing import Groups, NotCountedError, Shared
from dashboard.recording.workspace import Workspace
from dashboard.studies.results.report import results
from dashboard.studies.results.rows import StudyRows, read
from dashboard.studies.results.sections import Results
from dashboard.vision import rle
from dashboard.vision.classifiers import ModelCard
from dashboard.vision.errors import RegionscopeError

Row = dict[str, Any]
CHOICES = Choices(pictures="all", keep_ids=True, free_text=True)


@contextmanager
def recorded(workspace: Workspace, kind: str, asked: Asked, seconds: float | None = None) -> Iterator[Recorded]:
    """What a figure is drawn from, for as long as it is drawn.

    What has to be worked out is: to the end, or for some ``seconds``, after which NotReadyError says how far it is; so
    may drawing. Raises FigureError for an unknown kind, NotFoundError.
    """
    drawn = kind_called(kind)
    drawn.check(asked)
    scope = scope_of(workspace, drawn.of, asked.of)
    worked_out = work_out(workspace, kind, asked, seconds)
    with workspace.database.read() as transaction:
        yield Recorded(workspace, transaction, scope, drawn, asked, worked_out, seconds)


@dataclass
class Recorded:
    """See ``Source``. A table is read when it is first asked for, a map worked out when it is shown.

    Beside the maps that a package would hold there are those that the figure is ``asked`` to show.
    """

    workspace: Workspace
    transaction: Transaction
    scope: Scope
    kind: Kind
    asked: Asked
    worked_out: WorkedOut | None = None
    seconds: float | None = None
    _tables: dict[str, list[Row]] = field(default_factory=dict)
    _masks: dict[str, rle.RLE] = field(default_factory=dict)
    _pictures: dict[str, str] = field(default_factory=dict)
    _maps: dict[str, FoundMap] = field(default_factory=dict)

    @cached_property
    def _reader(self) -> Reader:
        chosen = choose(self.transaction, self.scope, CHOICES)
        return Reader(self.transaction, chosen, CHOICES, Names(self.transaction, chosen, CHOICES))

    @cached_property
    def _workings(self) -> Workings:
        studies = chosen_studies(self.workspace, self.transaction, self._reader.chosen, CHOICES)
        return Workings(self.workspace, self._reader, studies)

    def rows(self, name: str) -> Iterator[Row]:
        """See ``Source``."""
        if name not in self._tables:
            self._tables[name] = [_as_in_a_file(name, row) for row in self._made(name)]
        return iter(self._tables[name])

    def _made(self, name: str) -> Iterator[Row]:
        if name == "maps":
            return self._rows_of_maps()
        if name in ("effects", "curves"):
            return self._rows_worked_out(name)
        rows: Iterator[Row] = getattr(self._reader, name)()
        return self._with_files(rows) if name in ("images", "edits", "regions") else rows

    def _with_files(self, rows: Iterator[Row]) -> Iterator[Row]:
        """Remembers what the files are that the rows name."""
        for row in rows:
            if "_mask" in row:
                self._masks[row["mask_file"]] = row["_mask"]
            for kind in ("result", "working"):
                if f"{kind}_file" in row:
                    self._pictures[row[f"{kind}_file"]] = row[f"{kind}_sha256"]
            yield row

    def _rows_of_maps(self) -> Iterator[Row]:
        asked = list(self._maps_asked())
        places, refused, is_there = {one.place for one in asked}, "", False
        for one in once((*self._workings.wanted(), *asked)):
            try:
                found = self._workings.found(one)
            except RegionscopeError as error:  # there is no such map
                if one.place in places:
                    refused = f"There is no {map_name(one.method)} of {one.model}: {str(error).rstrip('.')}."
                continue
            is_there = is_there or one.place in places
            number = len(self._maps) + 1
            name = f"data/maps/H{number}.npy"
            self._maps[name] = found
            yield {"map_id": f"H{number}", "file": name, **found.about}
        if refused and not is_there and (self.asked.model or self.asked.method):
            raise FigureError(refused)

    def _maps_asked(self) -> Iterator[Wanted]:
        """The maps that the figure is asked to show, behind the regions that it is of, or of what is compared."""
        if self.kind.shows_maps and self.kind.of == "comparison":
            found = compared(self, self.asked)
            models = [find(self, "models", "model_id", one)["model_key"] for one in found.models]
            yield from self._workings.of_states(found.states, models, self.asked.map_methods, found.class_name)
        elif self.kind.shows_maps:
            models = [
                find(self, "models", "model_id", one)["model_key"] for one in models_asked(self, self.asked.model)
            ]
            yield from self._workings.behind_regions(models, self.asked.map_methods)

    def _rows_worked_out(self, name: str) -> Iterator[Row]:
        if self.worked_out is not None and self.worked_out.table == name:
            model = self._model_called(self.worked_out.model_key)
            yield from (row | {"model_id": model} for row in self.worked_out.rows)

    @cached_property
    def models_here(self) -> dict[str, ModelCard]:
        """The models that can be asked here, by their names in the rows."""
        models, names = self._workings.models, self._reader.names
        load = self.workspace.catalogue.load
        here = [row for row in models.every if models.can_be_asked(row)]
        return {str(names.of("models", row.id)): load(row.key).card for row in here}

    def mask(self, name: str) -> NDArray[np.bool_]:
        """See ``Source``."""
        return rle.decode(self._masks[name])

    def picture(self, name: str) -> NDArray[np.uint8]:
        """See ``Source``."""
        return self.workspace.pixels(self._pictures[name])

    def map(self, name: str) -> NDArray[np.float32]:
        """See ``Source``; raises NotReadyError where it takes longer than there is time for."""
        try:
            return self._maps[name].values(self.seconds)
        except MapNotReadyError as unfinished:
            raise NotReadyError(unfinished.steps, unfinished.total) from None

    def prepare(self, names: Sequence[str]) -> None:
        """See ``Source``; raises NotReadyError where it takes longer than there is time for."""
        end = math.inf if self.seconds is None else time.monotonic() + self.seconds
        several = list(dict.fromkeys(names))
        waiting = [name for name in several if not self._maps[name].is_at_once()]
        for done, name in enumerate(waiting, len(several) - len(waiting)):
            if name != waiting[0] and time.monotonic() > end:
                raise NotReadyError(done, len(several))
            try:
                self.map(name)
            except NotReadyError as unfinished:
                of_one = unfinished.total
                raise NotReadyError(done * of_one + unfinished.done, len(several) * of_one) from None

    def probabilities(self) -> Iterator[tuple[str, NDArray[np.float32]]]:
        """See ``Source``."""
        for row in self._reader.predictions():
            yield row["prediction_id"], row["_probabilities"]

    def _model_called(self, key: str) -> str:
        found = [row["model_id"] for row in self.rows("models") if row["model_key"] == key]
        if not found:
            raise FigureError("The model has not answered this picture yet. Ask it on the Explore page first.")
        return str(found[-1])

    def study(self, slug: str) -> StudyRows:
        """See ``Source``."""
        return read(self.workspace, slug)

    def results(self, slug: str) -> Results:
        """See ``Source``; raises NotReadyError where there is still something to be worked out."""
        found = results(self.workspace, slug, self.seconds)
        if found.done < found.total:
            raise NotReadyError(found.done, found.total)
        return found

    def standing(
        self, masks: NDArray[np.bool_], other: NDArray[np.bool_] | None, maps: dict[str, NDArray[np.float32]]
    ) -> tuple[Shared, dict[str, float]]:
        """See ``Source``; raises NotReadyError where it takes longer than there is time for."""
        groups = Groups(self.workspace, masks, other, 1 + len(maps), self.seconds)
        try:
            shared = groups.shared()
            return shared, {name: groups.score(of_class)["score"].value for name, of_class in maps.items()}
        except NotCountedError as unfinished:
            raise NotReadyError(unfinished.steps, unfinished.total) from None

    def environment(self) -> dict[str, Any]:
        """See ``Source``."""
        return environment()

    def annotations(self, kind: str, of: str, choices: dict[str, str]) -> tuple[Annotation, ...]:
        """See ``Source``."""
        return annotations_on(self.transaction, kind, of, choices)


def _as_in_a_file(name: str, row: Row) -> Row:
    """The row as it would be read from a package: what a file leaves empty is None."""
    spec = next(table for table in TABLES if table.name == name)
    there = {column.name for column in spec.without(CHOICES.left_out).columns}
    found: Row = {}
    for column in spec.columns:
        value = row.get(column.name) if column.name in there else None
        found[column.name] = value if column.kind == "json" else value_of(column, cell(column, value))
    return found
