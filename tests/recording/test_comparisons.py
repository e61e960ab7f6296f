from __future__ import annotations

import pytest

from dashboard.recording import comparisons
from dashboard.recording.comparison_url import (
    Look,
    address,
    look_to_parameters,
    parameters_of,
    parse_items,
    parse_look,
)
from dashboard.recording.ids import RequestError, new_id
from db.errors import ConflictError, NotFoundError


def content(name="Cats", items=None, look=None):
    items = items or [f"edit:{new_id()}", f"image:{new_id()}"]
    return comparisons.parse_content(name, items, look or {})


def test_a_comparison_is_kept_once(stored):
    identity, kept = new_id(), content(look={"class": "281", "map": "cam", "masks": "outline"})
    first = comparisons.save(stored, identity, kept)
    assert comparisons.save(stored, identity, kept) == first
    assert comparisons.newest(stored) == [first]
    assert (first.name, first.items) == ("Cats", kept.items)
    assert first.look == {"class": "281", "map": "cam"}
    with pytest.raises(ConflictError):
        comparisons.save(stored, identity, content("Dogs"))


def test_the_newest_comes_first(stored):
    ids = [comparisons.save(stored, new_id(), content(f"Number {number}")).id for number in range(3)]
    assert [one.id for one in comparisons.newest(stored)] == ids[::-1]
    assert [one.id for one in comparisons.newest(stored, 2)] == ids[:0:-1]


def test_a_repeated_change_is_made_once(stored):
    identity, event = new_id(), new_id()
    comparisons.save(stored, identity, content())
    comparisons.change(stored, event, identity, {"name": "Renamed"})
    comparisons.change(stored, new_id(), identity, {"name": "Later"})
    assert comparisons.change(stored, event, identity, {"name": "Renamed"}).name == "Later"
    assert comparisons.read(stored, identity).name == "Later"


def test_saving_again_after_a_change_does_not_take_it_back(stored):
    identity, kept = new_id(), content()
    comparisons.save(stored, identity, kept)
    comparisons.change(stored, new_id(), identity, {"name": "Later"})
    assert comparisons.save(stored, identity, kept).name == "Later"


def test_two_partial_changes_both_stay(stored):
    """Each is sent by somebody who saw the comparison before the other's change."""
    identity, kept = new_id(), content(look={"map": "cam"})
    comparisons.save(stored, identity, kept)
    comparisons.change(stored, new_id(), identity, comparisons.parse_changes({"name": " Tabbies "}))
    changed = comparisons.change(stored, new_id(), identity, comparisons.parse_changes({"look": {"class": 3}}))
    assert (changed.name, changed.look, changed.items) == ("Tabbies", {"class": "3"}, kept.items)


def test_an_event_that_stands_for_something_else_changes_nothing(stored):
    first, second, event = new_id(), new_id(), new_id()
    for identity in (first, second):
        comparisons.save(stored, identity, content())
    comparisons.change(stored, event, first, {"name": "Renamed"})
    for other in (event, first, second):
        with pytest.raises(ConflictError):
            comparisons.change(stored, other, second, {"name": "Lost"})
    with pytest.raises(ConflictError):
        comparisons.save(stored, event, content())
    assert [comparisons.read(stored, identity).name for identity in (first, second)] == ["Renamed", "Cats"]


def test_what_is_deleted_stays_deleted(stored):
    identity, kept = new_id(), content()
    comparisons.save(stored, identity, kept)
    assert comparisons.delete(stored, identity)
    assert not comparisons.delete(stored, identity)
    with pytest.raises(NotFoundError):
        comparisons.read(stored, identity)
    with pytest.raises(ConflictError, match="was deleted"):
        comparisons.save(stored, identity, kept)
    assert comparisons.newest(stored) == []


EDIT, IMAGE = f"edit:{new_id()}", f"image:{new_id()}"


@pytest.mark.parametrize(
    ("name", "items", "look"),
    [
        ("", [EDIT, IMAGE], {}),
        ("   ", [EDIT, IMAGE], {}),
        (None, [EDIT, IMAGE], {}),
        ("x" * 201, [EDIT, IMAGE], {}),
        ("a\0b", [EDIT, IMAGE], {}),
        ("Name", [EDIT], {}),
        ("Name", [EDIT, EDIT], {}),
        ("Name", [f"edit:{new_id()}" for _ in range(13)], {}),
        ("Name", "edit", {}),
        ("Name", [1, 2], {}),
        ("Name", [EDIT, "nothing"], {}),
        ("Name", [EDIT, IMAGE], []),
        ("Name", [EDIT, IMAGE], {"masks": "dotted"}),
        ("Name", [EDIT, IMAGE], {"class": "-1"}),
        ("Name", [EDIT, IMAGE], {"opacity": "101"}),
        ("Name", [EDIT, IMAGE], {"ref": "nonsense"}),
        ("Name", [EDIT, IMAGE], {"pair": EDIT}),
        ("Name", [EDIT, IMAGE], {"models": ",".join(f"m{n}" for n in range(9))}),
        ("Name", [EDIT, IMAGE], {"map": "x" * 300}),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_sentence(name, items, look):
    with pytest.raises(RequestError) as refused:
        comparisons.parse_content(name, items, look)
    assert str(refused.value).endswith(".")


def test_a_look_is_written_as_it_is_read():
    look = Look(EDIT, ("a", "b"), 281, "gradcam", "fill", (EDIT, IMAGE), 20)
    assert parse_look(look_to_parameters(look)) == look
    assert look_to_parameters(Look()) == {}
    written = address({"items": f"{EDIT},{IMAGE}", **look_to_parameters(look)})
    assert parse_look(parameters_of(written.partition("?")[2])) == look
    assert parse_items(parameters_of(written.partition("?")[2])["items"]).problems == ()
    assert address({}) == "/compare"


def test_an_empty_parameter_is_none_at_all():
    assert parse_look({"ref": "", "class": "", "opacity": None}) == Look()


def test_an_address_that_says_too_much_is_refused_with_a_sentence():
    with pytest.raises(RequestError, match=r"\.$"):
        parameters_of("?" + "&".join(f"x{number}=1" for number in range(51)))
