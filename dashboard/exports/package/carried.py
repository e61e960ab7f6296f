"""Numbers and maps that came with a package, kept for those who have not its models: they can be handed on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session as Transaction

from dashboard.recording.answers import find_model
from dashboard.recording.derived import fixed_key_of
from dashboard.recording.everybody import PictureRegions
from dashboard.recording.workspace import Workspace
from dashboard.vision.errors import RegionscopeError
from db.models import Model

Row = dict[str, Any]


def is_at_hand(workspace: Workspace, transaction: Transaction, model: Model) -> bool:
    """Whether the catalogue holds this very classifier: the same weights, preprocessing and engine."""
    try:
        card = workspace.catalogue.load(model.key).card
    except RegionscopeError:
        return False
    return find_model(transaction, card) == model.id


def numbers(workspace: Workspace, region: str, model: Model) -> dict[str, Any] | None:
    """What was worked out elsewhere for a region (its id) and a model; None where nothing came."""
    return workspace.derived.read_json(_of_region(region, model))


def keep_numbers(workspace: Workspace, region: str, model: Model, found: dict[str, Any]) -> None:
    """Keeps what came with a package."""
    workspace.derived.write_json(_of_region(region, model), found)


def class_map(workspace: Workspace, blob: str, model: Model, method: str, index: int) -> NDArray[np.float32] | None:
    """The map (H, W) float32 of a picture (its file's SHA-256) that came with a package; None where none did."""
    kept = workspace.derived.read_arrays(_of_map(blob, model, method, index))
    return None if kept is None else np.asarray(kept["map"], np.float32)


def has_map(workspace: Workspace, blob: str, model: Model, method: str, index: int) -> bool:
    """Whether that map came; it is not read."""
    return workspace.derived.has_arrays(_of_map(blob, model, method, index))


def keep_map(
    workspace: Workspace, blob: str, model: Model, method: str, index: int, values: NDArray[np.float32]
) -> None:
    """Keeps a map that came with a package."""
    workspace.derived.write_arrays(_of_map(blob, model, method, index), {"map": values})


def rows_of_region(workspace: Workspace, region: str, model: Model) -> list[Row]:
    """The rows of "effects" that came for a region (its id) and a model; none where nothing came."""
    return _rows(workspace, _effects(region, model))


def keep_rows_of_region(workspace: Workspace, region: str, model: Model, rows: list[Row]) -> None:
    """Keeps what came with a package."""
    workspace.derived.write_json(_effects(region, model), {"rows": rows})


def rows_of_picture(workspace: Workspace, found: PictureRegions, class_name: str, model: Model) -> list[Row]:
    """The rows of "curves" that came for what people marked on a picture; none where nothing came for just them."""
    return _rows(workspace, _curves(found, class_name, model))


def keep_rows_of_picture(
    workspace: Workspace, found: PictureRegions, class_name: str, model: Model, rows: list[Row]
) -> None:
    """Keeps what came with a package."""
    workspace.derived.write_json(_curves(found, class_name, model), {"rows": rows})


def _rows(workspace: Workspace, key: str) -> list[Row]:
    return list((workspace.derived.read_json(key) or {"rows": []})["rows"])


def _effects(region: str, model: Model) -> str:
    return fixed_key_of({"what": "effects of a package", "region": region, "model": _identity(model)})


def _curves(found: PictureRegions, class_name: str, model: Model) -> str:
    people = sorted(one.id for one in found.of_class(class_name))
    what = {"what": "curves of a package", "class": class_name, "people": people}
    return fixed_key_of(what | {"model": _identity(model)})


def _of_region(region: str, model: Model) -> str:
    return fixed_key_of({"what": "numbers of a package", "region": region, "model": _identity(model)})


def _of_map(blob: str, model: Model, method: str, index: int) -> str:
    what = {"what": "map of a package", "picture": blob, "method": method, "class": index}
    return fixed_key_of(what | {"model": _identity(model)})


def _identity(model: Model) -> list[str]:
    return [model.key, model.weights_sha256, model.preprocessing_sha256, model.engine, model.engine_version]
