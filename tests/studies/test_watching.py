"""What a researcher sees of a study while it fills, and decides about participants."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dashboard.components import watching as shown
from dashboard.recording.ids import RequestError, new_id
from dashboard.studies import store, watching_people
from dashboard.studies.entering import check_entrance
from dashboard.studies.erasing import erase
from dashboard.studies.errors import EntryError, StudyError
from dashboard.studies.judging import judge
from dashboard.studies.leaving import decline, withdraw
from dashboard.studies.noting import Happening, note
from dashboard.studies.watched import Answered
from dashboard.studies.watching import pulse, watch
from dashboard.studies.watching_people import people
from db import participants
from db.errors import ConflictError, NotFoundError
from db.study_models import ParticipantEvent
from db.types import utc_now
from tests.support.participating import begin, go_on, open_study
from tests.support.pictures import add_small


@pytest.fixture
def study(stored):
    add_small(stored)
    return open_study(stored)


def gone(stored, participant: str, minutes: int) -> None:
    with stored.database.write() as transaction:
        participants.participant_row(transaction, participant, locked=True).seen_at = utc_now() - timedelta(
            minutes=minutes
        )


def judged(stored) -> tuple[str | None, str | None]:
    (her,) = people(stored, "small").people
    return her.excluded, her.flag


def test_participants_are_looked_for_and_turned_over(stored, study, monkeypatch):
    monkeypatch.setattr(watching_people, "A_PAGE", 2)
    ids = [begin(stored, f"browser {n}", parameters={"PROLIFIC_PID": f"pid_{n}"}) for n in range(5)]
    newest = people(stored, "small")
    assert (newest.number, newest.pages, newest.found) == (1, 3, 5)
    assert [one.id for one in newest.people] == [ids[4], ids[3]]
    assert [one.id for one in people(stored, "small", number=99).people] == [ids[0]]
    assert [one.id for one in people(stored, "small", "PID_3").people] == [ids[3]]
    assert people(stored, "small", "%").found == 0
    assert [one.id for one in people(stored, "small", newest.people[0].name.lower()).people] == [ids[4]]
    gone(stored, ids[1], minutes=91)
    decline(stored, ids[2])
    judge(stored, "small", ids[0], new_id(), "flag", "slow as ever")
    assert [one.id for one in people(stored, "small", "As Ever").people] == [ids[0]]
    assert [one.id for one in people(stored, "small", standing="timed_out").people] == [ids[1]]
    assert [one.id for one in people(stored, "small", standing="declined").people] == [ids[2]]
    assert people(stored, "small", standing="active").found == 3


def test_a_researcher_withdraws_whoever_tells_her_code(stored, study):
    her, other = begin(stored), begin(stored, "another")
    go_on(stored, her)
    with stored.database.read() as transaction:
        code = participants.participant_row(transaction, her).withdrawal_code
    with pytest.raises(StudyError, match="No participant of this study has this code"):
        erase(stored, "small", "NOTACODE22")
    with pytest.raises(StudyError, match="No participant"):
        erase(stored, "small", "")
    open_study(stored, slug="second")
    with pytest.raises(StudyError, match="No participant"):
        erase(stored, "second", code)
    assert erase(stored, "small", f" {code.lower()} ") == people(stored, "small").people[1].name
    standing = {one.id: one.standing for one in people(stored, "small").people}
    assert standing == {her: "withdrawn", other: "active"}


def test_a_study_that_nobody_began_has_its_conditions_and_nothing_in_them(stored, study):
    now = watch(stored, "small")
    assert [(one.condition, one.started, one.excluded) for one in now.conditions] == [
        ("answers=shown", 0, 0),
        ("answers=hidden", 0, 0),
    ]
    assert (now.answers, now.times, now.previews) == ([], [], 0)
    found = people(stored, "small")
    assert (found.people, found.number, found.pages, found.total) == ([], 1, 1, 0)


def test_everybody_stands_somewhere_and_previews_nowhere(stored, study):
    finished, active, away, declined, left = (begin(stored, f"browser {number}") for number in range(5))
    begin(stored, "mine", preview=True)
    go_on(stored, finished)
    go_on(stored, active, until="trial:0")
    gone(stored, away, minutes=91)
    decline(stored, declined)
    with stored.database.read() as transaction:
        code = participants.participant_row(transaction, left).withdrawal_code
    withdraw(stored, left, code)
    now = watch(stored, "small")
    assert now.total.counts == {
        "active": 1,
        "finished": 1,
        "declined": 1,
        "timed_out": 1,
        "screened_out": 0,
        "withdrawn": 1,
    }
    assert now.total.started == 5
    assert sum(one.started for one in now.conditions) == 5
    assert now.previews == 1
    by_id = {one.id: one for one in people(stored, "small").people}
    assert by_id[finished].standing == "finished"
    assert (by_id[finished].answered, by_id[finished].trials) == (2, 2)
    assert by_id[away].standing == "timed_out"
    assert [one.trial for one in by_id[finished].sittings] == ["mark", "erase"]
    assert now.answers[0].person == by_id[active].name
    assert now.answers[0].step == "instructions"


def test_the_pulse_changes_with_whatever_is_seen(stored, study):
    beats = [pulse(stored, "small")]

    def is_new() -> bool:
        beats.append(pulse(stored, "small"))
        return beats[-1] != beats[-2]

    her = begin(stored)
    assert is_new()
    go_on(stored, her, until="trial:0")
    assert is_new()
    judge(stored, "small", her, new_id(), "flag", "slow")
    assert is_new()
    store.pause(stored, "small")
    assert is_new()


def test_times_are_between_shown_and_answered_by_her_own_clock(stored, study):
    her = begin(stored)
    go_on(stored, her, until="trial:0")
    note(stored, her, [Happening(new_id(), "shown", {"step": "trial:0"}, 1_000.0)])
    with stored.database.write() as transaction:
        row = participants.participant_row(transaction, her)
        participants.trials_of(transaction, row)[0].answered_client_ms = 5_500.0
    (time,) = watch(stored, "small").times
    assert (time.block, time.trial, time.kind, time.n) == ("main", "mark", "mark", 1)
    assert (time.lower, time.median, time.upper) == (4.5, 4.5, 4.5)


def test_flags_and_exclusions_are_kept_with_their_reasons_and_can_be_taken_back(stored, study):
    her, event = begin(stored), new_id()
    judge(stored, "small", her, event, "exclude", " asleep ", "ada")
    judge(stored, "small", her, event, "exclude", "asleep", "ada")
    judge(stored, "small", her, new_id(), "flag", "slow")
    assert judged(stored) == ("asleep", "slow")
    assert watch(stored, "small").total.excluded == 1
    judge(stored, "small", her, new_id(), "include")
    judge(stored, "small", her, new_id(), "unflag")
    assert judged(stored) == (None, None)
    with stored.database.read() as transaction:
        kept = [(row.kind, row.payload) for row in transaction.query(ParticipantEvent).order_by(ParticipantEvent.id)]
    assert kept == [
        ("exclude", {"reason": "asleep", "by": "ada"}),
        ("flag", {"reason": "slow", "by": ""}),
        ("include", {"reason": "", "by": ""}),
        ("unflag", {"reason": "", "by": ""}),
    ]


def test_what_cannot_be_decided_changes_nothing(stored, study):
    her = begin(stored)
    open_study(stored, slug="other")
    with pytest.raises(RequestError, match="Say why"):
        judge(stored, "small", her, new_id(), "exclude", "  ")
    with pytest.raises(NotFoundError):
        judge(stored, "other", her, new_id(), "exclude", "because")
    with pytest.raises(ConflictError):
        judge(stored, "small", begin(stored, "mine", preview=True), new_id(), "flag", "because")
    assert judged(stored) == (None, None)


def test_the_quota_is_extended_without_a_new_version(stored, study):
    for number in range(10):
        go_on(stored, begin(stored, f"browser {number}"))
    with pytest.raises(EntryError, match="enough"):
        check_entrance(stored, "small")
    record = store.extend(stored, "small", 11)
    assert (record.quota, record.version) == (11, 1)
    check_entrance(stored, "small")
    for wrong in (0, 10_001):
        with pytest.raises(StudyError, match="quota"):
            store.extend(stored, "small", wrong)


def test_nobody_overwrites_what_somebody_else_has_changed(stored, study):
    design = store.get(stored, "small").design
    theirs = design.model_copy(update={"title": "Theirs"})
    store.save(stored, theirs, instead_of=design.sha256)
    mine = design.model_copy(update={"title": "Mine"})
    with pytest.raises(ConflictError, match="Somebody else"):
        store.save(stored, mine, instead_of=design.sha256)
    with pytest.raises(ConflictError, match="already"):
        store.save(stored, mine, instead_of="")
    assert store.get(stored, "small").design.title == "Theirs"
    assert store.save(stored, mine, instead_of=theirs.sha256).version == 3


@pytest.mark.parametrize(
    ("kind", "step", "answers", "words"),
    [
        ("mark", "trial:0", {"region": None, "sure": None}, "marked nothing"),
        ("mark", "trial:0", {"region": "x", "sure": 4}, "marked, sure 4 of 5"),
        ("erase", "trial:1", {"flipped": True, "edits": 3}, "the answer changed, 3 edits"),
        ("explore", "trial:1", {"edits": 2}, "2 edits"),
        (None, "consent", {"agreed": True}, "agreed"),
        (None, "instructions", {}, "read"),
        (None, "questionnaire:about", {"hard": 3, "why": None}, "hard: 3, why: –"),
    ],
)
def test_answers_in_words(kind, step, answers, words):
    assert shown.in_words(Answered("P1", step, kind, answers, utc_now())) == words
