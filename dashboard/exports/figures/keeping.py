"""Annotations kept with their figure: read, and put in the place of what was there."""

from __future__ import annotations

from sqlalchemy import delete, select

from dashboard.exports.figures.annotations import Annotation, as_json, parse_annotations
from dashboard.exports.figures.drawing import kind_called
from dashboard.exports.figures.look import FigureError
from dashboard.recording.text import is_storable
from dashboard.recording.workspace import Workspace
from db.models import FigureAnnotations

LONGEST_OF = 1024


def kept_annotations(workspace: Workspace, kind: str, of: str) -> tuple[Annotation, ...]:
    """What is on the figure; empty where nobody put anything there."""
    with workspace.database.read() as transaction:
        query = select(FigureAnnotations.content).where(
            FigureAnnotations.kind == kind, FigureAnnotations.about == of[:LONGEST_OF]
        )
        content = transaction.scalar(query)
    return parse_annotations(content or [])


def keep_annotations(workspace: Workspace, kind: str, of: str, annotations: tuple[Annotation, ...]) -> None:
    """Keeps them in the place of what was there; raises FigureError for what cannot be kept."""
    kind_called(kind)
    if len(of) > LONGEST_OF or not is_storable(of) or not all(is_storable(one.text) for one in annotations):
        raise FigureError("This cannot be kept.")
    with workspace.database.write() as transaction:
        transaction.execute(
            delete(FigureAnnotations).where(FigureAnnotations.kind == kind, FigureAnnotations.about == of)
        )
        if annotations:
            transaction.add(FigureAnnotations(kind=kind, about=of, content=as_json(annotations)))
