"""The participants of a study one by one: looked for, a page at a time, the newest first."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session as Transaction

from dashboard.recording.workspace import Workspace
from dashboard.studies.store import record_of
from dashboard.studies.watched import ACTIVE, TIMED_OUT, PeoplePage, Person, Sitting
from db import participants
from db.models import Session as SessionRow
from db.study_models import Participant, StudyVersion, Trial
from db.types import utc_now

A_PAGE = 50


def people(workspace: Workspace, slug: str, find: str = "", standing: str = "", number: int = 1) -> PeoplePage:
    """The participants whose name, recruiter's id, condition, flag or exclusion holds ``find``; raises NotFoundError.

    ``standing``: only those who stand there, see ``watched.STANDINGS``. A page that there is not is the last one.
    """
    with workspace.database.read() as transaction:
        study = participants.study_called(transaction, slug)
        gone_before = utc_now() - timedelta(minutes=record_of(transaction, study).design.place_minutes)
        everybody = (Participant.study_id == study.id) & Participant.preview.is_(False)
        wanted = everybody & _holds(find.strip()) & _stands(standing, gone_before)
        found = _count(transaction, wanted)
        pages = max(1, ceil(found / A_PAGE))
        here = min(max(1, number), pages)
        rows = _rows(transaction, wanted, here)
        return PeoplePage(
            people=_people(transaction, rows, gone_before),
            number=here,
            pages=pages,
            first=(here - 1) * A_PAGE + 1,
            found=found,
            total=_count(transaction, everybody),
        )


def _count(transaction: Transaction, wanted: ColumnElement[bool]) -> int:
    return transaction.scalar(select(func.count()).select_from(Participant).where(wanted)) or 0


def _holds(find: str) -> ColumnElement[bool]:
    if not find:
        return Participant.id.is_not(None)
    columns = (Participant.external_id, Participant.condition, Participant.flag, Participant.excluded)
    ways = [column.icontains(find, autoescape=True) for column in columns]
    name = re.fullmatch(r"[Pp](\d{1,9})", find)
    return or_(*ways, Participant.id == int(name[1])) if name else or_(*ways)


def _stands(standing: str, gone_before: datetime) -> ColumnElement[bool]:
    if not standing:
        return Participant.id.is_not(None)
    if standing in (ACTIVE, TIMED_OUT):
        is_seen = Participant.seen_at >= gone_before
        return (Participant.state == participants.STARTED) & (is_seen if standing == ACTIVE else ~is_seen)
    return Participant.state == standing


def _rows(transaction: Transaction, wanted: ColumnElement[bool], number: int) -> list[tuple[Participant, int]]:
    query = (
        select(Participant, StudyVersion.number)
        .join(StudyVersion, StudyVersion.id == Participant.version_id)
        .where(wanted)
        .order_by(Participant.id.desc())
        .offset((number - 1) * A_PAGE)
        .limit(A_PAGE)
    )
    return [(row, version) for row, version in transaction.execute(query)]


def standing_of(state: str, seen_at: datetime, gone_before: datetime) -> str:
    """``state``, or for who has begun: active, or timed out where nothing was seen of her since ``gone_before``."""
    if state != participants.STARTED:
        return state
    return ACTIVE if seen_at >= gone_before else TIMED_OUT


def _people(transaction: Transaction, rows: list[tuple[Participant, int]], gone_before: datetime) -> list[Person]:
    done = _progress(transaction, [row.id for row, _ in rows])
    sittings = _sittings(transaction, [row.id for row, _ in rows])
    return [
        Person(
            id=row.public_id,
            name=f"P{row.id}",
            external_id=row.external_id,
            condition=row.condition,
            standing=standing_of(row.state, row.seen_at, gone_before),
            version=version,
            answered=done.get(row.id, (0, 0))[0],
            trials=done.get(row.id, (0, 0))[1],
            started_at=row.started_at,
            seen_at=row.seen_at,
            ended_at=row.ended_at,
            flag=row.flag,
            excluded=row.excluded,
            sittings=tuple(sittings.get(row.id, ())),
        )
        for row, version in rows
    ]


def _progress(transaction: Transaction, ids: list[int]) -> dict[int, tuple[int, int]]:
    """Trials that are answered and trials that there are, by participant."""
    query = (
        select(Trial.participant_id, func.count(Trial.answered_at), func.count())
        .where(Trial.participant_id.in_(ids))
        .group_by(Trial.participant_id)
    )
    return {person: (answered, trials) for person, answered, trials in transaction.execute(query)}


def _sittings(transaction: Transaction, ids: list[int]) -> dict[int, list[Sitting]]:
    query = (
        select(Trial.participant_id, SessionRow.public_id, Trial.plan)
        .join(SessionRow, SessionRow.id == Trial.session_id)
        .where(Trial.participant_id.in_(ids))
        .order_by(Trial.position)
    )
    found: dict[int, list[Sitting]] = {}
    for person, session, plan in transaction.execute(query):
        found.setdefault(person, []).append(Sitting(session, plan["trial"]))
    return found
