"""What the application has kept, read from its database and its files behind its back."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image


@dataclass(frozen=True)
class RecordedEdit:
    id: str
    parent: str | None
    sequence: int
    method: str
    shapes: list[dict[str, Any]]
    mask: NDArray[np.bool_]
    result: NDArray[np.uint8]
    before: NDArray[np.uint8]


@dataclass(frozen=True)
class RecordedRegion:
    id: str
    kind: str
    edit: str | None
    class_index: int | None
    class_name: str
    name: str
    reason: str
    confidence: int | None
    mask_area: float
    parameters: dict[str, Any]


@dataclass(frozen=True)
class RecordedPicture:
    id: str
    name: str
    width: int
    height: int
    working_width: int
    working_height: int


class Recorded:
    """The data folder of a running application."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        path = self._data_dir.resolve() / "regionscope.sqlite"
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=30)) as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute(query, values).fetchall()

    def regions(self, session: str) -> list[RecordedRegion]:
        """The session's regions in the order in which they were kept."""
        query = """
            SELECT r.public_id AS id, r.kind, e.public_id AS edit, c."index" AS class_index, r.class_name, r.name,
                r.reason, r.confidence, r.mask_area, r.parameters
            FROM regions r JOIN sessions s ON s.id = r.session_id LEFT JOIN edits e ON e.id = r.edit_id
                LEFT JOIN class_names c ON c.id = r.class_id
            WHERE s.public_id = ? ORDER BY r.id
        """
        rows = self.rows(query, session)
        return [RecordedRegion(**{**row, "parameters": json.loads(row["parameters"] or "{}")}) for row in rows]

    def edits(self, session: str) -> list[RecordedEdit]:
        """The session's edits in the order in which they were kept."""
        query = """
            SELECT e.public_id AS id, p.public_id AS parent, e.sequence, e.method, e.shapes, e.mask_counts,
                e.result_blob, COALESCE(p.result_blob, i.working_blob) AS before_blob, i.working_width,
                i.working_height
            FROM edits e JOIN sessions s ON s.id = e.session_id JOIN images i ON i.id = s.image_id
                LEFT JOIN edits p ON p.id = e.parent_id
            WHERE s.public_id = ? ORDER BY e.sequence
        """
        return [self._edit(row) for row in self.rows(query, session)]

    def _edit(self, row: sqlite3.Row) -> RecordedEdit:
        return RecordedEdit(
            id=row["id"],
            parent=row["parent"],
            sequence=row["sequence"],
            method=row["method"],
            shapes=json.loads(row["shapes"]),
            mask=_decoded(row["mask_counts"], row["working_height"], row["working_width"]),
            result=self.pixels(row["result_blob"]),
            before=self.pixels(row["before_blob"]),
        )

    def pixels(self, blob: str) -> NDArray[np.uint8]:
        path = self._data_dir / "blobs" / blob[:2] / f"{blob}.png"
        return np.asarray(Image.open(path).convert("RGB"))

    def session(self, session: str) -> sqlite3.Row:
        [row] = self.rows("SELECT * FROM sessions WHERE public_id = ?", session)
        return row

    def events(self, session: str) -> list[tuple[str, dict[str, Any]]]:
        query = """
            SELECT e.kind, e.payload FROM events e JOIN sessions s ON s.id = e.session_id
            WHERE s.public_id = ? ORDER BY e.id
        """
        return [(row["kind"], json.loads(row["payload"])) for row in self.rows(query, session)]

    def picture(self, image: str) -> RecordedPicture:
        query = """
            SELECT public_id AS id, name, width, height, working_width, working_height FROM images
            WHERE public_id = ?
        """
        [row] = self.rows(query, image)
        return RecordedPicture(**dict(row))

    def everything(self) -> tuple[int, ...]:
        """How many pictures, sessions, edits and files there are: the same before and after if nothing was kept."""
        tables = ("images", "sessions", "edits")
        counts = [self.rows(f"SELECT COUNT(*) FROM {table}")[0][0] for table in tables]
        files = sum(path.is_file() for path in (self._data_dir / "blobs").rglob("*"))
        return (*counts, files)


def _decoded(counts: str, height: int, width: int) -> NDArray[np.bool_]:
    """COCO's compressed run lengths: groups of five bits, differences to the run before the last, column by column."""
    runs: list[int] = []
    value = shift = 0
    for character in counts:
        group = ord(character) - 48
        value |= (group & 0x1F) << shift
        shift += 5
        if not group & 0x20:
            signed = value - (1 << shift) if group & 0x10 else value
            runs.append(signed + (runs[-2] if len(runs) > 2 else 0))
            value = shift = 0
    assert sum(runs) == height * width
    return np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(width, height).T
