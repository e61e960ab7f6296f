from __future__ import annotations

import re
from datetime import timedelta

import pytest

from dashboard.accounts import attempts, store
from dashboard.app import create_app
from db.models import SignIn, SignInAttempt
from db.types import utc_now
from tests.support.accounts import NAME, PASSWORD, make_account, send_form, signed_in

ORIGIN = {"Origin": "http://localhost"}


def cookies(answer):
    """The attributes of each cookie that is set, by name."""
    found = {}
    for header in answer.headers.getlist("Set-Cookie"):
        name, rest = header.split("=", 1)
        found[name] = [part.strip() for part in rest.split(";")[1:]]
    return found


@pytest.fixture
def both(stored):
    """The application on either database, where somebody has an account."""
    make_account(stored.database)
    return create_app(stored).server


def test_somebody_signs_in_works_and_signs_out(both):
    client = both.test_client()
    assert client.get("/api/v1/rows").status_code == 401
    answer = send_form(client, "  ANN ", PASSWORD, "/sign-in?next=/sessions%3Fq%3Da")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sessions?q=a")
    assert client.get("/api/v1/rows").status_code == 200
    assert client.get("/sign-in").headers["Location"] == "/"
    assert client.post("/sign-out", headers=ORIGIN).headers["Location"] == "/sign-in"
    assert client.get("/api/v1/rows").status_code == 401


def test_a_copied_cookie_is_worth_nothing_after_signing_out(both):
    client, copy = signed_in(both), both.test_client()
    [cookie] = client._cookies.values()
    copy.set_cookie(cookie.key, cookie.value)
    assert copy.get("/api/v1/rows").status_code == 200
    client.post("/sign-out")
    assert copy.get("/api/v1/rows").status_code == 401


def test_signing_out_ends_one_browsers_sign_in(both):
    here, there = signed_in(both), signed_in(both)
    here.post("/sign-out")
    assert there.get("/api/v1/rows").status_code == 200


def test_another_password_and_removing_the_account_end_all(both, stored):
    client = signed_in(both)
    store.change_password(stored.database, NAME, "another long one")
    assert client.get("/api/v1/rows").status_code == 401
    client = signed_in(both, NAME, "another long one")
    make_account(stored.database, "ben")
    store.remove(stored.database, NAME)
    assert client.get("/api/v1/rows").status_code == 401


def test_a_sign_in_ends_after_a_week(both, stored):
    client = signed_in(both)
    with stored.database.write() as transaction:
        transaction.query(SignIn).update({"expires_at": utc_now() - timedelta(seconds=1)})
    assert client.get("/api/v1/rows").status_code == 401
    signed_in(both)
    with stored.database.read() as transaction:
        assert transaction.query(SignIn).count() == 1


@pytest.mark.parametrize(
    ("name", "password"),
    [
        (NAME, "wrong"),
        (NAME, ""),
        ("nobody", PASSWORD),
        ("", ""),
        (NAME, PASSWORD + " "),
        (NAME, PASSWORD.upper()),
        ("a\x00nn", PASSWORD),
        (NAME, "x" * 5000),
        ("x" * 5000, PASSWORD),
    ],
)
def test_what_is_wrong_is_not_said(both, name, password):
    client = both.test_client()
    answer = send_form(client, name, password)
    assert answer.status_code == 401
    assert "The name or the password is wrong." in answer.text
    assert not password or f'"{password}"' not in answer.text
    assert client.get("/api/v1/rows").status_code == 401


# --- how often ----------------------------------------------------------------------------------------------------


def test_one_account_can_be_tried_ten_times(both, monkeypatch):
    client = both.test_client()
    for number in range(attempts.MOST_PER_ACCOUNT):
        address = {"REMOTE_ADDR": f"10.0.0.{number}"}
        assert send_form(client, NAME, "wrong", environ_overrides=address).status_code == 401
    answer = send_form(client, NAME, PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert "Try again in 15 minutes." in answer.text
    make_account(both.extensions["regionscope"].database, "ben")
    assert send_form(client, "ben", PASSWORD).status_code == 303


def test_one_client_can_try_thirty_times_whatever_the_names(both, monkeypatch):
    monkeypatch.setattr(attempts, "MOST_PER_CLIENT", 4)
    client = both.test_client()
    for number in range(4):
        assert send_form(client, f"name-{number}", "wrong").status_code == 401
    assert send_form(client, NAME, PASSWORD).status_code == 429
    assert send_form(client, NAME, PASSWORD, environ_overrides={"REMOTE_ADDR": "10.1.1.1"}).status_code == 303


def test_names_that_nobody_has_are_counted_alike(both):
    client = both.test_client()
    answers = [send_form(client, "nobody", "wrong").status_code for _ in range(attempts.MOST_PER_ACCOUNT + 1)]
    assert answers == [401] * attempts.MOST_PER_ACCOUNT + [429]


def test_signing_in_begins_the_count_anew(both):
    client = both.test_client()
    for _ in range(attempts.MOST_PER_ACCOUNT - 1):
        send_form(client, NAME, "wrong")
    assert send_form(client, NAME, PASSWORD).status_code == 303
    assert send_form(both.test_client(), NAME, "wrong").status_code == 401


def test_nothing_kept_of_an_attempt_names_anybody(both, stored):
    send_form(both.test_client(), NAME, "wrong", environ_overrides={"REMOTE_ADDR": "10.1.2.3"})
    with stored.database.read() as transaction:
        [kept] = transaction.query(SignInAttempt).all()
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in (kept.account_mac, kept.client_mac))
    later = utc_now() + attempts.WINDOW
    attempts.Attempts(stored.database, b"s" * 32).forget_old(later)
    with stored.database.read() as transaction:
        assert transaction.query(SignInAttempt).count() == 0


# --- cookies ------------------------------------------------------------------------------------------------------


def test_the_cookies_flags(server):
    client = server.test_client()
    [(name, flags)] = cookies(send_form(client, NAME, PASSWORD)).items()
    assert re.fullmatch("regionscope-[0-9a-f]{8}", name)
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(flags)
    assert "Secure" not in flags
    assert any(flag.startswith("Expires=") for flag in flags)
    assert not any(flag.startswith("Domain") for flag in flags)


def test_over_https_the_cookie_stays_there(server):
    client = server.test_client()
    [(name, flags)] = cookies(send_form(client, NAME, PASSWORD, base_url="https://localhost")).items()
    assert name.startswith("__Host-regionscope-")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(flags)
    assert client.get("/api/v1/rows", base_url="https://localhost").status_code == 200
    assert client.get("/api/v1/rows").status_code == 401


def test_a_cookie_holds_neither_address_nor_name(server):
    from flask import session

    client = signed_in(server)
    with client:
        client.get("/api/v1/rows")
        assert set(session) == {"_fresh", "_permanent", "_user_id"}
        assert NAME not in str(dict(session))


def test_a_cookie_is_given_out_once(server):
    """One that changes would make the browser ask for every picture again."""
    client = signed_in(server)
    assert cookies(client.get("/api/v1/rows")) == {}
    assert cookies(client.get("/healthz")) == {}


@pytest.mark.parametrize("change", [lambda value: value[:-2], lambda value: "x" + value, lambda value: ""])
def test_a_forged_cookie_opens_nothing(server, change):
    client, forger = signed_in(server), server.test_client()
    [cookie] = client._cookies.values()
    forger.set_cookie(cookie.key, change(cookie.value))
    assert forger.get("/api/v1/rows").status_code == 401


def test_the_cookie_of_before_is_not_the_cookie_of_after(server):
    """Nobody can prepare a cookie and have somebody else sign in with it."""
    client = server.test_client()
    client.get("/sign-in")
    [before] = client._cookies.values()
    send_form(client, NAME, PASSWORD)
    [after] = client._cookies.values()
    assert before.value != after.value
    with client.session_transaction() as session:
        assert "csrf_token" not in session


# --- where to afterwards --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example",
        "///evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "",
        "/sign-out",
        "/sign-in?next=/sign-in",
        "//[evil",
    ],
)
def test_nobody_is_led_elsewhere(server, address):
    client = server.test_client()
    client.get("/sign-in")
    page = client.get("/sign-in", query_string={"next": address})
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page.text)[1]
    fields = {"name": NAME, "password": PASSWORD, "csrf_token": token}
    answer = client.post("/sign-in", query_string={"next": address}, data=fields, headers=ORIGIN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_what_is_in_the_address_is_text_on_the_page(server):
    page = server.test_client().get('/sign-in?next="><script>alert(1)</script>')
    assert "<script>alert" not in page.text


# --- the page -----------------------------------------------------------------------------------------------------


def test_the_page_needs_no_script_of_its_own(server):
    page = server.test_client().get("/sign-in")
    assert page.headers["Cache-Control"] == "no-store"
    assert re.findall(r"<script(?![^>]*\bsrc=)", page.text) == []
    assert "style=" not in page.text
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert server.test_client().get(address).status_code == 200, address


def test_the_top_bar_says_who_is_signed_in(server, workspace):
    from dashboard.components.shell import header

    with server.test_request_context("/"):
        assert "sign-out" not in str(header("/").to_plotly_json())
    from flask_login import login_user

    from dashboard.accounts.sign_in import Researcher

    token = store.sign_in(workspace.database, NAME, PASSWORD)
    with server.test_request_context("/"):
        login_user(Researcher(token, store.signed_in(workspace.database, token)))
        shown = str(header("/").to_plotly_json())
    assert "/sign-out" in shown
    assert NAME in shown
