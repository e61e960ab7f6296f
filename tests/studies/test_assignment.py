from __future__ import annotations

import itertools
import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.studies.assignment import (
    LibraryPicture,
    NotEnoughPicturesError,
    conditions,
    least_filled,
    plan,
)
from dashboard.studies.leaving import decline
from dashboard.studies.orders import latin_square, least_filled_number, rows_of, squares
from dashboard.studies.place import place_of
from db import participants
from tests.studies.designs import block, example, pictures, small
from tests.support.participating import DESIGN, begin, open_study
from tests.support.pictures import add_small

LIBRARY = {"cats": pictures("Tom", "Kit", "Mog", "Puss")}


@given(count=st.integers(1, 60), width=st.integers(1, 6), seed=st.integers(0, 2**31))
def test_conditions_differ_by_one_at_most_where_nobody_drops_out(count, width, seed):
    keys, filled = [f"condition {number}" for number in range(width)], Counter()
    for number in range(count):
        filled[least_filled(filled, keys, seed + number)] += 1
    assert max(filled[key] for key in keys) - min(filled[key] for key in keys) <= 1


@given(size=st.integers(1, 12))
def test_a_latin_square_is_balanced(size):
    square = latin_square(size)
    assert len(square) == (size if size % 2 == 0 or size == 1 else 2 * size)
    assert all(sorted(row) == list(range(size)) for row in square)
    for place in range(size):
        assert len(set(Counter(row[place] for row in square).values())) == 1
    followed = Counter(pair for row in square for pair in itertools.pairwise(row))
    if size > 1:
        assert len(followed) == size * (size - 1)
        assert len(set(followed.values())) == 1


@given(sizes=st.lists(st.integers(2, 6), min_size=1, max_size=3))
def test_squares_are_balanced_first_each_and_then_together(sizes):
    found = {f"square {place}": size for place, size in enumerate(sizes)}
    combinations = math.prod(sizes)
    rows = [tuple(rows_of(number, found).values()) for number in range(2 * combinations)]
    assert len(set(rows[:combinations])) == combinations
    assert rows[:combinations] == rows[combinations:]
    for place, size in enumerate(sizes):
        for start in range(0, combinations, size):
            assert len({row[place] for row in rows[start : start + size]}) == size


@given(gone=st.sets(st.integers(0, 11)))
def test_who_drops_out_leaves_a_row_to_the_next(gone):
    found = {"blocks": 2, "block main": 6}  # twelve combinations
    taken: list[int] = []
    for _ in range(12):
        taken.append(least_filled_number(taken, found))
    stayed = [number for place, number in enumerate(taken) if place not in gone]
    for _ in gone:
        stayed.append(least_filled_number(stayed, found))
    for name, size in found.items():
        assert [Counter(rows_of(number, found)[name] for number in stayed)[row] for row in range(size)] == [
            12 // size
        ] * size


def test_orders_of_blocks_pictures_and_levels_are_crossed():
    levels = [{"key": name, "set": {"mark": {"confidence": name == "asked"}}} for name in ("asked", "not_asked")]
    design = small(
        factors=[{"key": "sure", "kind": "within", "levels": levels}],
        blocks=[block(order="latin_square"), block(key="other", trials=[{"kind": "mark", "key": "again"}])],
        block_order="latin_square",
    )
    found = squares(design, {"cats": 4})
    assert found == {"within": 2, "blocks": 2, "block main": 4}
    taken: list[int] = []
    seen = Counter()
    for _ in range(16):
        taken.append(least_filled_number(taken, found))
        planned = plan(design, conditions(design)[0], taken[-1], 0, LIBRARY)
        first = next(one.picture for one in planned if one.block == "main")
        seen[planned[0].levels["sure"], planned[0].block, first] += 1
    assert len(seen) == 16


def test_the_example_has_two_conditions_and_everybody_does_everything():
    design = example()
    library = {key: pictures(*one.pictures) for key, one in design.image_sets.items()}
    found = conditions(design)
    assert [one.key for one in found] == ["answers=shown", "answers=hidden"]
    for condition, live in zip(found, (True, False), strict=True):
        planned = plan(design, condition, 0, 1, library)
        assert [one.trial for one in planned] == ["try_marking", *["mark"] * 3, *["erase"] * 3]
        assert [one.practice for one in planned] == [True, *[False] * 6]
        assert {one.picture for one in planned if one.trial == "mark"} == {one.id for one in library["pictures"]}
        assert {one.options.get("live_answers") for one in planned if one.trial == "erase"} == {live}


def test_the_same_seed_gives_the_same_plan_and_another_another():
    design = small(image_sets={"cats": {"pictures": ["Tom", "Kit", "Mog", "Puss"]}})
    [everybody] = conditions(design)
    assert everybody.key == "all"
    plans = [plan(design, everybody, 0, seed, LIBRARY) for seed in range(20)]
    assert plans[3] == plan(design, everybody, 0, 3, LIBRARY)
    assert len({tuple(one.picture for one in planned) for planned in plans}) > 5


def test_within_subjects_everybody_meets_every_level_in_balanced_order():
    levels = [{"key": name, "set": {"mark": {"confidence": name == "asked"}}} for name in ("asked", "not_asked")]
    design = small(factors=[{"key": "sure", "kind": "within", "levels": levels}])
    [everybody] = conditions(design)
    orders = [[one.levels["sure"] for one in plan(design, everybody, number, number, LIBRARY)] for number in range(2)]
    assert orders == [["asked"] * 4 + ["not_asked"] * 4, ["not_asked"] * 4 + ["asked"] * 4]


def test_quotas_per_class_are_kept():
    library = {"cats": [LibraryPicture(f"{label}{n}", f"{label}{n}", label) for label in "abc" for n in range(5)]}
    images = {"set": "cats", "per_class": {"a": 2, "c": 3}}
    design = small(blocks=[block(images=images)])
    for seed in range(10):
        drawn = Counter(one.picture[0] for one in plan(design, conditions(design)[0], 0, seed, library))
        assert drawn == {"a": 2, "c": 3}
    too_many = small(blocks=[block(images={"set": "cats", "per_class": {"a": 6}})])
    with pytest.raises(NotEnoughPicturesError, match="needs 6 pictures of a; there are 5"):
        plan(too_many, conditions(too_many)[0], 0, 0, library)


def test_attention_checks_come_among_the_trials_and_never_first():
    check = {"picture": "Tom", "mask": "tom.png", "task": "Mark the ear."}
    design = small(blocks=[block(attention=[check, check])])
    for seed in range(20):
        planned = plan(design, conditions(design)[0], 0, seed, LIBRARY)
        assert planned[0].attention is None
        assert sorted(one.attention for one in planned if one.attention is not None) == [0, 1]


def test_whoever_is_gone_leaves_her_rows_to_the_next(stored):
    add_small(stored)
    changes = {
        "factors": [],
        "block_order": "latin_square",
        "blocks": [DESIGN["blocks"][0], block(images={"set": "one"})],
    }
    changes["blocks"][1] |= {"key": "other", "trials": [{"kind": "mark", "key": "again", "of": "top"}]}
    open_study(stored, **changes)

    def row(participant: str) -> int:
        with stored.database.read() as transaction:
            return participants.participant_row(transaction, participant).number

    people = [begin(stored, f"browser {number}") for number in range(3)]
    assert [row(one) for one in people] == [0, 1, 0]
    decline(stored, people[1])
    assert row(begin(stored, "browser 3")) == 1


def test_a_factor_can_be_the_model_and_whether_instructions_are_read(stored):
    add_small(stored)
    levels = [
        {"key": "small", "set": {"erase": {"model": "efficientnet_lite0"}}},
        {"key": "large", "set": {"erase": {"model": "efficientnet_lite1"}}, "instructions_shown": False},
    ]
    models = ["efficientnet_lite0", "efficientnet_lite1"]
    open_study(stored, models=models, factors=[{"key": "model", "levels": levels}])
    found = {}
    for number in range(2):
        with stored.database.read() as transaction:
            her = participants.participant_row(transaction, begin(stored, f"browser {number}"))
            plans = [trial.plan for trial in participants.trials_of(transaction, her)]
            here = place_of(transaction, her)
        steps = [step.key for step in here.way]
        found[her.condition] = [(plan["trial"], plan["model"]) for plan in plans], "instructions" in steps
    assert found == {
        "model=small": ([("mark", "efficientnet_lite0"), ("erase", "efficientnet_lite0")], True),
        "model=large": ([("mark", "efficientnet_lite0"), ("erase", "efficientnet_lite1")], False),
    }
