"""What has to be computed for marked regions: how they lie in a model's map, and whether removing them matters.

Worked out once, in short steps that any process can continue, and kept under all that determines it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from dashboard.analysis import compare_region_with_map
from dashboard.recording import effects
from dashboard.recording.agreement import ground
from dashboard.recording.derived import key_of
from dashboard.recording.effects import EffectQuestion
from dashboard.recording.maps import VERSION as MAP_VERSION
from dashboard.recording.maps import MapNotReadyError, class_map
from dashboard.recording.masks import mask_of
from dashboard.recording.workspace import Workspace
from dashboard.studies.results.marks import MAP, Group, Mark, groups, groups_of_several, marks
from dashboard.studies.results.rows import StudyRows
from dashboard.studies.results.together import or_none, standing, work_out_standing
from dashboard.vision.errors import RegionscopeError
from dashboard.vision.inpainting import METHODS

VERSION = 1
REMOVE = "telea"
# Of one region's numbers, those that a study's results are about.
NUMBERS = ("iou", "human_coverage", "model_coverage", "pointing_game", "mass", "auc", "nss")
STEP_SECONDS = 0.3


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
    every, several, models = groups(found), groups_of_several(found), rows.record.design.models
    for group in several:
        if standing(workspace, group, every, models) is None:
            if not clock.is_left():
                continue
            work_out_standing(workspace, group, every, models)
        done += 1
    return Done(done, len(found) + len(several), tuple(problems))


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
            "necessity_model": or_none(progress.model),
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


def _key(workspace: Workspace, mark: Mark) -> str:
    identity = workspace.catalogue.load(mark.model).card.identity
    versions = [VERSION, MAP_VERSION, effects.VERSION]
    return key_of(
        {"what": "study mark", "versions": versions, "region": mark.region, "model": identity, "by": [MAP, REMOVE]}
    )
