"""How the people who marked one picture agree with each other and with models; it takes seconds, so it is kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from dashboard.analysis import (
    consensus_region,
    fleiss_kappa,
    krippendorff_alpha,
    mean_pairwise_iou,
    score_interval,
    split_half,
)
from dashboard.recording.agreement import ground
from dashboard.recording.derived import key_of
from dashboard.recording.everybody import METRIC
from dashboard.recording.maps import VERSION as MAP_VERSION
from dashboard.recording.maps import class_map
from dashboard.recording.workspace import Workspace
from dashboard.studies.results.marks import MAP, Group, other_group
from dashboard.vision import rle
from dashboard.vision.errors import RegionscopeError
from db import regions

STANDING_VERSION = 4


def standing(
    workspace: Workspace, group: Group, others: Sequence[Group], models: Sequence[str]
) -> dict[str, Any] | None:
    """How a group's people agree with each other and with models, see ``standing_of``; None as yet.

    ``others``: the groups from which the floor's is taken, see ``other_group``.
    """
    return workspace.derived.read_json(_standing_key(workspace, group, other_group(group, others), models))


def work_out_standing(workspace: Workspace, group: Group, others: Sequence[Group], models: Sequence[str]) -> None:
    """Works out what ``standing`` returns; takes seconds for hundreds of people."""
    other = other_group(group, others)
    found = _standing(workspace, group, other, models)
    workspace.derived.write_json(_standing_key(workspace, group, other, models), found)


def _standing_key(workspace: Workspace, group: Group, other: Group | None, models: Sequence[str]) -> str:
    return key_of(
        {
            "what": "study standing",
            "versions": [STANDING_VERSION, MAP_VERSION],
            "regions": _regions_by_person(group),
            "other": _regions_by_person(other) if other else [],
            "models": [workspace.catalogue.load(model).card.identity for model in models],
            "map": MAP,
        }
    )


def _regions_by_person(group: Group) -> list[list[str]]:
    by: dict[str, list[str]] = {}
    for one in group.marks:
        by.setdefault(one.trial.person, []).append(one.region)
    return sorted(sorted(regions) for regions in by.values())


def _standing(workspace: Workspace, group: Group, other: Group | None, models: Sequence[str]) -> dict[str, Any]:
    maps = {}
    for model in models:
        try:
            found = ground(workspace, group.marks[0].region, model)
            if found.class_is_hers:
                maps[model] = class_map(workspace, model, MAP, found.class_index, found.blob)
        except RegionscopeError:
            continue  # said where the marks are worked out
    return standing_of(masks_of(workspace, group), maps, masks_of(workspace, other) if other else None)


def standing_of(
    masks: NDArray[np.bool_], maps: dict[str, NDArray[np.float32]], other: NDArray[np.bool_] | None
) -> dict[str, Any]:
    """Ceiling, floor and models' scores (see ``split_half``), and how far people agree.

    From people's masks (people, H, W), models' maps (H, W) by key, and another picture's masks.
    """
    halves = split_half(masks, maps, other, metric=METRIC)
    everybody = {model: score_interval(masks, of_class, metric=METRIC) for model, of_class in maps.items()}
    return {
        "people": halves.people,
        "half": halves.half,
        "pairwise_iou": or_none(mean_pairwise_iou(masks)),
        "fleiss_kappa": or_none(fleiss_kappa(masks)),
        "krippendorff_alpha": or_none(krippendorff_alpha(masks)),
        "consensus_share": float(consensus_region(masks).mean()),
        "ceiling": or_none(halves.ceiling.value),
        "floor": or_none(halves.floor.value),
        "models": {
            model: {
                "score": or_none(score.score.value),
                "normalised": or_none(score.normalised),
                "everybody": or_none(everybody[model].value),
                "low": or_none(everybody[model].low),
                "high": or_none(everybody[model].high),
            }
            for model, score in halves.models.items()
        },
    }


def masks_of(workspace: Workspace, group: Group) -> NDArray[np.bool_]:
    """The masks (people, H, W) bool of a group's people."""
    with workspace.database.read() as transaction:
        found = regions.masks(transaction, [one.region for one in group.marks])
    return group.masks(lambda region: rle.decode(cast(rle.RLE, found[region])))


def or_none(value: float | None) -> float | None:
    """A number that can be undefined as JSON has it."""
    return None if value is None or math.isnan(value) else value
