"""Signing in and out as a person does, with and without scripts; axe finds nothing grave."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from db.engine import Database
from tests.browser.application import Application
from tests.browser.conftest import Watched
from tests.browser.explore import ExplorePage
from tests.browser.test_accessibility import LOOKS, SIZES, violations
from tests.support.accounts import NAME, PASSWORD, make_account

# A browser reports every answer of 401 and 429 among its errors.
REFUSED = r"status of 401"


@pytest.fixture(scope="module")
def shared_application(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path) -> Iterator[Application]:
    """One of its own, where somebody has an account."""
    application = Application(tmp_path_factory.mktemp("guarded"), cache_dir)
    database = Database(f"sqlite:///{application.data_dir / 'regionscope.sqlite'}")
    make_account(database)
    database.close()
    yield application
    application.kill()


def fill(page: Page, password: str) -> None:
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.console(REFUSED)
@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_the_whole_way(watched: Watched, application: Application, size: str, scheme: str) -> None:
    page = watched.page(viewport=SIZES[size], color_scheme=scheme)
    page.goto(f"{application.origin}/sessions?q=cat")
    expect(page).to_have_title("Sign in – Regionscope")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", scheme)
    assert violations(page) == []
    fill(page, "not the password")
    expect(page.get_by_role("alert")).to_have_text("The name or the password is wrong.")
    expect(page.get_by_label("Name")).to_have_value(NAME)
    expect(page.get_by_label("Password")).to_be_focused()
    assert violations(page) == []
    wide, window = page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide == window
    fill(page, PASSWORD)
    expect(page).to_have_url(f"{application.origin}/sessions?q=cat")
    sign_out = page.get_by_role("button", name="Sign out")
    expect(sign_out).to_be_visible()
    wide, window = page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide == window
    assert violations(page) == []
    sign_out.click()
    expect(page).to_have_url(f"{application.origin}/sign-in")
    page.go_back()
    expect(page).to_have_title("Sign in – Regionscope")


@pytest.mark.console(REFUSED)
def test_without_scripts(watched: Watched, application: Application) -> None:
    page = watched.page(java_script_enabled=False)
    page.goto(application.origin)
    fill(page, "not the password")
    expect(page.get_by_role("alert")).to_have_text("The name or the password is wrong.")
    fill(page, PASSWORD)
    expect(page).to_have_title("Regionscope")


@pytest.mark.console(REFUSED)
def test_a_step_drawn_after_the_sign_in_ended_is_kept_for_the_next(watched: Watched, application: Application) -> None:
    context = watched.context()
    page = context.new_page()
    page.goto(application.origin)
    fill(page, PASSWORD)
    explore = ExplorePage(page, application.origin, application.recorded)
    explore.ready()
    explore.stroke([(120, 60), (200, 90)])
    context.clear_cookies()
    explore.drag([(260, 160), (330, 190)])
    expect(page).to_have_title("Sign in – Regionscope")
    fill(page, PASSWORD)
    expect(explore.frames).to_have_count(3)
    explore.ready()
