"""A participant's whole way as ``tests.screenshots`` photographs it: somebody waits at each of its steps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from dashboard.recording.ids import new_id
from dashboard.recording.workspace import Workspace
from dashboard.studies import store
from dashboard.studies.answering import Given, answer
from dashboard.studies.design_yaml import from_yaml
from dashboard.studies.drawing import EditWish, edit
from dashboard.studies.entering import Entrance, enter
from dashboard.studies.keys import keys_of
from dashboard.studies.place import Place, place_of
from dashboard.studies.preparing import prepare
from dashboard.vision.shapes import parse_shapes
from db import participants
from tests.support.edits import rectangle

PATIENCE_MS = 60_000
DESIGN = Path(__file__).with_suffix(".yaml")
Scenes = dict[str, tuple[str, Callable[[Page], None]]]
# What the scenes are called, and the step of the way that each shows.
STEPS = {
    "consent": "consent",
    "instructions": "instructions",
    "practice": "trial:0",
    "feedback": "truth:0",
    "questionnaire": "questionnaire:about",
    "mark": "trial:1",
    "erase": "trial:2",
    "predict": "trial:3",
    "truth": "truth:3",
    "explore": "trial:4",
    "rate": "trial:5",
    "compare": "trial:6",
    "end": None,
}


def record(workspace: Workspace) -> dict[str, str]:
    """An open study with everything that there is, and somebody at each step; returns private links by scene."""
    design = from_yaml(DESIGN.read_text(encoding="utf-8"))
    store.save(workspace, design)
    store.open_study(workspace, design.slug)
    return {name: _waiting_at(workspace, design.slug, name, step) for name, step in STEPS.items()}


def scenes(links: dict[str, str]) -> Scenes:
    """What is photographed: a name, an address, and what is done and waited for there."""
    way = {f"way-{name}": (links[name], _at(step)) for name, step in STEPS.items()}
    return {
        "way-welcome": ("/s/whole-way", _welcomed),
        "way-welcome-german": ("/s/whole-way?lang=de", _welcomed),
        "way-preview": ("/s/whole-way?preview=1", _welcomed),
        **way,
        "way-unanswered": (links["questionnaire"], _unanswered),
        "way-keeping": (links["mark"], _keeping),
        "way-offline": (links["mark"], _offline),
    }


def _waiting_at(workspace: Workspace, slug: str, name: str, step: str | None) -> str:
    """Somebody who has answered everything before a step."""
    her = enter(workspace, slug, Entrance(new_id(), name, language="en"))
    here = _place(workspace, her)
    while here.step is not None and here.step.key != step:
        here = answer(workspace, her, Given(new_id(), here.step.key, _answers(workspace, here)))
    if here.trial is not None and step == "trial:2":
        _remove(workspace, here)
    return f"/s/{slug}/resume/{keys_of(workspace.settings.data_dir).token(her)}"


def _place(workspace: Workspace, her: str) -> Place:
    with workspace.database.read() as transaction:
        return place_of(transaction, participants.participant_row(transaction, her))


def _answers(workspace: Workspace, here: Place) -> dict[str, Any]:
    assert here.step is not None
    if here.step.kind == "consent":
        return {"agreed": True}
    if here.trial is None or here.step.kind != "trial":
        return {}
    trial = prepare(workspace, here, here.trial)
    kind = trial.plan["kind"]
    if kind == "mark":
        return {"region": new_id(), "shapes": [_region()]}
    if kind == "predict":
        return {"class": trial.plan["prepared"]["offered"][0], "change": "yes", "sure": 80}
    return {"rate": {"plausible": 3}, "compare": {"more_like_me": "first"}}.get(kind, {})


def _region() -> dict[str, Any]:
    return rectangle(110, 120, 330, 300)


def _remove(workspace: Workspace, here: Place) -> None:
    assert here.trial is not None
    trial = prepare(workspace, here, here.trial)
    edit(workspace, here, EditWish(new_id(), trial.id, None, None, parse_shapes([_region()]), 0, 1_000))


def _welcomed(page: Page) -> None:
    expect(page.locator(".participant [data-act='begin']")).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_load_state("networkidle")


def _at(step: str | None) -> Callable[[Page], None]:
    def wait(page: Page) -> None:
        page.wait_for_function(
            "(step) => window.regionscope?.participant?.scene?.step === step && !window.regionscope.isBusy()", arg=step
        )
        page.wait_for_load_state("networkidle")

    return wait


def _unanswered(page: Page) -> None:
    _at(STEPS["questionnaire"])(page)
    page.locator("#question-age").fill("7")
    page.locator(".participant [data-act='next']").click()
    expect(page.locator("#question-age-message")).not_to_be_empty()


def _keeping(page: Page) -> None:
    _at(STEPS["mark"])(page)
    page.locator("#later summary").click()
    expect(page.locator("#withdraw-field")).to_be_visible()


def _offline(page: Page) -> None:
    _at(STEPS["mark"])(page)
    page.route("**/api/v1/**", lambda route: route.abort())
    page.locator("#modified-canvas-box").press("Space")
    expect(page.locator("#trouble")).to_be_visible(timeout=PATIENCE_MS)
