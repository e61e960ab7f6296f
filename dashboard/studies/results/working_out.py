"""What has to be computed for marked regions: how they lie in a model's map, and whether removing them matters.

Worked out once, in short steps that any process can continue, and kept under all that determines it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from dashboard.analysis import (
    compare_region_with_map,
    consensus_region,
    fleiss_kappa,
    krippendorff_alpha,
    mean_pairwise_iou,
    score_interval,
    split_half,
)
from dashboard.recording import effects
from dashboard.recording.agreement import ground
from dashboard.recording.derived import key_of
from dashboard.recording.effects import EffectQuestion
from dashboard.recording.everybody import METRIC
from dashboard.recording.maps import VERSION as MAP_VERSION
from dashboard.recording.maps import MapNotReadyError, class_map
from dashboard.recording.masks import mask_of
from dashboard.recording.workspace import Workspace
from dashboard.studies.results.rows import StudyRows, TrialRow
from dashboard.vision import rle
from dashboard.vision.errors import RegionscopeError
from dashboard.vision.inpainting import METHODS
from db import regions

VERSION = 1
STANDING_VERSION = 3
MAP = "cam"
REMOVE = "telea"
# Of one region's numbers, those that a study's results are about.
NUMBERS = ("iou", "human_coverage", "model_coverage", "pointing_game", "mass", "auc", "nss")
STEP_SECONDS = 0.3
SEVERAL = 2


@dataclass(frozen=True)
class Mark:
    """A region that a participant marked, and a model that it is held against."""

    trial: TrialRow
    region: str
    model: str


@dataclass(frozen=True)
class Group:
    """All regions of one picture for one class, in whatever condition or block; a person can have several."""

    picture: str
    picture_name: str
    class_name: str
    marks: tuple[Mark, ...]

    @property
    def people(self) -> int:
        """How many participants marked them."""
        return len({one.trial.person for one in self.marks})

    def masks(self, mask: Callable[[str], NDArray[np.bool_]]) -> NDArray[np.bool_]:
        """A mask each person (people, H, W) bool: the union of her regions; ``mask`` gives a region's own."""
        found: dict[str, NDArray[np.bool_]] = {}
        for one in self.marks:
            person, own = one.trial.person, mask(one.region)
            found[person] = found[person] | own if person in found else own
        return np.stack(list(found.values()))


@dataclass(frozen=True)
class Done:
    """How far the work is, and why some of it cannot be done."""

    done: int
    total: int
    problems: tuple[str, ...] = ()


class Workings(Protocol):
    """Where what was worked out comes from: an installation, or a data package."""

    def measured(self, mark: Mark) -> dict[str, Any] | None:
        """What is known of a mark, see ``measured``."""

    def standing(self, group: Group, others: Sequence[Group], models: Sequence[str]) -> dict[str, Any] | None:
        """How a group's people agree with each other and with models, see ``standing_of``; None as yet."""


@dataclass(frozen=True)
class WorkedOut:
    """What was worked out in an installation."""

    workspace: Workspace

    def measured(self, mark: Mark) -> dict[str, Any] | None:
        """See ``Workings``."""
        return measured(self.workspace, mark)

    def standing(self, group: Group, others: Sequence[Group], models: Sequence[str]) -> dict[str, Any] | None:
        """See ``Workings``."""
        return standing(self.workspace, group, others, models)


def marks(rows: StudyRows) -> list[Mark]:
    """Every region that was marked, for every model of the study; attention checks are none of them."""
    return [
        Mark(one, str(one.answers["region"]), model)
        for one in rows.trials
        if one.kind == "mark" and one.least_iou is None and one.answers.get("region")
        for model in rows.record.design.models
    ]


def groups(found: Sequence[Mark]) -> list[Group]:
    """The marks by picture and class, each region once."""
    by: dict[tuple[str, str], dict[str, Mark]] = {}
    for one in found:
        by.setdefault((one.trial.picture, one.trial.class_name or ""), {}).setdefault(one.region, one)
    return [
        Group(picture, next(iter(members.values())).trial.picture_name, class_name, tuple(members.values()))
        for (picture, class_name), members in by.items()
    ]


def shared(found: Sequence[Mark]) -> list[Group]:
    """The groups of two people and more, who can agree."""
    return [one for one in groups(found) if one.people >= SEVERAL]


class _Clock:
    """Runs from the first look at it: to read what is known already takes nothing of the time."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._end = seconds, 0.0

    def is_left(self) -> bool:
        """Whether there is time to do something more."""
        now = time.monotonic()
        self._end = self._end or now + self._seconds
        return now < self._end


def advance(workspace: Workspace, rows: StudyRows, seconds: float | None = STEP_SECONDS) -> Done:
    """Goes on for some ``seconds`` (None: to the end, 0: not at all) and says how far it is.

    What is worked out is each mark, and then each group of people together.
    """
    found = marks(rows)
    clock = _Clock(math.inf if seconds is None else seconds)
    problems: dict[str, None] = {}
    done = 0
    for one in found:
        known = measured(workspace, one)
        while known is None and clock.is_left():
            known = _go_on(workspace, one)
        if known is not None:
            done += 1
            if known.get("problem"):
                problems[str(known["problem"])] = None
    every, models = groups(found), rows.record.design.models
    for group in shared(found):
        if standing(workspace, group, every, models) is None:
            if not clock.is_left():
                continue
            work_out_standing(workspace, group, every, models)
        done += 1
    return Done(done, len(found) + len(shared(found)), tuple(problems))


def measured(workspace: Workspace, mark: Mark) -> dict[str, Any] | None:
    """What is known of a mark: NUMBERS, case, borderline, area, necessities and the answer before; None as yet.

    Numbers are None where they are undefined; ``problem`` alone says why there are none.
    """
    return workspace.derived.read_json(_key(workspace, mark))


def keep_measured(workspace: Workspace, mark: Mark, found: dict[str, Any]) -> None:
    """Keeps what was worked out elsewhere by the same model; what is known here already stays."""
    if measured(workspace, mark) is None:
        workspace.derived.write_json(_key(workspace, mark), found)


def _go_on(workspace: Workspace, mark: Mark) -> dict[str, Any] | None:
    try:
        found = _alignment(workspace, mark)
        effect = effects.advance(
            workspace, EffectQuestion(mark.region, mark.model, MAP, REMOVE, METHODS[REMOVE].parse({}))
        )
        if not effect.is_finished:
            return None
        progress = effect.progress
        found |= {
            "before": progress.before,
            "necessity_people": progress.human,
            "necessity_model": _or_none(progress.model),
            "necessity_random": None if progress.too_large else float(np.mean(progress.random)),
            "sufficiency_people": progress.human_sufficiency,
        }
    except MapNotReadyError:
        return None
    except RegionscopeError as error:
        found = {"problem": str(error)}
    workspace.derived.write_json(_key(workspace, mark), found)
    return found


def _alignment(workspace: Workspace, mark: Mark) -> dict[str, Any]:
    found = ground(workspace, mark.region, mark.model)
    if not found.class_is_hers:
        raise RegionscopeError(f"{found.card.label} has no class “{found.region.class_name}”.")
    human = mask_of(found.region)
    of_class = class_map(workspace, mark.model, MAP, found.class_index, found.blob, seconds=STEP_SECONDS)
    numbers = compare_region_with_map(human, of_class, correct=found.is_correct)
    case = numbers["case"] or {}
    return {
        **{name: numbers[name] for name in NUMBERS},
        "area": float(human.mean()),
        "case": case.get("name"),
        "borderline": case.get("borderline"),
    }


def _or_none(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value


def _key(workspace: Workspace, mark: Mark) -> str:
    identity = workspace.catalogue.load(mark.model).card.identity
    versions = [VERSION, MAP_VERSION, effects.VERSION]
    return key_of(
        {"what": "study mark", "versions": versions, "region": mark.region, "model": identity, "by": [MAP, REMOVE]}
    )


def standing(
    workspace: Workspace, group: Group, others: Sequence[Group], models: Sequence[str]
) -> dict[str, Any] | None:
    """How a group's people agree with each other and with models, see ``standing_of``; None as yet.

    ``others``: the groups from which the floor's is taken, the largest of another picture.
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


def other_group(group: Group, others: Sequence[Group]) -> Group | None:
    """The group from which a group's floor is taken: the largest of another picture."""
    return max((one for one in others if one.picture != group.picture), key=lambda one: one.people, default=None)


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
        "pairwise_iou": _or_none(mean_pairwise_iou(masks)),
        "fleiss_kappa": _or_none(fleiss_kappa(masks)),
        "krippendorff_alpha": _or_none(krippendorff_alpha(masks)),
        "consensus_share": float(consensus_region(masks).mean()),
        "ceiling": _or_none(halves.ceiling.value),
        "floor": _or_none(halves.floor.value),
        "models": {
            model: {
                "score": _or_none(score.score.value),
                "normalised": _or_none(score.normalised),
                "everybody": _or_none(everybody[model].value),
                "low": _or_none(everybody[model].low),
                "high": _or_none(everybody[model].high),
            }
            for model, score in halves.models.items()
        },
    }


def masks_of(workspace: Workspace, group: Group) -> NDArray[np.bool_]:
    """The masks (people, H, W) bool of a group's people."""
    with workspace.database.read() as transaction:
        found = regions.masks(transaction, [one.region for one in group.marks])
    return group.masks(lambda region: rle.decode(cast(rle.RLE, found[region])))
