"""What else happened on a participant's way, in her browser's words: strokes, first input, focus, the window's size."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from dashboard.recording.ids import RequestError
from dashboard.recording.text import is_storable
from dashboard.recording.workspace import Workspace
from dashboard.vision.shapes import parse_shapes
from db import participants
from db.engine import insert_if_new
from db.errors import ConflictError
from db.study_models import Participant, ParticipantEvent, Trial

KINDS = ("shown", "first_input", "stroke", "unstroke", "clear", "focus", "window")
MOST_AT_ONCE = 100
LARGEST_PAYLOAD = 256 * 1024  # characters of JSON
# Lists and objects within each other; a stroke's timing has five. Whatever reads deeper ones could run out of stack.
DEEPEST = 16
# A trial's place; more than any study has.
_LONGEST_PLACE = 6


@dataclass(frozen=True)
class Happening:
    """One thing that happened, under the id that the browser gave it."""

    id: str
    kind: str
    payload: dict[str, Any]
    client_ms: float | None = None


def check_happening(happening: Happening) -> None:
    """Raises RequestError for what cannot be kept."""
    if happening.kind not in KINDS:
        raise RequestError("There is no event of this kind.")
    if not _is_shallow(happening.payload, DEEPEST):
        raise RequestError("This is more than one event can hold.")
    if len(json.dumps(happening.payload)) > LARGEST_PAYLOAD or not all(map(is_storable, texts(happening.payload))):
        raise RequestError("This is more than one event can hold.")
    if happening.kind == "stroke":
        parse_shapes([happening.payload.get("shape")])


def _is_shallow(value: Any, deepest: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    parts = value.values() if isinstance(value, dict) else value
    return deepest > 0 and all(_is_shallow(one, deepest - 1) for one in parts)


def texts(value: Any) -> Iterator[str]:
    """All texts in a JSON value, the names of its fields among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


def note(workspace: Workspace, participant: str, happenings: list[Happening]) -> None:
    """Keeps them in their order, each once; when it returns, they are on the disk."""
    if len(happenings) > MOST_AT_ONCE:
        raise RequestError(f"At most {MOST_AT_ONCE} events can be sent at once.")
    for happening in happenings:
        check_happening(happening)
    with workspace.database.write() as transaction:
        row = participants.participant_row(transaction, participant, locked=True)
        if row.state in ("withdrawn", "declined"):
            raise ConflictError("You have left the study; nothing more is kept.")
        participants.touch(row)
        for happening in happenings:
            insert_if_new(
                transaction,
                ParticipantEvent,
                public_id=happening.id,
                participant_id=row.id,
                kind=happening.kind,
                payload=happening.payload,
                client_ms=happening.client_ms,
            )
        for happening in happenings:
            if happening.kind in ("shown", "first_input"):
                _note_time(transaction, row, happening)


def _note_time(transaction: Any, row: Participant, happening: Happening) -> None:
    """The first of each counts: a page that is opened again was shown before."""
    kind, _, position = str(happening.payload.get("step", "")).partition(":")
    if kind != "trial" or not position.isdecimal() or len(position) > _LONGEST_PLACE:
        return
    query = select(Trial).where(Trial.participant_id == row.id, Trial.position == int(position))
    trial = transaction.scalar(query)
    if trial is None:
        return
    if happening.kind == "shown" and trial.shown_client_ms is None:
        trial.shown_client_ms = happening.client_ms
    if happening.kind == "first_input" and trial.first_input_client_ms is None:
        trial.first_input_client_ms = happening.client_ms
