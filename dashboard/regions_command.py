"""`regionscope regions`: human regions taken in from files, and held against a model's."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="print JSON")]


def import_files(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...")],
    image: Annotated[str | None, typer.Option(help="the picture (name or id) that mask PNGs belong to")] = None,
    class_name: Annotated[str, typer.Option("--class", help="the class where a file names none")] = "",
    author: Annotated[str, typer.Option(help="who marked the regions")] = "",
    model: Annotated[str, typer.Option(help="among whose classes names are looked up")] = "efficientnet_lite0",
    as_json: Json = False,
) -> None:
    """Takes in human regions: mask PNGs, COCO JSON, labelme JSON; says what was taken and what not, and why."""
    from dashboard.headless import opened
    from dashboard.recording.region_import import Manner, import_regions

    with opened(context.obj) as workspace:
        content = ((path.name, path.read_bytes()) for path in files)
        report = import_regions(workspace, content, Manner(model, image, class_name, author))
    if as_json:
        typer.echo(json.dumps(asdict(report), indent=2, ensure_ascii=False))
        return
    for one in report.taken:
        known = ", which was here already" if one.known else ""
        typer.echo(f"{one.item}: {one.mask_area:.1%} of {one.picture} for {one.class_name}{known}")
    for bad in report.left_out:
        typer.echo(f"left out {bad.item}: {bad.why}")


def compare(
    human: Annotated[Path, typer.Argument(metavar="HUMAN.png", help="not zero = in the region")],
    model: Annotated[Path, typer.Argument(metavar="MODEL", help=".npy, a map (H, W); or .png, a region")],
    rule: Annotated[
        str | None, typer.Option(help="area, mean_sd, percentile, otsu (default: each metric's own)")
    ] = None,
    threshold: Annotated[float | None, typer.Option(help="the region is where the map is at least this")] = None,
    k: Annotated[float, typer.Option(help="of mean_sd: mean + k sd")] = 1.0,
    p: Annotated[float, typer.Option(help="of percentile")] = 90.0,
    tolerance: Annotated[float, typer.Option(min=0, help="of the pointing game, in pixels")] = 0,
    correct: Annotated[bool | None, typer.Option("--correct/--wrong", help="the model's answer, for the case")] = None,
    as_json: Json = False,
) -> None:
    """Every region metric of a person's region and a model's map or region."""
    from dashboard.headless import compare_files

    options = {"rule": rule, "k": k, "p": p, "tolerance": tolerance, "correct": correct}
    found = compare_files(human, model, threshold, options)
    typer.echo(json.dumps(found, indent=2, ensure_ascii=False) if as_json else "\n".join(_lines(found)))


def _lines(found: dict[str, Any]) -> list[str]:
    lines = [f"rule: {found['rule']}"]
    for name, value in found.items():
        if isinstance(value, float):
            chance = found["chance"].get(name)
            beside = "" if chance is None else f"   by chance {chance:.4f}"
            lines.append(f"{name:<16} {value:.4f}{beside}")
        elif value is None and name not in {"case", "tied_pixels"}:
            lines.append(f"{name:<16} undefined")
    if found.get("case"):
        lines.append(f"case: {found['case']['name']}. {found['case']['explanation']}")
    return lines
