"""Erase, explore, predict and compare trials, and everything that was asked in words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from dashboard.studies.results.means import MEAN_COLUMNS, Comparing, Outcome, Value, means
from dashboard.studies.results.rows import Said, StudyRows, TrialRow
from dashboard.studies.results.sections import Section, Table

SCALES = ("likert", "slider", "number")
BINS = 5
_ERASE = (
    ("flipped", "Success: the answer changed (%)", "%"),
    ("removed_area", "Removed share of the picture (%)", "%"),
    ("edits", "Edits", ""),
    ("seconds", "Seconds", "s"),
)


def erasing(rows: StudyRows) -> Section:
    """How often the answer was changed, with how much, how many edits, how long."""
    trials = [one for one in rows.trials if one.kind == "erase"]
    about = "Remove as little as you can so that the model changes its answer."
    if not trials:
        return Section("erasing", "Erase", about, 0, empty="There was no such trial.")
    tables = [
        Table(f"erase-{name}", title, MEAN_COLUMNS, means(_values(trials, name, unit)), drawn="means", unit=unit)
        for name, title, unit in _ERASE
    ]
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
    unknown = sum(math.isnan(one.seconds) for one in trials)
    left = (f"{unknown} trials of unknown length",) if unknown else ()
    return Section("erasing", "Erase", about, _people(trials), tuple(tables), left)


def _group(one: TrialRow) -> str:
    within = [f"{name}={level}" for name, level in one.levels.items() if f"{name}={level}" not in one.condition]
    return ", ".join([one.trial, one.condition, *within])


def _values(trials: Sequence[TrialRow], name: str, unit: str) -> list[Value]:
    return [_value(_group(one), one, _number(one, name, unit)) for one in trials]


def _by_picture(trials: Sequence[TrialRow]) -> list[Value]:
    return [_value(one.picture_name, one, _number(one, "flipped", "%")) for one in trials]


def _number(one: TrialRow, name: str, unit: str) -> float:
    given = one.seconds if name == "seconds" else one.answers.get(name)
    return math.nan if given is None else float(given) * (100 if unit == "%" else 1)


def _value(group: str, one: TrialRow, value: float) -> Value:
    return Value(group, one.person, one.picture, value, one.condition)


def _people(trials: Iterable[TrialRow | Said]) -> int:
    return len({one.person for one in trials})


def predicting(rows: StudyRows) -> Section:
    """How often the model's answer was foretold, and whether being sure meant being right."""
    trials = [one for one in rows.trials if one.kind == "predict"]
    about = "What will the model say now, will its answer change, how sure."
    if not trials:
        return Section("predicting", "Predict", about, 0, empty="There was no such trial.")
    tables = []
    for name, title in (("right_change", "Right about the change (%)"), ("right_class", "Right about the class (%)")):
        values = _values(trials, name, "%")
        if any(not math.isnan(one.value) for one in values):
            tables.append(Table(f"predict-{name}", title, MEAN_COLUMNS, means(values), drawn="means", unit="%"))
    tables += _calibration(trials)
    late = sum(bool(one.answers.get("timed_out")) for one in trials)
    left = (f"{late} trials whose time ran out",) if late else ()
    return Section("predicting", "Predict", about, _people(trials), tuple(tables), left)


def _calibration(trials: Sequence[TrialRow]) -> list[Table]:
    """Sureness against being right. Being right is about the change where that was asked, else about the class."""
    pairs = [
        (float(one.answers["sure"]) / 100, float(right))
        for one in trials
        if one.answers.get("sure") is not None
        and (right := one.answers.get("right_change", one.answers.get("right_class"))) is not None
    ]
    if not pairs:
        return []
    sure, right = np.array(pairs).T
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    made: list[dict[str, Any]] = [
        {
            "group": f"{100 * place // BINS}–{100 * (place + 1) // BINS} % sure",
            "sure": float(sure[bins == place].mean() * 100),
            "right": float(right[bins == place].mean() * 100),
            "n": int((bins == place).sum()),
        }
        for place in range(BINS)
        if (bins == place).any()
    ]
    error = sum(one["n"] * abs(one["right"] - one["sure"]) for one in made) / len(pairs)
    brier = float(np.mean((sure - right) ** 2))
    note = (
        f"Expected calibration error {error:.1f} points (bins of a fifth), Brier score {brier:.3f}, n = {len(pairs)}."
    )
    return [Table("calibration", "Sure and right", ("group", "sure", "right", "n"), made, note)]


def comparing(rows: StudyRows) -> Section:
    """Which of two maps people called more like themselves."""
    trials = [one for one in rows.trials if one.kind == "compare"]
    about = "Which of two maps or models is more like you."
    if not trials:
        return Section("comparing", "Compare", about, 0, empty="There was no such trial.")
    counts: dict[str, Counter[str]] = {}
    for one in trials:
        counts.setdefault(_group(one), Counter())[str(one.answers.get("more_like_me"))] += 1
    names = ("first", "second", "neither")
    made = [
        {"group": group, **{name: found[name] for name in names}, "n": found.total()} for group, found in counts.items()
    ]
    table = Table("more-like-me", "More like me", ("group", *names, "n"), made, drawn="shares")
    return Section("comparing", "Compare", about, _people(trials), (table,))


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
    return Section("questions", "Questions", about, _people(rows.said), tuple(tables), left)


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
    people: Counter[str] = Counter()
    for one in found:
        chosen = one.value if isinstance(one.value, list) else [one.value] if one.value is not None else []
        counts.setdefault(_said_group(one), Counter()).update(map(str, chosen))
        people[_said_group(one)] += one.value is not None
    options = list(dict.fromkeys(option for group in counts.values() for option in group))
    made = [
        {"group": group, **{option: chosen[option] for option in options}, "n": people[group]}
        for group, chosen in counts.items()
    ]
    several = any(isinstance(one.value, list) for one in found)
    return Table(name, title, ("group", *options, "n"), made, drawn="" if several else "shares")


def outcomes(rows: StudyRows, comparing: Comparing) -> list[Outcome]:
    """What is compared, marking apart."""
    erase = [one for one in rows.trials if one.kind == "erase"]
    predict = [one for one in rows.trials if one.kind == "predict"]
    found = [_outcome(title, name, unit, erase, comparing) for name, title, unit in _ERASE] if erase else []
    if predict:
        found.append(_outcome("Right about the change (%)", "right_change", "%", predict, comparing))
    scales = dict.fromkeys((one.where, one.question) for one in rows.said if one.kind in ("likert", "slider"))
    for where, question in scales:
        said = [one for one in rows.said if (one.where, one.question) == (where, question)]
        if comparing.factor and not any(one.levels for one in said):
            continue  # a questionnaire is asked once, whatever the levels
        values = [Value("", one.person, one.picture or "", _as_number(one.value), comparing.of(one)) for one in said]
        found.append(Outcome(comparing.name(f"{where}: {question}"), values))
    return found


def _outcome(title: str, name: str, unit: str, trials: Sequence[TrialRow], comparing: Comparing) -> Outcome:
    values = [Value("", one.person, one.picture, _number(one, name, unit), comparing.of(one)) for one in trials]
    return Outcome(comparing.name(title), values)
