"""What all tests share: real weights and real photographs, a data folder of their own, and both databases."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from dashboard.recording.workspace import Workspace
from dashboard.settings import Settings
from dashboard.vision.classifiers import Catalogue
from db.engine import Database
from db.schema import migrate
from tests.support.once import made_once
from tests.support.postgres import PostgresServer, find_programs, running_server

# How long an example takes on a busy machine proves nothing.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

POSTGRESQL = find_programs()
# On CI its absence is a failure, elsewhere the tests that need it are left out.
DATABASES = ("sqlite", "postgresql") if POSTGRESQL or os.environ.get("CI") == "true" else ("sqlite",)
NEWEST = "newest"
# Each takes a minute or more, most with few tests. Begun last, one of them would leave the other worker idle.
LONG = tuple(
    f"tests/{name}.py"
    for name in (
        "vision/test_classifiers_torchvision",
        "exports/test_figures",
        "exports/test_package_broken",
        "recording/test_kill",
        "vision/test_explain_peers",
        "browser/test_replay",
        "browser/test_compare",
        "docs/test_notebook",
        "vision/test_classifiers",
        "vision/test_explain_truth",
        "exports/test_report",
        "recording/test_demo",
    )
)


def pytest_configure(config: pytest.Config) -> None:
    if "postgresql" not in DATABASES:
        missing = "no PostgreSQL server is installed: the storage tests run on SQLite only"
        config.issue_config_time_warning(pytest.PytestConfigWarning(missing), stacklevel=2)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend" in metafunc.fixturenames:
        metafunc.parametrize("backend", DATABASES)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files stay together, the long ones first."""
    order = {name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: order.get(item.nodeid.partition("::")[0], len(order)))


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("REGIONSCOPE_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Converted networks for the whole run, the default model's among them; its processes share the folder."""

    def make(folder: Path) -> None:
        Catalogue(None, folder, "cpu", 2).load(Catalogue.default_key)

    # The cache would stand all of them converting at once, but it would take as many times as long.
    return made_once(tmp_path_factory, "converted", make)


@pytest.fixture(scope="session")
def catalogue(cache_dir: Path) -> Catalogue:
    """The built-in classifiers, each loaded once."""
    return Catalogue(None, cache_dir, "cpu", 2)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresServer]:
    """A server that keeps the newest schema as a template."""
    assert POSTGRESQL is not None, "PostgreSQL must be installed on CI"
    with running_server(POSTGRESQL) as server:
        _migrate(server.database())
        server.keep_as(NEWEST)
        yield server


@pytest.fixture(scope="session")
def newest_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the newest schema, to be copied: migrating takes twenty times as long."""
    file = tmp_path_factory.mktemp("newest") / "regionscope.sqlite"
    _migrate(f"sqlite:///{file}")
    return file


def _migrate(url: str) -> None:
    opened = Database(url)
    migrate(opened)
    opened.close()


@pytest.fixture
def empty_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table: once SQLite, once PostgreSQL."""
    if backend == "sqlite":
        return f"sqlite:///{tmp_path / 'database.sqlite'}"
    server: PostgresServer = request.getfixturevalue("postgresql")
    return server.database()


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path, newest_sqlite: Path) -> str:
    """A database with the newest schema and no row: once SQLite, once PostgreSQL."""
    if backend == "sqlite":
        return f"sqlite:///{shutil.copy(newest_sqlite, tmp_path / 'database.sqlite')}"
    server: PostgresServer = request.getfixturevalue("postgresql")
    return server.database(NEWEST)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The same, opened."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def data_dir(tmp_path: Path, cache_dir: Path) -> Path:
    """An empty data folder, but for the converted networks."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "cache").symlink_to(cache_dir)
    return folder


@pytest.fixture
def settings(data_dir: Path) -> Settings:
    return Settings(data_dir=data_dir, device="cpu")


@pytest.fixture
def workspace(settings: Settings, catalogue: Catalogue, newest_sqlite: Path) -> Iterator[Workspace]:
    """An opened data folder on SQLite, without any picture."""
    shutil.copy(newest_sqlite, settings.data_dir)
    yield from _opened(settings, catalogue)


@pytest.fixture
def stored(settings: Settings, catalogue: Catalogue, database_url: str) -> Iterator[Workspace]:
    """The same on SQLite and on PostgreSQL."""
    yield from _opened(settings.model_copy(update={"database_url": database_url}), catalogue)


def _opened(settings: Settings, catalogue: Catalogue) -> Iterator[Workspace]:
    opened = Workspace.open(settings)
    # Compiling a network anew for every test would take most of the run.
    vars(opened)["catalogue"] = catalogue
    yield opened
    opened.close()
