"""A package as the analysis sees it: what the participants did who are in the results, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dashboard.exports.figures.source import InPackage
from dashboard.studies.results.rows import StudyRows


class AnalysedPackage(InPackage):
    """The same package with the regions of the analysed participants alone, so that figures and tables agree."""

    def __init__(self, package: InPackage, counted: StudyRows) -> None:
        super().__init__(package.folder)
        people = {one.name for one in counted.people}
        rows = super().rows("sessions")
        self._sessions = {row["session_id"] for row in rows if row["participant_id"] in people}

    def rows(self, name: str) -> Iterator[dict[str, Any]]:
        """See ``InPackage``."""
        for row in super().rows(name):
            if name != "regions" or row["session_id"] in self._sessions:
                yield row
