"""The application as a process of its own, and a plain HTTP client for it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.ports import free_port
from tests.support.waiting import wait_until

START = "from dashboard.cli import main; main()"


class ServerProcess:
    """``regionscope serve`` on a free port, in a process group of its own."""

    def __init__(
        self,
        data_dir: Path,
        log: Path,
        workers: int = 1,
        port: int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.port = port or free_port()
        self.log = log
        arguments = ["--data-dir", data_dir, "serve", "--port", str(self.port), "--workers", str(workers)]
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-c", START, *arguments],
                stdout=file,
                stderr=file,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The number of gunicorn's own process; its worker is a child of it."""
        return self._process.pid

    def workers(self) -> list[int]:
        """The process ids of the workers that run now."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(child) for child in children.split()]

    def wait_ready(self) -> None:
        wait_until(lambda: self._is_ready() or self._process.poll() is not None, "the server")
        assert self._process.poll() is None, self.log.read_text()

    def _is_ready(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return get(self.port, "/readyz")[0] == 200
        return False

    def kill(self) -> None:
        """SIGKILL to the whole group: nothing in it can tidy up."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(30)

    def __enter__(self) -> ServerProcess:
        return self

    def __exit__(self, *_error: object) -> None:
        self.kill()


def get(port: int, path: str) -> tuple[int, bytes]:
    return _ask(port, "GET", path, None)


def post(port: int, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Raises OSError or HTTPException where no whole answer arrives."""
    status, data = _ask(port, "POST", path, json.dumps(body).encode())
    return status, json.loads(data)


def _ask(port: int, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
