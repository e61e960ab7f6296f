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
    """What the package keeps back of who took part, worked or marked: recruiters' ids, and names as typed."""
    columns: list[tuple[Any, Any, tuple[int, ...]]] = []
    if not reading.choices.recruiter_ids:
        columns.append((Participant.external_id, Participant.id, reading.chosen.participants))
    if not reading.choices.free_text:
        columns.append((Session.person, Session.id, reading.chosen.sessions))
        columns.append((Region.author, Region.id, reading.chosen.regions))
    found = {
        str(name).strip()
        for column, key, numbers in columns
        for part in in_parts(numbers)
        for name in reading.transaction.scalars(select(column).where(key.in_(part)).distinct())
        # A participant's own id is renamed.
        if name and not reading.names.of_public(name)
    }
    words = "|".join(re.escape(name) for name in sorted(found) if name)
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE) if words else None


def keep_annotated(rows: KeepingRows) -> None:
    """Keeps what came with a package, but for figures on which there is something here; after all that they are of."""
    for one in read_annotated(rows.package, rows.id_of):
        about = renamed(one.of, rows.ids.get, rows.done.studies.get)
        figure = {"kind": one.kind, "about": about, "choices": one.key[2]}
        known = rows.transaction.scalar(select(FigureAnnotations.id).filter_by(**figure))
        rows.done.count("annotations", known is None)
        if known is None:
            rows.transaction.add(FigureAnnotations(**figure, content=as_json(one.annotations)))
