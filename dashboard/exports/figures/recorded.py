"""A package for as long as a figure is drawn, of just what the figure is of."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.exports.figures.drawing import KINDS
from dashboard.exports.figures.look import FigureError
from dashboard.exports.package import Choices, Scope, write_package
from dashboard.recording.ids import parse_id
from dashboard.recording.workspace import Workspace
from dashboard.studies.results.report import results
from db.errors import NotFoundError
from db.models import Edit, Image, Region, Session


@contextmanager
def package_of(workspace: Workspace, kind: str, of: str) -> Iterator[Path]:
    """Writes it with the installation's own ids. Raises FigureError for an unknown kind, NotFoundError."""
    if kind not in KINDS:
        raise FigureError(f"There is no figure {kind!r}; there are {', '.join(KINDS)}.")
    scope = _scope(workspace, KINDS[kind].of, of)
    if scope.study is not None:
        results(workspace, scope.study, None)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "package"
        write_package(workspace, scope, Choices(pictures="all", keep_ids=True, free_text=True), target)
        yield target


def _scope(workspace: Workspace, what: str, of: str) -> Scope:
    if what == "study":
        return Scope(study=of)
    public_id = parse_id(of, what)
    with workspace.database.read() as transaction:
        sessions = _sessions(transaction, what, public_id)
    if not sessions:
        raise NotFoundError(f"There is no {what} with this id, or nobody has done anything with it.")
    return Scope(sessions=sessions)


def _sessions(transaction: Transaction, what: str, public_id: str) -> tuple[str, ...]:
    query = select(Session.public_id).order_by(Session.id).distinct()
    if what == "session":
        query = query.where(Session.public_id == public_id)
    elif what == "edit":
        query = query.join(Edit, Edit.session_id == Session.id).where(Edit.public_id == public_id)
    elif what == "region":
        query = query.join(Region, Region.session_id == Session.id).where(Region.public_id == public_id)
    else:
        query = query.join(Region, Region.session_id == Session.id).join(Image, Region.image_id == Image.id)
        query = query.where(Image.public_id == public_id)
    return tuple(transaction.scalars(query.add_columns(Session.id)))
