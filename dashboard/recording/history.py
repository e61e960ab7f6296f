"""The tree of a session's edits: where undo and redo lead. Pure functions on sequence numbers; 0 is the original."""

from __future__ import annotations

from collections.abc import Mapping

ORIGINAL = 0


def branch(parents: Mapping[int, int], node: int) -> list[int]:
    """The way from the original (left out) to ``node``; ``parents`` maps each edit to the one before it."""
    way = []
    while node != ORIGINAL:
        way.append(node)
        node = parents[node]
    return way[::-1]


def redo_target(parents: Mapping[int, int], head: int, tip: int) -> int | None:
    """The next edit after ``head``: on the way to ``tip`` if that leads through, else the newest; None at an end."""
    way = [ORIGINAL, *branch(parents, tip)]
    if head in way and way[-1] != head:
        return way[way.index(head) + 1]
    return max((node for node, parent in parents.items() if parent == head), default=None)


def tip_after_move(parents: Mapping[int, int], target: int, tip: int) -> int:
    """The branch end to remember after going to ``target``: unchanged while that is on the way to it."""
    return tip if target in (ORIGINAL, *branch(parents, tip)) else target
