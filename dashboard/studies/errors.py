"""What can go wrong on a participant's way, said to her."""

from __future__ import annotations

from dashboard.vision.errors import RegionscopeError


class StudyError(RegionscopeError):
    """A study cannot do what was asked of it."""


class EntryError(StudyError):
    """Nobody, or not this person, can begin now.

    ``reason`` says which sentence the page shows, in her language, and ``values`` what stands in it.
    """

    def __init__(self, reason: str, sentence: str, **values: object) -> None:
        super().__init__(sentence)
        self.reason, self.values = reason, values


class NotHersError(StudyError):
    """Somebody asked for what is not part of her own way."""
