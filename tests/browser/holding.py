"""Requests of a page that wait until a test lets them go."""

from __future__ import annotations

from playwright.sync_api import Page, Route

from tests.support.waiting import wait_until


class Held:
    """What is asked by ``pattern``; of each the answer comes after ``let_go``."""

    def __init__(self, page: Page, pattern: str, times: int | None = None) -> None:
        self._page = page
        self._routes: list[Route] = []
        page.route(pattern, lambda route: self._routes.append(route), times=times)

    def let_go(self, count: int) -> None:
        """Waits until so many have been asked, and lets them all go."""
        # Playwright hears of a request only while it waits for the page.
        wait_until(lambda: self._page.evaluate("1") == 1 and len(self._routes) == count, f"{count} requests")
        for route in self._routes:
            route.continue_()
