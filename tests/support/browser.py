"""The browser that tests, benchmarks and screenshots drive."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Playwright

NAMES = ("chromium", "google-chrome", "chromium-browser", "chrome")
ARGUMENTS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
NO_BROWSER = (
    "This needs Chromium or Chrome: install one, set REGIONSCOPE_BROWSER to its path, "
    "or run `playwright install chromium`."
)


class NoBrowserError(Exception):
    """No browser is installed."""


def find_browser(playwright: Playwright) -> str:
    """The path of a Chromium or Chrome; raises NoBrowserError where there is none."""
    named = os.environ.get("REGIONSCOPE_BROWSER")
    found = named or next(filter(None, map(shutil.which, NAMES)), None) or playwright.chromium.executable_path
    if not shutil.which(found):
        raise NoBrowserError(f"{NO_BROWSER} (looked for {found})" if named else NO_BROWSER)
    return found


def launch(playwright: Playwright) -> Browser:
    """A headless browser that asks nothing of the network by itself."""
    return playwright.chromium.launch(**_how(playwright))


def launch_profile(playwright: Playwright, folder: Path, **options: Any) -> BrowserContext:
    """The same with a profile in ``folder``; options are those of a browser context."""
    return playwright.chromium.launch_persistent_context(folder, **_how(playwright), **options)


def _how(playwright: Playwright) -> dict[str, Any]:
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return {"executable_path": find_browser(playwright), "args": [*ARGUMENTS, *as_root], "timeout": 120_000}
