"""A made-up classifier that knows one patch: the truth about every region can be said beforehand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dashboard import analysis
from dashboard.analysis import removal

HEIGHT, WIDTH = 40, 60
PATCH = np.zeros((HEIGHT, WIDTH), bool)
PATCH[10:20, 10:20] = True
IMAGE = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
IMAGE[PATCH] = 200


def predict(images: np.ndarray) -> np.ndarray:
    """Class 1: how much of the patch is still bright, exactly its share; class 0: the rest."""
    assert images.dtype == np.uint8
    share = (images[:, PATCH] > 150).all(axis=2).mean(axis=1)
    return np.stack([1 - share, share], axis=1).astype(np.float32)


def remove(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    assert mask.any()
    assert not mask.all()
    filled = image.copy()
    filled[mask] = 60
    return filled


def test_necessity_of_all_half_and_nothing() -> None:
    half = PATCH.copy()
    half[15:] = False
    assert analysis.necessity(IMAGE, PATCH, 1, predict, remove) == 1
    assert analysis.necessity(IMAGE, half, 1, predict, remove) == 0.5
    assert analysis.necessity(IMAGE, half, 0, predict, remove) == -0.5
    assert analysis.necessity(IMAGE, ~PATCH, 1, predict, remove) == 0
    assert analysis.necessity(IMAGE, np.zeros_like(PATCH), 1, predict, remove) == 0


def test_what_is_known_is_not_asked_again() -> None:
    asked: list[int] = []

    def counting(images: np.ndarray) -> np.ndarray:
        asked.append(len(images))
        return predict(images)

    analysis.necessity(IMAGE, PATCH, 1, counting, remove, before=1.0)
    assert asked == [1]
    found = analysis.necessities(IMAGE, [PATCH, ~PATCH, PATCH], 1, counting, remove, batch=2)
    assert found.tolist() == [1, 0, 1]
    assert asked == [1, 1, 2, 1]
    assert analysis.necessities(IMAGE, [], 1, predict, remove).shape == (0,)


def test_sufficiency_keeps_the_region_and_blurs_the_rest() -> None:
    assert analysis.sufficiency(IMAGE, PATCH, 1, predict) == 1
    assert analysis.sufficiency(IMAGE, ~PATCH, 1, predict) < 0.6
    blurred = analysis.outside_blurred(IMAGE, PATCH)
    assert blurred.dtype == np.uint8
    assert (blurred[PATCH] == IMAGE[PATCH]).all()
    # sd 3 px: at the patch's edge about half of its light reaches out, far away none.
    assert 100 < blurred[9, 15, 0] < 140
    assert (blurred[35, 50] == 60).all()


@pytest.mark.parametrize("blur", [0, -1, math.nan])
def test_blurs_that_are_none(blur: float) -> None:
    with pytest.raises(ValueError, match="blur"):
        analysis.outside_blurred(IMAGE, PATCH, blur)


def test_regions_must_have_the_pictures_size() -> None:
    for call in (
        lambda: analysis.necessity(IMAGE, PATCH[1:], 1, predict, remove),
        lambda: analysis.sufficiency(IMAGE, PATCH[1:], 1, predict),
        lambda: analysis.equal_area_region(PATCH, np.ones((3, 3))),
        lambda: analysis.deletion_curve(IMAGE, PATCH[1:], 1, predict, remove),
    ):
        with pytest.raises(ValueError, match="shape"):
            call()


def test_causal_advantage() -> None:
    assert analysis.causal_advantage(0.8, [0.1, 0.3]) == pytest.approx(0.6)
    assert math.isnan(analysis.causal_advantage(0.8, []))


def test_does_it_matter_finds_the_truth() -> None:
    values = np.zeros((HEIGHT, WIDTH), np.float32)
    values[25:35, 40:50] = 1  # a model's map that points elsewhere
    steps = analysis.removals(IMAGE, PATCH, values, 1, predict, remove, count=30, seed=1)
    human, drop = next(steps)
    assert (human.kind, drop) == ("human", 1)
    model, model_drop = next(steps)
    assert (model.kind, model_drop) == ("model", 0)
    assert model.region.sum() == PATCH.sum()
    rest = list(steps)
    assert [candidate.number for candidate, _ in rest] == list(range(30))
    random = [value for _, value in rest]
    found = analysis.effects(drop, model_drop, random)
    assert found.human == 1
    assert found.random_mean.value == pytest.approx(np.mean(random))
    assert found.random_mean.low < np.mean(random) < found.random_mean.high
    assert found.causal_advantage == pytest.approx(1 - np.mean(random))
    assert found.causal_advantage > 0.8
    assert found.random_low <= found.random_high <= 1
    assert found.random_at_least_human == 0


def test_a_constant_map_has_no_region_to_remove() -> None:
    _, (candidate, drop) = analysis.removals(IMAGE, PATCH, np.ones((HEIGHT, WIDTH)), 1, predict, remove, count=0)
    assert candidate.kind == "model"
    assert candidate.region.sum() == 0
    assert math.isnan(drop)


def test_too_large_a_region_shows_its_own_bar_first() -> None:
    corners = np.zeros((HEIGHT, WIDTH), bool)
    corners[0, 0] = corners[-1, -1] = corners[0, -1] = corners[-1, 0] = True
    steps = analysis.removals(IMAGE, corners, PATCH.astype(np.float32), 1, predict, remove)
    assert next(steps)[0].kind == "human"
    assert next(steps)[0].kind == "model"
    with pytest.raises(analysis.RegionTooLargeError):
        next(steps)


def test_effects_of_no_random_region() -> None:
    missing = analysis.effects(math.nan, 0.2, [0.1, 0.2])
    assert math.isnan(missing.random_at_least_human)
    assert math.isnan(missing.causal_advantage)
    found = analysis.effects(0.5, 0.2, [])
    assert math.isnan(found.causal_advantage)
    assert math.isnan(found.random_low)


def test_curves_fall_and_rise_where_the_patch_goes_first() -> None:
    # 2400 pixels in 24 steps: the patch is the first.
    values = PATCH + np.linspace(0, 0.5, PATCH.size).reshape(PATCH.shape)
    deletion = analysis.deletion_curve(IMAGE, values, 1, predict, remove, steps=24, method="telea")
    insertion = analysis.insertion_curve(IMAGE, values, 1, predict, remove, steps=24)
    assert deletion.name == "deletion (telea)"
    assert insertion.name == "insertion"
    assert deletion.shares == pytest.approx([step / 24 for step in range(25)])
    assert deletion.probabilities == (1, *[0] * 24)
    assert insertion.probabilities == (0, *[1] * 24)
    assert deletion.area == pytest.approx(1 / 48)
    assert insertion.area == pytest.approx(47 / 48)
    assert set(deletion.tied_pixels) == {0}


def test_curves_in_the_opposite_order() -> None:
    values = -PATCH.astype(np.float32)
    deletion = analysis.deletion_curve(IMAGE, values, 1, predict, remove, steps=4)
    assert deletion.probabilities == (1, 1, 1, 1, 0)
    assert deletion.area == pytest.approx(0.875)
    assert deletion.tied_pixels == (0, 2300, 2300, 2300, 0)


def test_the_picture_without_anything_is_its_mean_colour_or_what_is_given() -> None:
    picture = analysis.curve_picture("insertion", IMAGE, PATCH, 0, remove)
    assert picture.dtype == np.uint8
    assert (picture == round(60 + 140 * 100 / 2400)).all()
    black = np.zeros_like(IMAGE)
    assert analysis.curve_picture("deletion", IMAGE, PATCH, 20, remove, empty=black) is black
    assert (analysis.curve_picture("deletion", IMAGE, PATCH, 0, remove) == IMAGE).all()


def test_a_curve_point_by_point_is_the_whole_curve() -> None:
    values = np.arange(PATCH.size, dtype=np.float32).reshape(PATCH.shape)
    points = [
        removal.probability(analysis.curve_picture("insertion", IMAGE, values, step, remove, steps=7), 1, predict)
        for step in range(8)
    ]
    whole = analysis.insertion_curve(IMAGE, values, 1, predict, remove, steps=7, batch=3)
    assert analysis.curve_from_points("insertion", values, points) == whole


def test_curves_need_a_step() -> None:
    with pytest.raises(ValueError, match="steps"):
        analysis.insertion_curve(IMAGE, PATCH, 1, predict, remove, steps=0)
