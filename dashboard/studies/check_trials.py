"""What is wrong in trials, as they are written and as the levels of the factors make them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import product

from pydantic import ValidationError

from dashboard.studies.base import Part, Text, is_one_for_all, missing_languages
from dashboard.studies.design import Block, Design, question_problem
from dashboard.studies.findings import Available, Finding
from dashboard.studies.trials import MarkTrial, Trial

TEXTS = {"title", "contact", "consent", "privacy", "text", "task", "goal", "intro", "low", "high", "end"}
# What people have to understand. A title may be a name, an option a number: those may be the same for all.
_UNDERSTOOD = {"consent", "privacy", "text", "task", "goal", "intro", "end"}


@dataclass(frozen=True)
class Variant:
    """A trial as some participants meet it; ``place`` says where in the design it is, and at which levels."""

    place: str
    trial: Trial
    block: Block
    is_written: bool


def blocks_of(design: Design) -> tuple[Block, ...]:
    """Practice and the rest."""
    return (*design.practice, *design.blocks)


def variants(design: Design) -> Iterator[Variant]:
    """Every trial as it is written, and as each combination of levels changes it; what no trial takes is left out."""
    for block in blocks_of(design):
        for trial in block.trials:
            yield Variant(f"trial {trial.key}", trial, block, True)
            yield from _changed(design, block, trial)


def _changed(design: Design, block: Block, trial: Trial) -> Iterator[Variant]:
    touching = [factor for factor in design.factors if any(trial.key in level.options for level in factor.levels)]
    for levels in product(*[factor.levels for factor in touching]) if touching else ():
        options = {name: value for level in levels for name, value in level.options.get(trial.key, {}).items()}
        at = ", ".join(f"{factor.key}={level.key}" for factor, level in zip(touching, levels, strict=True))
        try:
            changed = type(trial).model_validate(trial.model_dump() | options)
        except ValidationError:
            continue  # said of its level
        yield Variant(f"trial {trial.key} at {at}", changed, block, False)


def check_trials(design: Design, available: Available) -> Iterator[Finding]:
    """Names that are not there, classes that are missing, texts that are not in every language."""
    for block in (*design.practice, *design.blocks):
        for trial in block.trials:
            if problem := question_problem(trial):
                yield Finding("error", f"trial {trial.key}", f"{problem[0].upper()}{problem[1:]}.")
    said: set[tuple[str, str]] = set()
    for variant in variants(design):
        for finding in _of_variant(variant, design, available):
            # What is wrong in a trial as it is written is not said again of each of its levels.
            if (variant.trial.key, finding.sentence) not in said:
                said.add((variant.trial.key, finding.sentence))
                yield finding


def _of_variant(variant: Variant, design: Design, available: Available) -> Iterator[Finding]:
    trial, place = variant.trial, variant.place
    for name, known, kind in _names_of(trial, available):
        if name not in known:
            yield Finding("error", place, f"There is no {kind} {name} here that can be used.")
    if trial.model in available.models and trial.model not in design.models:
        yield Finding("error", place, f"Its model {trial.model} is none of the study's models.")
    if isinstance(trial, MarkTrial):
        yield from _class(trial, place, design, available)
    if not variant.is_written:
        written = next(one for one in variant.block.trials if one.key == trial.key)
        said = [text for _, text in texts_of(written, "")]
        for where, text in texts_of(trial, place):
            yield from check_text(where, text, design) if text not in said else ()


def _class(trial: MarkTrial, place: str, design: Design, available: Available) -> Iterator[Finding]:
    if trial.of != "class":
        return
    if not trial.class_name:
        yield Finding("error", place, "It asks to mark a class, but does not say which.")
        return
    model = trial.model or design.models[0]
    if model in available.classes and trial.class_name not in available.classes[model]:
        sentence = f"The model {model} has no class “{trial.class_name}”, so no region can be held against it."
        yield Finding("warning", place, sentence)


def _names_of(trial: Trial, available: Available) -> Iterator[tuple[str, Collection[str], str]]:
    fields = ("model", "method", "methods", "map_method", "first_method", "second_method", "first_model",
              "second_model")  # fmt: skip
    for name in fields:
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


def texts_of(part: Part, place: str) -> Iterator[tuple[str, Text]]:
    """The texts by language inside of a part, each with its place."""
    for name in type(part).model_fields:
        value = getattr(part, name)
        where = f"{place}, {name}" if place else name
        if isinstance(value, Part):
            yield from texts_of(value, where)
        elif isinstance(value, tuple):
            for number, one in enumerate(value, 1):
                if isinstance(one, Part):
                    yield from texts_of(one, f"{where}, number {number}")
        elif isinstance(value, dict | str) and name in TEXTS:
            yield where, value


def check_text(place: str, text: Text, design: Design) -> Iterator[Finding]:
    """Languages in which a text is missing, and that it is one for all where people have to understand it."""
    for language in missing_languages(text, design.languages):
        yield Finding("error", place, f"There is no text in the language {language}.")
    *above, name = place.split(", ")
    if name in _UNDERSTOOD and "options" not in above and is_one_for_all(text, design.languages):
        yield Finding("warning", place, f"This is the same text in every language ({', '.join(design.languages)}).")


def check_levels(design: Design, _available: Available) -> Iterator[Finding]:
    """Options that a trial does not take, and levels that change nothing."""
    trials = {trial.key: trial for block in blocks_of(design) for trial in block.trials}
    for factor in design.factors:
        for level in factor.levels:
            place = f"factor {factor.key}, level {level.key}"
            if not level.instructions_shown and factor.kind == "within":
                sentence = "Instructions come once, so only a factor between participants can leave them out."
                yield Finding("error", place, sentence)
            for key, options in level.options.items():
                if key not in trials:
                    yield Finding("error", place, f"There is no trial {key}.")
                    continue
                try:
                    changed = type(trials[key]).model_validate(trials[key].model_dump() | options)
                except ValidationError as error:
                    what = ", ".join(str(part) for part in error.errors()[0]["loc"])
                    yield Finding("error", place, f"The trial {key} does not take this value of {what}.")
                    continue
                if problem := question_problem(changed):
                    yield Finding("error", place, f"{problem[0].upper()}{problem[1:]}.")
        changing = [level for level in factor.levels if any(level.options.values()) or not level.instructions_shown]
        if not changing:
            yield Finding("warning", f"factor {factor.key}", "Its levels change nothing, so its conditions are alike.")
