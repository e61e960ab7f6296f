"""How sure a mean is, and whether a difference is more than chance.

Undefined values (NaN) are left out, and every result says how many. All randomness is seeded.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dashboard.analysis.arrays import Floats

RESAMPLES = 10_000
LEVEL = 0.95
# Two values that differ by no more than this share of the largest are one.
ROUNDING = 1e-9
_BATCH = 1_000
# For each of B resamples how often each cluster was drawn, (B, clusters): to the statistic (B,).
Statistic = Callable[..., Floats]


@dataclass(frozen=True)
class Mean:
    """The mean of the ``n`` values that are defined; ``left_out`` are not. NaN for n = 0."""

    value: float
    n: int
    left_out: int


@dataclass(frozen=True)
class Interval:
    """An estimate with its bootstrap interval; the ends are NaN where ``reason`` says why there is none."""

    value: float
    low: float
    high: float
    n: int
    left_out: int
    level: float
    resamples: int
    clusters: tuple[int, ...]
    reason: str = ""


@dataclass(frozen=True)
class PairedTest:
    """The mean of first − second over the ``n`` pairs that are defined, and its two-sided p-value.

    ``exact``: all 2^n changes of sign were looked at, not a sample of them.
    """

    difference: float
    p_value: float
    n: int
    left_out: int
    exact: bool


def mean_of(values: ArrayLike) -> Mean:
    """The mean of the values that are not NaN, and how many are. Raises ValueError for infinity."""
    array = _numbers(values)
    defined = array[~np.isnan(array)]
    mean = float(defined.mean()) if defined.size else float("nan")
    return Mean(mean, int(defined.size), int(array.size - defined.size))


def bootstrap_mean(
    values: ArrayLike,
    *,
    people: Sequence[Hashable] | None = None,
    pictures: Sequence[Hashable] | None = None,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
    seed: int = 0,
) -> Interval:
    """The mean of values (n,) with its BCa bootstrap interval.

    ``people`` and ``pictures`` say whose value each is and on what. People and pictures are then drawn as whole
    clusters, and where both are given independently of each other, a value counting as often as its person times
    its picture was drawn (Owen, *The pigeonhole bootstrap*, Annals of Applied Statistics 2007). With neither, the
    single values are drawn. A cluster without a defined value is left out. BCa: Efron, *Better Bootstrap
    Confidence Intervals*, JASA 1987; computed by scipy.stats.bootstrap, the acceleration from leaving out each
    cluster in turn. A resample whose mean is the mean but for rounding counts as equal to it.

    There is no interval for fewer than two clusters of a kind, and none where every resample gives the same mean.
    Raises ValueError for infinity and where the lengths differ.
    """
    array = _numbers(values)
    labels = [_codes(given, array.size) for given in (people, pictures) if given is not None]
    defined = ~np.isnan(array)
    kept = array[defined]
    codes = [np.unique(label[defined], return_inverse=True)[1] for label in labels] or [np.arange(kept.size)]
    sizes = tuple(int(code.max(initial=-1)) + 1 for code in codes)
    mean = mean_of(array)
    low, high, reason = _bca(_mean_statistic(kept, codes, sizes), sizes, resamples, level, seed)
    return Interval(mean.value, low, high, mean.n, mean.left_out, level, resamples, sizes, reason)


def bootstrap_people(
    statistic: Callable[[Floats], Floats],
    people: int,
    *,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
    seed: int = 0,
) -> Interval:
    """A statistic of a group of people with its BCa bootstrap interval, people being drawn.

    ``statistic`` takes how often each person was drawn, (B, people) float64, and returns (B,).
    """
    value = float(statistic(np.ones((1, people)))[0])
    low, high, reason = _bca(statistic, (people,), resamples, level, seed)
    return Interval(value, low, high, people, 0, level, resamples, (people,), reason)


def paired_permutation(first: ArrayLike, second: ArrayLike, *, resamples: int = RESAMPLES, seed: int = 0) -> PairedTest:
    """Whether two models or conditions differ on the same pictures: the paired permutation test of the mean.

    Within each pair first and second (n,) are exchanged at random; the p-value is two-sided, exact where 2^n is at
    most ``resamples``. A pair with an undefined value is left out; NaN where none is left. Computed by
    scipy.stats.permutation_test. Raises ValueError for infinity and where the lengths differ.
    """
    from scipy.stats import permutation_test

    one, other = _numbers(first), _numbers(second)
    if one.shape != other.shape:
        raise ValueError(f"There are {one.size} first and {other.size} second values; pairs need as many of each.")
    difference = one - other
    kept = difference[~np.isnan(difference)]
    left_out = int(difference.size - kept.size)
    if not kept.size:
        return PairedTest(float("nan"), float("nan"), 0, left_out, False)
    exact = kept.size < 64 and 2**kept.size <= resamples
    if kept.size == 1:  # scipy needs two: both signs are as far from 0
        return PairedTest(float(kept[0]), 1.0, 1, left_out, exact)
    result = permutation_test(
        (kept,),
        lambda signed, axis: signed.mean(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=resamples,
        batch=_BATCH,
        rng=np.random.default_rng(seed),
    )
    return PairedTest(float(kept.mean()), float(result.pvalue), int(kept.size), left_out, exact)


def holm(p_values: ArrayLike) -> Floats:
    """p-values (m,) corrected for testing several at once; NaN stays NaN and does not count as a test.

    Holm, *A Simple Sequentially Rejective Multiple Test Procedure*, Scandinavian Journal of Statistics 1979.
    Raises ValueError for a value outside 0–1.
    """
    given = _numbers(p_values)
    defined = np.flatnonzero(~np.isnan(given))
    if ((given[defined] < 0) | (given[defined] > 1)).any():
        raise ValueError("A p-value lies between 0 and 1.")
    order = defined[np.argsort(given[defined], kind="stable")]
    steps = given[order] * np.arange(order.size, 0, -1)
    corrected = np.full(given.shape, np.nan)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return corrected


def _mean_statistic(kept: Floats, codes: list[NDArray[np.intp]], sizes: tuple[int, ...]) -> Statistic:
    """The mean of the values where each counts as often as the product of its clusters' draws."""
    sums, counts = np.zeros(sizes), np.zeros(sizes)
    np.add.at(sums, tuple(codes), kept)
    np.add.at(counts, tuple(codes), 1)

    def total(table: Floats, draws: tuple[Floats, ...]) -> Floats:
        if len(draws) == 1:
            return np.asarray(draws[0] @ table)
        return np.asarray(((draws[0] @ table) * draws[1]).sum(axis=-1))

    return lambda *draws: total(sums, draws) / total(counts, draws)


def _bca(
    statistic: Statistic, sizes: tuple[int, ...], resamples: int, level: float, seed: int
) -> tuple[float, float, str]:
    """Both ends and why there are none."""
    from scipy.stats import bootstrap

    nothing = float("nan"), float("nan")
    if min(sizes) < 2:
        return *nothing, "An interval needs at least two to draw from."

    whole = statistic(*(np.ones((1, size)) for size in sizes))

    def of_drawn(*drawn: NDArray[np.intp], axis: int) -> Floats:
        found = statistic(*(_draws(row, size) for row, size in zip(drawn, sizes, strict=True)))
        # Of few clusters many resamples give the estimate itself, and BCa asks how many lie below it.
        is_whole = np.abs(found - whole) <= ROUNDING * np.nanmax(np.abs(found), initial=0)
        return np.asarray(np.where(is_whole, whole, found)).reshape(drawn[0].shape[:-1])

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # scipy warns where the interval is NaN: the reason says so instead
        found = bootstrap(
            tuple(np.arange(size) for size in sizes),
            of_drawn,
            n_resamples=resamples,
            batch=_BATCH,
            vectorized=True,
            confidence_level=level,
            method="BCa",
            rng=np.random.default_rng(seed),
        )
    low, high = (float(end) for end in found.confidence_interval)
    if np.isnan(low) or np.isnan(high):
        return *nothing, "The resamples do not vary, or some are undefined."
    return low, high, ""


def _draws(drawn: NDArray[np.intp], size: int) -> Floats:
    """How often each of ``size`` clusters is among the drawn ones (…, k): (…, size), leading axes made one."""
    rows = drawn.reshape(-1, drawn.shape[-1])
    offsets = np.arange(len(rows))[:, None] * size
    return np.bincount((rows + offsets).ravel(), minlength=len(rows) * size).reshape(-1, size).astype(np.float64)


def _codes(labels: Sequence[Hashable], length: int) -> NDArray[np.intp]:
    if len(labels) != length:
        raise ValueError(f"There are {length} values and {len(labels)} labels of clusters.")
    numbers = {label: number for number, label in enumerate(dict.fromkeys(labels))}
    return np.array([numbers[label] for label in labels], np.intp)


def _numbers(values: ArrayLike) -> Floats:
    array = np.asarray(values, np.float64)
    if array.ndim != 1:
        raise ValueError(f"Values have the shape (n,), not {array.shape}.")
    if np.isinf(array).any():
        raise ValueError("A value is infinite.")
    return array
