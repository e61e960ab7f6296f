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
    from dashboard.exports.figures import Annotation, Asked
    from dashboard.exports.figures.parts import Drawn
    from dashboard.exports.figures.source import Source
    from dashboard.settings import Settings


class Theme(StrEnum):
    """The background."""

    light = "light"
    dark = "dark"


def figure(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="pair, series, trace, regions, effect, consensus, "
                                        "curves, comparison, maps, multiples, alignment, cases or necessity")],
    of: Annotated[str, typer.Argument(metavar="OF", help="id of the edit, session, region or picture, a study, or "
                                      "what is compared: edit:ID,session:ID,image:ID")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help=".pdf, .svg, .png or .tiff")],
    package: Annotated[Path | None, typer.Option(help="a package's folder instead of the data folder")] = None,
    width: Annotated[str, typer.Option(help="acm, acm-wide, ieee, ieee-wide, springer, a4, poster, slide")] = "acm",
    theme: Annotated[Theme, typer.Option(help="light or dark")] = Theme.light,
    dpi: Annotated[int, typer.Option(help="of PNG and TIFF")] = 300,
    model: Annotated[str, typer.Option(help="key of the model, with --by models several, with commas")] = "",
    class_name: Annotated[str, typer.Option("--class", help="class that the figure is about")] = "",
    method: Annotated[str, typer.Option(help="method of the map, or of removing; with --by methods several, with "
                                     "commas, else the quick ones")] = "",
    table: Annotated[str, typer.Option(help="name of a table of the study's results")] = "",
    by: Annotated[str, typer.Option(help="columns of maps and multiples: models, methods or conditions")] = "models",
    annotations: Annotated[Path | None, typer.Option(help="JSON with what is put on the figure; without it, what is "
                                                     "kept with it")] = None,
    letters: Annotated[bool, typer.Option(help="(a), (b) … on the panels")] = True,
    latex: Annotated[bool, typer.Option("--latex", help="a .tex and a .bib beside the file; of a study's figure also "
                                        "its table and the methods")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:  # fmt: skip
    """Draws a figure for a paper and says its caption and its alternative text."""
    from dashboard.exports.figures import Asked, Look, draw, save

    asked = Asked(of, model, class_name, method, table, by)
    with _source(context.obj, kind, asked, package) as source:
        drawn = draw(source, kind, of, Look(width, theme.value, letters), asked, _annotations(annotations))
        data = save(drawn, _form(output), dpi)
        texts = _texts(drawn, source, asked, output.name) if latex else {}
    output.write_bytes(data)
    for ending, text in texts.items():
        output.with_name(f"{output.stem}{ending}").write_text(text, encoding="utf-8")
    for problem in drawn.problems:
        typer.echo(problem, err=True)
    content = {
        "output": str(output),
        "kind": kind,
        "caption": drawn.caption,
        "alt": drawn.alt,
        "cites": list(drawn.cites),
        "problems": list(drawn.problems),
    }
    text = f"{output}\n{drawn.caption}\n\nFor those who cannot see it: {drawn.alt}"
    typer.echo(json.dumps(content, indent=2, ensure_ascii=False) if as_json else text)


def _form(output: Path) -> str:
    ending = output.suffix.lstrip(".").lower()
    return "tiff" if ending == "tif" else ending


def _annotations(given: Path | None) -> tuple[Annotation, ...] | None:
    """Those of the file; None without one."""
    from dashboard.exports.figures.annotations import parse_annotations
    from dashboard.exports.figures.look import FigureError

    if given is None:
        return None
    try:
        return parse_annotations(json.loads(given.read_bytes()))
    except (OSError, ValueError) as error:
        raise FigureError(f"{given} cannot be read as JSON.") from error


def _texts(drawn: Drawn, source: Source, asked: Asked, name: str) -> dict[str, str]:
    """The LaTeX of the figure, its references, and for a study's its table and the methods: by their file's ending."""
    from dashboard.exports.figures import latex
    from dashboard.exports.figures.drawing import KINDS
    from dashboard.exports.figures.methods import methods_cites, methods_text

    found = {".tex": latex.figure(drawn, name)}
    cites = set(drawn.cites)
    if KINDS[drawn.kind].of == "study":
        found[".methods.tex"] = methods_text(source, asked.of, latex=True)
        cites |= set(methods_cites(source, asked.of))
        if (tables := KINDS[drawn.kind].tables) is not None:
            found[".table.tex"] = latex.table(tables.asked(source.results(asked.of), asked.table))
    return found | {".bib": latex.references(cites)}


@contextmanager
def _source(settings: Settings, kind: str, asked: Asked, package: Path | None) -> Iterator[Source]:
    """What to draw from: a package, or the data folder."""
    from dashboard.exports.figures.recorded import recorded
    from dashboard.exports.figures.source import InPackage
    from dashboard.headless import opened

    if package is not None:
        yield InPackage(package)
        return
    with opened(settings) as workspace, recorded(workspace, kind, asked) as source:
        yield source
