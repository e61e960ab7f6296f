"""Annotations kept with their figure, by its kind, what it is of and its own choices: read, and put in their place."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as Transaction

from dashboard.exports.figures.annotations import Annotation, as_json, choices_key, parse_annotations
from dashboard.exports.figures.drawing import kind_called
from dashboard.exports.figures.look import FigureError
from dashboard.exports.figures.reading import Asked
from dashboard.recording.text import is_storable
from dashboard.recording.workspace import Workspace
from db.models import FigureAnnotations

# PostgreSQL's indexes hold no more than some 2,700 bytes a row.
LONGEST_BYTES = 1024


def kept_annotations(workspace: Workspace, kind: str, asked: Asked) -> tuple[Annotation, ...]:
    """What is on the figure; empty where nobody put anything there. Raises FigureError for an unknown kind."""
    with workspace.database.read() as transaction:
        return annotations_on(transaction, kind, asked.of, kind_called(kind).choices(asked))


def annotations_on(transaction: Transaction, kind: str, of: str, choices: dict[str, str]) -> tuple[Annotation, ...]:
    """The same, where the choices that are not the usual ones are known."""
    query = select(FigureAnnotations.content).filter_by(kind=kind, about=of, choices=choices_key(choices))
    return parse_annotations(transaction.scalar(query) or [])


def keep_annotations(workspace: Workspace, kind: str, asked: Asked, annotations: tuple[Annotation, ...]) -> None:
    """Keeps them in the place of what was there; raises FigureError for what cannot be kept."""
    figure = {"kind": kind, "about": asked.of, "choices": choices_key(kind_called(kind).choices(asked))}
    is_long = any(len(part.encode("utf-8", "replace")) > LONGEST_BYTES for part in figure.values())
    if is_long or not is_storable(asked.of) or not all(is_storable(one.text) for one in annotations):
        raise FigureError("This cannot be kept.")
    with workspace.database.write() as transaction:
        transaction.execute(delete(FigureAnnotations).filter_by(**figure))
        if annotations:
            transaction.add(FigureAnnotations(**figure, content=as_json(annotations)))
