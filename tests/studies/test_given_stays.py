"""What participants gave is deleted by nobody but themselves: their answers name their sessions and regions."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from sqlalchemy import select

from dashboard.recording import regions
from dashboard.recording.deleting import delete_sessions, extent
from dashboard.recording.ids import new_id
from dashboard.recording.workspace import Workspace
from dashboard.studies.results.report import results
from dashboard.studies.results.rows import read
from dashboard.studies.results.working_out import marks
from db.errors import ConflictError
from db.models import Session
from tests.support.participating import begin, go_on, open_study
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
