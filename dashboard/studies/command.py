"""`regionscope study`: from a design in YAML to a study that is open."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dashboard.studies.results.sections import Results
    from dashboard.studies.store import StudyRecord

File = Annotated[Path, typer.Argument(metavar="FILE.yaml", exists=True, dir_okay=False)]
Slug = Annotated[str, typer.Argument(metavar="SLUG")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]


def create(context: typer.Context, file: File, as_json: AsJson = False) -> None:
    """Keeps a design as a draft, or as the next version of a study that was open already."""
    from dashboard.headless import opened
    from dashboard.studies import store
    from dashboard.studies.design_yaml import from_yaml

    design = from_yaml(file.read_text(encoding="utf-8"))
    with opened(context.obj) as workspace:
        record = store.save(workspace, design)
    _say(record, as_json)


def check(context: typer.Context, file: File, as_json: AsJson = False) -> None:
    """Says what is wrong or unwise in a design, and how long it will take; fails where something is wrong."""
    from dataclasses import asdict

    from dashboard.headless import opened
    from dashboard.studies import store
    from dashboard.studies.check import estimated_minutes
    from dashboard.studies.design_yaml import from_yaml

    design = from_yaml(file.read_text(encoding="utf-8"))
    with opened(context.obj) as workspace:
        found = store.findings(workspace, design)
        minutes = estimated_minutes(design, store.available(workspace, design))
    if as_json:
        content = {"findings": [asdict(one) for one in found], "minutes": minutes}
        typer.echo(json.dumps(content, indent=2, ensure_ascii=False))
    else:
        lines = [f"{one.level}: {one.place}: {one.sentence}" for one in found]
        lines.append("It cannot be planned here." if minutes is None else f"It takes about {minutes} minutes.")
        typer.echo("\n".join(lines))
    if any(one.level == "error" for one in found):
        raise typer.Exit(1)


def list_studies(context: typer.Context, as_json: AsJson = False) -> None:
    """Lists the studies, the newest first."""
    from dashboard.headless import opened
    from dashboard.studies import store

    with opened(context.obj) as workspace:
        found = store.everything(workspace)
    if as_json:
        typer.echo(json.dumps([_content(one) for one in found], indent=2, ensure_ascii=False))
        return
    typer.echo("\n".join(map(_line, found)) or "No study yet: make one with `regionscope study create FILE.yaml`.")


def show(
    context: typer.Context,
    slug: Slug,
    as_yaml: Annotated[bool, typer.Option("--yaml", help="print the design as YAML")] = False,
    as_json: AsJson = False,
) -> None:
    """Shows a study, or its design as YAML."""
    from dashboard.headless import opened
    from dashboard.studies import store
    from dashboard.studies.design_yaml import to_yaml

    with opened(context.obj) as workspace:
        record = store.get(workspace, slug)
    if as_yaml:
        typer.echo(to_yaml(record.design), nl=False)
    else:
        _say(record, as_json)


def open_study(context: typer.Context, slug: Slug, as_json: AsJson = False) -> None:
    """Lets participants in, unless something is wrong in the design; from then on it is frozen."""
    from dashboard.studies import store

    _change(context, slug, as_json, store.open_study)


def pause(context: typer.Context, slug: Slug, as_json: AsJson = False) -> None:
    """Lets nobody new in; who has begun goes on."""
    from dashboard.studies import store

    _change(context, slug, as_json, store.pause)


def close(context: typer.Context, slug: Slug, as_json: AsJson = False) -> None:
    """Ends a study for everybody new; who has begun goes on."""
    from dashboard.studies import store

    _change(context, slug, as_json, store.close)


def withdraw(
    context: typer.Context,
    slug: Slug,
    code: Annotated[str, typer.Argument(metavar="CODE", help="the participant's withdrawal code")],
    as_json: AsJson = False,
) -> None:
    """Erases for good what the participant with this code gave; that somebody withdrew stays in the data."""
    from dashboard.headless import opened
    from dashboard.studies.erasing import erase

    with opened(context.obj) as workspace:
        name = erase(workspace, slug, code)
    content = {"study": slug, "participant": name, "state": "withdrawn"}
    typer.echo(json.dumps(content, indent=2) if as_json else f"{name} of {slug} is withdrawn, and her data are erased.")


def results(
    context: typer.Context,
    slug: Slug,
    folder: Annotated[Path | None, typer.Option("--csv", metavar="FOLDER", help="write every table there")] = None,
    unfinished: Annotated[bool, typer.Option(help="count participants who have not finished, too")] = False,
    as_json: AsJson = False,
) -> None:
    """Works out a study's results and prints them; regions that are new are held against the model first."""
    from dashboard.headless import opened
    from dashboard.studies.results.report import results as work_out
    from dashboard.studies.results.sections import as_csv
    from dashboard.studies.results.sections import as_json as plain

    with opened(context.obj) as workspace:
        found = work_out(workspace, slug, None, unfinished=unfinished)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for table in (table for section in found.sections for table in section.tables):
            (folder / f"{table.name}.csv").write_text(as_csv(table), encoding="utf-8", newline="")
    typer.echo(json.dumps(plain(found), indent=2, ensure_ascii=False) if as_json else "\n".join(_results(found)))


def _results(found: Results) -> Iterator[str]:
    yield f"{found.slug}, version {found.version}: {found.counted} of {found.participants} participants are counted"
    yield from found.problems
    for section in found.sections:
        yield f"\n{section.title} (n = {section.n})"
        for line in (*section.left_out, section.empty):
            if line:
                yield f"  {line}"
        for table in section.tables:
            yield f"  {table.title}"
            yield from (f"    {_row(row)}" for row in table.rows)


def _row(row: dict[str, Any]) -> str:
    return ", ".join(
        f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}" for name, value in row.items()
    )


def _change(context: typer.Context, slug: str, as_json: bool, act: Callable[[Any, str], StudyRecord]) -> None:
    from dashboard.headless import opened

    with opened(context.obj) as workspace:
        record = act(workspace, slug)
    _say(record, as_json)


def _say(record: StudyRecord, as_json: bool) -> None:
    typer.echo(json.dumps(_content(record), indent=2, ensure_ascii=False) if as_json else _line(record))


def _line(record: StudyRecord) -> str:
    finished = record.people.get("finished", 0)
    progress = f"version {record.version}, {finished} of {record.quota} finished"
    return f"{record.slug}  {record.state}, {progress}  /s/{record.slug}"


def _content(record: StudyRecord) -> dict[str, Any]:
    return {
        "slug": record.slug,
        "state": record.state,
        "version": record.version,
        "quota": record.quota,
        "participants": record.people,
        "created": record.created_at.isoformat(),
        "design_sha256": record.design.sha256,
        "address": f"/s/{record.slug}",
    }
