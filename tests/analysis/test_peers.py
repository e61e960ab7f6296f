"""Agreement with independent implementations on random input, with ties and at the edges."""

from __future__ import annotations

import sys
import types
import warnings

import krippendorff
import numpy as np
import pytest
from pycocotools import mask as coco
from scipy import ndimage, stats
from sklearn.metrics import roc_auc_score
from statsmodels.stats import inter_rater, multitest

from dashboard import analysis
from dashboard.analysis.arrays import average_ranks

SEEDS = range(12)


def _random(seed: int) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    """A map and a region of a size of their own; every other map has many ties, some a region of one pixel."""
    random = np.random.default_rng(seed)
    shape = tuple(random.integers(2, 40, size=2))
    values = random.normal(size=shape).astype(np.float32)
    if seed % 2:
        values = np.round(values)
    region = random.random(shape) < random.choice([0.1, 0.5, 0.9])
    region[0, 0], region[-1, -1] = True, False
    if seed % 5 == 0:
        region[:] = False
        region[1, 0] = True
    return values, region, random


@pytest.mark.parametrize("seed", SEEDS)
def test_auc_as_scikit_learn(seed: int) -> None:
    values, region, _ = _random(seed)
    assert analysis.auc(values, region) == pytest.approx(roc_auc_score(region.ravel(), values.ravel()), abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_correlations_as_scipy(seed: int) -> None:
    values, region, random = _random(seed)
    other = np.round(random.normal(size=values.shape) + values, 1) * 10.0 ** random.integers(-30, 30)
    for second in (other, region.astype(np.float32)):
        first = values.astype(np.float64).ravel()
        pearson = stats.pearsonr(first, second.astype(np.float64).ravel()).statistic
        assert analysis.pearson(values, second) == pytest.approx(pearson, abs=1e-9)
        spearman = stats.spearmanr(first, second.ravel()).statistic
        assert analysis.spearman(values, second) == pytest.approx(spearman, abs=1e-12)


def test_ranks_of_nothing() -> None:
    assert average_ranks(np.empty((0, 3))).shape == (0, 3)


@pytest.mark.parametrize("seed", SEEDS)
def test_iou_as_pycocotools(seed: int) -> None:
    _, region, random = _random(seed)
    other = random.random(region.shape) < 0.4
    other[0, 0] = True
    encoded = [coco.encode(np.asfortranarray(mask.astype(np.uint8))) for mask in (region, other)]
    assert analysis.iou(region, other) == coco.iou(encoded[:1], encoded[1:], [0])[0, 0]


def _people(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    shape = random.integers(2, 12, size=3)
    return random.random(shape) < random.choice([0.05, 0.5, 0.9])


@pytest.mark.parametrize("seed", SEEDS)
def test_fleiss_as_statsmodels(seed: int) -> None:
    stack = _people(seed)
    marked = stack.sum(axis=0).ravel()
    table = np.stack([len(stack) - marked, marked], axis=1)
    assert analysis.fleiss_kappa(stack) == pytest.approx(inter_rater.fleiss_kappa(table), abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_alpha_as_krippendorff_with_judgements_missing(seed: int) -> None:
    stack = _people(seed).astype(np.float32)
    data = stack.reshape(len(stack), -1)
    expected = krippendorff.alpha(data, value_domain=[0, 1], level_of_measurement="nominal")
    assert analysis.krippendorff_alpha(stack) == pytest.approx(expected, abs=1e-12)
    assert analysis.krippendorff_alpha(stack > 0) == pytest.approx(expected, abs=1e-12)
    stack[np.random.default_rng(seed).random(stack.shape) < 0.3] = np.nan
    expected = krippendorff.alpha(data, value_domain=[0, 1], level_of_measurement="nominal")
    assert analysis.krippendorff_alpha(stack) == pytest.approx(expected, abs=1e-12)


def test_alpha_from_its_definition() -> None:
    nothing = np.nan
    rows = [[1, 1, 0, 0, 1, 0, 1], [1, 1, 0, 0, 0, 0, nothing], [nothing, 1, 0, 0, 0, nothing, nothing]]
    pairs = {(1, 1): 0.0, (0, 0): 0.0, (0, 1): 0.0}
    for column in zip(*rows, strict=True):
        judged = [value for value in column if value == value]
        for place, one in enumerate(judged):
            for other in judged[place + 1 :]:
                pairs[min(one, other), max(one, other)] += 2 / (len(judged) - 1)
    ones, zeros = pairs[1, 1] + pairs[0, 1] / 2, pairs[0, 0] + pairs[0, 1] / 2
    expected = 1 - (ones + zeros - 1) * pairs[0, 1] / (2 * ones * zeros)
    assert analysis.krippendorff_alpha(rows) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_holm_as_statsmodels(seed: int) -> None:
    p_values = np.round(np.random.default_rng(seed).random(seed + 1) ** 3, 2)
    expected = multitest.multipletests(p_values, method="holm")[1]
    np.testing.assert_allclose(analysis.holm(p_values), expected, rtol=1e-12)


@pytest.mark.parametrize("shape", [(3, 40, 60), (2, 9, 5), (2, 1, 7)])
def test_smoothing_as_scipy(shape: tuple[int, ...]) -> None:
    stack = np.random.default_rng(0).random(shape) < 0.3
    for found, mask in zip(analysis.smoothed_masks(stack, 0.05), stack, strict=True):
        expected = ndimage.gaussian_filter(mask.astype(np.float64), 0.05 * max(shape[1:]), mode="reflect")
        np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.fixture(scope="module")
def pysaliency() -> types.ModuleType:
    """The package where it is installed; it needs a C compiler, and a module that setuptools no longer has."""
    if "pkg_resources" not in sys.modules:
        # It is only imported there, for models that need MATLAB.
        stand_in = types.ModuleType("pkg_resources")
        stand_in.resource_string = stand_in.resource_listdir = None  # type: ignore[attr-defined]
        sys.modules["pkg_resources"] = stand_in
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return pytest.importorskip("pysaliency", exc_type=ImportError)
    finally:
        sys.modules.pop("pkg_resources")


@pytest.mark.parametrize("seed", SEEDS)
def test_maps_as_pysaliency(pysaliency: types.ModuleType, seed: int) -> None:
    from pysaliency import metrics

    values, region, random = _random(seed)
    values = values.astype(np.float64)
    other = np.round(random.normal(size=values.shape) + values, 1)
    assert analysis.pearson(other, values) == pytest.approx(metrics.CC(values, other), abs=1e-10)
    assert analysis.similarity(other, values) == pytest.approx(metrics.SIM(values, other), abs=1e-10)
    kl = metrics.image_based_kl_divergence(values, other, minimum_value=1e-20)
    assert analysis.kl(other, values) == pytest.approx(kl, abs=1e-9)
    rows, columns = np.nonzero(region)
    assert analysis.nss(values, region) == pytest.approx(metrics.NSS(values, columns, rows).mean(), abs=1e-10)


@pytest.mark.parametrize("seed", SEEDS)
def test_points_as_pysaliency(pysaliency: types.ModuleType, seed: int) -> None:
    from pysaliency import metrics, roc

    values, _, random = _random(seed)
    values = values.astype(np.float64)
    points = random.integers(0, values.shape, size=(7, 2))
    rows, columns = points.T
    expected = roc.general_rocs_per_positive(values[rows, columns], values.ravel())
    assert analysis.auc_uniform(values, points) == pytest.approx(np.mean(expected), abs=1e-10)
    assert analysis.nss_points(values, points) == pytest.approx(metrics.NSS(values, columns, rows).mean(), abs=1e-10)
