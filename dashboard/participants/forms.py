"""Questions as fields. The scripts read them by ``data-question``; the server checks whatever they send."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import dash_bootstrap_components as dbc
import numpy as np
from dash import html

from dashboard.components.attributes import aria, data
from dashboard.participants import shown
from dashboard.services import workspace
from dashboard.studies.base import Text, text_in
from dashboard.studies.place import Place, TrialPlace
from dashboard.studies.preparing import picture_of
from dashboard.studies.questions import Choice, Likert, Number, Question, Slider, Writing
from dashboard.studies.wording import say


def question_field(place: Place, question: Question) -> html.Div:
    """One question with its field and a place for what is wrong with the answer."""
    name = f"question-{question.key}"
    return _question(
        name,
        words(place, question.text),
        _FIELDS[question.kind](place, question, name),
        data(question=question.key, kind=question.kind, optional=question.optional),
    )


def sure_scale(place: Place) -> html.Div:
    """How sure somebody is, from 1 to 5; it may be left out."""
    poles = (say(place.language, "sure_low"), say(place.language, "sure_high"))
    about = data(question="sure", kind="likert", optional=True)
    return _question("question-sure", say(place.language, "mark_sure"), _steps("question-sure", 5, *poles), about)


def choices(
    name: str, options: list[tuple[str, str]], title: str, key: str, *, several: bool = False, inline: bool = False
) -> html.Div:
    """Options to choose from, (value, words) each, asked under ``key``."""
    about = data(question=key, kind="several" if several else "choice", optional=False)
    return _question(name, title, _options(name, options, several, inline), about)


def percent_slider(place: Place, name: str, key: str, title: str) -> html.Div:
    """A number from 0 to 100 between being unsure and being sure."""
    poles = (say(place.language, "sure_low"), say(place.language, "sure_high"))
    return _question(name, title, _range(name, 0, 100, 1, *poles), data(question=key, kind="slider", optional=False))


def words(place: Place, text: Text) -> str:
    """A text of the design in the participant's language."""
    return text_in(text, place.language, place.design.languages[0])


def picture(place: Place, trial: TrialPlace, what: str, over: str | None = None) -> html.Div:
    """One of a trial's pictures, with another one over it. Its room is kept before it has come: nothing moves then."""
    size = picture_of(workspace(), trial)
    room = {"--width": f"{size.working_width}px", "--ratio": f"{size.working_width / size.working_height:.4f}"}
    alt = say(place.language, "shown_label")
    layers = [html.Img(src=shown.address(place, trial, what), alt=alt)]
    if over:
        layers.append(html.Img(src=shown.address(place, trial, over), alt="", className="over"))
    return html.Div(layers, className="shown-picture", style=room)


def quiet_button(act: str, label: str) -> html.Button:
    """A button for what is not the usual thing to do."""
    return html.Button(label, type="button", className="text-button", **data(act=act))


def _question(name: str, title: str, field: Any, about: dict[str, Any]) -> html.Div:
    # A single field is named by its question; of several each has a name of its own, and the question names them all.
    is_single = about["data-kind"] in _SINGLE
    label = f"{name}-label"
    asked = (
        html.Label(title, htmlFor=name, id=label, className="question-text")
        if is_single
        else html.Div(title, id=label, className="question-text")
    )
    parts = [
        asked,
        field,
        html.P(id=f"{name}-message", className="message", role="alert"),
    ]
    return html.Div(parts, className="question", role="group", **aria(labelledby=label), **about)


def _likert(place: Place, question: Likert, name: str) -> Any:
    return _steps(name, question.steps, words(place, question.low), words(place, question.high))


def _steps(name: str, steps: int, low: str, high: str) -> html.Div:
    options = [{"label": str(step), "value": step} for step in range(1, steps + 1)]
    return html.Div([dbc.RadioItems(options, id=name, className="steps"), _poles(low, high)], className="steps-field")


def _poles(low: str, high: str) -> html.Div:
    return html.Div([html.Span(low), html.Span(high)], className="poles")


def _slider(place: Place, question: Slider, name: str) -> Any:
    poles = (words(place, question.low), words(place, question.high))
    return _range(name, question.minimum, question.maximum, question.step, *poles)


def _range(name: str, minimum: float, maximum: float, step: float, low: str, high: str) -> html.Div:
    middle = (minimum + maximum) / 2
    field = dbc.Input(
        id=name, type="range", min=minimum, max=maximum, step=step, value=middle, class_name="is-untouched"
    )
    return html.Div([field, _poles(low, high)], className="slider-field")


def _choice(place: Place, question: Choice, name: str) -> Any:
    order = range(len(question.options))
    if question.shuffled:
        # The same person sees the same order however often she opens the page.
        seed = hashlib.sha256(f"{place.participant} {question.key}".encode()).digest()[:8]
        order = np.random.default_rng(int.from_bytes(seed, "big")).permutation(len(question.options)).tolist()
    options = [(question.options[one].key, words(place, question.options[one].text)) for one in order]
    return _options(name, options, question.several, inline=False)


def _options(name: str, options: list[tuple[str, str]], several: bool, inline: bool) -> Any:
    listed = [{"label": label, "value": value} for value, label in options]
    look = "options is-inline" if inline else "options"
    if several:
        return dbc.Checklist(listed, id=name, value=[], class_name=look)
    return dbc.RadioItems(listed, id=name, class_name=look)


def _writing(_place: Place, question: Writing, name: str) -> Any:
    return dbc.Textarea(id=name, maxLength=question.longest, rows=question.lines)


def _number(_place: Place, question: Number, name: str) -> Any:
    limits = {key: value for key, value in (("min", question.minimum), ("max", question.maximum)) if value is not None}
    return dbc.Input(id=name, type="number", step=1 if question.whole else "any", class_name="number-field", **limits)


_SINGLE = ("slider", "text", "number")
_FIELDS: dict[str, Callable[[Place, Any, str], Any]] = {
    "likert": _likert,
    "slider": _slider,
    "choice": _choice,
    "text": _writing,
    "number": _number,
}
