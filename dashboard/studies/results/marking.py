"""Marked regions and models: alignment, its ceiling and floor, cases, whether removing matters, agreement of people."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from dashboard.analysis import bootstrap_mean
from dashboard.studies.results.marks import SEVERAL, Group, Mark, groups, groups_of_several, marks
from dashboard.studies.results.means import MEAN_COLUMNS, RESAMPLES, Comparing, Outcome, Value, means
from dashboard.studies.results.rows import StudyRows
from dashboard.studies.results.sections import Section, Table
from dashboard.studies.results.working_out import Workings

POOLED = "All conditions together; what one person marked in several trials of a picture is one region, their union."
STANDING_COLUMNS = ("picture", "class", "model", "floor", "score", "ceiling", "normalised", "everybody", "low", "high",
                    "people", "half")  # fmt: skip
OVER_COLUMNS = ("group", "mean", "low", "high", "n", "left_out")
Known = list[tuple[Mark, dict[str, Any]]]
Standings = list[tuple[Group, dict[str, Any]]]
ALIGNMENT = (("iou", "IoU with the model's region of equal area"), ("auc", "AUC of the model's map"))
WHOSE = (("necessity_people", "people's regions"), ("necessity_model", "the model's, of equal area"),
         ("necessity_random", "random, of equal area"))  # fmt: skip


def sections(workings: Workings, rows: StudyRows) -> list[Section]:
    """Alignment, cases, necessity and agreement, from what has been worked out so far."""
    every = marks(rows)
    if not every:
        return [Section("alignment", "Where people and the model look", "", 0, empty="No region has been marked.")]
    known = [(one, found) for one in every if (found := workings.measured(one)) is not None]
    usable = [(one, found) for one, found in known if not found.get("problem")]
    left = _left_out(rows, every, known, usable)
    by_group, models = groups(every), rows.record.design.models
    together = [(one, workings.standing(one, by_group, models)) for one in groups_of_several(every)]
    standings = [(one, found) for one, found in together if found is not None]
    waiting = len({(one.picture, one.class_name) for one, found in together if found is None})
    unknown = (f"{waiting} pictures whose people are still to be compared",) if waiting else ()
    return [
        _alignment(rows, usable, by_group, standings, left + unknown),
        _cases(usable, left),
        _necessity(usable, left),
        _agreement(_of("", by_group), [pair for pair in standings if not pair[0].condition], left, unknown),
    ]


def outcomes(workings: Workings, rows: StudyRows, comparing: Comparing) -> list[Outcome]:
    """What is compared: each region's alignment and necessity, for the model that its trial was about."""
    own = [one for one in marks(rows) if one.model == one.trial.model]
    known = [(one, found) for one in own if (found := workings.measured(one))]
    return [
        Outcome(
            comparing.name(title),
            [
                replace(_value("", one, found.get(name)), condition=comparing.of(one.trial))
                for one, found in known
                if not found.get("problem")
            ],
        )
        for name, title in (*ALIGNMENT, ("area", "marked share of the picture"), ("necessity_people", "necessity"))
    ]


def _left_out(rows: StudyRows, every: Sequence[Mark], known: Known, usable: Known) -> tuple[str, ...]:
    empty = sum(one.kind == "mark" and one.least_iou is None and one.is_empty for one in rows.trials)
    found = [f"{empty} trials in which nothing was marked"] if empty else []
    waiting, without = len(every) - len(known), len(known) - len(usable)
    found += [f"{waiting} regions that are still to be worked out"] if waiting else []
    found += [f"{without} regions that a model cannot be held against"] if without else []
    return tuple(found)


def _value(group: str, mark: Mark, value: float | None) -> Value:
    trial = mark.trial
    return Value(group, trial.person, trial.picture, math.nan if value is None else float(value), trial.condition)


def _people(found: Iterable[Mark]) -> int:
    return len({one.trial.person for one in found})


def _of(condition: str, by_group: Sequence[Group]) -> list[Group]:
    return [one for one in by_group if one.condition == condition]


def _alignment(
    rows: StudyRows, usable: Known, by_group: Sequence[Group], together: Standings, left: tuple[str, ...]
) -> Section:
    tables = []
    for name, title in ALIGNMENT:
        for by, called in _groupings(rows):
            found = means([_value(called(one), one, numbers[name]) for one, numbers in usable])
            if by == "condition" and len(found) < SEVERAL:
                continue
            tables.append(Table(f"{name}-by-{by}", f"{title}, by {by}", MEAN_COLUMNS, found, drawn="means"))
    standings = _standings(together)
    tables += [_over_pictures(standings), *_by_condition(by_group, together), standings] if standings.rows else []
    about = "How a marked region and the model's map (class activation) lie on each other; 95 % intervals."
    return Section(
        "alignment", "Where people and the model look", about, _people(one for one, _ in usable), tuple(tables), left
    )


def _groupings(rows: StudyRows) -> list[tuple[str, Any]]:
    several = len(rows.record.design.models) > 1
    found: list[tuple[str, Any]] = [
        ("picture", lambda one: f"{one.trial.picture_name}, {one.model}" if several else one.trial.picture_name),
        ("class", lambda one: one.trial.class_name or "the model's top answer"),
        ("model", lambda one: one.model),
        ("condition", lambda one: one.trial.condition),
    ]
    within = [factor.key for factor in rows.record.design.within]
    return found + [(key, lambda one, key=key: one.trial.levels.get(key, "–")) for key in within]


def _standings(together: Standings, condition: str = "") -> Table:
    made = []
    for group, found in together:
        for model, score in found["models"].items() if group.condition == condition else ():
            made.append(
                {
                    "picture": group.picture_name,
                    "class": group.class_name,
                    "model": model,
                    "floor": found["floor"],
                    "score": score["score"],
                    "ceiling": found["ceiling"],
                    "normalised": score["normalised"],
                    "everybody": score["everybody"],
                    "low": score["low"],
                    "high": score["high"],
                    "people": found["people"],
                    "half": found["half"],
                }
            )
    note = (
        "Pearson correlation of consensus maps of halves of the people (half: how many): with the model, with the "
        "other half (ceiling), with another picture's half (floor). Normalised: 0 at the floor, 1 at the ceiling. "
        f"Everybody: the model against all people at once, with its 95 % interval, people being drawn. {POOLED}"
    )
    return Table("ceiling", "Between floor and ceiling", STANDING_COLUMNS, made, note, drawn="standing")


def _over_pictures(standings: Table) -> Table:
    """Floor, scores and ceiling over all pictures and classes; these are drawn for the intervals."""
    models = dict.fromkeys(str(row["model"]) for row in standings.rows)
    made = [{"group": group, **found} for group, found in _overall(standings, models)]
    note = "n: pictures and classes that two people or more marked; these are drawn for the 95 % interval."
    return Table("ceiling-over-pictures", "Between floor and ceiling, over pictures", OVER_COLUMNS, made, note, "means")


def _by_condition(by_group: Sequence[Group], together: Standings) -> Iterable[Table]:
    """The same of each condition's people alone, who may have been told something else; none for one condition."""
    conditions = dict.fromkeys(one.condition for one in by_group if one.condition)
    models = dict.fromkeys(str(row["model"]) for row in _standings(together).rows)
    made = []
    for condition in conditions:
        alone = sum(one.people < SEVERAL for one in _of(condition, by_group))
        overall = _overall(_standings(together, condition), models, alone)
        made += [{"group": f"{condition}, {group}", **found} for group, found in overall]
    note = (
        "Each condition's people alone, and the floor with another picture's people of the same condition. n: pictures "
        "and classes that two of them or more marked; undefined: those that one alone marked, or without a floor."
    )
    title = "Between floor and ceiling, by condition"
    if made:
        yield Table("ceiling-by-condition", title, OVER_COLUMNS, made, note, "means")


def _overall(standings: Table, models: Iterable[str], alone: int = 0) -> Iterable[tuple[str, dict[str, Any]]]:
    """Floor, models and ceiling over pictures and classes; of ``alone`` of these nothing is known."""
    by: dict[str, dict[Any, float]] = {group: {} for group in ("floor", *models, "ceiling")}
    for row in standings.rows:
        # Floor and ceiling are the same for each model.
        for group, name in (("floor", "floor"), (str(row["model"]), "score"), ("ceiling", "ceiling")):
            by[group][row["picture"], row["class"]] = math.nan if row[name] is None else row[name]
    for group, found in by.items():
        one = bootstrap_mean([*found.values(), *[math.nan] * alone], resamples=RESAMPLES)
        yield group, {"mean": one.value, "low": one.low, "high": one.high, "n": one.n, "left_out": one.left_out}


def _cases(usable: Known, left: tuple[str, ...]) -> Section:
    groups_of: dict[str, Counter[str]] = {}
    borderline: Counter[str] = Counter()
    for one, found in usable:
        if found["case"]:
            group = f"{one.trial.condition}, {one.model}"
            groups_of.setdefault(group, Counter())[found["case"]] += 1
            borderline[group] += bool(found["borderline"])
    names = sorted({name for counts in groups_of.values() for name in counts})
    made = [
        {"group": group, **{name: counts[name] for name in names}, "n": counts.total(), "borderline": borderline[group]}
        for group, counts in groups_of.items()
    ]
    columns = ("group", *names, "n", "borderline")
    note = "Cut-off 0.5 for all coverages, the model's region by mean + 1 sd; borderline: within 0.05 of the cut-off."
    table = Table("cases", "Regions in each case, by condition and model", columns, made, note, drawn="shares")
    about = "The eight cases of Shared Interest (Boggust et al. 2022): right or wrong, and what covers what."
    undefined = sum(not found["case"] for _, found in usable)
    more = (f"{undefined} regions whose case nobody can say",) if undefined else ()
    n = _people(one for one, found in usable if found["case"])
    return Section(
        "cases", "Shared Interest", about, n, (table,) if made else (), left + more, "" if made else "No case yet."
    )


def _necessity(usable: Known, left: tuple[str, ...]) -> Section:
    conditions = list(dict.fromkeys(one.trial.condition for one, _ in usable))
    values = []
    for name, whose in WHOSE:
        for condition in conditions:
            group = f"{whose}, {condition}" if len(conditions) > 1 else whose
            chosen = [(one, found) for one, found in usable if one.trial.condition == condition]
            values += [_value(group, one, _points(found[name])) for one, found in chosen]
    found = means(values)
    note = "Removed by Telea's inpainting; the drop of the class's probability in percentage points."
    table = Table(
        "necessity", "Drop when the region is removed (points)", MEAN_COLUMNS, found, note, drawn="means", unit="points"
    )
    about = "Whether what was marked matters to the model: more than the model's own region, more than chance?"
    n = _people(one for one, _ in usable)
    return Section(
        "necessity", "Does it matter?", about, n, (table,), left, "" if usable else "Nothing has been removed yet."
    )


def _points(share: float | None) -> float | None:
    return None if share is None else share * 100


def _agreement(
    by_group: Sequence[Group], together: Standings, left: tuple[str, ...], unknown: tuple[str, ...]
) -> Section:
    measures = ("pairwise_iou", "fleiss_kappa", "krippendorff_alpha", "consensus_share")
    made = [
        {"picture": group.picture_name, "class": group.class_name, "people": group.people}
        | {name: found[name] for name in measures}
        for group, found in together
    ]
    columns = ("picture", "class", "people", *measures)
    table = Table("agreement", "Agreement among people", columns, made, POOLED)
    alone = sum(group.people < SEVERAL for group in by_group)
    more = (f"{alone} pictures that one participant alone marked",) if alone else ()
    n = _people(one for group in by_group for one in group.marks)
    waiting = tuple(one for one in left if "nothing was marked" in one)
    about = "How far participants mark the same."
    return Section(
        "agreement",
        "People among each other",
        about,
        n,
        (table,) if made else (),
        waiting + more + unknown,
        "" if made or unknown else "It takes two.",
    )
