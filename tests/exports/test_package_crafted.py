"""Plans and answers of a package that was made up: what a study's results could not be made of is not let in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dashboard.exports.package import Choices, Scope, write_package
from dashboard.exports.package.cells import PackageError
from dashboard.exports.package.checking_studies import study_problems
from dashboard.exports.package.folder import PackageFolder
from dashboard.exports.package.importing import import_package
from dashboard.recording.ids import new_id
from dashboard.studies.answering import Given, answer
from dashboard.studies.results.report import results
from tests.exports.conftest import opened
from tests.exports.test_package_broken import assert_refused, copied, empty, rows_of, write_rows
from tests.support.edits import rectangle
from tests.support.participating import begin, go_on, open_study
from tests.support.pictures import add_small

assert empty  # a fixture
Content = dict[str, Any]
ASKED = {
    "key": "about",
    "title": "About you",
    "questions": [
        {"kind": "likert", "key": "hard", "text": "How hard?", "steps": 5, "low": "no", "high": "yes"},
        {"kind": "text", "key": "why", "text": "Why?"},
    ],
}


@pytest.fixture(scope="module")
def made(tmp_path_factory, catalogue) -> Path:
    """A package of a study that one has taken: she marked, erased and answered."""
    folder = tmp_path_factory.mktemp("crafted")
    workspace = opened(folder / "data", catalogue)
    add_small(workspace)
    open_study(workspace, questionnaires=[ASKED])
    her = begin(workspace)
    go_on(workspace, her, until="trial:0")
    marked = {"region": new_id(), "shapes": [rectangle()], "sure": 4}
    answer(workspace, her, Given(new_id(), "trial:0", marked, 1.0))
    go_on(workspace, her, until="questionnaire:about")
    answer(workspace, her, Given(new_id(), "questionnaire:about", {"hard": 2, "why": "whiskers"}, 2.0))
    target = folder / "package"
    write_package(workspace, Scope(study="small"), Choices(), target)
    workspace.close()
    return target


def plan(change: Callable[[Content], Any]) -> Callable[[Path], str]:
    return lambda folder: changed(folder, "trials", "plan", lambda content: content["kind"] == "mark", change)


def answers(key: str, change: Callable[[Content], Any]) -> Callable[[Path], str]:
    return lambda folder: changed(folder, "responses", "answers", lambda content: key in content, change)


def changed(
    folder: Path, name: str, column: str, wanted: Callable[[Content], bool], change: Callable[[Content], Any]
) -> str:
    """Changes the first cell that is wanted and returns the place that a sentence should name."""
    package = PackageFolder(folder)
    path = package.path(package.paths[name])
    rows = rows_of(path)
    place = rows[0].index(column)
    number = next(number for number, row in enumerate(rows[1:], 1) if row[place] and wanted(json.loads(row[place])))
    content = json.loads(rows[number][place])
    other = change(content)
    rows[number][place] = json.dumps(content if other is None else other)
    write_rows(path, rows)
    return f"{path.name}, row {number + 1}: {column}"


def test_what_was_written_here_is_as_it_should_be(made, studied, crowded):
    for folder in (made, studied.package(), crowded.package(Scope(everything=True), free_text=True)):
        assert list(study_problems(PackageFolder(folder))) == []


@pytest.mark.parametrize(
    "damage",
    [
        plan(lambda content: []),
        plan(lambda content: content.pop("levels") and None),
        plan(lambda content: content.update(levels=[1])),
        plan(lambda content: content.update(kind="poem")),
        plan(lambda content: content.update(kind="compare")),
        plan(lambda content: content.update(attention=7)),
        plan(lambda content: content.update(block="nowhere")),
        plan(lambda content: content.update(trial="nothing")),
        plan(lambda content: content.update(options=None)),
        plan(lambda content: content["options"].update(questions=[{"kind": "likert"}])),
        plan(lambda content: content.update(prepared={"offered": 3})),
        plan(lambda content: content.update(picture={"a": 1})),
        answers("sure", lambda content: ["no object"]),
        answers("sure", lambda content: content.update(region={"a": 1})),
        answers("sure", lambda content: content.update(region="id:R999")),
        answers("sure", lambda content: content.update(sure="very")),
        answers("sure", lambda content: content.update(iou="high")),
        answers("edits", lambda content: content.update(edits="many")),
        answers("edits", lambda content: content.update(removed_area=7)),
        answers("hard", lambda content: content.update(hard="very")),
        answers("hard", lambda content: content.update(hard=99)),
        answers("hard", lambda content: content.update(poem=1)),
        answers("hard", lambda content: content.update(why={"a": 1})),
    ],
)
def test_what_no_results_can_be_made_of_is_refused_with_its_place(made, empty, tmp_path, damage):
    folder = copied(made, tmp_path)
    place = damage(folder)
    assert_refused(folder, empty)
    with pytest.raises(PackageError, match="row") as refused:
        import_package(empty, folder)
    assert str(refused.value).startswith(place)


def test_what_was_left_out_is_no_fault(made, another):
    """Texts of one's own are null without ``free_text``, whatever the question wants."""
    import_package(another, made)
    assert results(another, "small", None).participants == 1
