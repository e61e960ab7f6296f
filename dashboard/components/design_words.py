"""How the parts of a study's design are called in its form, and in which order they stand."""

from __future__ import annotations

from dashboard.studies.outline import Field

# What belongs together, in the order in which a study is thought out: (id, title, one sentence, fields).
SECTIONS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("about", "The study", "What it is called, in which languages, and who answers for it.",
     ("title", "slug", "languages", "contact", "models")),
    ("texts", "Texts", "What participants read before they begin and after they have finished.",
     ("consent", "privacy", "instructions", "end")),
    ("pictures", "Pictures", "Sets that the blocks below draw from.", ("image_sets", "class_names")),
    ("practice", "Practice", "Tried first, with feedback; in no result.", ("practice",)),
    ("trials", "Trials", "Blocks of trials; a block asks its trials for each of its pictures.",
     ("blocks", "block_order")),
    ("conditions", "Conditions", "What differs between participants, or within each: any option of any trial.",
     ("factors",)),
    ("questionnaires", "Questionnaires", "Pages of questions before or after the trials.", ("questionnaires",)),
    ("people", "Participants", "How many, when, how often, on what.",
     ("quota", "opens", "closes", "tries", "place_minutes", "devices", "fresh_start")),
    ("endings", "Completion", "Codes for the recruiter, and where participants are sent.",
     ("finished", "declined", "screened_out")),
    ("exclusions", "Exclusions", "Rules fixed beforehand; the results apply and report them.", ("exclusions",)),
)  # fmt: skip

LABELS = {
    "slug": "Address",
    "library_set": "Or a set of the library",
    "most_edits": "Edits at most",
    "seconds": "Seconds at most",
    "of": "Mark what makes it",
    "class_name": "Class",
    "model": "Model (the study's first, if empty)",
    "instructions_shown": "Show the instructions",
    "confidence": "Ask how sure",
    "largest_share": "Largest share of the picture",
    "live_answers": "The model answers at once",
    "map_shown": "Show the map",
    "truth_shown": "Show the truth afterwards",
    "asks": "Ask for",
    "several": "More than one answer",
    "shuffled": "In random order",
    "optional": "May be left out",
    "screens_out": "Ends the study for whoever chooses it",
    "per_class": "Or so many of each class",
    "count": "How many (all, if empty)",
    "set": "Set",
    "set:mapping": "Options",
    "key": "Name in the data",
    "name": "Name in the data",
    "tries": "Tries of one person",
    "place_minutes": "A place is given away after (minutes)",
    "canvas_px": "Longer side of the picture, at least (px)",
    "classes": "Allowed",
    "fresh_start": "A lab's computer: start fresh each time",
    "redirect": "Send to (address)",
    "rule": "Leave out who",
    "image_sets": "Sets of pictures",
    "least_iou": "Least overlap (IoU)",
    "mask": "Right region",
    "class_names": "Translated class names",
    "block_order": "Order of the blocks",
    "low": "Left pole",
    "high": "Right pole",
    "longest": "Characters at most",
    "names_shown": "Show which is which",
    "classes_offered": "Classes to choose from",
}
HINTS = {
    "slug": "Participants' link ends with it: /s/…",
    "languages": "Two letters each: en, de",
    "opens": "As 2026-12-01T09:00+01:00",
    "closes": "As 2026-12-24T18:00+01:00",
    "per_class": "One a line: tabby: 3",
    "class_names": "One a line: Egyptian cat: {de: Ägyptische Katze}",
    "set:mapping": "One trial a line: erase: {live_answers: false}",
    "mask": "Mark it on the picture in Explore first; it can be chosen here then",
    "redirect": "https://…",
}
WORDS = {
    "latin_square": "Latin square",
    "failed_attention": "failed attention checks",
    "faster_than_s": "was faster than (seconds per trial)",
    "empty_answers": "left answers empty",
    "straight_lining": "always chose the same step",
    "top": "the model's top answer",
    "label": "the picture's label",
    "class": "a class by name",
    "text": "text of one's own",
}
LONG = {"consent", "privacy", "text", "end", "intro", "goal", "task"}
FIRST = {
    "key", "name", "title", "images", "trials", "order", "of", "class_name", "method", "live_answers", "most_edits",
    "seconds", "goal", "shown", "asks", "remove", "share", "text", "steps", "low", "high", "options", "pictures",
    "library_set", "picture", "mask", "task", "when", "questions", "levels", "label", "set", "count", "map_method",
    "first_model", "second_model", "first_method", "second_method", "rule", "limit", "code", "redirect", "classes",
    "canvas_px", "minimum", "maximum", "screens_out", "intro",
}  # fmt: skip
ADD = {
    "instructions": "Add a page", "image_sets": "Add a set", "practice": "Add a block", "blocks": "Add a block",
    "attention": "Add an attention check", "factors": "Add a factor", "levels": "Add a level",
    "options": "Add an answer",
    "questionnaires": "Add a questionnaire", "exclusions": "Add a rule",
}  # fmt: skip


def label_of(one: Field) -> str:
    """A field's name as a person reads it."""
    return LABELS.get(f"{one.name}:{one.kind}") or LABELS.get(one.name) or one.name.replace("_", " ").capitalize()


def hint_of(one: Field) -> str | None:
    """What helps to fill a field in."""
    return HINTS.get(f"{one.name}:{one.kind}") or HINTS.get(one.name)


def word_of(value: str) -> str:
    """A choice as a person reads it."""
    return WORDS.get(value) or value.replace("_", " ")


def place_of(written: str) -> str:
    """A place in a design, such as ``blocks, number 1, most_edits``, with the names that its form has for it."""
    return ", ".join(_named(word) for word in written.split(", "))


def _named(word: str) -> str:
    names = {name for *_, fields in SECTIONS for name in fields}
    return LABELS.get(word) or (word.replace("_", " ").capitalize() if word in names else word)
