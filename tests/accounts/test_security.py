"""Where a change may come from, what every answer says to the browser, and how large a request may be."""

from __future__ import annotations

import pytest

from dashboard.app import create_app
from tests.support.accounts import NAME, PASSWORD, make_account, send_form, signed_in

CHANGES = [
    ("POST", "/api/v1/edits"),
    ("POST", "/api/v1/events"),
    ("PUT", "/api/v1/comparisons/x"),
    ("DELETE", "/api/v1/comparisons/x"),
    ("POST", "/_dash-update-component"),
    ("POST", "/sign-out"),
    ("POST", "/sign-in"),
    ("PATCH", "/nothing"),
]
FROM_ELSEWHERE = [
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:9999"},
    {"Origin": "https://localhost"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
]


@pytest.fixture
def researcher(server):
    client = signed_in(server)
    del client.environ_base["HTTP_ORIGIN"]
    return client


@pytest.mark.parametrize(("method", "address"), CHANGES)
def test_a_change_from_elsewhere_is_refused(researcher, method, address):
    for headers in FROM_ELSEWHERE:
        answer = researcher.open(address, method=method, json={}, headers=headers)
        assert (answer.status_code, set(answer.get_json())) == (403, {"error"}), headers
    assert researcher.get("/api/v1/rows").status_code == 200


def test_a_cookie_without_a_word_about_its_page_changes_nothing(researcher):
    for method, address in CHANGES:
        assert researcher.open(address, method=method, json={}).status_code == 403, address


@pytest.mark.parametrize("headers", [{"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}], ids=str)
def test_a_change_from_our_own_page_is_let_through(researcher, headers):
    for method, address in CHANGES[:4]:
        assert researcher.open(address, method=method, json={}, headers=headers).status_code in (404, 422)


def test_on_ones_own_machine_too(workspace):
    client = create_app(workspace).server.test_client()
    for headers in FROM_ELSEWHERE:
        assert client.post("/api/v1/edits", json={}, headers=headers).status_code == 403, headers
    assert client.post("/api/v1/edits", json={}).status_code == 422
    assert client.post("/api/v1/edits", json={}, headers={"Origin": "http://localhost"}).status_code == 422


def test_a_form_of_another_page_signs_nobody_in(anonymous):
    """The form's token belongs to the browser's cookie."""
    fields = {"name": NAME, "password": PASSWORD}
    for token in ({}, {"csrf_token": "made up"}):
        answer = anonymous.post("/sign-in", data=fields | token, headers={"Origin": "http://localhost"})
        assert answer.status_code == 400
        assert "Please try again." in answer.text
    assert anonymous.get("/api/v1/rows").status_code == 401


# --- headers ------------------------------------------------------------------------------------------------------

POLICY = [
    "default-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
]


@pytest.mark.parametrize("address", ["/", "/sign-in", "/healthz", "/assets/theme.js", "/api/v1/rows", "/media/x.png"])
@pytest.mark.parametrize("known", [False, True])
def test_what_every_answer_says(server, known, address):
    client = signed_in(server) if known else server.test_client()
    headers = client.get(address).headers
    scripts, *_ = [part for part in headers["Content-Security-Policy"].split("; ") if part.startswith("script-src")]
    assert [part for part in headers["Content-Security-Policy"].split("; ") if part != scripts] == POLICY
    name, own, *hashes = scripts.split()
    assert (name, own) == ("script-src", "'self'")
    assert all(one.startswith("'sha256-") for one in hashes)
    expected = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
    assert {name: headers[name] for name in expected} == expected
    assert "Access-Control-Allow-Origin" not in headers


def test_what_a_researcher_saw_is_not_kept_by_the_browser(server):
    client = signed_in(server)
    for address in ("/", "/sessions", "/api/v1/rows", "/_dash-layout"):
        assert client.get(address).headers["Cache-Control"] == "no-store", address


# --- sizes --------------------------------------------------------------------------------------------------------


def test_too_much_is_refused(server):
    client = signed_in(server)
    expected = {("/_dash-update-component", 37): 413, ("/api/v1/edits", 5): 422, ("/api/v1/edits", 37): 422}
    for (address, size_mb), status in expected.items():
        answer = client.post(address, data=b"{" + b" " * size_mb * 2**20, content_type="application/json")
        assert answer.status_code == status, address


def test_somebody_unknown_may_send_little(anonymous):
    answer = anonymous.post("/sign-in", data={"name": "x" * 70_000}, headers={"Origin": "http://localhost"})
    assert answer.status_code == 413


# --- behind a proxy -----------------------------------------------------------------------------------------------


@pytest.fixture
def proxied(workspace):
    make_account(workspace.database)
    changed = workspace.settings.model_copy(update={"trusted_proxies": 1})
    object.__setattr__(workspace, "settings", changed)
    return create_app(workspace).server


HTTPS = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.6.6.6, 10.1.1.1", "Host": "lab.example"}


def test_behind_a_proxy_https_is_known(proxied):
    client = proxied.test_client()
    page = client.get("/sign-in", headers=HTTPS)
    assert "Secure" in page.headers["Set-Cookie"]
    assert page.headers["Set-Cookie"].startswith("__Host-")
    ours = client.post("/api/v1/edits", json={}, headers={**HTTPS, "Origin": "https://lab.example"})
    assert ours.status_code == 401
    for origin in ("http://lab.example", "https://evil.example"):
        assert client.post("/api/v1/edits", json={}, headers={**HTTPS, "Origin": origin}).status_code == 403


def test_behind_a_proxy_each_client_is_one(proxied):
    from flask import request

    with proxied.test_client() as client:
        client.get("/healthz", headers=HTTPS)
        assert request.remote_addr == "10.1.1.1"


def test_a_forged_host_is_not_believed(proxied):
    from flask import request

    with proxied.test_client() as client:
        client.get("/healthz", headers={**HTTPS, "X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"})
        assert (request.host, request.script_root) == ("lab.example", "")


def test_without_the_setting_nobody_is_believed(server):
    from flask import request

    with server.test_client() as client:
        page = client.get("/sign-in", headers=HTTPS)
        assert (request.remote_addr, request.scheme) == ("127.0.0.1", "http")
    assert "Secure" not in page.headers["Set-Cookie"]


def test_behind_a_proxy_nothing_is_open_without_an_account(proxied, workspace):
    from dashboard.accounts import store

    store.remove(workspace.database, NAME)
    assert proxied.test_client().get("/api/v1/rows").status_code == 401


def test_the_form_works_behind_a_proxy(proxied):
    client = proxied.test_client()
    answer = send_form(client, NAME, PASSWORD, base_url="https://lab.example")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"
