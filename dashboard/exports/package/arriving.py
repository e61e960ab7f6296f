"""The files of a package that is read in: looked at and kept before any row is, so that nothing waits for them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from dashboard.exports.package.cells import PackageError
from dashboard.exports.package.folder import PackageFolder
from dashboard.recording.files import collect
from dashboard.recording.workspace import Workspace
from dashboard.vision import rle
from dashboard.vision.errors import PictureError
from dashboard.vision.images import decode_png, pixel_hash
from db import models

Row = dict[str, Any]
AREA_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Drawn:
    """An edit's own mask and all that is removed on its branch, as COCO run lengths."""

    mask: str
    removed: str


@dataclass
class Arriving:
    """Sizes (height, width) by picture, run lengths by edit and region, and the files that were not here before."""

    workspace: Workspace
    package: PackageFolder
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    edits: dict[str, Drawn] = field(default_factory=dict)
    regions: dict[str, str] = field(default_factory=dict)
    new: list[str] = field(default_factory=list)

    def arrive(self, step: Callable[[], None]) -> None:
        """Looks at every file and keeps the pictures; raises PackageError for one that is not as the tables say."""
        for row in self.package.rows("images"):
            self._image(row)
            step()
        images = {row["session_id"]: row["image_id"] for row in self.package.rows("sessions")}
        of: dict[str, str] = {}
        for row in self.package.rows("edits"):
            of[row["edit_id"]] = row["session_id"]
            self._edit(row, self.sizes[images[row["session_id"]]], of)
            step()
        for row in self.package.rows("regions"):
            self.regions[row["region_id"]] = self._mask(row, "region_id", self.sizes[row["image_id"]])["counts"]
            step()
        for row in self.package.rows("maps"):
            if self.package.map(row["file"]).shape != self.sizes[row["image_id"]]:
                raise PackageError(f"{row['file']} has another size than its picture.")
            step()

    def keep(self, sha256: str, name: str | None) -> None:
        """Keeps a picture's file under its checksum, unless it is here; somebody may have removed it meanwhile."""
        if sha256 not in self.workspace.blobs:
            self._take(sha256, name)

    def _take(self, sha256: str, name: str | None) -> None:
        """Looks at a picture's file whether it is here or not, and keeps it."""
        if name is None:
            if sha256 in self.workspace.blobs:
                return
            raise PackageError("The package holds hashes instead of pictures, so it can be read but not worked with.")
        data = self.package.bytes(name)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise PackageError(f"{name} is another picture than the tables say.")
        if sha256 not in self.workspace.blobs:
            self.new.append(self.workspace.blobs.put(data))

    def take_back(self) -> None:
        """Removes the files that came and that nothing names."""
        collect(self.workspace, self.new)

    def _image(self, row: Row) -> None:
        name = row["image_id"]
        self.sizes[name] = row["working_height"], row["working_width"]
        query = select(models.Image).where(models.Image.pixels_sha256 == row["pixels_sha256"])
        with self.workspace.database.read() as transaction:
            known = transaction.scalar(query)
        if known is not None:
            self._same_working_copy(row, known)
            return
        self._take(row["original_sha256"], row["original_file"])
        self._take(row["working_sha256"], row["working_file"])
        original, working = self._kept(row["original_sha256"], name), self._kept(row["working_sha256"], name)
        same = pixel_hash(original) == row["pixels_sha256"] and original.shape[:2] == (row["height"], row["width"])
        if not same or working.shape[:2] != self.sizes[name]:
            raise PackageError(f"The picture {name} has other pixels than the tables say.")

    def _same_working_copy(self, row: Row, known: models.Image) -> None:
        """Edits are of the working copy: that of the package must be the one that is here, to the pixel."""
        if known.working_blob == row["working_sha256"]:
            return
        if (known.working_height, known.working_width) != self.sizes[row["image_id"]]:
            raise PackageError(f"{row['image_id']} has a working copy of another size here.")
        if row["working_file"] is None or not np.array_equal(
            self.package.picture(row["working_file"]), self._kept(known.working_blob, row["image_id"])
        ):
            raise PackageError(f"{row['image_id']} has a working copy of other pixels here.")

    def _kept(self, sha256: str, name: str) -> NDArray[np.uint8]:
        try:
            return decode_png(self.workspace.blobs.get(sha256))
        except PictureError as error:
            raise PackageError(f"The picture {name} cannot be read.") from error

    def _edit(self, row: Row, size: tuple[int, int], of: dict[str, str]) -> None:
        name, parent = row["edit_id"], row["parent_id"]
        self._take(row["result_sha256"], row["result_file"])
        if self._kept(row["result_sha256"], name).shape[:2] != size:
            raise PackageError(f"The picture after {name} has another size than the one before.")
        mask = self._mask(row, "edit_id", size)
        removed = mask
        if row["operation"] == "keep":
            removed = rle.encode(~rle.decode(mask))
        if parent is not None:
            if of.get(parent) != row["session_id"] or parent not in self.edits:
                raise PackageError(f"{name} was made on an edit of another session, or on one that comes after it.")
            removed = rle.union({"size": list(size), "counts": self.edits[parent].removed}, removed)
        self.edits[name] = Drawn(mask["counts"], removed["counts"])

    def _mask(self, row: Row, key: str, size: tuple[int, int]) -> rle.RLE:
        mask = self.package.mask(row["mask_file"])
        if mask.shape != size:
            raise PackageError(f"The mask of {row[key]} has another size than its picture.")
        if not mask.any() or abs(mask.mean() - row["mask_area"]) > AREA_TOLERANCE:
            raise PackageError(f"The mask of {row[key]} covers another share of the picture than the table says.")
        return rle.encode(mask)
