"""A study that some people have taken, its results worked out, and its package: made once a run, changed by no test."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from dashboard.exports.figures import Asked, draw
from dashboard.exports.figures.recorded import recorded
from dashboard.exports.figures.worked_out import work_out
from dashboard.exports.package import Choices, Scope, write_package
from dashboard.recording.pictures import ensure_gallery
from dashboard.recording.workspace import Workspace
from dashboard.settings import Settings
from dashboard.studies.demo import SLUG, record_demo_study
from dashboard.studies.results.report import results
from dashboard.vision.classifiers import Catalogue
from db.models import Image, Region
from tests.exports.crowded import Crowd, fill
from tests.support.once import made_once

STUDY = Scope(study=SLUG)
Export = Callable[..., Path]


@dataclass(frozen=True)
class Studied:
    """The installation, and packages of it by their choices."""

    workspace: Workspace
    folder: Path
    crowd: Crowd | None = None

    def package(self, scope: Scope = STUDY, **choices: object) -> Path:
        """A package of these choices, written once."""
        name = "_".join(f"{key}-{value}" for key, value in sorted(choices.items())) or "usual"
        target = self.folder / f"{scope.study or '-'.join(one[-8:] for one in scope.sessions) or 'all'}_{name}"
        if not target.exists():
            write_package(self.workspace, scope, Choices(**choices), target)  # type: ignore[arg-type]
        return target


def opened(folder: Path, catalogue: Catalogue) -> Workspace:
    """An installation in a folder of its own, with small working copies and the networks that are loaded already."""
    workspace = Workspace.open(Settings(data_dir=folder, device="cpu", working_px=256))
    vars(workspace)["catalogue"] = catalogue
    return workspace


def _first_marked(workspace: Workspace) -> str:
    """The picture on which somebody marked the first region."""
    query = select(Image.public_id).join(Region, Region.image_id == Image.id).where(Region.session_id.is_not(None))
    with workspace.database.read() as transaction:
        return str(transaction.scalars(query.order_by(Region.id)).first())


@pytest.fixture(scope="session")
def studied(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Iterator[Studied]:
    def make(folder: Path) -> None:
        with closing(opened(folder / "data", catalogue)) as workspace:
            ensure_gallery(workspace)
            record_demo_study(workspace)
            results(workspace, SLUG, None)
            work_out(workspace, "curves", Asked(_first_marked(workspace)))
            with recorded(workspace, "multiples", Asked(SLUG, by="methods")) as source:
                draw(source, "multiples", SLUG, asked=Asked(SLUG, by="methods"))

    folder = shutil.copytree(made_once(tmp_path_factory, "studied", make), tmp_path_factory.mktemp("own") / "studied")
    with closing(opened(folder / "data", catalogue)) as workspace:
        yield Studied(workspace, folder)


@pytest.fixture(scope="session")
def crowded(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Iterator[Studied]:
    """All that a package must bear, on small pictures; nothing was worked out but curves."""

    def make(folder: Path) -> None:
        with closing(opened(folder / "data", catalogue)) as workspace:
            (folder / "crowd").write_bytes(pickle.dumps(fill(workspace)))
            work_out(workspace, "curves", Asked(_first_marked(workspace)))

    folder = shutil.copytree(made_once(tmp_path_factory, "crowded", make), tmp_path_factory.mktemp("own") / "crowded")
    with closing(opened(folder / "data", catalogue)) as workspace:
        yield Studied(workspace, folder, pickle.loads((folder / "crowd").read_bytes()))


@pytest.fixture
def another(tmp_path: Path, catalogue: Catalogue, newest_sqlite: Path) -> Iterator[Workspace]:
    """An empty installation."""
    folder = tmp_path / "another"
    folder.mkdir()
    shutil.copy(newest_sqlite, folder)
    with closing(opened(folder, catalogue)) as workspace:
        yield workspace
