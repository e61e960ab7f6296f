"""A researcher goes through her study as a participant does: marked as a preview everywhere, and in no result."""

from __future__ import annotations

from playwright.sync_api import expect

from db.study_models import Participant
from tests.browser.application import Application
from tests.browser.participant import ParticipantPage, storage
from tests.browser.test_accessibility import violations
from tests.browser.test_studies import OpenPlain
from tests.support.participating import open_study

SLUG = "looked-into"


def test_a_preview_is_marked_goes_through_and_counts_nowhere(application: Application, open_plain: OpenPlain) -> None:
    with storage(application.data_dir) as stored:
        open_study(stored, slug=SLUG, image_sets={"one": {"pictures": ["Chelsea the cat"]}})
    page = open_plain(f"/studies/{SLUG}")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Preview as participant").click()
    her = ParticipantPage(opened.value, application.origin)
    note = her.page.locator(".preview-note")
    expect(note).to_have_text("Preview: nothing of this is counted.")
    her.begin()
    expect(note).to_be_visible()
    her.agree()
    expect(note).to_be_visible()
    assert violations(her.page) == []
    her.stroke((0.3, 0.3), (0.6, 0.6))
    her.has_strokes(1)
    her.page.reload()
    her.at("trial:0").has_strokes(1)
    expect(note).to_be_visible()
    her.done()
    her.at("trial:1").stroke((0.3, 0.3), (0.6, 0.6))
    expect(her.page.locator("#says")).to_contain_text("Removals left: 1")
    her.done()
    her.at("questionnaire:about").choose("hard", 1)
    her.done()
    her.ended()
    expect(note).to_be_visible()
    with storage(application.data_dir) as stored, stored.database.read() as transaction:
        [row] = transaction.query(Participant).filter(Participant.public_id == her.page.url.split("p=")[1])
        assert (row.preview, row.state) == (True, "finished")

    expect(page.locator("main")).to_contain_text("1 preview is in no figure here.")
    expect(page.locator(".section-head .filling")).to_have_text("0 of 10")
    expect(page.locator("#watch-people")).to_contain_text("Nobody has begun yet")
    page.goto(f"{application.origin}/studies/{SLUG}/results")
    expect(page.locator("#participants")).to_contain_text("n = 0 participants")
    expect(page.locator("#participants")).to_contain_text("Nobody has taken part yet.")
