"""The lists and charts against a plain reading of everything, on both databases."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from dashboard.recording import answers, browsing, sessions
from dashboard.recording.browse_url import parse_state
from dashboard.recording.edits import apply_edit
from dashboard.recording.ids import RequestError, new_id
from dashboard.recording.pictures import About, add_picture
from dashboard.recording.workspace import Workspace
from db import models, queries
from db.browse_filter import BrowseFilter, BrowseState, Condition, Sort
from db.errors import BrowseError
from db.models import EditNote, EditTag, SessionTag, Tag
from tests.support.edits import MODEL, OTHER_MODEL, edit_request, rectangle, sitting
from tests.support.pictures import add_cat, gradient, photograph, png
from tests.support.rows import counted_statements

METHODS = ("mean", "blur", "keep_gray")
NOTE = "The whiskers 100 % matter"


@dataclass(frozen=True)
class Seeded:
    """``tags`` and ``notes`` of edits by id, beyond what a row shows."""

    workspace: Workspace
    sessions: list[str]
    tags: dict[str, set[str]]
    notes: dict[str, str]


def seed(workspace: Workspace) -> Seeded:
    """Five sessions of three people with three pictures: 14 edits, one of them answered by two models."""
    coffee = photograph("Cup of coffee")
    pictures = [add_cat(workspace), add_picture(workspace, coffee.read(), coffee.about)]
    pictures.append(add_picture(workspace, png(gradient()), About("Gradient_1")))
    made = []
    for number, length in enumerate((4, 1, 5, 3, 1)):
        picture = pictures[number % 3]
        # One picture is only looked at after it was edited.
        if number % 3:
            answers.of_picture(workspace, picture, [MODEL, OTHER_MODEL])
        where, parent = sitting(picture), None
        for step in range(length):
            side = picture.working_width * (step + 1) / (length + 1)
            request = edit_request(
                where,
                parent,
                method=METHODS[(step + number) % 3],
                shapes=[rectangle(side / 8, 4, side, picture.working_height * 0.8)],
                models=(MODEL, OTHER_MODEL) if (number, step) == (2, 1) else (MODEL,),
                client_started_ms=1000.0 * step,
                client_ended_ms=1000.0 * step + 10 * number + step if step != 2 else None,
            )
            parent = apply_edit(workspace, request).id
        texts = {"name": f"Säle {number % 2} 50%_", "person": f"P{number % 3}", "notes": "pilot" if number == 3 else ""}
        sessions.describe(workspace, new_id(), where, texts, None)
        made.append(where.session)
    answers.of_picture(workspace, pictures[0], [MODEL])
    return _marked(workspace, made)


def _marked(workspace: Workspace, made: list[str]) -> Seeded:
    with workspace.database.write() as transaction:
        number = {
            public: row for row, public in transaction.execute(select(models.Session.id, models.Session.public_id))
        }
        transaction.add_all([Tag(id=1, name="check"), Tag(id=2, name="unused")])
        transaction.flush()
        edits = transaction.execute(
            select(models.Edit.id, models.Edit.public_id, models.Edit.session_id).order_by(models.Edit.id)
        ).all()
        tagged, noted, first = edits[7], edits[9], number[made[0]]
        transaction.add_all([SessionTag(session_id=first, tag_id=1), EditTag(edit_id=tagged.id, tag_id=1)])
        transaction.add(EditNote(edit_id=noted.id, content=NOTE))
        transaction.execute(update(models.Session).where(models.Session.public_id == made[2]).values(study="cats-1"))
    check = {edit.public_id for edit in edits if edit == tagged or edit.session_id == first}
    tags = {edit.public_id: {"check"} if edit.public_id in check else set() for edit in edits}
    return Seeded(workspace, made, tags, {noted.public_id: NOTE})


def all_rows(workspace, view, archived=False):
    state = BrowseState(view, BrowseFilter(archived=archived))
    return browsing.rows(workspace, state, 0, 1000).rows


@pytest.fixture
def seeded(stored):
    return seed(stored)


def test_every_list_and_chart_says_what_a_plain_reading_says(seeded):
    """One seeding, many questions: filling the database is what takes the time."""
    check = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    edits, listed = all_rows(seeded.workspace, "edits"), all_rows(seeded.workspace, "sessions")
    assert (len(edits), len(listed)) == (14, 5)

    @check
    @given(edit_states())
    def pages(state):
        expected = ordered([row for row in edits if fits(seeded, row, state.filter)], state)
        assert ids(seeded.workspace, state) == [row.id for row in expected]
        glance = browsing.glance(seeded.workspace, state)
        assert glance.edits == len(expected)
        assert glance.sessions == len({row.session_id for row in expected})
        assert glance.flips == sum(bool(row.flipped) for row in expected)
        assert sum(bar.edits for bar in glance.bars) == len(expected)
        assert sorted(point.edit for point in glance.points) == sorted(row.id for row in expected)
        assert browsing.selection(seeded.workspace, state) == [row.id for row in expected]

    pages()


def ids(workspace, state, size=3):
    """Everything, page by page: the further half is walked to from the end."""
    found, total = [], browsing.rows(workspace, state, 0, 1).total
    for offset in range(0, total, size):
        found += [row.id for row in browsing.rows(workspace, state, offset, size).rows]
    return found


VALUES = {
    "session": lambda row: row.session,
    "person": lambda row: row.person,
    "study": lambda row: row.study,
    "picture": lambda row: row.picture,
    "true_label": lambda row: row.true_label,
    "method": lambda row: row.method,
    "before": lambda row: row.before,
    "after": lambda row: row.after,
    "mask_area": lambda row: row.mask_area,
    "change": lambda row: row.change,
    "duration": lambda row: row.duration_ms,
    "made": lambda row: row.made_ms,
}
TEXT = ("session", "person", "study", "picture", "true_label", "method", "before", "after")
WORDS = (
    "cat",
    "CAT",
    "P1",
    "50%_",
    "_",
    "%",
    "pilot",
    "whiskers 100 %",
    "check",
    "espresso",
    "nowhere",
    "Säle 1",
    "SÄLE 1",
)


@st.composite
def edit_states(draw):
    number = st.sampled_from((0.0, 0.02, 0.1, 0.3, 12.0, 1001.0, 1.7e12, -0.2))
    some = st.one_of(
        st.builds(
            Condition,
            st.sampled_from(TEXT),
            st.sampled_from(("contains", "notContains", "equals", "notEqual", "startsWith", "endsWith")),
            st.sampled_from(("cat", "P1", "Säle", "sÄLE 0 50%_", "gradient_1", "mean", "e", "%")),
        ),
        st.builds(
            Condition,
            st.sampled_from(("mask_area", "change", "duration", "made")),
            st.sampled_from(("lessThan", "greaterThanOrEqual", "notEqual", "equals")),
            number,
        ),
        st.builds(Condition, st.sampled_from(sorted(VALUES)), st.sampled_from(("blank", "notBlank"))),
        st.builds(Condition, st.sampled_from(("mask_area", "duration", "made")), st.just("inRange"), number, number),
    )
    wanted = BrowseFilter(
        search=draw(st.sampled_from(("", "", *WORDS))),
        classes=draw(st.sampled_from(((), (), ("Egyptian cat",), ("espresso", "Egyptian cat")))),
        methods=draw(st.sampled_from(((), (), ("mean",), ("blur", "mean")))),
        studies=draw(st.sampled_from(((), (), (), ("cats-1",)))),
        tags=draw(st.sampled_from(((), (), (), ("check",), ("unused",)))),
        flipped=draw(st.sampled_from((None, None, True, False))),
        conditions=draw(st.lists(some, max_size=2, unique_by=lambda c: c.column).map(tuple)),
    )
    names = draw(st.lists(st.sampled_from(sorted(VALUES)), max_size=2, unique=True))
    return BrowseState("edits", wanted, tuple(Sort(name, draw(st.booleans())) for name in names))


def fits(seeded, row, wanted):
    return (
        (not wanted.classes or row.before in wanted.classes)
        and (not wanted.methods or row.method in wanted.methods)
        and (not wanted.studies or row.study in wanted.studies)
        and (not wanted.tags or bool(set(wanted.tags) & seeded.tags[row.id]))
        and wanted.flipped in (None, row.flipped)
        and all(holds(VALUES[c.column](row), c) for c in wanted.conditions)
        and any(wanted.search.lower() in text.lower() for text in texts(seeded, row))
    )


def texts(seeded, row):
    notes = "pilot" if row.session_id == seeded.sessions[3] else ""
    shown = (row.session, row.person, row.study, row.picture, row.true_label or "", row.before, row.after)
    return [*shown, notes, *seeded.tags[row.id], seeded.notes.get(row.id, "")]


def holds(value, condition):
    wanted, upper = condition.value, condition.upper
    if condition.operator in ("blank", "notBlank"):
        return (value in (None, "")) == (condition.operator == "blank")
    if value is None:
        return condition.operator in ("notContains", "notEqual")
    if isinstance(value, str):
        value, wanted = value.lower(), str(wanted).lower()
    return {
        "contains": lambda: wanted in value,
        "notContains": lambda: wanted not in value,
        "startsWith": lambda: value.startswith(wanted),
        "endsWith": lambda: value.endswith(wanted),
        "equals": lambda: value == wanted,
        "notEqual": lambda: value != wanted,
        "lessThan": lambda: value < wanted,
        "greaterThanOrEqual": lambda: value >= wanted,
        "inRange": lambda: wanted <= value < upper if condition.column == "made" else wanted <= value <= upper,
    }[condition.operator]()


def ordered(rows, state):
    """Undefined values are the lowest; of equal ones the order of making decides, turned with the last column."""
    sort = state.sort or (Sort("made", True),)
    found = rows if sort[-1].descending else rows[::-1]
    found = list(found)
    for item in reversed(sort):
        value = VALUES[item.column]
        found.sort(key=lambda row: (value(row) is not None, value(row) or type(value(row))()), reverse=item.descending)
    return found


def test_sessions_are_filtered_by_their_own_columns_and_by_their_edits(seeded):
    def listed(query):
        return {row.id for row in browsing.rows(seeded.workspace, parse_state(query), 0, 100).rows}

    made = seeded.sessions
    rows = {row.id: row for row in all_rows(seeded.workspace, "sessions")}
    assert [rows[session].edits for session in made] == [4, 1, 5, 3, 1]
    assert listed("f.edits=greaterThan:3") == {made[0], made[2]}
    assert listed("f.edits=inRange:3:4") == {made[0], made[3]}
    assert listed("class=espresso") == {made[1], made[4]}
    assert listed("q=whiskers") == {
        row.session_id for row in all_rows(seeded.workspace, "edits") if row.id in seeded.notes
    }
    tagged = {row.session_id for row in all_rows(seeded.workspace, "edits") if seeded.tags[row.id]}
    assert len(tagged) == 2, "one is tagged itself, of the other an edit is"
    assert listed("tag=check") == tagged
    assert listed("tag=check&method=mean&method=blur&method=keep_gray") == tagged
    assert listed("tag=check&method=telepathy") == listed("tag=unused") == set()
    looked_at = {session for session, row in rows.items() if row.before is not None}
    assert listed("f.true_label=notEqual:espresso") | listed("f.true_label=equals:espresso") == set(made)
    assert listed("f.before=notContains:x") == {s for s in made if s not in looked_at or "x" not in rows[s].before}
    for words in ("Säle 1", "sÄLE 1", "S\u00e4LE 1"):
        assert listed(f"q={words}") == listed(f"f.session=startsWith:{words}") == {made[1], made[3]}
    assert listed("f.session=equals:SÄLE 1 50%25_") == {made[1], made[3]}
    assert listed("f.session=notContains:SÄLE") == set()
    assert listed("q=pilot") == {made[3]}
    assert listed("study=cats-1") == {made[2]}
    assert listed("f.person=equals:p0") == {made[0], made[3]}
    assert listed("q=gradient_1") == {made[2]}
    assert listed("flipped=1") == {row.session_id for row in all_rows(seeded.workspace, "edits") if row.flipped}
    by_flips = browsing.rows(seeded.workspace, parse_state("sort=-flips,session"), 0, 100).rows
    assert [row.flips for row in by_flips] == sorted((row.flips for row in rows.values()), reverse=True)
    for name in ("started", "duration", "change", "after", "model", "mask_area", "picture", "agreement"):
        assert len(listed(f"sort=-{name}")) == 5


def test_ranges_of_numbers_hold_both_ends_and_those_of_times_the_first(seeded):
    def listed(view, condition):
        return {row.id for row in browsing.rows(seeded.workspace, parse_state(f"view={view}&{condition}"), 0, 100).rows}

    edits = all_rows(seeded.workspace, "edits")
    *_, last = made = sorted(edits, key=lambda row: row.made_ms)
    first = made[0]
    assert listed("edits", "f.mask_area=inRange:0:1") == {row.id for row in edits}
    for row in edits:
        assert row.id in listed("edits", f"f.mask_area=inRange:0:{row.mask_area!r}")
        if row.duration_ms is not None:
            assert row.id in listed("edits", f"f.duration=inRange:0:{row.duration_ms!r}")
    held = listed("edits", f"f.made=inRange:{first.made_ms}:{last.made_ms}")
    assert first.id in held
    assert last.id not in held
    began = {row.id: row.started_ms for row in all_rows(seeded.workspace, "sessions")}
    # Moments are kept to the microsecond and shown to the millisecond.
    assert max(began, key=began.get) not in listed("sessions", f"f.started=inRange:0:{max(began.values()) - 1}")


def test_a_model_chosen_shows_its_own_answers(seeded):
    rows = browsing.rows(seeded.workspace, parse_state(f"view=edits&model={OTHER_MODEL}"), 0, 100).rows
    assert [(row.session_id, row.model_key) for row in rows] == [(seeded.sessions[2], OTHER_MODEL)]
    both = browsing.rows(seeded.workspace, parse_state(f"view=edits&model={MODEL}&model={OTHER_MODEL}"), 0, 100)
    assert (both.total, len({row.id for row in both.rows})) == (15, 14)


def test_what_is_archived_is_only_shown_when_asked_for(seeded):
    with seeded.workspace.database.write() as transaction:
        row = transaction.scalars(select(models.Session).filter_by(public_id=seeded.sessions[0])).one()
        row.archived_at = row.started_at
        transaction.execute(update(models.Outcome).filter_by(session_id=row.id).values(archived=True))
        transaction.add(models.Event(public_id=new_id(), session_id=row.id, kind="archive", payload={}))
    assert {row.session_id for row in all_rows(seeded.workspace, "edits", archived=True)} == {seeded.sessions[0]}
    assert len(all_rows(seeded.workspace, "sessions")) == 4
    assert browsing.glance(seeded.workspace, BrowseState("edits")).edits == 10


def test_nothing_is_asked_once_a_row(seeded):
    """Pages of one row and of all need the same number of statements, charts the same before and after more edits."""
    for view in ("sessions", "edits"):
        counts = []
        for limit in (1, 100):
            fresh = replace(seeded.workspace, browsed=type(seeded.workspace.browsed)(8))
            with counted_statements(fresh.database) as sent:
                browsing.rows(fresh, BrowseState(view, BrowseFilter(search="e")), 0, limit)
            counts.append(len(sent))
        assert counts[0] == counts[1]
        assert counts[0] <= 20
    fresh = replace(seeded.workspace, browsed=type(seeded.workspace.browsed)(8))
    with counted_statements(fresh.database) as sent:
        browsing.glance(fresh, BrowseState("edits"))
    assert len(sent) == 6


def test_a_new_edit_is_seen_at_once(seeded):
    before = browsing.glance(seeded.workspace, BrowseState("edits")).edits
    with counted_statements(seeded.workspace.database) as sent:
        assert browsing.glance(seeded.workspace, BrowseState("edits")).edits == before
    assert len(sent) == 1, "what did not change is remembered"
    session = all_rows(seeded.workspace, "sessions")[0]
    with seeded.workspace.database.read() as transaction:
        picture = queries.session(transaction, session.id).picture
    apply_edit(seeded.workspace, edit_request(sitting(picture, session.id)))
    assert browsing.glance(seeded.workspace, BrowseState("edits")).edits == before + 1


@pytest.mark.parametrize(("offset", "limit"), [(-1, 10), (0, 0), (0, 100_000)])
def test_a_page_that_cannot_be_is_refused_with_a_sentence(workspace, offset, limit):
    with pytest.raises(RequestError, match=r"\.$"):
        browsing.rows(workspace, BrowseState(), offset, limit)


def test_an_operator_that_a_column_does_not_have_is_refused(workspace):
    state = BrowseState("edits", BrowseFilter(conditions=(Condition("mask_area", "contains", 1.0),)))
    with pytest.raises(BrowseError, match="mask_area"):
        browsing.rows(workspace, state, 0, 10)


def test_choices_are_what_occurs(seeded):
    found = browsing.choices(seeded.workspace)
    assert [key for key, _ in found.models] == [MODEL, OTHER_MODEL]
    assert {"Egyptian cat", "espresso"} <= set(found.classes)
    assert found.methods == tuple(sorted(METHODS))
    assert (found.studies, found.tags) == (("cats-1",), ("check", "unused"))
