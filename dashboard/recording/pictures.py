"""Adding pictures, and the free photographs that come with the libraries."""

from __future__ import annotations

import csv
import logging
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from dashboard.recording.files import ensure_file
from dashboard.recording.ids import new_id
from dashboard.recording.text import storable
from dashboard.recording.workspace import Workspace
from dashboard.vision.errors import PictureError
from dashboard.vision.images import PictureLimits, decode_picture, encode_png, pixel_hash, working_copy
from db import models, queries
from db.engine import insert_if_new
from db.records import Picture

GALLERY = "gallery"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class About:
    """What is known of a picture besides its pixels."""

    name: str
    image_set: str = "uploads"
    source: str | None = None
    licence: str | None = None
    true_label: str | None = None


@dataclass(frozen=True)
class FreePhotograph:
    """A photograph inside an installed package that may be shown."""

    package: str
    path: str
    about: About

    def read(self) -> bytes:
        """The file as the package ships it."""
        spec = find_spec(self.package)
        if spec is None or spec.origin is None:
            raise PictureError(f"The package {self.package} is not installed.")
        return (Path(spec.origin).parent / self.path).read_bytes()


def _free(package: str, path: str, name: str, licence: str, label: str | None = None) -> FreePhotograph:
    return FreePhotograph(package, path, About(name, GALLERY, f"{package}: {Path(path).name}", licence, label))


FREE_PHOTOGRAPHS = (
    _free("skimage", "data/chelsea.png", "Chelsea the cat", "CC0", "tabby"),
    _free("skimage", "data/coffee.png", "Cup of coffee", "CC0", "espresso"),
    _free("skimage", "data/rocket.jpg", "Rocket", "CC0"),
    _free("skimage", "data/astronaut.png", "Astronaut", "public domain"),
    _free("skimage", "data/motorcycle_left.png", "Motorcycle", "CC0"),
    _free("matplotlib", "mpl-data/sample_data/grace_hopper.jpg", "Grace Hopper", "public domain", "military uniform"),
)


def add_picture(workspace: Workspace, data: bytes, about: About, limits: PictureLimits | None = None) -> Picture:
    """Keeps a picture (file bytes) and its working copy; the same pixels again give the same picture.

    Raises PictureError for a file that cannot be used, StorageError where nothing could be kept.
    """
    pixels = decode_picture(data, limits or PictureLimits())
    sha256 = pixel_hash(pixels)
    with workspace.database.read() as transaction:
        known = queries.picture_by_pixels(transaction, sha256)
    if known:
        return known
    working = working_copy(pixels, workspace.settings.working_px)
    original_blob = workspace.blobs.put(encode_png(pixels))
    working_blob = original_blob if working is pixels else workspace.blobs.put(encode_png(working))
    with workspace.database.write() as transaction:
        ensure_file(workspace, transaction, original_blob, pixels)
        ensure_file(workspace, transaction, working_blob, working)
        insert_if_new(
            transaction,
            models.Image,
            public_id=new_id(),
            pixels_sha256=sha256,
            **_storable(about),
            width=pixels.shape[1],
            height=pixels.shape[0],
            original_blob=original_blob,
            working_blob=working_blob,
            working_width=working.shape[1],
            working_height=working.shape[0],
        )
        kept = queries.picture_by_pixels(transaction, sha256)
    if kept is None:
        raise AssertionError("a picture vanished inside its own transaction")
    return kept


def _storable(about: About) -> dict[str, str | None]:
    return {name: value and storable(value) for name, value in vars(about).items()}


def ensure_gallery(workspace: Workspace) -> None:
    """Adds the free photographs where they are missing; one that cannot be had is logged and left out."""
    with workspace.database.read() as transaction:
        known = {picture.source for picture in queries.pictures(transaction, GALLERY)}
    for photograph in FREE_PHOTOGRAPHS:
        if photograph.about.source not in known:
            try:
                add_picture(workspace, photograph.read(), photograph.about)
            except (OSError, PictureError):
                log.warning("left out of the gallery: %s", photograph.about.source, exc_info=True)


@dataclass
class ImportReport:
    """What was taken from a folder, and what was not and why."""

    added: list[Picture] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)


def import_folder(
    workspace: Workspace, folder: Path, image_set: str, labels: dict[str, str] | None = None
) -> ImportReport:
    """Adds every picture directly in ``folder``; files that are none are listed with the reason and skipped."""
    report = ImportReport()
    for path in sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")):
        about = About(path.stem, image_set, path.name, None, (labels or {}).get(path.name))
        try:
            report.added.append(add_picture(workspace, path.read_bytes(), about))
        except PictureError as error:
            report.skipped.append((storable(path.name), str(error)))
        except OSError as error:
            report.skipped.append((storable(path.name), f"The file could not be read ({error.strerror})."))
    return report


def read_labels(path: Path) -> dict[str, str]:
    """True labels by file name from a CSV with the columns ``file`` and ``label``; raises PictureError otherwise."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if not {"file", "label"} <= set(reader.fieldnames or ()):
                raise PictureError(f"{path.name} needs the columns file and label.")
            return {row["file"]: row["label"] for row in reader}
    except (UnicodeDecodeError, csv.Error) as error:
        raise PictureError(f"{path.name} is not a CSV file in UTF-8.") from error
