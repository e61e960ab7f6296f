"""What is seen of a study while it fills."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from dashboard.components import study_parts as parts
from dashboard.components.attributes import aria
from dashboard.components.icon import icon
from dashboard.numbers import counted, percent
from dashboard.studies.watched import ACTIVE, STANDINGS, Answered, PeoplePage, Person, Sitting, Standing, TrialTimes

# Which study the page is of, what it has last seen of it, and what was last done on it.
SLUG, SEEN, DONE = "watch-slug", "watch-seen", "watch-done"
JUDGE, TURN, FIND, WHO = "study-judge", "people-turn", "people-find", "people-who"
EVERYBODY = "all"
WORDS = {
    ACTIVE: "Active",
    "finished": "Finished",
    "declined": "Declined",
    "timed_out": "Timed out",
    "screened_out": "Screened out",
    "withdrawn": "Withdrawn",
}


def standings(conditions: Sequence[Standing], total: Standing, quota: int, previews: int) -> html.Section:
    """Who is where, in each condition; ``total`` is of all of them."""
    lines = [*conditions, total] if len(conditions) > 1 else conditions
    heads = ("Condition", "Started", *[WORDS[name] for name in STANDINGS], "Excluded")
    rows = [_standing(one, one is total) for one in lines]
    title = html.Div(
        [html.H3("Participants by condition"), parts.filling(total.counts["finished"], quota)],
        className="section-head",
    )
    note = f"{counted(previews, 'preview is', 'previews are')} in no figure here." if previews else None
    return html.Section(
        [
            title,
            parts.table("Participants by condition", heads, rows, numbers=range(1, len(heads))),
            html.P(note, className="quiet small") if note else None,
        ],
        className="card-plain",
    )


def _standing(one: Standing, is_total: bool) -> list[Any]:
    figures = [one.started, *[one.counts[name] for name in STANDINGS], one.excluded]
    name = html.Strong("All") if is_total else _in_words(one.condition)
    return [name, *[figure or html.Span("0", className="quiet") for figure in figures]]


def _in_words(condition: str) -> str:
    return condition.replace("=", ": ").replace(",", ", ")


def finder() -> html.Div:
    """What participants are looked for by; it stands beside what is drawn anew while the study fills."""
    options = [{"value": EVERYBODY, "label": "All"}, *[{"value": one, "label": WORDS[one]} for one in STANDINGS]]
    return html.Div(
        [
            html.Label("Find", htmlFor=FIND),
            dbc.Input(id=FIND, type="search", placeholder="P12, recruiter's id, condition, reason", debounce=0.3),
            html.Label("Who", htmlFor=WHO),
            dbc.Select(id=WHO, options=options, value=EVERYBODY),
        ],
        className="people-finder",
    )


def people(found: PeoplePage, wanted: int) -> html.Div:
    """A page of participants, and what can be decided about each."""
    if not found.total:
        return html.Div(html.P(f"Nobody has begun yet; {wanted} are wanted. Give participants the link above."))
    if not found.found:
        return html.Div(html.P("Nobody is like that.", className="quiet"))
    shown = f"{found.first}–{found.first + len(found.people) - 1} of {found.found}"
    turning = html.Div(
        [
            _turn("Newer", found.number - 1, found.number > 1),
            html.Span(shown, className="quiet number"),
            _turn("Older", found.number + 1, found.number < found.pages),
        ],
        className="button-row people-pages",
    )
    return html.Div([_people(found.people), turning if found.pages > 1 else html.P(shown, className="quiet small")])


def _turn(label: str, number: int, there: bool) -> html.Button:
    return html.Button(
        label, id={"type": TURN, "page": number}, type="button", className="text-button accent", disabled=not there
    )


def _people(found: Sequence[Person]) -> html.Div:
    heads = (
        "Participant",
        "Recruiter's id",
        "Condition",
        "State",
        "Trials",
        "Minutes",
        "Last seen",
        "Replay",
        "Decisions",
    )
    return parts.table("Participants", heads, [_person(one) for one in found], numbers=(4, 5))


def _person(one: Person) -> list[Any]:
    end = one.ended_at or one.seen_at
    minutes = (end - one.started_at).total_seconds() / 60
    return [
        one.name,
        one.external_id or "–",
        _in_words(one.condition),
        WORDS.get(one.standing, one.standing),
        f"{one.answered} of {one.trials}",
        f"{minutes:.1f}",
        parts.moment(one.seen_at),
        _replays(one.name, one.sittings),
        _decisions(one),
    ]


def _replays(name: str, sittings: Sequence[Sitting]) -> Any:
    if not sittings:
        return html.Span("–", className="quiet")
    links = [
        html.Li(html.A(f"{number}. {one.trial}", href=f"/sessions/{one.session}"))
        for number, one in enumerate(sittings, 1)
    ]
    summary = f"{len(links)} session{'' if len(links) == 1 else 's'}"
    return html.Details([html.Summary(summary), html.Ul(links)], id=f"replays-{name}", className="replays")


def _decisions(one: Person) -> html.Div:
    notes = [("Flagged", one.flag), ("Excluded", one.excluded)]
    reasons = [html.Div(f"{word}: {reason}", className="reason") for word, reason in notes if reason]
    flag = _judge(one, "unflag" if one.flag else "flag", "flag-fill" if one.flag else "flag")
    exclude = _judge(one, "include" if one.excluded else "exclude", "person-check" if one.excluded else "person-x")
    return html.Div([*reasons, html.Div([flag, exclude], className="button-row")], className="decisions")


def _judge(one: Person, judgement: str, picture: str) -> html.Button:
    words = {"flag": "Flag", "unflag": "Remove the flag", "exclude": "Exclude", "include": "Take back in"}
    label = f"{words[judgement]}: {one.name}"
    return html.Button(
        icon(picture),
        id={"type": JUDGE, "participant": one.id, "judgement": judgement, "name": one.name},
        type="button",
        className="tool-button small-button",
        title=label,
        **aria(label=label),
    )


def times(found: Sequence[TrialTimes]) -> html.Section:
    """How long each trial takes, practice left out."""
    if not found:
        body: Any = html.P("No trial has been answered yet.", className="quiet")
    else:
        longest = max(one.upper for one in found)
        heads = ("Trial", "", "Median", "Quartiles", "n")
        rows = [_time(one, longest) for one in found]
        body = parts.table("Seconds per trial", heads, rows, numbers=(2, 3, 4))
    return html.Section([html.H3("Seconds per trial"), body], className="card-plain")


def _time(one: TrialTimes, longest: float) -> list[Any]:
    def place(value: float) -> str:
        return f"{percent(value / longest if longest else 0)}%"

    width = percent((one.upper - one.lower) / longest if longest else 0)
    box = html.Span(className="box", style={"left": place(one.lower), "width": f"{width}%"})
    middle = html.Span(className="middle", style={"left": place(one.median)})
    return [
        f"{one.block} · {one.trial}",
        html.Span([box, middle], className="box-track", **aria(hidden="true")),
        f"{one.median:.1f}",
        f"{one.lower:.1f} – {one.upper:.1f}",
        one.n,
    ]


def answers(found: Sequence[Answered]) -> html.Section:
    """What was answered last."""
    if not found:
        body: Any = html.P("No answer yet.", className="quiet")
    else:
        rows = [[one.person, one.step.replace(":", " "), in_words(one), parts.moment(one.at)] for one in found]
        body = parts.table("Last answers", ("Participant", "Step", "Answer", "When"), rows)
    return html.Section([html.H3("Last answers"), body], className="card-plain")


def in_words(one: Answered) -> str:
    """An answer in a few words."""
    given = one.answers
    if one.kind == "mark":
        return "marked nothing" if given.get("region") is None else "marked" + _sure(given.get("sure"), " of 5")
    if one.kind == "erase":
        changed = "the answer changed" if given.get("flipped") else "the answer stayed"
        return f"{changed}, {_edits(given)}"
    if one.kind == "explore":
        return _edits(given)
    if one.kind == "predict":
        return (
            ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in given.items() if value is not None)
            .replace("True", "yes")
            .replace("False", "no")
        )
    if one.step == "consent":
        return "agreed" if given.get("agreed") else "did not agree"
    return ", ".join(f"{name}: {_short(value)}" for name, value in given.items()) or "read"


def _edits(given: dict[str, Any]) -> str:
    count = given.get("edits") or 0
    return f"{count} edit{'' if count == 1 else 's'}"


def _sure(value: Any, after: str) -> str:
    return "" if value is None else f", sure {value}{after}"


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else "–" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
