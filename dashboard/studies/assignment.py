"""Who does what: the least-filled condition, and a plan of trials that follows from the design and a seed alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from dashboard.studies.design import Block, Design, Level
from dashboard.studies.orders import BLOCKS, WITHIN, of_block, ordered, rows_of, squares
from dashboard.studies.trials import Trial
from dashboard.vision.errors import RegionscopeError


class NotEnoughPicturesError(RegionscopeError):
    """A set holds fewer pictures than a block draws."""


@dataclass(frozen=True)
class Condition:
    """One level of each between-subjects factor, by the factor's key."""

    levels: Mapping[str, str]

    @property
    def key(self) -> str:
        """How it is called in the data: ``answers=shown,method=telea``; "all" where nothing differs."""
        return ",".join(f"{factor}={level}" for factor, level in self.levels.items()) or "all"


@dataclass(frozen=True)
class LibraryPicture:
    """A picture as sets hold it: its id, its name, and its true label or none."""

    id: str
    name: str
    label: str | None = None


@dataclass(frozen=True)
class PlannedTrial:
    """One trial on one picture; ``options`` are what the participant's levels change, ``levels`` which those are."""

    block: str
    trial: str
    picture: str
    practice: bool = False
    attention: int | None = None
    levels: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


def conditions(design: Design) -> list[Condition]:
    """All combinations of the between-subjects factors' levels, in the design's order."""
    factors = design.between
    every = product(*[[level.key for level in factor.levels] for factor in factors])
    return [Condition(dict(zip([factor.key for factor in factors], levels, strict=True))) for levels in every]


def least_filled(filled: Mapping[str, int], keys: Sequence[str], seed: int) -> str:
    """The condition with the fewest participants; among equals one is drawn by ``seed``."""
    fewest = min(filled.get(key, 0) for key in keys)
    equal = [key for key in keys if filled.get(key, 0) == fewest]
    return equal[int(np.random.default_rng(seed).integers(len(equal)))]


def plan(
    design: Design,
    condition: Condition,
    number: int,
    seed: int,
    library: Mapping[str, Sequence[LibraryPicture]],
) -> list[PlannedTrial]:
    """All trials of one participant, in order.

    ``number`` says which rows of the Latin squares are hers (see ``orders``), ``library`` holds the pictures of each of
    the design's sets. The same arguments give the same plan. Raises NotEnoughPicturesError.
    """
    random = np.random.default_rng(seed)
    rows = rows_of(number, squares_of(design, library))
    levels = _chosen(design, condition)
    practice = [one for block in design.practice for one in _block(block, rows, random, library, levels, True)]
    rounds = _rounds(design, rows, random)
    planned = [
        one
        for within in rounds
        for place in ordered(len(design.blocks), design.block_order, rows.get(BLOCKS, 0), random)
        for one in _block(design.blocks[place], rows, random, library, {**levels, **within}, False)
    ]
    return [*practice, *planned]


def squares_of(design: Design, library: Mapping[str, Sequence[LibraryPicture]]) -> dict[str, int]:
    """The Latin squares of a design with their rows, see ``orders.squares``."""
    return squares(design, {key: len(pictures) for key, pictures in library.items()})


def _chosen(design: Design, condition: Condition) -> dict[str, Level]:
    by_key = {(factor.key, level.key): level for factor in design.between for level in factor.levels}
    return {factor: by_key[factor, level] for factor, level in condition.levels.items()}


def _rounds(design: Design, rows: Mapping[str, int], random: np.random.Generator) -> list[dict[str, Level]]:
    """The combinations of the within-subjects levels that everybody meets, in a balanced order."""
    factors = design.within
    every = [
        dict(zip([factor.key for factor in factors], levels, strict=True))
        for levels in product(*[factor.levels for factor in factors])
    ]
    return [every[place] for place in ordered(len(every), "latin_square", rows.get(WITHIN, 0), random)]


def _block(
    block: Block,
    rows: Mapping[str, int],
    random: np.random.Generator,
    library: Mapping[str, Sequence[LibraryPicture]],
    levels: Mapping[str, Level],
    practice: bool,
) -> list[PlannedTrial]:
    drawn = _drawn(block, random, library[block.images.image_set])
    order = ordered(len(drawn), block.order, rows.get(of_block(block), 0), random)
    named = {factor: level.key for factor, level in levels.items()}
    planned = [
        PlannedTrial(block.key, trial.key, drawn[place].id, practice, None, named, _options(trial, levels))
        for place in order
        for trial in block.trials
    ]
    for check in range(len(block.attention)):
        place = int(random.integers(1, len(planned) + 1))
        planned.insert(place, PlannedTrial(block.key, "attention", "", practice, check, named))
    return planned


def _drawn(block: Block, random: np.random.Generator, pictures: Sequence[LibraryPicture]) -> list[LibraryPicture]:
    wanted = block.images
    if wanted.per_class is None:
        count = len(pictures) if wanted.count is None else wanted.count
        return _some(block, pictures, count, random, "pictures") if count != len(pictures) else list(pictures)
    found = []
    for label, count in wanted.per_class.items():
        of_class = [picture for picture in pictures if picture.label == label]
        found += _some(block, of_class, count, random, f"pictures of {label}")
    return found


def _some(
    block: Block, pictures: Sequence[LibraryPicture], count: int, random: np.random.Generator, what: str
) -> list[LibraryPicture]:
    if not pictures or len(pictures) < count:
        raise NotEnoughPicturesError(f"The block {block.key} needs {count} {what}; there are {len(pictures)}.")
    return [pictures[place] for place in sorted(random.permutation(len(pictures))[:count])]


def _options(trial: Trial, levels: Mapping[str, Level]) -> dict[str, Any]:
    return {name: value for level in levels.values() for name, value in level.options.get(trial.key, {}).items()}
