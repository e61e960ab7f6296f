"""What a package's ``results/`` holds: everything in it is made from the package alone, as a reader could."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from dashboard.exports.package.results import results
from dashboard.studies.results.sections import as_csv
from dashboard.vision.errors import RegionscopeError

Maker = Callable[[Path, str, Path], None]


def write_tables(package: Path, slug: str, target: Path) -> None:
    """Every table of a study's results as a CSV file."""
    found = results(package, slug)
    for table in (table for section in found.sections for table in section.tables):
        (target / f"{table.name}.csv").write_text(as_csv(table), encoding="utf-8", newline="")


# Each is given the package's folder, a study in it and the folder for that study's results.
MAKERS: tuple[Maker, ...] = (write_tables,)


def add_results(package: Path, slugs: Sequence[str]) -> list[str]:
    """Fills ``results/`` study by study; says what could not be made, a sentence each."""
    problems = []
    for slug in slugs:
        target = package / "results" / slug
        for make in MAKERS:
            target.mkdir(parents=True, exist_ok=True)
            try:
                make(package, slug, target)
            except RegionscopeError as error:
                problems.append(f"Results of the study “{slug}”: {error}")
    return problems
