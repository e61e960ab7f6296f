"""From a source to a file: which kinds there are, and in which formats they are saved."""

from __future__ import annotations

import io
import logging
import re
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import matplotlib
from PIL import TiffImagePlugin

from dashboard.exports.figures import compared_maps, marked, multiples, removals, side_by_side, steps, studies
from dashboard.exports.figures.annotating import annotate
from dashboard.exports.figures.annotations import Annotation, said
from dashboard.exports.figures.look import FigureError, Look
from dashboard.exports.figures.parts import Drawn, letter_panels
from dashboard.exports.figures.reading import Asked
from dashboard.exports.figures.source import InPackage, Source

FORMATS = ("pdf", "svg", "png", "tiff")
DPI = (50, 1200)
MOST_PIXELS = 120_000_000
# It tells of every table of a font that it leaves out.
logging.getLogger("fontTools").setLevel(logging.WARNING)
_DESCRIPTION, _SOFTWARE = 270, 305
# matplotlib's settings belong to the process, and a server draws for several people at once.
_ALONE = threading.RLock()


@dataclass(frozen=True)
class Kind:
    """A kind of figure: what it shows, and of what it is (the name of the package's column, study or comparison).

    ``accepts``: what of ``Asked`` it depends on; where it has columns, for each ``by``. ``methods``: those of which it
    takes one. ``tables``: those of a study's results of which it draws one. ``shows_maps``: models' maps are in it.
    """

    key: str
    title: str
    of: str
    draw: Callable[[Source, Asked, Look], Drawn]
    accepts: tuple[str, ...] = ()
    by: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    methods: Literal["", "maps", "removing"] = ""
    tables: studies.Tables | None = None
    shows_maps: bool = False

    def check(self, asked: Asked) -> None:
        """Raises FigureError where something is asked for that the kind does not depend on."""
        if self.by and asked.by not in self.by:
            raise FigureError(f"Small multiples are by {', '.join(self.by)}.")
        for name, word in _WORDS.items():
            if name not in self._accepted(asked) and getattr(asked, name) != getattr(Asked, name):
                by = f" with columns by {asked.by}" if self.by else ""
                raise FigureError(f"No {word} can be chosen for this kind of figure{by}.")

    def choices(self, asked: Asked) -> dict[str, str]:
        """What of ``asked`` tells this figure from others of its kind of the same thing: all but the usual."""
        usual = {"by": Asked.by, "table": self.tables.usual if self.tables else ""}
        given = {name: str(getattr(asked, name)) for name in self._accepted(asked)}
        return {name: value for name, value in given.items() if value not in ("", usual.get(name))}

    def _accepted(self, asked: Asked) -> tuple[str, ...]:
        return ("by", *self.by.get(asked.by, ())) if self.by else self.accepts


_WORDS = {"model": "model", "class_name": "class", "method": "method", "table": "table", "by": "kind of columns"}
_OF_MAPS = ("model", "class_name", "method")


KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind("pair", "Before and after one edit, with the answers", "edit", steps.pair, ("model",)),
        Kind("series", "A session's edits one after the other", "session", steps.series, ("model",)),
        Kind("trace", "A session as a trace of probabilities", "session", steps.trace, ("model", "class_name")),
        Kind("regions", "A person's region, the model's and their overlap", "region", marked.regions,
             ("model", "method"), methods="maps", shows_maps=True),
        Kind("effect", "Does it matter? One region removed, the model's, random ones", "region", removals.effect,
             ("model", "method"), methods="removing"),
        Kind("consensus", "What all people marked on a picture", "image", marked.consensus, _OF_MAPS, methods="maps",
             shows_maps=True),
        Kind("curves", "Deletion and insertion curves", "image", removals.curves, _OF_MAPS, methods="maps"),
        Kind("comparison", "Edits, sessions and pictures side by side", "comparison", side_by_side.comparison,
             ("model",)),
        Kind("maps", "Small multiples: pictures and edits by models or methods", "comparison", compared_maps.maps,
             by={"models": _OF_MAPS, "methods": _OF_MAPS}, methods="maps", shows_maps=True),
        Kind("multiples", "Small multiples: pictures by models, methods or conditions", "study", multiples.multiples,
             by={"models": _OF_MAPS, "methods": _OF_MAPS, "conditions": ("class_name",)}, methods="maps",
             shows_maps=True),
        Kind("alignment", "People and model: agreement by class", "study", studies.alignment, ("table",),
             tables=studies.MEANS),
        Kind("cases", "Shared Interest's cases as shares", "study", studies.cases, ("table",), tables=studies.SHARES),
        Kind("necessity", "Does it matter? Drops when regions are removed", "study", studies.necessity,
             tables=studies.DROPS),
    )
}  # fmt: skip


def draw(
    data: Path | Source,
    kind: str,
    of: str,
    look: Look | None = None,
    asked: Asked | None = None,
    annotations: tuple[Annotation, ...] | None = None,
) -> Drawn:
    """A figure from a source, or the package in a folder; ``of`` names its edit, session, region, picture or study.

    ``asked`` says of which model, class, method or table, where the kind depends on it. ``annotations``: without them
    what is kept with the figure. Raises FigureError or PackageError where it cannot be drawn.
    """
    found, shown = kind_called(kind), look or Look()
    wanted = replace(asked or Asked(of), of=of)
    found.check(wanted)
    source = InPackage(data) if isinstance(data, Path) else data
    put = source.annotations(kind, of, found.choices(wanted)) if annotations is None else annotations
    with _settings(shown):
        drawn = found.draw(source, wanted, shown)
        if shown.letters:
            letter_panels(drawn, shown)
        annotate(drawn, put, shown)
        drawn = replace(drawn, kind=kind, look=shown, alt=drawn.alt + said(put))
        return replace(drawn, problems=drawn.problems + _laid_out(drawn))


def kind_called(key: str) -> Kind:
    """A kind by its key; raises FigureError."""
    if key not in KINDS:
        raise FigureError(f"There is no figure {key[:40]!r}; there are {', '.join(KINDS)}.")
    return KINDS[key]


# Letters that a name can have and no XML file can (https://www.w3.org/TR/xml/#charsets).
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def save(drawn: Drawn, form: str, dpi: int = 300) -> bytes:
    """The figure as a file: PDF with embedded fonts, SVG with real text, PNG or TIFF at ``dpi``.

    The same data give the same bytes. The alternative text is in it where the format has a place for one.
    """
    if form not in FORMATS:
        raise FigureError(f"There is no format {form[:20]!r}; there are {', '.join(FORMATS)}.")
    if not DPI[0] <= dpi <= DPI[1]:
        raise FigureError(f"A resolution is between {DPI[0]} and {DPI[1]} dots per inch.")
    width, height = drawn.figure.get_size_inches()
    if form in ("png", "tiff") and width * height * dpi * dpi > MOST_PIXELS:
        raise FigureError("At this resolution the figure would be too large. Choose fewer dots per inch.")
    out = io.BytesIO()
    with _settings(drawn.look or Look()):
        more: dict[str, Any] = {"pil_kwargs": _tiff(drawn)} if form == "tiff" else {"metadata": _metadata(drawn, form)}
        drawn.figure.savefig(out, format=form, dpi=dpi, **more)
    return _NO_XML.sub("\ufffd", out.getvalue().decode()).encode() if form == "svg" else out.getvalue()


def boxes(drawn: Drawn) -> list[tuple[float, float, float, float]]:
    """Where each panel is: left, top, right, bottom as shares of the figure from its top left corner."""
    with _settings(drawn.look or Look()):
        drawn.figure.draw_without_rendering()
        found = []
        for axes in drawn.panels:
            box = axes.get_window_extent().transformed(drawn.figure.transFigure.inverted())
            found.append((float(box.x0), float(1 - box.y1), float(box.x1), float(1 - box.y0)))
        return found


@contextmanager
def _settings(look: Look) -> Iterator[None]:
    with _ALONE, matplotlib.rc_context(look.settings()), warnings.catch_warnings():
        # It is said in a sentence of the figure's own.
        warnings.filterwarnings("ignore", message=r"Glyph \d+")
        yield


def _laid_out(drawn: Drawn) -> tuple[str, ...]:
    """Lays the figure out for good; what no font that is here can set, as a sentence."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        drawn.figure.draw_without_rendering()
        drawn.figure.draw_without_rendering()
    # Each drawing would lay it out anew, a little otherwise: then a file would depend on those saved before it.
    drawn.figure.set_layout_engine("none")
    codes = [str(one.message).split()[1] for one in caught if str(one.message).startswith("Glyph ")]
    missing = "".join(dict.fromkeys(chr(int(code)) for code in codes if code.isdigit()))
    if not missing:
        return ()
    return (f"No font here has {' '.join(missing[:20])}: boxes stand in their place. Install a font that has them.",)


def _metadata(drawn: Drawn, form: str) -> dict[str, Any]:
    caption, alt = _printable(drawn.caption), _printable(drawn.alt)
    if form == "pdf":
        return {"Title": caption, "Subject": alt, "Creator": "Regionscope", "CreationDate": None}
    if form == "svg":
        return {"Title": caption, "Description": alt, "Creator": "Regionscope", "Date": None}
    return {"Title": caption, "Description": alt, "Software": "Regionscope"}


def _tiff(drawn: Drawn) -> dict[str, Any]:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[_DESCRIPTION] = _printable(drawn.alt).encode()
    tags[_SOFTWARE] = "Regionscope"
    return {"compression": "tiff_lzw", "tiffinfo": tags}


def _printable(text: str) -> str:
    """The text without what no metadata can hold: control characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
