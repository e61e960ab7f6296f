"""What every use case works with, opened once a process and handed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dashboard.recording.derived import Derived
from dashboard.recording.recent import Recent
from dashboard.settings import Settings
from dashboard.vision.classifiers import Catalogue
from dashboard.vision.images import decode_png
from db.blobs import BlobStore
from db.engine import Database
from db.schema import migrate


@dataclass(frozen=True)
class Workspace:
    """The database, the files and the models of one installation. Holds nothing about any person."""

    settings: Settings
    database: Database
    blobs: BlobStore
    maps: Recent[NDArray[np.float32]] = field(default_factory=lambda: Recent(16), repr=False)
    browsed: Recent[object] = field(default_factory=lambda: Recent(64), repr=False)
    _pixels: Recent[NDArray[np.uint8]] = field(default_factory=lambda: Recent(32), repr=False)

    @classmethod
    def open(cls, settings: Settings) -> Workspace:
        """Opens the data folder, making it and bringing its schema up to date where needed."""
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        database = Database(settings.url)
        migrate(database)
        return cls(settings, database, BlobStore(settings.blobs_dir))

    @cached_property
    def derived(self) -> Derived:
        """Maps and effects that were computed once."""
        return Derived(self.settings.derived_dir)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The classifiers, loaded when first asked for."""
        settings = self.settings
        return Catalogue(settings.own_models_dir, settings.cache_dir, settings.device, settings.threads)

    def pixels(self, sha256: str) -> NDArray[np.uint8]:
        """A kept picture (H, W, 3) uint8 RGB, read-only; the latest are held in memory."""
        return self._pixels.get(sha256, lambda: _read_only(decode_png(self.blobs.get(sha256))))

    def remember(self, sha256: str, pixels: NDArray[np.uint8]) -> None:
        """Saves decoding what was only just encoded."""
        self._pixels.put(sha256, _read_only(pixels))

    def close(self) -> None:
        """Lets go of the database."""
        self.database.close()


def _read_only(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    pixels.setflags(write=False)
    return pixels
