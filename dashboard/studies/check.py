"""What is wrong or unwise in a design before it opens, and how long it will take."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

from pydantic import ValidationError

from dashboard.studies.assignment import (
    LibraryPicture,
    NotEnoughPicturesError,
    PlannedTrial,
    conditions,
    latin_square,
    plan,
)
from dashboard.studies.base import Part, Text, missing_languages
from dashboard.studies.design import Block, Design
from dashboard.studies.questions import Choice, Question, Writing
from dashboard.studies.trials import Trial

INTERFACE_LANGUAGES = ("en", "de")
LONG_MINUTES = 45
# Rough times from pilot work with drawing tasks; a trial's own limit is shorter where it has one.
SECONDS = {"mark": 30, "erase": 75, "predict": 20, "explore": 120, "rate": 15, "compare": 12, "attention": 20}
QUESTION_SECONDS, WRITING_SECONDS, PAGE_SECONDS, CONSENT_SECONDS = 6, 25, 25, 60


@dataclass(frozen=True)
class Finding:
    """One thing: an error keeps the study from opening, a warning does not. ``place`` is where in the design."""

    level: Literal["error", "warning"]
    place: str
    sentence: str


@dataclass(frozen=True)
class Available:
    """What there is here: models and methods that can be used, and each set's pictures."""

    models: Collection[str]
    methods: Collection[str]
    explanations: Collection[str]
    library: Mapping[str, Sequence[LibraryPicture]]


def check(design: Design, available: Available) -> list[Finding]:
    """All findings, errors first."""
    checks = (_texts, _models, _sets, _plans, _levels, _orders, _quota, _endings, _duration, _keys)
    found = [finding for one in checks for finding in one(design, available)]
    return sorted(found, key=lambda finding: finding.level != "error")


def estimated_minutes(design: Design, available: Available) -> int | None:
    """How long the first condition will take, in minutes; None where no plan can be made."""
    try:
        planned = plan(design, conditions(design)[0], 0, 0, available.library)
    except NotEnoughPicturesError:
        return None
    trials = {trial.key: trial for block in _blocks(design) for trial in block.trials}
    seconds = sum(_trial_seconds(one, trials) for one in planned)
    seconds += sum(_question_seconds(question) for one in design.questionnaires for question in one.questions)
    seconds += PAGE_SECONDS * len(design.instructions) + CONSENT_SECONDS
    return ceil(seconds / 60)


def _trial_seconds(planned: PlannedTrial, trials: Mapping[str, Trial]) -> float:
    if planned.attention is not None:
        return SECONDS["attention"]
    trial = trials[planned.trial]
    usual = float(SECONDS[trial.kind])
    usual = usual if trial.seconds is None else min(usual, trial.seconds)
    return usual + sum(_question_seconds(question) for question in trial.questions)


def _question_seconds(question: Question) -> float:
    return WRITING_SECONDS if isinstance(question, Writing) else QUESTION_SECONDS


def _blocks(design: Design) -> tuple[Block, ...]:
    return (*design.practice, *design.blocks)


def _texts(design: Design, _available: Available) -> Iterator[Finding]:
    for place, text in _all_texts(design, ""):
        for language in missing_languages(text, design.languages):
            yield Finding("error", place, f"There is no text in the language {language}.")
    for language in design.languages:
        if language not in INTERFACE_LANGUAGES:
            known = " and ".join(INTERFACE_LANGUAGES)
            yield Finding("warning", "languages", f"Buttons and messages are there in {known} only, not in {language}.")


def _all_texts(part: Part, place: str) -> Iterator[tuple[str, Text]]:
    for name in type(part).model_fields:
        value = getattr(part, name)
        where = f"{place}, {name}" if place else name
        if isinstance(value, Part):
            yield from _all_texts(value, where)
        elif isinstance(value, tuple):
            for number, one in enumerate(value, 1):
                if isinstance(one, Part):
                    yield from _all_texts(one, f"{where}, number {number}")
        elif isinstance(value, dict) and name in _TEXTS:
            yield where, value


_TEXTS = {"title", "contact", "consent", "privacy", "text", "task", "goal", "intro", "low", "high", "end"}


def _models(design: Design, available: Available) -> Iterator[Finding]:
    used = [("models", model, available.models, "model") for model in design.models]
    for block in _blocks(design):
        for trial in block.trials:
            used += [(f"trial {trial.key}", *one) for one in _names_of(trial, available)]
    for place, name, known, kind in used:
        if name not in known:
            yield Finding("error", place, f"There is no {kind} {name} here that can be used.")


def _names_of(trial: Trial, available: Available) -> Iterator[tuple[str, Collection[str], str]]:
    for name in ("method", "methods", "map_method", "first_method", "second_method", "first_model", "second_model"):
        value = getattr(trial, name, None)
        for one in value if isinstance(value, tuple) else (value,):
            if one is None:
                continue
            if name.endswith("model"):
                yield one, available.models, "model"
            elif name in {"method", "methods"}:
                yield one, available.methods, "inpainting method"
            else:
                yield one, available.explanations, "explanation method"


def _sets(design: Design, available: Available) -> Iterator[Finding]:
    for key, wanted in design.image_sets.items():
        there = available.library.get(key, ())
        names = {picture.name for picture in there}
        if not there:
            yield Finding("error", f"image_sets, {key}", "The set is empty.")
        for name in wanted.pictures:
            if there and name not in names:
                yield Finding("error", f"image_sets, {key}", f"There is no picture called {name} here.")
        if key not in {block.images.image_set for block in _blocks(design)}:
            yield Finding("warning", f"image_sets, {key}", "No block draws from this set.")


def _plans(design: Design, available: Available) -> Iterator[Finding]:
    if not all(available.library.get(key) for key in design.image_sets):
        return
    try:
        plan(design, conditions(design)[0], 0, 0, available.library)
    except NotEnoughPicturesError as error:
        yield Finding("error", "blocks", str(error))
    for block in _blocks(design):
        labels = {picture.label for picture in available.library[block.images.image_set]}
        needs = [trial.key for trial in block.trials if trial.kind == "mark" and trial.of == "label"]
        if needs and None in labels:
            sentence = "Some of its pictures have no label, so that nobody can be asked to mark what makes them one."
            yield Finding("error", f"trial {needs[0]}", sentence)


def _levels(design: Design, _available: Available) -> Iterator[Finding]:
    trials = {trial.key: trial for block in _blocks(design) for trial in block.trials}
    for factor in design.factors:
        for level in factor.levels:
            place = f"factor {factor.key}, level {level.key}"
            for key, options in level.options.items():
                if key not in trials:
                    yield Finding("error", place, f"There is no trial {key}.")
                    continue
                try:
                    type(trials[key]).model_validate(trials[key].model_dump() | options)
                except ValidationError as error:
                    what = ", ".join(str(part) for part in error.errors()[0]["loc"])
                    yield Finding("error", place, f"The trial {key} does not take this value of {what}.")
        if not any(options for level in factor.levels for options in level.options.values()):
            yield Finding("warning", f"factor {factor.key}", "Its levels change nothing, so its conditions are alike.")


def _orders(design: Design, available: Available) -> Iterator[Finding]:
    share = design.quota / len(conditions(design))
    sizes = [("block_order", len(design.blocks))] if design.block_order == "latin_square" else []
    sizes += [
        (f"block {block.key}", _shown(block, available))
        for block in design.blocks
        if block.order == "latin_square" and _shown(block, available)
    ]
    for place, size in sizes:
        rows = len(latin_square(size))
        if share % rows:
            sentence = f"The Latin square has {rows} orders, but a condition has {share:g} participants: unbalanced."
            yield Finding("warning", place, sentence)


def _shown(block: Block, available: Available) -> int:
    wanted = block.images
    if wanted.per_class is not None:
        return sum(wanted.per_class.values())
    return wanted.count or len(available.library.get(wanted.image_set, ()))


def _quota(design: Design, _available: Available) -> Iterator[Finding]:
    count = len(conditions(design))
    if design.quota < count:
        yield Finding("error", "quota", f"{design.quota} participants cannot fill {count} conditions.")
    elif design.quota % count:
        sentence = f"{design.quota} participants are not divided evenly among {count} conditions."
        yield Finding("warning", "quota", sentence)


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
    if any(trial.key == "attention" for block in _blocks(design) for trial in block.trials):
        yield Finding("error", "blocks", "The name attention is kept for attention checks; call the trial otherwise.")
