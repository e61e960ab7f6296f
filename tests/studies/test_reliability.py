"""What a participant was told is kept is kept: servers are killed, the database is locked, the disk is full."""

from __future__ import annotations

import sqlite3
import threading

import pytest
from sqlalchemy import event

from benchmarks.load import Plan, measure
from dashboard.app import create_app
from dashboard.recording.ids import new_id
from db.study_models import Response
from tests.support.participating import open_study
from tests.support.pictures import add_small
from tests.support.visiting import Visitor

LONG = "x" * 20_000
WRITING = {
    "key": "about",
    "title": "About you",
    "when": "before",
    "questions": [{"kind": "text", "key": "life", "text": "Tell us your life.", "longest": 20_000}],
}


@pytest.fixture
def server(workspace):
    add_small(workspace)
    open_study(workspace, questionnaires=[WRITING])
    return create_app(workspace).server


def kept(workspace) -> list[str]:
    with workspace.database.read() as transaction:
        return [row.step for row in transaction.query(Response).order_by(Response.id)]


def test_nothing_acknowledged_is_lost_to_the_kill_of_a_worker_and_of_the_server(cache_dir, tmp_path, monkeypatch):
    monkeypatch.setenv("REGIONSCOPE_DEVICE", "cpu")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "cache").symlink_to(cache_dir)
    rows, is_sound = measure(tmp_path, Plan(people=6, at_once=6, think_s=0.05, kill=("worker", "server")), "killed")
    assert is_sound, rows


def test_an_answer_waits_for_a_database_that_is_locked(workspace, server):
    her = Visitor(server)
    her.begin()
    other = sqlite3.connect(workspace.database.engine.url.database, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(1.5, lambda: other.execute("COMMIT"))
    release.start()
    answer = her.give("consent", agreed=True)
    release.join()
    other.close()
    assert answer.status_code == 200, answer.text
    assert kept(workspace) == ["consent"]


def test_a_full_disk_is_said_changes_nothing_and_what_was_refused_can_be_sent_again(workspace, server):
    engine = workspace.database.engine
    her = Visitor(server)
    her.begin()
    assert her.give("consent", agreed=True).status_code == 200
    most = {"pages": 1}  # SQLite takes no less than there are already

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={most['pages']}")

    event.listen(engine, "connect", limit)
    engine.dispose()
    body = {"id": new_id(), "step": "questionnaire:about", "answers": {"life": LONG}}
    refused = her.client.post("/s/small/api/v1/answers", json=body)
    assert refused.status_code == 503
    assert refused.get_json() == {"error": "The server's disk is full; nothing was saved."}
    assert refused.headers["Retry-After"] == "1"
    assert kept(workspace) == ["consent"]
    most["pages"] = 1_000_000
    engine.dispose()
    assert her.client.post("/s/small/api/v1/answers", json=body).status_code == 200
    assert her.client.post("/s/small/api/v1/answers", json=body).status_code == 200
    assert kept(workspace) == ["consent", "questionnaire:about"]
