"""The list of studies: `/studies`."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard.components import shell
from dashboard.components import study_parts as parts
from dashboard.failures import describe
from dashboard.services import workspace
from dashboard.studies import store
from dashboard.studies.base import text_in
from dashboard.studies.store import StudyRecord

NEW = "/studies/-/design"
EXAMPLE = f"{NEW}?example=cats-and-cups"


def layout(**_query: str) -> html.Div:
    """All studies, the newest first."""
    try:
        body = _body(store.everything(workspace()))
    except Exception as error:
        body = [parts.message(describe(error)[0]), html.A("Try again", href="/studies")]
    return html.Div(
        [shell.header("/studies"), html.Main(body, className="study-page"), shell.keys_dialog((("?", "This list"),))],
        className="page plain-page",
    )


def _body(studies: list[StudyRecord]) -> list[Any]:
    new = html.A("New study", href=NEW, className="btn btn-primary")
    if not studies:
        return [_head(), _empty(new)]
    heads = ("Study", "State", "Finished", "Begun", "Version", "Link", "Made")
    rows = [_row(one) for one in studies]
    return [_head(new), parts.table("Studies", heads, rows, numbers=(3, 4))]


def _head(*actions: Any) -> html.Div:
    return html.Div(
        [html.H2("Studies", className="page-title"), html.Div(actions, className="button-row")], className="study-head"
    )


def _empty(new: html.A) -> html.Div:
    return html.Div(
        [
            html.H3("No study yet", className="empty-title"),
            html.P(
                "A study shows participants pictures, asks them to mark, remove, predict or rate, and keeps "
                "every answer. "
                "Write one here, begin with an example, or give a file to “regionscope study create”."
            ),
            html.Div(
                [new, html.A("Begin with the example", href=EXAMPLE, className="btn btn-outline-secondary")],
                className="button-row",
            ),
        ],
        className="study-empty",
    )


def _row(study: StudyRecord) -> list[Any]:
    title = text_in(study.design.title, "en", study.design.languages[0])
    return [
        html.A(title, href=f"/studies/{study.slug}", className="row-link"),
        parts.pill(study.state),
        parts.filling(study.people.get("finished", 0), study.quota),
        sum(study.people.values()),
        study.version,
        html.A(f"/s/{study.slug}", href=f"/s/{study.slug}", target="_blank"),
        parts.moment(study.created_at),
    ]
