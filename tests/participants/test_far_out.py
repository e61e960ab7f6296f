"""What no page sends: numbers, places and depths that whoever reads the answers could not bear."""

from __future__ import annotations

import json

import pytest

from dashboard.studies.answers import AnswerError, parse_answers
from dashboard.studies.questions import Number
from tests.support.visiting import Visitor


def event(step: str = "trial:0", **payload: object) -> dict[str, object]:
    return {"id": "0199d0a0-0000-7000-8000-000000000001", "kind": "shown", "payload": {"step": step, **payload}}


@pytest.mark.parametrize("moment", [1e16, -1e300])
def test_a_moment_lies_within_some_calendar(server, moment):
    browser = Visitor(server)
    browser.begin()
    answer = browser.post("/api/v1/events", events=[event() | {"client_ms": moment}])
    assert (answer.status_code, answer.get_json()["error"]) == (422, "client_ms lies outside of every calendar.")


def test_an_event_has_no_bottomless_payload(server):
    browser = Visitor(server)
    browser.begin()
    deep = json.loads("[" * 300 + "]" * 300)
    assert browser.post("/api/v1/events", events=[event(of=deep)]).status_code == 422
    assert browser.post("/api/v1/events", events=[event(of=[[[[[1.0]]]]])]).status_code == 200


@pytest.mark.parametrize("place", ["3000000000", "9" * 30, "9" * 5000, "²", "-1"])
def test_a_place_that_no_trial_has_notes_no_time(server, place):
    browser = Visitor(server)
    browser.begin()
    assert browser.post("/api/v1/events", events=[event(f"trial:{place}")]).get_json() == {"kept": 1}


def test_a_number_without_limits_has_one():
    asked = [Number(key="years", text={"en": "How old?"})]
    assert parse_answers(asked, {"years": 1e15}) == {"years": 10**15}
    with pytest.raises(AnswerError, match="outside of what is asked"):
        parse_answers(asked, {"years": 1e16})


@pytest.mark.parametrize("ask", [None, [], "x", 1, {"slug": ["small"], "search": 5}])
def test_the_page_answers_odd_questions_with_a_sentence(server, ask):
    assert Visitor(server).ask_of(ask).status_code in (200, 204)
