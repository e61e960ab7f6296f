"""Watching a recorded session again."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from dashboard.recording.ids import new_id
from tests.browser.application import Application
from tests.browser.conftest import OpenPage
from tests.browser.explore import ExplorePage
from tests.browser.replaying import RecordedSession, ReplayPage, brush
from tests.browser.test_accessibility import LOOKS, SIZES, violations
from tests.support.waiting import wait_until

OpenPlain = Callable[..., Page]
OpenReplay = Callable[..., ReplayPage]
SLOW = brush((60, 60), (110, 80), (150, 120), (220, 140), step_ms=1500)


@pytest.fixture
def session(application: Application) -> RecordedSession:
    """Two steps, then one on the original: a branch."""
    made = RecordedSession(application)
    first = made.draw()
    made.draw(first)
    made.draw(None, [brush((200, 180), (260, 200))])
    made.describe(name="Whiskers", person="P03", notes="Whiskers first.")
    return made


@pytest.fixture
def open_replay(open_plain: OpenPlain) -> OpenReplay:
    def opened(session: str, query: str = "", **options: object) -> ReplayPage:
        replay = ReplayPage(open_plain(f"/sessions/{session}{query}", **options))
        replay.ready()
        return replay

    return opened


def test_it_opens_at_the_beginning_and_says_whose_session_it_is(
    session: RecordedSession, open_replay: OpenReplay
) -> None:
    replay = open_replay(session.id)
    replay.at("original")
    replay.position(0)
    expect(replay.by_id("replay-name")).to_have_text("Whiskers")
    expect(replay.by_id("replay-about")).to_contain_text("P03")
    expect(replay.by_id("replay-notes")).to_have_text("Whiskers first.")
    expect(replay.page).to_have_title(re.compile("^Whiskers"))
    expect(replay.page.locator("#replay-tree [data-edit-id]")).to_have_count(4)


def test_playing_draws_fills_goes_back_and_ends(session: RecordedSession, open_replay: OpenReplay) -> None:
    replay = open_replay(session.id)
    said = watch_status(replay)
    replay.by_id("speed").select_option("2")
    replay.play()
    expect(replay.main).to_have_attribute("data-playing", "true")
    expect(replay.status).to_have_text("The end")
    replay.at(session.edits[2])
    replay.position(3)
    expect(replay.main).to_have_attribute("data-playing", "false")
    expect(replay.strokes).to_have_count(0)
    seen = said()
    kinds = [text for text in seen if "drawn" in text or text.startswith("Back")]
    assert kinds == [
        "Step 1: the region is drawn",
        "Step 2: the region is drawn",
        "Back to the original",
        "Step 3: the region is drawn",
    ]
    expect(replay.page).to_have_url(re.compile(f"edit={session.edits[2]}"))


def watch_status(replay: ReplayPage) -> Callable[[], list[str]]:
    """Everything that the player says from now on."""
    replay.page.evaluate(
        """() => {
          const place = document.getElementById("replay-status");
          window.said = [];
          new MutationObserver(() => window.said.push(place.textContent)).observe(place, { childList: true });
        }"""
    )
    return lambda: list(replay.page.evaluate("() => window.said"))


def test_the_stroke_grows_and_stands_still_while_paused(application: Application, open_replay: OpenReplay) -> None:
    made = RecordedSession(application)
    made.draw(None, [SLOW])
    replay = open_replay(made.id)
    replay.play()
    stroke = replay.page.locator("#screen .strokes path")
    expect(stroke).to_be_attached()
    path = stroke.get_attribute("d")
    wait_until(lambda: stroke.get_attribute("d") != path, "the stroke to grow")
    replay.page.keyboard.press("Space")
    expect(replay.main).to_have_attribute("data-playing", "false")
    stopped = stroke.get_attribute("d")
    replay.page.evaluate("() => new Promise((done) => setTimeout(done, 300))")
    assert stroke.get_attribute("d") == stopped
    replay.by_id("speed").select_option("8")
    replay.by_id("play").click()
    replay.at(made.edits[0])


@pytest.mark.parametrize(
    "shape",
    [
        {"tool": "lasso", "mode": "add", "path": "M60,60L160,70L120,150Z"},
        {"tool": "rectangle", "mode": "add", "x0": 160, "y0": 150, "x1": 60, "y1": 60},
        {"tool": "ellipse", "mode": "add", "x0": 60, "y0": 60, "x1": 160, "y1": 150},
        brush((60, 60)),
    ],
    ids=["lasso", "rectangle", "ellipse", "dab"],
)
def test_every_tool_is_drawn_with_or_without_its_timing(
    application: Application, open_replay: OpenReplay, shape: dict[str, object]
) -> None:
    made = RecordedSession(application)
    erase = brush((100, 60), (110, 120)) | {"mode": "erase"}
    made.draw(None, [shape, shape | {"points": [[0, 60, 60], [90, 120, 90], [200, 160, 150]]}, erase])
    replay = open_replay(made.id)
    said = watch_status(replay)
    replay.page.evaluate(
        """() => {
          window.drawn = new Set();
          const note = () => document.querySelectorAll("#screen .strokes g > *").forEach(
            (one) => window.drawn.add(one.tagName + one.getAttribute("class")));
          const strokes = document.querySelector("#screen .strokes");
          new MutationObserver(note).observe(strokes, { childList: true, subtree: true });
        }"""
    )
    replay.by_id("speed").select_option("4")
    replay.play()
    expect(replay.status).to_have_text("The end")
    assert "Step 1: the region is drawn" in said()
    drawn = replay.page.evaluate("() => [...window.drawn]")
    assert len(drawn) == 2
    assert any(one.endswith("erase") for one in drawn)


def test_stepping_and_the_keyboard(session: RecordedSession, open_replay: OpenReplay) -> None:
    replay = open_replay(session.id)
    one, two, three = session.edits
    for key, edit in [
        ("ArrowRight", one),
        ("ArrowRight", two),
        ("ArrowLeft", one),
        ("End", three),
        ("Home", "original"),
    ]:
        replay.page.keyboard.press(key)
        replay.at(edit)
    replay.by_id("step-forward").click()
    replay.at(one)
    replay.by_id("step-back").click()
    replay.at("original")
    expect(replay.by_id("step-back")).to_be_disabled()
    for key, speed in [("]", "2"), ("]", "4"), ("[", "2"), ("[", "1"), ("[", "0.5"), ("[", "0.5")]:
        replay.page.keyboard.press(key)
        expect(replay.by_id("speed")).to_have_value(speed)


def test_the_scrubber_is_a_slider_that_the_keyboard_moves(session: RecordedSession, open_replay: OpenReplay) -> None:
    replay = open_replay(session.id)
    expect(replay.page.locator(".scrubber-place .tick")).to_have_count(3)
    replay.scrubber.focus()
    for key, position in [("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", 3), ("Home", 0), ("End", 3)]:
        replay.page.keyboard.press(key)
        replay.position(position)
    replay.at(session.edits[2])
    expect(replay.scrubber).to_have_attribute("aria-valuetext", re.compile("^Step 3, 3 of 3: "))
    replay.page.keyboard.press("Home")
    replay.page.keyboard.press("Space")
    expect(replay.main).to_have_attribute("data-playing", "true")


def test_every_step_has_a_link_that_leads_there_in_a_fresh_browser(
    session: RecordedSession, open_replay: OpenReplay
) -> None:
    replay = open_replay(session.id)
    replay.page.keyboard.press("ArrowRight")
    replay.page.keyboard.press("ArrowRight")
    replay.at(session.edits[1])
    expect(replay.page).to_have_url(re.compile(f"/sessions/{session.id}\\?edit={session.edits[1]}$"))
    picture, caption = replay.shown_picture(), replay.caption.inner_text()
    again = open_replay(session.id, f"?edit={session.edits[1]}")
    again.at(session.edits[1])
    again.position(2)
    assert (again.shown_picture(), again.caption.inner_text()) == (picture, caption)


def test_the_link_can_be_copied(session: RecordedSession, open_replay: OpenReplay) -> None:
    replay = open_replay(session.id, f"?edit={session.edits[0]}", permissions=["clipboard-read", "clipboard-write"])
    replay.at(session.edits[0])
    replay.by_id("copy-link").click()
    expect(replay.note).to_contain_text("copied")
    copied = replay.page.evaluate("() => navigator.clipboard.readText()")
    assert copied.endswith(f"/sessions/{session.id}?edit={session.edits[0]}")


def test_a_link_to_a_step_that_is_not_there(session: RecordedSession, open_replay: OpenReplay) -> None:
    replay = open_replay(session.id, f"?edit={new_id()}")
    expect(replay.note).to_contain_text("not in the session")
    replay.at("original")


def test_a_branch_can_be_entered_and_left(session: RecordedSession, open_replay: OpenReplay) -> None:
    one, two, three = session.edits
    replay = open_replay(session.id)
    replay.frame(one).click()
    replay.at(one)
    replay.by_id("enter-branch").click()
    expect(replay.scrubber).to_have_attribute("max", "2")
    replay.at(one)
    replay.page.keyboard.press("End")
    replay.at(two)
    expect(replay.page).to_have_url(re.compile(f"edit={two}&branch={two}$"))
    # A step outside the branch leads into its own.
    replay.frame(three).click()
    expect(replay.scrubber).to_have_attribute("max", "1")
    replay.at(three)
    expect(replay.page).to_have_url(re.compile(f"edit={three}&branch={three}$"))
    linked = open_replay(session.id, replay.page.url.partition(session.id)[2])
    linked.at(three)
    expect(linked.scrubber).to_have_attribute("max", "1")
    replay.by_id("leave-branch").click()
    expect(replay.scrubber).to_have_attribute("max", "3")
    replay.at(three)
    replay.position(3)
    replay.by_id("replay-way").select_option(index=1)
    expect(replay.scrubber).to_have_attribute("max", "2")


def test_the_chart_and_the_scrubber_move_together(session: RecordedSession, open_replay: OpenReplay) -> None:
    replay = open_replay(session.id)
    replay.click_chart(2)
    replay.at(session.edits[1])
    line = replay.page.locator(".chart-position")
    at_two = line.evaluate("line => line.getBoundingClientRect().left")
    replay.scrubber.focus()
    replay.page.keyboard.press("ArrowRight")
    replay.at(session.edits[2])
    assert line.evaluate("line => line.getBoundingClientRect().left") > at_two
    expect(replay.page.locator("#chart-legend li")).to_have_count(
        replay.page.locator("#replay-answers tbody tr").count()
    )


def test_real_pauses_are_said_and_can_be_skipped(application: Application, open_replay: OpenReplay) -> None:
    made = RecordedSession(application)
    first = made.draw()
    made.draw(first, pause_ms=3 * 60_000)
    replay = open_replay(made.id)
    replay.by_id("pauses").select_option("real")
    replay.play()
    expect(replay.status).to_contain_text("Pause of 3 min, as it was")
    replay.at(made.edits[0])
    replay.by_id("skip-pause").click()
    replay.at(made.edits[1])
    expect(replay.by_id("skip-pause")).to_be_hidden()


def test_without_motion_there_are_only_steps(session: RecordedSession, open_replay: OpenReplay) -> None:
    replay = open_replay(session.id, reduced_motion="reduce")
    replay.by_id("speed").select_option("4")
    replay.page.evaluate(
        """() => {
          window.strokes = 0;
          new MutationObserver((changes) => changes.forEach(({ addedNodes }) => (window.strokes += addedNodes.length)))
            .observe(document.querySelector("#screen .strokes"), { childList: true });
        }"""
    )
    replay.play()
    expect(replay.status).to_have_text("The end")
    replay.at(session.edits[2])
    assert replay.page.evaluate("() => window.strokes") == 0


def test_the_region_is_shown_as_the_masks_pixels(session: RecordedSession, open_replay: OpenReplay) -> None:
    replay = open_replay(session.id, f"?edit={session.edits[0]}")
    replay.at(session.edits[0])
    replay.by_id("show-region").click()
    mask = replay.page.locator("#screen .mask")
    expect(mask).to_have_attribute("src", f"/media/masks/{session.edits[0]}.png")
    expect(mask).to_have_css("opacity", "0.45")
    said = watch_status(replay)
    replay.by_id("draw-again").click()
    expect(replay.main).to_have_attribute("data-playing", "true")
    expect(replay.main).to_have_attribute("data-playing", "false")
    replay.at(session.edits[0])
    assert "Step 1: the region is drawn" in said()


def test_details_say_how_the_step_was_made(session: RecordedSession, open_replay: OpenReplay) -> None:
    replay = open_replay(session.id, f"?edit={session.edits[1]}")
    replay.at(session.edits[1])
    for text in ("Remove: Mean colour", "brush", "120 ms", "Regionscope"):
        expect(replay.by_id("details")).to_contain_text(text)
    for text in ("EfficientNet-Lite0", "SHA-256", "openvino"):
        expect(replay.by_id("details-answers")).to_contain_text(text)


def test_continue_as_a_branch(session: RecordedSession, open_replay: OpenReplay, application: Application) -> None:
    first = session.edits[0]
    replay = open_replay(session.id, f"?edit={first}")
    replay.at(first)
    replay.by_id("continue-branch").click()
    explore = ExplorePage(replay.page, application.origin, application.recorded)
    explore.ready()
    explore.at(first)
    explore.stroke([(150, 200), (220, 220)])
    steps = explore.recorded.edits(session.id)
    assert len(steps) == 4
    assert steps[-1].parent == first


def test_continue_from_the_original(session: RecordedSession, open_page: OpenPage) -> None:
    explore = open_page(f"/?session={session.id}&edit=original")
    explore.at("original")
    explore.stroke([(150, 200), (220, 220)])
    assert explore.recorded.edits(session.id)[-1].parent is None


def test_a_link_to_a_lost_step_leads_to_the_session(session: RecordedSession, open_page: OpenPage) -> None:
    explore = open_page(f"/?session={session.id}&edit={new_id()}")
    explore.at(session.edits[-1])
    assert explore.session == session.id


def test_a_session_without_steps_says_what_to_do(application: Application, open_plain: OpenPlain) -> None:
    made = RecordedSession(application)
    made.describe(name="Nothing yet")
    replay = ReplayPage(open_plain(f"/sessions/{made.id}"))
    expect(replay.main).to_have_attribute("data-state", "empty")
    expect(replay.by_id("replay-message")).to_contain_text("Nothing was changed")
    expect(replay.by_id("continue-branch")).to_be_visible()


@pytest.mark.console("404", "422")
@pytest.mark.parametrize("session_id", ["0190a000-0000-7000-8000-000000000000", "nonsense"])
def test_a_session_that_is_not_there(open_plain: OpenPlain, session_id: str) -> None:
    replay = ReplayPage(open_plain(f"/sessions/{session_id}"))
    expect(replay.main).to_have_attribute("data-state", "failed")
    expect(replay.by_id("replay-message")).to_be_visible()
    expect(replay.by_id("replay-out")).to_have_attribute("href", "/sessions")


@pytest.mark.console("Failed to load resource")
def test_while_the_server_is_away_the_page_says_so_and_tries_again(
    session: RecordedSession, open_plain: OpenPlain, watched: object
) -> None:
    page = open_plain("/sessions/" + new_id())
    away = [True]

    def answer(route: Route) -> None:
        if away[0]:
            route.abort()
        else:
            route.continue_()

    page.route("**/api/v1/**", answer)
    replay = ReplayPage(page)
    page.goto(page.url.partition("/sessions")[0] + f"/sessions/{session.id}")
    expect(replay.main).to_have_attribute("data-state", "failed")
    expect(replay.by_id("replay-message")).to_contain_text("does not answer")
    away[0] = False
    replay.by_id("replay-again").click()
    replay.ready()
    away[0] = True
    page.keyboard.press("End")
    expect(replay.by_id("details")).to_contain_text("does not answer")
    away[0] = False
    replay.by_id("details").get_by_role("button", name="Try again").click()
    replay.at(session.edits[2])


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_axe_finds_nothing_grave_and_nothing_scrolls_sideways(
    session: RecordedSession, open_replay: OpenReplay, size: str, scheme: str
) -> None:
    replay = open_replay(session.id, f"?edit={session.edits[1]}", viewport=SIZES[size], color_scheme=scheme)
    replay.at(session.edits[1])
    expect(replay.page.locator("#replay-chart .scatterlayer .trace").first).to_be_attached()
    assert violations(replay.page) == []
    wide, window = replay.page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide == window


def test_the_keys_are_listed(session: RecordedSession, open_replay: OpenReplay) -> None:
    replay = open_replay(session.id)
    replay.page.keyboard.press("?")
    expect(replay.page.get_by_role("dialog")).to_contain_text("Play, pause")


@pytest.mark.console("Failed to load resource")
def test_what_is_sent_for_notes_tags_and_going_on(session: RecordedSession, open_replay: OpenReplay) -> None:
    edit = session.edits[0]
    replay = open_replay(session.id, f"?edit={edit}")
    replay.at(edit)
    sent: list[dict[str, object]] = []

    def answer(route: Route) -> None:
        body = route.request.post_data_json
        sent.append({key: value for key, value in body.items() if key not in ("id", "time_ms")})
        refused = body["kind"] == "tag" and len(sent) == 2
        if refused:
            route.abort()
        else:
            route.fulfill(status=200, json={"session": session.id})

    replay.page.route("**/api/v1/events", answer)
    replay.by_id("edit-note").fill("The whiskers go first.")
    replay.by_id("edit-note").blur()
    expect(replay.by_id("saved")).to_have_text("saved ✓")
    replay.by_id("new-tag").fill("whiskers")
    replay.page.keyboard.press("Enter")
    expect(replay.by_id("curate-message")).to_contain_text("Not saved")
    expect(replay.by_id("new-tag")).to_have_value("whiskers")
    replay.page.keyboard.press("Enter")
    expect(replay.by_id("new-tag")).to_have_value("")
    replay.by_id("continue-session").click()
    expect(replay.page).to_have_url(re.compile(rf"/\?session={session.id}$"))
    tag = {"kind": "tag", "selection": {"items": [f"edit:{edit}"]}, "add": ["whiskers"], "remove": []}
    assert sent == [
        {"kind": "note", "edit": edit, "content": "The whiskers go first."},
        tag,
        tag,
        {"kind": "continue", "session": session.id, "edit": edit},
    ]


def test_notes_and_tags_are_kept(session: RecordedSession, open_replay: OpenReplay) -> None:
    edit = session.edits[0]
    replay = open_replay(session.id, f"?edit={edit}")
    replay.at(edit)
    replay.by_id("edit-note").fill("The whiskers go first.")
    replay.by_id("new-tag").fill("whiskers")
    replay.page.keyboard.press("Enter")
    expect(replay.page.locator("#edit-tags li")).to_contain_text(["whiskers"])
    expect(replay.by_id("saved")).to_have_text("saved ✓")
    again = open_replay(session.id, f"?edit={edit}")
    again.at(edit)
    expect(again.by_id("edit-note")).to_have_value("The whiskers go first.")
    again.page.get_by_role("button", name="Take the tag whiskers off").click()
    expect(again.page.locator("#edit-tags li")).to_have_count(0)


def test_continue_as_a_new_session(session: RecordedSession, open_replay: OpenReplay, application: Application) -> None:
    replay = open_replay(session.id, f"?edit={session.edits[1]}")
    replay.at(session.edits[1])
    replay.by_id("continue-session").click()
    explore = ExplorePage(replay.page, application.origin, application.recorded)
    expect(replay.page).to_have_url(re.compile(r"/\?session="))
    explore.ready()
    assert explore.session != session.id
    assert len(explore.edits()) == 2
