"""What researchers put on figures goes with a package: drawn from it, checked, read back; it names nobody."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from dashboard.exports.figures import KINDS, Annotation, Asked, Look, draw, save
from dashboard.exports.figures.annotations import as_json
from dashboard.exports.figures.keeping import keep_annotations, kept_annotations
from dashboard.exports.figures.recorded import recorded
from dashboard.exports.package import Choices, Scope, manifest, write_package
from dashboard.exports.package.annotated import FILE
from dashboard.exports.package.cells import PackageError
from dashboard.exports.package.checking import check_package
from dashboard.exports.package.importing import import_package
from dashboard.recording import answers
from dashboard.recording.edits import apply_edit
from dashboard.recording.ids import new_id
from dashboard.recording.workspace import Workspace
from db.models import Session
from tests.exports.conftest import opened
from tests.exports.test_package import undated
from tests.support.edits import MODEL, edit_request, sitting
from tests.support.participating import begin, go_on, open_study
from tests.support.pictures import add_small

HOSTILE = "=cmd|\"/C calc\"!A0, 'x';\n+1 👩\u200d🔬 \u202eשלום <b>$\\frac$"
ON_IT = (
    Annotation("arrow", 0, ((0.0, 0.1), (0.5, 0.5)), HOSTILE, "people"),
    Annotation("inset", 0, ((0.25, 0.25), (0.375, 0.375), (0.5, 0.5)), zoom=2),
)
EVERYTHING = Scope(everything=True)


@dataclass(frozen=True)
class Put:
    """An installation in which something was put on figures, by what they are of."""

    workspace: Workspace
    figures: dict[str, Asked]
    session: str
    other: str

    def package(self, folder: Path, scope: Scope = EVERYTHING, **choices: Any) -> Path:
        target = folder / f"package{len(list(folder.iterdir()))}"
        write_package(self.workspace, scope, Choices(**choices), target)
        return target

    def put(self, kind: str, asked: Asked, *words: str) -> None:
        labels = tuple(Annotation("label", 0, ((0.5, 0.5),), one) for one in words)
        keep_annotations(self.workspace, kind, asked, labels or ON_IT)


@pytest.fixture
def put(workspace):
    picture = add_small(workspace)
    answers.of_picture(workspace, picture, [MODEL])
    first, second = (apply_edit(workspace, edit_request(sitting(picture))) for _ in range(2))
    open_study(workspace)
    go_on(workspace, begin(workspace, parameters={"PROLIFIC_PID": "recruited7"}))
    figures = {
        "pair": Asked(first.id, MODEL),
        "trace": Asked(first.session),
        "comparison": Asked(f"edit:{first.id},session:{second.session},image:{picture.id}"),
        "cases": Asked("small", table="answers"),
    }
    found = Put(workspace, figures, first.session, second.session)
    for kind, asked in figures.items():
        found.put(kind, asked, *(() if kind != "trace" else ["=1+1", HOSTILE]))
    return found


def entries(folder: Path) -> list[dict[str, Any]]:
    return json.loads((folder / FILE).read_text(encoding="utf-8"))


def problems(folder: Path) -> list[str]:
    return [sentence for check in check_package(folder, None) for sentence in check.problems]


@pytest.mark.parametrize("keep_ids", [False, True])
@pytest.mark.parametrize("kind", ["pair", "trace", "comparison"])
def test_a_figure_from_a_package_alone_is_the_annotated_one(put, tmp_path, kind, keep_ids):
    folder = put.package(tmp_path, keep_ids=keep_ids)
    [of] = [one["of"] for one in entries(folder) if one["kind"] == kind]
    asked = put.figures[kind]
    assert (of == asked.of) == keep_ids
    with recorded(put.workspace, kind, asked) as source:
        here = draw(source, kind, asked.of, asked=asked)
    there = draw(folder, kind, of, asked=asked)
    assert HOSTILE in there.alt
    for form in ("svg", "png"):
        assert save(there, form, 60) == save(here, form, 60)
    bare = draw(folder, kind, of, asked=asked, annotations=())
    assert "Annotated" not in bare.alt
    if "model" in KINDS[kind].accepts:
        other = replace(asked, model="" if asked.model else MODEL)
        assert "Annotated" not in draw(folder, kind, of, asked=other).alt


def test_the_command_draws_it_from_a_package(put, tmp_path):
    from typer.testing import CliRunner

    from dashboard.cli import app

    folder = put.package(tmp_path, keep_ids=True)
    drawn = []
    for more in ([], ["--package", str(folder)]):
        output = tmp_path / f"{len(drawn)}.svg"
        asked = put.figures["pair"]
        arguments = ["figure", "pair", asked.of, "-o", str(output), "--model", MODEL, *more]
        result = CliRunner().invoke(app, ["--data-dir", str(put.workspace.settings.data_dir), *arguments])
        assert result.exit_code == 0, result.output
        drawn.append(output.read_bytes())
    assert drawn[0] == drawn[1]
    assert "calc" in drawn[0].decode()


@pytest.mark.parametrize("keep_ids", [False, True])
def test_what_is_read_back_is_on_the_same_figures(put, another, tmp_path, keep_ids):
    folder = put.package(tmp_path, keep_ids=keep_ids, free_text=True, recruiter_ids=True)
    assert len(entries(folder)) == 4
    assert problems(folder) == []
    assert import_package(another, folder, keep_ids=keep_ids).added["annotations"] == 4
    again = tmp_path / "again"
    write_package(another, EVERYTHING, Choices(keep_ids=keep_ids, free_text=True, recruiter_ids=True), again)
    assert undated(again) == undated(folder)
    assert kept_annotations(another, "cases", put.figures["cases"]) == ON_IT
    if keep_ids:
        mine = (Annotation("label", 0, ((0.5, 0.5),), "mine"),)
        keep_annotations(another, "pair", put.figures["pair"], mine)
        assert import_package(another, folder, keep_ids=True).there["annotations"] == 4
        assert kept_annotations(another, "pair", put.figures["pair"]) == mine


def test_only_figures_of_what_is_in_the_package_are_there(put, tmp_path):
    put.put("series", Asked(put.other), f"as {put.session} and {put.other} and {new_id()}", put.session)
    one = put.package(tmp_path, Scope(sessions=(put.other,)))
    assert [(row["kind"], row["of"]) for row in entries(one)] == [("series", "S1")]
    assert [text["text"] for text in entries(one)[0]["annotations"]] == ["as U1 and S1 and U2", "id:U1"]
    assert draw(one, "series", "S1").alt.endswith("the label “as U1 and S1 and U2”, the label “U1”.")
    assert problems(one) == []
    study = put.package(tmp_path, Scope(study="small"))
    assert [(row["kind"], row["of"], row["choices"]) for row in entries(study)] == [
        ("cases", "small", {"table": "answers"})
    ]
    for folder in (one, study):
        assert FILE in (folder / "README.md").read_text(encoding="utf-8")
        assert FILE in manifest.read_manifest(folder)


def test_words_that_name_somebody_stay_here_unless_she_is_named_anyway(put, tmp_path):
    with put.workspace.database.write() as transaction:
        transaction.query(Session).filter_by(public_id=put.other).update({"person": "Ann"})
    put.put("series", Asked(put.other), "The banner", "(ANN marked this)")
    put.put("trace", Asked(put.other), "by recruited7")
    put.put("multiples", Asked("small"), "The banner")
    usual = put.package(tmp_path)
    words = (usual / FILE).read_text(encoding="utf-8")
    assert "The banner" in words
    assert "ANN" not in words
    assert "recruited7" not in words
    readme = (usual / "README.md").read_text(encoding="utf-8")
    assert "- What was put on 2 figures, as its words name somebody." in readme
    assert "but for the words that researchers put on figures" in readme
    whole = put.package(tmp_path, free_text=True, recruiter_ids=True)
    assert len(entries(whole)) == len(entries(usual)) + 2
    assert "What was put on" not in (whole / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("free_text", [False, True])
def test_words_that_name_somebody_outside_of_the_package_stay_here(put, tmp_path, free_text):
    with put.workspace.database.write() as transaction:
        transaction.query(Session).filter_by(public_id=put.other).update({"person": "Ann"})
    put.put("series", Asked(put.session), "as Ann did it, and recruited7")
    folder = put.package(tmp_path, Scope(sessions=(put.session,)), free_text=free_text)
    assert "Ann" not in (folder / FILE).read_text(encoding="utf-8")
    assert "- What was put on 1 figure, as its words name somebody." in (folder / "README.md").read_text("utf-8")


def first(change: dict[str, Any]) -> Any:
    return lambda rows: [rows[0] | change, *rows[1:]]


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda _: {}, "no list"),
        (lambda _: ["x"], "other fields"),
        (first({"more": 1}), "other fields"),
        (first({"kind": "=cmd"}), "names"),
        (first({"kind": "a" * 33}), "names"),
        (first({"of": 7}), "names"),
        (first({"of": "S99"}), "'S99' is not in the package"),
        (first({"of": "edit:E1,image:I99"}), "is not in the package"),
        (first({"choices": []}), "choices"),
        (first({"choices": {"table": 1}}), "choices"),
        (first({"choices": {"table": "x" * 2000}}), "choices"),
        (first({"annotations": [{"kind": "poem"}]}), "no kind 'poem'"),
        (first({"annotations": [as_json(ON_IT)[0] | {"text": "\ud800"}]}), "cannot be kept"),
        (lambda rows: [*rows, rows[0]], "two entries"),
    ],
)
def test_a_broken_one_is_said_and_not_read(put, another, tmp_path, damage, says):
    folder = put.package(tmp_path)
    (folder / FILE).write_text(json.dumps(damage(entries(folder))))
    manifest.write_manifest(folder)
    assert any(says in sentence for sentence in problems(folder)), problems(folder)
    with pytest.raises(PackageError):
        import_package(another, folder)
    with another.database.read() as transaction:
        assert transaction.query(Session).count() == 0


def test_a_package_of_before_is_read_as_ever(put, tmp_path, catalogue):
    folder = put.package(tmp_path, keep_ids=True)
    (folder / FILE).unlink()
    manifest.write_manifest(folder)
    assert problems(folder) == []
    asked = put.figures["pair"]
    assert "Annotated" not in draw(folder, "pair", asked.of, Look(), asked).alt
    with closing(opened(tmp_path / "other", catalogue)) as other:
        assert "annotations" not in import_package(other, folder, keep_ids=True).added
        assert kept_annotations(other, "pair", asked) == ()
