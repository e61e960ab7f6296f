"""Several processes: whom one has let in the others know, and they count attempts together."""

from __future__ import annotations

import http.client
import re
from urllib.parse import urlencode

from tests.support.accounts import NAME, PASSWORD, make_account
from tests.support.server import ServerProcess


def ask(port, method, path, body=None, cookie="", **headers):
    """Over a connection of its own, so that any worker may answer: (status, cookie, text)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body, {"Cookie": cookie, **headers})
    answer = connection.getresponse()
    given, text = answer.getheader("Set-Cookie", "").split(";")[0], answer.read().decode()
    connection.close()
    return answer.status, given or cookie, text


def send(port, password):
    _, cookie, page = ask(port, "GET", "/sign-in")
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)[1]
    fields = urlencode({"name": NAME, "password": password, "csrf_token": token})
    headers = {"Origin": f"http://127.0.0.1:{port}", "Content-Type": "application/x-www-form-urlencoded"}
    return ask(port, "POST", "/sign-in", fields, cookie, **headers)


def test_two_workers_know_the_same_people(workspace, data_dir, tmp_path, monkeypatch):
    monkeypatch.setenv("REGIONSCOPE_DEVICE", "cpu")
    make_account(workspace.database)
    with ServerProcess(data_dir, tmp_path / "log", workers=2) as server:
        server.wait_ready()
        status, cookie, _ = send(server.port, PASSWORD)
        assert status == 303
        assert [ask(server.port, "GET", "/api/v1/rows", cookie=cookie)[0] for _ in range(8)] == [200] * 8
        assert ask(server.port, "GET", "/api/v1/rows")[0] == 401
        assert [send(server.port, "wrong")[0] for _ in range(12)] == [401] * 10 + [429] * 2
        assert ask(server.port, "GET", "/api/v1/rows", cookie=cookie)[0] == 200
    log = (tmp_path / "log").read_text()
    assert "Traceback" not in log
    assert PASSWORD not in log
