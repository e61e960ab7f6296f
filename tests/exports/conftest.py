"""A study that some people have taken, its results worked out, and its package: made once, changed by no test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dashboard.exports.package import Choices, Scope, write_package
from dashboard.recording.pictures import ensure_gallery
from dashboard.recording.workspace import Workspace
from dashboard.settings import Settings
from dashboard.studies.demo import SLUG, record_demo_study
from dashboard.studies.results.report import results
from dashboard.vision.classifiers import Catalogue
from tests.exports.crowded import Crowd, fill

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
        target = self.folder / f"{scope.study or '-'.join(scope.sessions) or 'all'}_{name}"
        if not target.exists():
            write_package(self.workspace, scope, Choices(**choices), target)  # type: ignore[arg-type]
        return target


def opened(folder: Path, catalogue: Catalogue) -> Workspace:
    """An installation in a folder of its own, with the networks that are loaded already."""
    workspace = Workspace.open(Settings(data_dir=folder, device="cpu"))
    vars(workspace)["catalogue"] = catalogue
    return workspace


@pytest.fixture(scope="session")
def studied(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Iterator[Studied]:
    folder = tmp_path_factory.mktemp("studied")
    workspace = opened(folder / "data", catalogue)
    ensure_gallery(workspace)
    record_demo_study(workspace)
    results(workspace, SLUG, None)
    yield Studied(workspace, folder)
    workspace.close()


@pytest.fixture(scope="session")
def crowded(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Iterator[Studied]:
    """All that a package must bear, on small pictures; nothing was worked out."""
    folder = tmp_path_factory.mktemp("crowded")
    workspace = opened(folder / "data", catalogue)
    yield Studied(workspace, folder, fill(workspace))
    workspace.close()


@pytest.fixture
def another(tmp_path: Path, catalogue: Catalogue) -> Iterator[Workspace]:
    """An empty installation."""
    workspace = opened(tmp_path / "another", catalogue)
    yield workspace
    workspace.close()
