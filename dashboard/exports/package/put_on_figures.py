"""What researchers put on figures: into a package, and from one into an installation."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from dashboard.exports.figures.annotations import as_json
from dashboard.exports.package.annotated import read_annotated, renamed
from dashboard.exports.package.choosing import in_parts
from dashboard.exports.package.keeping_rows import KeepingRows
from dashboard.exports.package.reading import Reading, Row
from db.models import FigureAnnotations, Region, Session
from db.study_models import Participant


def on_figures(reading: Reading, studies: Collection[str]) -> tuple[list[Row], int]:
    """The file's content: what is on figures of these studies, and of what else is in the package.

    Then on how many figures there are words that name somebody whom the package does not name: they are left out.
    """
    found: dict[tuple[str, str, str], list[Any]] = {}
    for row in reading.transaction.scalars(select(FigureAnnotations).order_by(FigureAnnotations.id)):
        of = renamed(row.about, reading.names.of_public, {slug: slug for slug in studies}.get)
        if of is not None:
            found[row.kind, of, row.choices] = row.content
    rows = [
        {"kind": kind, "of": of, "choices": json.loads(choices), "annotations": reading.names.translate(content)}
        for (kind, of, choices), content in sorted(found.items(), key=lambda one: one[0])
    ]
    named = _somebody(reading) if rows else None
    kept = [row for row in rows if named is None or not any(named.search(one["text"]) for one in row["annotations"])]
    return kept, len(rows) - len(kept)


def _somebody(reading: Reading) -> re.Pattern[str] | None:
    """Whom the package does not name: recruiters' ids, and who worked or marked as typed, wherever they took part."""
    ids, persons, authors = Participant.external_id, Session.person, Region.author
    everybody = {name for column in (ids, persons, authors) for name in _names(reading, select(column))}
    printed: set[str] = set()
    if reading.choices.recruiter_ids:
        printed |= _of_those(reading, ids, Participant.id, reading.chosen.participants)
    if reading.choices.free_text:
        printed |= _of_those(reading, persons, Session.id, reading.chosen.sessions)
        printed |= _of_those(reading, authors, Region.id, reading.chosen.regions)
    # A participant's own id is renamed.
    found = [name for name in sorted(everybody - printed) if not reading.names.of_public(name)]
    words = "|".join(map(re.escape, found))
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE) if words else None


def _of_those(reading: Reading, column: Any, key: Any, numbers: tuple[int, ...]) -> set[str]:
    return {name for part in in_parts(numbers) for name in _names(reading, select(column).where(key.in_(part)))}


def _names(reading: Reading, query: Any) -> set[str]:
    return {str(name).strip() for name in reading.transaction.scalars(query.distinct()) if name and str(name).strip()}


def keep_annotated(rows: KeepingRows) -> None:
    """Keeps what came with a package, but for figures on which there is something here; after all that they are of."""
    for one in read_annotated(rows.package, rows.id_of):
        about = renamed(one.of, rows.ids.get, rows.done.studies.get)
        figure = {"kind": one.kind, "about": about, "choices": one.key[2]}
        known = rows.transaction.scalar(select(FigureAnnotations.id).filter_by(**figure))
        rows.done.count("annotations", known is None)
        if known is None:
            rows.transaction.add(FigureAnnotations(**figure, content=as_json(one.annotations)))
