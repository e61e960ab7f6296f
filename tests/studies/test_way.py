"""A participant's way over both databases: entered once, answered once, resumed, ended, erased."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from dashboard.recording.ids import RequestError, new_id
from dashboard.studies import drawing
from dashboard.studies.answering import Given, answer
from dashboard.studies.drawing import EditWish
from dashboard.studies.entering import enter
from dashboard.studies.errors import EntryError, StudyError
from dashboard.studies.leaving import decline, empty, withdraw, withdraw_with
from dashboard.studies.noting import Happening, note
from dashboard.studies.preparing import prepare
from dashboard.studies.timing import seconds_left
from dashboard.vision.shapes import parse_shapes
from db import models, participants, regions
from db.errors import ConflictError
from db.study_models import Participant, ParticipantEvent, Response, Study, Trial
from db.types import utc_now
from tests.support.edits import rectangle
from tests.support.participating import begin, entrance, give, go_on, open_study, place, usual_answer
from tests.support.pictures import add_small


@pytest.fixture
def study(stored):
    add_small(stored)
    return open_study(stored)


def count(stored, table):
    with stored.database.read() as transaction:
        return transaction.scalar(select(func.count()).select_from(table))


def wish(here, parent=None, shapes=None):
    return EditWish(new_id(), here.trial.id, parent, None, parse_shapes(shapes or [rectangle()]))


def test_the_whole_way_is_kept_step_by_step(stored, study):
    her = begin(stored)
    keys = []
    here = place(stored, her)
    assert here.number == 1
    while here.step:
        keys.append(here.step.key)
        here = go_on(stored, her, until=_following(here))
    assert keys == ["consent", "instructions", "trial:0", "trial:1", "questionnaire:about"]
    assert here.state == "finished"
    with stored.database.read() as transaction:
        row = participants.participant_row(transaction, her)
        marked = participants.response_to(transaction, row, "trial:0").answers
        erased = participants.response_to(transaction, row, "trial:1").answers
        region = regions.region(transaction, marked["region"])
        session = transaction.scalars(select(models.Session).where(models.Session.public_id == region.session)).one()
        assert (session.study, session.person) == ("small", here.person)
        assert row.ended_at is not None
    assert marked["sure"] == 4
    assert region.confidence == 4
    assert erased == {"edits": 0, "edit": None, "timed_out": False, "flipped": False, "removed_area": 0.0}


def _following(here):
    keys = [step.key for step in here.way]
    after = keys.index(here.step.key) + 1
    return keys[after] if after < len(keys) else None


def test_fifty_at_once_under_one_id_are_one_participant(stored, study):
    ways = [entrance(parameters={"PROLIFIC_PID": "p1"}) for _ in range(50)]
    with ThreadPoolExecutor(10) as pool:
        found = set(pool.map(lambda one: enter(stored, "small", one), ways))
    assert len(found) == 1
    assert count(stored, Participant) == 1
    assert count(stored, Trial) == 2


def test_an_id_alone_lets_nobody_into_anothers_way(stored, study):
    begin(stored, "hers", parameters={"PROLIFIC_PID": "p1"})
    with pytest.raises(EntryError) as refused:
        begin(stored, "somebody else's", parameters={"PROLIFIC_PID": "p1"})
    assert refused.value.reason == "elsewhere"
    assert count(stored, Participant) == 1


def test_the_same_answer_many_times_at_once_is_one_row(stored, study):
    her = begin(stored)
    given = Given(new_id(), "consent", {"agreed": True})
    with ThreadPoolExecutor(6) as pool:
        after = list(pool.map(lambda _: answer(stored, her, given), range(12)))
    assert {one.step.key for one in after} == {"instructions"}
    assert count(stored, Response) == 1


def test_two_tabs_answer_one_step_and_one_of_them_is_told(stored, study):
    her = begin(stored)

    def consent(_):
        try:
            return give(stored, her, "consent", agreed=True).step.key
        except ConflictError:
            return "told"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(consent, range(2))) == ["instructions", "told"]
    assert count(stored, Response) == 1


def test_an_id_stands_for_one_answer(stored, study):
    her, other = begin(stored), begin(stored, "another")
    same = new_id()
    answer(stored, her, Given(same, "consent", {"agreed": True}))
    with pytest.raises(ConflictError):
        answer(stored, her, Given(same, "instructions", {}))
    with pytest.raises(ConflictError):
        answer(stored, other, Given(same, "consent", {"agreed": True}))
    assert place(stored, other).step.key == "consent"


def test_steps_are_answered_in_their_order(stored, study):
    her = begin(stored)
    with pytest.raises(ConflictError):
        give(stored, her, "questionnaire:about", hard=3)
    with pytest.raises(RequestError):
        give(stored, her, "consent", agreed=False)
    assert count(stored, Response) == 0


def test_conditions_are_filled_evenly_and_previews_do_not_count(stored, study):
    begin(stored, "researcher", preview=True)
    for number in range(6):
        begin(stored, f"browser {number}")
    with stored.database.read() as transaction:
        study_row = participants.find_study(transaction, "small")
        filled = participants.filled(transaction, study_row, utc_now() - timedelta(hours=1))
    assert filled == {"answers=shown": 3, "answers=hidden": 3}


def test_a_place_that_nobody_works_on_is_given_away(stored):
    add_small(stored)
    open_study(stored, quota=2)
    first, _ = begin(stored, "first"), begin(stored, "second")
    with pytest.raises(EntryError) as refused:
        begin(stored, "third")
    assert refused.value.reason == "full"
    with stored.database.write() as transaction:
        participants.participant_row(transaction, first).seen_at = utc_now() - timedelta(hours=3)
    begin(stored, "third")
    assert begin(stored, "first") == first


def test_who_is_done_cannot_begin_again_unless_the_study_lets_her(stored):
    add_small(stored)
    open_study(stored, tries=2)
    her = begin(stored, parameters={"workerId": "w"})
    go_on(stored, her)
    again = begin(stored, parameters={"workerId": "w"})
    assert again != her
    go_on(stored, again)
    with pytest.raises(EntryError) as refused:
        begin(stored, parameters={"workerId": "w"})
    assert refused.value.reason == "again"


def test_nobody_enters_a_study_that_is_not_open(stored, study):
    with stored.database.write() as transaction:
        transaction.scalars(select(Study)).one().state = "paused"
    with pytest.raises(EntryError):
        begin(stored)
    assert count(stored, Participant) == 0
    begin(stored, preview=True)


def test_strokes_are_kept_as_they_are_drawn_and_taken_back(stored, study):
    her = begin(stored)
    here = go_on(stored, her, until="trial:0")
    strokes = [Happening(new_id(), "stroke", {"step": "trial:0", "shape": rectangle(x0=n)}, 5.0 + n) for n in range(3)]
    note(stored, her, strokes)
    note(stored, her, strokes)
    note(stored, her, [Happening(new_id(), "unstroke", {"step": "trial:0", "stroke": strokes[1].id})])
    left = drawing.strokes(stored, here, "trial:0")
    assert [one["id"] for one in left] == [strokes[0].id, strokes[2].id]
    assert drawing.strokes(stored, here, "trial:1") == []
    note(stored, her, [Happening(new_id(), "clear", {"step": "trial:0"})])
    assert drawing.strokes(stored, here, "trial:0") == []
    assert count(stored, ParticipantEvent) == 5


def test_an_event_that_cannot_be_kept_leaves_the_others_of_its_message_out(stored, study):
    her = begin(stored)
    good = Happening(new_id(), "focus", {"lost": True})
    for bad in (
        Happening(new_id(), "stroke", {"step": "trial:0", "shape": {"tool": "magic"}}),
        Happening(new_id(), "password", {}),
        Happening(new_id(), "focus", {"text": "\0"}),
        Happening(new_id(), "focus", {"text": "x" * 300_000}),
    ):
        with pytest.raises(Exception, match=r".+\."):
            note(stored, her, [good, bad])
    assert count(stored, ParticipantEvent) == 0


def test_removals_have_a_budget_that_undo_gives_back(stored, study):
    her = begin(stored)
    here = go_on(stored, her, until="trial:1")
    first = drawing.edit(stored, here, wish(here))
    assert (first.count, first.left) == (1, 1)
    second = drawing.edit(stored, here, wish(here, first.edit, [rectangle(30, 10, 40, 20)]))
    assert (second.count, second.left) == (2, 0)
    with pytest.raises(StudyError, match="No removals"):
        drawing.edit(stored, here, wish(here, second.edit))
    back = drawing.step_back(stored, here, new_id(), here.trial.id, first.edit, None)
    assert (back.count, back.left) == (1, 1)
    give(stored, her, "trial:1")
    with stored.database.read() as transaction:
        row = participants.participant_row(transaction, her)
        kept = participants.response_to(transaction, row, "trial:1").answers
    assert (kept["edits"], kept["edit"]) == (1, first.edit)
    assert kept["removed_area"] == pytest.approx(first.removed_area)
    with pytest.raises(ConflictError):
        drawing.edit(stored, place(stored, her), wish(here))


@pytest.mark.parametrize(("answered_ms", "late"), [(34_000.0, False), (36_001.0, True), (None, False)])
def test_an_answer_after_the_trials_time_says_so_whatever_the_browser_says(stored, answered_ms, late):
    add_small(stored)
    trials = [{"kind": "mark", "key": "mark", "of": "top", "seconds": 30}]
    open_study(stored, blocks=[{"key": "main", "images": {"set": "one"}, "trials": trials}], factors=[])
    her = begin(stored)
    go_on(stored, her, until="trial:0")
    note(stored, her, [Happening(new_id(), "shown", {"step": "trial:0"}, 1_000.0)])
    answer(stored, her, Given(new_id(), "trial:0", {"shapes": [], "timed_out": False}, answered_ms))
    with stored.database.read() as transaction:
        row = participants.participant_row(transaction, her)
        kept = participants.response_to(transaction, row, "trial:0")
        assert kept is not None
        assert kept.answers["timed_out"] is late


def test_declining_keeps_nothing_but_that_somebody_did(stored, study):
    her = begin(stored, parameters={"PROLIFIC_PID": "p1", "campaign": "x"}, client={"device": "tablet"})
    decline(stored, her)
    decline(stored, her)
    with stored.database.read() as transaction:
        row = participants.participant_row(transaction, her)
        kept = (row.state, row.external_id, row.parameters, row.client, row.withdrawal_code)
    assert kept == ("declined", None, {}, {}, None)
    assert count(stored, Trial) == 0
    with pytest.raises(EntryError):
        begin(stored, parameters={"PROLIFIC_PID": "p1"})


def test_withdrawing_erases_all_and_leaves_a_tombstone(stored, study):
    her = begin(stored, parameters={"PROLIFIC_PID": "p1"})
    here = go_on(stored, her, until="trial:1")
    note(stored, her, [Happening(new_id(), "focus", {"lost": True})])
    made = drawing.edit(stored, here, wish(here))
    with pytest.raises(StudyError, match="Nothing was erased"):
        withdraw(stored, her, "WRONG")
    for slug, wrong in (("small", "WRONG"), ("small", ""), ("small", "x" * 5_000), ("other", here.withdrawal_code)):
        with pytest.raises(StudyError, match="Nothing was erased"):
            withdraw_with(stored, slug, wrong)
    assert count(stored, models.Region) == 1
    with stored.database.read() as transaction:
        file = transaction.scalars(select(models.Edit.result_blob).where(models.Edit.public_id == made.edit)).one()
    assert withdraw_with(stored, "small", f" {here.withdrawal_code.lower()} ") == her
    for table in (Response, ParticipantEvent, Trial, models.Region, models.Edit, models.Session):
        assert count(stored, table) == 0
    assert file not in stored.blobs
    after = place(stored, her)
    assert (after.state, after.step, after.withdrawal_code) == ("withdrawn", None, None)
    assert count(stored, Participant) == 1
    with pytest.raises(ConflictError):
        note(stored, her, [Happening(new_id(), "focus", {"lost": True})])


@pytest.mark.parametrize("what", ["edit", "mark", "prepare", "move"])
def test_what_is_on_its_way_while_she_withdraws_leaves_nothing(stored, study, what):
    her = begin(stored)
    here = go_on(stored, her, until="trial:0" if what == "mark" else "trial:1")
    if what in ("edit", "move"):
        drawing.edit(stored, here, wish(here))
    doing = {
        "edit": lambda: drawing.edit(stored, here, wish(here)),
        "mark": lambda: give(stored, her, "trial:0", **usual_answer(here)),
        "prepare": lambda: prepare(stored, here, here.trial),
        "move": lambda: drawing.step_back(stored, here, new_id(), here.trial.id, None, None),
    }[what]
    with ThreadPoolExecutor(1) as pool:
        with stored.database.write() as transaction:
            row = participants.participant_row(transaction, her, locked=True)
            running = pool.submit(doing)
            with pytest.raises(TimeoutError):
                running.result(0.7)
            empty(transaction, row, "withdrawn")
        with pytest.raises(ConflictError, match="You have left the study"):
            running.result(30)
    for table in (Response, ParticipantEvent, Trial, models.Region, models.Edit, models.Session):
        assert count(stored, table) == 0


def test_who_draws_keeps_her_place(stored, study):
    her = begin(stored)
    here = go_on(stored, her, until="trial:1")
    first = drawing.edit(stored, here, wish(here))

    def be_away():
        with stored.database.write() as transaction:
            participants.participant_row(transaction, her).seen_at = utc_now() - timedelta(hours=2)

    def active():
        with stored.database.read() as transaction:
            study_row = participants.find_study(transaction, "small")
            return participants.filled(transaction, study_row, utc_now() - timedelta(hours=1)).total()

    for draws in (
        lambda: drawing.edit(stored, here, wish(here, first.edit)),
        lambda: drawing.step_back(stored, here, new_id(), here.trial.id, None, None),
    ):
        be_away()
        assert active() == 0
        draws()
        assert active() == 1


def test_a_removal_after_the_trials_time_is_refused(stored):
    add_small(stored)
    trials = [{"kind": "erase", "key": "erase", "method": "mean", "seconds": 30}]
    open_study(stored, blocks=[{"key": "main", "images": {"set": "one"}, "trials": trials}], factors=[])
    her = begin(stored)
    here = go_on(stored, her, until="trial:0")
    prepare(stored, here, here.trial)
    note(stored, her, [Happening(new_id(), "shown", {"step": "trial:0"}, 1_000.0)])
    drawing.edit(stored, here, replace(wish(here), client_ended_ms=34_000.0))
    with pytest.raises(StudyError, match="Time is over"):
        drawing.edit(stored, here, replace(wish(here), client_ended_ms=36_001.0))
    drawing.edit(stored, here, wish(here))
    with stored.database.write() as transaction:
        transaction.scalars(select(Trial)).one().shown_at = utc_now() - timedelta(seconds=40)
    with pytest.raises(StudyError, match="Time is over"):
        drawing.edit(stored, here, wish(here))
    with stored.database.read() as transaction:
        assert seconds_left(transaction, here.trial) == 0


@pytest.mark.parametrize("kind", ["rate", "compare"])
def test_when_the_time_is_over_what_is_there_is_the_answer(stored, kind):
    add_small(stored)
    asked = {"kind": "likert", "key": "hard", "text": "How hard?", "steps": 5, "low": "no", "high": "yes"}
    rate = {"questions": [asked, asked | {"key": "fair"}], "shown": ["picture"]}
    trials = [{"kind": kind, "key": "timed", "seconds": 30, **(rate if kind == "rate" else {})}]
    open_study(stored, blocks=[{"key": "main", "images": {"set": "one"}, "trials": trials}], factors=[])
    her = begin(stored)
    go_on(stored, her, until="trial:0")
    half = {"hard": 2, "fair": None} if kind == "rate" else {"more_like_me": None}
    with pytest.raises(RequestError):
        give(stored, her, "trial:0", **half, timed_out=False)
    assert give(stored, her, "trial:0", **half, timed_out=True).step.key == "questionnaire:about"
    with stored.database.read() as transaction:
        row = participants.participant_row(transaction, her)
        kept = participants.response_to(transaction, row, "trial:0").answers
    assert kept == half | {"timed_out": True}


def test_a_region_is_no_larger_than_the_design_lets_it_be(stored):
    add_small(stored)
    trials = [{"kind": "mark", "key": "mark", "of": "top", "largest_share": 0.01}]
    open_study(stored, blocks=[{"key": "main", "images": {"set": "one"}, "trials": trials}], factors=[])
    her = begin(stored)
    here = go_on(stored, her, until="trial:0")
    with pytest.raises(RequestError, match="more of the picture than you may"):
        give(stored, her, "trial:0", **usual_answer(here))
    assert (count(stored, models.Region), place(stored, her).step.key) == (0, "trial:0")
    give(stored, her, "trial:0", region=new_id(), shapes=[rectangle(8, 10, 10, 12)])
    assert count(stored, models.Region) == 1


@pytest.mark.parametrize("sure", [3.0, True, "3", 0, 6])
def test_only_a_whole_number_says_how_sure_she_is(stored, study, sure):
    her = begin(stored)
    go_on(stored, her, until="trial:0")
    with pytest.raises(RequestError, match="whole number from 1 to 5"):
        answer(stored, her, Given(new_id(), "trial:0", {"sure": sure}))
    assert place(stored, her).step.key == "trial:0"
