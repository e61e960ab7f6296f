"""A report printed by the Chromium of the machine, where there is one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from dashboard.vision.errors import RegionscopeError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MOST_SECONDS = 180
ARGUMENTS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-pdf-header-footer",
    # The report asks nothing of anybody, and neither does the browser while it prints.
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
NONE = (
    "A PDF needs Chromium or Chrome on this machine: install one, or set REGIONSCOPE_BROWSER to its path. "
    "The report as .html needs neither, and any browser prints it."
)


class PrintError(RegionscopeError):
    """A report cannot be printed."""


def find_browser() -> str:
    """The path of a Chromium or Chrome; raises PrintError where there is none."""
    named = os.environ.get("REGIONSCOPE_BROWSER")
    if named:
        if found := shutil.which(named):
            return found
        raise PrintError(f"REGIONSCOPE_BROWSER names no program: {named}")
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise PrintError(NONE)
    return found


def pdf_of(html: str, seconds: float = MOST_SECONDS) -> bytes:
    """The report as a PDF file, printed with a profile that is gone afterwards; raises PrintError."""
    browser = find_browser()
    with tempfile.TemporaryDirectory(prefix="regionscope-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        page, made = folder / "report.html", folder / "report.pdf"
        page.write_text(html, encoding="utf-8")
        _print(
            [
                browser,
                *ARGUMENTS,
                *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
                f"--user-data-dir={folder / 'profile'}",
                f"--print-to-pdf={made}",
                page.as_uri(),
            ],
            seconds,
        )
        data = made.read_bytes() if made.is_file() else b""
    if not data.startswith(b"%PDF"):
        raise PrintError(f"{browser} made no PDF of the report.")
    return data


def _print(command: list[str], seconds: float) -> None:
    """Runs the browser and all that it starts, and leaves none of it."""
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise PrintError(f"{command[0]} cannot be started ({error.strerror}).") from error
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise PrintError(f"{command[0]} did not print the report within {seconds:g} s.") from None
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
