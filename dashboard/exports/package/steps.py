"""How far something is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]


class Steps:
    """How far it is: says it at each step, and never more than there is."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._done, self._total = progress, 0, total

    def __call__(self) -> None:
        """One step more."""
        self._done = min(self._done + 1, self._total)
        self._progress(self._done, self._total)

    def end(self) -> None:
        """It is done."""
        self._progress(self._total, self._total)
