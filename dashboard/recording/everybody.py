"""Everybody's regions of one picture: who marked what for which class, and what they share."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashboard.analysis import consensus_map, smoothed_masks
from dashboard.recording.agreement import class_of
from dashboard.recording.maps import class_map
from dashboard.recording.masks import mask_of
from dashboard.recording.workspace import Workspace
from dashboard.vision.errors import RegionscopeError
from db import queries, regions
from db.records import Picture, Region

Mask = NDArray[np.bool_]
Map = NDArray[np.float32]
# By which people's and models' maps are compared.
METRIC = "pearson"


@dataclass(frozen=True)
class PictureRegions:
    """A picture and what people marked on its original; ``classes`` are those marked, most people first.

    ``left_out``: how many further regions do not count, by class: those of archived sessions, excluded participants,
    practice and attention checks.
    """

    picture: Picture
    regions: list[Region]
    classes: list[str]
    left_out: dict[str, int]

    def of_class(self, class_name: str) -> list[Region]:
        """People's regions for one class."""
        return [one for one in self.regions if one.class_name == class_name]


def regions_of(workspace: Workspace, image_id: str) -> PictureRegions:
    """What was marked on a picture's original by anybody who counts. Raises NotFoundError."""
    with workspace.database.read() as transaction:
        picture = queries.picture(transaction, image_id)
        found = regions.marked_by_people(transaction, image_id)
        left_out = regions.not_counted(transaction, image_id)
    people = {(one.class_name, one.author) for one in found}
    counted = Counter(class_name for class_name, _ in sorted(people))
    return PictureRegions(picture, found, [name for name, _ in counted.most_common()], left_out)


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
