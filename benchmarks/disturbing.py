"""What goes wrong while participants are on their way: a kill, a database that is locked, a disk that is full."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.support.server import ServerProcess

KINDS = ("worker", "server", "lock", "full")
LASTS_S = 5.0
DISK_MB = 768  # what two hundred people draw, and the converted network
_CHUNK = 64 * 1024


class Disturbed:
    """A server of which something is killed, or taken away for five seconds, again and again.

    ``due`` says whether the next of ``kinds`` is due; ``happened`` is what has happened so far.
    """

    def __init__(
        self,
        folder: Path,
        workers: int,
        environment: Mapping[str, str],
        kinds: Sequence[str],
        due: Callable[[int], bool],
    ) -> None:
        self._folder, self._workers, self._environment = folder, workers, environment
        self._kinds, self._due = kinds, due
        self._over = threading.Event()
        self.happened: list[str] = []

    def _start(self, port: int | None) -> ServerProcess:
        return ServerProcess(
            self._folder / "data",
            self._folder.with_name(f"{self._folder.name}.log"),  # on another disk than the one that is filled
            self._workers,
            port,
            self._environment,
        )

    @property
    def port(self) -> int:
        """Where it listens, whichever process does."""
        return self._server.port

    def __enter__(self) -> Disturbed:
        self._server = self._start(None)
        try:
            self._server.wait_ready()
        except BaseException:
            self._server.kill()
            raise
        self._thread = threading.Thread(target=self._disturb)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()
        self._server.kill()

    def _disturb(self) -> None:
        for number, kind in enumerate(self._kinds):
            while not self._due(number):
                if self._over.wait(0.02):
                    return
            {"worker": self._kill_worker, "server": self._kill_server, "lock": self._lock, "full": self._fill}[kind]()
            self.happened.append(kind)

    def _kill_worker(self) -> None:
        os.kill(self._server.workers()[0], signal.SIGKILL)

    def _kill_server(self) -> None:
        self._server.kill()
        self._server = self._start(self._server.port)

    def _lock(self) -> None:
        """Nobody else can write for five seconds."""
        url = self._environment.get("REGIONSCOPE_DATABASE_URL")
        with locked_postgresql(url) if url else locked_sqlite(self._folder / "data" / "regionscope.sqlite"):
            self._over.wait(LASTS_S)

    def _fill(self) -> None:
        """Not a byte is left for five seconds."""
        ballast = self._folder / "ballast"
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(_CHUNK))
        self._over.wait(LASTS_S)
        ballast.unlink()


@contextmanager
def locked_sqlite(file: Path) -> Iterator[None]:
    """Holds the one lock for writing; waits for it as long as it takes."""
    connection = sqlite3.connect(file, timeout=600, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


@contextmanager
def locked_postgresql(url: str) -> Iterator[None]:
    """Holds the tables that answers and edits are written to."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("LOCK TABLE participants, responses, edits IN EXCLUSIVE MODE"))
        yield
    engine.dispose()


@contextmanager
def small_disk(folder: Path) -> Iterator[Path | None]:
    """A disk of its own for a data folder that can be filled; None where this machine lets nobody mount one."""
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"No small disk could be mounted, so none was filled: {error}", file=sys.stderr)
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
