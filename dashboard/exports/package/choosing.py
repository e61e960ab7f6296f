"""What goes into a package: whose sessions, and what of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session as Transaction

from dashboard.recording.ids import RequestError
from dashboard.studies.design import Design
from dashboard.studies.library import picture_called, pictures_of_sets
from db import participants
from db.errors import NotFoundError
from db.models import Edit, Image, Prediction, Region, Session
from db.study_models import Participant, Study, StudyVersion, Trial

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

    ``excluded``: participants whom a researcher excluded are there and flagged, there like all others (then no table
    says who they are), or out.
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
    """Row numbers, each in the order in which they were recorded.

    ``excluded``: how many of the participants a researcher excluded; ``excluded_out``: how many were left out for it.
    """

    studies: tuple[int, ...]
    participants: tuple[int, ...]
    sessions: tuple[int, ...]
    trials: tuple[int, ...]
    images: tuple[int, ...]
    edits: tuple[int, ...]
    regions: tuple[int, ...]
    models: tuple[int, ...]
    excluded: int = 0
    excluded_out: int = 0


def choose(transaction: Transaction, scope: Scope, choices: Choices) -> Chosen:
    """Everything that belongs to the scope; raises NotFoundError for an unknown session, picture or study."""
    people, sessions, excluded_out = _people_and_sessions(transaction, scope, choices)
    trials = _trials(transaction, scope, people, sessions)
    edits = _in(transaction, select(Edit.id), Edit.session_id, sessions)
    regions = _in(transaction, select(Region.id), Region.session_id, sessions)
    outside = select(Region.id).where(Region.session_id.is_(None), Region.edit_id.is_(None))
    if scope.everything:
        regions = sorted({*regions, *transaction.scalars(outside)})
    elif scope.pictures:
        of_pictures = outside.join(Image, Region.image_id == Image.id)
        regions = sorted({*regions, *_in(transaction, of_pictures, Image.public_id, scope.pictures)})
    studies = _in(transaction, select(Participant.study_id), Participant.id, people)
    if scope.study is not None:
        studies = [participants.study_called(transaction, scope.study).id]
    elif scope.everything:
        studies = sorted(transaction.scalars(select(Study.id)))
    images = _images(transaction, scope, sessions, trials, regions, studies)
    excluded = _in(transaction, select(Participant.id).where(Participant.excluded.is_not(None)), Participant.id, people)
    return Chosen(
        tuple(studies),
        tuple(people),
        tuple(sessions),
        tuple(trials),
        tuple(images),
        tuple(edits),
        tuple(regions),
        tuple(_models(transaction, images, edits, regions)),
        len(excluded),
        excluded_out,
    )


def in_parts(numbers: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Row numbers, or ids, in parts that one statement can hold."""
    for start in range(0, len(numbers), _AT_ONCE):
        yield numbers[start : start + _AT_ONCE]


def _in(transaction: Transaction, query: Any, column: Any, values: Sequence[Any]) -> list[int]:
    """Row numbers by the values of a column, each once; a trial that was not begun has no session."""
    found = {row for part in in_parts(values) for row in transaction.scalars(query.where(column.in_(part)))}
    return sorted(row for row in found if row is not None)


def _people_and_sessions(transaction: Transaction, scope: Scope, choices: Choices) -> tuple[list[int], list[int], int]:
    wanted: ColumnElement[bool] = Participant.preview.is_(False)
    sessions: list[int] = []
    if scope.some:
        sessions = _named(transaction, scope.sessions)
        people = _in(transaction, select(Trial.participant_id), Trial.session_id, sessions)
    else:
        if scope.study is not None:
            wanted &= Participant.study_id == participants.study_called(transaction, scope.study).id
        people = sorted(transaction.scalars(select(Participant.id).where(wanted)))
    out = set(transaction.scalars(select(Participant.id).where(wanted, Participant.excluded.is_not(None))))
    out &= set(people) if choices.excluded == "out" else set()
    previews = set(transaction.scalars(select(Participant.id).where(Participant.preview.is_(True))))
    hidden = set(_in(transaction, select(Trial.session_id), Trial.participant_id, sorted(out | previews)))
    kept = [one for one in people if one not in out | previews]
    if scope.study is not None:
        sessions = _in(transaction, select(Trial.session_id), Trial.participant_id, kept)
    if scope.everything:
        sessions = sorted(transaction.scalars(select(Session.id)))
    return kept, [one for one in sessions if one not in hidden], len(out)


def _named(transaction: Transaction, public_ids: Sequence[str]) -> list[int]:
    """The sessions of these ids; raises NotFoundError where one is not there."""
    wanted = sorted(set(public_ids))
    found = _in(transaction, select(Session.id), Session.public_id, wanted)
    if len(found) < len(wanted):
        missing = len(wanted) - len(found)
        one = "There is no session with this id."
        raise NotFoundError(one if missing == 1 else f"{missing:,} of the sessions are gone.")
    return found


def _pictures(transaction: Transaction, public_ids: Sequence[str]) -> list[int]:
    """The pictures of these ids; raises NotFoundError where one is not there."""
    wanted = sorted(set(public_ids))
    found = _in(transaction, select(Image.id), Image.public_id, wanted)
    if len(found) < len(wanted):
        raise NotFoundError("There is no picture with this id.")
    return found


def _trials(transaction: Transaction, scope: Scope, people: list[int], sessions: list[int]) -> list[int]:
    if scope.some:
        return _in(transaction, select(Trial.id), Trial.session_id, sessions)
    return _in(transaction, select(Trial.id), Trial.participant_id, people)


def _images(
    transaction: Transaction,
    scope: Scope,
    sessions: list[int],
    trials: list[int],
    regions: list[int],
    studies: list[int],
) -> list[int]:
    if scope.everything:
        return sorted(transaction.scalars(select(Image.id)))
    found = {*_in(transaction, select(Session.image_id), Session.id, sessions)}
    found |= {*_in(transaction, select(Region.image_id), Region.id, regions), *_pictures(transaction, scope.pictures)}
    named = set()
    for part in in_parts(trials):
        plans = transaction.scalars(select(Trial.plan).where(Trial.id.in_(part)))
        named |= {str(plan["picture"]) for plan in plans if plan.get("picture")}
    if scope.study is not None:
        named |= {public_id for number in studies for public_id in _materials(transaction, number)}
    return sorted(found | {*_in(transaction, select(Image.id), Image.public_id, sorted(named))})


def _materials(transaction: Transaction, study: int) -> Iterator[str]:
    """Ids of every picture that a study's designs name, whether anybody was shown it or not."""
    for content in transaction.scalars(select(StudyVersion.design).where(StudyVersion.study_id == study)):
        design = Design.model_validate(content)
        for pictures in pictures_of_sets(transaction, design).values():
            yield from (one.id for one in pictures)
        names = [page.picture for page in design.instructions if page.picture is not None]
        blocks = (*design.practice, *design.blocks)
        names += [check.picture for block in blocks for check in block.attention]
        yield from (one.id for name in dict.fromkeys(names) if (one := picture_called(transaction, name)))


def _models(transaction: Transaction, images: list[int], edits: list[int], regions: list[int]) -> list[int]:
    found: set[int] = set()
    for numbers, column in ((edits, Prediction.edit_id), (images, Prediction.image_id)):
        for part in in_parts(numbers):
            found |= set(transaction.scalars(select(Prediction.model_id).where(column.in_(part)).distinct()))
    return sorted(found | {*_in(transaction, select(Region.model_id).distinct(), Region.id, regions)})
