from __future__ import annotations

import os

import pytest

from dashboard import background
from dashboard.app import create_app
from dashboard.background import JobError, answer_edits, environment, write_edits
from dashboard.recording.edits import apply_edit
from dashboard.recording.ids import RequestError, new_id
from db import queries
from tests.support.edits import MODEL, OTHER_MODEL, edit_request, sitting
from tests.support.pictures import add_small


def test_a_job_answers_its_edits_in_a_process_of_its_own_and_never_twice(workspace):
    where, parent = sitting(add_small(workspace)), None
    edits = []
    for _ in range(3):
        parent = apply_edit(workspace, edit_request(where, parent)).id
        edits.append(parent)
    heard = []
    job = write_edits(workspace.settings, edits[:2])
    answer_edits(workspace.settings, job, [OTHER_MODEL], lambda done, total: heard.append((done, total)))
    assert heard[-1] == (2, 2)
    with workspace.database.read() as transaction:
        answered = {edit: [a.model.key for a in queries.answers_of_edit(transaction, edit)] for edit in edits}
    assert answered == {edits[0]: [MODEL, OTHER_MODEL], edits[1]: [MODEL, OTHER_MODEL], edits[2]: [MODEL]}
    assert not list(workspace.settings.jobs_dir.glob(f"{job}*"))
    again = write_edits(workspace.settings, edits[:2])
    answer_edits(workspace.settings, again, [OTHER_MODEL], lambda done, total: None)
    with workspace.database.read() as transaction:
        assert len(queries.answers_of_edit(transaction, edits[0])) == 2


def test_what_a_cancelled_job_left_is_removed_a_day_later(workspace):
    old, new = (write_edits(workspace.settings, [new_id()]) for _ in range(2))
    folder = workspace.settings.jobs_dir
    other = folder / "cache.db"
    other.touch()
    for name in (f"{old}.txt", other.name):
        os.utime(folder / name, (0, 0))
    create_app(workspace)
    # Other tests' jobs may lie in the same folder, which all of them share.
    assert not (folder / f"{old}.txt").exists()
    assert (folder / f"{new}.txt").exists()
    assert other.exists()


def test_what_the_program_says_is_what_the_person_reads(workspace):
    job = write_edits(workspace.settings, [new_id()])
    with pytest.raises(JobError, match="magic"):
        answer_edits(workspace.settings, job, ["magic"], lambda done, total: None)


def test_a_job_needs_edits_and_an_id_of_ours(workspace):
    with pytest.raises(RequestError, match="no edited picture"):
        write_edits(workspace.settings, [])
    with pytest.raises(RequestError):
        answer_edits(workspace.settings, "../../etc/passwd", [MODEL], lambda done, total: None)


def test_the_other_process_has_the_same_settings(workspace, monkeypatch):
    monkeypatch.setenv("SOMETHING", "else")
    settings = workspace.settings.model_copy(update={"database_url": "postgresql://u:secret@host/db"})
    found = environment(settings)
    assert found["REGIONSCOPE_DATABASE_URL"] == "postgresql://u:secret@host/db"
    assert found["REGIONSCOPE_DATA_DIR"] == str(workspace.settings.data_dir.resolve())
    assert found["REGIONSCOPE_DEVICE"] == "cpu"
    assert "REGIONSCOPE_MODELS_DIR" not in found
    assert found["SOMETHING"] == "else"
    assert os.pathsep not in found["PYTHONPATH"].split(os.pathsep)[0]


def test_lines_that_are_no_progress_are_passed_over():
    lines = iter(["hello\n", '{"done": 1, "total": 4}\n', "[1]\n", '{"done": null}\n', '{"done": 4, "total": 4}\n'])
    assert list(background._progress(lines)) == [(1, 4), (4, 4)]
