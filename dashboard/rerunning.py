"""The work of `regionscope replay`: recorded edits performed again, or answered by other models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.headless import opened
from dashboard.recording.ids import RequestError, parse_id
from dashboard.recording.other_models import Progress, other_models
from dashboard.recording.verify import Verdict, verify_session
from dashboard.recording.workspace import Workspace
from dashboard.settings import Settings
from db import models, queries


@dataclass(frozen=True)
class Which:
    """Which edits: of a session, of a study, those named in a file (an id a line), or all."""

    session: str | None = None
    study: str | None = None
    file: Path | None = None
    everything: bool = False

    def __post_init__(self) -> None:
        chosen = [self.session is not None, self.study is not None, self.file is not None, self.everything]
        if sum(chosen) != 1:
            raise RequestError("Say which edits: one of --session, --study, --edits or --all.")


def answer_again(settings: Settings, which: Which, model_keys: list[str], on_progress: Progress) -> dict[str, Any]:
    """Answers the edits by these models; what is kept is not asked again."""
    with opened(settings) as workspace:
        report = other_models(workspace, edit_ids(workspace, which), model_keys, on_progress)
    return {
        "models": model_keys,
        "answered": report.answered,
        "known": report.known,
        "failed": [{"edit": edit, "reason": reason} for edit, reason in report.failed],
    }


def perform_again(settings: Settings, which: Which, on_verdict: Callable[[Verdict], None]) -> dict[str, Any]:
    """Performs the edits again and compares; ``on_verdict`` hears of each at once."""
    found = {"edits": 0, "as_recorded": 0}
    others: list[dict[str, Any]] = []
    with opened(settings) as workspace:
        for verdict in _verdicts(workspace, which):
            on_verdict(verdict)
            found["edits"] += 1
            found["as_recorded"] += verdict.is_as_recorded
            if not verdict.is_as_recorded:
                others.append(asdict(verdict))
    return {**found, "others": others}


def _verdicts(workspace: Workspace, which: Which) -> Iterator[Verdict]:
    wanted = set(edit_ids(workspace, which)) if which.file else None
    for session in _session_ids(workspace, which, wanted):
        for verdict in verify_session(workspace, session):
            if wanted is None or verdict.edit in wanted:
                yield verdict


def edit_ids(workspace: Workspace, which: Which) -> list[str]:
    """The edits' public ids in the order of making; NotFoundError where the session is none, RequestError for files."""
    if which.file:
        lines = which.file.read_text("utf-8").split()
        return [parse_id(line, "edit") for line in lines]
    query = select(models.Edit.public_id).join(models.Session).order_by(models.Edit.id)
    with workspace.database.read() as transaction:
        return list(transaction.scalars(_narrowed(transaction, query, which)))


def _session_ids(workspace: Workspace, which: Which, edits: set[str] | None) -> list[str]:
    query = select(models.Session.public_id).order_by(models.Session.id)
    if edits is not None:
        query = query.where(
            models.Session.id.in_(select(models.Edit.session_id).where(models.Edit.public_id.in_(edits)))
        )
    with workspace.database.read() as transaction:
        return list(transaction.scalars(_narrowed(transaction, query, which)))


def _narrowed(transaction: Transaction, query: Any, which: Which) -> Any:
    if which.session:
        wanted = parse_id(which.session, "session")
        queries.session(transaction, wanted)
        return query.where(models.Session.public_id == wanted)
    if which.study is None:
        return query
    known = transaction.scalar(select(models.Session.id).filter_by(study=which.study).limit(1))
    if known is None:
        raise RequestError(f"No session belongs to a study {which.study!r}.")
    return query.where(models.Session.study == which.study)
