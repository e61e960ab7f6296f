"""From a package to a file: which kinds there are, and in which formats they are saved."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import matplotlib

from dashboard.exports.figures import pictures, studies
from dashboard.exports.figures.look import FigureError, Look
from dashboard.exports.figures.parts import Drawn, letter_panels
from dashboard.exports.package.folder import PackageFolder

FORMATS = ("pdf", "svg", "png", "tiff")
DPI = (50, 1200)


@dataclass(frozen=True)
class Kind:
    """A kind of figure: what it shows, and of what it is (the name of the package's column, or study)."""

    key: str
    title: str
    of: str
    draw: Callable[[PackageFolder, str, Look], Drawn]


KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind("pair", "Before and after one edit, with the answers", "edit", pictures.pair),
        Kind("series", "A session's edits one after the other", "session", pictures.series),
        Kind("trace", "A session as a trace of probabilities", "session", pictures.trace),
        Kind("regions", "A person's region, the model's and their overlap", "region", pictures.regions),
        Kind("consensus", "What all people marked on a picture", "image", pictures.consensus),
        Kind("multiples", "Pictures by models: each model's map", "study", studies.multiples),
        Kind("alignment", "People and model: agreement by class", "study", studies.alignment),
        Kind("cases", "Shared Interest's cases as shares", "study", studies.cases),
        Kind("necessity", "Does it matter? Drops when regions are removed", "study", studies.necessity),
    )
}


def draw(folder: Path | PackageFolder, kind: str, of: str, look: Look | None = None) -> Drawn:
    """A figure from a package, or the one in a folder; ``of`` names its edit, session, region, picture or study.

    Raises FigureError or PackageError where it cannot be drawn.
    """
    if kind not in KINDS:
        raise FigureError(f"There is no figure {kind!r}; there are {', '.join(KINDS)}.")
    shown = look or Look()
    package = folder if isinstance(folder, PackageFolder) else PackageFolder(folder)
    with matplotlib.rc_context(shown.settings()):
        drawn = KINDS[kind].draw(package, of, shown)
        if shown.letters:
            letter_panels(drawn, shown)
    return replace(drawn, kind=kind, look=shown)


def save(drawn: Drawn, form: str, dpi: int = 300) -> bytes:
    """The figure as a file: PDF with embedded fonts, SVG with real text, PNG or TIFF at ``dpi``.

    The same data give the same bytes. The alternative text is in it where the format has a place for one.
    """
    if form not in FORMATS:
        raise FigureError(f"There is no format {form!r}; there are {', '.join(FORMATS)}.")
    if not DPI[0] <= dpi <= DPI[1]:
        raise FigureError(f"A resolution is between {DPI[0]} and {DPI[1]} dots per inch.")
    look = drawn.look or Look()
    with matplotlib.rc_context(look.settings()):
        out = io.BytesIO()
        more: dict[str, Any] = {"pil_kwargs": {"compression": "tiff_lzw"}} if form == "tiff" else {}
        drawn.figure.savefig(out, format=form, dpi=dpi, metadata=_metadata(drawn, form), **more)
    return out.getvalue()


def _metadata(drawn: Drawn, form: str) -> dict[str, Any] | None:
    if form == "pdf":
        return {"Title": drawn.caption, "Subject": drawn.alt, "Creator": "Regionscope", "CreationDate": None}
    if form == "svg":
        return {"Title": drawn.caption, "Description": drawn.alt, "Creator": "Regionscope", "Date": None}
    return {"Title": drawn.caption, "Description": drawn.alt, "Software": "Regionscope"} if form == "png" else None
