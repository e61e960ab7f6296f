"""What participants marked: each region with the models that it is held against, and together those of one picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashboard.studies.results.rows import StudyRows, TrialRow

# The explanation method by whose map a model's side of a mark is found.
MAP = "cam"
SEVERAL = 2


@dataclass(frozen=True)
class Mark:
    """A region that a participant marked, and a model that it is held against."""

    trial: TrialRow
    region: str
    model: str


@dataclass(frozen=True)
class Group:
    """All regions of one picture for one class, in whatever block; a person can have several.

    ``condition``: that in which they were marked, "" for all conditions together.
    """

    picture: str
    picture_name: str
    class_name: str
    marks: tuple[Mark, ...]
    condition: str = ""

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


def marks(rows: StudyRows) -> list[Mark]:
    """Every region that was marked, for every model of the study; attention checks are none of them."""
    return [
        Mark(one, str(one.answers["region"]), model)
        for one in rows.trials
        if one.kind == "mark" and one.least_iou is None and one.answers.get("region")
        for model in rows.record.design.models
    ]


def groups(found: Sequence[Mark]) -> list[Group]:
    """The marks by picture and class, each region once: all conditions together, then each of several by itself."""
    by_condition: dict[str, list[Mark]] = {}
    for one in found:
        by_condition.setdefault(one.trial.condition, []).append(one)
    made = _groups(found)
    if len(by_condition) > 1:
        made += [group for condition, own in by_condition.items() for group in _groups(own, condition)]
    return made


def _groups(found: Sequence[Mark], condition: str = "") -> list[Group]:
    by: dict[tuple[str, str], dict[str, Mark]] = {}
    for one in found:
        by.setdefault((one.trial.picture, one.trial.class_name or ""), {}).setdefault(one.region, one)
    return [
        Group(picture, next(iter(members.values())).trial.picture_name, class_name, tuple(members.values()), condition)
        for (picture, class_name), members in by.items()
    ]


def groups_of_several(found: Sequence[Mark]) -> list[Group]:
    """The groups of two people and more, who can agree."""
    return [one for one in groups(found) if one.people >= SEVERAL]


def other_group(group: Group, others: Sequence[Group]) -> Group | None:
    """The group from which a group's floor is taken: the largest of another picture, of the same condition."""
    there = [one for one in others if one.picture != group.picture and one.condition == group.condition]
    return max(there, key=lambda one: one.people, default=None)
