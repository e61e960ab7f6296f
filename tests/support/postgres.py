"""A throwaway PostgreSQL server on loopback, wherever the server's programs are installed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.support.ports import free_port
from tests.support.waiting import wait_until

USER = "regionscope"
TESTED = "tested"
EMPTY = "template1"
# Everything here is thrown away: what would only make it survive a power cut is switched off.
CAREFREE = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "shared_buffers=16MB")


def find_programs() -> Path | None:
    """The folder of ``initdb`` and ``postgres``, or None where no server is installed."""
    on_path = shutil.which("pg_ctl")
    folders = [Path(on_path).resolve().parent] if on_path else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "postgres").exists()), None)


class PostgresServer:
    """A running server whose one database each test gets anew."""

    def __init__(self, port: int) -> None:
        self.port = port

    def database(self, template: str = EMPTY) -> str:
        """The URL of the database, now a copy of ``template`` with nobody else connected."""
        with self._connect() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {TESTED} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {TESTED} TEMPLATE {template}")
        return self._url(TESTED)

    def keep_as(self, template: str) -> None:
        """Keeps what is in the database, as a template."""
        with self._connect() as connection:
            connection.execute(f"ALTER DATABASE {TESTED} RENAME TO {template}")

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{name}"

    def answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self) -> psycopg.Connection[Any]:
        target = f"host=127.0.0.1 port={self.port} user={USER} dbname=postgres connect_timeout=2"
        return psycopg.connect(target, autocommit=True)


@contextmanager
def running_server(programs: Path, settings: Sequence[str] = CAREFREE) -> Iterator[PostgresServer]:
    """Starts a server with ``settings`` on a free port, and stops it by its own process id at the end."""
    with tempfile.TemporaryDirectory(prefix="regionscope-postgresql-", ignore_cleanup_errors=True) as folder:
        as_user = _as_user(Path(folder))
        data = Path(folder) / "data"
        command = [programs / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"]
        subprocess.run(command, check=True, capture_output=True, cwd=folder, **as_user)
        server = PostgresServer(free_port())
        options = [f"-c{option}" for option in (*settings, "listen_addresses=127.0.0.1", f"port={server.port}")]
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(
                [programs / "postgres", "-D", data, "-k", "", *options], stdout=log, stderr=log, cwd=folder, **as_user
            )
        try:
            wait_until(lambda: server.answers() or process.poll() is not None, "PostgreSQL")
            assert process.poll() is None, (Path(folder) / "log").read_text()
            yield server
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(30)


def _as_user(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root; its package makes a user for it."""
    if os.geteuid() != 0:
        return {}
    shutil.chown(folder, "postgres", "postgres")
    return {"user": "postgres", "group": "postgres", "extra_groups": []}
