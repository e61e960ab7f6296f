"""A report from the results page: asked for, followed, downloaded; read on a screen by anybody, and printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect

from dashboard.exports.report.pdf import pdf_of
from dashboard.recording.workspace import Workspace
from dashboard.settings import Settings
from dashboard.vision.classifiers import Catalogue
from tests.browser.application import Application
from tests.browser.test_accessibility import LOOKS, SIZES, violations
from tests.browser.test_studies import OpenPlain
from tests.support.browser import find_browser
from tests.support.participating import begin, go_on, open_study

SLUG = "reported"


@pytest.fixture(scope="module")
def taken(shared_application: Application, catalogue: Catalogue) -> None:
    """A study of the running application that two people have taken and a third has only begun."""
    workspace = Workspace.open(Settings(data_dir=shared_application.data_dir, device="cpu"))
    vars(workspace)["catalogue"] = catalogue
    open_study(workspace, slug=SLUG, title="What counts <here>?", image_sets={"one": {"pictures": ["Chelsea the cat"]}})
    for person in ("first", "second"):
        go_on(workspace, begin(workspace, person, SLUG))
    begin(workspace, "third", SLUG)
    workspace.close()


@pytest.fixture
def report(taken: None, open_plain: OpenPlain, tmp_path: Path) -> Path:
    """The file that a researcher has downloaded."""
    page = open_plain(f"/studies/{SLUG}/results")
    page.get_by_role("button", name="Report …").click()
    dialog = page.locator("#package-dialog")
    expect(dialog.get_by_role("heading", name="Report")).to_be_visible()
    expect(dialog.get_by_text("Recruiters' ids")).to_be_hidden()
    assert violations(page) == []
    dialog.get_by_role("button", name="Write the report").click()
    link = dialog.get_by_role("link", name=re.compile(r"Download regionscope-reported-report\.html \([0-9.]+ MB\)"))
    expect(link).to_be_visible()
    with page.expect_download() as file:
        link.click()
    assert file.value.suggested_filename == "regionscope-reported-report.html"
    kept = tmp_path / "report.html"
    file.value.save_as(kept)
    return kept


def test_a_report_is_downloaded_read_and_printed(
    report: Path, browser: Browser, playwright: Playwright, monkeypatch: pytest.MonkeyPatch
) -> None:
    for size, scheme in LOOKS:
        context = browser.new_context(viewport=SIZES[size], color_scheme=scheme)
        asked: list[str] = []
        said: list[str] = []
        context.on("request", lambda request, asked=asked: asked.append(request.url))
        context.on("console", lambda message, said=said: said.append(message.text))
        page = context.new_page()
        page.goto(report.as_uri())
        expect(page.get_by_role("heading", level=1)).to_have_text("What counts <here>?")
        expect(page.locator("#table-flow tbody tr").last).to_contain_text("3")
        expect(page.get_by_role("img").first).to_be_visible()
        assert violations(page) == []
        wide, window = page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
        assert wide == window
        assert [url for url in asked if not url.startswith("data:")] == [report.as_uri()]
        assert said == []
        context.close()
    monkeypatch.setenv("REGIONSCOPE_BROWSER", find_browser(playwright))
    printed = pdf_of(report.read_text())
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", printed)) >= 3
