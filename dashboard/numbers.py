"""How numbers are written: one decimal for percentages, a true minus sign, points for differences."""

from __future__ import annotations

import math

MINUS = "−"
DASH = "–"


def percent(share: float) -> str:
    """A share (0–1) as a percentage without its sign: 0.4123 → 41.2."""
    return f"{share * 100:.1f}"


def points(difference: float) -> str:
    """A difference of shares in percentage points, with its sign: −0.74 → −74.0; no sign where it rounds to 0."""
    text = f"{abs(difference) * 100:.1f}"
    if text == "0.0":
        return text
    return f"{MINUS if difference < 0 else '+'}{text}"


def arrow(difference: float) -> str:
    """Up, down, or nothing where the written difference is 0.0."""
    if points(difference) == "0.0":
        return ""
    return "▼" if difference < 0 else "▲"


def two_decimals(value: float | None, nothing: str = DASH) -> str:
    """A number that is no share: −0.42; no sign where it rounds to 0, ``nothing`` where it is undefined."""
    if value is None or math.isnan(value):
        return nothing
    text = f"{value:.2f}"
    return text.replace("-", MINUS) if float(text) else text.lstrip("-")


def counted(number: int, one: str, several: str = "") -> str:
    """A number and what it is of: 1,204 regions."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"
