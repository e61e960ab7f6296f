"""What is wrong or unwise in a design before it opens, and how long it will take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil

from pydantic import ValidationError

from dashboard.studies.assignment import (
    Condition,
    NotEnoughPicturesError,
    PlannedTrial,
    conditions,
    plan,
    squares_of,
)
from dashboard.studies.check_trials import blocks_of, check_levels, check_text, check_trials, texts_of, variants
from dashboard.studies.design import Design
from dashboard.studies.findings import Available, Finding
from dashboard.studies.orders import BLOCKS, WITHIN
from dashboard.studies.questions import Choice, Question, Writing
from dashboard.studies.steps import resolved
from dashboard.studies.trials import MarkTrial, Trial
from db.types import utc_now

INTERFACE_LANGUAGES = ("en", "de")
LONG_MINUTES = 45
# Rough times from pilot work with drawing tasks; a trial's own limit is shorter where it has one.
SECONDS = {"mark": 30, "erase": 75, "predict": 20, "explore": 120, "rate": 15, "compare": 12, "attention": 20}
QUESTION_SECONDS, WRITING_SECONDS, PAGE_SECONDS, CONSENT_SECONDS = 6, 25, 25, 60


def check(design: Design, available: Available) -> list[Finding]:
    """All findings, errors first."""
    checks = (
        _texts, _pages, _models, check_trials, _sets, _plans, check_levels, _orders, _quota, _times, _endings,
        _duration, _keys,
    )  # fmt: skip
    found = [finding for one in checks for finding in one(design, available)]
    return sorted(found, key=lambda finding: finding.level != "error")


def estimated_minutes(design: Design, available: Available) -> int | None:
    """How long the longest condition will take, in minutes; None where no plan can be made."""
    try:
        return max(_minutes(design, plan(design, one, 0, 0, available.library)) for one in conditions(design))
    except NotEnoughPicturesError:
        return None


def _minutes(design: Design, planned: Sequence[PlannedTrial]) -> int:
    trials = {trial.key: trial for block in blocks_of(design) for trial in block.trials}
    seconds = sum(_trial_seconds(one, trials) for one in planned)
    seconds += sum(_question_seconds(question) for one in design.questionnaires for question in one.questions)
    seconds += PAGE_SECONDS * len(design.instructions) + CONSENT_SECONDS
    return ceil(seconds / 60)


def _trial_seconds(planned: PlannedTrial, trials: Mapping[str, Trial]) -> float:
    if planned.attention is not None:
        return SECONDS["attention"]
    try:
        trial = resolved(trials[planned.trial], planned)
    except ValidationError:
        trial = trials[planned.trial]  # said of its level
    usual = float(SECONDS[trial.kind])
    usual = usual if trial.seconds is None else min(usual, trial.seconds)
    return usual + sum(_question_seconds(question) for question in trial.questions)


def _question_seconds(question: Question) -> float:
    return WRITING_SECONDS if isinstance(question, Writing) else QUESTION_SECONDS


def _texts(design: Design, _available: Available) -> Iterator[Finding]:
    for place, text in texts_of(design, ""):
        yield from check_text(place, text, design)
    for language in design.languages:
        if language not in INTERFACE_LANGUAGES:
            known = " and ".join(INTERFACE_LANGUAGES)
            yield Finding("warning", "languages", f"Buttons and messages are there in {known} only, not in {language}.")


def _models(design: Design, available: Available) -> Iterator[Finding]:
    for model in design.models:
        if model not in available.models:
            yield Finding("error", "models", f"There is no model {model} here that can be used.")


def _pages(design: Design, available: Available) -> Iterator[Finding]:
    for number, page in enumerate(design.instructions, 1):
        if page.picture is not None and page.picture not in available.pictures:
            place = f"instructions, number {number}"
            yield Finding("error", place, f"There is no picture called {page.picture} here.")


def _sets(design: Design, available: Available) -> Iterator[Finding]:
    for key, wanted in design.image_sets.items():
        there = available.library.get(key, ())
        names = {picture.name for picture in there}
        if not there:
            yield Finding("error", f"image_sets, {key}", "The set is empty.")
        for name in wanted.pictures:
            if there and name not in names:
                yield Finding("error", f"image_sets, {key}", f"There is no picture called {name} here.")
        if key not in {block.images.image_set for block in blocks_of(design)}:
            yield Finding("warning", f"image_sets, {key}", "No block draws from this set.")


def _plans(design: Design, available: Available) -> Iterator[Finding]:
    if not all(available.library.get(key) for key in design.image_sets):
        return
    problems = dict.fromkeys(problem for one in conditions(design) if (problem := _unplanned(design, one, available)))
    yield from (Finding("error", "blocks", problem) for problem in problems)
    needing: set[str] = set()
    for one in variants(design):
        labels = {picture.label for picture in available.library[one.block.images.image_set]}
        by_label = isinstance(one.trial, MarkTrial) and one.trial.of == "label"
        if by_label and None in labels and one.block.key not in needing:
            needing.add(one.block.key)
            sentence = "Some of its pictures have no label, so that nobody can be asked to mark what makes them one."
            yield Finding("error", one.place, sentence)


def _unplanned(design: Design, condition: Condition, available: Available) -> str:
    try:
        plan(design, condition, 0, 0, available.library)
    except NotEnoughPicturesError as error:
        return str(error)
    return ""


def _orders(design: Design, available: Available) -> Iterator[Finding]:
    share = design.quota / len(conditions(design))
    for name, rows in squares_of(design, available.library).items():
        if share % rows:
            sentence = f"The Latin square has {rows} orders, but a condition has {share:g} participants: unbalanced."
            yield Finding("warning", _SQUARES.get(name, name), sentence)


_SQUARES = {WITHIN: "factors, within participants", BLOCKS: "block_order"}


def _quota(design: Design, _available: Available) -> Iterator[Finding]:
    count = len(conditions(design))
    if design.quota < count:
        yield Finding("error", "quota", f"{design.quota} participants cannot fill {count} conditions.")
    elif design.quota % count:
        sentence = f"{design.quota} participants are not divided evenly among {count} conditions."
        yield Finding("warning", "quota", sentence)


def _times(design: Design, _available: Available) -> Iterator[Finding]:
    if design.closes is not None and design.closes <= utc_now():
        yield Finding("error", "closes", "This time is over, so that nobody could begin.")


def _endings(design: Design, _available: Available) -> Iterator[Finding]:
    for name in ("finished", "declined", "screened_out"):
        ending = getattr(design, name)
        if ending.redirect is not None and ending.redirect.scheme != "https":
            yield Finding("warning", name, "The address that participants are sent to is not https.")
    screens = any(
        isinstance(question, Choice) and any(option.screens_out for option in question.options)
        for one in design.questionnaires
        for question in one.questions
    )
    if screens and design.finished.code and not design.screened_out.code:
        yield Finding("warning", "screened_out", "Who is screened out gets no code, but who finishes does.")


def _duration(design: Design, available: Available) -> Iterator[Finding]:
    minutes = estimated_minutes(design, available)
    if minutes is not None and minutes > LONG_MINUTES:
        yield Finding("warning", "blocks", f"It will take about {minutes} minutes, which is long for one sitting.")
    if minutes is not None and minutes > design.place_minutes:
        sentence = f"A place is given away after {design.place_minutes} minutes, the study takes about {minutes}."
        yield Finding("error", "place_minutes", sentence)


def _keys(design: Design, _available: Available) -> Iterator[Finding]:
    if any(trial.key == "attention" for block in blocks_of(design) for trial in block.trials):
        yield Finding("error", "blocks", "The name attention is kept for attention checks; call the trial otherwise.")
