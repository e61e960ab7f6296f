"""The flow of participants, from the door to the analysis, as CONSORT diagrams show it: everybody is in it once.

Schulz, Altman, Moher, *CONSORT 2010 Statement*, BMJ 340:c332.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dashboard.exports.package.folder import PackageFolder
from dashboard.studies.assignment import conditions
from dashboard.studies.results.leaving_out import LeftOut, leave_out
from dashboard.studies.results.rows import StudyRows

NOT_BEGUN = {"declined": "declined", "screened_out": "screened out", "withdrawn": "withdrew"}
UNFINISHED = "started"


@dataclass(frozen=True)
class Standing:
    """What a participant's row says of her way: her name, condition and state."""

    name: str
    condition: str
    state: str


@dataclass(frozen=True)
class Arm:
    """Counts of one condition, or of all; each number is the one before less what is lost between them."""

    condition: str
    entered: int
    not_begun: dict[str, int]
    unfinished: int
    excluded: dict[str, int]

    @property
    def begun(self) -> int:
        """Who took part."""
        return self.entered - sum(self.not_begun.values())

    @property
    def finished(self) -> int:
        """Who came to the end."""
        return self.begun - self.unfinished

    @property
    def analysed(self) -> int:
        """Who is in the results."""
        return self.finished - sum(self.excluded.values())


def arms(people: Sequence[Standing], left: Iterable[LeftOut], conditions: Iterable[str]) -> list[Arm]:
    """An arm for each condition, the design's first; who is left out for several reasons counts under the first."""
    reasons: dict[str, str] = {}
    for one in left:
        for name in one.people:
            reasons.setdefault(name, one.reason.removeprefix("were "))
    every = dict.fromkeys([*conditions, *(one.condition for one in people)])
    return [_arm(condition, [one for one in people if one.condition == condition], reasons) for condition in every]


def total(found: Sequence[Arm]) -> Arm:
    """All arms together."""
    return Arm(
        "all",
        sum(one.entered for one in found),
        dict(sum((Counter(one.not_begun) for one in found), Counter())),
        sum(one.unfinished for one in found),
        dict(sum((Counter(one.excluded) for one in found), Counter())),
    )


def _arm(condition: str, people: Sequence[Standing], reasons: dict[str, str]) -> Arm:
    states = Counter(one.state for one in people)
    excluded = Counter(reasons[one.name] for one in people if one.state == "finished" and one.name in reasons)
    return Arm(
        condition,
        len(people),
        {word: states[state] for state, word in NOT_BEGUN.items() if states[state]},
        states[UNFINISHED],
        dict(excluded),
    )


def sentence(found: Arm) -> str:
    """The flow of an arm in words, for who does not see the diagram."""
    return (
        f"{_people(found.entered)} entered the study: {sum(found.not_begun.values())} did not take part"
        f"{_listed(found.not_begun)}, {found.begun} began, {found.unfinished} did not finish, {found.finished} "
        f"finished, {sum(found.excluded.values())} left out{_listed(found.excluded)}, {found.analysed} analysed."
    )


def _people(count: int) -> str:
    return "One person" if count == 1 else f"{count:,} people"


def _listed(counts: dict[str, int]) -> str:
    return f" ({', '.join(f'{count} {word}' for word, count in counts.items())})" if counts else ""


def arms_of(package: PackageFolder, rows: StudyRows) -> list[Arm]:
    """The arms of a study in a package."""
    people = [
        Standing(row["participant_id"], row["condition"], row["participant_state"])
        for row in package.rows("participants")
        if row["study"] == rows.record.slug
    ]
    return arms(people, leave_out(rows)[1], [one.key for one in conditions(rows.record.design)])
