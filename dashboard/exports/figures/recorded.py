"""A package for as long as a figure is drawn, of just what the figure is of."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.exports.figures.drawing import kind_called
from dashboard.exports.figures.look import FigureError
from dashboard.exports.figures.reading import Asked
from dashboard.exports.figures.worked_out import NotReadyError, work_out
from dashboard.exports.package import Choices, Scope, write_package
from dashboard.recording.comparison_url import WHAT, parse_items
from dashboard.recording.ids import new_id, parse_id
from dashboard.recording.workspace import Workspace
from dashboard.studies.results.report import results
from db import regions
from db.errors import NotFoundError
from db.models import Edit, Image, Region, Session
from db.regions import HUMAN


@contextmanager
def package_of(workspace: Workspace, kind: str, of: str, asked: Asked | None = None) -> Iterator[Path]:
    """Writes it with the installation's own ids. Raises FigureError for an unknown kind, NotFoundError."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "package"
        write_figure_package(workspace, kind, of, target, asked)
        yield target


def write_figure_package(
    workspace: Workspace, kind: str, of: str, target: Path, asked: Asked | None = None, seconds: float | None = None
) -> None:
    """Writes what a figure is drawn from into the new folder ``target``.

    What has to be worked out first is: to the end, or for some ``seconds``, after which NotReadyError says how far it
    is.
    """
    found = kind_called(kind)
    scope = scope_of(workspace, found.of, of)
    if scope.study is not None:
        standing = results(workspace, scope.study, seconds)
        if standing.done < standing.total:
            raise NotReadyError(standing.done, standing.total)
    extra = work_out(workspace, kind, asked or Asked(of), of, seconds)
    choices = Choices(pictures="all", keep_ids=True, free_text=True, maps=found.needs_maps)
    # Beside it first: whoever finds the folder finds all of it.
    making = target.with_name(f"{target.name}.{new_id()[-12:]}.making")
    try:
        write_package(workspace, scope, choices, making)
        extra(making)
        with suppress(OSError):  # another request was quicker
            making.rename(target)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def scope_of(workspace: Workspace, what: str, of: str) -> Scope:
    """The part of the installation that such a figure is of; raises NotFoundError, RequestError, FigureError."""
    if what == "study":
        return Scope(study=of)
    with workspace.database.read() as transaction:
        if what == "comparison":
            scope = _compared(transaction, of)
        else:
            scope = Scope(sessions=_sessions(transaction, what, of), pictures=_pictures(transaction, what, of))
    return scope


def _compared(transaction: Transaction, of: str) -> Scope:
    items = parse_items(of)
    if items.problems:
        raise FigureError(items.problems[0])
    sessions = [one for item in items.references if item.kind != "image"
                for one in _sessions(transaction, item.kind, item.id)]  # fmt: skip
    pictures = tuple(item.id for item in items.references if item.kind == "image")
    return Scope(sessions=tuple(dict.fromkeys(sessions)), pictures=pictures)


def _pictures(transaction: Transaction, what: str, of: str) -> tuple[str, ...]:
    """The pictures whose imported regions belong to it: everybody's, and the one from which the floor is taken."""
    if what == "region":
        region = regions.region(transaction, parse_id(of, "region"))
        return () if region.session else (region.picture,)
    if what != "image":
        return ()
    other = regions.most_marked(transaction, but=parse_id(of, "picture"))
    return (of, other) if other else (of,)


def _sessions(transaction: Transaction, what: str, of: str) -> tuple[str, ...]:
    public_id = parse_id(of, WHAT.get(what, what))
    query = select(Session.public_id).order_by(Session.id).distinct()
    if what == "session":
        query = query.where(Session.public_id == public_id)
    elif what == "edit":
        query = query.join(Edit, Edit.session_id == Session.id).where(Edit.public_id == public_id)
    elif what == "region":
        query = query.join(Region, Region.session_id == Session.id).where(Region.public_id == public_id)
    else:
        pictures = _pictures(transaction, what, of)
        query = query.join(Region, Region.session_id == Session.id).join(Image, Region.image_id == Image.id)
        query = query.where(Image.public_id.in_(pictures), Region.kind == HUMAN, Region.edit_id.is_(None))
    found = tuple(transaction.scalars(query.add_columns(Session.id)))
    if not found and what in ("session", "edit"):
        raise NotFoundError(f"There is no {what} with this id.")
    return found
