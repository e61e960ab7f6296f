"""What a check of a design says, and what it is held against."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from dashboard.studies.assignment import LibraryPicture


@dataclass(frozen=True)
class Finding:
    """One thing: an error keeps the study from opening, a warning does not. ``place`` is where in the design."""

    level: Literal["error", "warning"]
    place: str
    sentence: str


@dataclass(frozen=True)
class Available:
    """What there is here: models and methods that can be used, each set's pictures, names of pictures on pages.

    ``classes`` holds the class names of the models whose classes the design names.
    """

    models: Collection[str]
    methods: Collection[str]
    explanations: Collection[str]
    library: Mapping[str, Sequence[LibraryPicture]]
    pictures: Collection[str] = ()
    classes: Mapping[str, Collection[str]] = field(default_factory=dict)
