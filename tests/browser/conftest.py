"""A real browser, a running application, and pages that are watched while a test drives them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, expect, sync_playwright

from tests.browser.application import Application
from tests.browser.explore import ExplorePage
from tests.browser.recorded import Recorded

NAMES = ("chromium", "google-chrome", "chromium-browser", "chrome")
ARGUMENTS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
NO_BROWSER = (
    "These tests need Chromium or Chrome: install one, set REGIONSCOPE_BROWSER to its path, "
    "or run `playwright install chromium`."
)
DESKTOP = {"width": 1280, "height": 800}
PATIENCE_MS = 90_000
expect.set_options(timeout=PATIENCE_MS)

OpenPage = Callable[..., ExplorePage]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "console(*patterns): errors that the browser's console may show here, as regular expressions"
    )


def find_browser(playwright: Playwright) -> str:
    """The path of a Chromium or Chrome; the test fails where there is none."""
    named = os.environ.get("REGIONSCOPE_BROWSER")
    found = named or next(filter(None, map(shutil.which, NAMES)), None) or playwright.chromium.executable_path
    if not shutil.which(found):
        pytest.fail(f"{NO_BROWSER} (looked for {found})" if named else NO_BROWSER)
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        launched = playwright.chromium.launch(
            executable_path=find_browser(playwright), args=[*ARGUMENTS, *as_root], timeout=120_000
        )
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def shared_application(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path) -> Iterator[Application]:
    application = Application(tmp_path_factory.mktemp("shared"), cache_dir)
    yield application
    application.kill()


@pytest.fixture
def application(shared_application: Application) -> Application:
    """The application that most tests share; each test works in sessions of its own."""
    return shared_application


@pytest.fixture
def recorded(application: Application) -> Recorded:
    return application.recorded


class Watched:
    """All browser contexts of a test, and what went wrong in them."""

    def __init__(self, browser: Browser, origin: str) -> None:
        self._browser = browser
        self._origin = origin
        self._contexts: list[BrowserContext] = []
        self.errors: list[str] = []
        self.elsewhere: list[str] = []

    def context(self, **options: Any) -> BrowserContext:
        context = self._browser.new_context(**{"viewport": DESKTOP, **options})
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        context.on("weberror", lambda error: self.errors.append(f"uncaught: {error.error}"))
        context.on("request", self._note)
        self._contexts.append(context)
        return context

    def _note(self, request: Request) -> None:
        if not request.url.startswith((f"{self._origin}/", "data:", "blob:")):
            self.elsewhere.append(request.url)

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@pytest.fixture
def watched(browser: Browser, application: Application) -> Iterator[Watched]:
    watched = Watched(browser, application.origin)
    yield watched
    watched.close()


@pytest.fixture(autouse=True)
def _nothing_went_wrong(request: pytest.FixtureRequest, watched: Watched) -> Iterator[None]:
    """The console stays without errors, and nothing is asked of any other host."""
    yield
    marker = request.node.get_closest_marker("console")
    expected = marker.args if marker else ()
    unexpected = [text for text in watched.errors if not any(re.search(pattern, text) for pattern in expected)]
    assert unexpected == []
    assert watched.elsewhere == []


@pytest.fixture
def open_page(watched: Watched, application: Application) -> OpenPage:
    """``open_page()`` shows the application to a new person; options are those of a browser context."""

    def opened(path: str = "/", context: BrowserContext | None = None, **options: Any) -> ExplorePage:
        page = (context or watched.context(**options)).new_page()
        explore = ExplorePage(page, application.origin, application.recorded)
        explore.open(path)
        return explore

    return opened


@pytest.fixture
def explore(open_page: OpenPage) -> ExplorePage:
    """The application as a person sees it who comes for the first time."""
    return open_page()


@pytest.fixture
def open_plain(watched: Watched, application: Application) -> Callable[..., Page]:
    """``open_plain("/sessions")`` shows any page to a new person; options are those of a browser context."""

    def opened(path: str, context: BrowserContext | None = None, **options: Any) -> Page:
        page = (context or watched.context(**options)).new_page()
        page.goto(application.origin + path)
        return page

    return opened
