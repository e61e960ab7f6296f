"""Public ids: random, ordered in time (UUID version 7, RFC 9562)."""

from __future__ import annotations

from uuid import UUID

import uuid_utils

from dashboard.vision.errors import RegionscopeError


class RequestError(RegionscopeError):
    """What was sent does not have the form that is needed."""


def new_id() -> str:
    """A new public id."""
    return str(uuid_utils.uuid7())


def parse_id(value: object, what: str) -> str:
    """The canonical form of a UUID; raises RequestError for anything else."""
    if isinstance(value, str):
        try:
            return str(UUID(value))
        except ValueError:
            pass
    raise RequestError(f"The {what}'s id is not a UUID.")
