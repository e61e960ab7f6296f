"""Everybody comes at once: a lock is held until all of them wait for it, and then let go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from benchmarks.disturbing import small_disk
from benchmarks.load import Plan, measure
from dashboard.recording.ids import new_id
from dashboard.studies.answering import Given, answer
from db import participants
from db.engine import Database
from db.study_models import Participant, Response
from tests.support.participating import begin, go_on, open_study
from tests.support.pictures import add_small
from tests.support.waiting import wait_until

AT_ONCE = 12


@pytest.fixture
def study(stored):
    add_small(stored)
    open_study(stored)


def all_at_once(stored, monkeypatch, act: Callable[[], Any]) -> list[Future[Any]]:
    """Calls ``act`` in ``AT_ONCE`` threads, none of which can write before all of them want to."""
    wanting: list[int] = []
    write = Database.write

    @contextmanager
    def counted(database: Database) -> Iterator[Any]:
        wanting.append(1)
        with write(database) as transaction:
            yield transaction

    with ThreadPoolExecutor(AT_ONCE) as pool:
        with write(stored.database) as transaction:
            study = participants.lock_study(transaction, "small")
            for her in transaction.query(Participant).filter_by(study_id=study.id):
                participants.participant_row(transaction, her.public_id, locked=True)
            monkeypatch.setattr(Database, "write", counted)
            asked = [pool.submit(act) for _ in range(AT_ONCE)]
            wait_until(lambda: len(wanting) >= AT_ONCE, "everybody wants to write")
        monkeypatch.setattr(Database, "write", write)
    return asked


def test_the_same_id_at_once_is_one_participant(stored, study, monkeypatch):
    def come() -> str:
        return begin(stored, parameters={"PROLIFIC_PID": "the same"})

    people = {one.result() for one in all_at_once(stored, monkeypatch, come)}
    assert len(people) == 1
    with stored.database.read() as transaction:
        assert transaction.query(Participant).count() == 1


def test_different_people_at_once_fill_the_conditions_equally(stored, study, monkeypatch):
    stored_quota = 10  # of the study; two have to be turned away
    came = all_at_once(stored, monkeypatch, lambda: begin(stored, new_id()))
    assert sum(one.exception() is not None for one in came) == AT_ONCE - stored_quota
    with stored.database.read() as transaction:
        conditions = [row.condition for row in transaction.query(Participant)]
    assert sorted(conditions) == ["answers=hidden"] * 5 + ["answers=shown"] * 5


def test_the_same_answer_at_once_is_one_row_and_one_reply(stored, study, monkeypatch):
    her = begin(stored)
    go_on(stored, her, until="questionnaire:about")
    given = Given(new_id(), "questionnaire:about", {"hard": 3})
    replies = [one.result() for one in all_at_once(stored, monkeypatch, lambda: answer(stored, her, given))]
    assert {(reply.state, reply.step, reply.answered) for reply in replies} == {("finished", None, replies[0].answered)}
    with stored.database.read() as transaction:
        assert transaction.query(Response).filter_by(step="questionnaire:about").count() == 1


def test_nothing_is_lost_to_five_seconds_of_a_lock_and_of_a_full_disk(cache_dir, tmp_path, monkeypatch):
    monkeypatch.setenv("REGIONSCOPE_DEVICE", "cpu")
    with small_disk(tmp_path / "run") as disk:
        (tmp_path / "run" / "data").mkdir()
        (tmp_path / "run" / "data" / "cache").symlink_to(cache_dir)
        kinds = ("lock", "full") if disk else ("lock",)
        rows, is_sound = measure(tmp_path / "run", Plan(people=6, at_once=6, think_s=0.05, kill=kinds), "disturbed")
    assert is_sound, rows
