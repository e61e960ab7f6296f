"""Erase, explore and compare trials, and everything that was asked in words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from dashboard.studies.results.means import MEAN_COLUMNS, Comparing, Outcome, Value, means
from dashboard.studies.results.rows import Said, StudyRows, TrialRow
from dashboard.studies.results.sections import Section, Table

SCALES = ("likert", "slider", "number")
# How much had to be removed says nothing where it was not enough.
_NEEDED = "removed_area"
_ERASE = (
    ("flipped", "Success: the answer changed (%)", "%"),
    (_NEEDED, "Removed share of the picture where the answer changed (%)", "%"),
    ("edits", "Edits", ""),
    ("seconds", "Seconds", "s"),
)
RIGHT = (("right_change", "Right about the change (%)"), ("right_class", "Right about the class (%)"))
_EXPLORE = (("edits", "Edits", ""), ("seconds", "Seconds", "s"))
_NEEDED_NOTE = (
    "Left out are the trials in which the answer did not change: what it would have taken there, nobody knows."
)


def erasing(rows: StudyRows) -> Section:
    """How often the answer was changed, with how much, how many edits, how long."""
    trials = [one for one in rows.trials if one.kind == "erase"]
    about = "Remove as little as you can so that the model changes its answer."
    if not trials:
        return Section("erasing", "Erase", about, 0, empty="No such trial has been answered.")
    tables = _tables("erase", trials, _ERASE)
    tables.append(
        Table(
            "erase-by-picture",
            "Success by picture (%)",
            MEAN_COLUMNS,
            means(_by_picture(trials)),
            drawn="means",
            unit="%",
        )
    )
    stayed = sum(not one.answers.get("flipped") for one in trials)
    left = (f"{stayed} trials in which the answer did not change, from the removed share",) if stayed else ()
    return Section("erasing", "Erase", about, people(trials), tuple(tables), left + _of_unknown_length(trials))


def exploring(rows: StudyRows) -> Section:
    """How many edits free exploration took, and how long."""
    trials = [one for one in rows.trials if one.kind == "explore"]
    about = "Free editing with a goal in words."
    if not trials:
        return Section("exploring", "Explore", about, 0, empty="No such trial has been answered.")
    tables = _tables("explore", trials, _EXPLORE)
    return Section("exploring", "Explore", about, people(trials), tuple(tables), _of_unknown_length(trials))


def _tables(kind: str, trials: Sequence[TrialRow], wanted: Sequence[tuple[str, str, str]]) -> list[Table]:
    return [
        Table(
            f"{kind}-{name}",
            title,
            MEAN_COLUMNS,
            means(values_of(trials, name, unit)),
            _NEEDED_NOTE if name == _NEEDED else "",
            drawn="means",
            unit=unit,
        )
        for name, title, unit in wanted
    ]


def _of_unknown_length(trials: Sequence[TrialRow]) -> tuple[str, ...]:
    unknown = sum(math.isnan(one.seconds) for one in trials)
    return (f"{unknown} trials of unknown length",) if unknown else ()


def group_of(one: TrialRow) -> str:
    """What a trial is counted with: its name, the condition, and the levels that its participant met in turn."""
    within = [f"{name}={level}" for name, level in one.levels.items() if f"{name}={level}" not in one.condition]
    return ", ".join([one.trial, one.condition, *within])


def values_of(trials: Sequence[TrialRow], name: str, unit: str) -> list[Value]:
    """A number of each trial, NaN where it has none."""
    return [_value(group_of(one), one, _number(one, name, unit)) for one in trials]


def _by_picture(trials: Sequence[TrialRow]) -> list[Value]:
    return [_value(one.picture_name, one, _number(one, "flipped", "%")) for one in trials]


def _number(one: TrialRow, name: str, unit: str) -> float:
    if name == _NEEDED and not one.answers.get("flipped"):
        return math.nan
    given = one.seconds if name == "seconds" else one.answers.get(name)
    return math.nan if given is None else float(given) * (100 if unit == "%" else 1)


def _value(group: str, one: TrialRow, value: float) -> Value:
    return Value(group, one.person, one.picture, value, one.condition)


def people(trials: Iterable[TrialRow | Said]) -> int:
    """How many participants these rows are of."""
    return len({one.person for one in trials})


def comparing(rows: StudyRows) -> Section:
    """Which of two maps people called more like themselves."""
    trials = [one for one in rows.trials if one.kind == "compare"]
    about = "Which of two maps or models is more like you."
    if not trials:
        return Section("comparing", "Compare", about, 0, empty="No such trial has been answered.")
    said = [one for one in trials if one.answers.get("more_like_me") is not None]
    counts: dict[str, Counter[str]] = {}
    for one in said:
        counts.setdefault(group_of(one), Counter())[str(one.answers["more_like_me"])] += 1
    names = ("first", "second", "neither")
    made = [
        {"group": group, **{name: found[name] for name in names}, "n": found.total()} for group, found in counts.items()
    ]
    table = Table("more-like-me", "More like me", ("group", *names, "n"), made, drawn="shares")
    late = len(trials) - len(said)
    left = (f"{late} trials whose time ran out",) if late else ()
    return Section("comparing", "Compare", about, people(trials), (table,), left)


def questions(rows: StudyRows) -> Section:
    """Scales with their means, choices with their counts, texts as they were written."""
    about = "What was asked in words, after trials and in questionnaires."
    if not rows.said:
        return Section("questions", "Questions", about, 0, empty="Nothing has been asked yet.")
    asked: dict[tuple[str, str, str], list[Said]] = {}
    for one in rows.said:
        asked.setdefault((one.where, one.question, one.kind), []).append(one)
    tables = [_question(where, question, kind, found) for (where, question, kind), found in asked.items()]
    empty = sum(one.value is None for one in rows.said)
    left = (f"{empty} questions that were left out",) if empty else ()
    return Section("questions", "Questions", about, people(rows.said), tuple(tables), left)


def _question(where: str, question: str, kind: str, found: Sequence[Said]) -> Table:
    name, title = f"question-{where}-{question}", f"{where}: {question}"
    if kind in SCALES:
        values = [
            Value(_said_group(one), one.person, one.picture or "", _as_number(one.value), one.condition)
            for one in found
        ]
        return Table(name, title, MEAN_COLUMNS, means(values, pictures=kind != "number"), drawn="means")
    if kind == "choice":
        return _choices(name, title, found)
    made = [{"participant": one.person, "group": _said_group(one), "text": one.value} for one in found if one.value]
    return Table(name, title, ("participant", "group", "text"), made)


def _said_group(one: Said) -> str:
    within = [f"{name}={level}" for name, level in one.levels.items() if f"{name}={level}" not in one.condition]
    return ", ".join([one.condition, *within])


def _as_number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _choices(name: str, title: str, found: Sequence[Said]) -> Table:
    counts: dict[str, Counter[str]] = {}
    chose: Counter[str] = Counter()
    for one in found:
        chosen = one.value if isinstance(one.value, list) else [one.value] if one.value is not None else []
        counts.setdefault(_said_group(one), Counter()).update(map(str, chosen))
        chose[_said_group(one)] += one.value is not None
    options = list(dict.fromkeys(option for group in counts.values() for option in group))
    made = [
        {"group": group, **{_column(option): chosen[option] for option in options}, "n": chose[group]}
        for group, chosen in counts.items()
    ]
    several = any(isinstance(one.value, list) for one in found)
    return Table(name, title, ("group", *map(_column, options), "n"), made, drawn="" if several else "shares")


def _column(option: str) -> str:
    """An option's column; no key holds a space, so that none takes another column's place."""
    return f"option {option}" if option in ("group", "n") else option


def outcomes(rows: StudyRows, comparing: Comparing) -> list[Outcome]:
    """What is compared, marking apart."""
    wanted = [("erase", one, "") for one in _ERASE]
    wanted += [("explore", one, "Explore: ") for one in _EXPLORE]
    wanted += [("predict", (name, title, "%"), "") for name, title in RIGHT]
    found = []
    for kind, (name, title, unit), before in wanted:
        trials = [one for one in rows.trials if one.kind == kind]
        values = [Value("", one.person, one.picture, _number(one, name, unit), comparing.of(one)) for one in trials]
        if values:
            found.append(Outcome(comparing.name(before + title), values))
    return found + _asked(rows, comparing)


def _asked(rows: StudyRows, comparing: Comparing) -> list[Outcome]:
    found = []
    scales = dict.fromkeys((one.where, one.question) for one in rows.said if one.kind in ("likert", "slider"))
    for where, question in scales:
        said = [one for one in rows.said if (one.where, one.question) == (where, question)]
        if comparing.factor and not any(one.levels for one in said):
            continue  # a questionnaire is asked once, whatever the levels
        values = [Value("", one.person, one.picture or "", _as_number(one.value), comparing.of(one)) for one in said]
        found.append(Outcome(comparing.name(f"{where}: {question}"), values))
    return found
