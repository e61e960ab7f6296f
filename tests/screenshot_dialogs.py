"""The dialogs that write figures, reports and packages, as ``tests.screenshots`` photographs them."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

PATIENCE_MS = 60_000
Scenes = dict[str, tuple[str, Callable[[Page], None]]]


def scenes(picture: str, session: str, study: str) -> Scenes:
    """What is photographed: a name, an address, and what is done and waited for there."""
    results = f"/studies/{study}/results"
    return {
        "dialog-figure": (f"/images/{picture}", _figure),
        "dialog-figure-annotated": (f"/images/{picture}", _annotated),
        "dialog-figure-latex": (f"/sessions/{session}", _latex),
        "dialog-figure-refused": (f"/images/{picture}", _refused),
        "dialog-figure-study": (results, _figure),
        "dialog-report": (results, _report),
        "dialog-report-written": (results, _report_written),
        "dialog-package": (results, _package),
        "dialog-package-chosen": ("/sessions", _package_of_chosen),
        "dialog-package-writing": (results, _package_writing),
        "dialog-judging": (f"/studies/{study}", _judging),
    }


def _figure(page: Page) -> None:
    page.get_by_role("button", name="Export figure").click(timeout=PATIENCE_MS)
    _drawn(page)


def _drawn(page: Page) -> None:
    expect(page.locator("#figure-dialog")).to_have_attribute("data-state", "drawn", timeout=PATIENCE_MS)
    assert page.locator("#figure-preview").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def _annotated(page: Page) -> None:
    _figure(page)
    page.locator("#figure-draw").click()
    page.locator("[data-figure-tool=label]").click()
    expect(page.locator("#figure-annotations li").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("#figure-canvas .imagelayer image, #figure-canvas .layer-below image").first).to_be_visible(
        timeout=PATIENCE_MS
    )
    expect(page.locator("#figure-status")).to_have_text("Kept with the figure", timeout=PATIENCE_MS)
    page.wait_for_load_state("networkidle")


def _latex(page: Page) -> None:
    expect(page.locator('#replay[data-state="ready"] #scrubber')).to_be_visible(timeout=PATIENCE_MS)
    _figure(page)
    page.locator("#figure-dialog summary").click()
    page.locator("#figure-references").scroll_into_view_if_needed()


def _refused(page: Page) -> None:
    _figure(page)
    page.locator("#figure-form").select_option("png")
    _drawn(page)
    page.locator("#figure-dpi").fill("5")
    page.locator("#figure-dpi").blur()
    expect(page.locator("#figure-message")).not_to_be_empty(timeout=PATIENCE_MS)


def _opened(page: Page, button: str) -> None:
    page.get_by_role("button", name=button).click(timeout=PATIENCE_MS)
    expect(page.locator("#package-dialog")).to_be_visible()


def _report(page: Page) -> None:
    _opened(page, "Report …")


def _report_written(page: Page) -> None:
    _report(page)
    page.locator("#package-act").click()
    expect(page.locator("#package-file")).to_be_visible(timeout=PATIENCE_MS)


def _package(page: Page) -> None:
    _opened(page, "Data package …")


def _package_of_chosen(page: Page) -> None:
    page.locator(".cell-select .tick").first.click(timeout=PATIENCE_MS)
    page.locator("[data-action='package']").click(timeout=PATIENCE_MS)
    expect(page.locator("#package-dialog")).to_be_visible()


def _package_writing(page: Page) -> None:
    page.route("**/api/v1/exports/*", lambda route: route.fulfill(json={"state": "running", "done": 41, "total": 100}))
    _package(page)
    page.locator("#package-act").click()
    expect(page.locator("#package-progress-text")).to_have_text("41 %", timeout=PATIENCE_MS)


def _judging(page: Page) -> None:
    page.get_by_role("button", name="Exclude:").first.click(timeout=PATIENCE_MS)
    expect(page.locator(".modal.show")).to_have_css("opacity", "1", timeout=PATIENCE_MS)
    expect(page.locator(".modal.show .modal-dialog")).to_have_css("transform", "none", timeout=PATIENCE_MS)
