"""Figures, tables, references and methods as a LaTeX document takes them."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from matplotlib.figure import Figure

from dashboard.exports.figures import KINDS, latex
from dashboard.exports.figures.method_words import MAP_WORKS, REMOVAL_WORKS
from dashboard.exports.figures.methods import methods_cites, methods_text
from dashboard.exports.figures.parts import Drawn
from dashboard.exports.figures.references import REFERENCES
from dashboard.exports.figures.source import InPackage
from dashboard.studies.demo import PEOPLE, SLUG
from dashboard.studies.results.sections import Table

HOSTILE = 'a$b_%#&{}~^\\ <x> "q" 50 % −3 ▼ 2 × 3 Köln naïve Łódź Åse ß 猫 \n α'
TABLE = Table("t", "A title", ("name", "n", "right", "mean"), [
    {"name": "x_1 & y", "n": 3, "right": True, "mean": 0.25},
    {"name": "z", "n": None, "right": False, "mean": float("nan")},
], "A note with 50 %.")  # fmt: skip


def drawn(caption: str = "A caption", cites: tuple[str, ...] = ("zhou2016",)) -> Drawn:
    return Drawn(Figure(), caption, "What one sees", (), cites)


def test_any_text_is_ascii_that_tex_sets():
    found = latex.escape(HOSTILE)
    assert found.isascii()
    for part in (
        r"\$",
        r"\_",
        r"\%",
        r"\#",
        r"\&",
        r"\{",
        r"\textbackslash{}",
        r"K\"{o}ln",
        r"\L{}\'{o}d\'{z}",
        r"\r{A}se",
    ):
        assert part in found, part
    assert re.sub(r"\\[$_%#&{}]", "", found).count("#") == 0


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("pair.pdf", "pair.pdf"),
        ("a_b-1.png", "a_b-1.png"),
        ("my figure.v2.pdf", r"{\detokenize{my figure.v2}}.pdf"),
        ("50%#1.pdf", r"{\detokenize{50--1}}.pdf"),
    ],
)
def test_files_are_named_as_tex_finds_them(name, written):
    assert f"\\includegraphics{{{written}}}" in latex.figure(drawn(), name)


def test_a_table_has_numbers_under_each_other_and_words_for_yes_and_no():
    found = latex.table(TABLE)
    assert r"\begin{tabular}{lSlS}" in found
    assert r"x\_1 \& y & 3 & yes & 0.25 \\" in found
    assert r"z & {--} & no & {--} \\" in found
    assert r"50 \%" in found


def test_every_reference_is_whole():
    for key, entry in REFERENCES.items():
        assert re.match(rf"@\w+\{{{key},\n", entry)
        assert entry.count("{") == entry.count("}")
        for field in ("author", "title", "year"):
            assert f"{field} = " in entry, (key, field)


@pytest.fixture(scope="session")
def package(studied):
    return InPackage(studied.package(keep_ids=True, free_text=True, pictures="all"))


def test_the_methods_say_what_really_was(package):
    text = methods_text(package, SLUG)
    people = list(package.rows("participants"))
    assert len(people) == PEOPLE
    assert f"{PEOPLE} people began the study (version 1 of its design); {PEOPLE - 2} of them are analysed" in text
    assert "1 had not finished; 1 excluded by a researcher" in text
    [model] = package.rows("models")
    assert model["weights_sha256"][:12] in text
    assert f"{model['engine']} {model['engine_version']}" in text
    for part in ("radius 3", "30 random regions", "10,000 resamples", "1,000 splits", "Holm", "Regionscope"):
        assert part in text, part
    in_latex = methods_text(package, SLUG, latex=True)
    cited = [key for keys in re.findall(r"\\cite\{([^}]+)\}", in_latex) for key in keys.split(",")]
    assert set(cited) == set(methods_cites(package, SLUG)) <= set(REFERENCES)


def test_whatever_a_figure_cites_there_is(studied):
    assert {*MAP_WORKS.values(), *REMOVAL_WORKS.values()} <= set(REFERENCES)
    assert len(KINDS) == 13


def test_a_document_of_all_of_it_compiles(package, tmp_path):
    program = shutil.which("pdflatex") or shutil.which("tectonic")
    if program is None:
        pytest.skip("no LaTeX is installed")
    figure = Figure(figsize=(2, 1))
    figure.text(0.1, 0.5, "x")
    figure.savefig(tmp_path / "my figure.pdf")
    parts = [
        r"\documentclass{article}\usepackage{graphicx,booktabs,siunitx}\begin{document}",
        latex.figure(drawn(HOSTILE, ()), "my figure.pdf"),
        latex.table(TABLE),
        methods_text(package, SLUG, latex=True),
        latex.escape(HOSTILE),
        r"\end{document}",
    ]
    (tmp_path / "paper.tex").write_text("\n".join(parts), encoding="utf-8")
    command = [program, "paper.tex"] if program.endswith("tectonic") else [program, "-interaction=nonstopmode",
               "-halt-on-error", "paper.tex"]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    assert (tmp_path / "paper.pdf").stat().st_size > 5000
