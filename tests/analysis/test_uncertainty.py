from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from dashboard import analysis

VALUES = np.array([0.137, 0.519, 0.923, 0.411, 0.299, 0.817, 0.228, 0.606])


def test_means_say_how_many_values_they_left_out() -> None:
    assert analysis.mean_of([1, math.nan, 3]) == analysis.Mean(2.0, 2, 1)
    nothing = analysis.mean_of([math.nan])
    assert math.isnan(nothing.value)
    assert (nothing.n, nothing.left_out) == (0, 1)


def test_the_interval_of_single_values_is_scipys() -> None:
    found = analysis.bootstrap_mean(VALUES, resamples=2000, seed=4)
    expected = stats.bootstrap((VALUES,), np.mean, n_resamples=2000, method="BCa", rng=4).confidence_interval
    assert found.value == pytest.approx(0.4925)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.002)
    assert (found.n, found.left_out, found.level, found.resamples, found.clusters) == (8, 0, 0.95, 2000, (8,))


def test_undefined_values_change_nothing_but_the_count() -> None:
    with_holes = np.insert(VALUES, [0, 3], math.nan)
    found, whole = analysis.bootstrap_mean(with_holes, resamples=500), analysis.bootstrap_mean(VALUES, resamples=500)
    assert (found.low, found.high, found.left_out) == (whole.low, whole.high, 2)


def test_people_are_drawn_with_all_their_values() -> None:
    # Within a person all values are equal: ten of each know no more than one of each.
    people = np.repeat(np.arange(8), 10)
    found = analysis.bootstrap_mean(np.repeat(VALUES, 10), people=people.tolist(), resamples=2000)
    alone = analysis.bootstrap_mean(VALUES, resamples=2000)
    assert (found.low, found.high) == pytest.approx((alone.low, alone.high), abs=0.002)
    assert found.clusters == (8,)
    naive = analysis.bootstrap_mean(np.repeat(VALUES, 10), resamples=2000)
    assert naive.high - naive.low < 0.5 * (found.high - found.low)


def test_people_and_pictures_are_drawn_independently() -> None:
    random = np.random.default_rng(0)
    table = random.normal(size=(12, 1)) + random.normal(size=(1, 9)) + 0.1 * random.normal(size=(12, 9))
    people, pictures = np.divmod(np.arange(table.size), 9)
    both = analysis.bootstrap_mean(table.ravel(), people=people.tolist(), pictures=pictures.tolist(), resamples=2000)
    one = analysis.bootstrap_mean(table.ravel(), people=people.tolist(), resamples=2000)
    other = analysis.bootstrap_mean(table.ravel(), pictures=pictures.tolist(), resamples=2000)
    assert both.clusters == (12, 9)
    # Independent sources of error: variances, here squared widths, add up.
    expected = math.hypot(one.high - one.low, other.high - other.low)
    assert both.high - both.low == pytest.approx(expected, rel=0.15)


def test_names_of_people_may_be_anything_and_cells_may_be_missing() -> None:
    values = [1.0, 2.0, 4.0, math.nan, 3.0]
    found = analysis.bootstrap_mean(values, people=["a", "b", "a", "c", "b"], pictures=[1, 1, 2, 2, 3], resamples=300)
    assert found.value == 2.5
    assert found.clusters == (2, 3)


def test_intervals_that_cannot_be() -> None:
    alone = analysis.bootstrap_mean([1.0])
    assert (alone.value, alone.n) == (1.0, 1)
    assert math.isnan(alone.low)
    assert "two" in alone.reason
    same = analysis.bootstrap_mean([2.0, 2.0, 2.0], resamples=100)
    assert math.isnan(same.high)
    assert same.reason
    nothing = analysis.bootstrap_mean([math.nan])
    assert math.isnan(nothing.value)
    assert nothing.left_out == 1


@pytest.mark.parametrize("values", [[151, 340, 260, 181], [1, 2, 4, 7], [3, 3, 3]])
def test_rounding_decides_about_no_interval(values: list[int]) -> None:
    """Sums of whole numbers are exact, those of thousandths are not; many resamples have the mean of all."""
    exact = analysis.bootstrap_mean(values)
    rounded = analysis.bootstrap_mean(np.array(values) / 1000)
    assert (rounded.low * 1000, rounded.high * 1000) == pytest.approx((exact.low, exact.high), nan_ok=True)


def test_an_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(1)
    hits = 0
    for _ in range(60):
        found = analysis.bootstrap_mean(random.exponential(size=40), resamples=300)
        hits += found.low <= 1 <= found.high
    assert hits >= 51


def test_the_paired_test_of_few_pairs_is_exact() -> None:
    # Of the 8 changes of sign, all + and all − are as far from 0: p = 2/8.
    found = analysis.paired_permutation([1, 2, 3], [0, 0, 0])
    assert found == analysis.PairedTest(2.0, 0.25, 3, 0, True)
    one = analysis.paired_permutation([1, math.nan], [0, 0])
    assert one == analysis.PairedTest(1.0, 1.0, 1, 1, True)


def test_the_paired_test_of_many_pairs() -> None:
    random = np.random.default_rng(0)
    base = random.normal(size=40)
    same = analysis.paired_permutation(base, base + 0.1 * random.permutation([-1, 1] * 20), resamples=2000)
    better = analysis.paired_permutation(base + 0.5 + 0.1 * random.normal(size=40), base, resamples=2000)
    assert not better.exact
    assert same.p_value > 0.5
    assert better.p_value < 0.01
    assert better.difference == pytest.approx(0.5, abs=0.05)


def test_the_paired_test_of_nothing() -> None:
    found = analysis.paired_permutation([math.nan], [1.0])
    assert math.isnan(found.p_value)
    assert (found.n, found.left_out) == (0, 1)


def test_holm_steps_down() -> None:
    corrected = analysis.holm([0.01, 0.04, math.nan, 0.03])
    np.testing.assert_allclose(corrected, [0.03, 0.06, math.nan, 0.06])
    assert analysis.holm([]).shape == (0,)


@pytest.mark.parametrize("values", [[-0.1], [1.1]])
def test_p_values_that_are_none(values: list[float]) -> None:
    with pytest.raises(ValueError, match="p-value"):
        analysis.holm(values)


def test_lengths_must_fit() -> None:
    with pytest.raises(ValueError, match="labels"):
        analysis.bootstrap_mean([1, 2], people=["a"])
    with pytest.raises(ValueError, match="pairs"):
        analysis.paired_permutation([1, 2], [1])
    with pytest.raises(ValueError, match="infinite"):
        analysis.mean_of([math.inf])
    with pytest.raises(ValueError, match="shape"):
        analysis.mean_of([[1.0]])
