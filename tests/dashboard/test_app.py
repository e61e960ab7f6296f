from __future__ import annotations

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import ValidationError

from dashboard.app import create_app
from dashboard.settings import Settings
from db.engine import Database
from db.schema import downgrade
from tests.support.edits import edit_body
from tests.support.server import ServerProcess, get, post


def test_alive_and_ready(client):
    assert client.get("/healthz").get_json() == {"status": "ok"}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ready"})


def test_an_old_schema_is_not_ready_but_alive(client, workspace):
    other = Database(workspace.settings.url)
    downgrade(other)
    other.close()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "schema" in answer.get_json()["error"]
    assert client.get("/healthz").status_code == 200


def test_a_model_that_cannot_be_loaded_is_not_ready(client, workspace, monkeypatch):
    from dashboard.vision.errors import UnavailableError

    def fail(_key: str) -> None:
        raise UnavailableError("The weights are not here.")

    monkeypatch.setattr(workspace.catalogue, "load", fail)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json() == {"error": "The weights are not here."}


@pytest.fixture
def page(client):
    return client.get("/")


def test_every_answer_carries_the_headers(client, page):
    for answer in (page, client.get("/healthz"), client.get("/media/x.png"), client.post("/api/v1/edits")):
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe-eval" not in policy
        assert "default-src 'self'" in policy
        script = next(part for part in policy.split(";") if "script-src" in part)
        assert "unsafe-inline" not in script
        assert "http" not in policy.replace("http-equiv", "")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_every_inline_script_is_allowed_by_its_hash(page):
    import base64
    import hashlib

    scripts = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>(.*?)</script>", page.text, re.DOTALL)
    scripts = [text for attributes, text in scripts if "application/json" not in attributes]
    assert scripts
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in page.headers["Content-Security-Policy"]


def test_the_page_asks_no_other_host_for_anything(client, page):
    found = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert found
    for address in found:
        assert address.startswith("/")
        assert not address.startswith("//")
        assert client.get(address).status_code == 200, address


def test_a_page_that_does_not_exist_shows_no_traceback(client):
    answer = client.get("/nothing/here")
    assert "Traceback" not in answer.text
    assert client.get("/api/v1/nothing").status_code == 404
    assert client.get("/api/v1/edits").status_code == 404


def test_two_applications_share_nothing(workspace, settings, tmp_path, catalogue):
    from dashboard.recording.workspace import Workspace

    other_settings = settings.model_copy(update={"data_dir": tmp_path / "other"})
    other = Workspace.open(other_settings)
    vars(other)["catalogue"] = catalogue
    from tests.support.pictures import add_small

    picture = add_small(workspace)
    first, second = create_app(workspace).server.test_client(), create_app(other).server.test_client()
    assert first.get(f"/media/{picture.working_blob}.png").status_code == 200
    assert second.get(f"/media/{picture.working_blob}.png").status_code == 404
    assert second.post("/api/v1/edits", json=edit_body(picture.id)).status_code == 404
    other.close()


def test_requests_at_once_on_two_sessions_do_not_mix(workspace, picture):
    server = create_app(workspace).server

    def draw(_number: int) -> list[tuple[str, str]]:
        client, parent, body = server.test_client(), None, edit_body(picture.id)
        seen = []
        for _ in range(4):
            body = edit_body(picture.id, body["session"], parent)
            answer = client.post("/api/v1/edits", json=body).get_json()
            seen.append((answer["session"], answer["parent"]) == (body["session"], parent))
            parent = answer["id"]
        return seen

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(draw, range(4))) == [[True] * 4] * 4


def run_python(code: str, folder) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)


def test_importing_does_nothing(tmp_path):
    code = (
        "import sys, threading, dashboard.app, dashboard.cli, dashboard.headless, dashboard.serving\n"
        "heavy = {'torch', 'torchvision', 'openvino', 'timm', 'matplotlib'} & set(sys.modules)\n"
        "print(heavy, threading.active_count())"
    )
    done = run_python(code, tmp_path)
    assert (done.stdout.strip(), done.stderr) == ("set() 1", "")
    assert list(tmp_path.iterdir()) == []


def test_settings_come_from_the_environment(monkeypatch, tmp_path):
    assert Settings().working_px == 512
    assert Settings().url.endswith("/data/regionscope.sqlite")
    for name, value in {
        "DATA_DIR": str(tmp_path),
        "WORKING_PX": "256",
        "THREADS": "1",
        "DATABASE_URL": "postgresql+psycopg://u@h/d",
        "MODELS_DIR": str(tmp_path / "own"),
        "DEVICE": "cpu",
    }.items():
        monkeypatch.setenv(f"REGIONSCOPE_{name}", value)
    found = Settings()
    assert (found.data_dir, found.working_px, found.threads, found.device) == (tmp_path, 256, 1, "cpu")
    assert (found.url, found.blobs_dir, found.own_models_dir) == (
        "postgresql+psycopg://u@h/d",
        tmp_path / "blobs",
        tmp_path / "own",
    )


@pytest.mark.parametrize(("name", "value"), [("WORKING_PX", "5"), ("THREADS", "0"), ("DEVICE", "abacus")])
def test_settings_out_of_their_range_are_refused(monkeypatch, name, value):
    monkeypatch.setenv(f"REGIONSCOPE_{name}", value)
    with pytest.raises(ValidationError):
        Settings()


def test_the_working_copy_follows_the_settings(settings, catalogue):
    from dashboard.recording.workspace import Workspace
    from tests.support.pictures import add_small

    opened = Workspace.open(settings.model_copy(update={"working_px": 32}))
    picture = add_small(opened)
    assert (picture.width, picture.working_width, picture.working_height) == (64, 32, 24)
    opened.close()


def test_two_workers_serve_one_session(data_dir, tmp_path, monkeypatch, workspace, picture):
    """State lives in the database: any process can answer any request."""
    monkeypatch.setenv("REGIONSCOPE_DEVICE", "cpu")
    body = edit_body(picture.id)
    with ServerProcess(data_dir, tmp_path / "log", workers=2) as server:
        server.wait_ready()
        answers = [post(server.port, "/api/v1/edits", body) for _ in range(6)]
        assert {status for status, _ in answers} == {200}
        assert all(answer == answers[0] for answer in answers)
        assert get(server.port, "/healthz")[0] == 200
        assert b"Traceback" not in get(server.port, "/")[1]
    assert "Traceback" not in (tmp_path / "log").read_text()
