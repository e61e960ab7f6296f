"""What a sender's JSON holds: read with a sentence for whatever is not as it should be."""

from __future__ import annotations

import json
import math
from typing import Any

from flask import request

from dashboard.recording.ids import RequestError, object_of, parse_id
from dashboard.recording.sessions import Sitting

LARGEST_COMMAND = 4 * 1024 * 1024
# Milliseconds of a browser's clock: some 30,000 years, so that no two of them differ by more than can be averaged.
LARGEST_MS = 1e15


def body_json() -> dict[str, Any]:
    """The request's JSON object; raises RequestError for anything else."""
    if (request.content_length or 0) > LARGEST_COMMAND:
        raise RequestError("This is more than one step can hold.")
    try:
        body = _parse_json(request.get_data()) if request.is_json else None
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise RequestError("A JSON object was expected.")
    return body


def query_json(name: str) -> dict[str, Any]:
    """The JSON object under ``name`` in the address, {} where there is none."""
    try:
        return object_of({name: _parse_json((request.args.get(name) or "{}").encode())}, name)
    except (ValueError, RecursionError):
        raise RequestError(f"{name} must be a JSON object.") from None


def _parse_json(data: bytes) -> Any:
    """JSON in which every number is one that a float can hold.

    NaN and Infinity are no JSON, and PostgreSQL would not keep them.
    """
    return json.loads(data, parse_constant=_finite, parse_float=_finite, parse_int=_whole)


def _finite(text: str) -> float:
    if not math.isfinite(float(text)):
        raise ValueError(f"{text[:20]} is not a number")
    return float(text)


def _whole(text: str) -> int:
    _finite(text)
    return int(text)


def sitting(body: dict[str, Any]) -> Sitting:
    """Which session something belongs to."""
    return Sitting(
        session=parse_id(body.get("session"), "session"),
        image=parse_id(body.get("image"), "picture"),
        client=object_of(body, "client"),
    )


def number_of(body: dict[str, Any], key: str) -> float | None:
    """The number (of milliseconds) under ``key``, None where there is none."""
    value = body.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RequestError(f"{key} must be a number.")
    if abs(value) > LARGEST_MS:
        raise RequestError(f"{key} lies outside of every calendar.")
    return float(value)
