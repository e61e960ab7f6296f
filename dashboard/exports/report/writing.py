"""Reports as files: from a package alone, or from an installation by way of a package."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dashboard.exports.figures.source import InPackage
from dashboard.exports.package import Choices, Scope, write_package
from dashboard.exports.package.cells import PackageError
from dashboard.exports.report.content import report_of
from dashboard.exports.report.html import html_of
from dashboard.exports.report.pdf import find_browser, pdf_of
from dashboard.recording.workspace import Workspace
from dashboard.studies.results.leaving_out import leave_out
from dashboard.studies.results.rows import read
from dashboard.studies.results.working_out import advance

Progress = Callable[[int, int], None]
WHOLE = 1000
STEP_SECONDS = 0.5


@dataclass(frozen=True)
class Written:
    """A report that lies in a file of so many bytes."""

    path: Path
    size: int


def write_report(
    folder: Path, slug: str | None, target: Path, progress: Progress = lambda _done, _total: None
) -> Written:
    """Writes the report on a study (the only one, where none is named) from the package in ``folder``.

    ``target`` ends with .html or .pdf. Raises PackageError where it cannot be written, PrintError without a browser.
    """
    check(target)
    html = html_of(report_of(InPackage(folder), slug, progress))
    data = pdf_of(html) if target.suffix.lower() == ".pdf" else html.encode()
    _keep(data, target)
    return Written(target, len(data))


def write_study_report(
    workspace: Workspace,
    slug: str,
    choices: Choices,
    target: Path,
    progress: Progress = lambda _done, _total: None,
) -> Written:
    """The same on a study of this installation: what is left to be worked out is, then it is exported and reported.

    Raises NotFoundError as well. Whatever stops it, nothing of it stays.
    """
    check(target)
    _work_out(workspace, slug, _part(progress, 0.0, 0.6))
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.stem}.", suffix=".part") as folder:
        package = Path(folder) / "package"
        write_package(workspace, Scope(study=slug), choices, package, _part(progress, 0.6, 0.75))
        return write_report(package, slug, target, _part(progress, 0.75, 1.0))


def check(target: Path) -> None:
    """Raises PackageError or PrintError, before any work, for a file that could not be written."""
    if target.suffix.lower() not in (".html", ".pdf"):
        raise PackageError("A report is a file that ends with .html or .pdf.")
    if target.is_dir():
        raise PackageError(f"{target} is a folder.")
    if target.suffix.lower() == ".pdf":
        find_browser()


def _work_out(workspace: Workspace, slug: str, progress: Progress) -> None:
    counted, _ = leave_out(read(workspace, slug))
    while (done := advance(workspace, counted, STEP_SECONDS)).done < done.total:
        progress(done.done, done.total)


def _part(progress: Progress, low: float, high: float) -> Progress:
    """Progress of a part of the work as that of the whole."""
    return lambda done, total: progress(round(WHOLE * (low + (high - low) * done / max(1, total))), WHOLE)


def _keep(data: bytes, target: Path) -> None:
    """Puts the file in its place, whole or not at all; what was there before is replaced."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.parent / f".{target.name}.{os.getpid()}.part"
        try:
            partial.write_bytes(data)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise PackageError(f"The report could not be written ({error.strerror}).") from error
