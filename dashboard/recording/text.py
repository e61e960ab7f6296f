"""Text as both databases can keep it: no NUL, no half of a surrogate pair."""

from __future__ import annotations

from dashboard.recording.ids import RequestError


def is_storable(text: str) -> bool:
    """Whether every database keeps ``text`` as it is."""
    return storable(text) == text


def storable(text: str) -> str:
    """``text`` with a question mark for what cannot be kept, such as the bytes of a file name that is not UTF-8."""
    return text.encode("utf-8", "replace").decode().replace("\0", "?")


def check_text(value: object, what: str, longest: int) -> str:
    """``value`` if it is text that can be kept; RequestError with a sentence otherwise."""
    if not isinstance(value, str):
        raise RequestError(f"The {what} must be text.")
    if len(value) > longest:
        raise RequestError(f"The {what} is longer than {longest:,} characters.")
    if not is_storable(value):
        raise RequestError(f"The {what} holds characters that cannot be kept.")
    return value
