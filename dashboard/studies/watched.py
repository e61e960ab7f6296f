"""What is seen of a study while it fills, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

ACTIVE, TIMED_OUT = "active", "timed_out"
STANDINGS = (ACTIVE, "finished", "declined", TIMED_OUT, "screened_out", "withdrawn")


@dataclass(frozen=True)
class Standing:
    """How many of one condition (or of all) there are in each of ``STANDINGS``; ``started`` is their sum."""

    condition: str
    counts: dict[str, int]
    excluded: int

    @property
    def started(self) -> int:
        """Everybody who ever began."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class TrialTimes:
    """Seconds from shown to answered by the participants' clocks: median and quartiles over ``n`` answered trials."""

    block: str
    trial: str
    kind: str
    n: int
    lower: float
    median: float
    upper: float


@dataclass(frozen=True)
class Answered:
    """One answer; ``answers`` as it is kept."""

    person: str
    step: str
    kind: str | None
    answers: dict[str, Any]
    at: datetime


@dataclass(frozen=True)
class Sitting:
    """One trial's recorded session, to be replayed."""

    session: str
    trial: str


@dataclass(frozen=True)
class Person:
    """One participant. ``standing`` is her state, where a place that was given up counts as timed out."""

    id: str
    name: str
    external_id: str | None
    condition: str
    standing: str
    version: int
    answered: int
    trials: int
    started_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    flag: str | None
    excluded: str | None
    sittings: tuple[Sitting, ...]


@dataclass(frozen=True)
class PeoplePage:
    """One page (``number`` from 1, of ``pages``) of the ``found`` participants out of ``total``.

    ``first`` is the place of its first among them, from 1.
    """

    people: list[Person]
    number: int
    pages: int
    first: int
    found: int
    total: int
