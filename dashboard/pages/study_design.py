"""Writing a study's design: `/studies/<slug>/design`, and `/studies/-/design` for a new one."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import dash_bootstrap_components as dbc
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update

from dashboard.components import shell
from dashboard.components import study_parts as parts
from dashboard.components.attributes import aria, data
from dashboard.components.design_form import ACT, FIELD, Form
from dashboard.components.design_words import SECTIONS, place_of
from dashboard.failures import describe
from dashboard.services import workspace
from dashboard.studies import drafting, form_content
from dashboard.studies.design_yaml import DesignError, plain_yaml
from dashboard.studies.drafting import Draft, Verdict

FORM, DRAFT, VERDICT, STATE, GO = "design-form", "design-draft", "design-verdict", "design-state", "design-go"
SAVE, DIALOG, TEXT, TAKE, FILE, TEXT_MESSAGE = (
    "design-save",
    "design-dialog",
    "design-text",
    "design-take",
    "design-file",
    "design-text-message",
)
_FIELDS = {"type": FIELD, "path": ALL, "kind": ALL}
_ACTS = {"type": ACT, "path": ALL, "act": ALL, "variant": ALL}


def layout(slug: str = "-", example: str | None = None, **_query: str) -> html.Div:
    """The form, filled in with what is kept."""
    try:
        body = _body(drafting.begin(workspace(), slug, example))
    except Exception as error:
        body = [parts.message(describe(error)[0]), html.A("All studies", href="/studies")]
    return html.Div(
        [
            shell.header("/studies"),
            html.Main(body, className="study-page design-page"),
            _dialog(),
            shell.keys_dialog((("?", "This list"),)),
        ],
        className="page plain-page",
    )


def _body(draft: Draft) -> list[Any]:
    sections = [html.A(title, href=f"#{key}") for key, title, *_ in SECTIONS]
    return [
        dcc.Store(id=DRAFT, data={"form": draft.form, "slug": draft.slug, "sha256": draft.sha256}),
        dcc.Location(id=GO, refresh="callback-nav"),
        _head(draft),
        _frozen(draft.frozen),
        html.Div(
            [
                html.Nav(sections, className="design-nav", **aria(label="Parts of the design")),
                html.Div(_form(draft.form), id=FORM, className="design-form"),
                html.Aside(
                    html.Div(_verdict(drafting.judge(workspace(), draft.form)), id=VERDICT, role="status"),
                    className="design-check",
                    **aria(label="Check"),
                ),
            ],
            className="design-columns",
        ),
    ]


def _head(draft: Draft) -> html.Div:
    study = [
        html.A("Study", href=f"/studies/{draft.slug}", className="btn btn-outline-secondary"),
        html.A(
            "Preview as participant",
            href=f"/s/{draft.slug}?preview=1",
            target="_blank",
            className="btn btn-outline-secondary",
            title="As it is saved. Marked as a preview, and in no result.",
        ),
    ]
    title = f"Design of {draft.slug}" if draft.slug else "New study"
    return html.Div(
        [
            html.H2(title, className="page-title"),
            html.Div(
                [
                    _state(
                        "Saved" if draft.slug else "Not saved yet",
                        dirty=not draft.slug and bool(draft.form.get("title")),
                    ),
                    html.Button("As YAML", id="design-yaml", type="button", className="btn btn-outline-secondary"),
                    *(study if draft.slug else []),
                    html.Button("Save", id=SAVE, type="button", className="btn btn-primary"),
                ],
                className="button-row",
            ),
        ],
        className="study-head is-sticky",
    )


def _frozen(version: int | None) -> Any:
    if version is None:
        return None
    new = f"What you save is version {version + 1}, for all who begin then."
    words = f"Version {version} is frozen: participants have it. {new}"
    return html.P(words, className="preview-note")


def _state(words: str, *, dirty: bool, failed: bool = False) -> html.Span:
    style = "message" if failed else "quiet"
    return html.Span(html.Span(words, className=style, **data(dirty=dirty)), id=STATE, role="status")


def _form(form: dict[str, Any]) -> list[Any]:
    languages = form.get("languages") or ["en"]
    return list(Form(languages, drafting.options(workspace(), form)).sections(form))


def _verdict(verdict: Verdict) -> list[Any]:
    if verdict.unreadable:
        sentences = [html.Li(_with_place(line.rstrip(".") + ".")) for line in verdict.unreadable.split(". ") if line]
        return [html.H3("Not a study yet"), html.Ul(sentences, className="findings is-error")]
    errors = [one for one in verdict.findings if one.level == "error"]
    warnings = [one for one in verdict.findings if one.level == "warning"]
    head = "It can be opened." if not errors else "It cannot be opened yet."
    about = [f"{verdict.trials} trials in {verdict.conditions} condition{'s' if verdict.conditions > 1 else ''}"]
    about += [f"about {verdict.minutes} minutes"] if verdict.minutes is not None else []
    return [
        html.H3(head),
        html.P(", ".join(about) + " for each participant.", className="quiet") if verdict.trials else None,
        _found("Wrong", errors, "is-error"),
        _found("Unwise", warnings, "is-warning"),
    ]


def _with_place(line: str) -> list[Any]:
    place, colon, sentence = line.partition(": ")
    return [html.Strong(f"{place_of(place)}:"), " ", f"{sentence[:1].upper()}{sentence[1:]}"] if colon else [line]


def _found(title: str, found: list[Any], style: str) -> Any:
    if not found:
        return None
    lines = [html.Li([html.Strong(f"{place_of(one.place)}:"), " ", one.sentence]) for one in found]
    return html.Div([html.H4(title), html.Ul(lines, className=f"findings {style}")])


def _dialog() -> dbc.Modal:
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle("The design as YAML", id="design-dialog-title")),
            dbc.ModalBody(
                [
                    html.Label("Copy it, change it, or paste another one", htmlFor=TEXT, className="field-label"),
                    dbc.Textarea(id=TEXT, rows=22, className="design-code"),
                    dcc.Upload("Or choose a file", id=FILE, max_size=2_000_000, className="upload"),
                    html.P(id=TEXT_MESSAGE, className="message", role="alert"),
                ]
            ),
            dbc.ModalFooter(dbc.Button("Put it into the form", id=TAKE, color="primary")),
        ],
        id=DIALOG,
        labelledby="design-dialog-title",
        is_open=False,
        size="xl",
    )


def register(app: Dash) -> None:
    """Adds the page's callbacks to ``app``."""
    _register_form(app)
    _register_save(app)
    _register_text(app)
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("studies", "keepUnsaved"), Input(STATE, "children")
    )


def _register_form(app: Dash) -> None:
    @app.callback(
        Output(FORM, "children"),
        Output(DRAFT, "data"),
        Output(VERDICT, "children"),
        Output(STATE, "children"),
        Input(_FIELDS, "value"),
        Input(_ACTS, "n_clicks"),
        State(_FIELDS, "id"),
        State(DRAFT, "data"),
        prevent_initial_call=True,
    )
    def write(values: list[Any], _clicks: list[int | None], ids: list[dict[str, str]], draft: dict[str, Any]) -> Any:
        try:
            before = draft["form"]
            form = _collected(before, ids, values)
            asked = ctx.triggered_id
            pressed = isinstance(asked, dict) and asked["type"] == ACT
            if pressed and not ctx.triggered[0]["value"]:
                return (no_update,) * 4  # a button that has just come
            if pressed:
                form = form_content.change(form, asked["act"], asked["path"], asked["variant"])
            if form == before:
                return (no_update,) * 4
            anew = pressed or form.get("languages") != before.get("languages") or _set_names(form) != _set_names(before)
            shown = _form(form) if anew else no_update
            return shown, draft | {"form": form}, _verdict(drafting.judge(workspace(), form)), _unsaved()
        except Exception as error:
            return (
                no_update,
                no_update,
                no_update,
                html.Span(describe(error)[0], className="message", **data(dirty=True)),
            )


def _collected(form: dict[str, Any], ids: list[dict[str, str]], values: list[Any]) -> dict[str, Any]:
    return form_content.collect(
        form, [(one["path"], one["kind"], value) for one, value in zip(ids, values, strict=True)]
    )


def _set_names(form: dict[str, Any]) -> list[Any]:
    return [one.get("name") for one in form.get("image_sets") or ()]


def _unsaved() -> html.Span:
    return html.Span("Not saved", className="quiet", **data(dirty=True))


def _register_save(app: Dash) -> None:
    @app.callback(
        Output(STATE, "children", allow_duplicate=True),
        Output(DRAFT, "data", allow_duplicate=True),
        Output(GO, "href"),
        Input(SAVE, "n_clicks"),
        State(_FIELDS, "value"),
        State(_FIELDS, "id"),
        State(DRAFT, "data"),
        prevent_initial_call=True,
    )
    def save(_clicks: int, values: list[Any], ids: list[dict[str, str]], draft: dict[str, Any]) -> Any:
        try:
            form = _collected(draft["form"], ids, values)
            record = drafting.keep(workspace(), form, draft["slug"], draft["sha256"])
        except DesignError:
            words = "Not saved: it is not a study yet; see what is missing under Check."
            return html.Span(words, className="message", **data(dirty=True)), no_update, no_update
        except Exception as error:
            words = f"Not saved. {describe(error)[0]}"
            return html.Span(words, className="message", **data(dirty=True)), no_update, no_update
        now = {"form": form, "slug": record.slug, "sha256": record.design.sha256}
        kept = html.Span(f"Saved as version {record.version}", className="quiet", **data(dirty=False))
        return kept, now, no_update if record.slug == draft["slug"] else f"/studies/{record.slug}/design"


def _register_text(app: Dash) -> None:
    @app.callback(
        Output(DIALOG, "is_open"),
        Output(TEXT, "value"),
        Output(TEXT_MESSAGE, "children"),
        Input("design-yaml", "n_clicks"),
        State(DRAFT, "data"),
        prevent_initial_call=True,
    )
    def show(_clicks: int, draft: dict[str, Any]) -> Any:
        try:
            return True, plain_yaml(form_content.from_form(draft["form"])), ""
        except Exception as error:
            return True, no_update, describe(error)[0]

    @app.callback(
        Output(TEXT, "value", allow_duplicate=True),
        Output(TEXT_MESSAGE, "children", allow_duplicate=True),
        Input(FILE, "contents"),
        prevent_initial_call=True,
    )
    def read(contents: str | None) -> Any:
        if not contents:
            return no_update, no_update
        try:
            return base64.b64decode(contents.partition(",")[2], validate=True).decode("utf-8"), ""
        except (binascii.Error, UnicodeDecodeError):
            return no_update, "The file is no text."

    @app.callback(
        Output(FORM, "children", allow_duplicate=True),
        Output(DRAFT, "data", allow_duplicate=True),
        Output(VERDICT, "children", allow_duplicate=True),
        Output(STATE, "children", allow_duplicate=True),
        Output(DIALOG, "is_open", allow_duplicate=True),
        Output(TEXT_MESSAGE, "children", allow_duplicate=True),
        Input(TAKE, "n_clicks"),
        State(TEXT, "value"),
        State(DRAFT, "data"),
        prevent_initial_call=True,
    )
    def take(_clicks: int, text: str | None, draft: dict[str, Any]) -> Any:
        try:
            form = drafting.from_text(text or "")
            shown, verdict = _form(form), _verdict(drafting.judge(workspace(), form))
        except Exception as error:
            return (no_update,) * 5 + (describe(error)[0],)
        return shown, draft | {"form": form}, verdict, _unsaved(), False, ""
