"""What a person reads when something goes wrong, and what the log gets."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from flask import Flask, request
from werkzeug.exceptions import HTTPException

from dashboard.vision.errors import RegionscopeError
from db.errors import BrowseError, ConflictError, NotFoundError, StorageError

log = logging.getLogger(__name__)
RETRY_S = "1"
_STATUS: tuple[tuple[type[Exception], int], ...] = (
    (NotFoundError, 404),
    (ConflictError, 409),
    (BrowseError, 422),
    (StorageError, 503),
    (RegionscopeError, 422),
)


def describe(error: BaseException) -> tuple[str, int]:
    """A sentence and an HTTP status; what nobody foresaw goes to the log under the reference in the sentence."""
    for kind, status in _STATUS:
        if isinstance(error, kind):
            log.log(logging.ERROR if status >= 500 else logging.INFO, "%s", error, exc_info=error.__cause__)
            return str(error), status
    reference = secrets.token_hex(4)
    log.error("unforeseen error %s", reference, exc_info=error)
    return f"Something went wrong on the server. The log has the details under {reference}.", 500


def register(server: Flask) -> None:
    """Every route answers errors with one JSON sentence."""
    server.errorhandler(Exception)(answer)


def answer(error: Exception) -> tuple[dict[str, Any], int, dict[str, str]]:
    """What a program gets to know of an error: a sentence, the status, and when to try again."""
    if isinstance(error, HTTPException):
        log.info("%s %s: %s", request.method, request.path, error)
        return {"error": error.description}, error.code or 500, {}
    sentence, status = describe(error)
    return {"error": sentence}, status, {"Retry-After": RETRY_S} if status == 503 else {}
