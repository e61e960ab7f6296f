"""Medians, and a table of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

REPEATS = 40
WARM_UP = 5


@dataclass(frozen=True)
class Row:
    """One measured quantity beside its peer or its target."""

    what: str
    value: float
    unit: str
    peer: str = ""
    target: str = ""
    met: bool | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def median_ms(act: Callable[[], object], repeats: int = REPEATS) -> float:
    """The median time of ``act`` in milliseconds after a few calls that do not count."""
    return side_by_side({"it": act}, repeats)["it"]


def side_by_side(acts: dict[str, Callable[[], object]], repeats: int = REPEATS) -> dict[str, float]:
    """Medians in milliseconds, the acts taking turns, so that a machine's mood falls on all alike."""
    times: dict[str, list[float]] = {name: [] for name in acts}
    for turn in range(WARM_UP + repeats):
        for name, act in acts.items():
            start = time.perf_counter()
            act()
            if turn >= WARM_UP:
                times[name].append((time.perf_counter() - start) * 1000)
    return {name: statistics.median(values) for name, values in times.items()}


def print_rows(rows: Sequence[Row]) -> None:
    """A table for reading."""
    for row in rows:
        met = {None: "", True: "met", False: "MISSED"}[row.met]
        print(f"{row.what:<58} {row.value:>9.2f} {row.unit:<6} {row.target:<26} {met:<7} {row.peer}")
