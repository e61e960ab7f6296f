"""How a way ends, and what somebody needs to go on later or to take back what she gave."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.components.attributes import data
from dashboard.participants.forms import quiet_button, words
from dashboard.studies.design import Ending
from dashboard.studies.place import Place
from dashboard.studies.wording import say


def notice(sentence: str) -> list[Any]:
    """A page that says one thing."""
    return [html.P(sentence, className="notice", role="alert")]


def ending_page(place: Place) -> list[Any]:
    """What stands after the last step, whatever ended her way."""
    language, design = place.language, place.design
    if place.state == "withdrawn":
        return notice(say(language, "withdrawn"))
    if place.state == "declined":
        return [html.P(say(language, "declined"), className="notice"), *_back(place, design.declined)]
    is_out = place.state == "screened_out"
    text = say(language, "screened_out") if is_out else words(place, design.end)
    back = _back(place, design.screened_out if is_out else design.finished)
    return [html.H1(say(language, "end")), dcc.Markdown(text, className="study-text"), *back]


def _back(place: Place, ending: Ending) -> list[Any]:
    """The code and the way back to whoever sent her."""
    parts: list[Any] = []
    if ending.code:
        parts.append(_code(say(place.language, "your_code"), ending.code))
    if ending.redirect:
        parts.append(html.A(say(place.language, "go_back"), href=str(ending.redirect), className="btn btn-primary"))
    return parts


def later(place: Place, link: str) -> list[Any]:
    """What she keeps for herself: the private link, the code, and the way out."""
    if place.withdrawal_code is None:
        return []
    language = place.language
    goes_on = [
        html.P(say(language, "resume_link"), className="quiet"),
        html.Code(link, className="resume-link", **data(resume_link=True)),
    ]
    details = html.Details(
        [
            html.Summary(say(language, "later" if place.step else "withdraw")),
            *(goes_on if place.step is not None else []),
            _code(say(language, "withdraw_code"), place.withdrawal_code),
            html.P(say(language, "withdraw_keep"), className="quiet"),
            *_leaving(language, say(language, "withdraw_sure")),
        ],
        # At the end she has to see her code: it is the last time that the page comes by itself.
        open=place.step is None,
        className="withdrawing",
    )
    return [details]


def leaving_by_code(language: str) -> html.Details:
    """For somebody who took part and has nothing left of it but her code."""
    return html.Details(
        [
            html.Summary(say(language, "withdraw_by_code")),
            *_leaving(language, say(language, "withdraw_code_ask"), say(language, "withdraw_sure")),
        ],
        className="withdrawing",
    )


def _leaving(language: str, asked: str, *more: str) -> list[Any]:
    return [
        html.P([asked, *(f" {one}" for one in more)], className="quiet"),
        html.Label(say(language, "code"), htmlFor="withdraw-field"),
        dbc.Input(id="withdraw-field", type="text", autocomplete="off", maxLength=32),
        html.P(id="withdraw-message", className="message", role="alert"),
        quiet_button("withdraw", say(language, "withdraw")),
    ]


def _code(title: str, code: str) -> html.Div:
    return html.Div(
        [html.Div(title, className="question-text"), html.Code(code, className="big-code")], className="code"
    )
