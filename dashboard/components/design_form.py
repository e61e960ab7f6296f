"""The form of a study's design: a field for everything that a design can hold."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.components.attributes import aria
from dashboard.components.design_words import ADD, FIRST, LONG, SECTIONS, hint_of, label_of, word_of
from dashboard.components.icon import icon
from dashboard.studies.form_content import as_mapping_text
from dashboard.studies.outline import Field, fields_of

FIELD, ACT = "design-field", "design-act"
Options = Mapping[str, Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class Form:
    """What the fields are made for: languages, and what can be chosen, by the fields' names."""

    languages: Sequence[str]
    options: Options

    def sections(self, content: dict[str, Any]) -> list[html.Section]:
        """The whole form."""
        return [self._section(content, *one) for one in SECTIONS]

    def _section(
        self, content: dict[str, Any], key: str, title: str, about: str, names: tuple[str, ...]
    ) -> html.Section:
        by_name = {one.name: one for one in fields_of()}
        fields = [self._field(by_name[name], content.get(name, by_name[name].default), name) for name in names]
        heading = html.Div([html.H3(title, id=f"{key}-title"), html.P(about, className="quiet")])
        if "factors" in names:
            fields.insert(0, _variable(content))
        return html.Section(
            [heading, html.Div(fields, className="design-fields")],
            id=key,
            className="design-section",
            **aria(labelledby=f"{key}-title"),
        )

    def _part(self, part: str, content: Any, path: str, *, named: bool = False) -> list[Any]:
        """A part's fields, those that are seldom needed behind a line that opens."""
        values = content if isinstance(content, dict) else {}
        names = (Field("name", "word", required=True),) if named else ()
        found = [
            (one, self._field(one, values.get(one.name, one.default), f"{path}/{one.name}"))
            for one in (*names, *fields_of(part))
        ]
        # What is short comes before what can be long.
        found.sort(key=lambda pair: pair[0].kind in ("part", "parts"))
        first = [made for one, made in found if one.required or one.name in FIRST]
        rest = [made for one, made in found if not one.required and one.name not in FIRST]
        more = (
            html.Details([html.Summary("More"), html.Div(rest, className="design-fields")], id=f"more-{path}")
            if rest
            else None
        )
        return [html.Div(first, className="design-fields"), *([more] if more else [])]

    def _field(self, one: Field, value: Any, path: str) -> Any:
        if one.kind == "parts":
            return self._list(one, value, path)
        if one.kind == "part":
            part = next(iter(one.variants.values()))
            return html.Fieldset([html.Legend(label_of(one)), *self._part(part, value, path)], className="design-part")
        if one.kind == "text" and len(self.languages) > 1:
            texts = [self._text(one, value, path, language) for language in self.languages]
            return html.Div(texts, className="design-texts")
        if one.kind == "text":
            return self._text(one, value, path, "")
        return _labelled(one, path, self._input(one, value, path))

    def _text(self, one: Field, value: Any, path: str, language: str) -> html.Div:
        text = value.get(language or self.languages[0]) if isinstance(value, dict) else value
        # Where a design has one language, a text that was kept by language stays so.
        language = language or (self.languages[0] if isinstance(value, dict) else "")
        place = f"{path}@{language}" if language else path
        field_id = {"type": FIELD, "path": place, "kind": "text"}
        shared = {"value": text or "", "debounce": True, "maxLength": 20_000}
        if one.name in LONG:
            made: Any = dbc.Textarea(id=field_id, rows=5 if one.name in ("consent", "privacy") else 2, **shared)
        else:
            made = dbc.Input(id=field_id, **shared)
        return _labelled(one, place, made, f" ({language})" if len(self.languages) > 1 else "", field_id)

    def _input(self, one: Field, given: Any, path: str) -> Any:
        field_id = {"type": FIELD, "path": path, "kind": one.kind}
        offered = None if one.kind == "mapping" else self.options.get(one.name)
        if one.kind == "yes_no":
            return dbc.Switch(id=field_id, value=bool(given), label=label_of(one))
        if one.kind == "some_of" or (one.kind == "words" and offered is not None and one.name != "pictures"):
            choices = offered or [(name, word_of(name)) for name in one.options]
            missing = [(name, name) for name in given or () if name not in dict(choices)]
            options = [{"value": name, "label": label} for name, label in (*choices, *missing)]
            return dbc.Checklist(id=field_id, options=options, value=list(given or ()), inline=True)
        if one.kind == "words" and offered is not None:
            known = dict.fromkeys([name for name, _ in offered] + list(given or ()))
            return dcc.Dropdown(
                id=field_id, options=list(known), value=list(given or ()), multi=True, placeholder="Choose pictures"
            )
        if one.kind == "one_of" or offered is not None:
            return _select(field_id, one, given, offered)
        if one.kind == "mapping":
            return dbc.Textarea(
                id=field_id, value=as_mapping_text(given), debounce=True, rows=3, className="design-code"
            )
        if one.kind == "words":
            return dbc.Input(id=field_id, value=", ".join(given or ()), debounce=True)
        if one.kind in ("whole", "number"):
            return dbc.Input(
                id=field_id, type="number", value=given, debounce=True, step=1 if one.kind == "whole" else "any"
            )
        return dbc.Input(id=field_id, value=given or "", debounce=True)

    def _list(self, one: Field, value: Any, path: str) -> html.Div:
        items = value if isinstance(value, list) else []
        cards = [self._card(one, item, f"{path}/{number}", number, len(items)) for number, item in enumerate(items)]
        label = None if one.name in _SECTION_LISTS else html.Span(label_of(one), className="field-label")
        return html.Div([label, *cards, _adder(one, path)], className="design-list")

    def _card(self, one: Field, item: Any, path: str, number: int, count: int) -> html.Details:
        kind = item.get("kind") if isinstance(item, dict) else None
        called = (item.get("key") or item.get("name") or "") if isinstance(item, dict) else ""
        title = " · ".join(word for word in (word_of(str(kind)) if kind else "", str(called)) if word)
        title = title or f"Number {number + 1}"
        head = html.Summary([html.Span(title), html.Span(_about(item), className="quiet small")])
        tools = html.Div(
            [
                _tool(path, "up", "arrow-up", f"Move {title} up") if number else None,
                _tool(path, "down", "arrow-down", f"Move {title} down") if number < count - 1 else None,
                _tool(path, "remove", "trash", f"Remove {title}"),
            ],
            className="design-tools",
        )
        inside = self._part(one.part_of(item), item, path, named=one.named)
        return html.Details([head, tools, *inside], className="design-card", id=f"card-{path}", open=count <= 3)


def _variable(content: dict[str, Any]) -> html.Details | None:
    """What a factor's levels can set: each trial with the names of its options."""
    trials = [
        trial
        for name in ("practice", "blocks")
        for block in content.get(name) or ()
        for trial in block.get("trials") or ()
    ]
    by_name = {one.name: one for one in fields_of("Block")}
    lines = []
    for trial in trials:
        options = [one.name for one in fields_of(by_name["trials"].part_of(trial)) if one.name != "key"]
        lines.append(html.Li([html.Strong(str(trial.get("key", ""))), ": ", ", ".join(options)]))
    if not lines:
        return None
    inside = [html.Summary("What levels can set"), html.Ul(lines, className="small")]
    return html.Details(inside, id="variable", className="field is-wide")


_SECTION_LISTS = {name for *_, names in SECTIONS for name in names}


def element_id(field_id: dict[str, str]) -> str:
    """The id that Dash gives an element in the document, for its label."""
    return json.dumps(field_id, sort_keys=True, separators=(",", ":"))


def _labelled(one: Field, path: str, made: Any, after: str = "", field_id: dict[str, str] | None = None) -> html.Div:
    hint = html.Small(hint_of(one), className="quiet") if hint_of(one) else None
    wide = " is-wide" if one.name in LONG or one.kind in ("mapping", "some_of", "words") else ""
    label = label_of(one) + after
    if one.kind == "yes_no":
        return html.Div([made, hint], className="field stacked is-switch")
    if one.kind in ("some_of", "words"):
        title = html.Span(label, className="field-label")
        return html.Div([title, made, hint], className=f"field stacked{wide}", role="group", **aria(label=label))
    target = element_id(field_id or {"type": FIELD, "path": path, "kind": one.kind})
    return html.Div([html.Label(label, htmlFor=target), made, hint], className=f"field stacked{wide}")


def _select(field_id: dict[str, str], one: Field, given: Any, offered: Sequence[tuple[str, str]] | None) -> dbc.Select:
    choices = list(offered) if offered is not None else [(name, word_of(name)) for name in one.options]
    if given and given not in dict(choices):
        choices.append((given, f"{given[:40]} (not in this list)"))
    if not one.required and one.default is None:
        choices.insert(0, ("", "–"))
    elif not given:
        choices.insert(0, ("", "Choose"))
    return dbc.Select(
        id=field_id, options=[{"value": name, "label": label} for name, label in choices], value=given or ""
    )


def _adder(one: Field, path: str) -> html.Div:
    if len(one.variants) == 1:
        return html.Div([_add(path, "", ADD.get(one.name, "Add"))], className="design-add")
    what = "a question" if one.name == "questions" else "a trial"
    buttons = [_add(path, variant, word_of(variant).capitalize()) for variant in one.variants]
    title = html.Span(f"Add {what}:", className="quiet")
    return html.Div([title, *buttons], className="design-add", role="group", **aria(label=f"Add {what}"))


def _add(path: str, variant: str, label: str) -> html.Button:
    return html.Button(
        [icon("plus-lg"), label],
        id={"type": ACT, "path": path, "act": "add", "variant": variant},
        type="button",
        className="text-button accent",
    )


def _tool(path: str, act: str, picture: str, label: str) -> html.Button:
    return html.Button(
        icon(picture),
        id={"type": ACT, "path": path, "act": act, "variant": ""},
        type="button",
        className="tool-button small-button",
        title=label,
        **aria(label=label),
    )


def _about(item: Any) -> str:
    """What a closed card says of its inside."""
    if not isinstance(item, dict):
        return ""
    counts = [(len(item[name]), name) for name in ("trials", "questions", "levels", "pictures") if item.get(name)]
    return ", ".join(f"{count} {name if count > 1 else name.removesuffix('s')}" for count, name in counts)
