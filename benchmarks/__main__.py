"""Everything that is measured, side by side with its peers: ``python -m benchmarks FILE.json``."""

from __future__ import annotations

import json
import platform
import sys
import tempfile
from pathlib import Path

from benchmarks import analysis, browsing, edits, explaining, forward, inpainting, mattering, page, replaying, server
from benchmarks.timing import Row, print_rows
from dashboard.recording.workspace import Workspace
from dashboard.settings import Settings
from db import queries
from tests.support.server import ServerProcess


def main(output: Path) -> None:
    """Measures in turn; nothing runs beside anything else."""
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        rows = _measure(Path(folder), output.parent)
    print_rows(rows)
    holes = inpainting.measure()
    inpainting.print_table(holes)
    found = {"machine": platform.platform(), "rows": [row.as_dict() for row in rows], "inpainting": holes}
    output.write_text(json.dumps(found, indent=2, ensure_ascii=False))
    print(f"written to {output}")


def _measure(folder: Path, build: Path) -> list[Row]:
    data_dir, log = folder / "data", folder / "server.log"
    rows = [
        server.measure_start(data_dir, log, "the very first time"),
        server.measure_start(data_dir, log, "from then on"),
    ]
    rows += forward.measure(data_dir / "cache")
    rows += edits.measure(data_dir / "cache")
    rows += explaining.measure(data_dir / "cache")
    rows += mattering.measure(folder / "mattering", data_dir / "cache")
    image = _first_picture(data_dir)
    with ServerProcess(data_dir, log) as running:
        running.wait_ready()
        rows += page.measure(f"http://127.0.0.1:{running.port}/")
        rows += server.measure_memory(running, image)
    rows += analysis.measure()
    rows += replaying.measure(folder / "replaying", data_dir / "cache")
    made = browsing.folder(build, data_dir / "cache")
    return rows + browsing.measure(made, folder / "browsing.log")


def _first_picture(data_dir: Path) -> str:
    workspace = Workspace.open(Settings(data_dir=data_dir))
    with workspace.database.read() as transaction:
        picture = queries.pictures(transaction, "gallery")[-1]
    workspace.close()
    return picture.id


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/benchmarks.json"))
