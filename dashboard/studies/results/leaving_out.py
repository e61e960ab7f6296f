"""Who is in no result, and why: who has not finished, whom a researcher excluded, whom a rule fixed beforehand does."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from dashboard.studies.design import Exclusion
from dashboard.studies.results.rows import Said, StudyRows, TrialRow

# Fewer equal answers than this are no pattern.
LEAST_LIKERT = 3
RULES = {
    "failed_attention": "failed more than {limit:g} attention checks",
    "faster_than_s": "took less than {limit:g} s for a trial (median)",
    "empty_answers": "left more than {limit:g} trials empty",
    "straight_lining": f"chose the same step in all scales ({LEAST_LIKERT} or more)",
}


@dataclass(frozen=True)
class LeftOut:
    """Participants left out for one reason; each is named under every reason that holds for her."""

    reason: str
    people: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """As a report says it."""
        return f"{len(self.people)} {self.reason}"


@dataclass(frozen=True)
class Quality:
    """How one participant worked."""

    person: str
    seconds: float
    empty: int
    checks_failed: int
    checks: int
    straight: bool


def leave_out(rows: StudyRows, *, unfinished: bool = False) -> tuple[StudyRows, list[LeftOut]]:
    """The rows that count, and the reasons for the others. ``unfinished``: count who has not finished as well."""
    found = [LeftOut("had not finished", _names(one.name for one in rows.people if one.state != "finished"))]
    if unfinished:
        found = []
    found.append(LeftOut("excluded by a researcher", _names(one.name for one in rows.people if one.excluded)))
    worked = quality(rows)
    for rule in rows.record.design.exclusions:
        reason = RULES[rule.rule].format(limit=rule.limit)
        found.append(LeftOut(f"{reason} (rule fixed beforehand)", _names(q.person for q in worked if _breaks(q, rule))))
    gone = {name for one in found for name in one.people}
    return rows.only({one.name for one in rows.people} - gone), found


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(names)


def _breaks(one: Quality, rule: Exclusion) -> bool:
    if rule.rule == "failed_attention":
        return one.checks_failed > rule.limit
    if rule.rule == "faster_than_s":
        return one.seconds < rule.limit
    if rule.rule == "empty_answers":
        return one.empty > rule.limit
    return one.straight


def quality(rows: StudyRows) -> list[Quality]:
    """Each participant's speed (median seconds a trial, NaN unknown), empty trials, checks, and straight-lining."""
    return [
        _quality(
            one.name,
            [trial for trial in rows.trials if trial.person == one.name],
            [said for said in rows.said if said.person == one.name],
        )
        for one in rows.people
    ]


def _quality(name: str, trials: list[TrialRow], said: list[Said]) -> Quality:
    seconds = [one.seconds for one in trials if not math.isnan(one.seconds)]
    checks = [one.passed for one in trials if one.passed is not None]
    steps = [one.value for one in said if one.kind == "likert" and one.value is not None]
    return Quality(
        person=name,
        seconds=float(np.median(seconds)) if seconds else math.nan,
        empty=sum(one.is_empty for one in trials if one.passed is None),
        checks_failed=checks.count(False),
        checks=len(checks),
        straight=len(steps) >= LEAST_LIKERT and len(set(steps)) == 1,
    )
