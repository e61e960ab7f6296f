"""The application as a process that can be killed and started again on the same port."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.browser.recorded import Recorded
from tests.support.ports import free_port
from tests.support.waiting import wait_until

PATIENCE_S = 120
START = "from dashboard.cli import main; main()"


class Application:
    """``regionscope serve`` on a data folder of its own, ready to be used."""

    def __init__(self, folder: Path, cache_dir: Path) -> None:
        self.data_dir = folder / "data"
        self.data_dir.mkdir(parents=True)
        (self.data_dir / "cache").symlink_to(cache_dir)
        self.recorded = Recorded(self.data_dir)
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self._log = folder / "server.log"
        self.start()

    def start(self) -> None:
        """Returns once the application answers; its address is always the same."""
        command = [sys.executable, "-c", START, "--data-dir", self.data_dir, "serve", "--port", str(self.port)]
        plain = {name: value for name, value in os.environ.items() if not name.startswith("REGIONSCOPE_")}
        with self._log.open("ab") as file:
            self._process = subprocess.Popen(command, stdout=file, stderr=file, env=plain, start_new_session=True)
        try:
            wait_until(lambda: self._is_ready() or not self.is_running, "the application", PATIENCE_S)
            assert self.is_running, self._log.read_text()
        except BaseException:
            self.kill()
            raise

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL to the whole group: nothing in it can tidy up."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(30)

    def _is_ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
