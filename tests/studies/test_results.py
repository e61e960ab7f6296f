"""The numbers of a study, on rows made by hand and on a study that was gone through."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dashboard.components import study_results
from dashboard.figures.study_charts import calibration_chart, standings_chart
from dashboard.recording.ids import new_id
from dashboard.studies import store
from dashboard.studies.design import Design
from dashboard.studies.judging import judge
from dashboard.studies.leaving import decline, withdraw
from dashboard.studies.results import answered, marking, report
from dashboard.studies.results.leaving_out import leave_out, quality
from dashboard.studies.results.marks import groups, marks, other_group
from dashboard.studies.results.means import (
    Comparing,
    Outcome,
    Value,
    cliffs_delta,
    compare_conditions,
    means,
    rank_biserial,
)
from dashboard.studies.results.predicting import predicting, probability_said
from dashboard.studies.results.report import results
from dashboard.studies.results.rows import Person, Said, StudyRows, TrialRow, read
from dashboard.studies.results.sections import Table, as_csv, as_json
from dashboard.studies.results.working_out import advance
from dashboard.studies.store import StudyRecord
from db.types import utc_now
from tests.support.participating import DESIGN, begin, give, go_on, open_study
from tests.support.pictures import add_small

NOW = utc_now()


def person(name: str, condition: str = "a", **changes: Any) -> Person:
    return replace(Person(name, name, condition, "finished", 1, "en", NOW, NOW, None, None), **changes)


def trial(person: str, kind: str = "erase", condition: str = "a", **changes: Any) -> TrialRow:
    made = TrialRow(person, condition, 0, "main", kind, kind, "p1", "Cat", "tabby", "m", {}, 10.0, None, {})
    return replace(made, **changes)


def said(person: str, value: Any, kind: str = "likert", question: str = "hard", condition: str = "a") -> Said:
    return Said(person, condition, "about", None, {}, question, kind, value)


def rows(people: list[Person], trials: list[TrialRow] = (), answers: list[Said] = (), **design: Any) -> StudyRows:  # type: ignore[assignment]
    record = StudyRecord("small", "open", 1, 10, Design.model_validate(DESIGN | design), {}, NOW)
    return StudyRows(record, people, list(trials), list(answers))


def table(section: Any, name: str) -> Table:
    return next(one for one in section.tables if one.name == name)


def test_means_say_how_many_and_how_many_are_undefined():
    values = [Value("x", f"P{n}", "p", float(n)) for n in range(4)] + [Value("x", "P9", "p", math.nan)]
    (row,) = means(values)
    assert (row["group"], row["mean"], row["n"], row["people"], row["left_out"]) == ("x", 1.5, 4, 4, 1)
    assert row["low"] < 1.5 < row["high"]
    assert means(values) == [row]
    (alone,) = means([Value("x", "P1", "p", 2.0), Value("x", "P1", "p", 4.0)])
    assert alone["mean"] == 3.0
    assert math.isnan(alone["low"])


def test_effect_sizes():
    assert cliffs_delta(np.array([3.0, 4.0]), np.array([1.0, 2.0])) == 1.0
    assert cliffs_delta(np.array([1.0, 2.0]), np.array([1.0, 2.0])) == 0.0
    assert cliffs_delta(np.array([1.0, 3.0]), np.array([2.0])) == 0.0
    # Ranks of |1|, |2|, |3| are 1, 2, 3: (1 + 3 − 2) / 6.
    assert rank_biserial(np.array([1.0, -2.0, 3.0, 0.0])) == pytest.approx(1 / 3)
    assert math.isnan(rank_biserial(np.zeros(3)))


def test_conditions_of_different_people_are_compared_on_their_own_means():
    values = [Value("", f"A{n}", "p", 10.0 + n, "a") for n in range(4) for _ in range(2)]
    values += [Value("", f"B{n}", "p", float(n), "b") for n in range(4)]
    (row,) = compare_conditions([Outcome("seconds", values)])
    assert (row["first"], row["second"], row["difference"], row["effect_size"]) == ("a", "b", 10.0, 1.0)
    assert (row["n_first"], row["n_second"]) == (4, 4)
    assert row["p"] == pytest.approx(2 / math.comb(8, 4))  # exact: two of the seventy divisions are as far apart


def test_the_same_people_in_two_conditions_are_compared_in_pairs():
    values = [
        Value("", f"P{n}", "p", value, level) for n in range(5) for level, value in (("a", n + 2.0), ("b", float(n)))
    ]
    (row,) = compare_conditions([Outcome("edits", values)])
    assert (row["difference"], row["effect"], row["effect_size"], row["n_first"]) == (2.0, "rank-biserial", 1.0, 5)
    assert row["p"] == pytest.approx(2 / 2**5)


def test_several_tests_are_corrected_together():
    different = [Value("", f"{c}{n}", "p", base + n, c) for c, base in (("a", 10.0), ("b", 0.0)) for n in range(4)]
    same = [Value("", f"{c}{n}", "p", float(n), c) for c in "ab" for n in range(4)]
    first, second = compare_conditions([Outcome("one", different), Outcome("two", same)])
    assert first["p_holm"] == pytest.approx(2 * first["p"])
    assert second["p_holm"] == pytest.approx(second["p"]) == 1.0


def test_whoever_meets_a_rule_is_left_out_and_counted():
    people = [person("P1"), person("P2"), person("P3"), person("P4"), person("P5"), person("P6", state="started")]
    trials = [
        trial("P1", "mark", answers={"iou": 0.1, "region": "r"}, least_iou=0.3),
        trial("P2", "mark", answers={"iou": 0.5, "region": "r"}, least_iou=0.3),
        trial("P3", seconds=1.0, answers={"edits": 2}),
        trial("P4", answers={"edits": 0}),
    ]
    answers = [said("P5", 4, question=name) for name in ("one", "two", "three")] + [said("P2", n) for n in (1, 2, 3)]
    rules = [
        {"rule": "failed_attention"},
        {"rule": "faster_than_s", "limit": 2},
        {"rule": "empty_answers"},
        {"rule": "straight_lining"},
    ]
    counted, left = leave_out(rows(people, trials, answers, exclusions=rules))
    assert [one.name for one in counted.people] == ["P2"]
    assert {one.person for one in counted.trials} == {"P2"}
    assert [(one.reason.split(" (")[0], one.people) for one in left] == [
        ("had not finished", ("P6",)),
        ("excluded by a researcher", ()),
        ("failed more than 0 attention checks", ("P1",)),
        ("took less than 2 s for a trial", ("P3",)),
        ("left more than 0 trials empty", ("P4",)),
        ("chose the same step in all scales", ("P5",)),
    ]
    everybody, _ = leave_out(rows(people, trials, answers), unfinished=True)
    assert len(everybody.people) == 6


def test_quality_of_somebody_of_whom_nothing_is_known():
    (one,) = quality(rows([person("P1")]))
    assert math.isnan(one.seconds)
    assert (one.empty, one.checks, one.straight) == (0, 0, False)


def test_erasing():
    trials = [
        trial("P1", answers={"flipped": True, "removed_area": 0.1, "edits": 2}, seconds=20.0),
        trial("P2", answers={"flipped": False, "removed_area": 0.3, "edits": 4}, seconds=math.nan),
    ]
    section = answered.erasing(rows([person("P1"), person("P2")], trials))
    # What was removed in vain says nothing of what was needed.
    (needed,) = table(section, "erase-removed_area").rows
    assert (needed["mean"], needed["n"], needed["left_out"]) == (pytest.approx(10.0), 1, 1)
    found = {one.name: one.rows[0]["mean"] for one in section.tables}
    assert found == {
        "erase-flipped": 50.0,
        "erase-removed_area": pytest.approx(10.0),
        "erase-edits": 3.0,
        "erase-seconds": 20.0,
        "erase-by-picture": 50.0,
    }
    assert section.left_out == (
        "1 trials in which the answer did not change, from the removed share",
        "1 trials of unknown length",
    )


def predicted(name: str, sure: float | None, **answers: Any) -> TrialRow:
    given = {"sure": sure, "right_change": None, "right_class": None} | answers
    return trial(name, "predict", answers=given, offered=5)


def test_predicting_and_calibration():
    trials = [
        predicted("P1", 80, right_change=True),
        predicted("P2", 80, right_change=False),
        predicted("P3", 0, right_change=False),
        predicted("P4", None, right_change=True),
    ]
    section = predicting(rows([], trials))
    assert table(section, "predict-right_change").rows[0]["mean"] == 50.0
    assert not [one for one in section.tables if one.name == "predict-right_class"]
    # Whoever is not sure at all guesses, and a guess of yes or no is right half of the time.
    assert table(section, "calibration").rows == [
        {"group": "predict, a", "bin": "50–60", "said": 50.0, "right": 0.0, "n": 1},
        {"group": "predict, a", "bin": "90–100", "said": pytest.approx(90), "right": 50.0, "n": 2},
    ]
    # (1 × 50 + 2 × 40) / 3 and (0.25 + 0.01 + 0.81) / 3
    (scores,) = table(section, "calibration-scores").rows
    assert scores == {
        "group": "predict, a",
        "expected_error": pytest.approx(130 / 3),
        "brier": pytest.approx(1.07 / 3),
        "n": 3,
    }


def test_calibration_where_the_class_alone_was_asked():
    trials = [predicted("P1", 0, right_class=False), predicted("P2", 50, right_class=True)]
    section = predicting(rows([], trials))
    # Of five classes a guess is right once in five: 0.2, and half way to certainty 0.6.
    assert [(one["said"], one["right"]) for one in table(section, "calibration").rows] == [
        (20.0, 0.0),
        (pytest.approx(60), 100.0),
    ]
    assert probability_said(100, 5) == 1.0


def test_exploring_is_counted_and_compared():
    trials = [
        trial(f"{condition}{n}", "explore", condition, answers={"edits": edits + n})
        for condition, edits in (("a", 10), ("b", 0))
        for n in range(2)
    ]
    section = answered.exploring(rows([], trials))
    assert [row["mean"] for row in table(section, "explore-edits").rows] == [10.5, 0.5]
    compared = compare_conditions(answered.outcomes(rows([], trials), Comparing()))
    assert [(one["outcome"], one["difference"]) for one in compared if "Edits" in one["outcome"]] == [
        ("Explore: Edits", 10.0)
    ]


def test_an_option_of_any_name_has_a_column_of_its_own():
    asked = [said("P1", "n", "choice"), said("P2", "group", "choice"), said("P3", "n", "choice")]
    (found,) = answered.questions(rows([], answers=asked)).tables
    assert found.columns == ("group", "option n", "option group", "n")
    assert found.rows == [{"group": "a", "option n": 2, "option group": 1, "n": 3}]


def test_a_person_has_one_mask_however_many_regions():
    left, right = np.array([[True, False]]), np.array([[False, True]])
    masks = {"one": left, "two": right, "three": left}
    found = marks(
        rows(
            [],
            [
                trial("P1", "mark", answers={"region": "one"}, block="first"),
                trial("P1", "mark", answers={"region": "two"}, block="second"),
                trial("P2", "mark", answers={"region": "three"}, condition="b"),
            ],
        )
    )
    group, *each = groups(found)
    assert group.people == 2
    assert [(one.condition, one.people, len(one.marks)) for one in each] == [("a", 1, 2), ("b", 1, 1)]
    assert group.masks(masks.__getitem__).tolist() == [[[True, True]], [[True, False]]]


class WorkedOutAtOnce:
    """Every region is measured, and groups stand the higher the more people they have."""

    def measured(self, mark):
        names = ("iou", "auc", "area", "case", "borderline", "necessity_people", "necessity_model", "necessity_random")
        return dict.fromkeys(names)

    def standing(self, group, others, models):
        other = other_group(group, others)
        floor = None if other is None else 0.1 * other.people
        score = {"score": 0.2, "normalised": None, "everybody": None, "low": None, "high": None}
        shared = dict.fromkeys(("pairwise_iou", "fleiss_kappa", "krippendorff_alpha", "consensus_share"))
        return shared | {"people": group.people, "half": 1, "floor": floor, "ceiling": 0.1 * group.people,
                         "models": dict.fromkeys(models, score)}  # fmt: skip


def marking_trial(person, condition, picture):
    of = {"picture": picture, "picture_name": picture, "answers": {"region": f"{person} {picture}"}}
    return trial(person, "mark", condition, **of)


def test_each_condition_has_a_floor_and_a_ceiling_of_its_own():
    """Of what one of its people alone marked nothing is known, and that is counted."""
    places = [("P1", "a", "cat"), ("P2", "a", "cat"), ("P3", "a", "cat"), ("P1", "a", "cup"), ("P2", "a", "cup"),
              ("P4", "b", "cat"), ("P5", "b", "cup")]  # fmt: skip
    alignment, *_, agreement = marking.sections(WorkedOutAtOnce(), rows([], [marking_trial(*one) for one in places]))
    by_name = {table.name: table for table in alignment.tables}
    pooled = {row["picture"]: (row["floor"], row["ceiling"]) for row in by_name["ceiling"].rows}
    assert pooled == {"cat": (pytest.approx(0.3), 0.4), "cup": (0.4, pytest.approx(0.3))}
    own = by_name["ceiling-by-condition"].rows
    [model] = {row["model"] for row in by_name["ceiling"].rows}
    assert [row["group"] for row in own] == [f"{one}, {what}" for one in "ab" for what in ("floor", model, "ceiling")]
    assert [(row["n"], row["left_out"]) for row in own] == [(2, 0)] * 3 + [(0, 2)] * 3
    assert [row["mean"] for row in own[:3]] == pytest.approx([0.25, 0.2, 0.25])
    assert all(math.isnan(row["mean"]) for row in own[3:])
    assert [row["people"] for row in agreement.tables[0].rows] == [4, 3]
    one_condition = rows([], [marking_trial(*place) for place in places[:5]])
    assert "ceiling-by-condition" not in {
        table.name for table in marking.sections(WorkedOutAtOnce(), one_condition)[0].tables
    }


def test_levels_that_everybody_met_are_compared_in_pairs():
    trials = [
        trial(name, answers={"flipped": True, "edits": edits, "removed_area": 0.1}, levels={"map": level})
        for name, more in (("P1", 0), ("P2", 1), ("P3", 2))
        for level, edits in (("with", 1 + more), ("without", 4 + more))
    ]
    made = answered.outcomes(rows([], trials), Comparing("map"))
    edits = next(row for row in compare_conditions(made) if row["outcome"] == "Edits, by map")
    assert (edits["first"], edits["second"], edits["difference"], edits["effect"]) == (
        "with",
        "without",
        -3.0,
        "rank-biserial",
    )
    assert (edits["effect_size"], edits["n_first"], edits["p"]) == (-1.0, 3, pytest.approx(2 / 2**3))
    assert compare_conditions(answered.outcomes(rows([], trials), Comparing())) == []


def test_comparing_and_choices_are_counted():
    trials = [
        trial(f"P{n}", "compare", answers={"more_like_me": which})
        for n, which in enumerate(("first", "first", "neither"))
    ]
    (row,) = answered.comparing(rows([], trials)).tables[0].rows
    assert row == {"group": "compare, a", "first": 2, "second": 0, "neither": 1, "n": 3}
    asked = [said("P1", ["x", "y"], "choice"), said("P2", ["x"], "choice"), said("P3", None, "choice")]
    section = answered.questions(rows([], answers=asked))
    assert section.tables[0].rows == [{"group": "a", "x": 2, "y": 1, "n": 2}]
    assert section.tables[0].drawn == ""  # several may be chosen, so they are no shares of a whole
    assert section.left_out == ("1 questions that were left out",)


def test_figures_of_calibration_and_of_floor_and_ceiling():
    bins = [
        {"group": group, "bin": "", "said": said, "right": 50.0, "n": 2}
        for group, said in (("a", 55.0), ("a", 95.0), ("b", 65.0))
    ]
    perfect, first, second = calibration_chart(bins)["data"]
    assert (perfect["x"], first["x"], second["x"]) == ([0, 100], [55.0, 95.0], [65.0])
    standing = {"picture": "Cat", "class": "tabby", "model": "m", "floor": None, "score": 0.4, "ceiling": 0.9}
    drawn = standings_chart([standing | {"everybody": 0.5, "low": None, "high": 0.7}])
    by_name = {one["name"]: one for one in drawn["data"]}
    assert by_name["floor to ceiling"]["x"] == [None, 0.9, None]
    error = by_name["against everybody, 95 %"]["error_x"]
    assert (error["array"], error["arrayminus"]) == ([pytest.approx(0.2)], [0.0])


def test_a_file_holds_nothing_that_a_spreadsheet_would_run():
    made = as_csv(
        Table("t", "T", ("who", "value"), [{"who": "=1+1", "value": math.nan}, {"who": "a, b", "value": 0.5}])
    )
    assert list(csv.reader(io.StringIO(made))) == [["who", "value"], ["'=1+1", ""], ["a, b", "0.5"]]


@pytest.fixture
def taken(stored):
    add_small(stored)
    open_study(stored)
    names = []
    for number in range(4):
        her = begin(stored, f"browser {number}")
        go_on(stored, her, until="questionnaire:about" if number == 3 else None)
        names.append(her)
    go_on(stored, begin(stored, "mine", preview=True))
    judge(stored, "small", names[2], new_id(), "exclude", "told us so")
    decline(stored, begin(stored, "somebody else"))
    return names


def test_the_least_time_is_enough_to_go_on(stored, taken):
    counted, _ = leave_out(read(stored, "small"))
    steps = [advance(stored, counted, 1e-9) for _ in range(100)]
    assert steps[-1].done == steps[-1].total == 3
    assert advance(stored, counted, 0) == steps[-1]


def test_the_results_of_a_study_that_was_gone_through(stored, taken):
    found = results(stored, "small", None)
    assert (found.participants, found.counted) == (5, 2)
    assert (found.done, found.total, found.problems) == (3, 3, ())
    left = {one["reason"]: one["people"] for one in found.table("left-out").rows}  # type: ignore[union-attr]
    assert left == {
        "declined": 1,
        "screened out": 0,
        "withdrew": 0,
        "had not finished": 1,
        "excluded by a researcher": 1,
    }
    rows = found.table("participants").rows  # type: ignore[union-attr]
    names = ("begun", "declined", "screened_out", "withdrawn", "not_counted", "counted")
    flow = [sum(row[name] for row in rows) for name in names]
    assert flow == [5, 1, 0, 0, 2, 2]
    answers = json.loads(json.dumps(as_json(found), allow_nan=False))
    assert [one["key"] for one in answers["sections"]] == [
        "participants",
        "alignment",
        "cases",
        "necessity",
        "agreement",
        "erasing",
        "exploring",
        "predicting",
        "comparing",
        "questions",
        "conditions",
        "quality",
    ]
    asked = found.table("question-about-hard")
    assert asked is not None
    assert sum(row["n"] for row in asked.rows) == 2
    assert all(row["mean"] == 3.0 for row in asked.rows)
    standing = found.table("ceiling")
    assert standing is not None
    assert [(row["people"], row["half"]) for row in standing.rows] == [(2, 1)]
    assert found.table("ceiling-over-pictures").rows[-1]["n"] == 1  # type: ignore[union-attr]
    # Both marked the same rectangle.
    assert found.table("agreement").rows[0]["pairwise_iou"] == 1.0  # type: ignore[union-attr]
    whole = results(stored, "small", None, unfinished=True)
    assert whole.counted == 3


def test_results_are_made_once_until_something_changes(stored, taken, monkeypatch):
    first = results(stored, "small", None)

    def again(*_arguments: Any) -> None:
        raise AssertionError("made again")

    with monkeypatch.context() as patched:
        patched.setattr(report, "_results", again)
        assert as_json(results(stored, "small", 0)) == as_json(first)
        assert repr(results(stored, "small", 0)) == repr(first)
    judge(stored, "small", taken[2], new_id(), "include")
    assert results(stored, "small", None).counted == first.counted + 1


def test_what_is_not_worked_out_yet_is_said(stored, taken):
    found = results(stored, "small", 0)
    if found.done < found.total:
        alignment = next(one for one in found.sections if one.key == "alignment")
        assert any("still to be worked out" in one for one in alignment.left_out)
    assert read(stored, "small").record.slug == "small"


def test_a_study_that_nobody_took_has_results_that_say_so(stored):
    add_small(stored)
    open_study(stored)
    found = results(stored, "small", None)
    assert found.counted == 0
    assert found.sections[0].empty == "Nobody has taken part yet."
    assert all(one.empty or one.tables for one in found.sections)
    first, *rest = study_results.sections(found)
    assert (first.id, [one.id for one in rest]) == ("participants", ["without"])
    assert store.get(stored, "small").people == {}


def test_what_somebody_wrote_is_in_no_results_that_are_kept(workspace):
    add_small(workspace)
    asked = {"key": "about", "title": "Why", "questions": [{"kind": "text", "key": "why", "text": "Why?"}]}
    open_study(workspace, questionnaires=[asked])
    her = begin(workspace)
    go_on(workspace, her, until="questionnaire:about")
    here = give(workspace, her, "questionnaire:about", why="the whiskers")
    results(workspace, "small", None)
    drawn = workspace.settings.figures_dir / "package-1"
    drawn.mkdir(parents=True)

    def kept() -> list[str]:
        return [one.name for one in workspace.derived.root.rglob("*.json") if "whiskers" in one.read_text()]

    assert len(kept()) == 1
    withdraw(workspace, her, str(here.withdrawal_code))
    assert kept() == []
    assert not drawn.exists()
