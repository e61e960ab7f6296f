"""How tables of results are written wherever people read them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, TypeGuard

from dashboard.numbers import DASH, MINUS
from dashboard.studies.results.sections import Table

UNDEFINED = DASH
HEADS = {
    "group": "",
    "low": "95\u00a0%\u00a0from",
    "high": "to",
    "left_out": "undefined",
    "not_counted": "left out",
    "n_first": "n first",
    "n_second": "n second",
    "p_holm": "p (Holm)",
    "pairwise_iou": "mean IoU of pairs",
    "fleiss_kappa": "Fleiss κ",
    "krippendorff_alpha": "Krippendorff α",
    "consensus_share": "consensus, share of the picture",
    "effect_size": "effect size",
    "said": "stated",
    "expected_error": "expected calibration error",
    "brier": "Brier score",
    "checks_failed": "checks failed",
}
LEAST_P = 0.001
_PROBABILITIES = ("p", "p_holm")
_TOGETHER = ("mean", "low", "high")
# One row's is of seconds, the next one's of shares.
_MIXED = ("difference",)


def head(column: str) -> str:
    """A column's name as a person reads it."""
    return HEADS.get(column, column.replace("_", " "))


def cells(table: Table) -> list[list[str]]:
    """The table's rows as a person reads them; UNDEFINED for None, NaN and infinity.

    A column has one number of decimals: one in percent, points and from 10 on, else three. A p-value is never
    written as 0.
    """
    columns = [_column(table, name) for name in table.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def numeric(table: Table) -> list[int]:
    """The places of the columns that hold numbers and undefined ones alone."""
    return [
        place
        for place, name in enumerate(table.columns)
        if all(row.get(name) is None or isinstance(row.get(name), int | float) for row in table.rows)
    ]


def _column(table: Table, name: str) -> list[str]:
    own = [row.get(name) for row in table.rows]
    if name in _PROBABILITIES:
        return [f"<{LEAST_P}" if _is_number(value) and value < LEAST_P else _written(value, 3) for value in own]
    if name in _MIXED:
        return [_written(value, _decimals([value])) for value in own]
    names = _TOGETHER if name in _TOGETHER else (name,)
    in_percent = table.unit in ("%", "points") and name in _TOGETHER
    decimals = 1 if in_percent else _decimals(row.get(one) for row in table.rows for one in names)
    return [_written(value, decimals) for value in own]


def _decimals(values: Iterable[Any]) -> int:
    return 1 if any(_is_number(value) and abs(value) >= 10 for value in values) else 3


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, float) and math.isfinite(value)


def _written(value: Any, decimals: int) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return UNDEFINED
    if not isinstance(value, float):
        return str(value)
    text = f"{value:.{decimals}f}"
    return text.replace("-", MINUS) if float(text) else text.lstrip("-")
