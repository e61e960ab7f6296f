"""What a package says of itself: when people took part, who is in it, what is not, and the software."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dashboard.exports.package.folder import PackageFolder
from dashboard.studies.results.rows import StudyRows


@dataclass(frozen=True)
class DataPart:
    """What the package says of itself: who is in it, what is not, and the software."""

    people: tuple[str, ...]
    left_out: tuple[str, ...]
    software: tuple[tuple[str, str], ...]


def data_of(package: PackageFolder) -> DataPart:
    """Everything but the numbers."""
    people, left_out = _readme(package, "Who is in it"), _readme(package, "What was left out")
    return DataPart(people, left_out, tuple(_software(package)))


def collected(package: PackageFolder, rows: StudyRows) -> str:
    """The days on which people took part; a package's own date is that of its export, and differs each time."""
    moments = [
        row[name]
        for row in package.rows("participants")
        if row["study"] == rows.record.slug
        for name in ("started_at", "last_seen_at", "ended_at")
        if row[name] is not None
    ]
    if not moments:
        return "nobody has taken part yet"
    first, last = (f"{moment:%Y-%m-%d}" for moment in (min(moments), max(moments)))
    return first if first == last else f"{first} to {last}"


def _readme(package: PackageFolder, title: str) -> tuple[str, ...]:
    """The points that the package's own README makes under a title."""
    text = package.bytes("README.md").decode("utf-8", "replace")
    part = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    return tuple(re.findall(r"^- (.+)$", part[1], re.MULTILINE)) if part else ()


def _software(package: PackageFolder) -> Iterator[tuple[str, str]]:
    found = package.json("documentation/environment.json")
    yield "Regionscope", str(found.get("regionscope", "–"))
    yield "Python", str(found.get("python", "–"))
    yield "Machine", str(found.get("machine", "–"))
    yield from ((str(name), str(version)) for name, version in dict(found.get("packages") or {}).items())
