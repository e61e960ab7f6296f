"""Files go when nothing refers to them any more, and never while somebody is about to refer to them.

Who keeps a row that names a file shares the lock FILES and makes sure, in the row's own transaction, that the file is
there; who removes files holds the lock. So either the removal sees the row, or the row's writer sees the removal.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select, union
from sqlalchemy.orm import Session as Transaction

from dashboard.recording.workspace import Workspace
from dashboard.vision.images import encode_png
from db.engine import hold, share
from db.models import Edit, Image

FILES = "files"
_AT_ONCE = 200


def ensure_file(workspace: Workspace, transaction: Transaction, sha256: str, pixels: NDArray[np.uint8]) -> None:
    """The file of ``pixels`` is on the disk and stays there at least until the transaction's rows name it."""
    share(transaction, FILES)
    if sha256 not in workspace.blobs:
        workspace.blobs.put(encode_png(pixels))


def collect(workspace: Workspace, files: Iterable[str]) -> int:
    """Removes those of these files that no picture and no edit names any more; returns the bytes that became free."""
    wanted, freed = sorted(set(files)), 0
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        with workspace.database.write() as transaction:
            hold(transaction, FILES)
            needed = set(transaction.scalars(_naming(some)))
            freed += sum(workspace.blobs.remove(sha256) for sha256 in some if sha256 not in needed)
    return freed


def _naming(files: list[str]) -> Any:
    columns = (Edit.result_blob, Image.working_blob, Image.original_blob)
    return union(*[select(column).where(column.in_(files)) for column in columns])
