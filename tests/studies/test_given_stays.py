"""What participants gave is deleted by nobody but themselves: their answers name their sessions and regions."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from sqlalchemy import select

from dashboard.recording import regions
from dashboard.recording.deleting import delete_sessions, extent
from dashboard.recording.ids import new_id
from dashboard.recording.workspace import Workspace
from dashboard.studies.drawing import EditWish, edit
from dashboard.studies.preparing import prepare
from dashboard.studies.results.marks import marks
from dashboard.studies.results.report import results
from dashboard.studies.results.rows import read
from dashboard.vision.shapes import parse_shapes
from db.errors import ConflictError
from db.models import Session
from db.study_models import Trial
from tests.support.edits import rectangle
from tests.support.participating import begin, go_on, open_study, place
from tests.support.pictures import add_small


def delete(workspace: Workspace, sessions: list[str]) -> None:
    selection = {"items": [f"session:{one}" for one in sessions]}
    delete_sessions(workspace, new_id(), selection, asdict(extent(workspace, selection)))


def sessions(workspace: Workspace) -> list[str]:
    with workspace.database.read() as transaction:
        return list(transaction.scalars(select(Session.public_id)))


def test_a_participants_regions_and_sessions_stay(stored):
    add_small(stored)
    open_study(stored)
    go_on(stored, begin(stored, "first"))
    go_on(stored, begin(stored, "second"))
    (first, _) = marks(read(stored, "small"))
    for refused in (
        lambda: regions.delete(stored, new_id(), first.region),
        lambda: delete(stored, sessions(stored)),
    ):
        with pytest.raises(ConflictError, match="a participant gave"):
            refused()
    assert results(stored, "small", None).counted == 2


def test_a_previews_sessions_can_be_deleted(stored):
    add_small(stored)
    open_study(stored)
    go_on(stored, begin(stored, preview=True))
    delete(stored, sessions(stored))
    assert sessions(stored) == []


def test_a_preview_whose_session_was_deleted_goes_on_as_a_preview(stored):
    add_small(stored)
    open_study(stored)
    looking = begin(stored, preview=True)
    go_on(stored, looking, until="trial:1")
    shown = prepare(stored, place(stored, looking), place(stored, looking).trial)
    delete(stored, sessions(stored))
    wish = EditWish(new_id(), shown.id, None, None, parse_shapes([rectangle()]))
    edit(stored, place(stored, looking), wish)
    with stored.database.read() as transaction:
        [session] = transaction.scalars(select(Session))
        assert (session.study, session.archived_at is not None) == ("small", True)
        [trial] = transaction.scalars(select(Trial).where(Trial.session_id == session.id))
        assert trial.public_id == shown.id
