"""Reports: that a package alone gives them, that their numbers can be redone, and that they hold all that they show."""

from __future__ import annotations

import ast
import inspect
import os
import re
import shutil
import subprocess
import sys
import zipfile
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from dashboard.exports.figures.source import InPackage
from dashboard.exports.package import Choices
from dashboard.exports.package.archive import write_archive
from dashboard.exports.package.cells import PackageError
from dashboard.exports.package.folder import PackageFolder
from dashboard.exports.report import pdf
from dashboard.exports.report.bibliography import reference
from dashboard.exports.report.content import report_of
from dashboard.exports.report.design import tables
from dashboard.exports.report.diagram import draw
from dashboard.exports.report.flow import Standing, arms, sentence, total
from dashboard.exports.report.html import html_of
from dashboard.exports.report.pictures import inline
from dashboard.exports.report.shown import Numbering
from dashboard.exports.report.writing import write_report, write_study_report
from dashboard.studies.demo import PEOPLE, SLUG
from dashboard.studies.design import Design
from dashboard.studies.results import reading
from dashboard.studies.results.leaving_out import LeftOut
from dashboard.studies.results.sections import Table
from db.errors import NotFoundError
from tests.exports import printed, redone, redone_numbers, redone_tables
from tests.exports.conftest import STUDY, Studied
from tests.exports.printed import Printed, is_printed
from tests.exports.redone import Redone
from tests.exports.redone_tables import Tables
from tests.support.participating import DESIGN
from tests.support.server import START

NAN = float("nan")


@pytest.fixture(scope="session")
def reviewed(studied: Studied, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a reviewer has: the study's ZIP, unpacked."""
    folder = tmp_path_factory.mktemp("reviewed")
    write_archive(studied.workspace, STUDY, Choices(), folder / "study.zip")
    with zipfile.ZipFile(folder / "study.zip") as archive:
        archive.extractall(folder)
    return folder / "study"


@pytest.fixture(scope="session")
def html(reviewed: Path) -> str:
    return html_of(report_of(InPackage(reviewed), None))


@pytest.fixture(scope="session")
def report(html: str) -> Printed:
    return Printed(html)


def test_the_package_alone_gives_the_report_of_the_installation(studied, reviewed, html, tmp_path):
    """Done means: no database, no models, nothing but the ZIP."""
    empty = tmp_path / "empty"
    empty.mkdir()
    arguments = ["--data-dir", str(empty), "report", "--package", str(reviewed), "-o", str(tmp_path / "alone.html")]
    environment = {**os.environ, "REGIONSCOPE_MODELS_DIR": str(tmp_path / "no-models")}
    subprocess.run([sys.executable, "-c", START, *arguments], cwd=empty, env=environment, check=True)
    assert list(empty.iterdir()) == []
    steps: list[tuple[int, int]] = []
    target = tmp_path / "installed.html"
    made = write_study_report(studied.workspace, SLUG, Choices(), target, lambda *step: steps.append(step))
    alone = (tmp_path / "alone.html").read_bytes()
    assert target.read_bytes() == alone == html.encode()
    assert made.size == len(alone)
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1]
    assert {path.name for path in tmp_path.iterdir()} == {"empty", "alone.html", "installed.html"}


@pytest.fixture(scope="session")
def worked_out(reviewed: Path) -> Tables:
    return Tables(Redone(reviewed))


# Their other columns are words of the design.
OF_WORDS = ("factors", "trials", "questions")


def test_every_table_is_redone_without_the_application(worked_out, report):
    """Done means: no number in the report but follows from the ZIP, by what its own documents say."""
    made = worked_out.rows
    assert {f"table-{name}" for name in made} == set(report.tables)
    for name, rows in made.items():
        shown = report.tables[f"table-{name}"]
        assert len(shown) == len(rows), name
        for row, cells in zip(rows, shown, strict=True):
            assert set(row) <= set(cells) if name in OF_WORDS else set(row) == set(cells), name
            for head, value in row.items():
                assert is_printed(cells[head], value), (name, head, cells[head], value)
    assert (len(made["quality"]), int(made["flow"][-1]["analysed"])) == (PEOPLE, PEOPLE - 2)


def test_every_figure_says_what_is_redone_without_the_application(worked_out, report, html):
    words = [str(given["aria-label"]).replace("−", "-") for tag, given in report.elements
             if tag == "svg" and given.get("class") != "flow"]  # fmt: skip
    for said, fragments in zip(words, worked_out.figures(), strict=True):
        for one in fragments:
            assert one in said
    for row in worked_out.rows["flow"][:-1]:
        assert f"Analysed (n = {row['analysed']})" in html


def test_what_stands_at_the_head_is_redone_without_the_application(worked_out, report):
    facts = worked_out.facts()
    *shown, after = list(report.facts.items())[: len(facts) + 1]
    assert after[0] == "Participants wanted"
    # How people come into conditions is said elsewhere in the report.
    assert {name: words.partition(",")[0] for name, words in shown} == facts


def test_what_redoes_it_knows_nothing_of_the_application():
    for module in (printed, redone, redone_numbers, redone_tables):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.partition(".")[0] in ("dashboard", "db")]


def test_figures_are_about_the_same_people_as_the_tables(html, report):
    said = [float(number) for number in re.findall(r"Mean IoU of pairs (\d\.\d\d)", html)]
    for row in report.tables["table-agreement"]:
        assert f"what {row['people']} people marked for {row['class']}" in html
        # The table has three decimals of the number and the figure two: not those of the three.
        assert any(abs(number - float(row["mean IoU of pairs"])) <= 0.0055 + 1e-9 for number in said)


def test_the_file_holds_all_that_it_shows(report):
    for tag, given in report.elements:
        assert tag not in ("script", "link", "iframe", "object", "embed", "base")
        assert not any(name.startswith("on") for name in given)
        for name in ("src", "xlink:href"):
            assert str(given.get(name) or "data:").startswith(("data:", "#")), given
        if tag in ("use", "image"):
            assert str(given.get("href") or "data:").startswith(("data:", "#"))
    ids = [str(given["id"]) for _, given in report.elements if given.get("id")]
    assert len(set(ids)) == len(ids)


def test_every_table_has_a_caption_and_every_figure_words(report):
    numbers = [caption.partition(".")[0] for caption in report.captions]
    assert numbers == [f"Table {number}" for number in range(1, len(report.tables) + 1)]
    figures = [given for tag, given in report.elements if tag == "svg" and given.get("class") != "flow"]
    assert len(figures) >= 7
    assert all(len(str(given["aria-label"])) > 40 for given in figures)
    assert all(given.get("alt") for tag, given in report.elements if tag == "img")
    headings = [int(tag[1]) for tag, _ in report.elements if tag in ("h1", "h2", "h3", "h4")]
    assert headings[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(headings))


def test_it_says_what_a_reader_asks_for(html):
    for part in (
        "What makes the picture what it is?",
        "You mark and remove parts of a few photographs. Taking part is voluntary.",
        "Paint over what matters.",
        "Remove as little as you can so that the computer no longer says",
        "How hard was it?",
        "1 excluded by a researcher",
        "Recruiters' ids of participants",
        "SHA-256",
        "Learning Deep Features for Discriminative Localization",
    ):
        assert part in html.replace("&#39;", "'"), part
    assert "demo1" not in html


def test_what_a_level_changes_is_said_of_the_instructions_too():
    levels = [
        {"key": "told"},
        {"key": "untold", "instructions_shown": False},
        {"key": "hidden", "set": {"erase": {"live_answers": False}}, "instructions_shown": False},
    ]
    content = DESIGN | {"factors": [{"key": "how", "levels": levels}]}

    def changes(**other: object) -> list[str]:
        factors, *_ = tables(Design.model_validate(content | other), Numbering())
        return [row[3] for row in factors.rows]

    hides, leaves_out = "erase: the model answers at once: no", "the instructions are left out"
    assert changes() == ["nothing", leaves_out, f"{hides}; {leaves_out}"]
    assert changes(instructions=[]) == ["nothing", "nothing", hides]


def copied(folder: Path, tmp_path: Path) -> Path:
    target = tmp_path / "copy"
    shutil.copytree(folder, target)
    return target


def test_what_somebody_typed_is_text(reviewed, tmp_path):
    folder = copied(reviewed, tmp_path)
    hostile = '<img src=x onerror=alert(1)>"&'
    [design] = (folder / "materials/studies").iterdir()
    design.write_text(design.read_text().replace("How hard was it?", hostile).replace("Thank you.", hostile))
    images = PackageFolder(folder).path(PackageFolder(folder).paths["images"])
    images.write_text(images.read_text().replace("Cup of coffee", "<script>cup</script>"))
    page = html_of(report_of(InPackage(folder), SLUG))
    found = Printed(page)
    assert not any(tag == "script" or given.get("src") == "x" for tag, given in found.elements)
    assert any(hostile in row["Question"] for row in found.tables["table-questions"])
    assert any("<script>cup</script>" in row[""] for row in found.tables["table-iou-by-picture"])


def test_without_pictures_there_are_sentences_in_place_of_figures(studied, tmp_path):
    folder = studied.package(pictures="none")
    write_report(folder, SLUG, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text().replace("&#39;", "'")
    sentence_of_it = "The package holds this picture's checksum only"
    assert page.count(sentence_of_it) == 1
    assert "<img" not in page
    assert "The package holds its checksum only." in page
    assert 'id="table-iou-by-class"' in page


@pytest.mark.parametrize(
    ("slug", "name", "says"),
    [("nowhere", "report.html", "The package's studies are: what-makes-it"), (SLUG, "report.doc", ".html or .pdf")],
)
def test_what_cannot_be_written_is_said_and_nothing_is(reviewed, tmp_path, slug, name, says):
    with pytest.raises(PackageError, match=says):
        write_report(reviewed, slug, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_study_that_is_not_there_leaves_nothing(studied, tmp_path):
    with pytest.raises(NotFoundError):
        write_study_report(studied.workspace, "nowhere", Choices(), tmp_path / "report.html")
    assert list(tmp_path.iterdir()) == []


PEOPLE_OF_TWO = [
    Standing("P1", "a", "finished"),
    Standing("P2", "a", "finished"),
    Standing("P3", "a", "declined"),
    Standing("P4", "b", "screened_out"),
    Standing("P5", "b", "started"),
    Standing("P6", "b", "withdrawn"),
    Standing("P7", "b", "finished"),
]
LEFT = [
    LeftOut("had not finished", ("P5",)),
    LeftOut("excluded by a researcher", ("P5", "P7")),
    LeftOut("took less than 2 s for a trial (median) (rule fixed beforehand)", ("P7", "P2")),
]


def test_the_flow_adds_up_and_each_is_lost_once():
    a, b = arms(PEOPLE_OF_TWO, LEFT, ["a", "b"])
    assert (a.entered, a.not_begun, a.begun, a.unfinished, a.finished, a.analysed) == (3, {"declined": 1}, 2, 0, 2, 1)
    assert (b.entered, b.begun, b.unfinished, b.finished, b.analysed) == (4, 2, 1, 1, 0)
    assert b.excluded == {"excluded by a researcher": 1}
    whole = total([a, b])
    assert (whole.entered, whole.begun, whole.finished, whole.analysed) == (7, 4, 3, 1)
    assert sentence(whole) == (
        "7 people entered the study: 3 did not take part (1 declined, 1 screened out, 1 withdrew), 4 began, 1 did not "
        "finish, 3 finished, 2 left out (1 took less than 2 s for a trial (median) (rule fixed beforehand), 1 excluded "
        "by a researcher), 1 analysed."
    )


def test_the_diagram_has_a_column_for_each_arm_and_one_for_too_many():
    two = draw(arms(PEOPLE_OF_TWO, LEFT, ["a", "b"]))
    assert [two.count(f"Analysed (n = {count})") for count in (0, 1)] == [1, 1]
    assert two.count("Entered the study (n = 7)") == 1
    many = draw(arms(PEOPLE_OF_TWO, LEFT, ["a", "b", "c", "d", "<e>"]))
    assert many.count("Analysed") == 1
    assert "Entered the study (n = 7)" in many
    assert "<e>" not in draw(arms([], [], ["<e>", "f"]))


def test_numbers_of_a_column_have_one_length_and_p_is_never_nought():
    rows = [
        {"group": "x", "mean": 12.34, "low": 2.0, "high": NAN, "n": 3},
        {"group": "y", "mean": -0.0004, "low": None, "high": 1.0, "n": 4},
    ]
    shown = reading.cells(Table("t", "T", ("group", "mean", "low", "high", "n"), rows))
    assert shown == [["x", "12.3", "2.0", "–", "3"], ["y", "0.0", "–", "1.0", "4"]]
    small = [{"mean": -0.12345, "p": 0.00004, "difference": 12.0}, {"mean": 0.5, "p": 0.5, "difference": -0.012}]
    assert reading.cells(Table("t", "T", ("mean", "p", "difference"), small)) == [
        ["−0.123", "<0.001", "12.0"],
        ["0.500", "0.500", "−0.012"],
    ]
    percent = Table("t", "T", ("mean",), [{"mean": 0.5}], unit="%")
    assert reading.cells(percent) == [["0.5"]]


def test_ids_of_an_inline_figure_are_its_own():
    svg = '<?xml?><!DOCTYPE svg><svg width="1"><title>T</title><metadata>m</metadata><defs><path id="a"/></defs>' \
          '<use xlink:href="#a"/><g clip-path="url(#a)"/></svg>'  # fmt: skip
    assert inline(svg, "f1", 'an "alt" & <more>') == (
        '<svg width="1" role="img" aria-label="an &quot;alt&quot; &amp; &lt;more>"><defs><path id="f1-a"/></defs>'
        '<use xlink:href="#f1-a"/><g clip-path="url(#f1-a)"/></svg>'
    )


def test_a_reference_is_written_without_tex():
    found = reference("cabrera2018")
    assert found.text.startswith(
        "Ángel Alexander Cabrera, Fred Hohman, Jason Lin and Duen Horng Chau. 2018. Interactive"
    )
    assert found.link == "https://arxiv.org/abs/1806.05660"
    assert "Navier–Stokes" in reference("bertalmio2001").text


def program(folder: Path, text: str) -> str:
    path = folder / "browser"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_without_a_browser_a_sentence_says_what_to_do(monkeypatch, reviewed, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(pdf.PrintError, match=r"install one, or set REGIONSCOPE_BROWSER"):
        write_report(reviewed, SLUG, tmp_path / "report.pdf")
    monkeypatch.setenv("REGIONSCOPE_BROWSER", str(tmp_path / "nothing"))
    with pytest.raises(pdf.PrintError, match="names no program"):
        pdf.find_browser()
    assert list(tmp_path.iterdir()) == []


def test_a_browser_that_hangs_is_ended_with_all_it_started(monkeypatch, tmp_path):
    waiting = f"sleep 1000.{os.getpid()}"
    monkeypatch.setenv("REGIONSCOPE_BROWSER", program(tmp_path, f"{waiting} &\nwait"))
    with pytest.raises(pdf.PrintError, match="did not print the report within"):
        pdf.pdf_of("<p>", seconds=1)
    assert not any(one.info["cmdline"] == waiting.split() for one in psutil.process_iter(["cmdline"]))


def test_a_browser_that_prints_nothing_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("REGIONSCOPE_BROWSER", program(tmp_path, "exit 0"))
    with pytest.raises(pdf.PrintError, match="made no PDF"):
        pdf.pdf_of("<p>")
