"""What callers get: frozen descriptions of what is kept, never rows of the ORM."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Picture:
    """A picture; ``width`` and ``height`` are the upload's, the working ones those of everything done with it."""

    id: str
    name: str
    source: str | None
    licence: str | None
    true_label: str | None
    image_set: str
    width: int
    height: int
    original_blob: str
    working_blob: str
    working_width: int
    working_height: int


@dataclass(frozen=True)
class Edit:
    """One node of a session's tree; ``parent`` None is the original. ``mask`` is COCO run-length encoding."""

    id: str
    session: str
    parent: str | None
    sequence: int
    operation: str
    method: str
    parameters: dict[str, Any]
    shapes: list[Any]
    mask: dict[str, Any]
    mask_area: float
    removed: dict[str, Any]
    removed_area: float
    result_blob: str
    client_started_ms: float | None
    client_ended_ms: float | None
    duration_ms: float
    created_at: datetime


@dataclass(frozen=True)
class Region:
    """What somebody or something marked; ``edit`` None is the original, ``mask`` COCO run-length encoding.

    ``author`` is whoever marked it: a person's name, or the session's id where she gave none. ``model`` is the key of
    the model that a computed region explains.
    """

    id: str
    kind: str
    picture: str
    edit: str | None
    session: str | None
    model: str | None
    class_index: int | None
    class_name: str
    name: str
    reason: str
    confidence: int | None
    agreement: float | None
    author: str
    source: str
    parameters: dict[str, Any]
    mask: dict[str, Any]
    mask_area: float
    created_at: datetime


@dataclass(frozen=True)
class Session:
    """One sitting; ``head`` and ``tip`` are edits' ids, None the original."""

    id: str
    picture: Picture
    name: str
    notes: str
    person: str
    head: str | None
    tip: str | None
    edit_count: int
    started_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True)
class ModelRecord:
    """A classifier as it really was when it answered."""

    key: str
    label: str
    family: str
    weights_sha256: str
    engine: str
    engine_version: str


@dataclass(frozen=True)
class StepAnswer:
    """What one model says to an edit's result, in short: its top class, and the probability of one class asked for."""

    edit: str
    top_index: int
    probability: float


@dataclass(frozen=True)
class Answer:
    """One model's answer: probabilities (K,) float32 with the labels (K,) they belong to."""

    model: ModelRecord
    labels: list[str] = field(repr=False)
    probabilities: NDArray[np.float32] = field(repr=False)
    top_index: int
    top_probability: float
    latency_ms: float

    @property
    def top_label(self) -> str:
        """The name of the most probable class."""
        return self.labels[self.top_index]
