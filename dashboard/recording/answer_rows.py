"""Which classes the tables show, and what they say of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from db.records import Answer

SHOWN = 5


@dataclass(frozen=True)
class AnswerRow:
    """One class: its probability (0–1) before and after by the first model, and by further ones (None: no such)."""

    index: int
    label: str
    before: float
    after: float
    further_before: tuple[float | None, ...]
    further_after: tuple[float | None, ...]
    pinned: bool

    @property
    def change(self) -> float:
        """After minus before, −1 to 1."""
        return self.after - self.before


def answer_rows(
    before: Sequence[Answer], after: Sequence[Answer], sort_by: str, pinned: Sequence[int]
) -> list[AnswerRow]:
    """The first model's five highest classes – ``sort_by`` "original" or "new" – then the pinned ones.

    The same classes stand in both tables, so that their rows line up.
    """
    first = (after if sort_by == "new" else before)[0]
    highest = [int(index) for index in np.argsort(-first.probabilities, kind="stable")[:SHOWN]]
    further = [index for index in pinned if index not in highest and 0 <= index < len(first.labels)]
    return [_row(index, before, after, index in pinned) for index in [*highest, *further]]


def _row(index: int, before: Sequence[Answer], after: Sequence[Answer], pinned: bool) -> AnswerRow:
    labels = before[0].labels
    return AnswerRow(
        index=index,
        label=labels[index],
        before=float(before[0].probabilities[index]),
        after=float(after[0].probabilities[index]),
        further_before=tuple(_same_class(answer, labels, index) for answer in before[1:]),
        further_after=tuple(_same_class(answer, labels, index) for answer in after[1:]),
        pinned=pinned,
    )


def _same_class(answer: Answer, labels: list[str], index: int) -> float | None:
    """Probabilities of two models are only compared where they share the label set."""
    return float(answer.probabilities[index]) if answer.labels == labels else None
