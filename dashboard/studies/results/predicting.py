"""Predict trials: how often the model's answer was foretold, and whether being sure meant being right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.studies.results.answered import RIGHT, group_of, people, values_of
from dashboard.studies.results.means import MEAN_COLUMNS, means
from dashboard.studies.results.rows import StudyRows, TrialRow
from dashboard.studies.results.sections import Section, Table

BINS = 10
YES_OR_NO = 2
CALIBRATION_COLUMNS = ("group", "bin", "said", "right", "n")
_CALIBRATION_NOTE = (
    "How sure somebody was counts as a probability of being right: “not sure” is a guess, which is right by chance "
    "(one in two for yes or no, one in so many for the classes offered), “very sure” is 100 %. It is held against "
    "the answer about the change where that was asked, else against the class. Bins of a tenth."
)


def predicting(rows: StudyRows) -> Section:
    """How often the model's answer was foretold, and whether being sure meant being right."""
    trials = [one for one in rows.trials if one.kind == "predict"]
    about = "What will the model say now, will its answer change, how sure."
    if not trials:
        return Section("predicting", "Predict", about, 0, empty="No such trial has been answered.")
    tables = []
    for name, title in RIGHT:
        values = values_of(trials, name, "%")
        if any(not math.isnan(one.value) for one in values):
            tables.append(Table(f"predict-{name}", title, MEAN_COLUMNS, means(values), drawn="means", unit="%"))
    tables += _calibration(trials)
    late = sum(bool(one.answers.get("timed_out")) for one in trials)
    left = (f"{late} trials whose time ran out",) if late else ()
    return Section("predicting", "Predict", about, people(trials), tuple(tables), left)


def probability_said(sure: float, alternatives: int) -> float:
    """The probability of being right that somebody states who is ``sure`` (0 a guess, 100 certain) of one of so many.

    A guess is right by chance, 1 / ``alternatives``; between that and 1 the scale is linear.
    """
    chance = 1 / alternatives
    return chance + (1 - chance) * sure / 100


def _said_and_right(one: TrialRow) -> tuple[float, float] | None:
    """What she stated and whether she was right; None where either is not known."""
    sure = one.answers.get("sure")
    about_change = one.answers.get("right_change")
    right = one.answers.get("right_class") if about_change is None else about_change
    alternatives = YES_OR_NO if about_change is not None else one.offered
    if sure is None or right is None or not alternatives:
        return None
    return probability_said(float(sure), alternatives), float(right)


def _calibration(trials: Sequence[TrialRow]) -> list[Table]:
    groups: dict[str, list[tuple[float, float]]] = {}
    for one in trials:
        pair = _said_and_right(one)
        if pair is not None:
            groups.setdefault(group_of(one), []).append(pair)
    if not groups:
        return []
    rows = [row for group, pairs in groups.items() for row in _bins(group, *np.array(pairs).T)]
    scores = [{"group": group, **_scores(*np.array(pairs).T)} for group, pairs in groups.items()]
    return [
        Table("calibration", "Sure and right (%)", CALIBRATION_COLUMNS, rows, _CALIBRATION_NOTE, drawn="calibration"),
        Table("calibration-scores", "How well calibrated", ("group", "expected_error", "brier", "n"), scores,
              "Expected calibration error in points, and Brier score (0 is best)."),
    ]  # fmt: skip


def _bins(group: str, said: NDArray[np.float64], right: NDArray[np.float64]) -> list[dict[str, Any]]:
    # Rounded first: 0.6 may be computed as a little less.
    places = np.minimum(np.round(said * BINS, 9).astype(int), BINS - 1)
    return [
        {
            "group": group,
            "bin": f"{100 * place // BINS}–{100 * (place + 1) // BINS}",
            "said": float(said[places == place].mean() * 100),
            "right": float(right[places == place].mean() * 100),
            "n": int((places == place).sum()),
        }
        for place in sorted(set(places.tolist()))
    ]


def _scores(said: NDArray[np.float64], right: NDArray[np.float64]) -> dict[str, Any]:
    bins = _bins("", said, right)
    return {
        "expected_error": sum(one["n"] * abs(one["right"] - one["said"]) for one in bins) / len(said),
        "brier": float(np.mean((said - right) ** 2)),
        "n": len(said),
    }
