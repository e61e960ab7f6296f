"""The pages of studies as ``tests.screenshots`` photographs them: the researcher's and the participants'."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect
from sqlalchemy import select

from dashboard.recording.workspace import Workspace
from dashboard.studies import store
from dashboard.studies.demo import SLUG, record_demo_study
from dashboard.studies.design_yaml import from_yaml
from dashboard.studies.keys import keys_of
from dashboard.studies.results.report import results
from db.study_models import Participant

PATIENCE_MS = 60_000
EXAMPLE = Path(__file__).parents[1] / "docs" / "studies" / "cats-and-cups.yaml"
Scenes = dict[str, tuple[str, Callable[[Page], None]]]


def record(workspace: Workspace) -> dict[str, str]:
    """The demo's study, its results worked out, and a draft; returns participants' private links by their state."""
    record_demo_study(workspace)
    results(workspace, SLUG, None)
    store.save(workspace, from_yaml(EXAMPLE.read_text(encoding="utf-8")))
    keys = keys_of(workspace.settings.data_dir)
    with workspace.database.read() as transaction:
        people = transaction.scalars(select(Participant).order_by(Participant.id)).all()
        return {row.state: f"/s/{SLUG}/resume/{keys.token(row.public_id)}" for row in people}


def scenes(links: dict[str, str]) -> Scenes:
    """What is photographed: a name, an address, and what is done and waited for there."""
    return {
        "studies": ("/studies", _there(".study-table")),
        "study-new": ("/studies/-/design", _there("#design-verdict")),
        "study-design": ("/studies/cats-and-cups/design", _designed),
        "study-design-conditions": ("/studies/cats-and-cups/design#conditions", _conditions),
        "study-watch": (f"/studies/{SLUG}", _there("#watch-people table")),
        "study-watch-nobody": ("/studies/cats-and-cups", _there("#watch-people p")),
        "study-results": (f"/studies/{SLUG}/results", _read),
        "study-results-none": ("/studies/cats-and-cups/results", _there(".results-section")),
        "study-unknown": ("/studies/nothing", _there(".message")),
        "participant-welcome": (f"/s/{SLUG}", _there(".participant [data-act='begin']")),
        "participant-mark": (links["started"], _marking),
        "participant-end": (links["finished"], _there(".participant h1")),
        "participant-unknown": ("/s/nothing", lambda page: page.wait_for_load_state("networkidle")),
    }


def _there(selector: str) -> Callable[[Page], None]:
    def wait(page: Page) -> None:
        expect(page.locator(selector).first).to_be_visible(timeout=PATIENCE_MS)
        page.wait_for_load_state("networkidle")

    return wait


def _designed(page: Page) -> None:
    expect(page.locator("#design-verdict")).to_contain_text("It can be opened", timeout=PATIENCE_MS)


def _conditions(page: Page) -> None:
    page.locator(".design-nav").get_by_role("link", name="Conditions", exact=True).click()
    expect(page.locator("#conditions .design-card").first).to_be_visible(timeout=PATIENCE_MS)


def _read(page: Page) -> None:
    expect(page.locator("#necessity .js-plotly-plot")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("#results-progress .work-progress")).to_have_count(0, timeout=PATIENCE_MS)
    expect(page.locator("#quality")).to_contain_text(re.compile("P1"), timeout=PATIENCE_MS)
    page.wait_for_load_state("networkidle")


def _marking(page: Page) -> None:
    page.wait_for_function("() => window.regionscope?.participant?.scene?.trial && !window.regionscope.isBusy()")
    expect(page.locator("#modified-canvas .nsewdrag")).to_be_visible(timeout=PATIENCE_MS)
