"""What is kept of somebody's device: browser family, kind of device, window. No address, no user agent."""

from __future__ import annotations

from typing import Any

from ua_parser import parse

DEVICES = ("desktop", "tablet", "phone")
POINTERS = ("mouse", "pen", "touch")


def describe_client(given: dict[str, Any], user_agent: str) -> dict[str, Any]:
    """What may be kept of what a browser says of itself."""
    family = parse(user_agent).user_agent
    window = given.get("window")
    sides = window if isinstance(window, list) and len(window) == 2 else [None, None]
    return {
        "browser": family.family if family else "other",
        "device": given.get("device") if given.get("device") in DEVICES else "other",
        "pointer": given.get("pointer") if given.get("pointer") in POINTERS else "other",
        "window": [_number(side) for side in sides],
        "pixel_ratio": _number(given.get("pixel_ratio")),
    }


def _number(value: object) -> float | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100_000
    return float(str(value)) if usable else None
