"""Who counts in what people share on a picture, by a package's tables: as ``db.regions`` says it of a database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from db.records import Region

Row = dict[str, Any]
Rows = Callable[[str], Iterator[Row]]
# Regions (their names) by who marked them, for each picture and class.
People = dict[tuple[str, str], dict[str, set[str]]]


def not_counted(rows: Rows) -> set[str]:
    """Sessions whose regions are in no consensus: archived, excluded participants', practice, attention checks."""
    excluded = {row["participant_id"] for row in rows("participants") if row["excluded"]}
    out = {row["session_id"] for row in rows("sessions") if row["archived_at"] is not None}
    for row in rows("trials"):
        is_check = (row["plan"] or {}).get("attention") is not None
        if row["session_id"] and (row["participant_id"] in excluded or row["practice"] or is_check):
            out.add(row["session_id"])
    return out


def persons(rows: Rows) -> dict[str, str | None]:
    """Who worked in each session, None where nobody says so."""
    return {row["session_id"]: row["person"] for row in rows("sessions")}


def author(region: Row, persons: dict[str, str | None]) -> str:
    """Who marked a region; where nobody says so a session is a person, and so is a file."""
    session = region["session_id"]
    return str(region["author"] or persons.get(session or "") or session or region["source"] or region["region_id"])


def is_on_original(region: Row) -> bool:
    """Whether a person marked it on an untouched picture."""
    return bool(region["region_kind"] == "human" and region["edit_id"] is None)


def people(rows: Rows) -> People:
    """Everybody who counts."""
    out, persons_of = not_counted(rows), persons(rows)
    found: People = {}
    for row in rows("regions"):
        if is_on_original(row) and row["session_id"] not in out:
            of = found.setdefault((row["image_id"], row["class_name"] or ""), {})
            of.setdefault(author(row, persons_of), set()).add(row["region_id"])
    return found


def are_the_same(marked: Iterable[Region], by_author: dict[str, set[str]], name: Callable[[str], str | None]) -> bool:
    """Whether these regions of a database are those, and the same people's; ``name`` is a region's in the package."""
    here: dict[str, set[str | None]] = {}
    for region in marked:
        here.setdefault(region.author, set()).add(name(region.id))
    return {frozenset(one) for one in here.values()} == {frozenset(one) for one in by_author.values()}
