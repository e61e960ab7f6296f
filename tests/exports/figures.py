"""What the tests of figures share: what each kind is of, and packages to draw from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dashboard.exports.figures import KINDS, draw
from dashboard.exports.figures.look import Look
from dashboard.exports.figures.parts import Drawn
from dashboard.exports.figures.reading import Asked
from dashboard.exports.figures.recorded import recorded
from dashboard.exports.package.folder import PackageFolder
from dashboard.studies.demo import SLUG
from tests.exports.conftest import Studied


@dataclass
class Drawing:
    """Figures of the demo study, from its package and from the installation."""

    studied: Studied
    of: dict[str, str]

    @property
    def package(self) -> Path:
        return self.studied.package(keep_ids=True, free_text=True, pictures="all")

    def draw(self, kind: str, look: Look | None = None, **more: Any) -> Drawn:
        return draw(self.package, kind, self.of_kind(kind), look, **more)

    def of_kind(self, kind: str) -> str:
        """What a kind is of: of what is compared a package has maps only where somebody marked a region."""
        return f"image:{self.of['image']}" if kind == "maps" else self.of[KINDS[kind].of]

    def draw_recorded(self, kind: str, look: Look | None = None, asked: Asked | None = None, **more: Any) -> Drawn:
        """Drawn from the installation."""
        of = self.of_kind(kind)
        with recorded(self.studied.workspace, kind, replace(asked or Asked(of), of=of)) as source:
            return draw(source, kind, of, look, asked, **more)


def of_each(package: PackageFolder) -> dict[str, str]:
    """An edit on another edit where there is one, its session, a region with map and curves, its picture; compared."""
    edits = list(package.rows("edits"))
    [(session, _), *_] = Counter(row["session_id"] for row in edits).most_common(1)
    edit = [row["edit_id"] for row in edits if row["session_id"] == session][-1]
    maps = {(row["image_id"], row["class_name"]) for row in package.rows("maps")}
    curves = {row["image_id"] for row in package.rows("curves")}
    region = next(
        row
        for row in package.rows("regions")
        if row["image_id"] in curves and (row["image_id"], row["class_name"]) in maps
    )
    return {
        "edit": edit,
        "session": session,
        "region": region["region_id"],
        "image": region["image_id"],
        "comparison": f"edit:{edit},image:{region['image_id']}",
        "study": SLUG,
    }
