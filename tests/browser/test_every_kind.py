"""Each kind of step as a participant meets it: on a desktop with axe, on a phone by touch and in German, timed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from dashboard.studies.design_yaml import from_yaml
from dashboard.studies.kept import own_names
from tests.browser.application import Application
from tests.browser.conftest import Watched
from tests.browser.holding import Held
from tests.browser.participant import ParticipantPage, responses, storage
from tests.browser.test_accessibility import SIZES, violations
from tests.browser.test_taking_part import participant_of, person, study
from tests.support.participating import open_study

EVERY_KIND = Path(__file__).parents[2] / "docs" / "studies" / "every-kind.yaml"
ONE = {"set": "one"}
HARD = {"kind": "likert", "key": "hard", "text": "How hard?", "steps": 5, "low": "no", "high": "yes"}


def answer_fields(her: ParticipantPage) -> None:
    """Something for every question of the page."""
    for question in her.page.locator(".participant .question[data-question]").all():
        if question.get_attribute("data-kind") == "slider":
            question.locator("input").press("ArrowRight")
        elif question.get_attribute("data-kind") != "text":
            question.locator("input").first.check()


def test_every_kind_of_trial(watched: Watched, application: Application) -> None:
    design = from_yaml(EVERY_KIND.read_text(encoding="utf-8"))
    with storage(application.data_dir) as stored:
        open_study(stored, **design.model_dump(mode="json", by_alias=True))
    her = person(watched, application, design.slug)
    her.begin()
    her.act("consent").click()
    seen = []
    for step in ("trial:0", "trial:1", "trial:2", "truth:2", "trial:3", "trial:4", "trial:5"):
        her.at(step)
        kind = her.page.evaluate("() => window.regionscope.participant.scene.trialKind ?? 'truth'")
        seen.append(kind)
        if kind in ("mark", "erase", "explore"):
            her.stroke((0.3, 0.3), (0.6, 0.6))
            her.has_strokes(1) if kind == "mark" else her.has_removed()
        answer_fields(her)
        assert violations(her.page) == [], kind
        if kind == "explore":
            layers = "() => document.querySelectorAll('#modified-canvas image').length"
            assert her.page.evaluate(layers) == 2
            her.page.locator("#tools [data-act='map']").click()
            her.page.wait_for_function(f"() => ({layers})() === 1")
        her.done()
    her.ended()
    assert seen == ["mark", "erase", "predict", "truth", "explore", "rate", "compare"]
    kept = responses(application.data_dir, participant_of(her))
    assert (kept["trial:1"]["edits"], kept["trial:3"]["edits"], kept["trial:4"]["plausible"]) == (1, 1, 1)
    assert kept["trial:2"]["change"] == "yes"
    # What a trial keeps is known: no question may be called so.
    for position, kind in enumerate(one for one in seen if one != "truth"):
        asked = {"plausible", "share", "why"} if kind == "rate" else set()
        assert kept[f"trial:{position}"].keys() - asked <= own_names(kind), kind
    assert kept["trial:5"]["more_like_me"] in ("first", "second")


@pytest.mark.console(r"status of 422")
def test_practice_on_a_phone_by_touch_in_german(watched: Watched, application: Application) -> None:
    trials: list[dict[str, Any]] = [
        {"kind": "mark", "key": "m", "of": "top", "confidence": False, "largest_share": 0.5},
        {"kind": "erase", "key": "e", "method": "mean", "live_answers": False, "tools": ["brush"]},
        {"kind": "rate", "key": "r", "questions": [HARD]},
        {"kind": "compare", "key": "c", "second_method": "gradcam"},
    ]
    practice = [{"key": "warm_up", "images": ONE, "order": "fixed", "trials": trials}]
    languages = {"languages": ["en", "de"]}
    study(application, "practice", practice=practice, questionnaires=[], instructions=[], **languages)
    phone: dict[str, Any] = {"viewport": SIZES["phone"], "has_touch": True, "is_mobile": True, "locale": "de-DE"}
    her = person(watched, application, "practice", **phone)
    her.act("begin").tap()
    her.at("consent").act("consent").tap()
    told = {}
    for position in range(4):
        her.at(f"trial:{position}")
        if position == 0:
            her.page.locator("#tool-eraser").tap()
            her.tap(0.5, 0.5)
            expect(her.page.locator("#step-message")).to_contain_text("Noch ist nichts markiert")
            her.page.locator("#tool-brush").tap()
        if position < 2:
            her.tap(0.5, 0.5)
            her.has_strokes(1) if position == 0 else her.has_removed()
        answer_fields(her)
        her.act("next").tap()
        her.at(f"truth:{position}")
        assert violations(her.page) == []
        told[position] = her.page.locator("#way").inner_text()
        her.act("next").tap()
    assert "blau, was Sie markiert haben" in told[0]
    assert "% des Bildes entfernt (Schritte: 1)" in told[1]
    assert "Der Computer sagt „" in told[2]
    assert "Sie haben gewählt: Links." in told[3]
    her.at("trial:4")
    her.page.locator("#later summary").tap()
    her.page.locator("#withdraw-field").fill("WRONG")
    her.act("withdraw").tap()
    expect(her.page.locator("#withdraw-message")).to_have_text("Diesen Code gibt es hier nicht. Nichts wurde gelöscht.")
    wide, window = her.page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide == window


def test_a_trial_ends_by_itself_and_its_time_runs_on_over_a_reload(watched: Watched, application: Application) -> None:
    trials = [
        {"kind": "rate", "key": "long", "seconds": 3_600, "questions": [HARD]},
        {"kind": "rate", "key": "short", "seconds": 1, "questions": [HARD]},
    ]
    block = {"key": "main", "images": ONE, "order": "fixed", "trials": trials}
    finished = {"code": "DONE42", "redirect": "https://recruiter.example/done?cc=DONE42"}
    study(application, "timed", blocks=[block], factors=[], instructions=[], finished=finished)
    her = person(watched, application, "timed")
    her.begin()
    her.act("consent").click()
    her.at("trial:0")
    expect(her.page.locator("#seconds-left")).to_contain_text("60 min left")
    before = her.page.evaluate("() => window.regionscope.participant.scene.seconds")
    answer_fields(her)
    her.page.evaluate("() => sessionStorage.clear()")
    her.page.reload()
    her.at("trial:0")
    assert her.page.evaluate("() => window.regionscope.participant.scene.seconds") < before
    her.done()
    her.at("questionnaire:about")
    kept = responses(application.data_dir, participant_of(her))
    assert kept["trial:0"] == {"hard": 1, "timed_out": False}
    assert kept["trial:1"] == {"hard": None, "timed_out": True}
    answer_fields(her)
    expect(her.page.locator("a.btn")).to_have_count(0)
    her.done()
    her.ended()
    assert her.half_filled() == []
    expect(her.page.locator("a.btn")).to_have_attribute("href", finished["redirect"])


def test_more_than_may_be_marked_is_said_and_not_taken(watched: Watched, application: Application) -> None:
    trials = [{"kind": "mark", "key": "mark", "of": "top", "largest_share": 0.02, "confidence": False}]
    study(application, "little", blocks=[{"key": "main", "images": ONE, "trials": trials}], factors=[], instructions=[])
    her = person(watched, application, "little")
    her.begin()
    her.act("consent").click()
    her.at("trial:0")
    her.stroke((0.1, 0.1), (0.9, 0.9))
    expect(her.page.locator("#step-message")).to_contain_text("at most 2.0 % may be marked")
    her.done()
    expect(her.page.locator("#step-message")).to_contain_text("at most 2.0 % may be marked")
    her.page.locator("#tools [data-act='undo']").click()
    expect(her.page.locator("#step-message")).to_have_text("")
    her.at("trial:0")
    assert "trial:0" not in responses(application.data_dir, participant_of(her))


def test_nothing_moves_under_the_finger_when_the_picture_comes(watched: Watched, application: Application) -> None:
    trials = [{"kind": "rate", "key": "rate", "shown": ["picture", "map"], "questions": [HARD]}]
    study(application, "slow", blocks=[{"key": "main", "images": ONE, "trials": trials}], factors=[], instructions=[])
    her = person(watched, application, "slow")
    pictures = Held(her.page, "**/media/**")
    her.begin()
    her.act("consent").click()
    her.at("trial:0")
    question = her.page.locator("[data-question='hard']")
    expect(question).to_be_visible()
    before = question.bounding_box()
    pictures.let_go(2)
    has_come = "[...document.querySelectorAll('.shown-picture img')].every((one) => one.complete && one.naturalWidth)"
    her.page.wait_for_function(f"() => {has_come}")
    assert question.bounding_box() == before
