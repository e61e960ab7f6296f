"""A participant's whole way in a real browser: on a desktop and a phone, in German, offline, in two tabs, resumed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from dashboard.studies.wording import say
from db import participants
from tests.browser.application import Application
from tests.browser.conftest import Watched
from tests.browser.participant import ParticipantPage, responses, storage
from tests.browser.test_accessibility import LOOKS, SIZES, violations
from tests.support.participating import open_study

OFFLINE = r"net::ERR_(INTERNET_DISCONNECTED|NETWORK_CHANGED)"
TOLD = r"status of 409"
EVERYWHERE = {"classes": ["desktop", "tablet", "phone"], "canvas_px": 300}
GERMAN = {"languages": ["en", "de"], "title": {"en": "A small study", "de": "Eine kleine Studie"}}


def study(application: Application, slug: str, **changes: Any) -> None:
    pictures = {"one": {"pictures": ["Chelsea the cat"]}}
    with storage(application.data_dir) as stored:
        open_study(stored, slug=slug, image_sets=pictures, devices=EVERYWHERE, **changes)


def person(watched: Watched, application: Application, slug: str, search: str = "", **options: Any) -> ParticipantPage:
    her = ParticipantPage(watched.page(**options), application.origin)
    her.open(slug, search)
    return her


def drawn(application: Application, participant: str) -> list[tuple[str, float | None]]:
    """What a participant drew and took back, in the order of its arrival, with her own clock's times."""
    with storage(application.data_dir) as stored, stored.database.read() as transaction:
        row = participants.participant_row(transaction, participant)
        return [(event.kind, event.client_ms) for event in participants.drawing_events(transaction, row)]


def participant_of(her: ParticipantPage) -> str:
    found: str = her.page.evaluate("() => window.regionscope.participant.who")
    return found


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_the_whole_way(watched: Watched, application: Application, size: str, scheme: str) -> None:
    slug = f"whole-{size}-{scheme}"
    study(application, slug)
    her = person(watched, application, slug, "?PROLIFIC_PID=a&campaign=b", viewport=SIZES[size], color_scheme=scheme)
    expect(her.page.locator("html")).to_have_attribute("data-bs-theme", scheme)
    expect(her.act("begin")).to_be_visible()
    assert violations(her.page) == []
    her.begin()
    assert violations(her.page) == []
    her.agree()
    her.stroke((0.3, 0.3), (0.6, 0.6))
    her.has_strokes(1)
    her.choose("sure", 3)
    assert violations(her.page) == []
    wide, window = her.page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide == window
    her.done()
    her.at("trial:1").stroke((0.3, 0.3), (0.6, 0.6))
    expect(her.page.locator("#says")).to_contain_text("Removals left: 1")
    assert violations(her.page) == []
    her.done()
    her.at("questionnaire:about").done()
    expect(her.page.locator("#question-hard-message")).to_have_text("Please answer this.")
    her.choose("hard", 1)
    her.done()
    her.ended()
    expect(her.page.locator(".code").first).to_contain_text("DONE42")
    assert violations(her.page) == []
    kept = responses(application.data_dir, participant_of(her))
    assert list(kept) == ["consent", "instructions", "trial:0", "trial:1", "questionnaire:about"]
    assert (kept["trial:0"]["sure"], kept["trial:1"]["edits"], kept["questionnaire:about"]) == (4, 1, {"hard": 2})


@pytest.mark.console(TOLD)
def test_reload_back_and_a_second_tab_continue_where_she_was(watched: Watched, application: Application) -> None:
    study(application, "resumed")
    her = person(watched, application, "resumed")
    her.begin()
    her.agree()
    her.stroke((0.3, 0.3), (0.5, 0.5))
    her.stroke((0.5, 0.3), (0.3, 0.5))
    her.has_strokes(2)
    her.page.locator("#tools [data-act='undo']").click()
    her.has_strokes(1)
    expect(her.page.locator("#saved")).to_have_text("Saved")
    her.page.reload()
    her.at("trial:0").has_strokes(1)
    second = ParticipantPage(her.page.context.new_page(), application.origin)
    second.open("resumed")
    second.at("trial:0").has_strokes(1)
    her.done()
    her.at("trial:1")
    second.done()
    second.at("trial:1")
    her.page.go_back()
    her.page.go_forward()
    her.at("trial:1")
    assert list(responses(application.data_dir, participant_of(her))) == ["consent", "instructions", "trial:0"]


@pytest.mark.console(OFFLINE)
def test_what_is_done_offline_for_half_a_minute_arrives_in_order_and_once(
    watched: Watched, application: Application
) -> None:
    study(application, "offline")
    # A fresh browser, for its clock stays changed.
    her = ParticipantPage(watched.page(locale="en-GB"), application.origin)
    her.page.clock.install()
    her.open("offline")
    her.begin()
    her.agree()
    her.page.context.set_offline(True)
    began = her.page.evaluate("() => Date.now()")
    for count, (x, y) in enumerate([(0.3, 0.3), (0.5, 0.3), (0.3, 0.6)], 1):
        her.stroke((x, y), (x + 0.2, y + 0.2))
        her.has_strokes(count)
        expect(her.trouble).to_have_text(say("en", "offline"))
        # It is tried again all the while.
        with her.page.expect_request("**/api/v1/events"):
            her.page.clock.fast_forward(10_000)
    her.page.locator("#tools [data-act='undo']").click()
    her.has_strokes(2)
    her.choose("sure", 3)
    her.done()
    expect(her.page.locator("#saved")).to_have_text("Saving …")
    assert her.page.evaluate("() => Date.now()") - began >= 30_000
    participant = participant_of(her)
    assert drawn(application, participant) == []
    assert "trial:0" not in responses(application.data_dir, participant)
    her.page.context.set_offline(False)
    her.at("trial:1")
    expect(her.trouble).to_be_hidden()
    kinds, times = zip(*drawn(application, participant), strict=True)
    assert kinds == ("stroke", "stroke", "stroke", "unstroke")
    assert list(times) == sorted(times)
    assert times[-1] - times[0] >= 29_000
    kept = responses(application.data_dir, participant)
    assert list(kept) == ["consent", "instructions", "trial:0"]
    assert kept["trial:0"]["region"]
    assert kept["trial:0"]["sure"] == 4


@pytest.mark.console(OFFLINE)
@pytest.mark.parametrize("live", [True, False])
def test_offline_a_trial_that_removes_waits_and_says_why(
    watched: Watched, application: Application, live: bool
) -> None:
    slug = f"waits-{live}".lower()
    trials = [{"kind": "erase", "key": "erase", "method": "mean", "live_answers": live}]
    block = {"key": "main", "images": {"set": "one"}, "trials": trials}
    study(application, slug, blocks=[block], factors=[], instructions=[], languages=["en" if live else "de"])
    her = person(watched, application, slug)
    her.begin()
    her.act("consent").click()
    her.at("trial:0")
    asked: set[str] = set()
    removing = re.compile("/api/v1/(edits|moves)$")
    her.page.on("request", lambda one: asked.add(one.post_data_json["id"]) if removing.search(one.url) else None)
    her.page.context.set_offline(True)
    her.stroke((0.3, 0.3), (0.5, 0.5))
    language = "en" if live else "de"
    expect(her.trouble).to_have_text(f"{say(language, 'offline')} {say(language, 'offline_removing')}")
    # Nothing more is taken, not even by keyboard.
    her.stroke((0.5, 0.3), (0.3, 0.5))
    her.page.locator("#modified-canvas-box").press("Space")
    her.page.locator("#tools [data-act='undo']").click()
    her.page.context.set_offline(False)
    her.has_removed()
    expect(her.trouble).to_be_hidden()
    her.done()
    her.at("questionnaire:about")
    assert responses(application.data_dir, participant_of(her))["trial:0"]["edits"] == 1
    assert len(asked) == 1


@pytest.mark.console(r"status of (503|429)")
def test_a_full_disk_and_a_limit_are_said_and_what_was_refused_is_sent_again(
    watched: Watched, application: Application
) -> None:
    study(application, "refused")
    her = person(watched, application, "refused")
    her.begin()
    her.agree()
    full = {"error": "The server's disk is full; nothing was saved."}
    busy = {"error": "That was very much at once. It is sent again in 1 s."}
    refusals = [(503, full), (503, full), (429, busy)]
    sent: list[str] = []

    def refuse(route: Route) -> None:
        sent.append(route.request.post_data_json["id"])
        if not refusals:
            route.continue_()
            return
        status, answer = refusals.pop(0)
        route.fulfill(status=status, json=answer, headers={"Retry-After": "1"})

    her.page.route("**/api/v1/answers", refuse)
    her.stroke((0.3, 0.3), (0.5, 0.5))
    her.has_strokes(1)
    her.done()
    expect(her.trouble).to_contain_text("The server's disk is full; nothing was saved. Your work is kept")
    her.at("trial:1")
    expect(her.trouble).to_be_hidden()
    assert len(sent) == 4
    assert len(set(sent)) == 1
    assert responses(application.data_dir, participant_of(her))["trial:0"]["region"]


def test_on_another_device_with_the_private_link(watched: Watched, application: Application) -> None:
    study(application, "elsewhere")
    her = person(watched, application, "elsewhere")
    her.begin()
    her.agree()
    her.page.locator("#later summary").click()
    link = her.page.locator("[data-resume-link]").inner_text()
    assert re.fullmatch(rf"{re.escape(application.origin)}/s/elsewhere/resume/[0-9a-f.-]+", link)
    phone = ParticipantPage(watched.page(viewport=SIZES["phone"]), application.origin)
    phone.page.goto(link)
    phone.at("trial:0")
    assert participant_of(phone) == participant_of(her)


@pytest.mark.console(r"status of 422")
def test_in_german_and_withdrawn(watched: Watched, application: Application) -> None:
    study(application, "german", **GERMAN)
    her = person(watched, application, "german", locale="de-DE")
    expect(her.page.locator("h1")).to_have_text("Eine kleine Studie")
    expect(her.page.locator("html")).to_have_attribute("lang", "de")
    her.begin()
    expect(her.act("consent")).to_have_text("Ich habe das gelesen und möchte teilnehmen")
    her.agree()
    her.page.locator("#later summary").click()
    code = her.page.locator(".big-code").inner_text()
    her.page.locator("#withdraw-field").fill("WRONG")
    her.act("withdraw").click()
    expect(her.page.locator("#withdraw-message")).to_have_text("Diesen Code gibt es hier nicht. Nichts wurde gelöscht.")
    her.page.locator("#withdraw-field").fill(code)
    her.act("withdraw").click()
    expect(her.page.locator(".notice")).to_have_text("Ihre Antworten sind gelöscht.")
    assert responses(application.data_dir, participant_of(her)) == {}


def test_by_keyboard_alone(watched: Watched, application: Application) -> None:
    study(application, "keyboard")
    her = person(watched, application, "keyboard")
    her.at(None).act("begin").press("Enter")
    her.at("consent").act("consent").press("Enter")
    her.at("instructions").act("next").press("Enter")
    her.at("trial:0")
    canvas = her.page.locator("#modified-canvas-box")
    for key in ("ArrowLeft", "ArrowUp", "Space", "ArrowLeft", "Space"):
        canvas.press(key)
    her.has_strokes(2)
    her.act("next").press("Enter")
    her.at("trial:1")
    assert responses(application.data_dir, participant_of(her))["trial:0"]["region"]
