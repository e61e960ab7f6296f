"""Two hundred participants, fifty at a time, on a server with two workers: ``python -m benchmarks.load FILE.json``.

What was acknowledged must be there exactly once, whatever is killed meanwhile, and the conditions equally full.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from benchmarks.disturbing import KINDS, Disturbed, small_disk
from benchmarks.load_people import Log, Person
from benchmarks.timing import Row, print_rows
from dashboard.recording.pictures import ensure_gallery
from dashboard.recording.workspace import Workspace
from dashboard.settings import Settings
from dashboard.studies import store
from dashboard.studies.design import Design
from db.models import Edit
from db.study_models import Participant, Response, Study
from tests.support.postgres import find_programs, running_server

TARGETS_S = {"answer": 1.0, "edit": 1.5}
SLUG = "load"
STEPS = 13  # answers and edits of one participant, about
_LIKERT = {"kind": "likert", "key": "hard", "steps": 5, "text": "How hard was it?", "low": "not at all", "high": "very"}
DESIGN: dict[str, Any] = {
    "slug": SLUG,
    "title": "Two hundred people",
    "contact": "Nobody",
    "consent": "This is a load test.",
    "privacy": "There is nobody to be private.",
    "image_sets": {"some": {"pictures": ["Chelsea the cat", "Cup of coffee", "Grace Hopper"]}},
    "blocks": [
        {
            "key": "marking",
            "images": {"set": "some"},
            "trials": [{"kind": "mark", "key": "mark", "questions": [_LIKERT]}],
        },
        {"key": "erasing", "images": {"set": "some", "count": 2}, "trials": [{"kind": "erase", "key": "erase"}]},
        {"key": "predicting", "images": {"set": "some", "count": 2}, "trials": [{"kind": "predict", "key": "predict"}]},
    ],
    "factors": [
        {
            "key": "answers",
            "levels": [
                {"key": "shown", "set": {"erase": {"live_answers": True}}},
                {"key": "hidden", "set": {"erase": {"live_answers": False}}},
            ],
        }
    ],
    "questionnaires": [
        {
            "key": "you",
            "title": "About you",
            "questions": [{"kind": "number", "key": "age", "text": "Your age", "minimum": 16, "maximum": 120}],
        }
    ],
    "end": "Thank you.",
    "finished": {"code": "DONE"},
}


@dataclass(frozen=True)
class Plan:
    """How many people, how many at a time, how long each thinks, and what goes wrong on the way: see ``disturbing``."""

    people: int = 200
    at_once: int = 50
    think_s: float = 2.0
    kill: tuple[str, ...] = ()
    workers: int = 2

    def due(self, log: Log, number: int) -> bool:
        """Whether so much was acknowledged that everybody is in the middle of it."""
        return len(log.acknowledged) >= self.people * STEPS * (number + 1) / (len(self.kill) + 1)


def measure(folder: Path, plan: Plan, what: str, database_url: str | None = None) -> tuple[list[Row], bool]:
    """One run on an empty data folder: its rows, and whether nothing was lost, doubled or refused."""
    environment = {"REGIONSCOPE_DATABASE_URL": database_url} if database_url else {}
    _prepare(folder / "data", database_url, plan)
    log = Log()
    with Disturbed(folder, plan.workers, environment, plan.kill, lambda number: plan.due(log, number)) as server:
        start = time.perf_counter()
        with ThreadPoolExecutor(plan.at_once) as pool:
            for number in range(plan.people):
                pool.submit(Person(server.port, SLUG, number, plan.think_s, log).go)
        taken = time.perf_counter() - start
    log.killed = server.happened
    rows = [*_times(what, log, plan), Row(f"{what}: all {plan.people} people", taken, "s", f"{log.retried} sent again")]
    proofs = _proofs(folder / "data", database_url, log, plan)
    for failure in (*log.failed[:5], *log.differing[:5]):
        print(failure, file=sys.stderr)
    return [*rows, *[Row(f"{what}: {name}", value, "", "", "0" if name != "finished" else str(plan.people), good)
                     for name, (value, good) in proofs.items()]], all(good for _, good in proofs.values())  # fmt: skip


def _prepare(data_dir: Path, database_url: str | None, plan: Plan) -> None:
    with _opened(data_dir, database_url) as workspace:
        ensure_gallery(workspace)
        workspace.catalogue.load(workspace.catalogue.default_key)  # converted once, not by every worker that starts
        store.save(workspace, Design.model_validate(DESIGN | {"quota": plan.people}))
        store.open_study(workspace, SLUG)


@contextmanager
def _opened(data_dir: Path, database_url: str | None) -> Iterator[Workspace]:
    workspace = Workspace.open(Settings(data_dir=data_dir, database_url=database_url))
    try:
        yield workspace
    finally:
        workspace.close()


def _times(what: str, log: Log, plan: Plan) -> list[Row]:
    rows = []
    for kind in ("answer", "edit", "event", "page", "entering"):
        seconds = log.seconds.get(kind, [0.0, 0.0])
        p95 = statistics.quantiles(seconds, n=20)[-1]
        target = TARGETS_S.get(kind) if not plan.kill else None  # whoever is killed answers late
        peer = f"median {statistics.median(seconds):.3f}, largest {max(seconds):.2f}, n = {len(seconds)}"
        met = None if target is None else p95 <= target
        rows.append(Row(f"{what}: {kind}, p95", p95, "s", peer, "" if target is None else f"≤ {target} s", met))
    return rows


def _proofs(data_dir: Path, database_url: str | None, log: Log, plan: Plan) -> dict[str, tuple[int, bool]]:
    acknowledged = Counter(log.acknowledged)
    with _opened(data_dir, database_url) as workspace, workspace.database.read() as transaction:
        contents: dict[str, str] = dict(transaction.execute(select(Response.public_id, Response.request_sha256)).all())
        kept = Counter(("answer", public_id) for public_id in contents)
        kept += Counter(("edit", public_id) for public_id in transaction.scalars(select(Edit.public_id)))
        query = (
            select(Participant.condition, func.count())
            .join(Study, Study.id == Participant.study_id)
            .where(Study.slug == SLUG, Participant.state == "finished")
            .group_by(Participant.condition)
        )
        conditions: dict[str, int] = dict(transaction.execute(query).all())
        people = transaction.scalar(select(func.count()).select_from(Participant)) or 0
    lost = sum(one not in kept for one in acknowledged)
    # What a predict trial shows was removed by the server itself, so edits are not counted here.
    unasked = sum(one not in acknowledged for one in kept if one[0] == "answer")
    changed = sum(log.sent.get(public_id) != sha256 for public_id, sha256 in contents.items())
    apart = max(conditions.values(), default=0) - min(conditions.values(), default=0)
    finished = sum(conditions.values())
    return {
        "acknowledged and lost": (lost, lost == 0),
        "there without having been acknowledged": (unasked, unasked == 0),
        "kept otherwise than sent": (changed, changed == 0),
        "different replies to the same": (len(log.differing), not log.differing),
        "disturbances that did not happen": (len(plan.kill) - len(log.killed), tuple(log.killed) == plan.kill),
        "refused": (len(log.failed), not log.failed),
        "participants too many": (people - plan.people, people == plan.people),
        "conditions apart (at most 1)": (apart, apart <= 1),
        "finished": (finished, finished == plan.people),
    }


def _on_a_disk(plan: Plan, what: str, database_url: Callable[[], str | None]) -> tuple[list[Row], bool]:
    """A run on a small disk of its own where the disk is to be filled, if there can be one."""
    what = f"{what}, {' '.join(plan.kill)}" if plan.kill else what
    with tempfile.TemporaryDirectory() as place:
        if "full" not in plan.kill:
            return measure(Path(place) / "run", plan, what, database_url())
        with small_disk(Path(place) / "run") as disk:
            kinds = plan.kill if disk else tuple(kind for kind in plan.kill if kind != "full")
            return measure(Path(place) / "run", replace(plan, kill=kinds), what, database_url())


def _databases(wanted: str) -> Iterator[tuple[str, Callable[[], str | None]]]:
    """The kinds of database, each with what makes an empty one."""
    if wanted in ("sqlite", "both"):
        yield "SQLite", lambda: None
    if wanted in ("postgresql", "both"):
        programs = find_programs()
        if programs is None:
            print("PostgreSQL is not installed here, so it was left out.")
            return
        with running_server(programs, settings=()) as postgres:
            yield "PostgreSQL", postgres.database


def main() -> int:
    """0 where nothing was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path, nargs="?", default=Path("build/load.json"))
    parser.add_argument("--people", type=int, default=Plan.people)
    parser.add_argument("--at-once", type=int, default=Plan.at_once)
    parser.add_argument("--think", type=float, default=Plan.think_s, help="mean seconds between two acts of one person")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--kill", choices=KINDS, nargs="*", help="what goes wrong; without it a run of each sort")
    given = parser.parse_args()
    plan = Plan(given.people, given.at_once, given.think)
    sorts = [(), KINDS] if given.kill is None else [tuple(given.kill)]
    rows: list[Row] = []
    good = True
    for what, database_url in _databases(given.database):
        for kinds in sorts:
            found, sound = _on_a_disk(replace(plan, kill=kinds), what, database_url)
            print_rows(found)
            rows, good = rows + found, good and sound
    given.output.parent.mkdir(parents=True, exist_ok=True)
    content = {"machine": platform.platform(), "plan": vars(plan), "rows": [row.as_dict() for row in rows]}
    given.output.write_text(json.dumps(content, indent=2, ensure_ascii=False))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
