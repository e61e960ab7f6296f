"""Waiting for a state, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(reached: Callable[[], bool], what: str, limit_s: float = 120) -> None:
    """Returns once ``reached`` is true; AssertionError with ``what`` if that takes longer than ``limit_s``."""
    end = time.monotonic() + limit_s
    while not reached():
        if time.monotonic() > end:
            raise AssertionError(f"waited {limit_s:g} s for {what}")
        time.sleep(0.01)
