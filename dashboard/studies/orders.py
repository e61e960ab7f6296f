"""Orders of blocks, pictures and levels: Latin squares that are crossed with each other, and who gets which rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from math import lcm, prod

import numpy as np

from dashboard.studies.design import Block, Design, Order

# Rows of each square of a design, by what it orders: "within", "blocks", or "block <key>" for a block's pictures.
Squares = Mapping[str, int]
WITHIN, BLOCKS = "within", "blocks"


def of_block(block: Block) -> str:
    """What the order of a block's pictures is called among the squares."""
    return f"block {block.key}"


def latin_square(size: int) -> list[list[int]]:
    """Orders of ``size`` things in which each stands once in each place, and follows each other one equally often.

    Williams, *Experimental designs balanced for the estimation of residual effects of treatments*, 1949: ``size`` rows
    where it is even, twice as many where it is odd.
    """
    if size < 1:
        return []
    first = [0]
    low, high = 1, size - 1
    while len(first) < size:
        first.append(low if len(first) % 2 else high)
        low, high = (low + 1, high) if len(first) % 2 == 0 else (low, high - 1)
    rows = [[(one + shift) % size for one in first] for shift in range(size)]
    return rows if size % 2 == 0 or size == 1 else [*rows, *[row[::-1] for row in rows]]


def ordered(count: int, order: Order, row: int, random: np.random.Generator) -> list[int]:
    """Places 0 … count − 1 in an order; ``row`` is that of the Latin square, where there is one."""
    if order == "random":
        return [int(place) for place in random.permutation(count)]
    if order == "latin_square" and count > 0:
        square = latin_square(count)
        return square[row % len(square)]
    return list(range(count))


def squares(design: Design, pictures: Mapping[str, int]) -> dict[str, int]:
    """The Latin squares of a design with their rows; ``pictures``: how many each of its sets holds."""
    sizes = {WITHIN: prod(len(factor.levels) for factor in design.within)}
    if design.block_order == "latin_square":
        sizes[BLOCKS] = len(design.blocks)
    for block in (*design.practice, *design.blocks):
        if block.order == "latin_square":
            sizes[of_block(block)] = shown(block, pictures.get(block.images.image_set, 0))
    return {name: len(latin_square(size)) for name, size in sizes.items() if size > 1}


def shown(block: Block, pictures: int) -> int:
    """How many pictures a block shows of a set that holds so many."""
    wanted = block.images
    if wanted.per_class is not None:
        return sum(wanted.per_class.values())
    return wanted.count or pictures


def rows_of(number: int, found: Squares) -> dict[str, int]:
    """The row of each square that a participant's number (from 0) stands for.

    Participants 0, 1, 2, … go through the rows of every square in turn, so that each is balanced after as many as it
    has rows. Whenever a square and those before it begin together again, it is shifted by one row: after as many
    participants as there are combinations, each has been met once, so that no order goes along with another.
    """
    rows = {}
    combinations = 1
    for name, size in found.items():
        place = number % (combinations * size)
        rows[name] = (place + place // lcm(combinations, size)) % size
        combinations *= size
    return rows


def least_filled_number(taken: Iterable[int], found: Squares) -> int:
    """The number of the next participant, when those who count have the numbers ``taken``: the first of the fewest.

    So whoever drops out leaves her rows to the next.
    """
    combinations = prod(found.values())
    counts = Counter(number % combinations for number in taken)
    fewest = min(counts.values()) if len(counts) == combinations else 0
    return next(number for number in range(combinations) if counts[number] == fewest)
