"""A package that was written before a participant withdrew does not bring back what she gave."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from dashboard.exports.package import Choices, Scope, write_package
from dashboard.exports.package.cells import PackageError
from dashboard.exports.package.importing import import_package
from dashboard.recording.workspace import Workspace
from dashboard.studies.leaving import withdraw_with
from db.models import Region, Session
from db.study_models import Participant, Response, Trial
from tests.support.participating import begin, go_on, open_study, place
from tests.support.pictures import add_small


def rows(workspace: Workspace) -> list[int]:
    with workspace.database.read() as transaction:
        tables = (Participant, Response, Trial, Session, Region)
        return [transaction.scalar(select(func.count(table.id))) or 0 for table in tables]


@pytest.mark.parametrize("keep_ids", [True, False])
def test_nothing_returns_after_withdrawing(workspace, tmp_path, keep_ids):
    add_small(workspace)
    open_study(workspace)
    gone = begin(workspace, "gone")
    for participant in (gone, begin(workspace, "stays")):
        go_on(workspace, participant)
    choices = Choices(keep_ids=keep_ids)
    write_package(workspace, Scope(study="small"), choices, tmp_path / "before")
    withdraw_with(workspace, "small", str(place(workspace, gone).withdrawal_code))
    left = rows(workspace)
    with pytest.raises(PackageError, match="has withdrawn here since"):
        import_package(workspace, tmp_path / "before", keep_ids=keep_ids)
    assert rows(workspace) == left
    write_package(workspace, Scope(study="small"), choices, tmp_path / "after")
    import_package(workspace, tmp_path / "after", keep_ids=keep_ids)
