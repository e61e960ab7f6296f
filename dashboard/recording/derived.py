"""What follows from what is kept and takes time to compute: maps, effects. Kept for good, and can be made again."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from db.errors import StorageError
from db.files import write_whole

Arrays = dict[str, NDArray[Any]]
# What rounds, fills or divides pictures in its own way beside the model's engine, which its identity names.
LIBRARIES = ("numpy", "opencv-python-headless", "pillow", "pypatchmatch", "resynthesizer", "scikit-image", "torch")


def key_of(content: dict[str, Any]) -> str:
    """The name of what follows from ``content``, everything that determines it, as JSON, and from LIBRARIES here.

    Which of them a result needs is not asked: after an update everything is made again.
    """
    return fixed_key_of([content, [_version(name) for name in LIBRARIES]])


def fixed_key_of(content: Any) -> str:
    """The name of what came from elsewhere and cannot be made again, whatever libraries are here."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@cache
def _version(library: str) -> str | None:
    """The library's version, None where it is not installed."""
    try:
        return version(library)
    except PackageNotFoundError:
        return None


class Derived:
    """Files below one folder, each named after everything that determines it and written whole or not at all."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read_json(self, key: str) -> dict[str, Any] | None:
        """What was kept under ``key``; None where nothing was, or it cannot be read and is made again."""
        try:
            found = json.loads(self._path(key, "json").read_bytes())
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def write_json(self, key: str, value: dict[str, Any]) -> None:
        """Keeps ``value``, in the place of what was there."""
        data = json.dumps(value).encode()
        self._write(self._path(key, "json"), lambda file: file.write(data))

    def remove_json(self, key: str) -> None:
        """Forgets what was kept under ``key``, if anything was."""
        self._path(key, "json").unlink(missing_ok=True)

    def read_arrays(self, key: str) -> Arrays | None:
        """The arrays kept under ``key``; None as for ``read_json``."""
        try:
            with np.load(self._path(key, "npz"), allow_pickle=False) as found:
                return {name: found[name] for name in found.files}
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error):
            return None

    def has_arrays(self, key: str) -> bool:
        """Whether arrays are kept under ``key``; they are not read."""
        return self._path(key, "npz").is_file()

    def write_arrays(self, key: str, arrays: Arrays) -> None:
        """Keeps ``arrays``, in the place of what was there."""
        self._write(self._path(key, "npz"), lambda file: np.savez(file, **arrays))  # type: ignore[arg-type]

    def remove_arrays(self, key: str) -> None:
        """Forgets what was kept under ``key``, if anything was."""
        self._path(key, "npz").unlink(missing_ok=True)

    def _path(self, key: str, ending: str) -> Path:
        return self.root / key[:2] / f"{key}.{ending}"

    @staticmethod
    def _write(path: Path, write: Callable[[BinaryIO], Any]) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, write)
        except OSError as error:
            raise StorageError(f"A result could not be written to the disk ({error.strerror}).") from error
