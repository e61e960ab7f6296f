"""`regionscope export`, `verify` and `import`: packages of data on the command line."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
Folder = Annotated[Path, typer.Argument(metavar="DIR", exists=True, file_okay=False)]


class Format(StrEnum):
    """What a package can be written as."""

    psych_ds = "psych-ds"


class Pictures(StrEnum):
    """Which pictures are in a package."""

    free = "free"
    all = "all"
    none = "none"


class Excluded(StrEnum):
    """What becomes of participants whom a researcher excluded."""

    flagged = "flagged"
    included = "in"
    out = "out"


def export(
    context: typer.Context,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="a new folder, or a new file.zip")],
    session: Annotated[list[str] | None, typer.Option(help="a session's id, as often as needed")] = None,
    study: Annotated[str | None, typer.Option(help="a study's short name")] = None,
    everything: Annotated[bool, typer.Option("--all", help="everything that is recorded")] = False,
    form: Annotated[Format, typer.Option("--format")] = Format.psych_ds,
    pictures: Annotated[Pictures, typer.Option(help="free: all but those whose licence forbids it")] = Pictures.free,
    excluded: Annotated[Excluded, typer.Option(help="participants whom a researcher excluded")] = Excluded.flagged,
    recruiter_ids: Annotated[bool, typer.Option(help="recruiters' ids of participants as well")] = False,
    free_text: Annotated[bool, typer.Option(help="what people wrote in words of their own as well")] = False,
    keep_ids: Annotated[bool, typer.Option(help="this installation's ids instead of numbers")] = False,
    maps: Annotated[bool, typer.Option(help="the models' maps behind regions")] = True,
    progress: Annotated[bool, typer.Option(help="a line of JSON for each step, for programs")] = False,
    as_json: AsJson = False,
) -> None:
    """Writes a data package that others can use without asking: Psych-DS, with Frictionless types and keys."""
    from dashboard.exports.package import Choices, Scope, write_package
    from dashboard.exports.package.archive import write_archive
    from dashboard.headless import opened
    from dashboard.recording.ids import parse_id

    scope = Scope(tuple(parse_id(one, "session") for one in session or ()), study, everything)
    choices = Choices(pictures.value, excluded.value, recruiter_ids, free_text, keep_ids, maps)
    write = write_archive if output.suffix.lower() == ".zip" else write_package
    with opened(context.obj) as workspace:
        found = write(workspace, scope, choices, output, _show if progress else show_progress)
    content = {
        "output": str(found.folder),
        "format": form.value,
        "bytes": found.size,
        "rows": found.rows,
        "left_out": list(found.left_out),
        "counted": list(found.counted),
    }
    lines = [f"{found.folder}: {found.size / 1e6:.1f} MB"]
    lines += [f"  {name}: {count:,} rows" for name, count in found.rows.items()]
    lines += ["Left out:", *(f"  {sentence}" for sentence in found.left_out)]
    typer.echo(json.dumps(content, indent=2, ensure_ascii=False) if as_json else "\n".join(lines))


def _show(done: int, total: int) -> None:
    typer.echo(json.dumps({"done": done, "total": total}))


def show_progress(done: int, total: int) -> None:
    """How far it is, for a person at a terminal."""
    if sys.stderr.isatty():
        typer.echo(f"\rWorking {done / total:4.0%}", nl=False, err=True)


def verify(
    context: typer.Context,
    folder: Folder,
    models: Annotated[bool, typer.Option(help="ask the models again where they are at hand")] = True,
    as_json: AsJson = False,
) -> None:
    """Checks a package: files, schema, keys, masks, and whether the models give the recorded answers again."""
    from dashboard.exports.package.checking import MOST_SAID, check_package
    from dashboard.vision.classifiers import Catalogue

    settings = context.obj
    catalogue = Catalogue(settings.own_models_dir, settings.cache_dir, settings.device, settings.threads)
    checks = check_package(folder, catalogue if models else None)
    passed = all(check.passed for check in checks)
    if as_json:
        content = [
            {"check": c.name, "passed": c.passed, "looked_at": c.looked_at, "problems": c.problems, "note": c.note}
            for c in checks
        ]
        typer.echo(json.dumps({"passed": passed, "checks": content}, indent=2, ensure_ascii=False))
    else:
        for check in checks:
            typer.echo(
                f"{check.name}: {'as it should be' if check.passed else 'wrong'} ({check.looked_at:,} looked at)"
            )
            for sentence in [*check.problems[:MOST_SAID], check.note]:
                if sentence:
                    typer.echo(f"  {sentence}")
    if not passed:
        raise typer.Exit(1)


def import_folder(
    context: typer.Context,
    folder: Folder,
    keep_ids: Annotated[bool, typer.Option(help="the ids of the installation that exported it")] = False,
    as_json: AsJson = False,
) -> None:
    """Reads a package into this data folder: all of it, or nothing."""
    from dashboard.exports.package.importing import import_package
    from dashboard.headless import opened

    with opened(context.obj) as workspace:
        found = import_package(workspace, folder, keep_ids=keep_ids, progress=show_progress)
    content = {"added": found.added, "there_already": found.there, "studies": found.studies}
    lines = [f"{name}: {count:,} added" for name, count in found.added.items()]
    lines += [f"{name}: {count:,} were there already" for name, count in found.there.items()]
    typer.echo(json.dumps(content, indent=2, ensure_ascii=False) if as_json else "\n".join(lines))
