"""A package as one ZIP file."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

from dashboard.exports.package.cells import PackageError
from dashboard.exports.package.choosing import Choices, Scope
from dashboard.exports.package.manifest import NAME, files_in
from dashboard.exports.package.steps import Progress
from dashboard.exports.package.writing import Summary, write_package
from dashboard.recording.workspace import Workspace

# These are compressed already.
_STORED = {".png", ".parquet"}
# The same content gives the same file.
_MOMENT = (1980, 1, 1, 0, 0, 0)


def write_archive(
    workspace: Workspace,
    scope: Scope,
    choices: Choices,
    target: Path,
    progress: Progress = lambda _done, _total: None,
) -> Summary:
    """Writes a package as the ZIP file ``target``, which is not there yet; see ``write_package``.

    Packing it is counted as so many steps as writing it, a share of them for each share of its bytes.
    """
    if target.exists():
        raise PackageError(f"{target} is there already.")
    target.parent.mkdir(parents=True, exist_ok=True)
    steps = 1

    def written(done: int, total: int) -> None:
        nonlocal steps
        steps = total
        progress(done, 2 * total)

    partial = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.stem}.", suffix=".part"))
    try:
        summary = write_package(workspace, scope, choices, partial / target.stem, written)
        for packed in _zip(partial / target.stem, partial / target.name):
            progress(min(steps + int(steps * packed / summary.size), 2 * steps), 2 * steps)
        (partial / target.name).replace(target)
    except OSError as error:
        raise PackageError(f"The package could not be written ({error.strerror}).") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return replace(summary, folder=target, size=target.stat().st_size)


def _zip(folder: Path, target: Path) -> Iterator[int]:
    """Packs a folder and says after each file how many bytes that were."""
    packed = 0
    with zipfile.ZipFile(target, "w", allowZip64=True) as archive:
        for path in chain(files_in(folder), [folder / NAME]):
            entry = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}", _MOMENT)
            entry.compress_type = zipfile.ZIP_STORED if path.suffix in _STORED else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as into:
                shutil.copyfileobj(source, into, 1 << 20)
            packed += path.stat().st_size
            yield packed
