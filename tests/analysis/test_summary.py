from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import ndimage

from dashboard import analysis

RANDOM = np.random.default_rng(0)
HUMAN = np.zeros((20, 30), bool)
HUMAN[4:12, 5:15] = True
MAP = (HUMAN + RANDOM.normal(0, 0.4, HUMAN.shape)).astype(np.float32)

NAMES = [
    "iou", "dice", "human_coverage", "model_coverage", "area_ratio",
    "pointing_game", "mass", "enrichment", "rank_accuracy", "auc", "nss",
    "pearson", "spearman", "similarity", "kl",
]  # fmt: skip


def test_every_metric_by_its_name_with_its_own_rule() -> None:
    found = analysis.compare_region_with_map(HUMAN, MAP, correct=True)
    matched = analysis.region_from_map(MAP, n=80)
    spread = analysis.region_from_map(MAP, "mean_sd")
    assert list(found)[:15] == NAMES
    for name in NAMES[:2]:
        assert found[name] == getattr(analysis, name)(HUMAN, matched)
    for name in NAMES[2:5]:
        assert found[name] == getattr(analysis, name)(HUMAN, spread)
    for name in NAMES[5:11]:
        assert found[name] == pytest.approx(getattr(analysis, name)(MAP, HUMAN), abs=1e-12)
        assert found["chance"][name] == analysis.chance_level(name, HUMAN)  # type: ignore[arg-type]
    for name in NAMES[11:]:
        assert found[name] == pytest.approx(getattr(analysis, name)(HUMAN, MAP), abs=1e-12)
    assert found["tied_pixels"] == 0
    case = analysis.shared_interest_case(HUMAN, spread, True)
    assert (found["case"]["name"], found["case"]["iou"]) == (case.name, case.iou)
    assert found["case"]["explanation"] == case.explanation
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("area", "area (n = 80)"),
        ("mean_sd", "mean_sd (k = 1)"),
        ("percentile", "percentile (p = 90)"),
        ("otsu", "otsu"),
    ],
)
def test_a_rule_that_is_named_holds_for_all(rule: str, words: str) -> None:
    region = analysis.region_from_map(MAP, rule, n=80)
    found = analysis.compare_region_with_map(HUMAN, MAP, rule)
    for name in NAMES[:5]:
        assert found[name] == getattr(analysis, name)(HUMAN, region)
    assert found["rule"] == words
    assert found["tied_pixels"] == (0 if rule == "area" else None)
    assert found["case"] is None


def test_settings_reach_the_rules() -> None:
    assert analysis.compare_region_with_map(HUMAN, MAP, "area", n=40)["area_ratio"] == 0.5
    assert analysis.compare_region_with_map(HUMAN, MAP, k=2)["area_ratio"] < 0.8
    assert "k = 2" in analysis.compare_region_with_map(HUMAN, MAP, k=2)["rule"]
    assert analysis.compare_region_with_map(HUMAN, MAP, "percentile", p=50)["area_ratio"] == pytest.approx(300 / 80)


def test_chance_is_that_of_the_tolerance() -> None:
    near = ndimage.distance_transform_edt(~HUMAN) <= 3
    found = analysis.compare_region_with_map(HUMAN, MAP, tolerance=3)["chance"]
    assert found["pointing_game"] == near.mean() > HUMAN.mean()
    assert found["mass"] == found["rank_accuracy"] == HUMAN.mean()
    # A map that points anywhere hits as often as that.
    hits = [analysis.pointing_game(place.reshape(HUMAN.shape), HUMAN, 3) for place in np.eye(HUMAN.size)]
    assert np.mean(hits) == pytest.approx(found["pointing_game"])


def test_a_model_region_has_no_metrics_of_maps() -> None:
    model = np.zeros_like(HUMAN)
    model[4:12, 5:10] = True
    found = analysis.compare_region_with_map(HUMAN, model, correct=False)
    assert found["iou"] == 0.5
    assert found["model_coverage"] == 1
    assert all(found[name] is None for name in NAMES[5:])
    assert (found["rule"], found["tied_pixels"], found["case"]["name"]) == ("as given", None, "confuser")


def test_a_consensus_map_counts_where_half_agree() -> None:
    consensus = HUMAN * 0.5 + 0.25
    found = analysis.compare_region_with_map(consensus, MAP)
    assert found["iou"] == analysis.compare_region_with_map(HUMAN, MAP)["iou"]
    assert found["pearson"] == pytest.approx(analysis.pearson(consensus, MAP))
    assert found["kl"] == pytest.approx(analysis.kl(consensus, MAP))


def test_a_region_of_numbers_is_what_is_not_zero() -> None:
    numbers = HUMAN.astype(np.uint8) * 255
    assert analysis.compare_region_with_map(numbers, MAP) == analysis.compare_region_with_map(HUMAN, MAP)


def test_undefined_metrics_are_none() -> None:
    found = analysis.compare_region_with_map(np.zeros_like(HUMAN), np.zeros_like(MAP), correct=True)
    assert all(found[name] is None for name in NAMES)
    assert set(found["chance"].values()) == {None}
    assert found["case"]["name"] == "undefined"
    assert found["case"]["iou"] is None
    json.dumps(found, allow_nan=False)


def test_ties_are_reported() -> None:
    assert analysis.compare_region_with_map(HUMAN, np.round(MAP))["tied_pixels"] > 0


def test_what_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="shapes"):
        analysis.compare_region_with_map(HUMAN, MAP[1:])
    with pytest.raises(ValueError, match="consensus"):
        analysis.compare_region_with_map(MAP, MAP)
    with pytest.raises(ValueError, match="best"):
        analysis.compare_region_with_map(HUMAN, MAP, "best")
