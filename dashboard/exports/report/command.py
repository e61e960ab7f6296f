"""`regionscope report`: a study's report, from the data folder or from a package alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from dashboard.exports.command import Excluded, Pictures, show_progress


def report(
    context: typer.Context,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help=".html, or .pdf by Chromium")],
    study: Annotated[str | None, typer.Option(help="a study's short name")] = None,
    package: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="a package's folder instead of the data folder")
    ] = None,
    pictures: Annotated[Pictures, typer.Option(help="free: all but those whose licence forbids it")] = Pictures.free,
    excluded: Annotated[Excluded, typer.Option(help="participants whom a researcher excluded")] = Excluded.flagged,
    free_text: Annotated[bool, typer.Option(help="what people wrote in words of their own as well")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Writes a study's report: design, flow of participants, results, figures, quality, methods, in one file."""
    from dashboard.exports.package import Choices
    from dashboard.exports.report.writing import write_report, write_study_report
    from dashboard.headless import opened

    if package is None and study is None:
        raise typer.BadParameter("Say which study: --study SLUG, --package DIR, or both.")
    if package is not None:
        made = write_report(package, study, output, show_progress)
    else:
        choices = Choices(pictures.value, excluded.value, free_text=free_text)
        with opened(context.obj) as workspace:
            made = write_study_report(workspace, str(study), choices, output, show_progress)
    content = {"output": str(made.path), "bytes": made.size}
    text = f"{made.path}: {made.size / 1e6:.1f} MB"
    typer.echo(json.dumps(content, indent=2, ensure_ascii=False) if as_json else text)
