"""The work of `regionscope replay`: recorded edits performed again, or answered by other models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.headless import opened
from dashboard.recording.ids import RequestError, parse_id
from dashboard.recording.other_models import AT_ONCE, Progress, other_models
from dashboard.recording.verdicts import Verdict
from dashboard.recording.verify import verify_session
from dashboard.recording.workspace import Workspace
from dashboard.settings import Settings
from db import models, queries
from db.errors import NotFoundError


@dataclass(frozen=True)
class Which:
    """Which edits: of a session, of a study, those named in a file (an id a line), or all."""

    session: str | None = None
    study: str | None = None
    file: Path | None = None
    everything: bool = False


def answer_again(settings: Settings, which: Which, model_keys: list[str], on_progress: Progress) -> dict[str, Any]:
    """Answers the edits by these models; what is kept is not asked again."""
    with opened(settings) as workspace:
        report = other_models(workspace, edit_ids(workspace, which), model_keys, on_progress)
    return {
        "models": model_keys,
        "answered": report.answered,
        "known": report.known,
        "failed": [{"edit": edit, "reason": reason} for edit, reason in report.failed],
        "originals": [{"image": image, "reason": reason} for image, reason in report.originals.items()],
    }


def perform_again(
    settings: Settings,
    which: Which,
    on_verdict: Callable[[Verdict], None],
    on_progress: Progress = lambda *_: None,
) -> dict[str, Any]:
    """Performs the edits again and compares; ``on_verdict`` hears of each at once."""
    results: list[dict[str, Any]] = []
    with opened(settings) as workspace:
        wanted = edit_ids(workspace, which)
        on_progress(0, len(wanted))
        for verdict in _verdicts(workspace, which, wanted):
            on_verdict(verdict)
            results.append({**asdict(verdict), "as_recorded": verdict.is_as_recorded})
            on_progress(len(results), len(wanted))
    others = [result for result in results if not result["as_recorded"]]
    return {"edits": len(results), "as_recorded": len(results) - len(others), "others": others, "results": results}


def _verdicts(workspace: Workspace, which: Which, wanted: list[str]) -> Iterator[Verdict]:
    missing = set(wanted)
    for session in _session_ids(workspace, which, wanted):
        # A session that is deleted meanwhile leaves its edits among the missing.
        with suppress(NotFoundError):
            for verdict in verify_session(workspace, session):
                if verdict.edit in missing:
                    missing.remove(verdict.edit)
                    yield verdict
    for edit in (edit for edit in wanted if edit in missing):
        yield Verdict("", edit, 0, reasons=["there is no edit with this id"])


def edit_ids(workspace: Workspace, which: Which) -> list[str]:
    """The edits' public ids in the order of making, those of a file as they stand there, each once.

    Raises NotFoundError where the session is none, RequestError for a study or a file that cannot be used.
    """
    if which.file:
        return list(dict.fromkeys(parse_id(line, "edit") for line in _lines(which.file)))
    query = select(models.Edit.public_id).join(models.Session).order_by(models.Edit.id)
    with workspace.database.read() as transaction:
        return list(transaction.scalars(_narrowed(transaction, query, which)))


def _lines(file: Path) -> list[str]:
    try:
        lines = file.read_text("utf-8-sig").split()
    except UnicodeDecodeError:
        raise RequestError(f"{file.name} is not a text file with the id of an edit a line.") from None
    if not lines:
        raise RequestError(f"{file.name} names no edit.")
    return lines


def _session_ids(workspace: Workspace, which: Which, edits: list[str]) -> list[str]:
    query = select(models.Session.public_id).order_by(models.Session.id)
    with workspace.database.read() as transaction:
        if not which.file:
            return list(transaction.scalars(_narrowed(transaction, query, which)))
        found: dict[str, None] = {}
        holding = query.join(models.Edit, models.Edit.session_id == models.Session.id)
        for start in range(0, len(edits), AT_ONCE):
            some = edits[start : start + AT_ONCE]
            found |= dict.fromkeys(transaction.scalars(holding.where(models.Edit.public_id.in_(some))))
    return list(found)


def _narrowed(transaction: Transaction, query: Any, which: Which) -> Any:
    if which.session is not None:
        wanted = parse_id(which.session, "session")
        queries.session(transaction, wanted)
        return query.where(models.Session.public_id == wanted)
    if which.study is None:
        return query
    known = transaction.scalar(select(models.Session.id).filter_by(study=which.study).limit(1))
    if known is None:
        raise RequestError(f"No session belongs to a study {which.study!r}.")
    return query.where(models.Session.study == which.study)
