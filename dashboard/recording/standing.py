"""Where models stand between what people share and chance, on one picture for one class."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.analysis import (
    Case,
    Interval,
    Mean,
    consensus_region,
    equal_area_region,
    fleiss_kappa,
    human_coverage,
    iou,
    krippendorff_alpha,
    mean_pairwise_iou,
    pearson,
    region_from_map,
    score_interval,
    shared_interest_case,
    split_half,
    tied_pixels,
)
from dashboard.analysis.split_half import ModelScore
from dashboard.recording.agreement import class_of, index_of
from dashboard.recording.answers import of_picture
from dashboard.recording.derived import key_of
from dashboard.recording.everybody import METRIC, Map, Mask, PictureRegions, by_person, model_map, regions_of
from dashboard.recording.maps import MapNotReadyError
from dashboard.recording.masks import mask_of
from dashboard.recording.workspace import Workspace
from dashboard.vision.errors import RegionscopeError
from db import regions
from db.records import Picture, Region

# Changed whenever the same masks and maps give other numbers than before.
VERSION = 2


@dataclass(frozen=True)
class ModelStanding:
    """One model beside people; ``problem`` says why there is no score, None where there is.

    ``tied``: how many pixels of its map are equal where its region of the consensus region's area ends.
    """

    key: str
    label: str
    score: Mean | None = None
    everybody: Interval | None = None
    normalised: float = math.nan
    iou: float = math.nan
    tied: int = 0
    problem: str | None = None


@dataclass(frozen=True)
class Shared:
    """What people share, all but where models stand; NaN where a number is undefined.

    ``half`` is the number of people in each half that ceiling and floor are about.
    """

    pairwise_iou: float
    fleiss: float
    krippendorff: float
    half: int
    ceiling: Mean
    floor: Mean


@dataclass(frozen=True)
class Standing:
    """What people and models share on one picture for one class.

    ``pairs`` are Pearson correlations of two models' maps by (key, key), NaN where they are undefined.
    """

    class_name: str
    people: list[str]
    regions: int
    shared: Shared
    floor_picture: str | None
    consensus_share: float
    models: list[ModelStanding]
    pairs: dict[tuple[str, str], float] = field(default_factory=dict)


@dataclass(frozen=True)
class Beside:
    """One person's region beside a model's: iou at equal areas, and the case of the region above mean + 1 sd.

    ``covered`` is the share of hers that the model's region of equal area covers, NaN where the map is the same
    everywhere; ``tied`` how many pixels of the map are equal where that region ends. ``case`` is None where nobody can
    say whether the model's answer is right.
    """

    iou: float
    covered: float
    tied: int
    case: Case | None


class NotCountedError(MapNotReadyError):
    """More is to be worked out from the masks than there was time for; what was done is kept."""


def standing(
    workspace: Workspace,
    found: PictureRegions,
    class_name: str,
    model_keys: list[str],
    method: str = "cam",
    seconds: float | None = None,
) -> Standing | None:
    """How far people agree about a class, and where each model stands between ceiling and floor; None without people.

    The floor is taken from the other picture that most people marked. What takes time is kept under everything that
    determines it. ``seconds`` is the patience with that and with a map; raises MapNotReadyError where it takes longer:
    ask again, and it goes on.
    """
    chosen = found.of_class(class_name)
    if not chosen:
        return None
    people = by_person(chosen)
    masks = np.stack(list(people.values()))
    maps, problems = _maps(workspace, found.picture, chosen[0], model_keys, method, seconds)
    other, other_name = _other_picture(workspace, found.picture.id)
    groups = Groups(workspace, masks, other, 1 + len(maps), seconds)
    shared = groups.shared()
    scores = {key: groups.score(of_class) for key, of_class in maps.items()}
    labels = {entry.key: entry.label for entry in workspace.catalogue.entries()}
    consensus = consensus_region(masks)
    return Standing(
        class_name,
        list(people),
        len(chosen),
        shared,
        other_name,
        float(consensus.mean()),
        [
            _model(key, labels.get(key, key), consensus, maps[key], scores[key])
            if key in maps
            else ModelStanding(key, labels.get(key, key), problem=problems[key])
            for key in model_keys
        ],
        {(a, b): pearson(maps[a], maps[b]) for a, b in combinations(maps, 2)},
    )


class Groups:
    """The numbers that take many splits and resamples, one step each; kept, so that each is worked out once."""

    def __init__(
        self, workspace: Workspace, masks: Mask, other: Mask | None, steps: int, seconds: float | None
    ) -> None:
        """Of people's masks (people, H, W) and of those of another picture, from which the floor is taken."""
        self._workspace, self._masks, self._other, self._steps = workspace, masks, other, steps
        self._end = math.inf if seconds is None else time.monotonic() + seconds
        self._done = self._worked = 0
        self._follows = {"version": VERSION, "metric": METRIC, "masks": _sha256(masks)}
        self._follows |= {"other": None if other is None else _sha256(other)}

    def shared(self) -> Shared:
        """What people share."""
        kept = self._kept({"what": "shared"}, lambda: asdict(shared_by(self._masks, self._other)))
        return Shared(**kept | {name: Mean(**kept[name]) for name in ("ceiling", "floor")})

    def score(self, of_class: Map) -> dict[str, Any]:
        """The model's score against halves, that against everybody, and the share of the ceiling."""
        kept = self._kept({"what": "score", "map": _sha256(of_class)}, lambda: self._score(of_class))
        everybody = kept["everybody"] | {"clusters": tuple(kept["everybody"]["clusters"])}
        return kept | {"score": Mean(**kept["score"]), "everybody": Interval(**everybody)}

    def _kept(self, what: dict[str, Any], make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What is kept, else what is made – always once, then while there is time."""
        key = key_of(self._follows | what)
        found = self._workspace.derived.read_json(key)
        if found is None:
            if self._worked and time.monotonic() > self._end:
                raise NotCountedError("Splitting people into halves", self._done, self._steps)
            found = make()
            self._workspace.derived.write_json(key, found)
            self._worked += 1
        self._done += 1
        return found

    def _score(self, of_class: Map) -> dict[str, Any]:
        found = score_beside(self._masks, self._other, of_class)
        everybody = score_interval(self._masks, of_class, metric=METRIC)
        return {"score": asdict(found.score), "everybody": asdict(everybody), "normalised": found.normalised}


def shared_by(masks: Mask, other: Mask | None) -> Shared:
    """What people share, of their masks (people, H, W) and of those of another picture."""
    halves = split_half(masks, {}, other, metric=METRIC)
    among = mean_pairwise_iou(masks), fleiss_kappa(masks), krippendorff_alpha(masks)
    return Shared(*among, halves.half, halves.ceiling, halves.floor)


def score_beside(masks: Mask, other: Mask | None, of_class: Map) -> ModelScore:
    """Where a model's map (H, W) stands between them."""
    return split_half(masks, {"model": of_class}, other, metric=METRIC).models["model"]


def _sha256(array: NDArray[Any]) -> str:
    return hashlib.sha256(repr(array.shape).encode() + np.ascontiguousarray(array).tobytes()).hexdigest()


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


def _model(key: str, label: str, consensus: Mask, of_class: Map, score: dict[str, Any]) -> ModelStanding:
    overlap = iou(consensus, equal_area_region(consensus, of_class))
    tied = tied_pixels(of_class, int(consensus.sum()))
    return ModelStanding(key, label, score["score"], score["everybody"], score["normalised"], overlap, tied)


def beside(workspace: Workspace, found: PictureRegions, class_name: str, model_key: str, method: str) -> list[Beside]:
    """Each region of a class beside the model's, in their order; call it when the model's map is there.

    Raises RegionscopeError where the model has no such class or cannot be explained so.
    """
    chosen = found.of_class(class_name)
    of_class = model_map(workspace, found.picture, chosen[0], model_key, method)
    right = _is_right(workspace, found.picture, chosen[0], model_key)
    masks = [region.mask["counts"] for region in chosen]
    key = key_of(
        {"what": "region beside map", "version": VERSION, "map": _sha256(of_class), "masks": masks, "right": right}
    )
    kept = workspace.derived.read_json(key)
    if kept is None:
        above = region_from_map(of_class, "mean_sd")
        held = [asdict(_beside(mask_of(region), of_class, above, right)) for region in chosen]
        kept = {"held": held}
        workspace.derived.write_json(key, kept)
    return [Beside(**one | {"case": Case(**one["case"]) if one["case"] else None}) for one in kept["held"]]


def _beside(human: Mask, of_class: Map, above: Mask, right: bool | None) -> Beside:
    case = None if right is None else shared_interest_case(human, above, right)
    region = equal_area_region(human, of_class)
    covered = human_coverage(human, region) if region.any() else math.nan
    return Beside(iou(human, region), covered, tied_pixels(of_class, int(human.sum())), case)


def _is_right(workspace: Workspace, picture: Picture, region: Region, model_key: str) -> bool | None:
    """Whether the model's answer to the original is right, by the picture's label, else by the class marked."""
    card = workspace.catalogue.load(model_key).card
    expected = index_of(picture.true_label, card.labels) if picture.true_label else class_of(region, card)
    if expected is None:
        return None
    return of_picture(workspace, picture, [model_key])[model_key].top_index == expected


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
