"""Who withdraws takes with her what lies ready to be fetched, and leaves no bytes behind."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from dashboard.exports import jobs
from dashboard.exports.figures import previews
from dashboard.exports.figures.look import Look
from dashboard.exports.figures.reading import Asked
from dashboard.exports.package import Choices, Scope
from dashboard.handed_out import TAKEN_BACK_SENTENCE
from dashboard.recording.ids import new_id
from dashboard.settings import Settings
from dashboard.studies.leaving import withdraw
from dashboard.studies.results.keeping import forget
from dashboard.studies.results.report import results
from db.errors import NotFoundError, StorageError
from db.models import Region
from db.regions import HUMAN
from tests.support.participating import begin, give, go_on, open_study
from tests.support.pictures import add_small
from tests.support.waiting import wait_until

ASKED = {"key": "about", "title": "Why", "questions": [{"kind": "text", "key": "why", "text": "Why?"}]}
SECRET = "zanzibar whiskers"


@pytest.fixture
def her(workspace):
    """A participant who wrote something of her own, and the code with which she withdraws."""
    add_small(workspace)
    open_study(workspace, questionnaires=[ASKED])
    participant = begin(workspace)
    go_on(workspace, participant, until="questionnaire:about")
    here = give(workspace, participant, "questionnaire:about", why=SECRET)
    return participant, str(here.withdrawal_code)


def finished(settings: Settings, scope: Scope) -> str:
    job = new_id()
    jobs.begin(settings, job, scope, Choices(free_text=True), "x")
    wait_until(lambda: jobs.standing(settings, job).state != "running", "the package")
    assert jobs.archive(settings, job)[0].is_file()
    return job


def files(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*.zip")]


@pytest.mark.parametrize("scope", [Scope(study="small"), Scope(everything=True)])
def test_a_finished_export_goes_and_says_why(workspace, her, scope):
    job = finished(workspace.settings, scope)
    withdraw(workspace, *her)
    assert files(workspace.settings.exports_dir) == []
    found = jobs.standing(workspace.settings, job)
    assert (found.state, found.message) == ("failed", TAKEN_BACK_SENTENCE)
    with pytest.raises(NotFoundError, match="Somebody withdrew"):
        jobs.archive(workspace.settings, job)
    again = finished(workspace.settings, scope)
    assert jobs.standing(workspace.settings, again).state == "done"


def test_an_export_of_another_study_stays(workspace, her):
    open_study(workspace, slug="other")
    job = finished(workspace.settings, Scope(study="other"))
    withdraw(workspace, *her)
    assert jobs.archive(workspace.settings, job)[0].is_file()


def test_an_export_that_was_at_work_hands_nothing_out(workspace, her):
    """It reads what was there when it began."""
    job = new_id()
    jobs.begin(workspace.settings, job, Scope(study="small"), Choices(free_text=True), "x")
    withdraw(workspace, *her)
    found = jobs.standing(workspace.settings, job)
    assert (found.state, found.message, found.name) == ("failed", TAKEN_BACK_SENTENCE, "x")
    folder = workspace.settings.exports_dir / job
    wait_until(lambda: json.loads((folder / "state.json").read_text())["state"] != "running", "its process")
    wait_until(lambda: not (folder / "package").exists(), "its files to go")
    with pytest.raises(NotFoundError, match="Somebody withdrew"):
        jobs.archive(workspace.settings, job)


def test_a_wrong_code_takes_nothing(workspace, her):
    job = finished(workspace.settings, Scope(study="small"))
    with pytest.raises(Exception, match="not yours"):
        withdraw(workspace, her[0], "WRONG")
    assert jobs.archive(workspace.settings, job)[0].is_file()


def test_what_she_wrote_is_in_no_byte_of_the_database(workspace, her):
    place = Path(str(workspace.database.engine.url.database))
    kept = [place, place.with_name(f"{place.name}-wal")]

    def found() -> bool:
        return any(SECRET.encode() in path.read_bytes() for path in kept if path.exists())

    assert found()
    withdraw(workspace, *her)
    assert not found()


def test_what_cannot_be_removed_does_not_keep_the_rest(workspace, her, monkeypatch, caplog):
    job = finished(workspace.settings, Scope(study="small"))

    def refuse(*_given: object) -> None:
        raise StorageError("The disk does not answer.")

    monkeypatch.setattr("dashboard.studies.leaving.collect", refuse)
    monkeypatch.setattr("dashboard.studies.leaving.forget", refuse)
    withdraw(workspace, *her)
    assert files(workspace.settings.exports_dir) == []
    assert jobs.standing(workspace.settings, job).message == TAKEN_BACK_SENTENCE
    assert "The disk does not answer." in caplog.text


def test_an_export_that_cannot_be_marked_goes_whole(workspace, her, monkeypatch):
    job = finished(workspace.settings, Scope(study="small"))

    def full(*_given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "touch", full)
    withdraw(workspace, *her)
    assert files(workspace.settings.exports_dir) == []
    with pytest.raises(NotFoundError):
        jobs.archive(workspace.settings, job)


def leaving_meanwhile(monkeypatch, module: str, name: str, workspace, her) -> None:
    """She withdraws at the moment at which something that was read of hers is about to be kept."""
    keep = getattr(sys.modules[module], name)

    def after_her(*given: object, **named: object) -> object:
        monkeypatch.setattr(f"{module}.{name}", keep)
        withdraw(workspace, *her)
        return keep(*given, **named)

    monkeypatch.setattr(f"{module}.{name}", after_her)


def test_results_that_were_read_before_are_not_kept_after(workspace, her, monkeypatch):
    def kept() -> bool:
        return any(SECRET.encode() in path.read_bytes() for path in workspace.settings.derived_dir.rglob("*.json"))

    results(workspace, "small", None, unfinished=True)
    assert kept()
    forget(workspace, "small")
    leaving_meanwhile(monkeypatch, "dashboard.studies.results.report", "kept", workspace, her)
    results(workspace, "small", None, unfinished=True)
    assert not kept()


def test_a_figure_that_was_read_before_is_not_there_after(workspace, her, monkeypatch):
    with workspace.database.read() as transaction:
        region = transaction.scalars(select(Region.public_id).where(Region.kind == HUMAN)).first()
    request = previews.Request("regions", Asked(region), Look("acm", "light"), "svg", 100)
    drawn = previews.drawn_for(workspace, request)
    assert previews.file_of(workspace, drawn["file"]).is_file()
    leaving_meanwhile(monkeypatch, "dashboard.exports.figures.previews", "save", workspace, her)
    with pytest.raises(NotFoundError, match="not here any more"):
        previews.drawn_for(workspace, request)
    with pytest.raises(NotFoundError, match="Draw it again"):
        previews.file_of(workspace, drawn["file"])
