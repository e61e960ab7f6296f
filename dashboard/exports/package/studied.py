"""A study's answers, of those of its participants and trials that are in a package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.exports.package.choosing import Choices, Chosen, in_parts
from dashboard.exports.package.designs import FREE_TEXT_QUESTIONS
from dashboard.recording.workspace import Workspace
from dashboard.studies.results.rows import Said, StudyRows, TrialRow, read
from db.study_models import Participant, Study, Trial

Place = tuple[str, int]


def chosen_studies(workspace: Workspace, transaction: Transaction, chosen: Chosen, choices: Choices) -> list[StudyRows]:
    """The answers that are in the package, by study."""
    places = _places(transaction, chosen)
    slugs = transaction.scalars(select(Study.slug).where(Study.id.in_(chosen.studies)).order_by(Study.id))
    return [_only(read(workspace, slug), places, choices) for slug in slugs]


def _places(transaction: Transaction, chosen: Chosen) -> dict[str, set[int]]:
    """Places of the chosen trials by their participants' ids; every chosen participant is in it."""
    found: dict[str, set[int]] = {}
    for part in in_parts(chosen.participants):
        for public_id in transaction.scalars(select(Participant.public_id).where(Participant.id.in_(part))):
            found[public_id] = set()
    for part in in_parts(chosen.trials):
        rows = select(Participant.public_id, Trial.position).join(Trial, Trial.participant_id == Participant.id)
        for public_id, position in transaction.execute(rows.where(Trial.id.in_(part))):
            found.setdefault(public_id, set()).add(position)
    return found


def _only(rows: StudyRows, places: dict[str, set[int]], choices: Choices) -> StudyRows:
    people = {one.name: one.id for one in rows.people if one.id in places}
    trials = [one for one in rows.trials if one.person in people and one.position in places[people[one.person]]]
    asked = {(one.person, one.trial, one.picture, _levels(one)) for one in trials}
    return replace(
        rows,
        people=[one for one in rows.people if one.name in people],
        trials=trials,
        said=[one for one in _words(rows.said, choices) if one.person in people and _is_of(one, asked)],
    )


def _words(said: Sequence[Said], choices: Choices) -> Sequence[Said]:
    return said if choices.free_text else [one for one in said if one.kind not in FREE_TEXT_QUESTIONS]


def _is_of(said: Said, asked: set[tuple[str, str, str, tuple[tuple[str, str], ...]]]) -> bool:
    return said.picture is None or (said.person, said.where, said.picture, _levels(said)) in asked


def _levels(one: Said | TrialRow) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(one.levels.items()))
