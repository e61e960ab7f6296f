"""All results of a study, from what has been answered and worked out so far."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dashboard.handed_out import unless_taken_back
from dashboard.recording.workspace import Workspace
from dashboard.studies.assignment import conditions
from dashboard.studies.results import answered, marking, predicting
from dashboard.studies.results.keeping import forget, kept
from dashboard.studies.results.leaving_out import LeftOut, leave_out, quality
from dashboard.studies.results.marks import groups_of_several, marks
from dashboard.studies.results.means import COMPARED_COLUMNS, Comparing, compare_conditions
from dashboard.studies.results.rows import LOST, StudyRows, read
from dashboard.studies.results.sections import Results, Section, Table
from dashboard.studies.results.working_out import Done, WorkedOut, Workings, advance

FLOW = ("condition", "begun", *LOST, "not_counted", "counted")
LOST_WORDS = {"declined": "declined", "screened_out": "screened out", "withdrawn": "withdrew"}


def results(workspace: Workspace, slug: str, seconds: float | None = 0, *, unfinished: bool = False) -> Results:
    """The results of the study of this slug; works on what is to be computed for ``seconds`` first (None: to the end).

    ``unfinished``: counts participants who have not finished as well. Raises NotFoundError.
    """

    def make() -> Results:
        rows = read(workspace, slug)
        counted, left = leave_out(rows, unfinished=unfinished)
        done = advance(workspace, counted, seconds)
        return kept(workspace, rows, counted, lambda: _results(WorkedOut(workspace), rows, counted, left, done))

    made = unless_taken_back(workspace.settings, make, lambda: forget(workspace, slug))
    return replace(made, unfinished=unfinished)


def results_of(workings: Workings, rows: StudyRows, *, unfinished: bool = False) -> Results:
    """The same of rows that were read elsewhere, from what was worked out elsewhere: a data package."""
    counted, left = leave_out(rows, unfinished=unfinished)
    every = marks(counted)
    known = [found for one in every if (found := workings.measured(one)) is not None]
    problems = tuple(dict.fromkeys(str(found["problem"]) for found in known if found.get("problem")))
    together = len(groups_of_several(every))
    done = Done(len(known) + together, len(every) + together, problems)
    return replace(_results(workings, rows, counted, left, done), unfinished=unfinished)


def _results(workings: Workings, rows: StudyRows, counted: StudyRows, left: list[LeftOut], done: Done) -> Results:
    parts = [
        _participants(rows, counted, left),
        *marking.sections(workings, counted),
        answered.erasing(counted),
        answered.exploring(counted),
        predicting.predicting(counted),
        answered.comparing(counted),
        answered.questions(counted),
        _conditions(workings, counted),
        _quality(rows, left),
    ]
    return Results(
        slug=rows.record.slug,
        version=rows.record.version,
        participants=len(rows.people) + sum(rows.lost.values()),
        counted=len(counted.people),
        sections=tuple(parts),
        done=done.done,
        total=done.total,
        problems=done.problems,
    )


def _participants(rows: StudyRows, counted: StudyRows, left: list[LeftOut]) -> Section:
    entered = dict.fromkeys([*(one.condition for one in rows.people), *(condition for condition, _ in rows.lost)])
    designed = [one.key for one in conditions(rows.record.design) if one.key in entered]
    made = [_flow(condition, rows, counted) for condition in dict.fromkeys([*designed, *entered])]
    total = {name: sum(row[name] for row in made) for name in FLOW[1:]}
    reasons = [
        {"reason": LOST_WORDS[state], "people": sum(n for (_, one), n in rows.lost.items() if one == state), "who": ""}
        for state in LOST
    ]
    reasons += [{"reason": one.reason, "people": len(one.people), "who": ", ".join(one.people)} for one in left]
    said = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in total.items())
    note = (
        f"All: {said}. "
        "Begun = declined + screened out + withdrawn + not counted + counted. Not counted: who had not finished, was "
        "excluded or meets a rule; each once, though a participant can be named under several reasons below."
    )
    lost = tuple(f"{one['people']} {one['reason']}" for one in reasons[: len(LOST)] if one["people"])
    return Section(
        "participants",
        "Who is counted",
        "Everything below is about these participants.",
        len(counted.people),
        (
            Table("participants", "Participants by condition", FLOW, made, note),
            Table("left-out", "Left out, by reason", ("reason", "people", "who"), reasons),
        ),
        lost + tuple(one.sentence for one in left if one.people),
        "" if made else "Nobody has taken part yet.",
    )


def _flow(condition: str, rows: StudyRows, counted: StudyRows) -> dict[str, Any]:
    own = sum(one.condition == condition for one in rows.people)
    found = sum(one.condition == condition for one in counted.people)
    lost = {state: rows.lost.get((condition, state), 0) for state in LOST}
    return {
        "condition": condition,
        "begun": own + sum(lost.values()),
        **lost,
        "not_counted": own - found,
        "counted": found,
    }


def _conditions(workings: Workings, counted: StudyRows) -> Section:
    kinds = [Comparing(), *[Comparing(factor.key) for factor in counted.record.design.within]]
    outcomes = [one for kind in kinds for one in marking.outcomes(workings, counted, kind)]
    outcomes += [one for kind in kinds for one in answered.outcomes(counted, kind)]
    found = compare_conditions(outcomes)
    about = "Every pair of conditions, and of levels that participants met both, in every outcome, on their own means."
    note = (
        "Permutation tests, two-sided, 10,000 resamples, seed 0; p corrected by Holm's method over all rows. "
        "Difference: first minus second. Cliff's delta and rank-biserial lie between −1 and 1."
    )
    table = Table("conditions", "Differences", COMPARED_COLUMNS, found, note)
    empty = "" if found else "There are no two conditions with values to compare."
    return Section(
        "conditions", "Conditions compared", about, len(counted.people), (table,) if found else (), (), empty
    )


def _quality(rows: StudyRows, left: list[LeftOut]) -> Section:
    gone = {name for one in left for name in one.people}
    conditions = {one.name: one.condition for one in rows.people}
    flags = {one.name: one.flag or "" for one in rows.people}
    made = [
        {
            "participant": one.person,
            "condition": conditions[one.person],
            "seconds": one.seconds,
            "empty": one.empty,
            "checks": one.checks,
            "checks_failed": one.checks_failed,
            "straight": "yes" if one.straight else "no",
            "flag": flags[one.person],
            "counted": "no" if one.person in gone else "yes",
        }
        for one in quality(rows)
    ]
    columns = ("participant", "condition", "seconds", "empty", "checks", "checks_failed", "straight", "flag", "counted")
    note = "Seconds: median of her trials. Empty: trials in which nothing was drawn. Straight: always the same step."
    table = Table("quality", "Each participant's work", columns, made, note)
    about = "Speed, empty answers, straight-lining and attention checks, of everybody."
    return Section(
        "quality", "Quality", about, len(rows.people), (table,) if made else (), (), "" if made else "Nobody yet."
    )
