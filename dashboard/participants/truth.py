"""What a participant is told after a trial: after practice always, else where the design says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import html

from dashboard.participants import shown
from dashboard.participants.forms import picture
from dashboard.services import workspace
from dashboard.studies import drawing
from dashboard.studies.place import Place, TrialPlace
from dashboard.studies.preparing import answer_before
from dashboard.studies.trials import RateTrial
from dashboard.studies.wording import say
from db import participants


def truth(place: Place, trial: TrialPlace) -> list[Any]:
    """The parts of the page between its heading and going on."""
    return _OF_KIND[trial.plan["kind"]](place, trial)


def _marked(place: Place, trial: TrialPlace) -> list[Any]:
    has_region = _answer_to(place, trial).get("region") is not None
    nothing = [] if has_region else [html.P(say(place.language, "feedback_nothing_marked"))]
    return [picture(place, trial, "picture", "both"), html.P(say(place.language, "truth_map")), *nothing]


def _predicted(place: Place, trial: TrialPlace) -> list[Any]:
    prepared = trial.plan["prepared"]
    name = shown.class_word(place, prepared["now"])
    sentence = say(place.language, "truth_now", class_name=name, percent=_percent(prepared["probability"]))
    return [picture(place, trial, "prepared"), html.P(sentence)]


def _removed(place: Place, trial: TrialPlace) -> list[Any]:
    """Did the answer change, how much was removed, and what the model said before and says now."""
    language = place.language
    state = drawing.edited(workspace(), place, trial)
    sentences = [
        say(
            language,
            "feedback_changed" if state.flipped else "feedback_same",
            before=shown.class_word(place, state.before.top_label),
            now=shown.class_word(place, state.now.top_label),
            percent_before=_percent(state.before.top_probability),
            percent_now=_percent(state.now.top_probability),
        )
    ]
    if state.count:
        removed = f"{100 * state.removed_area:.1f}".replace(".", "," if language == "de" else ".")
        sentences.append(say(language, "feedback_removed", percent=removed, count=state.count))
    else:
        sentences.append(say(language, "feedback_nothing"))
    what = f"edit-{state.edit}" if state.edit else "picture"
    return [picture(place, trial, what), *map(html.P, sentences)]


def _rated(place: Place, trial: TrialPlace) -> list[Any]:
    has_map = isinstance(trial.trial, RateTrial) and "map" in trial.trial.shown
    answer = answer_before(workspace(), trial)
    sentence = say(
        place.language,
        "feedback_rate" if has_map else "feedback_says",
        class_name=shown.class_word(place, answer.top_label),
        percent=_percent(answer.top_probability),
    )
    return [picture(place, trial, "picture", "map" if has_map else None), html.P(sentence)]


def _compared(place: Place, trial: TrialPlace) -> list[Any]:
    """Which map was which, and which of them she chose."""
    language, sides = place.language, trial.plan["prepared"]["sides"]
    where = {sides[0]: say(language, "feedback_left"), sides[1]: say(language, "feedback_right"), "neither": ""}
    figures = [
        html.Figure(
            [picture(place, trial, "picture", side), html.Figcaption(f"{where[side]}: {shown.side_name(trial, side)}")]
        )
        for side in sides
    ]
    chosen = _answer_to(place, trial).get("more_like_me")
    word = where.get(str(chosen)) or say(language, "neither")
    said = [html.P(say(language, "feedback_chose", choice=word))] if chosen else []
    return [html.Div(figures, className="side-by-side"), *said]


def _answer_to(place: Place, trial: TrialPlace) -> dict[str, Any]:
    with workspace().database.read() as transaction:
        row = participants.participant_row(transaction, place.participant)
        response = participants.response_to(transaction, row, f"trial:{trial.position}")
        return dict(response.answers) if response else {}


def _percent(share: float) -> str:
    return f"{100 * share:.0f}"


_OF_KIND: dict[str, Callable[[Place, TrialPlace], list[Any]]] = {
    "mark": _marked,
    "erase": _removed,
    "explore": _removed,
    "predict": _predicted,
    "rate": _rated,
    "compare": _compared,
}
