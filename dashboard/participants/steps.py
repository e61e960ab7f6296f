"""Each step of a participant's way as a page: one task at a time, and nothing that it does not need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.components.attributes import aria, data
from dashboard.components.icon import icon
from dashboard.participants import forms, shown
from dashboard.participants.endings import ending_page, leaving_by_code
from dashboard.participants.forms import picture, quiet_button, words
from dashboard.participants.truth import truth
from dashboard.studies.base import text_in
from dashboard.studies.design import Design
from dashboard.studies.place import Place, TrialPlace
from dashboard.studies.trials import CompareTrial, EraseTrial, ExploreTrial, MarkTrial, PredictTrial, RateTrial
from dashboard.studies.wording import say
from dashboard.vision.inpainting import METHODS

_TOOL_ICONS = {
    "brush": "brush",
    "eraser": "eraser",
    "lasso": "bezier2",
    "rectangle": "square",
    "ellipse": "circle",
}


def welcome(design: Design, language: str, preview: bool, message: str = "") -> list[Any]:
    """What a link leads to; nothing has begun."""

    def text(of: Any) -> str:
        return text_in(of, language, design.languages[0])

    begin = (
        [html.P(message, className="message", role="alert")] if message else [_button("begin", say(language, "begin"))]
    )
    return [
        _preview_note(language) if preview else None,
        _languages(design, language),
        html.H1(text(design.title)),
        html.Div(begin, className="step-buttons"),
        html.Dl([html.Dt(say(language, "contact")), html.Dd(text(design.contact))], className="about-study"),
        leaving_by_code(language),
    ]


def page(place: Place) -> list[Any]:
    """The page of the step where she is, or of the end."""
    step = place.step
    body = ending_page(place) if step is None else [_progress(place), *_OF_STEP[step.kind](place)]
    return [_preview_note(place.language), *body] if place.preview else body


def after(place: Place) -> list[Any]:
    """What stands below the drawing: how sure she is, and going on."""
    trial = place.trial
    sure = trial is not None and isinstance(trial.trial, MarkTrial) and trial.trial.confidence
    return [forms.sure_scale(place) if sure else None, _next(place, "done")]


def tools(place: Place) -> list[Any]:
    """The drawing tools that this trial offers."""
    trial = place.trial
    if trial is None or not isinstance(trial.trial, MarkTrial | EraseTrial | ExploreTrial):
        return []
    language = place.language
    # In a trial that removes, each stroke is applied at once, so there is nothing to rub out.
    offered = [name for name in trial.trial.tools if name != "eraser" or isinstance(trial.trial, MarkTrial)]
    buttons = [_tool(name, say(language, name)) for name in offered]
    size = html.Div(
        [
            html.Label(say(language, "size"), htmlFor="brush-range"),
            dbc.Input(id="brush-range", type="range", min=4, max=120, step=2, value=36),
        ],
        className="brush-field",
    )
    ways = _ways(place, trial.trial) if isinstance(trial.trial, ExploreTrial) else None
    looks = shown.has_map(trial)
    back = [
        _icon_button("undo", "arrow-counterclockwise", say(language, "undo")),
        _icon_button("clear", "skip-backward", say(language, "clear")),
    ]
    label = {"mark": "mark_any"}.get(trial.trial.kind, "explore")
    return [
        html.Div(buttons, className="tool-row", role="group", **aria(label=say(language, label))),
        size,
        html.Div(back, className="tool-row"),
        html.Div(_map_switch(language), className="tool-row") if looks else None,
        ways,
    ]


def _map_switch(language: str) -> html.Button:
    label = say(language, "map_show")
    about = data(act="map") | aria(label=label, pressed=True)
    return html.Button(icon("thermometer-half"), type="button", className="tool-button", title=label, **about)


def _ways(place: Place, trial: ExploreTrial) -> Any:
    if len(trial.methods) < 2:
        return None
    options = [{"label": METHODS[key].label, "value": key} for key in trial.methods]
    field = dbc.Select(id="removal-method", options=options, value=trial.methods[0])
    return html.Div(
        [html.Label(say(place.language, "removal_by"), htmlFor="removal-method"), field], className="brush-field"
    )


def _progress(place: Place) -> html.Div:
    total = len(place.way)
    sentence = say(place.language, "step_of", step=place.number, total=total)
    done = round(100 * (place.number - 1) / total)
    practice = place.trial is not None and place.trial.plan["practice"]
    return html.Div(
        [
            html.Div(
                html.Div(className="progress-done", style={"width": f"{done}%"}),
                className="progress-line",
                role="progressbar",
                **aria(label=sentence, valuenow=str(done), valuemin="0", valuemax="100"),
            ),
            html.Div(
                [
                    html.Span(sentence),
                    html.Span(say(place.language, "practice"), className="practice-mark") if practice else None,
                ],
                className="progress-words",
            ),
        ],
        className="way-progress",
    )


def _consent(place: Place) -> list[Any]:
    language, design = place.language, place.design
    return [
        html.H1(words(place, design.title)),
        dcc.Markdown(words(place, design.consent), className="study-text"),
        html.H2(say(language, "privacy")),
        dcc.Markdown(words(place, design.privacy), className="study-text"),
        html.H2(say(language, "contact")),
        dcc.Markdown(words(place, design.contact), className="study-text"),
        html.Div(
            [_button("consent", say(language, "agree")), quiet_button("decline", say(language, "decline"))],
            className="step-buttons",
        ),
    ]


def _instructions(place: Place) -> list[Any]:
    pages: list[Any] = []
    for number, one in enumerate(place.design.instructions):
        text = words(place, one.text)
        pages.append(dcc.Markdown(text, className="study-text"))
        if one.picture:
            source = f"/s/{place.slug}/instructions/{number}.png?p={place.participant}"
            pages.append(html.Img(src=source, alt=one.picture, className="instruction-picture"))
    return [html.H1(say(place.language, "instructions")), *pages, _next(place)]


def _questionnaire(place: Place) -> list[Any]:
    asked = place.questionnaire()
    intro = [dcc.Markdown(words(place, asked.intro), className="study-text")] if asked.intro else []
    return [html.H1(words(place, asked.title)), *intro, *_fields(place), _next(place)]


def _questions(place: Place) -> list[Any]:
    trial = _trial_of(place)
    return [_still(place, trial), *_fields(place), _next(place)]


def _fields(place: Place) -> list[Any]:
    return [forms.question_field(place, question) for question in place.questions()]


def _trial(place: Place) -> list[Any]:
    trial = _trial_of(place)
    heading = html.H1(shown.task(place, trial), className="task")
    return [heading, _seconds(trial), *_OF_TRIAL.get(trial.plan["kind"], _nothing)(place, trial)]


def _seconds(trial: TrialPlace) -> Any:
    return None if trial.trial.seconds is None else html.P(id="seconds-left", className="quiet", role="timer")


def _nothing(_place: Place, _trial: TrialPlace) -> list[Any]:
    return []


def _predict(place: Place, trial: TrialPlace) -> list[Any]:
    language, asked, prepared = place.language, trial.trial, trial.plan["prepared"]
    if not isinstance(asked, PredictTrial):
        return []
    before = say(language, "before_removal", class_name=shown.class_word(place, prepared["class"]))
    fields = []
    if "class" in asked.asks:
        options = [(name, shown.class_word(place, name)) for name in prepared["offered"]]
        fields.append(forms.choices("predict-class", options, say(language, "predict_class"), "class"))
    if "change" in asked.asks:
        options = [("yes", say(language, "yes")), ("no", say(language, "no"))]
        title = say(language, "predict_change")
        fields.append(forms.choices("predict-change", options, title, "change", inline=True))
    if "sure" in asked.asks:
        fields.append(forms.percent_slider(place, "predict-sure", "sure", say(language, "predict_sure")))
    return [picture(place, trial, "prepared"), html.P(before), *fields, _next(place)]


def _rate(place: Place, trial: TrialPlace) -> list[Any]:
    asked = trial.trial
    if not isinstance(asked, RateTrial):
        return []
    over = "map" if "map" in asked.shown else None
    parts: list[Any] = [picture(place, trial, "picture", over)]
    if over:
        parts.append(_map_legend(place))
    if "answer" in asked.shown:
        name = shown.class_word(place, trial.plan["prepared"]["class"])
        parts.append(html.P(say(place.language, "computer_says", class_name=name)))
    return [*parts, *_fields(place), _next(place)]


def _compare(place: Place, trial: TrialPlace) -> list[Any]:
    if not isinstance(trial.trial, CompareTrial):
        return []
    language = place.language
    sides = trial.plan["prepared"]["sides"]
    pictures = [html.Figure([picture(place, trial, "picture", side), _caption(trial, side)]) for side in sides]
    options = [
        (sides[0], say(language, "first")),
        (sides[1], say(language, "second")),
        ("neither", say(language, "neither")),
    ]
    choice = forms.choices("compare-choice", options, say(language, "choose"), "more_like_me", inline=True)
    return [html.Div(pictures, className="side-by-side"), _map_legend(place), choice, _next(place)]


def _map_legend(place: Place) -> html.P:
    return html.P(say(place.language, "map_legend"), className="quiet map-legend")


def _caption(trial: TrialPlace, side: str) -> Any:
    return html.Figcaption(shown.side_name(trial, side)) if trial.plan["options"]["names_shown"] else None


def _truth(place: Place) -> list[Any]:
    return [html.H1(say(place.language, "truth_title")), *truth(place, _trial_of(place)), _next(place)]


def _still(place: Place, trial: TrialPlace) -> html.Div:
    return picture(place, trial, "prepared" if trial.plan["kind"] == "predict" else "picture")


def _trial_of(place: Place) -> TrialPlace:
    if place.trial is None:
        raise AssertionError("this step belongs to a trial")
    return place.trial


def _languages(design: Design, language: str) -> Any:
    if len(design.languages) < 2:
        return None
    buttons = [
        html.Button(
            one.upper(), type="button", className="segment", **data(language=one), **aria(pressed=one == language)
        )
        for one in design.languages
    ]
    return html.Div(buttons, className="segments", role="group", **aria(label="Language"))


def _preview_note(language: str) -> html.P:
    return html.P(say(language, "preview"), className="preview-note")


def _next(place: Place, word: str = "next") -> html.Div:
    message = html.P(id="step-message", className="message", role="alert")
    return html.Div([_button("next", say(place.language, word)), message], className="step-buttons")


def _button(act: str, label: str) -> html.Button:
    return html.Button(label, type="button", className="btn btn-primary", **data(act=act))


def _tool(name: str, label: str) -> html.Button:
    return html.Button(
        icon(_TOOL_ICONS[name]),
        type="button",
        id=f"tool-{name}",
        className="tool-button",
        title=label,
        **data(tool=name),
        **aria(label=label, pressed=False),
    )


def _icon_button(act: str, picture: str, label: str) -> html.Button:
    return html.Button(
        icon(picture), type="button", className="tool-button", title=label, **data(act=act), **aria(label=label)
    )


_Page = Callable[[Place], list[Any]]
_OF_STEP: dict[str, _Page] = {
    "consent": _consent,
    "instructions": _instructions,
    "questionnaire": _questionnaire,
    "questions": _questions,
    "trial": _trial,
    "truth": _truth,
}
_OF_TRIAL: dict[str, Callable[[Place, TrialPlace], list[Any]]] = {
    "predict": _predict,
    "rate": _rate,
    "compare": _compare,
}
