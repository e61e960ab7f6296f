"""Between which two numbers a model's score can lie: how far groups of people agree, on one picture and on two.

People are split at random into halves of one size. Ceiling: the metric between the halves' consensus maps. Floor: the
same with a half of another picture's people. Score: the model against the same halves, so that all three are about
groups of one size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dashboard.analysis.arrays import Array, Floats, as_map, ratio
from dashboard.analysis.gram import Gram
from dashboard.analysis.map_map import unit_deviations
from dashboard.analysis.pair_metrics import PairMetric, pair_metric
from dashboard.analysis.people import stack_of_masks
from dashboard.analysis.smoothing import SMOOTHING, Maps, resized, smoothed_masks
from dashboard.analysis.threads import one_thread_a_product
from dashboard.analysis.uncertainty import LEVEL, RESAMPLES, Interval, Mean, bootstrap_people, mean_of

SPLITS = 1_000
Metric = str | Callable[[Array, Array], float]
_CHUNK = 16
_WORKERS = 2


@dataclass(frozen=True)
class ModelScore:
    """A model against the halves (``score``), against everybody, and (score − floor) / (ceiling − floor)."""

    score: Mean
    everybody: float
    normalised: float


@dataclass(frozen=True)
class SplitHalf:
    """Ceiling, floor and models' scores; ``half`` is the number of people in each group."""

    metric: str
    people: int
    half: int
    splits: int
    smoothing: float
    seed: int
    ceiling: Mean
    floor: Mean
    models: dict[str, ModelScore]


@dataclass(frozen=True)
class _Groups:
    """For each split who is in either half and in the other picture's, (splits, people) float32 of 0 and 1."""

    first: Maps
    second: Maps
    other: Maps
    half: int


def split_half(
    masks: ArrayLike,
    models: Mapping[str, ArrayLike] | None = None,
    other: ArrayLike | None = None,
    *,
    metric: Metric = "pearson",
    splits: int = SPLITS,
    smoothing: float = SMOOTHING,
    seed: int = 0,
) -> SplitHalf:
    """Ceiling and floor of people's masks (R, H, W) bool, and each model's score between them.

    ``models``: maps (H, W) or, for a metric of two regions, masks (H, W) bool; of a map the area-matched region is
    taken. ``other``: another picture's masks (R', H', W), stretched to this picture's size; without them there is no
    floor, and where they are fewer than two there is none either. A half has R // 2 people, or R' // 2 where that is
    fewer. ``metric``: a name of two maps, two regions or a
    map with a region, or a function of two maps (human, model). The region of a half is where its smoothed consensus
    map is at least 0.5. One half plays the person, the other the model; a model is scored against either, the other
    picture's half against the first. ``smoothing``: see ``smoothed_masks``.

    Undefined splits are left out and counted. Without two people everything is NaN. ``normalised`` is NaN where the
    ceiling is not above the floor, and so for kl, of which less is better. Pearson is computed from the inner
    products of people's maps, which is exact; the other metrics from each half's map.
    Raises ValueError for shapes that differ, NaN or infinity in a map, an unknown metric, and splits below 1.
    """
    if splits < 1:
        raise ValueError(f"{splits} splits were asked for; at least one is needed.")
    chosen = pair_metric(metric)
    maps = smoothed_masks(masks, smoothing)
    given = _checked_models(models or {}, maps.shape[1:])
    others = _other_maps(other, maps, smoothing)
    if len(others) < 2:
        others = others[:0]
    groups = _draw(len(maps), len(others) or None, splits, seed)
    route = _from_inner_products if chosen.name == "pearson" else _from_maps
    ceilings, floors, scores, everybody = route(chosen, maps, others, given, groups)
    ceiling, floor = mean_of(ceilings), mean_of(floors)
    found = {
        name: ModelScore(mean, everybody[name], normalised_score(mean.value, ceiling.value, floor.value))
        for name, mean in ((name, mean_of(values.ravel())) for name, values in scores.items())
    }
    return SplitHalf(chosen.name, len(maps), groups.half, splits, smoothing, seed, ceiling, floor, found)


def normalised_score(score: float, ceiling: float, floor: float) -> float:
    """(score − floor) / (ceiling − floor); NaN where the ceiling is not above the floor."""
    return ratio(score - floor, ceiling - floor) if ceiling > floor else float("nan")


def score_interval(
    masks: ArrayLike,
    model: ArrayLike,
    *,
    metric: Metric = "pearson",
    smoothing: float = SMOOTHING,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
    seed: int = 0,
) -> Interval:
    """A model's score against everybody with its BCa bootstrap interval, people (R, H, W) being drawn.

    Arguments as for ``split_half``. Pearson takes milliseconds; other metrics one evaluation a resample.
    """
    chosen = pair_metric(metric)
    maps = smoothed_masks(masks, smoothing)
    given = _checked_models({"model": model}, maps.shape[1:])
    statistic = (_drawn_by_gram if chosen.name == "pearson" else _drawn_by_maps)(chosen, maps, given)
    return bootstrap_people(statistic, len(maps), resamples=resamples, level=level, seed=seed)


_Split = tuple[int, Maps, Maps, Maps | None]
_Found = tuple[Floats, Floats, dict[str, Floats], dict[str, float]]


def _from_inner_products(
    _metric: PairMetric, maps: Maps, others: Maps, models: dict[str, Array], groups: _Groups
) -> _Found:
    gram = Gram([maps, others, _centred(models, maps.shape[1:])])
    first, second, other = gram.weights(0, groups.first), gram.weights(0, groups.second), gram.weights(1, groups.other)
    everyone = gram.weights(0, np.ones((1, len(maps))))
    singles = {name: gram.weights(2, np.eye(len(models))[[place]]) for place, name in enumerate(models)}
    scores = {
        name: np.stack([gram.correlations(half, single) for half in (first, second)])
        for name, single in singles.items()
    }
    everybody = {name: float(gram.correlations(everyone, single)[0]) for name, single in singles.items()}
    return gram.correlations(first, second), gram.correlations(first, other), scores, everybody


def _from_maps(metric: PairMetric, maps: Maps, others: Maps, models: dict[str, Array], groups: _Groups) -> _Found:
    splits = len(groups.first)
    ceilings, floors = np.full(splits, np.nan), np.full(splits, np.nan)
    scores = {name: np.full((2, splits), np.nan) for name in models}
    prepared = {name: metric.model(model) for name, model in models.items()}

    def evaluate(part: slice) -> None:
        for number, first, second, other in _halves(maps, others, groups, part):
            references = metric.reference(first), metric.reference(second)
            ceilings[number] = metric.combine(references[0], metric.candidate(second))
            if other is not None:
                floors[number] = metric.combine(references[0], metric.candidate(other))
            for name, model in prepared.items():
                scores[name][:, number] = [metric.combine(reference, model) for reference in references]

    if groups.half:
        parts = [slice(start, min(start + _CHUNK, splits)) for start in range(0, splits, _CHUNK)]
        with one_thread_a_product(), ThreadPoolExecutor(_WORKERS) as pool:
            list(pool.map(evaluate, parts))
    if not len(maps):
        return ceilings, floors, scores, dict.fromkeys(models, float("nan"))
    everyone = metric.reference(_consensus(np.ones((1, len(maps)), np.float32), maps)[0])
    return ceilings, floors, scores, {name: metric.combine(everyone, model) for name, model in prepared.items()}


def _halves(maps: Maps, others: Maps, groups: _Groups, part: slice) -> Iterator[_Split]:
    """The consensus maps of some splits: number, first half, second half, other picture's half."""
    first, second = _consensus(groups.first[part], maps), _consensus(groups.second[part], maps)
    other = _consensus(groups.other[part], others) if len(others) else [None] * len(first)
    return zip(range(part.start, part.stop), first, second, other, strict=True)


def _consensus(members: Maps, maps: Maps) -> Maps:
    """The mean maps (B, H, W) float32 of groups (B, R) of whole numbers: how often each person counts.

    The sum is divided at the end: of whole masks it is then a whole number, and a half comes out as a half.
    """
    sums = members @ maps.reshape(len(maps), -1)
    sums /= members.sum(axis=1)[:, None]
    return np.asarray(sums.reshape(len(members), *maps.shape[1:]), np.float32)


def _drawn_by_gram(_metric: PairMetric, maps: Maps, models: dict[str, Array]) -> Callable[[Floats], Floats]:
    gram = Gram([maps, _centred(models, maps.shape[1:])])
    model = gram.weights(1, np.ones((1, 1)))
    return lambda draws: gram.correlations(gram.weights(0, draws), model)


def _drawn_by_maps(metric: PairMetric, maps: Maps, models: dict[str, Array]) -> Callable[[Floats], Floats]:
    prepared = metric.model(models["model"])

    def statistic(draws: Floats) -> Floats:
        groups = (_consensus(row[None].astype(np.float32), maps)[0] for row in draws)
        return np.array([metric.combine(metric.reference(group), prepared) for group in groups])

    return statistic


def _centred(models: dict[str, Array], shape: tuple[int, ...]) -> Floats:
    """The models' maps (M, H, W) about 0, lest a large mean drowns what varies; zeros for a constant one."""
    centred = np.zeros((len(models), *shape))
    for place, model in enumerate(models.values()):
        deviations = unit_deviations(as_map(model))
        if deviations is not None:
            centred[place] = deviations
    return centred


def _draw(people: int, others: int | None, splits: int, seed: int) -> _Groups:
    """Halves of one size, drawn anew for each split; the rest of an odd number of people is in neither."""
    half = people // 2 if others is None else min(people // 2, others // 2)
    here, there = np.random.default_rng(seed).spawn(2)
    order = _shuffled(people, splits, here)
    elsewhere = _shuffled(others or 0, splits, there)
    return _Groups(
        _members(order[:, :half], people),
        _members(order[:, half : 2 * half], people),
        _members(elsewhere[:, :half], others or 0),
        half,
    )


def _shuffled(people: int, splits: int, random: np.random.Generator) -> NDArray[np.int64]:
    return random.permuted(np.tile(np.arange(people), (splits, 1)), axis=1)


def _members(chosen: NDArray[np.int64], people: int) -> Maps:
    members = np.zeros((len(chosen), people), np.float32)
    np.put_along_axis(members, chosen, 1, axis=1)
    return members


def _other_maps(other: ArrayLike | None, maps: Maps, smoothing: float) -> Maps:
    """The other picture's smoothed masks in this picture's size; none where there is no other picture."""
    if other is None:
        return np.empty((0, *maps.shape[1:]), np.float32)
    return smoothed_masks(resized(stack_of_masks(other), *maps.shape[1:]), smoothing)


def _checked_models(models: Mapping[str, ArrayLike], shape: tuple[int, ...]) -> dict[str, Array]:
    arrays = {name: np.asarray(model) for name, model in models.items()}
    for name, array in arrays.items():
        as_map(array)
        if array.shape != shape:
            raise ValueError(f"The map of {name} has the shape {array.shape}, people's masks {shape}.")
    return arrays
