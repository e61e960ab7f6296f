"""A study while it fills: who is where in which condition, how long trials take, what was answered last."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session as Transaction

from dashboard.recording.workspace import Workspace
from dashboard.studies.assignment import conditions
from dashboard.studies.design import Design
from dashboard.studies.store import StudyRecord, record_of
from dashboard.studies.watched import ACTIVE, STANDINGS, TIMED_OUT, Answered, Standing, TrialTimes
from db import participants
from db.study_models import Participant, Response, Study, Trial
from db.types import utc_now

LAST_ANSWERS = 20


@dataclass(frozen=True)
class Watch:
    """A study as it stands; previews are in nothing but their count."""

    record: StudyRecord
    conditions: list[Standing]
    total: Standing
    times: list[TrialTimes]
    answers: list[Answered]
    previews: int


def watch(workspace: Workspace, slug: str) -> Watch:
    """How the study of this slug stands now; raises NotFoundError."""
    with workspace.database.read() as transaction:
        study = participants.study_called(transaction, slug)
        record = record_of(transaction, study)
        gone_before = utc_now() - timedelta(minutes=record.design.place_minutes)
        by_condition = _standings(transaction, study, record.design, gone_before)
        return Watch(
            record=record,
            conditions=by_condition,
            total=_total(by_condition),
            times=_times(transaction, study),
            answers=_last_answers(transaction, study),
            previews=_previews(transaction, study),
        )


def pulse(workspace: Workspace, slug: str) -> str:
    """The same as long as ``watch`` would say the same; takes a thousandth of its time in a large study."""
    now = utc_now()
    with workspace.database.read() as transaction:
        study = participants.study_called(transaction, slug)
        columns = (Participant.seen_at, Participant.ended_at)
        latest = transaction.execute(select(*map(func.max, columns)).where(Participant.study_id == study.id)).one()
        counted = (Participant.id, Participant.flag, Participant.excluded, Participant.ended_at)
        counts = transaction.execute(select(*map(func.count, counted)).where(Participant.study_id == study.id)).one()
        # Whoever is not seen any more times out without a word.
        minute = now.replace(second=0, microsecond=0)
        return repr((study.changed_at, study.state, study.version, *latest, *counts, minute))


def _standings(transaction: Transaction, study: Study, design: Design, gone_before: datetime) -> list[Standing]:
    is_active = Participant.seen_at >= gone_before
    query = (
        select(Participant.condition, Participant.state, is_active, Participant.excluded.is_not(None), func.count())
        .where(_of(study))
        .group_by(Participant.condition, Participant.state, is_active, Participant.excluded.is_not(None))
    )
    counts: dict[str, Counter[str]] = {one.key: Counter() for one in conditions(design)}
    excluded: Counter[str] = Counter()
    for condition, state, seen, is_excluded, count in transaction.execute(query):
        standing = (ACTIVE if seen else TIMED_OUT) if state == participants.STARTED else state
        # A condition that a later version gave up stays as long as somebody is in it.
        counts.setdefault(condition, Counter())[standing] += count
        excluded[condition] += count if is_excluded else 0
    return [
        Standing(condition, {name: found[name] for name in STANDINGS}, excluded[condition])
        for condition, found in counts.items()
    ]


def _total(standings: list[Standing]) -> Standing:
    counts = {name: sum(one.counts[name] for one in standings) for name in STANDINGS}
    return Standing("", counts, sum(one.excluded for one in standings))


def _of(study: Study) -> Any:
    return (Participant.study_id == study.id) & Participant.preview.is_(False)


def _previews(transaction: Transaction, study: Study) -> int:
    query = select(func.count()).where(Participant.study_id == study.id, Participant.preview.is_(True))
    return transaction.scalar(query) or 0


def _times(transaction: Transaction, study: Study) -> list[TrialTimes]:
    query = (
        select(Trial.plan, Trial.shown_client_ms, Trial.answered_client_ms)
        .join(Participant, Participant.id == Trial.participant_id)
        .where(_of(study), Trial.shown_client_ms.is_not(None), Trial.answered_client_ms.is_not(None))
        .order_by(Trial.position, Trial.id)
    )
    seconds: dict[tuple[str, str, str], list[float]] = {}
    for plan, shown, answered in transaction.execute(query):
        if not plan.get("practice"):
            seconds.setdefault((plan["block"], plan["trial"], plan["kind"]), []).append((answered - shown) / 1000)
    return [
        TrialTimes(*names, len(found), *np.percentile(found, [25, 50, 75]).tolist()) for names, found in seconds.items()
    ]


def _last_answers(transaction: Transaction, study: Study) -> list[Answered]:
    query = (
        select(Response.step, Response.answers, Response.created_at, Participant.id)
        .join(Participant, Participant.id == Response.participant_id)
        .where(_of(study))
        .order_by(Response.id.desc())
        .limit(LAST_ANSWERS)
    )
    found = transaction.execute(query).all()
    kinds = _kinds(transaction, {person for *_, person in found})
    return [Answered(f"P{person}", step, kinds.get((person, step)), answers, at) for step, answers, at, person in found]


def _kinds(transaction: Transaction, people: set[int]) -> dict[tuple[int, str], str]:
    """What was asked in the trials of these people, by person and step."""
    query = select(Trial.participant_id, Trial.position, Trial.plan).where(Trial.participant_id.in_(people))
    return {(person, f"trial:{position}"): plan["kind"] for person, position, plan in transaction.execute(query)}
