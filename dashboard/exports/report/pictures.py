"""Pictures and figures that lie in the report itself: SVG in the page, thumbnails as data: URIs."""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import Sequence
from typing import Any

from dashboard.exports.figures import KINDS, Look, draw, save
from dashboard.exports.figures.source import InPackage
from dashboard.exports.report.shown import Numbering, ShownFigure, ShownPicture
from dashboard.vision.errors import RegionscopeError
from dashboard.vision.images import thumbnail_png

# More pictures than these have their figures from `regionscope figure`.
MOST_FIGURES, MOST_PICTURES, THUMBNAIL_PX = 12, 24, 160
LOOK = Look("a4")
DPI = 150
Row = dict[str, Any]
log = logging.getLogger(__name__)


def figures_of(package: InPackage, kind: str, of: Sequence[str], numbering: Numbering) -> list[ShownFigure]:
    """The figures of a kind, one for each of ``of``; what cannot be drawn is a sentence, said once."""
    found = [_figure(package, kind, one, numbering) for one in of]
    problems = dict.fromkeys(one.problem for one in found if one.problem)
    return [one for one in found if not one.problem] + [ShownFigure(0, problem=problem) for problem in problems]


def _figure(package: InPackage, kind: str, of: str, numbering: Numbering) -> ShownFigure:
    try:
        # What somebody put on a figure for a paper is no part of what a study found.
        drawn = draw(package, kind, of, LOOK, annotations=())
        svg = save(drawn, "svg", DPI).decode()
    except RegionscopeError as error:
        return ShownFigure(0, problem=f"{KINDS[kind].title}: {error}")
    except Exception:
        # One figure is not worth the whole report.
        log.exception("the figure %s of %s cannot be drawn", kind, of)
        return ShownFigure(0, problem=f"{KINDS[kind].title}: it cannot be drawn; the log may say why.")
    number = numbering.figure()
    return ShownFigure(number, inline(svg, f"f{number}", drawn.alt), drawn.caption, drawn.alt, cites=drawn.cites)


def inline(svg: str, prefix: str, alt: str) -> str:
    """A figure's file as an element of a page: its ids begin with ``prefix``, it says ``alt`` and grows with the page.

    Every id in the page is one figure's own; what only a file of its own needs is left out.
    """
    body = svg[svg.index("<svg") :]
    body = re.sub(r"\s*<(title|metadata)>.*?</\1>", "", body, flags=re.DOTALL)
    body = re.sub(r'\bid="', f'id="{prefix}-', body)
    body = re.sub(r'((?:xlink:)?href="|url\()#', rf"\1#{prefix}-", body)
    head, rest = body.split(">", 1)
    label = alt.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return f'{head} role="img" aria-label="{label}">{rest}'.strip()


def thumbnails(package: InPackage, rows: Sequence[Row]) -> list[ShownPicture]:
    """Small copies of the first pictures, each with what is known of it."""
    return [ShownPicture(row["image_name"], _about(row), _data_uri(package, row)) for row in rows[:MOST_PICTURES]]


def _about(row: Row) -> str:
    label = f"label: {row['true_label']}" if row["true_label"] else ""
    return "; ".join(filter(None, (label, row["licence"], row["source"])))


def _data_uri(package: InPackage, row: Row) -> str:
    if row["working_file"] is None:
        return ""
    data = thumbnail_png(package.bytes(row["working_file"]), THUMBNAIL_PX)
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"
