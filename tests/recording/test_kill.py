"""An edit that was acknowledged is on the disk, whenever the server is killed."""

from __future__ import annotations

import http.client
import random
import threading
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import select, text

from dashboard.recording.ids import new_id
from dashboard.recording.workspace import Workspace
from db import models
from tests.support.edits import edit_body, rectangle
from tests.support.pictures import add_small
from tests.support.rows import assert_whole
from tests.support.server import ServerProcess, post
from tests.support.waiting import wait_until

KILLS = 20
TABS = 2


@dataclass
class Tab:
    """A browser that draws without a pause and, like ours, sends again what was not acknowledged."""

    image: str
    session: str
    number: int
    acknowledged: list[dict[str, Any]] = field(default_factory=list)
    refused: list[Any] = field(default_factory=list)
    _unsent: dict[str, Any] | None = None

    def draw_until_it_breaks(self, port: int) -> None:
        while not self.refused:
            body = self._unsent = self._unsent or self._next()
            try:
                status, answer = post(port, "/api/v1/edits", body)
            except (OSError, http.client.HTTPException, ValueError):
                return
            (self.acknowledged if status == 200 else self.refused).append(answer)
            self._unsent = None

    def _next(self) -> dict[str, Any]:
        count = len(self.acknowledged)
        parent = self.acknowledged[-1]["id"] if self.acknowledged else None
        x, y = count * 7 % 50, (count * 3 + self.number) % 40
        method = "telea" if count % 2 else "noise"
        return edit_body(self.image, self.session, parent, method=method, shapes=[rectangle(x, y, x + 6, y + 5)])


def test_no_acknowledged_edit_is_lost_to_twenty_kills(settings, data_dir, tmp_path, monkeypatch):
    monkeypatch.setenv("REGIONSCOPE_DEVICE", "cpu")
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    opened = Workspace.open(settings)
    image = add_small(opened).id
    opened.close()
    session = new_id()
    # Two tabs on one session, and one on another.
    tabs = [Tab(image, session, number) for number in range(TABS)] + [Tab(image, new_id(), TABS)]
    for _ in range(KILLS):
        draw_and_kill(tabs, data_dir, tmp_path / "log", chance)

    reopened = Workspace.open(settings)
    assert_whole(reopened.database, reopened.blobs)
    acknowledged = [answer for tab in tabs for answer in tab.acknowledged]
    assert len(acknowledged) >= KILLS
    with reopened.database.read() as transaction:
        assert transaction.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
        assert transaction.execute(text("PRAGMA foreign_key_check")).all() == []
        rows = transaction.execute(select(models.Edit.public_id, models.Edit.result_blob, models.Edit.sequence)).all()
    kept = {row.public_id: f"/media/{row.result_blob}.png" for row in rows}
    assert len(kept) == len(rows)
    assert {answer["id"]: answer["image"] for answer in acknowledged}.items() <= kept.items()
    # What is kept without having been acknowledged is at most the last thing each tab sent.
    assert len(kept) <= len(acknowledged) + len(tabs)
    reopened.close()


def draw_and_kill(tabs: list[Tab], data_dir, log, chance: random.Random) -> None:
    """Starts the server, draws in all tabs, kills it at a random moment after something was acknowledged."""
    goal = sum(len(tab.acknowledged) for tab in tabs) + chance.randint(1, 12)

    def enough() -> bool:
        return sum(len(tab.acknowledged) for tab in tabs) >= goal or any(tab.refused for tab in tabs)

    with ServerProcess(data_dir, log) as server:
        server.wait_ready()
        threads = [threading.Thread(target=tab.draw_until_it_breaks, args=[server.port]) for tab in tabs]
        for thread in threads:
            thread.start()
        wait_until(enough, "acknowledged edits")
        threading.Event().wait(chance.uniform(0, 0.05))
        server.kill()
        for thread in threads:
            thread.join(60)
    refused = [answer for tab in tabs for answer in tab.refused]
    if refused:
        pytest.fail(f"the server refused {refused}")
