"""Numbers as a package's documentation/metrics.md defines them, by NumPy, pandas and SciPy alone."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.stats import bootstrap, permutation_test

Mask = NDArray[np.bool_]
Map = NDArray[np.floating[Any]]
RESAMPLES, BATCH, SPLITS = 10_000, 1_000, 1_000
CASES = (
    ("human aligned", "confuser"),
    ("sufficient subset", "insufficient subset"),
    ("sufficient context", "context confusion"),
    ("context dependent", "distractor"),
)


def iou(one: Mask, other: Mask) -> float:
    return float((one & other).sum() / (one | other).sum())


def highest(values: Map, count: int) -> Mask:
    chosen = np.zeros(values.size, bool)
    chosen[np.argsort(-values.ravel(), kind="stable")[:count]] = True
    return chosen.reshape(values.shape)


def standing_out(values: Map) -> Mask:
    wide = values.astype(float)
    return np.asarray(wide >= wide.mean() + wide.std())


def auc(mask: Mask, values: Map) -> float:
    ranks = pd.Series(values.ravel()).rank().to_numpy()
    inside = int(mask.sum())
    return float((ranks[mask.ravel()].sum() - inside * (inside + 1) / 2) / (inside * (mask.size - inside)))


def case(mask: Mask, values: Map, right: bool) -> tuple[str, bool]:
    """The case of Shared Interest, and whether it is borderline."""
    model = standing_out(values)
    both = (mask & model).sum()
    asked = (iou(mask, model), both / model.sum(), both / mask.sum())
    place = next((place for place, value in enumerate(asked) if value >= 0.5), len(asked))
    return CASES[place][not right], any(abs(value - 0.5) <= 0.05 + 1e-9 for value in asked[: place + 1])


def fleiss(masks: Mask) -> float:
    people = len(masks)
    marked = masks.sum(axis=0).ravel()
    agreed = (marked * (marked - 1) + (people - marked) * (people - marked - 1)) / (people * (people - 1))
    share = marked.mean() / people
    by_chance = share**2 + (1 - share) ** 2
    return float((agreed.mean() - by_chance) / (1 - by_chance))


def bca(statistic: Callable[..., Any], *sizes: int) -> tuple[float, float]:
    """The interval of a statistic of drawn clusters (…, k), an array for each kind of so many."""
    if min(sizes) < 2:
        return np.nan, np.nan
    whole = statistic(*(np.arange(size) for size in sizes))

    def settled(*drawn: Any, axis: int) -> Any:
        found = statistic(*drawn)
        return np.where(np.isclose(found, whole, rtol=1e-9, atol=1e-12), whole, found)

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = bootstrap(
            [np.arange(size) for size in sizes],
            settled,
            n_resamples=RESAMPLES,
            batch=BATCH,
            vectorized=True,
            method="BCa",
            rng=np.random.default_rng(0),
        ).confidence_interval
    is_none = np.isnan(found.low) or np.isnan(found.high)
    return (np.nan, np.nan) if is_none else (float(found.low), float(found.high))


def mean_interval(values: Sequence[float], *clusters: Sequence[Any]) -> tuple[float, float, float]:
    """Mean of the defined values and its interval, drawn being clusters of one kind or two, else the values."""
    array = np.asarray(values, float)
    defined = ~np.isnan(array)
    kept = array[defined]
    if not kept.size:
        return np.nan, np.nan, np.nan
    places = [np.unique(pd.factorize(np.asarray(one))[0][defined], return_inverse=True)[1] for one in clusters]
    places = places or [np.arange(kept.size)]

    def mean(*drawn: Any) -> Any:
        weights = 1
        for of, one in zip(places, drawn, strict=True):
            # How often the cluster of each value was drawn: (…, values).
            weights = weights * (one[..., None, :] == of[:, None]).sum(axis=-1)
        return (weights * kept).sum(axis=-1) / np.sum(weights, axis=-1)

    return float(kept.mean()), *bca(mean, *(int(of.max()) + 1 for of in places))


def correlation(one: Map, other: Map) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def smoothed(masks: Mask) -> Map:
    sd = 0.02 * max(masks.shape[1:])
    return np.stack([gaussian_filter(mask.astype(float), sd, mode="reflect", truncate=4) for mask in masks])


def stretched(masks: Mask, shape: tuple[int, ...]) -> Mask:
    rows, columns = (
        np.floor((np.arange(to) + 0.5) * of / to).astype(int) for to, of in zip(shape, masks.shape[1:], strict=True)
    )
    return masks[:, rows][:, :, columns]


def standing(masks: Mask, other: Mask, of_model: Map) -> dict[str, float]:
    """Ceiling, floor, score, and the score against everybody with its interval."""
    maps, others = smoothed(masks), smoothed(stretched(other, masks.shape[1:]))
    half = min(len(maps), len(others)) // 2
    here, there = np.random.default_rng(0).spawn(2)
    order = here.permuted(np.tile(np.arange(len(maps)), (SPLITS, 1)), axis=1)
    elsewhere = there.permuted(np.tile(np.arange(len(others)), (SPLITS, 1)), axis=1)
    known: dict[Any, float] = {}

    def once(first: tuple[int, ...], second: tuple[int, ...] | None, of: str) -> float:
        """Few halves can be made of few people, so each pair of them is looked at once."""
        if (first, second, of) not in known:
            against = of_model if second is None else (maps if of == "own" else others)[list(second)].mean(axis=0)
            known[first, second, of] = correlation(maps[list(first)].mean(axis=0), against)
        return known[first, second, of]

    found: dict[str, list[float]] = {"ceiling": [], "floor": [], "score": []}
    for row, away in zip(order, elsewhere, strict=True):
        first, second = (tuple(sorted(part)) for part in (row[:half], row[half : 2 * half]))
        found["ceiling"].append(once(first, second, "own"))
        found["floor"].append(once(first, tuple(sorted(away[:half])), "other"))
        found["score"] += [once(first, None, "model"), once(second, None, "model")]

    def drawn_score(drawn: Any) -> Any:
        rows = drawn.reshape(-1, drawn.shape[-1])
        scores = [once(tuple(sorted(row)), None, "model") for row in rows]
        return np.reshape(scores, drawn.shape[:-1])

    low, high = bca(drawn_score, len(maps))
    means = {name: float(np.mean(values)) for name, values in found.items()}
    everybody = correlation(maps.mean(axis=0), of_model)
    return means | {"everybody": everybody, "low": low, "high": high, "half": half}


def compared(first: dict[str, float], second: dict[str, float]) -> tuple[float, float, float]:
    """Difference of the means of different people, Cliff's delta, and p."""
    one, other = (np.array(list(values.values())) for values in (first, second))
    assert not set(first) & set(second)
    delta = np.mean([np.sign(a - b) for a in one for b in other])
    test = permutation_test(
        (one, other), lambda a, b: a.mean() - b.mean(), n_resamples=RESAMPLES, rng=np.random.default_rng(0)
    )
    return float(one.mean() - other.mean()), float(delta), float(test.pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    found, so_far = [0.0] * len(p_values), 0.0
    for step, place in enumerate(sorted(range(len(p_values)), key=lambda one: p_values[one])):
        so_far = max(so_far, min(1, p_values[place] * (len(p_values) - step)))
        found[place] = so_far
    return found
