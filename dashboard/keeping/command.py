"""`regionscope backup`, `restore` and `doctor`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
MOST_SAID = 20


def backup(
    context: typer.Context, file: Annotated[Path, typer.Argument(metavar="FILE")], as_json: AsJson = False
) -> None:
    """Writes everything into one new file; the server may go on meanwhile. It holds the installation's secret."""
    from dashboard.keeping.backup import back_up

    found = back_up(context.obj, file, _draw)
    content = {
        "file": str(found.file),
        "pictures": found.pictures,
        "bytes": found.size,
        "missing": list(found.missing),
        "left_out": list(found.left_out),
    }
    lines = [f"{found.file}: {found.pictures:,} pictures' files, {found.size / 1e6:.1f} MB."]
    if found.missing:
        lines.append(f"{len(found.missing)} files that the database names are missing; see `regionscope doctor`.")
    lines += [f"Not in it: {sentence}" for sentence in found.left_out]
    typer.echo(json.dumps(content, indent=2) if as_json else "\n".join(lines))


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
    as_json: AsJson = False,
) -> None:
    """Puts a backup into an empty data folder."""
    from dashboard.keeping.restore import restore as put_back

    found = put_back(context.obj, file, _draw)
    content = {"data_dir": str(context.obj.data_dir), "made_at": found.made_at, "pictures": found.pictures}
    text = f"{context.obj.data_dir} is as it was on {found.made_at}, with {found.pictures:,} pictures' files."
    typer.echo(json.dumps(content, indent=2) if as_json else text)


def doctor(
    context: typer.Context,
    repair: Annotated[bool, typer.Option("--repair", help="put right what can be put right safely")] = False,
    as_json: AsJson = False,
) -> None:
    """Looks for what is wrong: the database, missing, damaged and unreferenced files, migrations, models."""
    from dashboard.headless import opened
    from dashboard.keeping.doctor import examine, look_first

    findings = look_first(context.obj, repair=repair)
    if all(found.passed for found in findings):
        with opened(context.obj) as workspace:
            findings += examine(workspace, repair=repair)
    passed = all(found.passed for found in findings)
    if as_json:
        typer.echo(json.dumps({"passed": passed, "findings": [vars(found) for found in findings]}, indent=2))
    else:
        for found in findings:
            typer.echo(f"{found.name}: {'well' if found.passed else 'not well'} ({found.looked_at:,} looked at)")
            for sentence in [*found.problems[:MOST_SAID], *found.repaired, *found.notes]:
                typer.echo(f"  {sentence}")
    if not passed:
        raise typer.Exit(1)


def _draw(done: int, total: int) -> None:
    if sys.stderr.isatty():
        typer.echo(f"\r{done:,} of {total:,} files", nl=False, err=True)
