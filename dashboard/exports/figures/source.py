"""Where the data of figures come from: a package, or an installation (see ``recorded``)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dashboard.exports.figures.annotations import Annotation
from dashboard.exports.package.annotated import read_annotated
from dashboard.exports.package.folder import PackageFolder
from dashboard.exports.package.results import PackageWorkings, study_rows
from dashboard.recording.standing import Shared, score_beside, shared_by
from dashboard.studies.results.report import results_of
from dashboard.studies.results.rows import StudyRows
from dashboard.studies.results.sections import Results

Row = dict[str, Any]
ENVIRONMENT = "documentation/environment.json"


class Source(Protocol):
    """Rows are those of a package's tables, and files are named as the rows name them."""

    def rows(self, name: str) -> Iterator[Row]:
        """A table's rows."""

    def mask(self, name: str) -> NDArray[np.bool_]:
        """A mask (H, W) bool."""

    def picture(self, name: str) -> NDArray[np.uint8]:
        """A picture (H, W, 3) uint8 RGB."""

    def map(self, name: str) -> NDArray[np.float32]:
        """A map (H, W) float32."""

    def prepare(self, names: Sequence[str]) -> None:
        """Has several maps worked out, so that each of them is only read."""

    def probabilities(self) -> Iterator[tuple[str, NDArray[np.float32]]]:
        """All probabilities (K,) float32 of each answer, by its name."""

    def study(self, slug: str) -> StudyRows:
        """What a study's participants answered; of the only study, where none is named."""

    def results(self, slug: str) -> Results:
        """A study's results."""

    def standing(
        self, masks: NDArray[np.bool_], other: NDArray[np.bool_] | None, maps: dict[str, NDArray[np.float32]]
    ) -> tuple[Shared, dict[str, float]]:
        """What people's masks (people, H, W) share, and the score of each map (H, W) beside them.

        ``other``: masks of another picture, from which the floor is taken.
        """

    def environment(self) -> dict[str, Any]:
        """The software that recorded it."""

    def annotations(self, kind: str, of: str, choices: dict[str, str]) -> tuple[Annotation, ...]:
        """What was put on a figure, by the choices of it that are not the usual ones."""


class InPackage(PackageFolder):
    """A package as a source of figures."""

    def prepare(self, names: Sequence[str]) -> None:
        """See ``Source``: they are there."""

    def study(self, slug: str) -> StudyRows:
        """See ``Source``."""
        return study_rows(self, slug or None)

    def results(self, slug: str) -> Results:
        """See ``Source``."""
        return results_of(PackageWorkings(self), self.study(slug))

    def standing(
        self, masks: NDArray[np.bool_], other: NDArray[np.bool_] | None, maps: dict[str, NDArray[np.float32]]
    ) -> tuple[Shared, dict[str, float]]:
        """See ``Source``."""
        scores = {name: score_beside(masks, other, of_class).score.value for name, of_class in maps.items()}
        return shared_by(masks, other), scores

    def environment(self) -> dict[str, Any]:
        """See ``Source``."""
        found = self.json(ENVIRONMENT)
        return found if isinstance(found, dict) else {}

    def annotations(self, kind: str, of: str, choices: dict[str, str]) -> tuple[Annotation, ...]:
        """See ``Source``."""
        figure = (kind, of, choices)
        found = (one for one in read_annotated(self) if (one.kind, one.of, one.choices) == figure)
        return next((one.annotations for one in found), ())
