"""How numbers are written: one decimal for percentages, a true minus sign, points for differences."""

from __future__ import annotations

MINUS = "−"


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
