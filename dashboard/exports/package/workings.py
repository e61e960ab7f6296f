"""Numbers and maps that results follow from, for those who have no models at hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from dashboard.exports.package.numbering import Names
from dashboard.exports.package.rows import Reader
from dashboard.recording.agreement import ground
from dashboard.recording.maps import class_map
from dashboard.recording.workspace import Workspace
from dashboard.studies.results.rows import StudyRows
from dashboard.studies.results.working_out import MAP, measured
from dashboard.studies.results.working_out import marks as marks_of
from dashboard.vision.errors import RegionscopeError
from db.errors import StorageError
from db.models import Model, Region
from db.regions import HUMAN

WORDS = ("case", "problem")


@dataclass(frozen=True)
class FoundMap:
    """A map (H, W) float32, and the row that says what of."""

    about: dict[str, Any]
    values: NDArray[np.float32]


def marks(workspace: Workspace, names: Names, studies: list[StudyRows], reader: Reader) -> Iterator[dict[str, Any]]:
    """What was worked out for regions that participants marked, a number a row; nothing is computed here."""
    models = _models(reader)
    for rows in studies:
        for one in marks_of(rows):
            region, model = names.of_public(one.region), models.get(one.model)
            if region is None or model is None:
                continue
            try:
                found = measured(workspace, one)
            except RegionscopeError:
                continue  # the model is not here any more, so nobody can say whether the numbers are its own
            for metric, value in (found or {}).items():
                number = None if metric in WORDS or value is None else float(value)
                word = str(value) if metric in WORDS and value is not None else None
                yield {"region_id": region, "model_id": model, "metric": metric, "value": number, "word": word}


def maps(workspace: Workspace, reader: Reader, studies: list[StudyRows]) -> Iterator[FoundMap]:
    """The class activation map behind each person's region, for her model and those of her study; each once."""
    seen: set[tuple[str, str | None, str, int]] = set()
    models = _models(reader)
    asked = dict.fromkeys((one.region, one.model) for rows in studies for one in marks_of(rows))
    query = (
        select(Region.public_id, Model.key)
        .join(Model, Region.model_id == Model.id)
        .where(Region.kind == HUMAN)
        .order_by(Region.id)
    )
    inside = set(reader.chosen.regions)
    rows = reader.transaction.execute(query.add_columns(Region.id)).all()
    asked |= dict.fromkeys((public_id, key) for public_id, key, row in rows if row in inside)
    for region, key in asked:
        if key not in models or reader.names.of_public(region) is None:
            continue
        try:
            found = ground(workspace, region, key)
            if not found.class_is_hers:
                continue
            edit = reader.names.of_public(found.edit.id) if found.edit else None
            place = (found.picture.id, edit, key, found.class_index)
            if place in seen:
                continue
            values = class_map(workspace, key, MAP, found.class_index, found.blob)
        except (RegionscopeError, StorageError):
            continue  # no gradients, no such class, or the model is not here any more
        seen.add(place)
        yield FoundMap(
            {
                "image_id": reader.names.of_public(found.picture.id),
                "edit_id": edit,
                "model_id": models[key],
                "class_index": found.class_index,
                "class_name": found.region.class_name,
                "method": MAP,
            },
            values,
        )


def _models(reader: Reader) -> dict[str, str]:
    """The names of models in the package by key, the newest of each."""
    rows = select(Model.id, Model.key).where(Model.id.in_(reader.chosen.models)).order_by(Model.id)
    found: dict[str, str] = {}
    for row, key in reader.transaction.execute(rows):
        found[key] = str(reader.names.of("models", row))
    return found
