"""A real browser, a running application, and pages that are watched while a test drives them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    WebError,
    expect,
    sync_playwright,
)

from tests.browser.application import Application
from tests.browser.explore import ExplorePage
from tests.browser.recorded import Recorded
from tests.support.browser import launch, launch_profile

DESKTOP = {"width": 1280, "height": 800}
OF_A_PAGE = {"viewport", "color_scheme", "reduced_motion"}
PATIENCE_MS = 90_000
expect.set_options(timeout=PATIENCE_MS)

OpenPage = Callable[..., ExplorePage]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "console(*patterns): errors that the browser's console may show here, as regular expressions"
    )


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    launched = launch(playwright)
    yield launched
    launched.close()


@pytest.fixture(scope="session")
def profile(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Profile]:
    """A browser with a folder of its own, which keeps compiled scripts: a page loads in half the time."""
    kept = Profile(launch_profile(playwright, tmp_path_factory.mktemp("profile"), viewport=DESKTOP))
    yield kept
    kept.context.close()


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


class Profile:
    """The one context of a browser with a folder, lent to one borrower at a time and emptied in between."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.is_lent = False

    def lend(self) -> BrowserContext:
        self.is_lent = True
        return self.context

    def take_back(self, origin: str) -> None:
        """Forgets the person: her pages, cookies and storage. The compiled scripts stay."""
        for page in self.context.pages[1:]:
            page.close()
        first = self.context.pages[0]
        first.goto("about:blank")
        self.context.set_offline(False)
        self.context.clear_cookies()
        self.context.clear_permissions()
        kinds = "local_storage,indexeddb,websql,service_workers"
        asking = self.context.new_cdp_session(first)
        asking.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": kinds})
        asking.detach()
        self.is_lent = False


class Watched:
    """All browser contexts of a test, and what went wrong in them."""

    def __init__(self, browser: Callable[[], Browser], profile: Profile, origin: str) -> None:
        self._browser = browser
        self._profile = profile
        self._origin = origin
        self._contexts: list[BrowserContext] = []
        self.errors: list[str] = []
        self.elsewhere: list[str] = []

    def context(self, **options: Any) -> BrowserContext:
        """A person's browser: fresh where it has options or a second person comes, else the emptied profile."""
        if options or self._profile.is_lent:
            context = self._browser().new_context(**{"viewport": DESKTOP, **options})
        else:
            context = self._profile.lend()
        context.set_default_timeout(PATIENCE_MS)
        for event, listener in self._listeners():
            context.on(event, listener)
        self._contexts.append(context)
        return context

    def page(self, **options: Any) -> Page:
        """A person's first page. What a page alone can have takes no fresh browser, whose page loads twice as long."""
        if not options or self._profile.is_lent or not options.keys() <= OF_A_PAGE:
            return self.context(**options).new_page()
        page = self.context().new_page()
        page.set_viewport_size(options.pop("viewport", DESKTOP))
        page.emulate_media(**options)
        return page

    def _listeners(self) -> list[tuple[Any, Callable[..., None]]]:
        return [("console", self._hear), ("weberror", self._fail), ("request", self._note)]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def _fail(self, error: WebError) -> None:
        self.errors.append(f"uncaught: {error.error}")

    def _note(self, request: Request) -> None:
        if not request.url.startswith((f"{self._origin}/", "data:", "blob:")):
            self.elsewhere.append(request.url)

    def close(self) -> None:
        for context in self._contexts:
            if context is not self._profile.context:
                context.close()
                continue
            for event, listener in self._listeners():
                context.remove_listener(event, listener)
            self._profile.take_back(self._origin)


@pytest.fixture
def watched(request: pytest.FixtureRequest, profile: Profile, application: Application) -> Iterator[Watched]:
    watched = Watched(lambda: request.getfixturevalue("browser"), profile, application.origin)
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
        page = context.new_page() if context else watched.page(**options)
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
        page = context.new_page() if context else watched.page(**options)
        page.goto(application.origin + path)
        return page

    return opened
