from __future__ import annotations

import json
from uuid import uuid4

import numpy as np
import pytest
from sqlalchemy import update

from dashboard.recording.edits import apply_edit
from dashboard.recording.ids import new_id
from dashboard.vision import rle
from db import models
from tests.support.edits import OTHER_MODEL, edit_request, sitting
from tests.support.pictures import add_small


def test_the_command_line_performs_again_and_answers(workspace, run, tmp_path):
    picture = add_small(workspace)
    where = sitting(picture)
    edits = [apply_edit(workspace, edit_request(where)).id for _ in range(2)]
    session = where.session
    status, out, _ = run("replay", "--session", session, "--verify", "--json")
    assert (status, json.loads(out)["as_recorded"]) == (0, 2)
    names = tmp_path / "edits.txt"
    names.write_text("\n".join(edits))
    status, out, _ = run("replay", "--edits", names, "--model", OTHER_MODEL, "--progress")
    assert status == 0
    lines = out.splitlines()
    assert json.loads(lines[0]) == {"done": 0, "total": 2}
    assert "2 answers added" in lines[-1]
    mask = np.zeros((picture.working_height, picture.working_width), bool)
    mask[0, 0] = True
    one_pixel = rle.encode(mask)["counts"]
    with workspace.database.write() as transaction:
        transaction.execute(update(models.Edit).filter_by(public_id=edits[1]).values(mask_counts=one_pixel))
    status, out, _ = run("replay", "--all", "--verify")
    assert status == 1
    assert edits[1] in out
    assert "1 of 2 edits are as recorded" in out


@pytest.mark.parametrize("options", [["--study", "nowhere"], ["--session", "x"], ["--session", new_id()]])
def test_what_the_command_line_cannot_do_is_one_line(workspace, run, options):
    status, _, err = run("replay", "--verify", *options)
    assert status == 1
    assert err.count("\n") == 1


@pytest.mark.parametrize("options", [[], ["--all", "--session", "x"]])
def test_no_edits_chosen_or_chosen_twice_is_wrong_usage(workspace, run, options):
    assert run("replay", "--verify", *options)[0] == 2


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"", b"\n \n", b"not an id\n"])
def test_a_file_that_names_no_edits_is_refused_in_a_line(workspace, run, tmp_path, content):
    (tmp_path / "edits.txt").write_bytes(content)
    status, out, err = run("replay", "--edits", tmp_path / "edits.txt", "--verify")
    assert (status, out, err.count("\n")) == (1, "", 1)


def test_every_edit_is_said_something_about_and_an_unknown_one_is_no_success(workspace, run, tmp_path):
    where = sitting(add_small(workspace))
    first = apply_edit(workspace, edit_request(where)).id
    second = apply_edit(workspace, edit_request(where, first)).id
    status, out, _ = run("replay", "--session", where.session)
    assert status == 0
    assert f"{first} (step 1): as recorded" in out
    unknown = new_id()
    (tmp_path / "edits.txt").write_text(f"{second}\n{unknown}\n{second}\n")
    status, out, _ = run("replay", "--edits", tmp_path / "edits.txt", "--verify", "--json", "--progress")
    *steps, last = map(json.loads, out.splitlines())
    assert steps == [{"done": done, "total": 2} for done in range(3)]
    assert status == 1
    assert (last["edits"], last["as_recorded"]) == (2, 1)
    assert [(r["edit"], r["as_recorded"], r["mask"], r["pixels"], r["probabilities"]) for r in last["results"]] == [
        (second, True, True, True, True),
        (unknown, False, None, None, None),
    ]


def test_more_edits_than_a_statement_takes_can_be_named(workspace, run, tmp_path):
    edit = apply_edit(workspace, edit_request(sitting(add_small(workspace)))).id
    (tmp_path / "edits.txt").write_text("\n".join([*(str(uuid4()) for _ in range(33_000)), edit]))
    status, out, _ = run("replay", "--edits", tmp_path / "edits.txt", "--verify")
    assert (status, out.splitlines()[-1]) == (1, "1 of 33,001 edits are as recorded.")
