"""Whose way a browser goes on: her own, with her code another one's end, and a preview's beside it."""

from __future__ import annotations

import pytest

from dashboard.app import create_app
from dashboard.participants.cookies import TOKEN
from dashboard.participants.limits import LARGEST_ASK
from dashboard.recording.ids import new_id
from dashboard.studies.keys import keys_of
from db import participants
from db.study_models import Participant
from tests.support.accounts import NAME, PASSWORD, make_account, send_form
from tests.support.participating import DESIGN, open_study
from tests.support.pictures import add_small
from tests.support.visiting import Visitor

EVERYWHERE = {"classes": ["desktop", "tablet", "phone"]}


@pytest.fixture
def opened(workspace):
    """``opened(tries=2)``: a server with a study like that."""

    def opened(**changes):
        add_small(workspace)
        open_study(workspace, devices=EVERYWHERE, **changes)
        make_account(workspace.database)
        return create_app(workspace).server

    return opened


def responses(workspace, participant):
    with workspace.database.read() as transaction:
        row = participants.participant_row(transaction, participant)
        return participants.answered_steps(transaction, row)


def withdrawal_code(workspace, participant):
    with workspace.database.read() as transaction:
        return participants.participant_row(transaction, participant).withdrawal_code


def test_what_somebody_did_is_hers_though_the_browser_is_anothers_by_now(server, workspace):
    browser = Visitor(server)
    first = browser.begin(parameters={"PROLIFIC_PID": "a"})
    second = browser.begin(parameters={"PROLIFIC_PID": "b"})
    keys = keys_of(workspace.settings.data_dir)
    body = {"id": new_id(), "step": "consent", "answers": {"agreed": True}}
    sent = browser.client.post("/s/small/api/v1/answers", json=body, headers={TOKEN: keys.token(first)})
    assert sent.status_code == 200
    assert (responses(workspace, first), responses(workspace, second)) == ({"consent"}, set())
    again = browser.client.post("/s/small/api/v1/answers", json=body, headers={TOKEN: keys.token(second)})
    assert again.status_code == 409
    forged = browser.client.post("/s/small/api/v1/answers", json=body, headers={TOKEN: keys.token(first)[:-1] + "x"})
    assert forged.status_code == 403
    assert responses(workspace, second) == set()


def test_the_page_of_one_id_never_shows_the_way_of_another(server):
    browser = Visitor(server)
    first = browser.begin(parameters={"PROLIFIC_PID": "a"})
    browser.begin(parameters={"PROLIFIC_PID": "b"})
    assert browser.scene_of("?PROLIFIC_PID=b")["step"] == "consent"
    assert browser.scene_of("?PROLIFIC_PID=a")["step"] is None
    assert browser.scene_of(f"?p={first}")["step"] is None
    assert browser.begin(parameters={"PROLIFIC_PID": "a"}) == first


def test_her_code_is_enough_to_withdraw(server, workspace):
    her = Visitor(server)
    code = withdrawal_code(workspace, her.begin())
    stranger = Visitor(server)
    for wrong in ("", "WRONG", code[:-1], "\0", "x" * 5_000):
        refused = stranger.post("/withdraw", code=wrong)
        assert (refused.status_code, refused.get_json()) == (
            422,
            {"error": "This code is not known here. Nothing was erased."},
        )
    assert "Withdraw with a code" in stranger.ask().text
    erased = stranger.post("/withdraw", code=f" {code.lower()}")
    told = {"state": "withdrawn", "participant": her.scene()["participant"], "sentence": "Your answers are erased."}
    assert erased.get_json() == told
    assert stranger.post("/withdraw", code=code).status_code == 422
    assert her.scene()["state"] == "withdrawn"


def test_who_may_try_again_is_welcomed_when_she_comes_back(opened, workspace):
    her = Visitor(opened(tries=2, questionnaires=[]))
    first = her.begin()
    her.go_to(None)
    assert her.scene_of(f"?p={first}")["state"] == "finished"
    assert her.scene()["step"] is None
    assert "Begin" in her.ask().text
    second = her.begin()
    assert second != first
    her.go_to(None)
    assert her.scene()["state"] == "finished"


def test_each_preview_begins_anew_and_beside_the_researchers_own_part(opened, workspace):
    server = opened()
    researcher = Visitor(server, search="?preview=1")
    send_form(researcher.client, NAME, PASSWORD)
    first, second = researcher.begin(preview=True), researcher.begin(preview=True)
    assert first != second
    assert researcher.scene_of("?preview=1")["step"] is None
    assert researcher.scene_of(f"?preview=1&p={second}")["participant"] == second
    assert researcher.scene_of("")["step"] is None
    own = researcher.begin()
    assert researcher.scene_of("")["participant"] == own
    assert researcher.scene_of(f"?preview=1&p={second}")["participant"] == second
    with workspace.database.read() as transaction:
        previews = {row.public_id: row.preview for row in transaction.query(Participant)}
    assert previews == {first: True, second: True, own: False}


def test_an_odd_link_keeps_nobody_out(server, workspace):
    parameters = {"source": "x" * 3_000, "PROLIFIC_PID": "p1", "nul": "a\0b", "n" * 600: "1"}
    parameters |= {f"z{number}": "1" for number in range(80)}
    participant = Visitor(server).begin(parameters=parameters)
    with workspace.database.read() as transaction:
        row = participants.participant_row(transaction, participant)
        kept, external_id = row.parameters, row.external_id
    assert (external_id, kept["source"], kept["nul"], len(kept)) == ("p1", "x" * 500, "a?b", 50)


def test_a_task_that_is_not_accepted_yet_says_so_and_begins_nothing(server, workspace):
    search = "?assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE&workerId=w"
    turker = Visitor(server, search=search)
    assert "Accept the task first" in turker.ask().text
    assert "Begin" not in turker.ask().text
    refused = turker.enter(parameters={"assignmentId": "ASSIGNMENT_ID_NOT_AVAILABLE", "workerId": "w"})
    assert (refused.status_code, refused.get_json()["reason"]) == (409, "accept_first")


def test_the_page_may_ask_for_little_only(server):
    answer = Visitor(server).ask(search="x" * LARGEST_ASK)
    assert answer.status_code == 413


def test_what_is_refused_is_said_in_the_pages_language(server):
    her = Visitor(server)
    her.begin()
    german = {"Accept-Language": "de"}
    refused = her.client.post("/s/small/withdraw", json={"code": "WRONG"}, headers=german)
    assert refused.get_json() == {"error": "Diesen Code gibt es hier nicht. Nichts wurde gelöscht."}
    her.go_to("questionnaire:about")
    body = {"id": new_id(), "step": "questionnaire:about", "answers": {}}
    refused = her.client.post("/s/small/api/v1/answers", json=body, headers=german)
    assert refused.get_json() == {"error": "Diese Frage braucht eine Antwort."}


def test_a_trial_says_how_much_time_is_left(opened):
    mark = DESIGN["blocks"][0]["trials"][0] | {"seconds": 60}
    her = Visitor(opened(blocks=[DESIGN["blocks"][0] | {"trials": [mark]}], factors=[]))
    her.begin()
    scene = her.go_to("trial:0")
    assert 0 < scene["seconds"] <= 60
    assert her.scene()["seconds"] <= scene["seconds"]
