"""What a participant did before she left or lent her browser to somebody is neither lost nor another's."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from db import participants
from tests.browser.application import Application
from tests.browser.conftest import Watched
from tests.browser.participant import ParticipantPage, responses, storage
from tests.browser.test_taking_part import OFFLINE, participant_of, person, study

POLES = {"low": "no", "high": "yes"}
OPTIONS = {"options": [{"key": key, "text": f"Option {key}"} for key in "abcd"]}
# A question of every kind; the last three are left out.
EVERY_QUESTION: list[dict[str, Any]] = [
    {"kind": "likert", "key": "likert", "text": "How hard?", "steps": 5, **POLES},
    {"kind": "slider", "key": "slider", "text": "How much?", **POLES},
    {"kind": "choice", "key": "one", "text": "Which?", "shuffled": True, **OPTIONS},
    {"kind": "choice", "key": "several", "text": "Which of them?", "several": True, **OPTIONS},
    {"kind": "text", "key": "words", "text": "Why?"},
    {"kind": "number", "key": "number", "text": "How old?"},
    {"kind": "slider", "key": "untouched", "text": "How much else?", "optional": True, **POLES},
    {"kind": "likert", "key": "unsaid", "text": "How easy?", "optional": True, **POLES},
    {"kind": "text", "key": "unwritten", "text": "And?", "optional": True},
]
NO_PAGE = r"net::ERR_FAILED|Failed to fetch|Callback failed"


def strokes(application: Application, participant: str) -> int:
    with storage(application.data_dir) as stored, stored.database.read() as transaction:
        row = participants.participant_row(transaction, participant)
        return len(participants.drawing_events(transaction, row))


OUTBOX = """async ([what, count]) => {
  const opening = indexedDB.open("regionscope-participant", 1);
  await new Promise((resolve) => (opening.onsuccess = resolve));
  const reading = opening.result.transaction("outbox").objectStore("outbox").getAll();
  await new Promise((resolve) => (reading.onsuccess = resolve));
  opening.result.close();
  const kinds = reading.result.map(({ path, body }) => body.events?.[0].kind ?? path.split("/").pop());
  return kinds.filter((kind) => what === null || kind === what).length === count;
}"""


def keeps(her: ParticipantPage, what: str | None, count: int) -> None:
    """Waits until so much of a kind, None of any, lies unsent in the browser."""
    her.page.wait_for_function(OUTBOX, arg=[what, count])


def another_tab(her: ParticipantPage, slug: str, search: str = "") -> ParticipantPage:
    tab = ParticipantPage(her.page.context.new_page(), her.origin)
    tab.open(slug, search)
    return tab


@pytest.mark.console(OFFLINE)
def test_a_tab_closed_offline_opens_with_what_was_drawn_in_it(watched: Watched, application: Application) -> None:
    study(application, "closed")
    her = person(watched, application, "closed")
    her.begin()
    her.agree()
    her.page.context.set_offline(True)
    her.stroke((0.3, 0.3), (0.5, 0.5))
    her.stroke((0.5, 0.3), (0.3, 0.5))
    keeps(her, "stroke", 2)
    expect(her.trouble).to_be_visible()
    her.page.close()
    her.page.context.set_offline(False)
    again = another_tab(her, "closed")
    again.at("trial:0").has_strokes(2)
    again.done()
    again.at("trial:1")
    assert strokes(application, participant_of(again)) == 2


@pytest.mark.console(OFFLINE)
def test_what_was_answered_offline_is_not_asked_again(watched: Watched, application: Application) -> None:
    study(application, "answered")
    her = person(watched, application, "answered")
    her.begin()
    her.agree()
    her.page.context.set_offline(True)
    her.stroke((0.3, 0.3), (0.5, 0.5))
    her.has_strokes(1)
    her.done()
    keeps(her, "answers", 1)
    expect(her.trouble).to_be_visible()
    her.page.close()
    her.page.context.set_offline(False)
    again = another_tab(her, "answered")
    again.page.wait_for_function("() => window.regionscope?.participant?.scene?.step")
    again.at("trial:1")
    assert responses(application.data_dir, participant_of(again))["trial:0"]["region"]


@pytest.mark.console(OFFLINE)
def test_looking_away_and_back_keeps_what_is_on_its_way(watched: Watched, application: Application) -> None:
    study(application, "away")
    her = person(watched, application, "away")
    her.begin()
    her.agree()
    her.page.context.set_offline(True)
    her.stroke((0.3, 0.3), (0.5, 0.5))
    her.has_strokes(1)
    expect(her.trouble).to_be_visible()
    her.page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    her.stroke((0.5, 0.3), (0.3, 0.5))
    her.has_strokes(2)
    asked = her.page.expect_response(lambda response: "_dash-update-component" in response.url)
    with asked:
        her.page.context.set_offline(False)
    her.at("trial:0").has_strokes(2)
    expect(her.trouble).to_be_hidden()


def test_two_ids_in_one_browser_never_mix(watched: Watched, application: Application) -> None:
    study(application, "shared")
    first = person(watched, application, "shared", "?PROLIFIC_PID=a")
    first.begin()
    second = another_tab(first, "shared", "?PROLIFIC_PID=b")
    second.begin()
    ids = [participant_of(first), participant_of(second)]
    assert ids[0] != ids[1]
    first.act("consent").click()
    # The browser is the second one's by now, so the first has to say again that she goes on.
    first.at(None)
    assert [list(responses(application.data_dir, one)) for one in ids] == [["consent"], []]
    first.act("begin").click()
    first.at("instructions")
    second.act("consent").click()
    second.at(None)
    assert [list(responses(application.data_dir, one)) for one in ids] == [["consent"], ["consent"]]


def test_what_is_filled_in_and_not_sent_is_hers_again_after_a_reload(
    watched: Watched, application: Application
) -> None:
    asked = {"key": "about", "title": "About you", "when": "before", "questions": EVERY_QUESTION}
    trials = [{"kind": "mark", "key": "mark", "of": "top"}]
    block = {"key": "main", "images": {"set": "one"}, "trials": trials}
    study(application, "filled", questionnaires=[asked], instructions=[], blocks=[block], factors=[])
    first = person(watched, application, "filled", "?PROLIFIC_PID=a")
    first.begin()
    first.act("consent").click()
    page = first.at("questionnaire:about").page
    first.choose("likert", 1)
    first.choose("likert", 3)
    page.locator("#question-slider").press("ArrowRight")
    page.locator("[data-question='one'] input[value='c']").check()
    for key in "bda":
        page.locator(f"[data-question='several'] input[value='{key}']").check()
    page.locator("[data-question='several'] input[value='b']").uncheck()
    page.locator("#question-words").fill("Grün,\n<b>weil</b>")
    page.locator("#question-number").fill("42")

    second = another_tab(first, "filled", "?PROLIFIC_PID=b")
    second.begin()
    second.act("consent").click()
    second.at("questionnaire:about")
    expect(second.page.locator(".question input:checked")).to_have_count(0)
    expect(second.page.locator("#question-words")).to_have_value("")
    expect(second.page.locator("#question-slider")).to_have_class(re.compile("is-untouched"))
    second.page.locator("#question-words").fill("The second's")

    # The browser is the second one's by now.
    page.reload()
    first.at(None).act("begin").click()
    first.at("questionnaire:about")
    expect(page.locator("[data-question='likert'] input:checked")).to_have_value("4")
    expect(page.locator("#question-slider")).to_have_value("51")
    expect(page.locator("#question-slider")).not_to_have_class(re.compile("is-untouched"))
    expect(page.locator("[data-question='one'] input:checked")).to_have_value("c")
    expect(page.locator("[data-question='several'] input:checked")).to_have_count(2)
    expect(page.locator("#question-words")).to_have_value("Grün,\n<b>weil</b>")
    expect(page.locator("#question-number")).to_have_value("42")
    expect(page.locator("#question-untouched")).to_have_class(re.compile("is-untouched"))
    ids = [participant_of(first), participant_of(second)]
    assert first.half_filled() == sorted(ids)
    first.done()
    first.at("trial:0")
    said = {"likert": 4, "slider": 51, "one": "c", "several": ["a", "d"], "words": "Grün,\n<b>weil</b>", "number": 42}
    left_out = {"untouched": None, "unsaid": None, "unwritten": None}
    assert responses(application.data_dir, ids[0])["questionnaire:about"] == said | left_out
    assert first.half_filled() == [ids[1]]

    first.choose("sure", 3)
    page.reload()
    first.at("trial:0")
    expect(page.locator("[data-question='sure'] input:checked")).to_have_value("4")
    assert first.half_filled() == sorted(ids)
    page.locator("#later summary").click()
    page.locator("#withdraw-field").fill(page.locator(".big-code").inner_text())
    first.act("withdraw").click()
    first.at(None)
    assert first.half_filled() == [ids[1]]


@pytest.mark.console(NO_PAGE)
def test_a_page_that_does_not_come_is_asked_for_again(watched: Watched, application: Application) -> None:
    study(application, "again")
    her = person(watched, application, "again")
    her.begin()
    left = [1, 2]

    def fail(route: Route) -> None:
        if left:
            left.pop()
            route.abort()
        else:
            route.continue_()

    her.page.route(re.compile("_dash-update-component"), fail)
    her.act("consent").click()
    expect(her.trouble).to_contain_text("The next page could not be loaded.")
    her.at("instructions")
    expect(her.trouble).to_be_hidden()
    assert left == []


@pytest.mark.console(OFFLINE)
def test_on_a_lab_computer_what_the_last_one_left_unsent_arrives_and_the_next_begins_anew(
    watched: Watched, application: Application
) -> None:
    study(application, "lab", fresh_start=True)
    first = person(watched, application, "lab")
    first.begin()
    first.agree()
    one = participant_of(first)
    first.page.context.set_offline(True)
    first.stroke((0.3, 0.3), (0.5, 0.5))
    first.choose("sure", 3)
    keeps(first, "stroke", 1)
    expect(first.trouble).to_be_visible()
    assert first.half_filled() == []
    first.page.close()
    first.page.context.set_offline(False)
    second = another_tab(first, "lab")
    second.begin()
    assert participant_of(second) != one
    keeps(second, None, 0)
    assert strokes(application, one) == 1
    assert strokes(application, participant_of(second)) == 0


def test_previews_begin_anew_and_are_not_the_link(watched: Watched, application: Application) -> None:
    study(application, "looked-at")
    her = person(watched, application, "looked-at", "?preview=1")
    her.begin()
    expect(her.page.locator(".preview-note")).to_be_visible()
    first = participant_of(her)
    her.page.reload()
    her.at("consent")
    assert participant_of(her) == first
    again = another_tab(her, "looked-at", "?preview=1")
    again.begin()
    assert participant_of(again) != first
    link = another_tab(her, "looked-at")
    link.at(None)
    link.begin()
    expect(link.page.locator(".preview-note")).to_have_count(0)
    assert participant_of(link) not in (first, participant_of(again))


def test_declining_leads_back_with_a_code(watched: Watched, application: Application) -> None:
    ending: dict[str, Any] = {"code": "NOTHANKS", "redirect": "https://recruiter.example/done?cc=NOTHANKS"}
    study(application, "declined", declined=ending)
    her = person(watched, application, "declined")
    her.begin()
    her.act("decline").click()
    expect(her.page.locator(".notice")).to_have_text("You do not take part. Nothing about you was kept.")
    expect(her.page.locator(".big-code")).to_have_text("NOTHANKS")
    expect(her.page.locator("a.btn")).to_have_attribute("href", ending["redirect"])
    assert responses(application.data_dir, participant_of(her)) == {}


def test_a_window_that_is_made_too_small_says_so(watched: Watched, application: Application) -> None:
    study(application, "narrow")
    her = person(watched, application, "narrow", viewport={"width": 640, "height": 800})
    her.begin()
    her.agree()
    her.page.set_viewport_size({"width": 300, "height": 800})
    expect(her.trouble).to_contain_text("the picture must be at least 300 pixels large")
    her.page.reload()
    expect(her.trouble).to_contain_text("the picture must be at least 300 pixels large")
    her.page.set_viewport_size({"width": 640, "height": 800})
    expect(her.trouble).to_be_hidden()
    her.at("trial:0").stroke((0.3, 0.3), (0.5, 0.5))
    her.has_strokes(1)
