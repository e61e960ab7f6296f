"""Everybody's regions of one picture: who marked what for which class, how far people agree, and how models compare."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from dashboard.analysis import (
    Interval,
    Mean,
    SplitHalf,
    consensus_map,
    consensus_region,
    equal_area_region,
    fleiss_kappa,
    iou,
    krippendorff_alpha,
    mean_pairwise_iou,
    pearson,
    score_interval,
    smoothed_masks,
    split_half,
)
from dashboard.recording.agreement import class_of
from dashboard.recording.maps import MapNotReadyError, class_map
from dashboard.recording.masks import mask_of
from dashboard.recording.workspace import Workspace
from dashboard.vision.errors import RegionscopeError
from db import queries, regions
from db.records import Picture, Region

Mask = NDArray[np.bool_]
Map = NDArray[np.float32]
METRIC = "pearson"


@dataclass(frozen=True)
class PictureRegions:
    """A picture and what people marked on its original; ``classes`` are those marked, most people first."""

    picture: Picture
    regions: list[Region]
    classes: list[str]

    def of_class(self, class_name: str) -> list[Region]:
        """People's regions for one class."""
        return [one for one in self.regions if one.class_name == class_name]


@dataclass(frozen=True)
class ModelStanding:
    """One model beside people; ``problem`` says why there is no score, None where there is."""

    key: str
    label: str
    score: Mean | None = None
    everybody: Interval | None = None
    normalised: float = math.nan
    iou: float = math.nan
    problem: str | None = None


@dataclass(frozen=True)
class Standing:
    """What people and models share on one picture for one class.

    ``half`` is the number of people in each half that ceiling, floor and scores are about. ``pairs`` are Pearson
    correlations of two models' maps by (key, key). Numbers are NaN where they are undefined.
    """

    class_name: str
    people: list[str]
    regions: int
    pairwise_iou: float
    fleiss: float
    krippendorff: float
    half: int
    ceiling: Mean
    floor: Mean
    floor_picture: str | None
    consensus_share: float
    models: list[ModelStanding]
    pairs: dict[tuple[str, str], float] = field(default_factory=dict)


def regions_of(workspace: Workspace, image_id: str) -> PictureRegions:
    """What was marked on a picture's original by anybody. Raises NotFoundError."""
    with workspace.database.read() as transaction:
        picture = queries.picture(transaction, image_id)
        found = regions.marked_by_people(transaction, image_id)
    people = {(one.class_name, one.author) for one in found}
    counted = Counter(class_name for class_name, _ in sorted(people))
    return PictureRegions(picture, found, [name for name, _ in counted.most_common()])


def by_person(found: list[Region]) -> dict[str, Mask]:
    """Each person's mask (H, W) bool: the union of her regions. A file that names nobody is a person of its own."""
    masks: dict[str, Mask] = {}
    for region in found:
        mask = mask_of(region)
        masks[region.author] = masks[region.author] | mask if region.author in masks else mask
    return masks


def people_masks(workspace: Workspace, image_id: str, class_name: str) -> dict[str, Mask]:
    """The same for one class of one picture."""
    return by_person(regions_of(workspace, image_id).of_class(class_name))


def model_map(
    workspace: Workspace, picture: Picture, region: Region, model_key: str, method: str, seconds: float | None = None
) -> Map:
    """The model's map (H, W) for the class of ``region`` on the picture's original.

    Raises RegionscopeError where the model has no such class or cannot be explained so.
    """
    card = workspace.catalogue.load(model_key).card
    index = class_of(region, card)
    if index is None:
        raise RegionscopeError(f"{card.label} has no class “{region.class_name}”.")
    return class_map(workspace, model_key, method, index, picture.working_blob, seconds=seconds)


def standing(
    workspace: Workspace,
    found: PictureRegions,
    class_name: str,
    model_keys: list[str],
    method: str = "cam",
    seconds: float | None = None,
) -> Standing | None:
    """How far people agree about a class, and where each model stands between ceiling and floor; None without people.

    The floor is taken from the other picture that most people marked. ``seconds`` is the patience with a map; raises
    MapNotReadyError where one takes longer.
    """
    chosen = found.of_class(class_name)
    if not chosen:
        return None
    people = by_person(chosen)
    masks = np.stack(list(people.values()))
    maps, problems = _maps(workspace, found.picture, chosen[0], model_keys, method, seconds)
    other, other_name = _other_picture(workspace, found.picture.id)
    halves = split_half(masks, maps, other, metric=METRIC)
    consensus = consensus_region(masks)
    models = [_model(workspace, key, masks, consensus, maps.get(key), halves, problems.get(key)) for key in model_keys]
    return Standing(
        class_name,
        list(people),
        len(chosen),
        mean_pairwise_iou(masks),
        fleiss_kappa(masks),
        krippendorff_alpha(masks),
        halves.half,
        halves.ceiling,
        halves.floor,
        other_name,
        float(consensus.mean()),
        models,
        {(a, b): pearson(maps[a], maps[b]) for a, b in combinations(maps, 2)},
    )


def _maps(
    workspace: Workspace,
    picture: Picture,
    region: Region,
    model_keys: list[str],
    method: str,
    seconds: float | None,
) -> tuple[dict[str, Map], dict[str, str]]:
    maps: dict[str, Map] = {}
    problems: dict[str, str] = {}
    for key in model_keys:
        try:
            maps[key] = model_map(workspace, picture, region, key, method, seconds)
        except MapNotReadyError:
            raise
        except RegionscopeError as error:
            problems[key] = str(error)
    return maps, problems


def _model(
    workspace: Workspace,
    key: str,
    masks: Mask,
    consensus: Mask,
    of_class: Map | None,
    halves: SplitHalf,
    problem: str | None,
) -> ModelStanding:
    if of_class is None:
        return ModelStanding(key, key, problem=problem or "It has no map.")
    label = workspace.catalogue.load(key).card.label
    found = halves.models[key]
    interval = score_interval(masks, of_class, metric=METRIC)
    overlap = iou(consensus, equal_area_region(consensus, of_class))
    return ModelStanding(key, label, found.score, interval, found.normalised, overlap)


def _other_picture(workspace: Workspace, image_id: str) -> tuple[Mask | None, str | None]:
    """The masks (R, H, W) of the other picture that most people marked, and its name."""
    with workspace.database.read() as transaction:
        other = regions.most_marked(transaction, but=image_id)
    if other is None:
        return None, None
    found = regions_of(workspace, other)
    if not found.classes:
        return None, None
    masks = by_person(found.of_class(found.classes[0]))
    return np.stack(list(masks.values())), found.picture.name


def consensus(workspace: Workspace, image_id: str, class_name: str) -> Map:
    """The share (0–1) of people who marked each pixel, (H, W) float32; raises RegionscopeError where nobody did."""
    people = people_masks(workspace, image_id, class_name)
    if not people:
        raise RegionscopeError("Nobody marked anything for this class.")
    return np.asarray(consensus_map(np.stack(list(people.values()))), np.float32)


def smoothed_consensus(workspace: Workspace, image_id: str, class_name: str) -> Map:
    """The consensus map as it is compared with models' maps: Gaussian, sd 2 % of the longer side."""
    people = people_masks(workspace, image_id, class_name)
    if not people:
        raise RegionscopeError("Nobody marked anything for this class.")
    return np.asarray(smoothed_masks(np.stack(list(people.values()))).mean(axis=0), np.float32)
