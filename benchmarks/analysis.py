"""Metrics of one pair of maps, and agreement of many people, beside the packages that compute a part of it."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from scipy import stats
from sklearn.metrics import roc_auc_score
from statsmodels.stats.inter_rater import fleiss_kappa

from benchmarks.timing import Row, median_ms, side_by_side
from dashboard import analysis

SIDE = 512
PEOPLE = 100
SPLITS = 1_000
PAIR_TARGET_MS = 150
PEOPLE_TARGET_S = 5
REPEATS = 10


def measure() -> list[Row]:
    return [*_measure_pair(), *_measure_people()]


def _measure_pair() -> list[Row]:
    consensus = analysis.consensus_map(_discs(PEOPLE, 0.45))
    model = _model_map()
    region = consensus >= 0.5
    times = side_by_side(
        {
            "all": lambda: analysis.compare_region_with_map(consensus, model, correct=True),
            "ours": lambda: (analysis.auc(model, region), analysis.spearman(consensus, model)),
            "scikit-learn AUC": lambda: roc_auc_score(region.ravel(), model.ravel()),
            "scipy Spearman": lambda: stats.spearmanr(consensus.ravel(), model.ravel()),
        },
        REPEATS,
    )
    peers = f"scikit-learn AUC {times['scikit-learn AUC']:.0f}, scipy Spearman {times['scipy Spearman']:.0f} ms"
    everything = times["all"]
    return [
        Row(
            f"all metrics of one pair of {SIDE} px maps",
            everything,
            "ms",
            "",
            f"≤ {PAIR_TARGET_MS} ms",
            everything <= PAIR_TARGET_MS,
        ),
        Row("  of them AUC and Spearman, each alone", times["ours"], "ms", peers),
    ]


def _measure_people() -> list[Row]:
    masks, others = _discs(PEOPLE, 0.45), _discs(PEOPLE, 0.65)
    models = {"model": _model_map()}
    parts: dict[str, Callable[[], object]] = {
        "consensus": lambda: (analysis.consensus_map(masks), analysis.consensus_region(masks)),
        "pairwise iou": lambda: analysis.mean_pairwise_iou(masks),
        "Fleiss": lambda: analysis.fleiss_kappa(masks),
        "Krippendorff": lambda: analysis.krippendorff_alpha(masks),
        "split-halves": lambda: analysis.split_half(masks, models, others, splits=SPLITS),
    }
    seconds = {name: _seconds(act) for name, act in parts.items()}
    total = sum(seconds.values())
    marked = masks.sum(axis=0).ravel()
    table = np.stack([len(masks) - marked, marked], axis=1)
    peer = median_ms(lambda: fleiss_kappa(table), REPEATS)
    overlap = _seconds(lambda: analysis.split_half(masks, models, others, metric="iou", splits=SPLITS), repeats=1)
    named = ", ".join(f"{name} {value:.2f}" for name, value in seconds.items())
    return [
        Row(
            f"consensus, agreement, {SPLITS} split-halves, {PEOPLE} people, {SIDE} px",
            total,
            "s",
            named,
            f"≤ {PEOPLE_TARGET_S} s",
            total <= PEOPLE_TARGET_S,
        ),
        Row("  the split-halves with iou instead of pearson", overlap, "s"),
        Row("  Fleiss alone", seconds["Fleiss"] * 1000, "ms", f"statsmodels, counted beforehand, {peer:.1f} ms"),
    ]


def _seconds(act: Callable[[], object], repeats: int = 3) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        act()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def _discs(people: int, middle: float) -> np.ndarray:
    """Discs that people might have drawn around one place, (people, SIDE, SIDE) bool."""
    random = np.random.default_rng(0)
    rows, columns = np.ogrid[:SIDE, :SIDE]
    masks = np.empty((people, SIDE, SIDE), bool)
    for mask in masks:
        row, column = random.normal(middle, 0.08, size=2) * SIDE
        mask[:] = (rows - row) ** 2 + (columns - column) ** 2 < (random.uniform(0.1, 0.2) * SIDE) ** 2
    return masks


def _model_map() -> np.ndarray:
    """A smooth map with some noise, as a class activation map with occlusion's steps."""
    random = np.random.default_rng(1)
    rows, columns = np.mgrid[:SIDE, :SIDE] / SIDE
    smooth = np.exp(-((rows - 0.5) ** 2 + (columns - 0.5) ** 2) / 0.05)
    return (smooth + random.normal(0, 0.05, smooth.shape)).astype(np.float32)
