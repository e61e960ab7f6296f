"""What goes into a package: whose sessions, and what of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session as Transaction

from dashboard.recording.ids import RequestError
from db import participants, queries
from db.models import Edit, Image, Model, Prediction, Region, Session
from db.study_models import Participant, Study, Trial

_AT_ONCE = 500
Pictures = Literal["free", "all", "none"]
Excluded = Literal["flagged", "in", "out"]


@dataclass(frozen=True)
class Scope:
    """Sessions by their public ids, a study by its slug, or everything that is recorded.

    ``pictures``, beside sessions or alone: pictures by their public ids, with what was imported for their originals.
    """

    sessions: tuple[str, ...] = ()
    study: str | None = None
    everything: bool = False
    pictures: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.some, self.study is not None, self.everything).count(True) != 1:
            raise RequestError("Say what to export: sessions, one study, or everything.")

    @property
    def some(self) -> bool:
        """Whether it is sessions or pictures, one by one."""
        return bool(self.sessions or self.pictures)


@dataclass(frozen=True)
class Choices:
    """What of it. ``pictures`` "free": all but those whose licence forbids it, "none": their hashes alone.

    ``excluded``: participants whom a researcher excluded are there and flagged, there like all others, or out.
    ``keep_ids``: the ids of the installation instead of numbers of this package.
    """

    pictures: Pictures = "free"
    excluded: Excluded = "flagged"
    recruiter_ids: bool = False
    free_text: bool = False
    keep_ids: bool = False
    maps: bool = True

    @property
    def left_out(self) -> frozenset[str]:
        """The kinds of private columns that are not in the package."""
        out = {"recruiter"} if not self.recruiter_ids else set()
        return frozenset(out | ({"free text"} if not self.free_text else set()))


@dataclass(frozen=True)
class Chosen:
    """Row numbers, each in the order in which they were recorded; ``excluded_out``: participants left out."""

    studies: tuple[int, ...]
    participants: tuple[int, ...]
    sessions: tuple[int, ...]
    trials: tuple[int, ...]
    images: tuple[int, ...]
    edits: tuple[int, ...]
    regions: tuple[int, ...]
    models: tuple[int, ...]
    excluded_out: int = 0


def choose(transaction: Transaction, scope: Scope, choices: Choices) -> Chosen:
    """Everything that belongs to the scope; raises NotFoundError for an unknown session or study."""
    people, sessions, excluded_out = _people_and_sessions(transaction, scope, choices)
    trials = _trials(transaction, scope, people, sessions)
    edits = _in(transaction, select(Edit.id), Edit.session_id, sessions)
    regions = _in(transaction, select(Region.id), Region.session_id, sessions)
    if scope.everything or scope.pictures:
        outside = select(Region.id).where(Region.session_id.is_(None), Region.edit_id.is_(None))
        if scope.pictures:
            outside = outside.join(Image, Region.image_id == Image.id).where(Image.public_id.in_(scope.pictures))
        regions = sorted({*regions, *transaction.scalars(outside)})
    studies = _in(transaction, select(Participant.study_id), Participant.id, people)
    if scope.study is not None:
        studies = [participants.study_called(transaction, scope.study).id]
    elif scope.everything:
        studies = list(transaction.scalars(select(Study.id)))
    images = _images(transaction, scope, sessions, trials, regions)
    return Chosen(
        tuple(sorted(set(studies))),
        tuple(people),
        tuple(sessions),
        tuple(trials),
        tuple(images),
        tuple(edits),
        tuple(regions),
        tuple(_models(transaction, images, edits, regions)),
        excluded_out,
    )


def in_parts(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    """The row numbers in parts that one statement can hold."""
    for start in range(0, len(numbers), _AT_ONCE):
        yield numbers[start : start + _AT_ONCE]


def _in(transaction: Transaction, query: Any, column: Any, numbers: Sequence[int]) -> list[int]:
    found = {row for part in in_parts(numbers) for row in transaction.scalars(query.where(column.in_(part)))}
    return sorted(found)


def _people_and_sessions(transaction: Transaction, scope: Scope, choices: Choices) -> tuple[list[int], list[int], int]:
    if scope.some:
        for public_id in scope.sessions:
            queries.session(transaction, public_id)
        sessions = sorted(transaction.scalars(select(Session.id).where(Session.public_id.in_(scope.sessions))))
        people = _in(transaction, select(Trial.participant_id), Trial.session_id, sessions)
        wanted: ColumnElement[bool] = Participant.preview.is_(False)
    else:
        wanted = Participant.preview.is_(False)
        if scope.study is not None:
            wanted &= Participant.study_id == participants.study_called(transaction, scope.study).id
        people = sorted(transaction.scalars(select(Participant.id).where(wanted)))
        sessions = []
    out = set(transaction.scalars(select(Participant.id).where(wanted, Participant.excluded.is_not(None))))
    out &= set(people) if choices.excluded == "out" else set()
    previews = set(transaction.scalars(select(Participant.id).where(Participant.preview.is_(True))))
    hidden = set(_in(transaction, select(Trial.session_id), Trial.participant_id, sorted(out | previews)))
    kept = [one for one in people if one not in out | previews]
    if not scope.some:
        theirs = select(Trial.session_id).where(Trial.session_id.is_not(None))
        sessions = _in(transaction, theirs, Trial.participant_id, kept)
    if scope.everything:
        sessions = sorted(transaction.scalars(select(Session.id)))
    return kept, [one for one in sessions if one not in hidden], len(out)


def _trials(transaction: Transaction, scope: Scope, people: list[int], sessions: list[int]) -> list[int]:
    if scope.some:
        return _in(transaction, select(Trial.id), Trial.session_id, sessions)
    return _in(transaction, select(Trial.id), Trial.participant_id, people)


def _images(
    transaction: Transaction, scope: Scope, sessions: list[int], trials: list[int], regions: list[int]
) -> list[int]:
    if scope.everything:
        return sorted(transaction.scalars(select(Image.id)))
    found = {*_in(transaction, select(Session.image_id), Session.id, sessions)}
    found |= {*_in(transaction, select(Region.image_id), Region.id, regions)}
    found |= {*transaction.scalars(select(Image.id).where(Image.public_id.in_(scope.pictures)))}
    named: set[str] = set()
    for part in in_parts(trials):
        plans = transaction.scalars(select(Trial.plan).where(Trial.id.in_(part)))
        named |= {str(plan["picture"]) for plan in plans if plan.get("picture")}
    pictures = tuple(sorted(named))
    for start in range(0, len(pictures), _AT_ONCE):
        some = pictures[start : start + _AT_ONCE]
        found |= set(transaction.scalars(select(Image.id).where(Image.public_id.in_(some))))
    return sorted(found)


def _models(transaction: Transaction, images: list[int], edits: list[int], regions: list[int]) -> list[int]:
    found: set[int] = set()
    for numbers, column in ((edits, Prediction.edit_id), (images, Prediction.image_id)):
        for part in in_parts(numbers):
            found |= set(transaction.scalars(select(Prediction.model_id).where(column.in_(part)).distinct()))
    for part in in_parts(regions):
        of_regions = select(Region.model_id).where(Region.id.in_(part), Region.model_id.is_not(None)).distinct()
        found |= {int(number) for number in transaction.scalars(of_regions) if number is not None}
    rows = select(Model.id).where(or_(Model.id.in_(found)))
    return sorted(transaction.scalars(rows))
