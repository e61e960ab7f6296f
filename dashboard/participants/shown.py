"""What the browser needs beside the page: a picture, what was drawn on it, and what the model may be heard to say."""

from __future__ import annotations

from typing import Any

from dashboard.services import workspace
from dashboard.studies import drawing
from dashboard.studies.base import text_in
from dashboard.studies.drawing import Edited
from dashboard.studies.place import Place, TrialPlace
from dashboard.studies.preparing import picture_of
from dashboard.studies.trials import EraseTrial, ExploreTrial, MarkTrial
from dashboard.studies.wording import say
from db.records import Answer


def address(place: Place, trial: TrialPlace, what: str) -> str:
    """Where one of a trial's pictures is to be had."""
    return f"/s/{place.slug}/media/{trial.id}/{what}.png?p={place.participant}"


def has_map(trial: TrialPlace) -> bool:
    """Whether she sees over the picture she works on what matters to the model."""
    wanted = isinstance(trial.trial, EraseTrial | ExploreTrial) and trial.trial.map_shown
    return wanted and workspace().catalogue.load(trial.plan["model"]).card.has_cam


def side_name(trial: TrialPlace, side: str) -> str:
    """What a map that is compared is: its model and method."""
    options = trial.plan["options"]
    return f"{options[f'{side}_model'] or trial.plan['model']}, {options[f'{side}_method']}"


def class_word(place: Place, name: str | None) -> str:
    """A class as the study calls it in her language, else as the model does."""
    if name is None:
        return ""
    return place.design.class_names.get(name, {}).get(place.language, name)


def task(place: Place, trial: TrialPlace) -> str:
    """What is asked, in the trial's own words where it has some."""
    asked, language = trial.trial, place.language
    if asked.task is not None:
        return text_in(asked.task, language, place.design.languages[0])
    if isinstance(asked, ExploreTrial):
        return text_in(asked.goal, language, place.design.languages[0])
    name = class_word(place, trial.plan["class_name"])
    if asked.kind == "mark":
        return say(language, "mark", class_name=name) if name else say(language, "mark_any")
    if asked.kind == "erase":
        return say(language, "erase", class_name=class_word(place, trial.plan["prepared"].get("class")))
    return say(language, asked.kind)


def drawn(place: Place, trial: TrialPlace) -> dict[str, Any]:
    """The trial's picture and where she stands with it."""
    picture = picture_of(workspace(), trial)
    size = {"id": trial.id, "width": picture.working_width, "height": picture.working_height}
    if isinstance(trial.trial, MarkTrial):
        step = f"trial:{trial.position}"
        strokes = drawing.strokes(workspace(), place, step)
        most = {"most": trial.trial.largest_share}
        return {"image": size, "source": address(place, trial, "picture"), "strokes": strokes, **most}
    state = drawing.edited(workspace(), place, trial)
    return {"image": size, **edited(place, trial, state)}


def edited(place: Place, trial: TrialPlace, state: Edited) -> dict[str, Any]:
    """What she sees after a removal; nothing of the model's answers where the design hides them."""
    language = place.language
    says = []
    if isinstance(trial.trial, EraseTrial | ExploreTrial) and trial.trial.live_answers:
        says.append(_answer(place, "answer_before", state.before))
        says.append(_answer(place, "answer_now", state.now))
        if state.count:
            says.append(say(language, "changed" if state.flipped else "unchanged"))
    elif isinstance(trial.trial, EraseTrial):
        says.append(say(language, "answer_hidden"))
    if state.left == 0:
        says.append(say(language, "removals_none"))
    elif state.left is not None:
        says.append(say(language, "removals_left", count=state.left))
    shows_map = has_map(trial)
    if shows_map:
        says.append(say(language, "map_legend"))
    what = f"edit-{state.edit}" if state.edit else "picture"
    return {
        "source": address(place, trial, what),
        "map": address(place, trial, f"map-{state.edit}" if state.edit else "map") if shows_map else None,
        "edit": state.edit,
        "parents": list(state.parents),
        "left": state.left,
        "says": says,
        "flipped": state.flipped if _live(trial) else None,
    }


def _live(trial: TrialPlace) -> bool:
    return isinstance(trial.trial, EraseTrial | ExploreTrial) and trial.trial.live_answers


def _answer(place: Place, key: str, answer: Answer) -> str:
    percent = f"{100 * answer.top_probability:.0f}"
    return say(place.language, key, class_name=class_word(place, answer.top_label), percent=percent)
