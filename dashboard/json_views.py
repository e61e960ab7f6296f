"""What scripts read: the one place that knows the outside's JSON."""

from __future__ import annotations

from typing import Any

from dashboard.recording.edits import is_flipped
from db.records import Answer, Edit, Session


def predictions_json(answer: Answer, top: int = 5) -> list[dict[str, Any]]:
    """The ``top`` most probable classes, the first first."""
    highest = (-answer.probabilities).argsort(kind="stable")[:top]
    return [
        {"index": int(index), "label": answer.labels[index], "probability": float(answer.probabilities[index])}
        for index in highest
    ]


def session_json(session: Session) -> dict[str, Any]:
    """A session in a list."""
    return {
        "id": session.id,
        "name": session.name,
        "person": session.person,
        "notes": session.notes,
        "image": session.picture.name,
        "image_id": session.picture.id,
        "created": session.started_at.isoformat(),
        "head": session.head,
        "edit_count": session.edit_count,
    }


def session_with_edits_json(
    session: Session, edits: list[Edit], answers: dict[str, list[Answer]], originals: list[Answer]
) -> dict[str, Any]:
    """A session with its whole tree of edits."""
    shown = session_json(session)
    del shown["edit_count"]
    return shown | {"edits": [_edit_json(edit, answers.get(edit.id, []), originals) for edit in edits]}


def _edit_json(edit: Edit, answers: list[Answer], originals: list[Answer]) -> dict[str, Any]:
    return {
        "id": edit.id,
        "parent": edit.parent,
        "operation": edit.operation,
        "method": edit.method,
        "parameters": edit.parameters,
        "mask_area": edit.mask_area,
        "removed_area": edit.removed_area,
        "mask": edit.mask,
        "predictions": [{"model": a.model.key, "predictions": predictions_json(a)} for a in answers],
        "flipped": is_flipped(originals, answers),
        "created": edit.created_at.isoformat(),
    }
