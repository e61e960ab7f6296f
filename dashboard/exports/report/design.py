"""A study's design as a report tells it: what differs, what was asked on which pictures, and what people read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dashboard.exports.report.shown import Numbering, ShownTable, Words
from dashboard.studies.assignment import conditions
from dashboard.studies.base import Text, text_in
from dashboard.studies.design import Design, Draw
from dashboard.studies.questions import Choice, Likert, Number, Question, Slider
from dashboard.studies.results.leaving_out import RULES
from dashboard.studies.trials import Trial
from dashboard.studies.wording import TEXTS

ORDERS = {"fixed": "fixed", "random": "random", "latin_square": "balanced (Latin square)"}
NAMES = {"of": "class asked for", "share": "share of the picture", "live_answers": "the model answers at once"}
CLASSES = {"top": "the model's top answer", "label": "the picture's label", "class": "named in the design"}
# What every trial has; the rest is said as its options.
_COMMON = {"key", "kind", "task", "questions", "goal"}


@dataclass(frozen=True)
class TextPage:
    """One of the texts that participants read; ``picture`` is shown with it."""

    title: str
    words: tuple[Words, ...]
    picture: str = ""


def in_english(text: Text, design: Design) -> str:
    """A text in the report's language, else in the study's first."""
    return text_in(text, "en", design.languages[0])


def facts(design: Design, quota: int) -> list[tuple[str, str]]:
    """The design's frame: name and words."""
    devices = f"{', '.join(design.devices.classes)}; picture at least {design.devices.canvas_px} px wide"
    found = [
        ("Participants wanted", f"{quota:,}"),
        ("Conditions", f"{len(conditions(design))}, whichever has the fewest participants is next"),
        ("Languages", ", ".join(design.languages)),
        ("Devices", devices),
        ("Tries of one person", str(design.tries)),
        ("Order of blocks", ORDERS[design.block_order]),
        ("Contact", in_english(design.contact, design)),
    ]
    found += [("Left out, fixed beforehand", f"Who {RULES[one.rule].format(limit=one.limit)}")
              for one in design.exclusions]  # fmt: skip
    return found if design.exclusions else [*found, ("Left out, fixed beforehand", "No rule.")]


def tables(design: Design, numbering: Numbering) -> list[ShownTable]:
    """Conditions, trials and questions."""
    found = []
    if design.factors:
        heads = ("Factor", "Kind", "Level", "What it changes")
        found.append(numbering.table("factors", "Factors and their levels", heads, _levels(design)))
    columns = ("Block", "Pictures", "Order", "Trial", "Task", "Options")
    found.append(numbering.table("trials", "Trials, as participants met them", columns, _trials(design)))
    if asked := list(_questions(design)):
        about = ("Asked", "Question", "Name in the data", "Answers")
        found.append(numbering.table("questions", "Questions", about, asked))
    return found


def _levels(design: Design) -> Iterator[tuple[str, ...]]:
    for factor in design.factors:
        for level in factor.levels:
            changes = [f"{trial}: {options(given)}" for trial, given in level.options.items()]
            if not level.instructions_shown and design.instructions:
                changes.append("the instructions are left out")
            yield factor.key, f"{factor.kind} participants", level.label or level.key, "; ".join(changes) or "nothing"


def _trials(design: Design) -> Iterator[tuple[str, ...]]:
    blocks = [(block, True) for block in design.practice] + [(block, False) for block in design.blocks]
    for block, practice in blocks:
        name = f"{block.key} (practice, in no result)" if practice else block.key
        for trial in block.trials:
            yield name, _drawn(block.images, design), ORDERS[block.order], trial.key, task(trial, design), _own(trial)
        for check in block.attention:
            words = f"{in_english(check.task, design)} At least {check.least_iou:g} IoU with the right region."
            yield name, check.picture, "at random", "attention check", words, ""


def _drawn(wanted: Draw, design: Design) -> str:
    found = design.image_sets[wanted.image_set]
    whole = f"the library's set {found.library_set}" if found.library_set else f"{wanted.image_set}"
    if wanted.per_class is not None:
        return f"{', '.join(f'{count} of {label}' for label, count in wanted.per_class.items())}, from {whole}"
    if wanted.count is not None:
        return f"{wanted.count} of {whole}"
    return f"{whole}: {', '.join(found.pictures)}" if found.pictures else f"all of {whole}"


def task(trial: Trial, design: Design) -> str:
    """What a participant was asked to do, in the study's words or in those of the participants' pages."""
    if trial.task is not None:
        return in_english(trial.task, design)
    if trial.kind == "explore":
        return in_english(trial.goal, design)
    said = TEXTS["en"][trial.kind].replace("$class_name", "…")
    return said if said.endswith("?") else f"{said}."


def _own(trial: Trial) -> str:
    return options({name: getattr(trial, name) for name in type(trial).model_fields if name not in _COMMON})


def options(given: dict[str, Any]) -> str:
    """Options in words; those that are not set are not said."""
    return "; ".join(
        f"{NAMES.get(name, name.replace('_', ' '))}: {CLASSES.get(value, value) if name == 'of' else _said(value)}"
        for name, value in given.items()
        if value is not None
    )


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(_said, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _questions(design: Design) -> Iterator[tuple[str, ...]]:
    for block in (*design.practice, *design.blocks):
        for trial in block.trials:
            for one in trial.questions:
                yield f"after {trial.key}", in_english(one.text, design), one.key, _answers(one, design)
    for sheet in design.questionnaires:
        where = f"{sheet.when} the trials: {in_english(sheet.title, design)}"
        for one in sheet.questions:
            yield where, in_english(one.text, design), one.key, _answers(one, design)


def question_words(design: Design) -> dict[str, tuple[str, str]]:
    """What was asked and how it could be answered, by the names of the results' tables."""
    asked = [(trial, one) for block in design.blocks for trial in block.trials for one in trial.questions]
    found = {f"question-{trial.key}-{one.key}": _asked(f"After {trial.key}", one, design) for trial, one in asked}
    for sheet in design.questionnaires:
        where = in_english(sheet.title, design)
        found |= {f"question-{sheet.key}-{one.key}": _asked(where, one, design) for one in sheet.questions}
    return found


def _asked(where: str, question: Question, design: Design) -> tuple[str, str]:
    return f"{where}: “{in_english(question.text, design)}”", f"Answers: {_answers(question, design)}."


def _answers(question: Question, design: Design) -> str:
    if isinstance(question, Likert | Slider):
        low, high = in_english(question.low, design), in_english(question.high, design)
        ends = (1, question.steps) if isinstance(question, Likert) else (question.minimum, question.maximum)
        found = f"{ends[0]:g} ({low}) to {ends[1]:g} ({high})"
    elif isinstance(question, Choice):
        given = [
            f"{in_english(one.text, design)}{' (ends the study)' if one.screens_out else ''}"
            for one in question.options
        ]
        found = f"{'any' if question.several else 'one'} of: {'; '.join(given)}"
    elif isinstance(question, Number):
        limits = [f"{limit:g}" for limit in (question.minimum, question.maximum) if limit is not None]
        found = f"a number, {' to '.join(limits)}" if len(limits) == 2 else "a number"
    else:
        found = "in words of one's own"
    return f"{found}; may be left out" if question.optional else found


def texts(design: Design) -> list[TextPage]:
    """What participants read, in every language of the study, in the order in which they did."""
    pages = [TextPage("Consent", _words(design.consent, design)), TextPage("Privacy", _words(design.privacy, design))]
    for number, page in enumerate(design.instructions, 1):
        pages.append(TextPage(f"Instructions, page {number}", _words(page.text, design), page.picture or ""))
    for sheet in design.questionnaires:
        if sheet.intro is not None:
            title = f"Before the questions “{in_english(sheet.title, design)}”"
            pages.append(TextPage(title, _words(sheet.intro, design)))
    return [*pages, TextPage("The end", _words(design.end, design))]


def _words(text: Text, design: Design) -> tuple[Words, ...]:
    if isinstance(text, str):
        return (Words(design.languages[0], text),)
    return tuple(Words(language, text[language]) for language in design.languages if language in text)
