"""`regionscope replay`: its options, and what it prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from dashboard.recording.verdicts import Verdict


def replay(
    context: typer.Context,
    session: Annotated[str | None, typer.Option(metavar="ID", help="the edits of this session")] = None,
    study: Annotated[str | None, typer.Option(metavar="SLUG", help="those of a study's sessions")] = None,
    edits: Annotated[Path | None, typer.Option(metavar="FILE", help="those named in a file, an id a line")] = None,
    everything: Annotated[bool, typer.Option("--all", help="all")] = False,
    model: Annotated[list[str] | None, typer.Option(help="answer them by this model too and keep the answers")] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="perform them again; exit 1 where something differs")
    ] = False,
    progress: Annotated[bool, typer.Option("--progress", help="a JSON line a step: done, total")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Performs recorded edits again and compares, or answers them by other models."""
    from dashboard.rerunning import Which, answer_again, perform_again

    if sum([session is not None, study is not None, edits is not None, everything]) != 1:
        raise typer.BadParameter("say which edits: one of --session, --study, --edits or --all")
    which = Which(session, study, edits, everything)
    tell = _say_progress if progress else lambda *_: None
    found: dict[str, Any] = {}
    if model:
        found = answer_again(context.obj, which, model, tell)
        _say_answered(found, as_json)
    if verify or not model:
        found |= perform_again(context.obj, which, lambda verdict: _say_verdict(verdict, as_json), tell)
        _print_unless_json(as_json, f"{found['as_recorded']:,} of {found['edits']:,} edits are as recorded.")
    if as_json:
        # After lines of progress the result is a line too, so that all of it is read by the line.
        typer.echo(json.dumps(found, indent=None if progress else 2, ensure_ascii=False))
    if found.get("failed") or found.get("originals") or (verify and found["others"]):
        raise typer.Exit(1)


def _say_progress(done: int, total: int) -> None:
    print(json.dumps({"done": done, "total": total}), flush=True)


def _say_answered(found: dict[str, Any], as_json: bool) -> None:
    _print_unless_json(as_json, f"{found['answered']:,} answers added, {found['known']:,} were there already.")
    for bad in found["failed"]:
        typer.echo(f"{bad['edit']}: {bad['reason']}", err=True)
    for bad in found["originals"]:
        typer.echo(f"original {bad['image']}: {bad['reason']}", err=True)


def _say_verdict(verdict: Verdict, as_json: bool) -> None:
    said = "as recorded" if verdict.is_as_recorded else "; ".join(verdict.reasons)
    if verdict.mask_given:
        said += " (its mask came from a file and was not compared)"
    _print_unless_json(as_json, f"{verdict.edit} (step {verdict.sequence}): {said}")


def _print_unless_json(as_json: bool, line: str) -> None:
    if not as_json:
        typer.echo(line)
