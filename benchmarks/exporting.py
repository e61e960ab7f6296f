"""How much memory a data package takes to write: ``python -m benchmarks.exporting FOLDER [EDITS]``.

A made database gets a picture's file for each of its edits (few files under many names), and is exported by the
command, pictures and all; the most memory that the command ever held is the operating system's word for it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from sqlalchemy import select

from benchmarks import made
from benchmarks.timing import Row, print_rows
from dashboard.recording.workspace import Workspace
from dashboard.settings import Settings
from dashboard.vision.images import encode_png
from db.models import Edit, Image

EDITS = 100_000
LIMIT_MB = 600
MOST_NAMES = 30_000  # of one file; ext4 allows 65,000
# By a small process of its own: a command's most memory counts that of whoever started it.
MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
START = "from dashboard.cli import main; main()"


def measure(folder: Path, edits: int = EDITS) -> list[Row]:
    """Makes the database where it is not there yet, exports it, and says seconds and memory."""
    data = folder / f"data-{edits}"
    if not data.is_dir():
        made.make(data, edits)
        _pictures(data)
    target = folder / f"package-{time.monotonic_ns()}"
    command = [sys.executable, "-c", START, "--data-dir", str(data), "export", "--all", "--pictures", "all"]
    begun = time.perf_counter()
    measured = [sys.executable, "-c", MEASURE, *command, "-o", str(target)]
    said = subprocess.run(measured, check=True, capture_output=True, text=True).stdout
    seconds = time.perf_counter() - begun
    shutil.rmtree(target, ignore_errors=True)
    what, most_mb = f"a data package of {edits:,} edits with pictures", int(said) / 1024
    return [
        Row(f"{what}: time", seconds, "s"),
        Row(f"{what}: memory", most_mb, "MB", target=f"at most {LIMIT_MB}", met=most_mb <= LIMIT_MB),
    ]


def _pictures(data: Path) -> None:
    """A file for each picture and each edit."""
    workspace = Workspace.open(Settings(data_dir=data))
    row, column = np.mgrid[: made.HEIGHT, : made.WIDTH]
    content = encode_png((np.stack((row, column, row + column), 2) % 256).astype(np.uint8))
    source = workspace.blobs.path(workspace.blobs.put(content))
    with workspace.database.read() as transaction:
        names = {*transaction.scalars(select(Edit.result_blob)), *transaction.scalars(select(Image.working_blob))}
    for number, name in enumerate(sorted(names)):
        path = workspace.blobs.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if number % MOST_NAMES:
            os.link(source, path)
        else:
            source = shutil.copyfile(source, path)
    workspace.close()


if __name__ == "__main__":
    print_rows(measure(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else EDITS))
