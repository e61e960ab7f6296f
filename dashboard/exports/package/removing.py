"""What removing regions does to answers, as it was worked out: each region's drop, and curves. Nothing is computed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from dashboard.exports.package import carried
from dashboard.exports.package.choosing import in_parts
from dashboard.exports.package.models_here import ModelsHere
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
WAYS = tuple((of.key, by.key) for of in EXPLANATIONS for by in METHODS if by.group == "remove")

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
    """Reads what is kept of the package's regions and pictures; ``skipped`` counts what is left out, by why."""

    models: ModelsHere
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
                for key, model in self.models.rows.items():
                    about = {
                        "region_id": reader.names.of("regions", region.id),
                        "model_id": reader.names.of("models", model.id),
                    }
                    yield from (about | row for row in self._effect(region, blob, place, key, model))

    def _effect(self, region: Region, blob: str, place: int | None, key: str, model: Model) -> list[Row]:
        came = carried.rows_of_region(self.models.workspace, region.public_id, model)
        rows: list[Row] = []
        for map_method, method in WAYS:
            way = {"map_method": map_method, "method": method}
            found = self._finished(region, blob, place, key, model, way)
            if found is not None:
                rows += [way | row for row in effect_rows(found)]
            else:
                rows += [row for row in came if way.items() <= row.items()]
        return rows

    def _finished(
        self, region: Region, blob: str, place: int | None, key: str, model: Model, way: dict[str, str]
    ) -> Progress | None:
        if key not in self.models.at_hand:
            return None
        index = self.models.class_index(key, region.class_name, place)
        if index is None:
            index = self._top(region, model)
        if index is None:
            return None
        workspace = self.models.workspace
        subject = Subject(blob, region.mask_counts, index, workspace.catalogue.load(key).card)
        parameters = METHODS[way["method"]].parse({})
        question = EffectQuestion(region.public_id, key, way["map_method"], way["method"], parameters)
        return finished(workspace, question, subject)

    def _top(self, region: Region, model: Model) -> int | None:
        """The model's own answer to the image state on which the region was marked."""
        of = {"edit_id": region.edit_id} if region.edit_id is not None else {"image_id": region.image_id}
        query = select(Prediction.top_index).filter_by(model_id=model.id, **of)
        return self.models.reader.transaction.scalar(query)

    def curves(self) -> Iterator[Row]:
        """Deletion and insertion curves of each picture, where everybody who has part in its consensus is here."""
        reader = self.models.reader
        query = select(Image.id, Image.public_id).order_by(Image.id)
        query = query.where(Image.id.in_(select(Region.image_id).where(Region.kind == HUMAN, Region.edit_id.is_(None))))
        for part in in_parts(reader.chosen.images):
            for number, public_id in reader.transaction.execute(query.where(Image.id.in_(part))).all():
                found = everybody.regions_of(self.models.workspace, public_id)
                for class_name in found.classes:
                    rows = list(self._curves(found, class_name))
                    if rows and not self._is_here(found, class_name):
                        self.skipped[OTHERS] += 1
                        continue
                    about = {"image_id": reader.names.of("images", number), "class_name": class_name}
                    yield from (about | row for row in rows)

    def _is_here(self, found: PictureRegions, class_name: str) -> bool:
        reader = self.models.reader
        counted = reader.choices.excluded != "in" or not reader.chosen.excluded
        return counted and all(reader.names.of_public(one.id) for one in found.of_class(class_name))

    def _curves(self, found: PictureRegions, class_name: str) -> Iterator[Row]:
        workspace = self.models.workspace
        for key, model in self.models.rows.items():
            about = {"model_id": self.models.reader.names.of("models", model.id)}
            came = carried.rows_of_picture(workspace, found, class_name, model)
            for map_method, method in WAYS:
                way = {"map_method": map_method, "method": method}
                try:
                    of = CurveQuestion(class_name, key, map_method, method)
                    curves = look_at_curves(workspace, found, of) if key in self.models.at_hand else None
                except RegionscopeError:
                    continue  # the model has no such class
                if curves is not None and curves.is_finished:
                    yield from (about | way | row for row in curve_rows(curves))
                else:
                    yield from (about | row for row in came if way.items() <= row.items())
