"""The eight Shared Interest cases: what an overlap means for a right or a wrong answer.

Boggust, Hoover, Satyanarayan & Strobelt, *Shared Interest*, CHI 2022, gives the cases but no cut-offs; ours are a
setting that travels with every result.
"""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from dashboard.analysis.regions import human_coverage, iou, model_coverage

UNDEFINED = "undefined"
BORDER = 0.05
# In binary 0.55 − 0.5 is a little more than 0.05.
ROUNDING = 1e-9

# For each coverage, in the order in which they are asked: the case of a right answer, that of a wrong one.
_CASES = (
    ("human aligned", "confuser"),
    ("sufficient subset", "insufficient subset"),
    ("sufficient context", "context confusion"),
    ("context dependent", "distractor"),
)

EXPLANATIONS = {
    "human aligned": "The model answers correctly and relies on what people rely on.",
    "confuser": "The model answers wrongly although it relies on what people rely on.",
    "sufficient subset": "The model answers correctly from a part of what people rely on.",
    "insufficient subset": "The model answers wrongly from a part of what people rely on.",
    "sufficient context": "The model answers correctly from what people rely on together with its surroundings.",
    "context confusion": "The model answers wrongly from what people rely on together with its surroundings.",
    "context dependent": "The model answers correctly and relies mostly on what people do not rely on.",
    "distractor": "The model answers wrongly and relies mostly on what people do not rely on.",
    UNDEFINED: "One of the two regions is empty, so that none of the cases applies.",
}


@dataclass(frozen=True)
class Case:
    """One result with all that decided it. ``borderline``: a value that decided lies within 0.05 of ``high``."""

    name: str
    correct: bool
    iou: float
    human_coverage: float
    model_coverage: float
    high: float
    borderline: bool

    @property
    def explanation(self) -> str:
        """The case in one sentence."""
        return EXPLANATIONS[self.name]


def shared_interest_case(human: ArrayLike, model: ArrayLike, correct: bool, high: float = 0.5) -> Case:
    """The case of a person's region and a model's (H, W) bool, best the one of the rule ``mean_sd``.

    The first that fits: iou ≥ high, model_coverage ≥ high, human_coverage ≥ high, none. Where an empty region
    leaves a coverage undefined the case is "undefined". Raises ValueError where the shapes differ, and for a
    ``high`` that is not above 0 and at most 1.
    """
    if not 0 < high <= 1:
        raise ValueError(f"The cut-off is {high}; it must be above 0 and at most 1.")
    return case_from_coverages(
        iou(human, model), human_coverage(human, model), model_coverage(human, model), correct, high
    )


def case_from_coverages(iou: float, human_coverage: float, model_coverage: float, correct: bool, high: float) -> Case:
    """The same from numbers that are there already."""
    asked = (iou, model_coverage, human_coverage)
    place = next((number for number, value in enumerate(asked) if value >= high), len(asked))
    # The coverages after the first that fits could change nothing.
    decided = asked[: place + 1]
    border = any(abs(value - high) <= BORDER + ROUNDING for value in decided)
    name = _CASES[place][0 if correct else 1]
    if any(value != value for value in asked):
        name, border = UNDEFINED, False
    return Case(name, bool(correct), iou, human_coverage, model_coverage, high, border)
