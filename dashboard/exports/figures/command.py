"""`regionscope figure`: a figure for a paper, from the data folder or from a package alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dashboard.settings import Settings


class Theme(StrEnum):
    """The background."""

    light = "light"
    dark = "dark"


def figure(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="pair, series, trace, regions, consensus, multiples, "
                                        "alignment, cases or necessity")],
    of: Annotated[str, typer.Argument(metavar="OF", help="id of the edit, session, region or picture, or a study")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help=".pdf, .svg, .png or .tiff")],
    package: Annotated[Path | None, typer.Option(help="a package's folder instead of the data folder")] = None,
    width: Annotated[str, typer.Option(help="acm, acm-wide, ieee, ieee-wide, springer, a4, poster, slide")] = "acm",
    theme: Annotated[Theme, typer.Option(help="light or dark")] = Theme.light,
    dpi: Annotated[int, typer.Option(help="of PNG and TIFF")] = 300,
    letters: Annotated[bool, typer.Option(help="(a), (b) … on the panels")] = True,
    latex: Annotated[bool, typer.Option("--latex", help="a .tex and a .bib beside the file")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:  # fmt: skip
    """Draws a figure for a paper and says its caption and its alternative text."""
    from dashboard.exports.figures import Look, draw, save
    from dashboard.exports.figures.latex import figure as figure_in_latex
    from dashboard.exports.figures.latex import references

    with _folder(context.obj, kind, of, package) as folder:
        drawn = draw(folder, kind, of, Look(width, theme.value, letters))
        data = save(drawn, output.suffix.lstrip(".").lower().replace("tif", "tiff").replace("tifff", "tiff"), dpi)
    output.write_bytes(data)
    if latex:
        output.with_suffix(".tex").write_text(figure_in_latex(drawn, output.name), encoding="utf-8")
        output.with_suffix(".bib").write_text(references(drawn.cites), encoding="utf-8")
    content = {
        "output": str(output),
        "kind": kind,
        "caption": drawn.caption,
        "alt": drawn.alt,
        "cites": list(drawn.cites),
    }
    text = f"{output}\n{drawn.caption}\n\nFor those who cannot see it: {drawn.alt}"
    typer.echo(json.dumps(content, indent=2, ensure_ascii=False) if as_json else text)


@contextmanager
def _folder(settings: Settings, kind: str, of: str, package: Path | None) -> Iterator[Path]:
    """The package to draw from; one of what the figure is of is written for as long as it is drawn."""
    from dashboard.exports.figures.recorded import package_of
    from dashboard.headless import opened

    if package is not None:
        yield package
        return
    with opened(settings) as workspace, package_of(workspace, kind, of) as folder:
        yield folder
