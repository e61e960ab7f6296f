from __future__ import annotations

import json

import numpy as np
import pytest
from sqlalchemy import update

from dashboard.recording.edits import apply_edit
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


@pytest.mark.parametrize("options", [[], ["--all", "--session", "x"], ["--study", "nowhere"], ["--session", "x"]])
def test_what_the_command_line_cannot_do_is_one_line(workspace, run, options):
    status, _, err = run("replay", "--verify", *options)
    assert status == 1
    assert err.count("\n") == 1
