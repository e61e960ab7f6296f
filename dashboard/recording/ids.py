"""Public ids: random, ordered in time (UUID version 7, RFC 9562)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import uuid_utils

from dashboard.vision.errors import RegionscopeError

MOST_MODELS = 8


class RequestError(RegionscopeError):
    """What was sent does not have the form that is needed."""


def new_id() -> str:
    """A new public id."""
    return str(uuid_utils.uuid7())


def parse_models(value: object) -> list[str]:
    """Keys of the models to ask, each once; raises RequestError for none or too many."""
    if not isinstance(value, list) or not value or not all(isinstance(key, str) for key in value):
        raise RequestError("Choose at least one model.")
    keys = list(dict.fromkeys(value))
    if len(keys) > MOST_MODELS:
        raise RequestError(f"At most {MOST_MODELS} models can be asked at once.")
    return keys


def parse_id(value: object, what: str) -> str:
    """The canonical form of a UUID; raises RequestError for anything else."""
    if isinstance(value, str):
        try:
            return str(UUID(value))
        except ValueError:
            pass
    raise RequestError(f"The {what}'s id is not a UUID.")


def object_of(body: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The object under ``key``, empty where there is none; raises RequestError for anything else."""
    value = body.get(key) or {}
    if not isinstance(value, dict):
        raise RequestError(f"{key} must be an object.")
    return value
