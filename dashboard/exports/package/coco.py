"""All masks of a package in one COCO file that pycocotools loads; written a mask at a time."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from pycocotools import mask as coco

from dashboard.vision import rle

REMOVED = "removed by an edit"


class CocoFile:
    """Use it as a context; the file is whole when the context ends without an error."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pictures: dict[str, dict[str, Any]] = {}
        self._categories: dict[str, int] = {}
        self._masks = 0
        self._lines: IO[str] = tempfile.TemporaryFile("w+", encoding="utf-8", dir=path.parent)  # noqa: SIM115

    def __enter__(self) -> CocoFile:
        return self

    def add(self, name: str, category: str, state: str, file: str | None, mask: rle.RLE, area: int) -> None:
        """A mask: its row's name, its category, the name of its image state and that state's file."""
        height, width = mask["size"]
        picture = self._pictures.setdefault(
            state,
            {"id": len(self._pictures) + 1, "name": state, "file_name": file or "", "width": width, "height": height},
        )
        number = self._categories.setdefault(category, len(self._categories) + 1)
        self._masks += 1
        box = coco.toBbox({"size": mask["size"], "counts": mask["counts"].encode("ascii")})
        annotation = {
            "id": self._masks,
            "name": name,
            "image_id": picture["id"],
            "category_id": number,
            "iscrowd": 0,
            "area": area,
            "bbox": [float(side) for side in box],
            "segmentation": dict(mask),
        }
        self._lines.write((",\n" if self._masks > 1 else "") + json.dumps(annotation, ensure_ascii=False))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lines:
            if error is None:
                self._assemble()

    def _assemble(self) -> None:
        categories = [{"id": number, "name": name} for name, number in self._categories.items()]
        head = {"info": {"description": "Masks of a Regionscope data package"}, "categories": categories}
        self._lines.seek(0)
        with self._path.open("w", encoding="utf-8") as file:
            file.write(json.dumps(head, ensure_ascii=False)[:-1])
            file.write(', "images": ' + json.dumps(list(self._pictures.values()), ensure_ascii=False))
            file.write(', "annotations": [\n')
            for line in self._lines:
                file.write(line)
            file.write("\n]}\n")
