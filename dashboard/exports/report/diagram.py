"""The flow of participants as a diagram: an SVG that takes its colours and type from the page around it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from dashboard.exports.report.flow import Arm, total

# More than these do not stand side by side on a page; the table beside the diagram has all of them.
MOST_ARMS = 4
WIDTHS = {1: 340, 2: 300, 3: 232, 4: 176}
GAP, INDENT, STEP, LINE, PAD = 24, 44, 22, 17, 9
LETTER = 6.6  # a letter of 13 px, on average


@dataclass(frozen=True)
class _Box:
    """Lines of text; ``lost`` stands beside the way down, not on it."""

    lines: tuple[str, ...]
    lost: bool = False

    @property
    def height(self) -> int:
        return len(self.lines) * LINE + 2 * PAD


def draw(found: Sequence[Arm]) -> str:
    """The diagram as SVG: one column for each arm, or one for all where there are too many."""
    shown = list(found) if len(found) <= MOST_ARMS else [total(found)]
    width = WIDTHS[max(1, len(shown))]
    columns = _levelled([_boxes(one, width, split=len(shown) > 1) for one in shown])
    whole = len(shown) * width + (len(shown) - 1) * GAP
    parts = []
    top = 0.0
    if len(shown) > 1:
        box = _Box((f"Entered the study (n = {total(found).entered})",))
        middle, wide = whole / 2, WIDTHS[1]
        parts.append(_box(box, middle - wide / 2, 0, wide, box.height))
        top = box.height + 2 * STEP
        parts.append(_fork(middle, box.height, [place * (width + GAP) + INDENT / 2 for place in range(len(shown))]))
    height: float = top
    for place, column in enumerate(columns):
        drawn, bottom = _column(column, place * (width + GAP), top, width)
        parts += drawn
        height = max(height, bottom)
    return (
        f'<svg class="flow" viewBox="-1 -1 {whole + 2} {height + 2}" width="{whole + 2}" height="{height + 2}" '
        f'aria-hidden="true" focusable="false">{"".join(parts)}</svg>'
    )


def _boxes(one: Arm, width: int, *, split: bool) -> list[_Box]:
    name = f"{one.condition.replace('=', ': ').replace(',', ', ')}" if split else "Entered the study"
    excluded = sum(one.excluded.values())
    words = [
        (([name, f"assigned (n = {one.entered})"] if split else [f"{name} (n = {one.entered})"]), False),
        (_loss("Did not take part", sum(one.not_begun.values()), one.not_begun), True),
        ([f"Began (n = {one.begun})"], False),
        ([f"Did not finish (n = {one.unfinished})"], True),
        ([f"Finished (n = {one.finished})"], False),
        (_loss("Left out", excluded, one.excluded), True),
        ([f"Analysed (n = {one.analysed})"], False),
    ]
    return [_Box(_wrapped(lines, width - (INDENT if lost else 0)), lost) for lines, lost in words]


def _loss(title: str, count: int, reasons: dict[str, int]) -> list[str]:
    return [f"{title} (n = {count})", *(f"{number} {reason}" for reason, number in reasons.items())]


def _wrapped(lines: Sequence[str], width: float) -> tuple[str, ...]:
    letters = int((width - 2 * PAD) / LETTER)
    return tuple(part for line in lines for part in textwrap.wrap(line, letters) or [""])


def _levelled(columns: Sequence[Sequence[_Box]]) -> list[list[tuple[_Box, int]]]:
    """Each box with the height of its row, so that the same step is level in all columns."""
    heights = [max(box.height for box in row) for row in zip(*columns, strict=True)]
    return [list(zip(column, heights, strict=True)) for column in columns]


def _column(boxes: Sequence[tuple[_Box, int]], left: float, top: float, width: float) -> tuple[list[str], float]:
    parts: list[str] = []
    line = left + INDENT / 2
    y = ended = top
    for box, height in boxes:
        if box.lost:
            middle = y + height / 2
            parts.append(_arrow(line, middle, left + INDENT, middle))
            parts.append(_box(box, left + INDENT, y, width - INDENT, height))
        else:
            if y > top:
                parts.append(_arrow(line, ended, line, y))
            parts.append(_box(box, left, y, width, height))
            ended = y + height
        y += height + STEP
    return parts, y - STEP


def _box(box: _Box, x: float, y: float, width: float, height: float) -> str:
    first = y + (height - len(box.lines) * LINE) / 2 + LINE - 4
    text = "".join(
        f'<tspan x="{x + PAD:g}" y="{first + number * LINE:g}">{escape(line)}</tspan>'
        for number, line in enumerate(box.lines)
    )
    kind = "lost" if box.lost else "kept"
    return f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="3"/><text>{text}</text>'


def _arrow(x: float, y: float, to_x: float, to_y: float) -> str:
    if x == to_x:
        head = f"M{x - 4:g} {to_y - 7:g}L{x:g} {to_y:g}L{x + 4:g} {to_y - 7:g}z"
    else:
        head = f"M{to_x - 7:g} {y - 4:g}L{to_x:g} {y:g}L{to_x - 7:g} {y + 4:g}z"
    return f'<path class="way" d="M{x:g} {y:g}L{to_x:g} {to_y:g}"/><path class="head" d="{head}"/>'


def _fork(middle: float, top: float, ends: Sequence[float]) -> str:
    level = top + STEP
    ways = f"M{middle:g} {top:g}V{level:g}M{min(ends):g} {level:g}H{max(ends):g}"
    return f'<path class="way" d="{ways}"/>' + "".join(_arrow(end, level, end, level + STEP) for end in ends)
