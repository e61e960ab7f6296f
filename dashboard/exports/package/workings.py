"""Numbers and maps that results follow from, for those who have no models at hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import null, select

from dashboard.exports.package import carried
from dashboard.exports.package.choosing import in_parts
from dashboard.exports.package.models_here import ModelsHere
from dashboard.exports.package.rows import Reader
from dashboard.recording.maps import class_map, is_worked_out
from dashboard.recording.workspace import Workspace
from dashboard.studies.place import TrialPlace
from dashboard.studies.preparing import maps_of
from dashboard.studies.results.marks import MAP
from dashboard.studies.results.marks import marks as marks_of
from dashboard.studies.results.rows import StudyRows
from dashboard.studies.results.working_out import advance, measured
from dashboard.vision.errors import RegionscopeError
from dashboard.vision.explain import EXPLANATIONS, unavailable_reason
from db.errors import StorageError
from db.models import ClassName, Edit, Image, Model, Prediction, Region, Session
from db.regions import HUMAN
from db.study_models import Trial

WORDS = ("case", "problem")
NOT_HERE = "the model is not here"


@dataclass(frozen=True)
class FoundMap:
    """A map that there is: the row that says what of, and how it is had, (H, W) float32.

    ``values`` takes ``seconds``, of which ``class_map`` says what they are; ``is_at_once``: it will not need them.
    """

    about: dict[str, Any]
    values: Callable[[float | None], NDArray[np.float32]]
    is_at_once: Callable[[], bool]


@dataclass(frozen=True)
class Wanted:
    """A map of one image state: row numbers of picture and edit, the state's file, and the class."""

    image: int
    edit: int | None
    blob: str
    model: str
    method: str
    class_index: int | None
    class_name: str

    @property
    def place(self) -> tuple[Any, ...]:
        """What tells it from another one."""
        return self.image, self.edit, self.model, self.method, self.class_index


def once(several: Iterable[Wanted]) -> Iterator[Wanted]:
    """Each of them once, where it is first."""
    found: dict[tuple[Any, ...], Wanted] = {}
    for one in several:
        found.setdefault(one.place, one)
    yield from found.values()


def steps(studies: list[StudyRows]) -> int:
    """How often ``work_out`` says that it got on."""
    return sum(len(rows.people) * len(rows.record.design.models) for rows in studies)


def work_out(workspace: Workspace, studies: list[StudyRows], step: Callable[[], None]) -> None:
    """Has everything worked out that results follow from, before a package is written; it may be recorded.

    Of what cannot be worked out the package says why.
    """
    for rows in studies:
        for model in rows.record.design.models:
            design = rows.record.design.model_copy(update={"models": (model,)})
            of_model = replace(rows, record=replace(rows.record, design=design))
            for one in rows.people:
                with suppress(RegionscopeError):  # the model is not here; said where its numbers are missing
                    advance(workspace, of_model.only({one.name}), None)
                step()


@dataclass
class Workings:
    """What was worked out, read and never recorded; ``skipped`` counts what is missing, by why."""

    workspace: Workspace
    reader: Reader
    studies: list[StudyRows]
    skipped: Counter[str] = field(default_factory=Counter)

    def marks(self) -> Iterator[dict[str, Any]]:
        """What is known of regions that participants marked, a number a row."""
        for rows in self.studies:
            for one in marks_of(rows):
                region, model = self.reader.names.of_public(one.region), self.models.rows.get(one.model)
                if region is None:
                    continue
                if model is None:
                    self.skipped[f"Numbers of regions for {one.model}: {NOT_HERE}"] += 1
                    continue
                found = measured(self.workspace, one) if one.model in self.models.at_hand else None
                found = found or carried.numbers(self.workspace, one.region, model)
                why = NOT_HERE if found is None else found.get("problem")
                if why:
                    self.skipped[f"Numbers of regions for {one.model}: {str(why).rstrip('.')}"] += 1
                about = {"region_id": region, "model_id": self.reader.names.of("models", model.id)}
                for metric, value in (found or {}).items():
                    number = None if metric in WORDS or value is None else float(value)
                    word = str(value) if metric in WORDS and value is not None else None
                    yield about | {"metric": metric, "value": number, "word": word}

    def maps(self) -> Iterator[tuple[dict[str, Any], NDArray[np.float32]]]:
        """The class activation map (H, W) float32 behind each person's region, for her model and those of her study,
        every map that a participant was shown, and what other methods gave behind the regions, where somebody asked
        for it; each once, with the row that says what of."""
        for one in self.wanted():
            try:
                found = self.found(one)
                yield found.about, found.values(None)
            except (RegionscopeError, StorageError) as error:
                self.skipped[f"Maps ({one.method}) of {one.model}: {str(error).rstrip('.')}"] += 1

    def wanted(self) -> Iterator[Wanted]:
        """What these maps are of, whether there are such maps or not."""
        yield from once((*self._behind_regions(), *self._shown(), *self._worked_out()))

    def behind_regions(self, models: Sequence[str], methods: Sequence[str]) -> Iterator[Wanted]:
        """The maps behind the regions by these methods, of these models (keys; none: those of the regions)."""
        for one in once(self._behind_regions(models)):
            yield from (replace(one, method=method) for method in methods)

    def of_states(
        self, states: Sequence[tuple[str, str]], models: Sequence[str], methods: Sequence[str], class_name: str
    ) -> Iterator[Wanted]:
        """Such maps of pictures and edits, each ("image_id" or "edit_id", its id in the installation), for a class."""
        for kind, public_id in states:
            query: Any
            if kind == "image_id":
                query = select(Image.id, null(), Image.working_blob).where(Image.public_id == public_id)
            else:
                query = select(Session.image_id, Edit.id, Edit.result_blob).join(Session, Edit.session_id == Session.id)
                query = query.where(Edit.public_id == public_id)
            image, edit, blob = self.reader.transaction.execute(query).one()
            for model in models:
                index = self.models.class_index(model, class_name)
                yield from (Wanted(image, edit, blob, model, method, index, class_name) for method in methods)

    def found(self, wanted: Wanted) -> FoundMap:
        """The map as it was worked out here, as it came with a package, or as its model gives it.

        Raises RegionscopeError where there is none.
        """
        model = self.models.rows.get(wanted.model)
        if model is None:
            raise RegionscopeError(NOT_HERE)
        index, labels = wanted.class_index, self.reader.labels[model.id]
        if index is None:
            raise RegionscopeError(f"it has no class “{wanted.class_name}”")
        carried_as = self.workspace, wanted.blob, model, wanted.method, index
        asked = wanted.model, wanted.method, index, wanted.blob
        is_carried = not self._is_worked_out(*asked) and carried.has_map(*carried_as)
        if not is_carried:
            self._refuse(wanted)

        def values(seconds: float | None) -> NDArray[np.float32]:
            kept = carried.class_map(*carried_as) if is_carried else None
            if kept is not None:
                return kept
            return class_map(self.workspace, *asked, seconds=seconds)

        def is_at_once() -> bool:
            return is_carried or EXPLANATIONS[wanted.method].is_instant or self._is_worked_out(*asked)

        about = {
            "image_id": self.reader.names.of("images", wanted.image),
            "edit_id": self.reader.names.of("edits", wanted.edit),
            "model_id": self.reader.names.of("models", model.id),
            "class_index": index,
            "class_name": wanted.class_name or labels[index],
            "method": wanted.method,
        }
        return FoundMap(about, values, is_at_once)

    def _refuse(self, wanted: Wanted) -> None:
        if wanted.model not in self.models.at_hand:
            raise RegionscopeError(NOT_HERE)
        reason = unavailable_reason(self.workspace.catalogue.load(wanted.model).card, wanted.method)
        if reason is not None:
            raise RegionscopeError(reason)

    @cached_property
    def models(self) -> ModelsHere:
        """The package's models."""
        return ModelsHere(self.workspace, self.reader)

    def _behind_regions(self, models: Sequence[str] = ()) -> Iterator[Wanted]:
        asked: dict[str, dict[str, None]] = {}
        for rows in self.studies:
            for one in marks_of(rows):
                asked.setdefault(one.region, {})[one.model] = None
        query = (
            select(Region, Model.key, Image.working_blob, Edit.result_blob, ClassName.index)
            .join(Image, Region.image_id == Image.id)
            .outerjoin(Model, Region.model_id == Model.id)
            .outerjoin(Edit, Region.edit_id == Edit.id)
            .outerjoin(ClassName, Region.class_id == ClassName.id)
            .where(Region.kind == HUMAN)
            .order_by(Region.id)
        )
        for part in in_parts(self.reader.chosen.regions):
            for region, key, working, result, place in self.reader.transaction.execute(
                query.where(Region.id.in_(part))
            ):
                blob = working if region.edit_id is None else result
                for model in models or {**asked.get(region.public_id, {}), **({key: None} if key else {})}:
                    index = self.models.class_index(model, region.class_name, place)
                    yield Wanted(region.image_id, region.edit_id, blob, model, MAP, index, region.class_name)

    def _is_worked_out(self, model: str, method: str, index: int, blob: str) -> bool:
        is_here = model in self.models.at_hand and method in EXPLANATIONS
        return is_here and is_worked_out(self.workspace, model, method, index, blob)

    def _worked_out(self) -> Iterator[Wanted]:
        """Those by other methods, of any model of the package, that somebody asked for before."""
        others = [entry.key for entry in EXPLANATIONS if entry.key != MAP]
        for one in once(self._behind_regions(list(self.models.rows))):
            if one.class_index is None:
                continue
            model = self.models.rows[one.model]
            for method in others:
                came = carried.has_map(self.workspace, one.blob, model, method, one.class_index)
                asked = one.model, method, one.class_index, one.blob
                if came or self._is_worked_out(*asked):
                    yield replace(one, method=method)

    def _shown(self) -> Iterator[Wanted]:
        """Maps that participants rated or compared, of the class that the trial was about."""
        for part in in_parts(self.reader.chosen.trials):
            for row in self.reader.transaction.scalars(select(Trial).where(Trial.id.in_(part)).order_by(Trial.id)):
                if row.plan["kind"] not in ("rate", "compare") or not row.plan["prepared"]:
                    continue
                query = select(Image.id, Image.working_blob).where(Image.public_id == row.plan["picture"])
                image, blob = self.reader.transaction.execute(query).one()
                for model, method in maps_of(TrialPlace(row.public_id, row.position, row.plan)).values():
                    name = row.plan["class_name"] or ""
                    index = self.models.class_index(model, name)
                    if index is None:
                        index, name = self._top(image, model), ""
                    yield Wanted(image, None, blob, model, method, index, name)

    def _top(self, image: int, key: str) -> int | None:
        model = self.models.rows.get(key)
        query = select(Prediction.top_index).filter_by(image_id=image, model_id=model.id if model else None)
        return self.reader.transaction.scalar(query)
