"""What removing regions does to answers, as it was worked out: each region's drop, and curves. Nothing is computed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from dashboard.exports.package import carried, counting
from dashboard.exports.package.choosing import in_parts
from dashboard.exports.package.models_here import ModelsHere
from dashboard.exports.package.tables import TABLES
from dashboard.recording import everybody
from dashboard.recording.curves import CurveQuestion, Curves, look_at_curves
from dashboard.recording.effects import EffectQuestion, Progress, Subject, finished
from dashboard.recording.everybody import PictureRegions
from dashboard.vision.errors import RegionscopeError
from dashboard.vision.explain import EXPLANATIONS
from dashboard.vision.inpainting import METHODS
from db.models import ClassName, Edit, Image, Model, Prediction, Region
from db.regions import HUMAN

Row = dict[str, Any]
# By which maps the model's side is found, and by which methods regions are removed; each with its usual settings.
WAYS = tuple({"map_method": of.key, "method": by.key} for of in EXPLANATIONS for by in METHODS if by.group == "remove")

OTHERS = "Deletion and insertion curves in which regions have part that are not in this package, or do not count"


def effect_rows(progress: Progress) -> list[Row]:
    """A row for each region that was removed, without what they are about."""
    removed: list[tuple[str, int, float | None, float | None]] = [
        ("people", 0, progress.human, progress.human_sufficiency),
        ("model", 0, progress.model, progress.model_sufficiency),
        *(("random", number, drop, None) for number, drop in enumerate(progress.random)),
    ]
    return [
        {
            "whose": whose,
            "number": number,
            "probability_before": progress.before,
            "drop": _or_none(drop),
            "sufficiency": _or_none(kept),
        }
        for whose, number, drop, kept in removed
    ]


def curve_rows(curves: Curves) -> list[Row]:
    """A row for each point of the curves, without what they are about."""
    return [
        {"curve": kind, "ordering": order, "number": number, "share": share, "probability": probability}
        for (kind, order), curve in curves.curves.items()
        for number, (share, probability) in enumerate(zip(curve.shares, curve.probabilities, strict=True))
    ]


def _or_none(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value


@dataclass
class Removing:
    """Reads what is kept of the package's regions and pictures; ``skipped`` counts what is left out, by why.

    ``step`` is called for each region and picture that was looked at.
    """

    models: ModelsHere
    step: Callable[[], None] = lambda: None
    skipped: Counter[str] = field(default_factory=Counter)

    def effects(self) -> Iterator[Row]:
        """*Does it matter?*, of each region that a person marked and each model that was asked."""
        reader = self.models.reader
        query = (
            select(Region, Image.working_blob, Edit.result_blob, ClassName.index)
            .join(Image, Region.image_id == Image.id)
            .outerjoin(Edit, Region.edit_id == Edit.id)
            .outerjoin(ClassName, Region.class_id == ClassName.id)
            .where(Region.kind == HUMAN)
            .order_by(Region.id)
        )
        for part in in_parts(reader.chosen.regions):
            for region, working, result, place in reader.transaction.execute(query.where(Region.id.in_(part))):
                blob = working if region.edit_id is None else result
                for model in self.models.every:
                    about = {
                        "region_id": reader.names.of("regions", region.id),
                        "model_id": reader.names.of("models", model.id),
                    }
                    yield from (about | row for row in self._effects(region, blob, place, model))
                self.step()

    def _effects(self, region: Region, blob: str, place: int | None, model: Model) -> Iterator[Row]:
        came = carried.rows_of_region(self.models.workspace, region.public_id, model)
        subject = self._subject(region, blob, place, model) if self.models.can_be_asked(model) else None
        for way in WAYS:
            found = None if subject is None else self._finished(region, subject, model, way)
            if found is not None:
                yield from (way | row for row in effect_rows(found))
            else:
                yield from (row for row in came if way.items() <= row.items())

    def _subject(self, region: Region, blob: str, place: int | None, model: Model) -> Subject | None:
        index = self.models.class_index(model.key, region.class_name, place)
        if index is None:
            index = self._top(region, model)
        if index is None:
            return None
        return Subject(blob, region.mask_counts, index, self.models.workspace.catalogue.load(model.key).card)

    def _finished(self, region: Region, subject: Subject, model: Model, way: dict[str, str]) -> Progress | None:
        map_method, method = way["map_method"], way["method"]
        question = EffectQuestion(region.public_id, model.key, map_method, method, METHODS[method].parse({}))
        return finished(self.models.workspace, question, subject)

    def _top(self, region: Region, model: Model) -> int | None:
        """The model's own answer to the image state on which the region was marked."""
        of = {"edit_id": region.edit_id} if region.edit_id is not None else {"image_id": region.image_id}
        query = select(Prediction.top_index).filter_by(model_id=model.id, **of)
        return self.models.reader.transaction.scalar(query)

    def curves(self) -> Iterator[Row]:
        """Deletion and insertion curves of each picture, where just those are here who have part in its consensus."""
        reader = self.models.reader
        people = counting.people(self._rows)
        query = select(Image.id, Image.public_id).order_by(Image.id)
        query = query.where(Image.id.in_(select(Region.image_id).where(Region.kind == HUMAN, Region.edit_id.is_(None))))
        for part in in_parts(reader.chosen.images):
            for number, public_id in reader.transaction.execute(query.where(Image.id.in_(part))).all():
                found = everybody.regions_of(self.models.workspace, public_id)
                name = str(reader.names.of("images", number))
                for class_name in found.classes:
                    rows = list(self._curves(found, class_name))
                    of = people.get((name, class_name), {})
                    if rows and not counting.are_the_same(found.of_class(class_name), of, reader.names.of_public):
                        self.skipped[OTHERS] += 1
                        continue
                    yield from ({"image_id": name, "class_name": class_name} | row for row in rows)
                self.step()

    def _rows(self, table: str) -> Iterator[Row]:
        """A table's rows as they are in the package: without what was left out."""
        reader = self.models.reader
        spec = next(one for one in TABLES if one.name == table)
        left_out = [one.name for one in spec.columns if one.private in reader.choices.left_out]
        for row in getattr(reader, table)():
            yield row | dict.fromkeys(left_out)

    def _curves(self, found: PictureRegions, class_name: str) -> Iterator[Row]:
        workspace = self.models.workspace
        for model in self.models.every:
            about = {"model_id": self.models.reader.names.of("models", model.id)}
            came = carried.rows_of_picture(workspace, found, class_name, model)
            asked = [CurveQuestion(class_name, model.key, **_asked(way)) for way in WAYS]
            try:
                known = look_at_curves(workspace, found, asked) if self.models.can_be_asked(model) else {}
            except RegionscopeError:
                known = {}  # the model has no such class
            for way, question in zip(WAYS, asked, strict=True):
                curves = known.get(question)
                if curves is not None and curves.is_finished:
                    yield from (about | way | row for row in curve_rows(curves))
                else:
                    yield from (about | row for row in came if way.items() <= row.items())


def _asked(way: dict[str, str]) -> dict[str, str]:
    return {"map_method": way["map_method"], "filling": way["method"]}
