"""Nobody floods a study, and nobody who works is held up."""

from __future__ import annotations

import pytest

from dashboard.participants import limits
from dashboard.participants.limits import A_MINUTE, Limiter
from tests.support.visiting import Visitor


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_so_many_at_once_and_as_many_again_a_minute():
    clock = Clock()
    limiter = Limiter({"edits": 60}, clock)
    assert [limiter.seconds_to_wait("edits", "her") for _ in range(60)] == [0] * 60
    assert limiter.seconds_to_wait("edits", "her") == 1
    assert limiter.seconds_to_wait("edits", "somebody else") == 0
    clock.now = 0.5
    assert limiter.seconds_to_wait("edits", "her") == 1
    clock.now = 1.0
    assert limiter.seconds_to_wait("edits", "her") == 0
    clock.now = 1_000.0
    assert [limiter.seconds_to_wait("edits", "her") for _ in range(60)] == [0] * 60
    assert limiter.seconds_to_wait("edits", "her") == 1


def test_what_has_no_limit_is_not_counted():
    assert Limiter({}).seconds_to_wait("anything", "her") == 0


def test_memory_does_not_grow_with_the_people(monkeypatch):
    monkeypatch.setattr(limits, "MOST_KEPT", 10)
    limiter = Limiter({"edits": 1}, Clock())
    for number in range(50):
        assert limiter.seconds_to_wait("edits", str(number)) == 0
    assert limiter.seconds_to_wait("edits", "49") == 60
    assert limiter.seconds_to_wait("edits", "0") == 0


@pytest.fixture
def strict(app):
    app.server.extensions["regionscope-limits"] = Limiter({**A_MINUTE, "participants.events": 3}, Clock())
    return app.server


def test_a_flood_is_refused_with_the_time_to_wait_and_changes_nothing(strict):
    her = Visitor(strict)
    her.begin()
    sent = [her.post("/api/v1/events", events=[]) for _ in range(4)]
    assert [one.status_code for one in sent] == [200, 200, 200, 429]
    assert sent[-1].headers["Retry-After"] == "20"
    assert sent[-1].get_json() == {"error": "That was very much at once. It is sent again in 20 s."}
    other = Visitor(strict)
    other.begin()
    assert other.post("/api/v1/events", events=[]).status_code == 200


def test_beginning_is_limited_by_address(app):
    app.server.extensions["regionscope-limits"] = Limiter({"participants.begin": 2}, Clock())
    assert [Visitor(app.server).enter().status_code for _ in range(3)] == [200, 200, 429]


def test_the_page_itself_is_limited_by_address(app):
    app.server.extensions["regionscope-limits"] = Limiter({limits.SHOW: 2}, Clock())
    visitor = Visitor(app.server)
    assert [visitor.ask().status_code for _ in range(3)] == [200, 200, 429]
