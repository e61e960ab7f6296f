"""The installation's secret: made once, kept in the data folder for its owner alone, shared by all workers."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from dashboard.accounts.errors import AccountError

NAME = "secret"
BYTES = 32


def installation_secret(data_dir: Path) -> bytes:
    """The secret under ``data_dir``; of processes that make it at once all get the same one."""
    file = data_dir / NAME
    if not file.exists():
        _make(file)
    file.chmod(0o600)  # it may have been copied by something that does not care
    kept = file.read_bytes()
    if len(kept) != BYTES:
        raise AccountError(f"{file} is damaged; remove it to have a new one made, which signs everybody out.")
    return kept


def _make(file: Path) -> None:
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{NAME}-")  # only its owner may read it
    try:
        with os.fdopen(descriptor, "wb") as new:
            new.write(secrets.token_bytes(BYTES))
            new.flush()
            os.fsync(new.fileno())
        with suppress(FileExistsError):
            os.link(name, file)  # unlike a rename it never replaces what another process made
    finally:
        Path(name).unlink()


def key_for(secret: bytes, purpose: str) -> bytes:
    """A key of its own for each purpose."""
    return hmac.digest(secret, purpose.encode(), hashlib.sha256)


def mac(key: bytes, text: str) -> str:
    """64 hexadecimal digits that stand for the text and from which it cannot be read."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
