"""A participant's page as she uses it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from db.engine import Database
from db.study_models import Participant, Response
from tests.support.participating import Stored

FILLED = "regionscope.filled."


class ParticipantPage:
    """One tab; ``ready`` waits for a step by its key."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page, self.origin = page, origin

    def open(self, slug: str, search: str = "") -> None:
        self.page.goto(f"{self.origin}/s/{slug}{search}")

    def act(self, name: str) -> Locator:
        return self.page.locator(f".participant [data-act='{name}']")

    def begin(self) -> None:
        self.act("begin").click()
        self.at("consent")

    def at(self, step: str | None) -> ParticipantPage:
        """Waits until she is at a step, None for those before the first, and it is painted."""
        self.page.wait_for_function(
            "(step) => window.regionscope?.participant?.scene?.step === step && !window.regionscope.isBusy()", arg=step
        )
        return self

    def agree(self) -> None:
        self.act("consent").click()
        self.at("instructions")
        self.act("next").click()
        self.at("trial:0")

    def stroke(self, *points: tuple[float, float]) -> None:
        """Draws through points given as shares of the picture."""
        canvas = "document.querySelector('#modified-canvas .js-plotly-plot:has(.nsewdrag)')"
        self.page.wait_for_function(f"() => String({canvas}?._fullLayout?.dragmode).startsWith('draw')")
        box = self.page.locator("#modified-canvas .nsewdrag").bounding_box()
        assert box
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
        self.page.mouse.move(*places[0])
        self.page.mouse.down()
        for place in places[1:]:
            self.page.mouse.move(*place, steps=6)
        self.page.mouse.up()

    def tap(self, x: float, y: float) -> None:
        """Puts a finger on the picture for a moment, at shares of it."""
        box = self.page.locator("#modified-canvas .nsewdrag").bounding_box()
        assert box
        self.page.touchscreen.tap(box["x"] + x * box["width"], box["y"] + y * box["height"])

    def has_strokes(self, count: int) -> None:
        """Waits until so many strokes stand."""
        self.page.wait_for_function("(count) => window.regionscope.participant.shapes().length === count", arg=count)

    def has_removed(self) -> None:
        """Waits until something is removed, and shown without it."""
        self.page.wait_for_function("() => window.regionscope.participant.scene?.edit && !window.regionscope.isBusy()")

    def choose(self, question: str, number: int) -> None:
        self.page.locator(f"[data-question='{question}'] input").nth(number).check()

    def done(self) -> None:
        self.act("next").click()

    def half_filled(self) -> list[str]:
        """Whose answers lie unsent in the browser's store (public ids)."""
        keys: list[str] = self.page.evaluate("() => Object.keys(localStorage)")
        return sorted(key.removeprefix(FILLED) for key in keys if key.startswith(FILLED))

    @property
    def trouble(self) -> Locator:
        return self.page.locator("#trouble")

    def ended(self) -> None:
        expect(self.page.locator(".participant h1")).to_have_text("The end")


@contextmanager
def storage(data_dir: Path) -> Iterator[Stored]:
    """What lies on the disk of an application that runs."""
    database = Database(f"sqlite:///{data_dir / 'regionscope.sqlite'}")
    yield Stored(database)
    database.close()


def responses(data_dir: Path, participant: str) -> dict[str, Any]:
    """Everything a participant answered, by step."""
    with storage(data_dir) as stored, stored.database.read() as transaction:
        query = transaction.query(Response).join(Participant, Participant.id == Response.participant_id)
        hers = query.filter(Participant.public_id == participant).order_by(Response.id)
        return {row.step: row.answers for row in hers}
