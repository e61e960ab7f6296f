"""Results that were worked out once are read from the disk as long as nothing that determines them has changed.

Thousands of resamples take seconds, in which a server that participants wait for has better things to do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from dashboard.recording.derived import key_of
from dashboard.recording.workspace import Workspace
from dashboard.studies.results.marks import groups, groups_of_several, marks
from dashboard.studies.results.rows import StudyRows
from dashboard.studies.results.sections import Results, Section, Table
from dashboard.studies.results.together import STANDING_VERSION, standing
from dashboard.studies.results.working_out import VERSION, measured

RESULTS_VERSION = 3


def kept(workspace: Workspace, rows: StudyRows, counted: StudyRows, make: Callable[[], Results]) -> Results:
    """What ``make`` returns, from the disk where it was made of the same before.

    ``rows`` are the study's, ``counted`` those that the results are about. Only the newest results of a study are kept.
    """
    unfinished = any(one.state != "finished" for one in counted.people)
    key = _key(rows.record.slug, unfinished)
    of = _determined_by(workspace, rows, counted)
    found = workspace.derived.read_json(key)
    if found is not None and found.get("of") == of:
        return _results(found["results"])
    made = make()
    workspace.derived.write_json(key, {"of": of, "results": asdict(made)})
    return made


def forget(workspace: Workspace, slug: str) -> None:
    """Removes a study's results: they hold what was written by somebody who takes it back."""
    for unfinished in (False, True):
        workspace.derived.remove_json(_key(slug, unfinished))


def _key(slug: str, unfinished: bool) -> str:
    return key_of({"what": "study results", "study": slug, "unfinished": unfinished})


def _determined_by(workspace: Workspace, rows: StudyRows, counted: StudyRows) -> str:
    """The same as long as the results would be: all rows, who counts, the models, and which regions are worked out."""
    found = marks(counted)
    models = [workspace.catalogue.load(model).card.identity for model in sorted({one.model for one in found})]
    known = [measured(workspace, one) is not None for one in found]
    every, of_all = groups(found), counted.record.design.models
    known += [standing(workspace, one, every, of_all) is not None for one in groups_of_several(found)]
    versions = [RESULTS_VERSION, STANDING_VERSION, VERSION]
    content = repr((versions, rows, [one.name for one in counted.people], models, known))
    return hashlib.sha256(content.encode()).hexdigest()


def _results(content: dict[str, Any]) -> Results:
    sections = tuple(_section(one) for one in content["sections"])
    return Results(**content | {"sections": sections, "problems": tuple(content["problems"])})


def _section(content: dict[str, Any]) -> Section:
    tables = tuple(Table(**one | {"columns": tuple(one["columns"])}) for one in content["tables"])
    return Section(**content | {"tables": tables, "left_out": tuple(content["left_out"])})
