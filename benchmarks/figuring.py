"""How long a figure of a large study takes: ``python -m benchmarks.figuring FOLDER [PEOPLE]``.

The demo study is taken by so many people for real; what models would work out of their regions is made up. Each figure
is drawn from the installation, and beside it from a package of all that its study, picture or session holds. Seconds
are the processor's: what else a machine does is not in them.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from sqlalchemy import select

from benchmarks.timing import Row, print_rows
from dashboard.exports.figures import KINDS, Asked, draw, save
from dashboard.exports.figures.recorded import recorded
from dashboard.exports.package import Choices, write_package
from dashboard.exports.package.scopes import scope_of
from dashboard.recording.pictures import ensure_gallery
from dashboard.recording.workspace import Workspace
from dashboard.settings import Settings
from dashboard.studies.demo import SLUG, record_demo_study
from dashboard.studies.results.marks import marks
from dashboard.studies.results.report import results
from dashboard.studies.results.rows import read
from dashboard.studies.results.working_out import keep_measured
from db.models import Edit, Region, Session

PEOPLE = 200
# What models work out for these takes as long as it takes, from wherever they are drawn.
LEFT_OUT = ("effect", "curves")


def made(folder: Path, people: int) -> Workspace:
    """The study, made where it is not there yet."""
    is_new = not (folder / "regionscope.sqlite").exists()
    workspace = Workspace.open(Settings(data_dir=folder, device="cpu"))
    if is_new:
        ensure_gallery(workspace)
        record_demo_study(workspace, people)
    random = np.random.default_rng(1)
    for one in marks(read(workspace, SLUG)):
        shares = ("iou", "human_coverage", "model_coverage", "mass", "auc", "area", "before", "sufficiency_people",
                  "necessity_people", "necessity_model", "necessity_random")  # fmt: skip
        found = {name: float(random.uniform()) for name in shares}
        keep_measured(
            workspace, one, found | {"pointing_game": 1, "nss": 1.2, "case": "human_aligned", "borderline": False}
        )
    return workspace


def places(workspace: Workspace) -> dict[str, str]:
    """What each kind is of."""
    with workspace.database.read() as transaction:
        edit, session = transaction.execute(
            select(Edit.public_id, Session.public_id).join(Session, Edit.session_id == Session.id).limit(1)
        ).one()
        region = transaction.scalars(select(Region).limit(1)).one()
        image = transaction.get_one(Session, region.session_id).image.public_id
        found = {"edit": edit, "session": session, "region": region.public_id, "image": image}
    return found | {"study": SLUG, "comparison": f"edit:{edit},image:{image}"}


def from_installation(workspace: Workspace, key: str, of: str) -> float:
    """The processor's seconds for reading, drawing and saving."""
    start = time.process_time()
    with recorded(workspace, key, Asked(of)) as source:
        save(draw(source, key, of), "png")
    return time.process_time() - start


def from_package(workspace: Workspace, key: str, of: str) -> float:
    """The same with the whole package before it."""
    start = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "package"
        scope = scope_of(workspace, KINDS[key].of, of)
        choices = Choices(pictures="all", keep_ids=True, free_text=True, maps=KINDS[key].needs_maps)
        write_package(workspace, scope, choices, target)
        save(draw(target, key, of), "png")
    return time.process_time() - start


def measure(folder: Path, people: int = PEOPLE) -> list[Row]:
    """A row a kind; the installation's after all that can be kept is."""
    folder.mkdir(parents=True, exist_ok=True)
    workspace = made(folder, people)
    of = places(workspace)
    start = time.process_time()
    results(workspace, SLUG, None)
    rows = [Row(f"results of a study of {people}, the first time", time.process_time() - start, "s")]
    for key, kind in KINDS.items():
        if key not in LEFT_OUT:
            first, again = (from_installation(workspace, key, of[kind.of]) for _ in range(2))
            peer = f"first {first:.2f} s; by way of a package {from_package(workspace, key, of[kind.of]):.2f} s"
            rows.append(Row(f"{key}: read, drawn, saved", again, "s", peer))
            print_rows(rows[-1:])
    workspace.close()
    return rows


if __name__ == "__main__":
    print_rows(measure(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else PEOPLE)[:1])
