"""Attributes whose names Python cannot spell."""

from __future__ import annotations

from typing import Any


def aria(**values: str | bool | None) -> dict[str, Any]:
    """aria-… attributes: ``aria(label="Tools")``; underscores become hyphens, booleans words."""
    return {f"aria-{name.replace('_', '-')}": _word(value) for name, value in values.items()}


def data(**values: str | int | bool | None) -> dict[str, Any]:
    """data-… attributes, likewise."""
    return {f"data-{name.replace('_', '-')}": _word(value) for name, value in values.items()}


def _word(value: str | int | bool | None) -> str | int | None:
    return str(value).lower() if isinstance(value, bool) else value
