"""Files named after the SHA-256 of their content; what is there once is never changed."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from db.errors import NotFoundError, StorageError
from db.files import sync_folder, write_whole

_NAME = re.compile(r"[0-9a-f]{64}")


class BlobStore:
    """PNG files below one folder, two levels deep, each written whole or not at all."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sha256: str) -> Path:
        """Where the file lies or would lie; raises NotFoundError for what is no SHA-256."""
        if not _NAME.fullmatch(sha256):
            raise NotFoundError("There is no file of this name.")
        return self.root / sha256[:2] / f"{sha256}.png"

    def put(self, data: bytes) -> str:
        """Keeps ``data`` and returns its SHA-256. When it returns, the file is on the disk (fsync)."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.path(sha256)
        try:
            if not path.exists():
                self._write(path, data)
            else:
                sync_folder(path.parent)
        except OSError as error:
            raise StorageError(f"The picture could not be written to the disk ({error.strerror}).") from error
        return sha256

    def get(self, sha256: str) -> bytes:
        """The content; raises NotFoundError where there is none."""
        try:
            return self.existing(sha256).read_bytes()
        except OSError as error:
            raise StorageError(f"A picture's file could not be read ({error.strerror}).") from error

    def existing(self, sha256: str) -> Path:
        """Where the file lies, absolute; raises NotFoundError where there is none."""
        path = self.path(sha256)
        if not path.is_file():
            raise NotFoundError("A picture's file is missing from the data folder.")
        return path.resolve()

    def remove(self, sha256: str) -> int:
        """Removes a file that nothing refers to any more; returns the bytes it had, 0 where there was none."""
        path = self.path(sha256)
        try:
            size = path.stat().st_size
            path.unlink()
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise StorageError(f"A picture's file could not be removed ({error.strerror}).") from error
        return size

    def __contains__(self, sha256: str) -> bool:
        return self.path(sha256).exists()

    def _write(self, path: Path, data: bytes) -> None:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            sync_folder(path.parent.parent)
        write_whole(path, lambda file: file.write(data))
        sync_folder(path.parent)
