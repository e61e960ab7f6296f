"""A participant gets her own way and nothing else; somebody who is not one gets the entrance and nothing else."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dashboard import access
from dashboard.recording.ids import new_id
from dashboard.studies.keys import keys_of
from db import participants
from db.study_models import Participant
from tests.accounts.test_access import assert_nothing, calls, guarded
from tests.support.edits import rectangle
from tests.support.visiting import Visitor

OWN = [name for name in access.PARTICIPANTS if name.startswith("participants.")]


def addresses(server, endpoints):
    values = {"slug": "small", "token": "x", "trial": new_id(), "what": "picture", "number": 0}
    adapter = server.url_map.bind("localhost")
    for rule in server.url_map.iter_rules():
        if rule.endpoint in endpoints:
            method = "POST" if "POST" in rule.methods else "GET"
            yield method, adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments})


def test_a_participant_gets_nothing_of_the_researchers(server):
    her = Visitor(server)
    her.begin()
    for method, address, _rule in guarded(server):
        assert_nothing(her.client.open(address, method=method, json={}))


def test_a_participant_reaches_no_callback_of_the_researchers(app):
    her = Visitor(app.server)
    her.begin()
    for body in calls(app):
        assert_nothing(her.client.post("/_dash-update-component", json=body))
        through = her.client.post("/s/_dash-update-component", json=body)
        assert through.status_code >= 400, body["output"]


def test_nobody_else_gets_anything_of_a_way(server):
    visitor = Visitor(server)
    outside = ("participants.begin", "participants.resume", "participants.withdrawn")
    inside = [name for name in OWN if name not in outside]
    found = list(addresses(server, inside))
    assert len(found) == len(inside) == 8
    for method, address in found:
        answer = visitor.client.open(address, method=method, json={"id": new_id()})
        assert (answer.status_code, set(answer.get_json())) == (403, {"error"})


def test_the_entrance_begins_nothing_and_tells_nothing_of_the_study_within(server, workspace):
    visitor = Visitor(server)
    shown = visitor.ask()
    assert "A small study" in shown.text
    for inside in ("You mark a picture", "Gradient", "DONE42", "Remove as little", "most_edits"):
        assert inside not in shown.text
    with workspace.database.read() as transaction:
        assert transaction.scalars(select(Participant)).all() == []


def test_pictures_are_hers_alone_and_come_when_she_does(server):
    her, other = Visitor(server), Visitor(server)
    her.begin()
    other.begin()
    scene = her.go_to("trial:0")
    assert her.client.get(scene["source"]).mimetype == "image/png"
    assert other.client.get(scene["source"]).status_code == 403
    assert other.client.get(scene["source"].partition("?")[0]).status_code == 422
    assert Visitor(server).client.get(scene["source"]).status_code == 403
    second = her.go_to("trial:1")
    assert other.client.get(second["source"]).status_code == 403
    assert her.client.get(f"/s/small/media/{scene['trial']}/both.png").status_code == 422
    assert her.client.get(f"/s/small/media/{scene['trial']}/map.png").status_code == 422


def test_a_later_trials_pictures_are_not_to_be_had_before(server, workspace):
    her = Visitor(server)
    participant = her.begin()
    her.go_to("consent")
    with workspace.database.read() as transaction:
        row = participants.participant_row(transaction, participant)
        trials = [trial.public_id for trial in participants.trials_of(transaction, row)]
    for trial in trials:
        for what in ("picture", "prepared", "map", "edit-1"):
            assert her.client.get(f"/s/small/media/{trial}/{what}.png").status_code == 422


@pytest.mark.parametrize(("condition", "told"), [("answers=shown", True), ("answers=hidden", False)])
def test_hidden_answers_are_not_in_the_traffic(server, workspace, condition, told):
    with workspace.database.read() as transaction:
        labels = workspace.catalogue.load("efficientnet_lite0").card.labels
        study = participants.find_study(transaction, "small")
        assert study is not None
    for _ in range(2):
        her = Visitor(server)
        participant = her.begin()
        with workspace.database.read() as transaction:
            if participants.participant_row(transaction, participant).condition == condition:
                break
    scene = her.go_to("trial:1")
    removed = her.post("/api/v1/edits", trial=scene["trial"], parent=None, shapes=[rectangle()])
    assert removed.status_code == 200
    undone = her.post("/api/v1/moves", trial=scene["trial"], edit=None)
    says = [scene["says"], removed.get_json()["says"], undone.get_json()["says"]]
    heard = [any("The computer says:" in line for line in lines) for lines in says]
    assert heard == [told] * 3
    # The task itself names the class that has to go; the percentages and later answers come from the model alone.
    for answer in (removed, undone):
        assert any(f": {label} (" in answer.text for label in labels) is told
        assert (answer.get_json()["flipped"] is None) is not told


def test_a_token_is_not_to_be_guessed(server, workspace):
    her = Visitor(server)
    participant = her.begin()
    token = keys_of(workspace.settings.data_dir).token(participant)
    for wrong in (participant, f"{participant}.", f"{participant}.{'0' * 64}", token[:-1], token + "0", "ü"):
        stranger = Visitor(server)
        stranger.client.get(f"/s/small/resume/{wrong}")
        assert stranger.post("/api/v1/answers", step="consent", answers={"agreed": True}).status_code == 403
    friend = Visitor(server)
    assert friend.client.get(f"/s/small/resume/{token}").headers["Location"].startswith("/s/small")
    assert friend.scene()["step"] == "consent"


def test_the_recruiters_id_alone_opens_nobodys_way(server):
    search = "?PROLIFIC_PID=p1&STUDY_ID=s"
    parameters = {"PROLIFIC_PID": "p1", "STUDY_ID": "s", "campaign": "x"}
    her = Visitor(server, search=search)
    assert her.begin(parameters=parameters) == her.begin(parameters=parameters)
    stranger = Visitor(server, search=search)
    refused = stranger.enter(parameters=parameters)
    assert (refused.status_code, refused.get_json()["reason"]) == (409, "elsewhere")
    assert stranger.post("/api/v1/events", events=[]).status_code == 403


def test_nothing_is_kept_of_address_and_user_agent(server, workspace):
    her = Visitor(server)
    her.client.environ_base.update(REMOTE_ADDR="203.0.113.7", HTTP_USER_AGENT="Mozilla/5.0 Firefox/150.0 Secret/1")
    participant = her.begin(client={"device": "phone", "pointer": "touch", "window": [400, 800], "extra": "Secret"})
    with workspace.database.read() as transaction:
        row = participants.participant_row(transaction, participant)
        kept = row.client
    assert kept == {
        "browser": "Firefox",
        "device": "phone",
        "pointer": "touch",
        "window": [400.0, 800.0],
        "pixel_ratio": None,
    }


def test_only_researchers_get_previews(server, workspace):
    stranger = Visitor(server)
    participant = stranger.begin(preview=True)
    with workspace.database.read() as transaction:
        assert participants.participant_row(transaction, participant).preview is False


def test_cookies_are_kept_from_scripts_and_other_sites(server):
    her = Visitor(server)
    answer = her.enter()
    for cookie in (her.opened.headers["Set-Cookie"], answer.headers["Set-Cookie"]):
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/s/" in cookie
    over_https = server.test_client().get("/s/small", base_url="https://localhost")
    assert "Secure" in over_https.headers["Set-Cookie"]
    assert her.client.post("/s/small/decline", json={}, headers={"Origin": "https://elsewhere"}).status_code == 403
