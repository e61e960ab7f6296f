"""What performing a recorded edit again showed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from dashboard.vision.errors import RegionscopeError
from db.errors import StorageError

log = logging.getLogger(__name__)


@dataclass
class Verdict:
    """One edit performed again: True where equal, False where not, None where it could not be compared.

    ``derived`` is what follows from the others and is kept beside them: areas, the part removed so far, the kind of
    operation, top classes, changes and flips. A mask that came from a file (``mask_given``) can be compared with
    nothing. ``reasons`` is a sentence for each part that differs or could not be compared.
    """

    session: str
    edit: str
    sequence: int
    mask: bool | None = None
    pixels: bool | None = None
    probabilities: bool | None = None
    derived: bool | None = None
    mask_given: bool = False
    reasons: list[str] = field(default_factory=list)

    @property
    def is_as_recorded(self) -> bool:
        """Whether everything that can be compared was compared and is equal."""
        mask = self.mask is True or (self.mask_given and self.mask is None)
        return mask and self.pixels is True and self.probabilities is True and self.derived is True

    def derives(self, equal: bool, reason: str) -> None:
        """Notes whether one of the derived values is as it must be, ``reason`` where it is not."""
        self.derived = equal and self.derived is not False
        if not equal:
            self.reasons.append(reason)

    @contextmanager
    def noting(self, what: str) -> Iterator[None]:
        """Whatever goes wrong inside is a reason, so that one broken row does not end the reading of the others."""
        try:
            yield
        except (RegionscopeError, StorageError) as error:
            self.reasons.append(f"{what}: {error}")
        except Exception as error:
            log.exception("edit %s: %s", self.edit, what)
            self.reasons.append(f"{what}: {type(error).__name__}: {error}")
