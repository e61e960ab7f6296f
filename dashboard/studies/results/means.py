"""Means of groups with their intervals, and whether conditions differ by more than chance."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Protocol

import numpy as np

from dashboard.analysis import bootstrap_mean, holm, paired_permutation
from dashboard.analysis.arrays import Floats

RESAMPLES = 10_000
MEAN_COLUMNS = ("group", "mean", "low", "high", "n", "people", "left_out")


@dataclass(frozen=True)
class Value:
    """One value of one participant on one picture; NaN where it is undefined."""

    group: str
    person: str
    picture: str
    value: float
    condition: str = ""


def means(values: Iterable[Value], *, pictures: bool = True, seed: int = 0) -> list[dict[str, Any]]:
    """A row for each group in the order in which they come: mean, 95 % interval, values, people, undefined ones.

    People are drawn as clusters, and so are pictures where there are several (see ``bootstrap_mean``).
    """
    groups: dict[str, list[Value]] = {}
    for one in values:
        groups.setdefault(one.group, []).append(one)
    return [{"group": group, **_mean(found, pictures, seed)} for group, found in groups.items()]


def _mean(found: Sequence[Value], pictures: bool, seed: int) -> dict[str, Any]:
    people = [one.person for one in found]
    shown = [one.picture for one in found]
    several = pictures and len(set(shown)) > 1
    interval = bootstrap_mean(
        [one.value for one in found], people=people, pictures=shown if several else None, resamples=RESAMPLES, seed=seed
    )
    return {
        "mean": interval.value,
        "low": interval.low,
        "high": interval.high,
        "n": interval.n,
        "people": len({one.person for one in found if not math.isnan(one.value)}),
        "left_out": interval.left_out,
    }


class HasLevels(Protocol):
    """A row of a participant's: her condition, and the levels of the factors that she met there."""

    @property
    def condition(self) -> str:
        """Her condition's key."""
        ...

    @property
    def levels(self) -> dict[str, str]:
        """Level by factor."""
        ...


@dataclass(frozen=True)
class Comparing:
    """What is compared: participants' conditions, or for a ``factor`` within participants its levels."""

    factor: str = ""

    def of(self, row: HasLevels) -> str:
        """The condition or level that a row belongs to."""
        return row.levels.get(self.factor, "") if self.factor else row.condition

    def name(self, outcome: str) -> str:
        """An outcome as it is called where this is compared."""
        return f"{outcome}, by {self.factor}" if self.factor else outcome


@dataclass(frozen=True)
class Outcome:
    """What conditions are compared in: one value a participant and condition (or level) matters, her mean of these."""

    name: str
    values: Sequence[Value]


COMPARED_COLUMNS = (
    "outcome",
    "first",
    "second",
    "difference",
    "effect",
    "effect_size",
    "n_first",
    "n_second",
    "p",
    "p_holm",
)


def compare_conditions(outcomes: Sequence[Outcome], *, seed: int = 0) -> list[dict[str, Any]]:
    """Every pair of conditions in every outcome, on participants' own means; p-values corrected together (Holm).

    Participants of different conditions: permutation test of the difference of means (scipy.stats.permutation_test),
    effect size Cliff's delta (Cliff, *Dominance Statistics*, Psychological Bulletin 1993). Where the same participants
    met both, the paired permutation test and the matched-pairs rank-biserial correlation (Kerby, *The Simple Difference
    Formula*, Comprehensive Psychology 2014).
    """
    rows = [row for outcome in outcomes for row in _pairs(outcome, seed)]
    for row, corrected in zip(rows, holm([row["p"] for row in rows]) if rows else [], strict=True):
        row["p_holm"] = float(corrected)
    return rows


def _pairs(outcome: Outcome, seed: int) -> list[dict[str, Any]]:
    own: dict[str, dict[str, list[float]]] = {}
    for one in outcome.values:
        if not math.isnan(one.value):
            own.setdefault(one.condition, {}).setdefault(one.person, []).append(one.value)
    by_condition = {
        condition: {person: float(np.mean(values)) for person, values in people.items()}
        for condition, people in own.items()
    }
    return [
        {
            "outcome": outcome.name,
            "first": first,
            "second": second,
            **_difference(by_condition[first], by_condition[second], seed),
        }
        for first, second in combinations(by_condition, 2)
    ]


def _difference(first: dict[str, float], second: dict[str, float], seed: int) -> dict[str, Any]:
    both = [person for person in first if person in second]
    if both:
        one, other = np.array([first[person] for person in both]), np.array([second[person] for person in both])
        test = paired_permutation(one, other, resamples=RESAMPLES, seed=seed)
        return {
            "difference": test.difference,
            "effect": "rank-biserial",
            "effect_size": rank_biserial(one - other),
            "n_first": len(both),
            "n_second": len(both),
            "p": test.p_value,
        }
    one, other = np.array(list(first.values())), np.array(list(second.values()))
    return {
        "difference": float(one.mean() - other.mean()),
        "effect": "Cliff's delta",
        "effect_size": cliffs_delta(one, other),
        "n_first": one.size,
        "n_second": other.size,
        "p": _independent(one, other, seed),
    }


def cliffs_delta(first: Floats, second: Floats) -> float:
    """P(first > second) − P(first < second), −1 to 1, of values (n,) and (m,)."""
    return float(np.sign(first[:, None] - second[None, :]).mean())


def rank_biserial(differences: Floats) -> float:
    """Share of the ranks of |difference| in favour of the first minus that of the second, −1 to 1; NaN if all are 0."""
    from scipy.stats import rankdata

    kept = differences[differences != 0]
    if not kept.size:
        return math.nan
    ranks = rankdata(np.abs(kept))
    return float((ranks * np.sign(kept)).sum() / ranks.sum())


def _independent(first: Floats, second: Floats, seed: int) -> float:
    from scipy.stats import permutation_test

    if first.size < 2 or second.size < 2:
        return math.nan
    result = permutation_test(
        (first, second),
        lambda one, other, axis: one.mean(axis=axis) - other.mean(axis=axis),
        vectorized=True,
        n_resamples=RESAMPLES,
        rng=np.random.default_rng(seed),
    )
    return float(result.pvalue)
