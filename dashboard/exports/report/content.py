"""What a study's report says, gathered from a data package alone. The same package gives the same content."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.exports.figures import KINDS
from dashboard.exports.figures.methods import methods_cites, methods_text
from dashboard.exports.figures.source import InPackage
from dashboard.exports.package.results import PackageWorkings, study_rows
from dashboard.exports.report import design as designs
from dashboard.exports.report.analysed import AnalysedPackage
from dashboard.exports.report.bibliography import Reference, references
from dashboard.exports.report.data import DataPart, collected, data_of
from dashboard.exports.report.design import TextPage, in_english
from dashboard.exports.report.diagram import draw as draw_flow
from dashboard.exports.report.flow import Arm, arms_of, sentence, total
from dashboard.exports.report.pictures import MOST_FIGURES, figures_of, thumbnails
from dashboard.exports.report.shown import Numbering, ShownFigure, ShownPicture, ShownSection, ShownTable, section
from dashboard.studies.results.leaving_out import leave_out
from dashboard.studies.results.report import results_of
from dashboard.studies.results.rows import StudyRows
from dashboard.studies.results.sections import Results, Section

Progress = Callable[[int, int], None]
Row = dict[str, Any]
APART = ("participants", "quality")
# What the tables and the methods cite; figures bring their own.
CITED = {
    "alignment": ("zhou2016", "boggust2022", "efron1987"),
    "cases": ("boggust2022",),
    "necessity": ("telea2004", "efron1987"),
    "agreement": ("fleiss1971",),
    "conditions": ("holm1979",),
}


@dataclass(frozen=True)
class DesignPart:
    """What was planned. ``frame`` are names and words; ``pictures_left`` is how many more there are."""

    frame: tuple[tuple[str, str], ...]
    tables: tuple[ShownTable, ...]
    texts: tuple[TextPage, ...]
    pictures: tuple[ShownPicture, ...]
    pictures_left: int


@dataclass(frozen=True)
class FlowPart:
    """Who came, and who is in the results."""

    words: str
    figure: ShownFigure
    tables: tuple[ShownTable, ...]


@dataclass(frozen=True)
class Report:
    """Everything in the order in which it is printed; ``without`` names the results that there are none of."""

    title: str
    slug: str
    version: int
    collected: str
    facts: tuple[tuple[str, str], ...]
    design: DesignPart
    flow: FlowPart
    problems: tuple[str, ...]
    sections: tuple[ShownSection, ...]
    without: tuple[str, ...]
    figures: tuple[ShownFigure, ...]
    figures_left: str
    quality: ShownSection
    methods: tuple[str, ...]
    data: DataPart
    references: tuple[Reference, ...]


def report_of(package: InPackage, slug: str | None, progress: Progress = lambda _done, _total: None) -> Report:
    """The report on a study in a package (the only one, where none is named).

    Raises PackageError where the package has no such study.
    """
    rows = study_rows(package, slug)
    counted, _ = leave_out(rows)
    images = _images(package, rows)
    steps = _Steps(1 + sum(kind.of in ("study", "image") for kind in KINDS.values()), progress)
    results = results_of(PackageWorkings(package), rows)
    steps.step()
    # In the order in which they are printed: tables and figures are numbered as they are made.
    numbering = Numbering()
    design = _design(package, rows, images, numbering)
    flow = _flow(package, rows, results, numbering)
    sections, figures = _drawn(AnalysedPackage(package, counted), rows, results, images, numbering, steps)
    [quality] = [section(one, numbering) for one in results.sections if one.key == "quality"]
    return Report(
        title=in_english(rows.record.design.title, rows.record.design),
        slug=rows.record.slug,
        version=rows.record.version,
        collected=collected(package, rows),
        facts=tuple(_facts(package, rows, counted)),
        design=design,
        flow=flow,
        problems=_problems(results),
        sections=tuple(sections),
        without=tuple(f"{one.title}: {one.empty}" for one in results.sections if one.empty and not _is_told(one)),
        figures=tuple(figures),
        figures_left=_figures_left(images),
        quality=quality,
        methods=tuple(methods_text(package, rows.record.slug).split("\n\n")),
        data=data_of(package),
        references=tuple(references([*_cited(sections, figures), *methods_cites(package, rows.record.slug)])),
    )


def _design(package: InPackage, rows: StudyRows, images: Sequence[Row], numbering: Numbering) -> DesignPart:
    design = rows.record.design
    tables = [*_versions(package, rows, numbering), *designs.tables(design, numbering), _models(package, numbering)]
    pictures = thumbnails(package, images)
    return DesignPart(
        tuple(designs.facts(design, rows.record.quota)),
        tuple(tables),
        tuple(designs.texts(design)),
        tuple(pictures),
        len(images) - len(pictures),
    )


def _flow(package: InPackage, rows: StudyRows, results: Results, numbering: Numbering) -> FlowPart:
    arms = arms_of(package, rows)
    figure = ShownFigure(numbering.figure(), draw_flow(arms), "Flow of participants from the door to the analysis.")
    return FlowPart(sentence(total(arms)), figure, (_flow_table(arms, numbering), *_left_out(results, numbering)))


def _cited(sections: Sequence[ShownSection], figures: Sequence[ShownFigure]) -> Iterable[str]:
    yield "cabrera2018"
    for one in sections:
        yield from CITED.get(one.key, ())
    for figure in (*figures, *(each for one in sections for each in one.figures)):
        yield from figure.cites


class _Steps:
    def __init__(self, total: int, progress: Progress) -> None:
        self._done, self._total, self._progress = 0, total, progress

    def step(self) -> None:
        """Says that one more is done."""
        self._done += 1
        self._progress(self._done, self._total)


def _images(package: InPackage, rows: StudyRows) -> list[Row]:
    """The pictures of the study: those of its trials, and those shown in instructions."""
    wanted = {one.picture for one in rows.trials}
    named = {page.picture for page in rows.record.design.instructions if page.picture}
    return [row for row in package.rows("images") if row["image_id"] in wanted or row["image_name"] in named]


def _drawn(
    package: InPackage,
    rows: StudyRows,
    results: Results,
    images: Sequence[Row],
    numbering: Numbering,
    steps: _Steps,
) -> tuple[list[ShownSection], list[ShownFigure]]:
    """The sections of results, each with the figure that is called like it; and all other figures."""
    of = {"study": [rows.record.slug], "image": [row["image_id"] for row in images[:MOST_FIGURES]]}
    there = {one.key for one in results.sections if _is_told(one)}
    words = designs.question_words(rows.record.design)
    found = []
    for one in results.sections:
        if not _is_told(one):
            continue
        figures: list[ShownFigure] = []
        if one.key in KINDS and KINDS[one.key].of == "study":
            figures = figures_of(package, one.key, of["study"], numbering)
            steps.step()
        found.append(section(one, numbering, figures, words))
    others = []
    for kind in KINDS.values():
        if kind.of in of and kind.key not in there:
            others += figures_of(package, kind.key, of[kind.of], numbering)
            steps.step()
    return found, others


def _is_told(one: Section) -> bool:
    """Whether a section is one of the report's results; those without any answer are named together."""
    return one.key not in APART and bool(one.tables)


def _versions(package: InPackage, rows: StudyRows, numbering: Numbering) -> Iterable[ShownTable]:
    """The versions of the design where people met different ones; everything else is said of the newest."""
    people = Counter(row["study_version"] for row in package.rows("participants") if row["study"] == rows.record.slug)
    if len(people) < 2:
        return
    heads = ("Version", "Participants", "SHA-256 of the design")
    made = [
        (row["study_version"], people[row["study_version"]], row["design_sha256"])
        for row in package.rows("studies")
        if row["study"] == rows.record.slug and row["study_version"] in people
    ]
    note = "What follows is said of the newest."
    yield numbering.table("versions", "Versions of the design that people met", heads, made, note, (1,))


def _models(package: InPackage, numbering: Numbering) -> ShownTable:
    heads = ("Model", "Family", "Input, px", "Run by", "SHA-256 of its weights")
    rows = [
        (
            row["model_name"],
            row["family"],
            f"{row['input_width']} × {row['input_height']}",
            f"{row['engine']} {row['engine_version']}",
            row["weights_sha256"],
        )
        for row in package.rows("models")
    ]
    return numbering.table("models", "Models", heads, rows)


def _flow_table(arms: Sequence[Arm], numbering: Numbering) -> ShownTable:
    heads = ("condition", "entered", "declined", "screened out", "withdrew", "began", "not finished", "finished",
             "left out", "analysed")  # fmt: skip
    lines = [*arms, total(arms)] if len(arms) > 1 else list(arms)
    rows = [
        (
            one.condition,
            one.entered,
            *(one.not_begun.get(word, 0) for word in ("declined", "screened out", "withdrew")),
            one.begun,
            one.unfinished,
            one.finished,
            sum(one.excluded.values()),
            one.analysed,
        )
        for one in lines
    ]
    note = "Who is left out for several reasons is counted under the first. Previews by researchers are not counted."
    return numbering.table("flow", "Participants by condition", heads, rows, note, range(1, len(heads)))


def _left_out(results: Results, numbering: Numbering) -> Iterable[ShownTable]:
    table = results.table("left-out")
    if table is not None and any(row["people"] for row in table.rows):
        yield numbering.result(table)


def _facts(package: InPackage, rows: StudyRows, counted: StudyRows) -> Iterable[tuple[str, str]]:
    arms = arms_of(package, rows)
    whole = total(arms)
    people = {one.name for one in counted.people}
    yield "Analysed", f"{whole.analysed} of {whole.entered} participants"
    yield "Conditions", str(len(arms))
    yield "Their answered trials", f"{len(counted.trials):,}"
    yield "On pictures", str(len({one.picture for one in counted.trials}))
    yield "Regions they marked", f"{sum(one.kind == 'mark' and not one.is_empty for one in counted.trials):,}"
    theirs = {row["session_id"] for row in package.rows("sessions") if row["participant_id"] in people}
    yield "Regions they removed", f"{sum(row['session_id'] in theirs for row in package.rows('edits')):,}"


def _problems(results: Results) -> tuple[str, ...]:
    waiting = results.total - results.done
    found = (f"{waiting} of {results.total} regions had not been worked out when the data were exported.",)
    return (found if waiting else ()) + results.problems


def _figures_left(images: Sequence[Row]) -> str:
    more = len(images) - MOST_FIGURES
    return f"Of {more} more pictures, `regionscope figure` draws the same figures." if more > 0 else ""
