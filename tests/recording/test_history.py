"""Undo, redo, jumps and resets in random trees, against a model that is as simple as can be."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from dashboard.recording import sessions
from dashboard.recording.edits import apply_edit
from dashboard.recording.history import branch, redo_target, tip_after_move
from dashboard.recording.ids import RequestError, new_id
from dashboard.recording.verify import verify_session
from dashboard.recording.view import explore_view
from db.errors import ConflictError, NotFoundError
from tests.support.edits import MODEL, edit_request, rectangle, sitting
from tests.support.pictures import add_small
from tests.support.rows import row_counts

#     0 ─ 1 ─ 2 ─ 3
#      \   \─ 4
#       \─ 5 ─ 6
TREE = {1: 0, 2: 1, 3: 2, 4: 1, 5: 0, 6: 5}


@pytest.mark.parametrize(("node", "way"), [(0, []), (1, [1]), (3, [1, 2, 3]), (4, [1, 4]), (6, [5, 6])])
def test_a_branch_is_the_way_from_the_original(node, way):
    assert branch(TREE, node) == way


@pytest.mark.parametrize(
    ("head", "tip", "forward"),
    [
        (0, 3, 1),
        (1, 3, 2),
        (1, 4, 4),
        (2, 3, 3),
        (0, 6, 5),
        (3, 3, None),
        (6, 6, None),
        (1, 6, 4),  # the tip is elsewhere: the newest child
        (0, 0, 5),
        (5, 3, 6),
    ],
)
def test_redo_leads_towards_the_tip_and_else_to_the_newest(head, tip, forward):
    assert redo_target(TREE, head, tip) == forward


@pytest.mark.parametrize(
    ("target", "tip", "after"), [(0, 3, 3), (1, 3, 3), (2, 3, 3), (4, 3, 4), (3, 2, 3), (6, 3, 6), (0, 0, 0)]
)
def test_the_tip_stays_while_one_moves_along_its_branch(target, tip, after):
    assert tip_after_move(TREE, target, tip) == after


@given(st.lists(st.integers(0, 30), min_size=1, max_size=20), st.data())
def test_after_undoing_everything_redo_leads_back_the_same_way(picks, data):
    parents = {number: pick % number for number, pick in enumerate(picks, 1)}
    tip = data.draw(st.sampled_from(sorted(parents)))
    head, way = 0, []
    while head != tip:
        head = redo_target(parents, head, tip)
        way.append(head)
    assert way == branch(parents, tip)


class Node:
    """The model: a node knows its parent and which child was left last."""

    def __init__(self, id: str | None, parent: Node | None) -> None:
        self.id = id
        self.parent = parent
        self.children: list[Node] = []

    def ancestors(self) -> list[Node]:
        return [self] + (self.parent.ancestors() if self.parent else [])


def history_machine(workspace, picture) -> type[RuleBasedStateMachine]:
    class History(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            self.where = sitting(picture)
            self.root = self.head = self.tip = Node(None, None)
            self.nodes = [self.root]
            self.moves = 0

        def view(self):
            return explore_view(workspace, picture.id, self.where.session, None, [MODEL])

        @rule(x=st.integers(0, 50), y=st.integers(0, 40), parent=st.integers(0, 20), stale=st.booleans())
        def draw(self, x: int, y: int, parent: int, stale: bool) -> None:
            seen = self.nodes[parent % len(self.nodes)] if stale else self.head
            shapes = [rectangle(x, y, x + 4, y + 4)]
            edit = apply_edit(workspace, edit_request(self.where, seen.id, shapes=shapes, models=(MODEL,)))
            self.head = self.tip = Node(edit.id, seen)
            seen.children.append(self.head)
            self.nodes.append(self.head)
            assert edit.sequence == len(self.nodes) - 1

        def go(self, kind: sessions.Move, node: Node) -> None:
            event = new_id()
            for _ in range(2):  # the second is the same request, sent again
                sessions.move(workspace, event, self.where.session, kind, node.id, None)
            self.moves += 1
            self.head = node
            if node not in self.tip.ancestors():
                self.tip = node

        @precondition(lambda self: self.head.parent)
        @rule()
        def undo(self) -> None:
            assert self.view().undo == (self.head.parent.id or "original")
            self.go("undo", self.head.parent)

        @precondition(lambda self: self.head.children)
        @rule()
        def redo(self) -> None:
            towards = [child for child in self.head.children if child in self.tip.ancestors()]
            child = (towards or self.head.children)[-1]
            assert self.view().redo == child.id
            self.go("redo", child)

        @precondition(lambda self: len(self.nodes) > 1)
        @rule(number=st.integers(0, 20))
        def jump(self, number: int) -> None:
            self.go("jump", self.nodes[number % len(self.nodes)])

        @precondition(lambda self: len(self.nodes) > 1)
        @rule()
        def reset(self) -> None:
            self.go("reset", self.root)

        @invariant()
        def the_session_stands_where_the_model_does(self) -> None:
            view = self.view()
            if len(self.nodes) == 1:
                assert (view.session, view.edit, view.undo, view.redo) == (None, None, None, None)
                return
            assert (view.session.head, view.session.tip) == (self.head.id, self.tip.id)
            assert [step.edit.id for step in view.steps] == [node.id for node in self.nodes[1:]]
            assert [step.edit.parent for step in view.steps] == [node.parent.id for node in self.nodes[1:]]
            assert [step.depth for step in view.steps] == [len(node.ancestors()) - 1 for node in self.nodes[1:]]
            here = {node.id for node in self.head.ancestors()} - {None}
            assert {step.edit.id for step in view.steps if step.in_branch} == here
            assert (view.undo is None) == (self.head is self.root)
            assert (view.redo is None) == (not self.head.children)
            assert row_counts(workspace.database)["events"] >= self.moves

        def teardown(self) -> None:
            """Performed again from the record, every step comes out as it was, however one moved about."""
            if len(self.nodes) > 1:
                verdicts = list(verify_session(workspace, self.where.session))
                assert [verdict.edit for verdict in verdicts] == [node.id for node in self.nodes[1:]]
                assert all(verdict.is_as_recorded for verdict in verdicts)

    return History


def test_any_history_against_the_model(workspace):
    machine = history_machine(workspace, add_small(workspace))
    bounds = settings(max_examples=10, stateful_step_count=12, deadline=None, database=None)
    run_state_machine_as_test(machine, settings=bounds)


@pytest.fixture
def session(stored):
    """A session with two steps in a row: its sitting and the steps' ids."""
    where = sitting(add_small(stored))
    first = apply_edit(stored, edit_request(where))
    second = apply_edit(stored, edit_request(where, first.id, shapes=[rectangle(30, 30, 40, 40)]))
    return where, first.id, second.id


def test_undo_redo_and_reset_are_kept_and_lose_nothing(stored, session):
    where, first, second = session
    for kind, target in [("undo", first), ("undo", None), ("redo", first), ("jump", second), ("reset", None)]:
        moved = sessions.move(stored, new_id(), where.session, kind, target, 1.5)
        assert (moved.head, moved.tip, moved.edit_count) == (target, second, 2)
    assert row_counts(stored.database)["events"] == 5


def test_the_same_move_again_changes_nothing_even_later(stored, session):
    where, first, second = session
    event = new_id()
    sessions.move(stored, event, where.session, "undo", first, None)
    sessions.move(stored, new_id(), where.session, "redo", second, None)
    assert sessions.move(stored, event, where.session, "undo", first, None).head == second
    assert row_counts(stored.database)["events"] == 2


def test_an_event_id_stands_for_one_event(stored, session):
    where, first, second = session
    event = new_id()
    sessions.move(stored, event, where.session, "jump", first, None)
    other = sitting(add_small(stored))
    apply_edit(stored, edit_request(other))
    for session_id, kind, target in [
        (where.session, "jump", second),
        (where.session, "undo", first),
        (other.session, "jump", first),
    ]:
        with pytest.raises(ConflictError):
            sessions.move(stored, event, session_id, kind, target, None)
    assert row_counts(stored.database)["events"] == 1


def test_one_cannot_go_to_a_step_of_another_session(stored, session):
    where, *_ = session
    other = apply_edit(stored, edit_request(sitting(add_small(stored))))
    for target in (other.id, new_id()):
        with pytest.raises(NotFoundError):
            sessions.move(stored, new_id(), where.session, "jump", target, None)
    with pytest.raises(NotFoundError):
        sessions.move(stored, new_id(), new_id(), "jump", None, None)
    assert row_counts(stored.database)["events"] == 0


def test_a_reset_leads_to_the_original_only(stored, session):
    where, first, _ = session
    with pytest.raises(RequestError):
        sessions.move(stored, new_id(), where.session, "reset", first, None)
