"""`regionscope user`, and what `regionscope serve` refuses."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from dashboard.cli import app
from tests.support.accounts import PASSWORD

START = "from dashboard.cli import main; main()"


@pytest.fixture
def call(tmp_path, monkeypatch):
    monkeypatch.setenv("REGIONSCOPE_DATA_DIR", str(tmp_path / "data"))

    def run(*arguments: str, typed: str = "") -> tuple[int, str, str]:
        result = CliRunner().invoke(app, list(arguments), input=typed)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.stdout, result.stderr

    return run


def test_accounts_are_made_listed_changed_and_removed(call):
    assert call("user", "list") == (
        0,
        "No account: on this machine everything is open, and nothing is served to others.\n",
        "",
    )
    status, out, err = call("user", "add", "Ann", typed=PASSWORD + "\n")
    assert (status, out, err) == (0, "The account ann is made; from now on everybody signs in.\n", "")
    assert call("user", "list")[1].startswith("ann  since 20")
    [listed] = json.loads(call("user", "list", "--json")[1])
    assert set(listed) == {"id", "name", "created"}
    assert call("user", "password", "ann", typed="another long one\n")[0] == 0
    assert "It was the last one" in call("user", "remove", "ann")[1]
    assert json.loads(call("user", "list", "--json")[1]) == []


@pytest.mark.parametrize(
    ("arguments", "typed", "said"),
    [
        (["user", "add", "ann"], "short\n", "A password needs at least 10 characters.\n"),
        (["user", "add", "ann"], "", "A password needs at least 10 characters.\n"),
        (["user", "add", "a b"], PASSWORD, "A name has 1 to 100 characters and no spaces.\n"),
        (["user", "remove", "ann"], "", "There is no account ann.\n"),
        (["user", "password", "ann"], PASSWORD, "There is no account ann.\n"),
    ],
)
def test_what_cannot_be_done_is_one_line(call, arguments, typed, said):
    assert call(*arguments, typed=typed) == (1, "", said)


def test_a_password_is_no_argument(call):
    assert call("user", "add", "ann", PASSWORD)[0] == 2
    assert call("user", "add", "ann", "--password", PASSWORD)[0] == 2


def typing(tmp_path, *lines: str) -> tuple[int, str]:
    """`user add ann` at a terminal, answered line by line."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"REGIONSCOPE_DATA_DIR": str(tmp_path / "data")}
    command = [sys.executable, "-c", START, "user", "add", "ann"]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
    ) as process:
        os.close(theirs)
        shown = ""
        for line in lines:
            while not shown.endswith(": "):
                shown += os.read(ours, 1000).decode()
            os.write(ours, f"{line}\n".encode())
            shown += "|"
        while process.poll() is None or not shown:
            try:
                shown += os.read(ours, 1000).decode()
            except OSError:
                break
    os.close(ours)
    return process.returncode, shown


def test_at_a_terminal_it_is_asked_for_twice_and_never_shown(tmp_path):
    status, shown = typing(tmp_path, PASSWORD, PASSWORD)
    assert status == 0, shown
    assert "Password: " in shown
    assert "Again: " in shown
    assert PASSWORD not in shown


REFUSAL = "Others can reach the application like this, so make an account first: regionscope user add NAME.\n"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "lab.example"])
def test_others_are_not_served_without_an_account(call, host):
    assert call("serve", "--host", host, "--port", "0") == (1, "", REFUSAL)


def test_behind_a_proxy_neither(call, monkeypatch):
    monkeypatch.setenv("REGIONSCOPE_TRUSTED_PROXIES", "1")
    assert call("serve", "--port", "0") == (1, "", REFUSAL)


@pytest.mark.parametrize("value", ["-1", "10", "many"])
def test_a_number_of_proxies_that_cannot_be(call, monkeypatch, value):
    monkeypatch.setenv("REGIONSCOPE_TRUSTED_PROXIES", value)
    status, _, err = call("user", "list")
    assert status == 1
    assert err.startswith("REGIONSCOPE_TRUSTED_PROXIES")


@pytest.mark.parametrize(
    ("host", "bind"),
    [("127.0.0.1", "127.0.0.1:80"), ("::1", "[::1]:80"), ("[::1]", "[::1]:80"), ("localhost", "localhost:80")],
)
def test_where_the_server_listens(settings, host, bind):
    from dashboard.serving import Server

    server = Server(settings, host, 80, 1)
    assert server.options["bind"] == bind
    assert server.own_machine
    assert server.cfg.forwarded_allow_ips == []
