"""The tables and the maps: which classes are shown, by which models, and where they looked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Request, expect

from tests.browser.explore import ExplorePage
from tests.support.waiting import wait_until

EGYPTIAN_CAT = 285
TABLES = ("modified", "original")


def shows_map(explore: ExplorePage) -> bool:
    return all(len(explore.images(f"{name}-canvas")) == 2 for name in TABLES)


def test_both_tables_show_the_same_five_classes(explore: ExplorePage) -> None:
    explore.stroke([(150, 60), (220, 90)])
    modified, original = explore.answers("modified"), explore.answers("original")
    assert [index for index, _, _ in modified] == [index for index, _, _ in original]
    assert len(original) == 5
    assert original[0][:2] == (EGYPTIAN_CAT, "Egyptian cat")


def test_the_change_is_the_difference_of_the_probabilities(explore: ExplorePage) -> None:
    explore.stroke([(100, 40), (330, 200)])
    row = f'tr[data-class-index="{EGYPTIAN_CAT}"]'
    change = explore.page.locator(f'#modified-predictions {row} [data-column="change"]').inner_text()
    [number] = re.findall(r"[+−]?\d+\.\d", change)
    after, before = (float(explore.answers(name)[0][2]) for name in TABLES)
    assert float(number.replace("−", "-")) == pytest.approx(after - before, abs=0.11)
    assert ("▼" in change) == (after < before)


def test_a_click_on_an_answer_shows_its_map_and_another_hides_it(explore: ExplorePage) -> None:
    button = explore.page.locator("#modified-predictions tr button").first
    button.click()
    expect(explore.by_id("colour-bar")).to_be_visible()
    explore.ready()
    assert shows_map(explore)
    assert np.ptp(explore.layer(1).astype(int)) > 100, "a map has high and low places"
    button.click()
    expect(explore.by_id("colour-bar")).to_be_hidden()
    explore.ready()
    assert not shows_map(explore)


def test_grad_cam_is_another_map(explore: ExplorePage) -> None:
    explore.page.locator("#original-predictions tr button").first.click()
    expect(explore.by_id("colour-bar")).to_be_visible()
    explore.ready()
    cam = explore.layer(1, "original-canvas")
    explore.by_id("map-method").select_option("gradcam")
    wait_until(
        lambda: shows_map(explore) and not np.array_equal(explore.layer(1, "original-canvas"), cam), "another map"
    )
    explore.ready()


def test_own_scales_say_lowest_and_highest(explore: ExplorePage) -> None:
    explore.page.locator("#original-predictions tr button").first.click()
    expect(explore.by_id("scale-low")).to_have_text(re.compile(r"^−?\d"))
    explore.by_id("map-scale").select_option("own")
    expect(explore.by_id("scale-low")).to_have_text("lowest")


def test_sorting_by_the_new_five(explore: ExplorePage) -> None:
    explore.stroke([(60, 40), (380, 60), (60, 150), (380, 180), (80, 260)])
    explore.page.get_by_label("the modified").check()
    explore.ready()
    shares = [float(share) for _, _, share in explore.answers("modified")]
    assert shares == sorted(shares, reverse=True)
    rows = [[index for index, _, _ in explore.answers(name)] for name in TABLES]
    assert rows[0] == rows[1]


def test_a_class_can_be_found_and_pinned(explore: ExplorePage) -> None:
    explore.by_id("class-search").click()
    explore.page.get_by_placeholder("Search").last.fill("espresso maker")
    explore.page.get_by_role("option", name="espresso maker").click()
    for name in TABLES:
        row = explore.page.locator(f"#{name}-predictions tr", has_text="espresso maker")
        expect(row).to_have_attribute("data-class-index", "550")
        expect(row).to_contain_text("pinned")


def test_a_second_model_adds_a_column(explore: ExplorePage) -> None:
    explore.by_id("model-select").click()
    explore.page.get_by_role("option", name="EfficientNet-Lite1").click()
    explore.page.keyboard.press("Escape")
    for name in TABLES:
        cells = explore.page.locator(f'#{name}-predictions [data-column="probability:efficientnet_lite1"]')
        expect(cells).to_have_count(5)
        expect(cells.first).to_have_text(re.compile(r"^\d+\.\d$"))
    explore.ready()
    explore.stroke([(150, 60), (220, 90)])
    query = """SELECT COUNT(*) FROM predictions p JOIN edits e ON e.id = p.edit_id WHERE e.public_id = ?"""
    assert explore.recorded.rows(query, explore.last().id)[0][0] == 2


def test_what_is_unavailable_says_why(explore: ExplorePage) -> None:
    explore.page.get_by_text("cannot be used here").click()
    expect(explore.page.locator(".notes li", has_text="SqueezeNet")).to_contain_text("regionscope models --fetch")


def test_a_changed_top_answer_is_said_plainly(explore: ExplorePage) -> None:
    explore.by_id("operation-select").select_option("keep")
    expect(explore.by_id("method-select")).to_have_value("keep_blur")
    explore.stroke([(20, 20), (60, 30)])
    expect(explore.page.locator("#headline .flipped")).to_have_text(re.compile(r"^Egyptian cat → .+ \d+\.\d %$"))


def test_the_maps_opacity(explore: ExplorePage) -> None:
    explore.page.locator("#modified-predictions tr button").first.click()
    expect(explore.by_id("colour-bar")).to_be_visible()
    explore.ready()
    slider = explore.page.locator("#heatmap-opacity [role=slider]")
    share = int(slider.get_attribute("aria-valuenow") or 0)
    assert explore.images()[1]["opacity"] == pytest.approx(share / 100)
    strong = explore.screenshot()
    slider.press("ArrowLeft")
    for name in TABLES:
        canvas = f"{name}-canvas"
        wanted = pytest.approx((share - 5) / 100)
        wait_until(lambda id=canvas, wanted=wanted: explore.images(id)[1]["opacity"] == wanted, "a fainter map")
    explore.settled()
    assert not np.array_equal(explore.screenshot(), strong)
    slider.press("Home")
    wait_until(lambda: not shows_map(explore), "no map at all")


def test_one_scale_for_both_maps_or_one_each(explore: ExplorePage) -> None:
    explore.stroke([(150, 40), (260, 90), (150, 110)])
    with _scales_asked_for(explore) as asked:
        explore.page.locator("#modified-predictions tr button").first.click()
        expect(explore.by_id("colour-bar")).to_be_visible()
        explore.ready()
    assert len(asked) == 2
    assert len(set(asked.values())) == 1, "the same colour means the same value on both pictures"
    with _scales_asked_for(explore) as asked:
        explore.by_id("map-scale").select_option("own")
        expect(explore.by_id("scale-low")).to_have_text("lowest")
        explore.ready()
    assert len(set(asked.values())) == 2


@contextmanager
def _scales_asked_for(explore: ExplorePage) -> Iterator[dict[str, tuple[str, ...]]]:
    """The ends of the scale of each map that the page fetches meanwhile."""
    asked: dict[str, tuple[str, ...]] = {}

    def note(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.path.startswith("/media/maps/"):
            ends = parse_qs(parts.query)
            asked[parts.path] = (ends["low"][0], ends["high"][0])

    explore.page.on("request", note)
    yield asked
    explore.page.remove_listener("request", note)
