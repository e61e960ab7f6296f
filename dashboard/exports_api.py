"""Data packages and reports for the pages: begun, followed, stopped, fetched. For researchers."""

from __future__ import annotations

import re
from dataclasses import asdict, fields
from typing import Any, get_args

from flask import Blueprint, Response, send_file
from sqlalchemy import select

from dashboard.exports import jobs
from dashboard.exports.package import Choices, Scope
from dashboard.exports.package.choosing import Excluded, Pictures
from dashboard.exports.package.scopes import scope_of
from dashboard.recording.ids import RequestError, object_of, parse_id
from dashboard.recording.selections import in_turn, parse_selection
from dashboard.request_json import body_json
from dashboard.services import workspace
from dashboard.studies import store
from db.models import Edit, Session

blueprint = Blueprint("exports", __name__, url_prefix="/api/v1/exports")


@blueprint.post("")
def begin() -> dict[str, Any]:
    """``{"id", "study": slug | "selection": {"items" | "query"} | "everything": true, "choices": {…}}``.

    Or ``"comparison"``: its items, written as in the compare page's address. With ``"report": true`` the report on a
    study instead of a package.
    """
    body = body_json()
    job = parse_id(body.get("id"), "export")
    scope, name = _scope(body)
    file = jobs.FILES["package"]
    if body.get("report") is True:
        if scope.study is None:
            raise RequestError("A report is one on a study.")
        file, name = jobs.FILES["report"], f"{name}-report"
    jobs.begin(workspace().settings, job, scope, _choices(object_of(body, "choices")), name, file)
    return {"id": job}


@blueprint.get("/<job>")
def standing(job: str) -> dict[str, Any]:
    """How far it is."""
    return asdict(jobs.standing(workspace().settings, job))


@blueprint.delete("/<job>")
def stop(job: str) -> dict[str, Any]:
    """Stops it; nothing of it stays."""
    jobs.stop(workspace().settings, job)
    return {"id": job}


@blueprint.get("/<job>/package.zip")
@blueprint.get("/<job>/report.html")
def archive(job: str) -> Response:
    """The file, to be kept: a report holds what participants and researchers typed, so it is no page of ours."""
    path, name = jobs.archive(workspace().settings, job)
    kind = "application/zip" if path.suffix == ".zip" else "text/html"
    return send_file(path.resolve(), mimetype=kind, as_attachment=True, download_name=name)


def _scope(body: dict[str, Any]) -> tuple[Scope, str]:
    if body.get("everything") is True:
        return Scope(everything=True), "regionscope-everything"
    if isinstance(body.get("study"), str):
        slug = store.get(workspace(), body["study"]).slug
        return Scope(study=slug), f"regionscope-{re.sub('[^0-9A-Za-z-]', '', slug)}"
    if isinstance(body.get("comparison"), str):
        # As for its figure, so that this can be drawn from the package too.
        return scope_of(workspace(), "comparison", body["comparison"]), "regionscope-comparison"
    return Scope(sessions=_sessions(object_of(body, "selection"))), "regionscope-sessions"


def _sessions(selection: dict[str, Any]) -> tuple[str, ...]:
    """The selected sessions, and those of the selected edits."""
    found = parse_selection(workspace(), selection)
    sessions = dict.fromkeys(found.sessions)
    with workspace().database.read() as transaction:
        for some in in_turn(found.edits):
            of_edits = select(Session.public_id).join(Edit).where(Edit.public_id.in_(some)).order_by(Session.id)
            sessions |= dict.fromkeys(transaction.scalars(of_edits))
    return tuple(sessions)


def _choices(given: dict[str, Any]) -> Choices:
    allowed = {"pictures": get_args(Pictures), "excluded": get_args(Excluded)}
    for name, value in given.items():
        if name not in {field.name for field in fields(Choices)}:
            raise RequestError(f"There is no choice {name[:40]!r}.")
        if not (value in allowed[name] if name in allowed else isinstance(value, bool)):
            raise RequestError(f"{name} cannot be {str(value)[:40]!r}.")
    return Choices(**given)
