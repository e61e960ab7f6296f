"""Region metrics and statistics: arrays and tables in, numbers out; no server, no database.

What divides nothing by nothing is NaN, and only that; mismatched shapes and NaN or infinity in a map raise
ValueError.
"""

from __future__ import annotations

from dashboard.analysis.cases import Case, shared_interest_case
from dashboard.analysis.curves import Curve, curve_from_points, curve_picture, deletion_curve, insertion_curve
from dashboard.analysis.from_map import RULES, region_from_map, tied_pixels
from dashboard.analysis.map_map import kl, pearson, similarity, spearman
from dashboard.analysis.map_region import auc, chance_level, enrichment, mass, nss, pointing_game, rank_accuracy
from dashboard.analysis.people import (
    consensus_map,
    consensus_region,
    fleiss_kappa,
    krippendorff_alpha,
    mean_pairwise_iou,
    pairwise_iou,
)
from dashboard.analysis.points import auc_uniform, nss_points
from dashboard.analysis.random_regions import RegionTooLargeError, random_region, random_regions
from dashboard.analysis.regions import area_ratio, dice, human_coverage, iou, model_coverage
from dashboard.analysis.removal import (
    Candidate,
    Effects,
    candidates,
    causal_advantage,
    effects,
    equal_area_region,
    necessities,
    necessity,
    outside_blurred,
    removals,
    sufficiency,
)
from dashboard.analysis.smoothing import smoothed_masks
from dashboard.analysis.split_half import ModelScore, SplitHalf, normalised_score, score_interval, split_half
from dashboard.analysis.summary import compare_region_with_map
from dashboard.analysis.uncertainty import (
    Interval,
    Mean,
    PairedTest,
    bootstrap_mean,
    bootstrap_people,
    holm,
    mean_of,
    paired_permutation,
)

__all__ = [
    "RULES",
    "Candidate",
    "Case",
    "Curve",
    "Effects",
    "Interval",
    "Mean",
    "ModelScore",
    "PairedTest",
    "RegionTooLargeError",
    "SplitHalf",
    "area_ratio",
    "auc",
    "auc_uniform",
    "bootstrap_mean",
    "bootstrap_people",
    "candidates",
    "causal_advantage",
    "chance_level",
    "compare_region_with_map",
    "consensus_map",
    "consensus_region",
    "curve_from_points",
    "curve_picture",
    "deletion_curve",
    "dice",
    "effects",
    "enrichment",
    "equal_area_region",
    "fleiss_kappa",
    "holm",
    "human_coverage",
    "insertion_curve",
    "iou",
    "kl",
    "krippendorff_alpha",
    "mass",
    "mean_of",
    "mean_pairwise_iou",
    "model_coverage",
    "necessities",
    "necessity",
    "normalised_score",
    "nss",
    "nss_points",
    "outside_blurred",
    "paired_permutation",
    "pairwise_iou",
    "pearson",
    "pointing_game",
    "random_region",
    "random_regions",
    "rank_accuracy",
    "region_from_map",
    "removals",
    "score_interval",
    "shared_interest_case",
    "similarity",
    "smoothed_masks",
    "spearman",
    "split_half",
    "sufficiency",
    "tied_pixels",
]
