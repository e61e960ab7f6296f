"""All results of a study, from what has been answered and worked out so far."""

from __future__ import annotations

from dataclasses import replace

from dashboard.recording.workspace import Workspace
from dashboard.studies.results import answered, marking
from dashboard.studies.results.leaving_out import LeftOut, leave_out, quality
from dashboard.studies.results.means import COMPARED_COLUMNS, Comparing, compare_conditions
from dashboard.studies.results.rows import StudyRows, read
from dashboard.studies.results.sections import Results, Section, Table
from dashboard.studies.results.working_out import Done, WorkedOut, Workings, advance, marks


def results(workspace: Workspace, slug: str, seconds: float | None = 0, *, unfinished: bool = False) -> Results:
    """The results of the study of this slug; works on what is to be computed for ``seconds`` first (None: to the end).

    ``unfinished``: counts participants who have not finished as well. Raises NotFoundError.
    """
    rows = read(workspace, slug)
    counted, left = leave_out(rows, unfinished=unfinished)
    done = advance(workspace, counted, seconds)
    return replace(_results(WorkedOut(workspace), rows, counted, left, done), unfinished=unfinished)


def results_of(workings: Workings, rows: StudyRows, *, unfinished: bool = False) -> Results:
    """The same of rows that were read elsewhere, from what was worked out elsewhere: a data package."""
    counted, left = leave_out(rows, unfinished=unfinished)
    known = [found for one in marks(counted) if (found := workings.measured(one)) is not None]
    problems = tuple(dict.fromkeys(str(found["problem"]) for found in known if found.get("problem")))
    done = Done(len(known), len(marks(counted)), problems)
    return replace(_results(workings, rows, counted, left, done), unfinished=unfinished)


def _results(workings: Workings, rows: StudyRows, counted: StudyRows, left: list[LeftOut], done: Done) -> Results:
    parts = [
        _participants(rows, counted, left),
        *marking.sections(workings, counted),
        answered.erasing(counted),
        answered.predicting(counted),
        answered.comparing(counted),
        answered.questions(counted),
        _conditions(workings, counted),
        _quality(rows, left),
    ]
    return Results(
        slug=rows.record.slug,
        version=rows.record.version,
        participants=len(rows.people),
        counted=len(counted.people),
        sections=tuple(parts),
        done=done.done,
        total=done.total,
        problems=done.problems,
    )


def _participants(rows: StudyRows, counted: StudyRows, left: list[LeftOut]) -> Section:
    conditions = dict.fromkeys(one.condition for one in rows.people)
    made = [
        {
            "condition": condition,
            "begun": sum(one.condition == condition for one in rows.people),
            "counted": sum(one.condition == condition for one in counted.people),
        }
        for condition in conditions
    ]
    reasons = [{"reason": one.reason, "people": len(one.people), "who": ", ".join(one.people)} for one in left]
    return Section(
        "participants",
        "Who is counted",
        "Everything below is about these participants.",
        len(counted.people),
        (
            Table("participants", "Participants by condition", ("condition", "begun", "counted"), made),
            Table("left-out", "Left out, by reason", ("reason", "people", "who"), reasons),
        ),
        tuple(one.sentence for one in left if one.people),
        "" if rows.people else "Nobody has taken part yet.",
    )


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
