"""Marking what matters: regions are saved beside the picture, listed, renamed, deleted, and never change it."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP
from tests.browser.explore import ExplorePage
from tests.support.waiting import wait_until

HEAD = [(200, 80), (260, 80), (260, 130), (200, 130)]
BODY = [(300, 180), (360, 180)]


def marking(explore: ExplorePage) -> ExplorePage:
    explore.by_id("mode-mark").click()
    expect(explore.by_id("mode-mark")).to_have_attribute("aria-pressed", "true")
    expect(explore.by_id("save-region")).to_be_visible()
    return explore


def draw(explore: ExplorePage, points=HEAD) -> None:
    explore.drag(points)
    expect(explore.by_id("save-region")).to_be_enabled()
    explore.ready()


def save(explore: ExplorePage) -> None:
    lines = explore.page.locator(".region-line")
    before = lines.count()
    explore.by_id("save-region").click()
    expect(lines).to_have_count(before + 1)
    explore.ready()


def with_lite1(explore: ExplorePage) -> None:
    explore.by_id("model-select").click()
    explore.page.get_by_text("EfficientNet-Lite1", exact=True).last.click()
    explore.page.keyboard.press("Escape")
    column = '#modified-predictions [data-column="probability:efficientnet_lite1"]'
    expect(explore.page.locator(column).first).to_be_attached()
    explore.ready()


def has_three_colours(explore: ExplorePage) -> bool:
    """Whether the person's, the model's and the common pixels lie over the picture."""
    return len(explore.images()) == 2 and len(colours(explore)) == 4


def colours(explore: ExplorePage) -> set[tuple[int, ...]]:
    pixels = explore.layer(len(explore.images()) - 1)
    return {tuple(colour) for colour in np.unique(pixels.reshape(-1, 4), axis=0).tolist()}


def test_a_region_is_marked_and_changes_no_picture(explore):
    marking(explore)
    before = explore.layer(0)
    draw(explore)
    explore.by_id("mark-name").fill("the head")
    explore.page.locator("#mark-sure label", has_text="4").click()
    explore.by_id("mark-why").fill("the eyes and ears")
    save(explore)
    expect(explore.by_id("saved")).to_have_text("saved ✓")
    [region] = explore.recorded.regions(explore.session)
    assert (region.name, region.confidence, region.reason) == ("the head", 4, "the eyes and ears")
    assert region.class_index == explore.answers()[0][0]
    assert 0 < region.mask_area < 0.2
    assert explore.edits() == []
    assert explore.frames.count() == 1
    assert np.array_equal(explore.layer(0), before)
    line = explore.page.locator(".region-line")
    expect(line).to_contain_text("the head")
    expect(line).to_contain_text("on the original")
    # The saved region is shown, and hidden by its eye.
    wait_until(lambda: len(explore.images()) == 2, "the saved region")
    line.get_by_role("button", name="Show or hide").click()
    expect(line.get_by_role("button", name="Show or hide")).to_have_attribute("aria-pressed", "false")


def test_several_classes_are_kept_apart_and_survive_a_reload(explore):
    marking(explore)
    draw(explore)
    save(explore)
    draw(explore, BODY)
    explore.by_id("mark-class").click()
    explore.page.get_by_placeholder("Search").last.fill("goldfish")
    explore.page.get_by_text("goldfish", exact=True).last.click()
    save(explore)
    explore.reload()
    marking(explore)
    lines = explore.page.locator(".region-line")
    expect(lines).to_have_count(2)
    expect(lines.last).to_contain_text("goldfish")


def test_a_region_is_renamed_and_deleted(explore):
    marking(explore)
    draw(explore)
    save(explore)
    line = explore.page.locator(".region-line")
    line.get_by_role("button", name="Rename").click()
    explore.by_id("region-name").fill("ears")
    explore.by_id("region-sure").fill("2")
    explore.by_id("region-save").click()
    expect(line).to_contain_text("ears")
    expect(line).to_contain_text("sure 2/5")
    line.get_by_role("button", name="Delete").click()
    expect(explore.note).to_contain_text("for good")
    explore.note.get_by_role("button", name="Delete").click()
    expect(line).to_have_count(0)
    assert explore.recorded.regions(explore.session) == []


def test_a_region_on_an_edited_picture_belongs_to_that_step(explore):
    explore.stroke(BODY)
    marking(explore)
    draw(explore)
    save(explore)
    expect(explore.page.locator(".region-line")).to_contain_text("on step 1")
    [region] = explore.recorded.regions(explore.session)
    assert region.edit == explore.last().id


def test_by_keyboard(explore):
    explore.page.keyboard.press("m")
    expect(explore.by_id("mode-mark")).to_have_attribute("aria-pressed", "true")
    draw(explore)
    explore.page.keyboard.press("Enter")
    expect(explore.page.locator(".region-line")).to_have_count(1)
    explore.ready()
    explore.page.keyboard.press("m")
    expect(explore.by_id("save-region")).to_be_hidden()
    explore.stroke(BODY)
    assert len(explore.edits()) == 1


def test_agreement_follows_the_rule_and_the_area(explore):
    marking(explore)
    expect(explore.by_id("agreement")).to_contain_text("Save a region")
    draw(explore)
    save(explore)
    agreement = explore.by_id("agreement")
    expect(agreement.locator(".agreement-sentence")).to_contain_text("You and EfficientNet-Lite0")
    only = agreement.locator(".legend li")
    expect(only).to_have_count(3)
    mine, models = only.nth(0).locator(".number"), only.nth(2).locator(".number")
    assert mine.inner_text() == models.inner_text()  # equal areas
    iou = agreement.locator('[data-metric="IoU"] .number').first
    before, shown = iou.inner_text(), models.inner_text()
    explore.by_id("agreement-rule").select_option("mean_sd")
    expect(models).not_to_have_text(shown)
    expect(iou).to_have_text(before)
    expect(explore.by_id("agreement-area")).to_be_hidden()


def test_the_picture_shows_who_uses_what(explore):
    marking(explore)
    draw(explore)
    save(explore)
    expect(explore.by_id("agreement").locator(".legend")).to_be_visible()
    wait_until(lambda: has_three_colours(explore), "the person's, the model's and the common pixels")
    assert colours(explore) == {(0, 0, 0, 0), (0, 114, 178, 255), (230, 159, 0, 255), (92, 30, 110, 255)}


def test_does_it_matter(explore):
    marking(explore)
    expect(explore.by_id("ask-effect")).to_be_disabled()
    draw(explore)
    save(explore)
    explore.by_id("ask-effect").click()
    effect = explore.by_id("effect")
    expect(effect).to_contain_text("30 random regions")
    expect(effect.locator(".work-progress")).to_have_count(0)
    expect(effect.locator(".js-plotly-plot .point")).to_have_count(32)
    expect(effect).to_contain_text("Causal advantage")
    # What was computed once is there at once.
    explore.by_id("mode-edit").click()
    marking(explore)
    explore.by_id("ask-effect").click()
    expect(effect).to_contain_text("30 random regions")
    expect(effect).to_contain_text("EfficientNet-Lite0 · Class activation map, equal area · removed by Telea")
    # What was found for one map is not another's.
    explore.by_id("agreement-source").select_option("gradcam")
    expect(effect).to_be_empty()
    expect(explore.by_id("ask-effect")).to_be_enabled()


def test_every_filling_says_how_much_it_decides(explore):
    marking(explore)
    draw(explore)
    save(explore)
    explore.page.get_by_label("by every method that there is").check()
    explore.by_id("ask-effect").click()
    effect = explore.by_id("effect")
    expect(effect).to_contain_text("the drop without the marked region goes from")
    expect(effect).to_contain_text(re.compile("agree on the order"))
    effect.get_by_role("button", name="Stop", exact=True).click()
    go_on = effect.get_by_role("button", name="go on")
    expect(go_on).to_be_visible()
    expect(explore.by_id("ask-effect")).to_be_enabled()
    go_on.click()
    expect(explore.by_id("ask-effect")).to_be_disabled()


def test_two_models_are_asked_whether_it_matters(explore):
    with_lite1(explore)
    marking(explore)
    draw(explore)
    save(explore)
    explore.by_id("ask-effect").click()
    rows = explore.by_id("effect").locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("EfficientNet-Lite1, Telea")
    expect(rows.nth(1).locator("td").nth(3)).to_have_text(re.compile(r"[+−]\d"))


def test_a_hidden_region_is_not_held_against_the_model_until_it_is_chosen_again(explore):
    marking(explore)
    draw(explore)
    save(explore)
    agreement = explore.by_id("agreement")
    expect(agreement.locator(".agreement-sentence")).to_be_visible()
    wait_until(lambda: len(explore.images()) == 2, "the picture of both regions")
    line = explore.page.locator(".region-line")
    line.get_by_role("button", name="Show or hide").click()
    expect(agreement).to_contain_text("Save a region")
    wait_until(lambda: len(explore.images()) == 1, "the picture alone")
    line.locator("[data-choose-region]").click()
    expect(agreement.locator(".agreement-sentence")).to_be_visible()
    wait_until(lambda: has_three_colours(explore), "the picture of both regions again")


def test_a_moved_area_goes_back_and_is_not_another_regions(explore):
    marking(explore)
    draw(explore)
    save(explore)
    shares = explore.by_id("agreement").locator(".legend .number")
    expect(shares).to_have_count(3)
    same, match = explore.by_id("match-area"), shares.nth(2)
    equal = match.inner_text()
    slider = explore.page.locator("#agreement-area [role=slider]")
    slider.press("PageUp")
    expect(match).not_to_have_text(equal)
    expect(same).to_have_attribute("aria-pressed", "false")
    rule = explore.by_id("agreement-rule").locator('option[value="area"]')
    expect(rule).to_have_text("the area chosen below")
    same.click()
    expect(match).to_have_text(equal)
    slider.press("PageUp")
    expect(match).not_to_have_text(equal)
    draw(explore, BODY)
    save(explore)
    expect(same).to_have_attribute("aria-pressed", "true")
    wait_until(lambda: shares.nth(0).inner_text() == shares.nth(2).inner_text(), "equal areas")


@pytest.mark.console("net::ERR_FAILED", "server did not respond")
def test_a_lost_answer_is_asked_for_again(open_page, watched):
    # A clock stays with its context.
    explore = open_page(context=watched.context(viewport=DESKTOP))
    explore.page.clock.install()
    marking(explore)
    draw(explore)
    agreement = "agreement-ask"

    def lose(route):
        route.abort() if agreement in (route.request.post_data or "") else route.continue_()

    explore.page.route("**/_dash-update-component*", lose)
    with explore.page.expect_event("requestfailed", lambda request: agreement in (request.post_data or "")):
        save(explore)
    explore.page.unroute("**/_dash-update-component*")
    explore.page.clock.fast_forward(21_000)
    expect(explore.by_id("agreement").locator(".agreement-sentence")).to_be_visible()


def test_another_model_is_held_against_the_same_region(explore):
    with_lite1(explore)
    marking(explore)
    draw(explore)
    save(explore)
    other = explore.by_id("agreement").get_by_role("row", name="EfficientNet-Lite1")
    expect(other).to_contain_text("0.")


@pytest.mark.console("net::ERR_FAILED")
def test_a_region_waits_for_the_server(explore):
    marking(explore)
    draw(explore)
    explore.page.route("**/api/v1/regions", lambda route: route.abort())
    explore.by_id("save-region").click()
    expect(explore.trouble).to_contain_text("Not saved")
    explore.page.unroute("**/api/v1/regions")
    expect(explore.page.locator(".region-line")).to_have_count(1)
    expect(explore.trouble).to_be_hidden()


def test_a_slow_map_shows_how_far_it_is_and_can_be_stopped(explore):
    marking(explore)
    draw(explore)
    save(explore)
    expect(explore.by_id("agreement").locator(".agreement-sentence")).to_be_visible()
    explore.by_id("agreement-source").select_option("flip")
    working = explore.by_id("agreement").locator(".work-progress")
    expect(working).to_be_visible()
    expect(explore.by_id("agreement")).to_contain_text("of the picture")
    working.get_by_role("button", name="Stop", exact=True).click()
    expect(working.get_by_role("button", name="go on")).to_be_visible()
    explore.by_id("agreement-source").select_option("gradcam")
    expect(explore.by_id("agreement")).to_contain_text("Grad-CAM")


def test_the_models_region_is_kept_among_the_regions(explore):
    marking(explore)
    draw(explore)
    save(explore)
    explore.by_id("keep-model-region").click()
    expect(explore.page.locator(".region-line")).to_have_count(2)
    expect(explore.page.locator(".region-line .patch.is-model")).to_have_count(1)
    explore.page.locator(".region-line [data-choose-region]").last.click()
    expect(explore.by_id("agreement")).to_contain_text("This region is a model's")


def test_the_settings_of_a_map_decide_what_it_shows(explore):
    marking(explore)
    draw(explore)
    save(explore)
    agreement = explore.by_id("agreement")
    explore.by_id("agreement-source").select_option("occlusion")
    window = explore.page.get_by_label("Window, input px").first
    expect(window).to_be_visible()
    window.fill("112")
    stride = explore.page.get_by_label("Stride, input px").first
    stride.fill("56")
    stride.press("Tab")
    expect(agreement).to_contain_text("by Occlusion")
    inside = agreement.locator('[data-metric="AUC (region)"] .number').first
    by_the_mean = inside.inner_text()
    explore.page.get_by_label("Filling").first.select_option("telea")
    expect(inside).not_to_have_text(by_the_mean)
    explore.by_id("keep-model-region").click()
    expect(explore.page.locator(".region-line")).to_have_count(2)
    kept = [region for region in explore.recorded.regions(explore.session) if region.kind == "occlusion"]
    settings = kept[0].parameters["settings"]
    assert (settings["window"], settings["stride"], settings["filling"]) == (112, 56, "telea")
    # What cannot be used is said, and what was shown stays.
    window.fill("1000")
    window.press("Tab")
    expect(explore.by_id("note")).to_contain_text("Window, input px must be between 1 and 512.")
    expect(agreement).to_contain_text("by Occlusion")


def test_the_pictures_own_label_can_be_marked(explore):
    marking(explore)
    explore.by_id("mark-class").click()
    explore.page.get_by_placeholder("Search").last.fill("true label")
    explore.page.get_by_text("tabby (true label)").last.click()
    draw(explore)
    save(explore)
    [region] = explore.recorded.regions(explore.session)
    assert region.class_name == "tabby"
    assert region.class_index is not None


def test_another_map_chosen_before_the_first_answer_keeps_the_areas_equal(explore):
    marking(explore)
    draw(explore)
    save(explore)
    explore.reload()
    marking(explore)
    explore.page.locator("[data-choose-region]").first.click()
    explore.by_id("agreement-source").select_option("gradcam")
    agreement = explore.by_id("agreement")
    expect(agreement).to_contain_text("by Grad-CAM")
    shares = agreement.locator(".legend .number")
    assert shares.nth(0).inner_text() == shares.nth(2).inner_text()
