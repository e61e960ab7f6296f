"""Text as both databases can keep it: no NUL, no half of a surrogate pair."""

from __future__ import annotations


def is_storable(text: str) -> bool:
    """Whether every database keeps ``text`` as it is."""
    return storable(text) == text


def storable(text: str) -> str:
    """``text`` with a question mark for what cannot be kept, such as the bytes of a file name that is not UTF-8."""
    return text.encode("utf-8", "replace").decode().replace("\0", "?")
