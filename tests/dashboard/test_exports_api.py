"""Packages as the pages have them written: begun once, followed, stopped, fetched."""

from __future__ import annotations

import io
import zipfile

import psutil
import pytest

from dashboard.exports import jobs
from dashboard.exports.figures import Asked, draw
from dashboard.exports.figures.recorded import recorded
from dashboard.exports.package import Choices, Scope
from dashboard.exports.package.checking import check_package
from dashboard.exports.package.folder import PackageFolder
from dashboard.recording import answers
from dashboard.recording.edits import apply_edit
from dashboard.recording.ids import new_id
from dashboard.recording.pictures import About, add_picture
from tests.support.edits import MODEL, edit_request, sitting
from tests.support.participating import open_study
from tests.support.pictures import gradient, png
from tests.support.waiting import wait_until

EXPORTS = "/api/v1/exports"


@pytest.fixture
def edit(workspace, picture):
    return apply_edit(workspace, edit_request(sitting(picture)))


def begin(client, job, **more):
    return client.post(EXPORTS, json={"id": job, **more})


def process_of(workspace, job):
    return psutil.Process(int((workspace.settings.exports_dir / job / "pid").read_text()))


def ended(client, job):
    state = {}

    def is_over():
        state.update(client.get(f"{EXPORTS}/{job}").get_json())
        return state["state"] != "running"

    wait_until(is_over, "the package")
    return state


def test_a_package_is_written_followed_and_fetched(client, edit, tmp_path):
    job = new_id()
    body = {"selection": {"items": [f"edit:{edit.id}"]}, "choices": {"pictures": "all", "free_text": True}}
    assert begin(client, job, **body).get_json() == {"id": job}
    assert begin(client, job, **body).status_code == 200
    state = ended(client, job)
    assert (state["state"], state["name"]) == ("done", "regionscope-sessions")
    file = client.get(f"{EXPORTS}/{job}/package.zip")
    assert len(file.data) == state["size"]
    assert "regionscope-sessions.zip" in file.headers["Content-Disposition"]
    zipfile.ZipFile(io.BytesIO(file.data)).extractall(tmp_path / "out")
    checks = check_package(tmp_path / "out/regionscope-sessions", None)
    assert all(check.passed for check in checks)
    client.delete(f"{EXPORTS}/{job}")
    assert client.get(f"{EXPORTS}/{job}").status_code == 404


@pytest.mark.parametrize("kinds", [("image", "image"), ("session", "image", "edit")])
def test_a_comparisons_package_holds_all_that_is_compared(client, workspace, picture, kinds, tmp_path):
    """Its figure can be drawn from the package alone, by the package's own numbers."""
    other = add_picture(workspace, png(gradient()[:, ::-1]), About("Mirrored"))
    for one in (picture, other):
        answers.of_picture(workspace, one, [MODEL])
    edited = apply_edit(workspace, edit_request(sitting(picture)))
    left = {"image": [picture.id, other.id], "edit": [edited.id], "session": [edited.session]}
    asked = ",".join(f"{kind}:{left[kind].pop()}" for kind in kinds)
    job = new_id()
    assert begin(client, job, comparison=asked).status_code == 200
    assert ended(client, job)["name"] == "regionscope-comparison"
    zipfile.ZipFile(io.BytesIO(client.get(f"{EXPORTS}/{job}/package.zip").data)).extractall(tmp_path)
    folder = tmp_path / "regionscope-comparison"
    assert all(check.passed for check in check_package(folder, None))
    rows = {f"{kind}_id": [row[f"{kind}_id"] for row in PackageFolder(folder).rows(f"{kind}s")] for kind in left}
    assert len(rows["image_id"]) == 2
    here = ",".join(f"{kind}:{rows[f'{kind}_id'].pop()}" for kind in kinds)
    drawn = draw(folder, "comparison", here)
    assert len(drawn.panels) == len(kinds)
    with recorded(workspace, "comparison", Asked(asked)) as source:
        assert drawn.alt == draw(source, "comparison", asked).alt


def test_a_stopped_package_leaves_neither_files_nor_a_process(client, workspace, edit):
    job = new_id()
    begin(client, job, everything=True)
    process = process_of(workspace, job)
    assert client.delete(f"{EXPORTS}/{job}").status_code == 200
    wait_until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE, "the process")
    assert list(workspace.settings.exports_dir.iterdir()) == []
    assert client.delete(f"{EXPORTS}/{job}").status_code == 200


def test_what_ends_by_itself_is_said_to_have_failed(client, workspace, edit):
    job = new_id()
    begin(client, job, everything=True)
    process = process_of(workspace, job)
    process.kill()
    assert ended(client, job)["message"] == jobs.ENDED
    assert client.get(f"{EXPORTS}/{job}/package.zip").status_code == 404


def test_a_process_whose_program_is_still_being_loaded_is_at_work(client, workspace, edit, monkeypatch):
    """The system gives it its arguments a moment after it has begun."""
    job = new_id()
    begin(client, job, everything=True)
    with monkeypatch.context() as loading:
        loading.setattr(psutil.Process, "cmdline", lambda _process: [])
        assert client.get(f"{EXPORTS}/{job}").get_json()["state"] == "running"
        loading.setattr(jobs, "BEGINNING_S", 0)
        assert client.get(f"{EXPORTS}/{job}").get_json()["message"] == jobs.ENDED
    client.delete(f"{EXPORTS}/{job}")


def test_what_was_never_begun_has_failed_after_a_while(client, workspace, monkeypatch):
    """The server may end between making the folder and starting the process."""
    monkeypatch.setattr(jobs.subprocess, "Popen", _fail)
    job = new_id()
    with pytest.raises(OSError, match="no process"):
        jobs.begin(workspace.settings, job, Scope(everything=True), Choices(), "x")
    assert jobs.standing(workspace.settings, job).state == "running"
    monkeypatch.setattr(jobs, "BEGINNING_S", 0)
    assert jobs.standing(workspace.settings, job).message == jobs.ENDED


def _fail(*_arguments, **_named):
    raise OSError("no process")


def test_a_process_that_is_faster_than_the_server_has_the_last_word(client, workspace, edit, monkeypatch):
    real = jobs.subprocess.Popen

    def slow(command, **named):
        process = real(command, **named)
        process.wait()
        return process

    monkeypatch.setattr(jobs.subprocess, "Popen", slow)
    job = new_id()
    begin(client, job, everything=True)
    assert client.get(f"{EXPORTS}/{job}").get_json()["state"] == "done"


def test_what_lies_beside_the_jobs_disturbs_nothing(client, workspace, edit):
    stray = workspace.settings.exports_dir / "notes of mine"
    stray.mkdir(parents=True)
    job = new_id()
    assert begin(client, job, everything=True).status_code == 200
    client.delete(f"{EXPORTS}/{job}")
    assert stray.is_dir()


def test_a_missing_file_is_said_in_a_sentence(client, workspace, edit):
    workspace.blobs.path(edit.result_blob).unlink()
    job = new_id()
    begin(client, job, everything=True, choices={"pictures": "all"})
    state = ended(client, job)
    assert state["state"] == "failed"
    assert "file is missing" in state["message"]
    assert "Traceback" not in state["message"]


def test_a_report_is_written_followed_and_fetched(client, workspace):
    """Before anybody has come: a study can be reported on as it was planned."""
    open_study(workspace)
    job = new_id()
    begin(client, job, study="small", report=True)
    state = ended(client, job)
    assert (state["state"], state["name"], state["file"]) == ("done", "regionscope-small-report", "report.html")
    file = client.get(f"{EXPORTS}/{job}/report.html")
    assert len(file.data) == state["size"]
    assert file.data.startswith(b"<!DOCTYPE html>")
    assert "attachment" in file.headers["Content-Disposition"]
    assert "regionscope-small-report.html" in file.headers["Content-Disposition"]
    page = file.get_data(as_text=True)
    assert "0 people entered the study" in page
    assert "Analysed (n = 0)" in page
    client.delete(f"{EXPORTS}/{job}")
    assert list(workspace.settings.exports_dir.iterdir()) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"everything": True, "report": True}, 422),
        ({"study": "nowhere", "report": True}, 404),
        ({"study": "nowhere"}, 404),
        ({"selection": {"items": []}}, 422),
        ({"comparison": ""}, 422),
        ({"comparison": "magic:3"}, 422),
        ({"comparison": f"session:{new_id()}"}, 404),
        ({"everything": True, "choices": {"pictures": "some"}}, 422),
        ({"everything": True, "choices": {"colour": True}}, 422),
        ({"everything": True, "choices": {"keep_ids": 3}}, 422),
        ({"everything": True, "choices": {"keep_ids": 1}}, 422),
        ({"everything": True, "choices": {"pictures": ["all"]}}, 422),
    ],
)
def test_what_cannot_be_written_is_refused(client, workspace, edit, body, status):
    refused = begin(client, new_id(), **body)
    assert refused.status_code == status
    assert refused.get_json()["error"].endswith(".")
    assert not workspace.settings.exports_dir.exists()


def test_only_so_many_are_written_at_once(client, edit, monkeypatch):
    monkeypatch.setattr(jobs, "MOST_AT_ONCE", 1)
    first = new_id()
    begin(client, first, everything=True)
    refused = begin(client, new_id(), everything=True)
    assert refused.status_code == 422
    assert "Try again" in refused.get_json()["error"]
    client.delete(f"{EXPORTS}/{first}")
