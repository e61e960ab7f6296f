"""What the tests of figures share: what each kind is of, and packages to draw from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from dashboard.exports.figures import KINDS, draw
from dashboard.exports.figures.look import Look
from dashboard.exports.figures.parts import Drawn
from dashboard.exports.figures.recorded import write_figure_package
from dashboard.exports.package.folder import PackageFolder
from dashboard.studies.demo import SLUG
from tests.exports.conftest import Studied

EXPENSIVE = ("effect", "curves")


@dataclass
class Drawing:
    """Packages of the demo study, one a kind where the kind needs what only models can work out."""

    studied: Studied
    folder: Path
    of: dict[str, str]

    @property
    def package(self) -> Path:
        return self.studied.package(keep_ids=True, free_text=True, pictures="all")

    def package_of(self, kind: str) -> Path:
        if kind not in EXPENSIVE:
            return self.package
        target = self.folder / kind
        if not target.exists():
            write_figure_package(self.studied.workspace, kind, self.of[KINDS[kind].of], target)
        return target

    def draw(self, kind: str, look: Look | None = None, **more: object) -> Drawn:
        return draw(self.package_of(kind), kind, self.of[KINDS[kind].of], look, **more)  # type: ignore[arg-type]


def of_each(package: PackageFolder) -> dict[str, str]:
    """An edit on another edit where there is one, its session, a region with a map, its picture, a comparison."""
    edits = list(package.rows("edits"))
    [(session, _), *_] = Counter(row["session_id"] for row in edits).most_common(1)
    edit = [row["edit_id"] for row in edits if row["session_id"] == session][-1]
    maps = {(row["image_id"], row["class_name"]) for row in package.rows("maps")}
    region = next(row for row in package.rows("regions") if (row["image_id"], row["class_name"]) in maps)
    return {
        "edit": edit,
        "session": session,
        "region": region["region_id"],
        "image": region["image_id"],
        "comparison": f"edit:{edit},image:{region['image_id']}",
        "study": SLUG,
    }
