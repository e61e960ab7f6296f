from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.recording.browse_url import parse_state, state_to_query
from dashboard.recording.ids import RequestError
from db.browse_columns import COLUMNS
from db.browse_filter import BrowseFilter, BrowseState, Condition, Sort
from db.errors import BrowseError

NUMBERS = st.floats(-1e12, 1e12, allow_nan=False).map(lambda value: value + 0.0)
TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=20)
NAMES = st.lists(TEXTS, max_size=3, unique=True).map(lambda names: tuple(sorted(names)))


def conditions(view):
    def of(name):
        if COLUMNS[view][name].kind == "text":
            some = st.builds(Condition, st.just(name), st.sampled_from(("contains", "equals", "endsWith")), TEXTS)
        else:
            one = st.builds(Condition, st.just(name), st.sampled_from(("lessThan", "equals")), NUMBERS)
            some = one | st.builds(Condition, st.just(name), st.just("inRange"), NUMBERS, NUMBERS)
        return some | st.builds(Condition, st.just(name), st.sampled_from(("blank", "notBlank")))

    names = st.lists(st.sampled_from(sorted(COLUMNS[view])), max_size=3, unique=True).map(sorted)
    return names.flatmap(lambda chosen: st.tuples(*map(of, chosen)))


@st.composite
def states(draw):
    view = draw(st.sampled_from(("sessions", "edits")))
    names = draw(st.lists(st.sampled_from(sorted(COLUMNS[view])), max_size=3, unique=True))
    wanted = BrowseFilter(
        search=draw(TEXTS | st.just("")).strip(),
        models=draw(NAMES),
        classes=draw(NAMES),
        methods=draw(NAMES),
        studies=draw(NAMES),
        tags=draw(NAMES),
        flipped=draw(st.none() | st.booleans()),
        archived=draw(st.booleans()),
        conditions=draw(conditions(view)),
    )
    return BrowseState(view, wanted, tuple(Sort(name, draw(st.booleans())) for name in names))


@given(states())
def test_a_state_comes_back_from_its_address(state):
    assert parse_state("?" + state_to_query(state)) == state


def test_the_address_of_everything_is_empty():
    assert state_to_query(BrowseState()) == ""
    assert parse_state("") == BrowseState()


def test_an_address_as_a_person_reads_it():
    query = "view=edits&q=cat&class=Egyptian+cat&flipped=1&f.mask_area=greaterThan:0.1&sort=-change,made"
    state = parse_state(query)
    assert state == BrowseState(
        "edits",
        BrowseFilter(
            search="cat",
            classes=("Egyptian cat",),
            flipped=True,
            conditions=(Condition("mask_area", "greaterThan", 0.1),),
        ),
        (Sort("change", True), Sort("made")),
    )
    assert state_to_query(state) == query


@pytest.mark.parametrize(
    "query",
    [
        "view=people",
        "flipped=maybe",
        "sort=nothing",
        "f.nothing=equals:1",
        "view=edits&f.mask_area=greaterThan:much",
        "view=edits&f.mask_area=inRange:1",
        "view=edits&f.mask_area=greaterThan:nan",
        "q=" + "x" * 9_000,
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(query):
    with pytest.raises((RequestError, BrowseError)) as refused:
        parse_state(query)
    assert str(refused.value).endswith(".")
