"""What the doctor finds, what it puts right, and what it leaves alone."""

from __future__ import annotations

import os
import time

import pytest
from sqlalchemy import delete, func, select, text

from dashboard.keeping.doctor import SAFE_AGE_S, examine, look_first
from dashboard.keeping.errors import KeepingError
from dashboard.recording.edits import apply_edit
from dashboard.recording.pictures import About, add_picture
from db.engine import Database
from db.models import Image, Outcome, Prediction
from db.schema import downgrade
from tests.support.edits import edit_request, rectangle, sitting
from tests.support.pictures import gradient, png


@pytest.fixture
def edits(workspace):
    """Two edits, one on the other, of a picture that is larger than its working copy."""
    picture = add_picture(workspace, png(gradient(600, 800)), About("Large"))
    where = sitting(picture)
    first = apply_edit(workspace, edit_request(where, shapes=[rectangle(10, 10, 60, 60)], method="telea"))
    second = apply_edit(workspace, edit_request(where, first.id, shapes=[rectangle(70, 70, 99, 99)], method="noise"))
    return picture, first, second


def problems(found) -> dict[str, list[str]]:
    return {one.name: one.problems for one in found if one.problems}


def age(path) -> None:
    then = time.time() - SAFE_AGE_S - 60
    os.utime(path, (then, then))


def test_a_sound_installation_is_well(workspace, edits):
    found = [*look_first(workspace.settings), *examine(workspace)]
    assert problems(found) == {}
    assert {one.name: one.looked_at for one in found}["pictures"] == 4


def test_missing_and_damaged_pictures_are_made_again_bit_by_bit(workspace, edits):
    picture, first, second = edits
    kept = {blob: workspace.blobs.get(blob) for blob in (picture.working_blob, first.result_blob, second.result_blob)}
    workspace.blobs.path(picture.working_blob).unlink()
    workspace.blobs.path(second.result_blob).unlink()
    damaged = workspace.blobs.path(first.result_blob)
    damaged.write_bytes(damaged.read_bytes()[:-5])
    said = problems(examine(workspace))["pictures"]
    assert len(said) == 3
    assert sum("is missing" in sentence for sentence in said) == 2
    assert sum("is damaged" in sentence for sentence in said) == 1
    assert "working copy of the picture “Large”" in " ".join(said)
    repaired = examine(workspace, repair=True)
    assert problems(repaired) == {}
    assert {blob: workspace.blobs.get(blob) for blob in kept} == kept


def test_what_cannot_be_made_again_stays_a_problem(workspace, edits):
    picture, *_ = edits
    workspace.blobs.path(picture.original_blob).unlink()
    for repair in (True, False):
        [sentence] = problems(examine(workspace, repair=repair))["pictures"]
        assert "the picture “Large”" in sentence
    with workspace.database.read() as transaction:
        assert transaction.scalar(select(func.count()).select_from(Image)) == 1


def test_files_that_nothing_names_go_when_they_are_old_enough(workspace, edits):
    old, new = (workspace.blobs.path(workspace.blobs.put(png(gradient(8, width)))) for width in (8, 9))
    leftover = old.with_name("x.part")
    leftover.write_bytes(b"x")
    for path in (old, leftover):
        age(path)
    assert len(problems(examine(workspace))["unreferenced files"]) == 2
    assert old.exists()
    found = {one.name: one for one in examine(workspace, repair=True)}
    assert found["unreferenced files"].passed
    assert "2 files were removed" in found["unreferenced files"].repaired[0]
    assert not old.exists()
    assert not leftover.exists()
    assert new.exists()
    assert found["pictures"].passed


def test_lost_outcomes_are_worked_out_again(workspace, edits):
    with workspace.database.read() as transaction:
        before = [(row.edit_id, row.cell, row.change) for row in transaction.scalars(select(Outcome))]
    with workspace.database.write() as transaction:
        transaction.execute(delete(Outcome))
    assert "outcomes are missing" in problems(examine(workspace))["outcomes"][0]
    assert problems(examine(workspace, repair=True)) == {}
    with workspace.database.read() as transaction:
        assert [(row.edit_id, row.cell, row.change) for row in transaction.scalars(select(Outcome))] == before


def test_models_that_are_gone_are_said(workspace, edits):
    with workspace.database.write() as transaction:
        transaction.scalars(select(Prediction)).first().model.weights_sha256 = "0" * 64
    found = {one.name: one for one in examine(workspace)}
    assert found["models"].passed
    assert "other weights now" in found["models"].notes[0]


def test_on_postgresql_too(stored):
    assert problems([*look_first(stored.settings), *examine(stored)]) == {}


def test_an_older_schema_is_said_and_brought_up_to_date_only_by_a_repair(run, settings, workspace, edits):
    workspace.close()
    database = Database(settings.url)
    newest = version_of(database)
    downgrade(database, "-1")
    database.close()
    status, out, err = run("doctor")
    assert (status, err) == (1, "")
    assert "schema: not well" in out
    assert "pictures" not in out
    assert version_of(Database(settings.url)) != newest
    status, out, _ = run("doctor", "--repair")
    assert status == 0
    assert "The schema was brought up to date." in out
    assert version_of(Database(settings.url)) == newest


def version_of(database: Database) -> str:
    with database.engine.connect() as connection:
        found: str = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    database.close()
    return found


@pytest.mark.parametrize("page", [0, 1])
def test_a_damaged_database_is_said_before_anything_opens_it(run, settings, workspace, edits, page):
    workspace.close()
    path = settings.data_dir / "regionscope.sqlite"
    data = bytearray(path.read_bytes())
    data[page * 4096 : (page + 1) * 4096] = b"x" * 4096
    path.write_bytes(data)
    status, out, err = run("doctor", "--repair")
    assert (status, err) == (1, "")
    assert "database: not well" in out
    assert "restore" in out
    assert path.read_bytes() == data


def test_where_there_is_no_database_there_is_nothing_to_examine(run, settings):
    with pytest.raises(KeepingError, match="no database"):
        look_first(settings)
    status, out, err = run("doctor")
    assert (status, out) == (1, "")
    assert "There is no database" in err
    assert not (settings.data_dir / "regionscope.sqlite").exists()


def test_the_commands_say_it(run, data_dir, tmp_path, workspace, edits):
    _, first, _ = edits
    workspace.blobs.path(first.result_blob).unlink()
    status, out, err = run("doctor")
    assert (status, err) == (1, "")
    assert "pictures: not well" in out
    status, out, _ = run("doctor", "--repair", "--json")
    assert status == 0
    assert '"passed": true' in out
    assert run("backup", tmp_path / "b.zip")[0] == 0
    status, out, err = run("restore", tmp_path / "b.zip")
    assert (status, out) == (1, "")
    assert "holds data already" in err
    status, out, _ = run("--data-dir", tmp_path / "new", "restore", tmp_path / "b.zip", "--json")
    assert status == 0
    assert '"pictures": 4' in out
