"""Every address and every callback: nothing for somebody who is not signed in, everything for a researcher."""

from __future__ import annotations

import json

import dash
import pytest
from dash import _callback

from dashboard import access
from dashboard.app import create_app
from tests.support.accounts import signed_in

OPEN_ADDRESSES = {
    "/healthz",
    "/readyz",
    "/vendor/bootstrap.min.css",
    "/vendor/icons/<name>.svg",
    "/sign-in",
    "/assets/<path:filename>",
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",
    "/_favicon.ico",
}


def requests_of(server):
    """(method, address, endpoint) of everything that the server answers; OPTIONS among the methods."""
    adapter = server.url_map.bind("localhost")
    for rule in server.url_map.iter_rules():
        values = {name: 1 if "Integer" in type(kind).__name__ else "x" for name, kind in rule._converters.items()}
        address = adapter.build(rule.endpoint, values)
        for method in sorted(rule.methods):
            yield method, address, rule


def guarded(server):
    declared = access.OPEN | set(access.PARTICIPANTS)
    found = [each for each in requests_of(server) if each[2].endpoint not in declared]
    assert len(found) > 60
    return found


def assert_nothing(answer):
    assert answer.status_code in (303, 401), answer.text
    if answer.status_code == 303:
        assert answer.headers["Location"].startswith("/sign-in")
        assert answer.data == b""
    else:
        assert answer.data in (b"", b'{"error":"Sign in to use this."}\n')
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_is_open_is_a_short_list(server):
    assert {rule.rule for rule in server.url_map.iter_rules() if rule.endpoint in access.OPEN} == OPEN_ADDRESSES
    assert {rule.endpoint for rule in server.url_map.iter_rules()} >= access.OPEN | set(access.PARTICIPANTS)
    assert access.OPEN.isdisjoint(access.PARTICIPANTS)


def test_nobody_gets_anything_from_any_address(server, anonymous):
    for method, address, _rule in guarded(server):
        for headers in ({}, {"Origin": "http://localhost"}):
            answer = anonymous.open(address, method=method, json={}, headers=headers)
            assert_nothing(answer)
    assert not any("session" in header for header, _ in answer.headers)


@pytest.mark.parametrize(
    "address", ["/api/v1/nothing", "/studies/pilot/nothing", "/_mcp", "/static/pyproject.toml", "/nothing/at/all"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
def test_nobody_gets_anything_from_an_address_that_does_not_exist(anonymous, address, method):
    assert_nothing(anonymous.open(address, method=method))


def test_programs_are_answered_and_people_led_to_the_page(anonymous):
    assert anonymous.get("/").headers["Location"] == "/sign-in"
    assert (
        anonymous.get("/sessions?q=a&flipped=1").headers["Location"]
        == "/sign-in?next=%2Fsessions%3Fq%3Da%26flipped%3D1"
    )
    for address in ("/api/v1/rows", "/media/x.png", "/_dash-layout", "/_dash-dependencies", "/vendor/x"):
        assert anonymous.get(address).status_code == 401


def test_a_researcher_gets_through_everywhere(server):
    client = signed_in(server)
    for method, address, rule in guarded(server):
        if rule.endpoint == "sign_in.sign_out":
            continue
        answer = client.open(address, method=method, json={})
        assert answer.status_code not in (303, 401, 403), (method, address, answer.text)


# --- callbacks ------------------------------------------------------------------------------------------------------


@pytest.fixture
def reached(app, monkeypatch):
    """Which callbacks were reached; each answers with a word of its own instead of its work."""
    app.server.test_client().get("/healthz")
    app._setup_server()
    found: list[str] = []

    def answering(output):
        def answer(*_arguments, **_named):
            found.append(output)
            return json.dumps({"response": "the callback's answer"})

        return answer

    for callbacks in (app.callback_map, _callback.GLOBAL_CALLBACK_MAP):
        for output, about in callbacks.items():
            monkeypatch.setitem(about, "callback", answering(output))
    return found


def in_browser(app):
    """The outputs of callbacks that the server has nothing to do for."""
    return {each["output"] for each in app._callback_list if each["clientside_function"]}


def calls(app):
    """A call of each callback as the browser would make it."""
    known = {**app.callback_map, **_callback.GLOBAL_CALLBACK_MAP}
    listed = [*app._callback_list, *_callback.GLOBAL_CALLBACK_LIST]
    assert set(known) == {each["output"] for each in listed}
    for output, about in known.items():
        inputs = [{**each, "value": None} for each in about["inputs"]]
        state = [{**each, "value": None} for each in about["state"]]
        yield {"output": output, "outputs": [], "inputs": inputs, "state": state, "changedPropIds": []}


CALLBACKS = "/_dash-update-component"


def test_nobody_reaches_any_callback(app, anonymous, reached):
    for body in calls(app):
        for address in (CALLBACKS, f"{CALLBACKS}?cacheKey=a&job=1", f"{CALLBACKS}?cancelJob=1"):
            assert_nothing(anonymous.post(address, json=body))
    assert reached == []


def test_a_researcher_reaches_every_callback(app, reached):
    client = signed_in(app.server)
    wanted = []
    for body in [call for call in calls(app) if call["output"] not in in_browser(app)]:
        answer = client.post(CALLBACKS, json=body)
        assert answer.status_code == 200, (body["output"], answer.text)
        assert answer.get_json() == {"response": "the callback's answer"}
        wanted.append(body["output"])
    assert reached == wanted
    assert len(wanted) >= 17


def test_every_page_is_guarded(anonymous, server):
    client = signed_in(server)
    pages = [page["relative_path"] or page["path"] for page in dash.page_registry.values()]
    assert len(pages) >= 5
    for address in pages:
        assert_nothing(anonymous.get(address))
        assert client.get(address).status_code == 200


# --- one's own machine ------------------------------------------------------------------------------------------------


def test_without_an_account_this_machine_may_do_everything(workspace):
    client = create_app(workspace).server.test_client()
    for host in ("localhost", "localhost:8050", "127.0.0.1:8050", "127.9.9.9", "[::1]:8050"):
        assert client.get("/api/v1/rows", headers={"Host": host}).status_code == 200, host
    answer = client.get("/sign-in?next=/sessions")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sessions")


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8050", "localhost.evil.example", "10.0.0.1", "0.0.0.0", "[::1", "[x]"]
)
def test_a_name_that_somebody_else_points_here_opens_nothing(workspace, host):
    client = create_app(workspace).server.test_client()
    assert client.get("/api/v1/rows", headers={"Host": host}).status_code == 401


@pytest.mark.parametrize("name", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via"])
def test_without_an_account_a_proxy_opens_nothing(workspace, name):
    client = create_app(workspace).server.test_client()
    assert client.get("/api/v1/rows", headers={name: "127.0.0.1"}).status_code == 401


def test_without_an_account_others_get_nothing(workspace, settings):
    client = create_app(workspace).server.test_client()
    assert client.get("/api/v1/rows", environ_overrides={"REMOTE_ADDR": "10.1.2.3"}).status_code == 401
    page = client.get("/sign-in", environ_overrides={"REMOTE_ADDR": "10.1.2.3"})
    assert "regionscope user add" in page.text
    reachable = create_app(workspace, own_machine=False).server.test_client()
    assert reachable.get("/api/v1/rows").status_code == 401


def test_an_account_closes_the_application_at_once_and_its_removal_opens_it(workspace):
    from dashboard.accounts import store

    client = create_app(workspace).server.test_client()
    assert client.get("/api/v1/rows").status_code == 200
    store.add(workspace.database, "ben", "a long password")
    assert client.get("/api/v1/rows").status_code == 401
    store.remove(workspace.database, "ben")
    assert client.get("/api/v1/rows").status_code == 200


def test_a_database_that_cannot_be_read_opens_nothing(anonymous, workspace):
    from db.schema import downgrade

    downgrade(workspace.database)
    answer = anonymous.get("/api/v1/rows")
    assert answer.status_code == 503
    assert set(answer.get_json()) == {"error"}


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("LOCALHOST.", True),
        ("0.0.0.0", False),
        ("::", False),
        ("", False),
        ("192.168.1.2", False),
        ("my-machine", False),
        ("127.0.0.1.example", False),
        ("localhost.example", False),
    ],
)
def test_what_is_this_machine(host, expected):
    assert access.is_loopback(host) is expected


# --- participants -----------------------------------------------------------------------------------------------------


def test_a_participant_gets_what_her_rule_allows_and_nothing_else(server, anonymous, monkeypatch):
    mine = {"x"}
    monkeypatch.setattr(access, "PARTICIPANTS", {"media.picture": lambda sha256: sha256 in mine})
    assert anonymous.get("/media/x.png").status_code == 404
    refused = anonymous.get("/media/y.png")
    assert (refused.status_code, set(refused.get_json())) == (403, {"error"})
    assert anonymous.get("/media/thumbnails/x.png").status_code == 401
    assert signed_in(server).get("/media/y.png").status_code == 404
