"""A design while it is being written: plain values that may not be right yet, changed field by field and part by part.

A place in it is written as ``blocks/0/trials/1/task``, a text in one language as ``title@de``.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any, Literal

import yaml

from dashboard.studies.design_yaml import DesignError, plain_yaml
from dashboard.studies.outline import NAME, NAMED, Field, find, new_item

Act = Literal["add", "remove", "up", "down"]


def to_form(content: dict[str, Any]) -> dict[str, Any]:
    """A design's plain values as a form holds them: what is kept by name becomes a list."""
    made = copy.deepcopy(content)
    for name in NAMED:
        parts = made.get(name)
        if isinstance(parts, dict):
            made[name] = [{NAME: key, **(part if isinstance(part, dict) else {})} for key, part in parts.items()]
    return made


def from_form(form: dict[str, Any]) -> dict[str, Any]:
    """The other way; raises DesignError where two parts have one name, for one of them would be lost."""
    made = {"regionscope_study": 1, **copy.deepcopy(form)}
    for name in NAMED:
        parts = made.get(name) or []
        keys = [str(part.get(NAME) or "") for part in parts]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise DesignError(f"{name}: two of them are called {twice[0] or 'nothing'}.")
        made[name] = {key: {k: v for k, v in part.items() if k != NAME} for key, part in zip(keys, parts, strict=True)}
    return made


def collect(form: dict[str, Any], values: Iterable[tuple[str, str, Any]]) -> dict[str, Any]:
    """``form`` with the values that stand in its fields: (place, kind of field, value). Empty fields are left out."""
    made = copy.deepcopy(form)
    for place, kind, value in values:
        path, _, language = place.partition("@")
        holder, name = _holder(made, path)
        if holder is None:
            continue
        given = _as_kept(kind, value)
        if language:
            _put_text(holder, name, language, given)
        elif given is None and not field_at(form, path).empty_means_none:
            holder.pop(name, None)
        else:
            holder[name] = given
    return _with_single_texts(made)


def change(form: dict[str, Any], act: Act, place: str, variant: str = "") -> dict[str, Any]:
    """``form`` with a part added to the list at ``place``, or the part at ``place`` removed or moved by one."""
    made = copy.deepcopy(form)
    if act == "add":
        holder, name = _holder(made, place)
        if holder is not None:
            holder.setdefault(name, []).append(new_item(field_at(form, place), variant, made))
        return made
    above, _, last = place.rpartition("/")
    holder, name = _holder(made, above)
    parts = holder.get(name) if holder is not None else None
    if not isinstance(parts, list) or not 0 <= int(last) < len(parts):
        return made
    part = parts.pop(int(last))
    if act != "remove":
        parts.insert(max(0, int(last) + (-1 if act == "up" else 1)), part)
    return made


def field_at(form: dict[str, Any], place: str) -> Field:
    """The field that a place names."""
    part = ""
    value: Any = form
    words = place.split("/")
    for number, word in enumerate(words):
        if word.isdecimal():
            continue
        one = find(part, word)
        if number == len(words) - 1:
            return one
        value = value.get(word) if isinstance(value, dict) else {}
        following = words[number + 1]
        if following.isdecimal():
            value = value[int(following)] if isinstance(value, list) and int(following) < len(value) else {}
        part = one.part_of(value)
    raise KeyError(place)


def as_mapping_text(value: Any) -> str:
    """Names and values as lines to be edited; what could not be read stays as it was written."""
    if value in (None, {}, ()):
        return ""
    return value if isinstance(value, str) else plain_yaml(value)


def _as_kept(kind: str, value: Any) -> Any:
    if kind == "mapping":
        return _mapping(value)
    if kind == "words" and isinstance(value, str):
        value = [line.strip() for line in value.replace(",", "\n").splitlines() if line.strip()]
    if kind in ("words", "some_of"):
        return list(value) if value else None
    if kind == "yes_no":
        return bool(value)
    if kind == "whole" and isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        value = value if kind == "text" else value.strip()
    return None if value in (None, "") else value


def _mapping(value: Any) -> Any:
    text = str(value or "").strip()
    if not text:
        return None
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    return found if isinstance(found, dict) else text


def _holder(form: dict[str, Any], path: str) -> tuple[dict[str, Any] | None, str]:
    """The part that a place lies in, made where it is not there yet, and the place's own name; None for a lost one."""
    *words, name = path.split("/")
    here: Any = form
    for word in words:
        if word.isdecimal():
            if not isinstance(here, list) or int(word) >= len(here):
                return None, name
            here = here[int(word)]
        else:
            here = here.setdefault(word, {}) if isinstance(here, dict) else None
    return (here if isinstance(here, dict) else None), name


def _put_text(holder: dict[str, Any], name: str, language: str, given: Any) -> None:
    texts = holder.get(name)
    texts = texts if isinstance(texts, dict) else {}
    if given is None:
        texts.pop(language, None)
    else:
        texts[language] = given
    # A text that is there in no language is not there.
    holder[name] = texts
    if not texts:
        holder.pop(name)


def _with_single_texts(form: dict[str, Any]) -> dict[str, Any]:
    """Texts that are the same in all of the design's languages are one text for all."""
    languages = form.get("languages") or ["en"]

    def simple(value: Any) -> Any:
        if isinstance(value, list):
            return [simple(one) for one in value]
        if not isinstance(value, dict):
            return value
        is_text = value and len(languages) > 1 and set(value) == set(languages)
        if is_text and len(set(map(str, value.values()))) == 1 and isinstance(next(iter(value.values())), str):
            return next(iter(value.values()))
        return {name: simple(one) for name, one in value.items()}

    return {name: simple(one) for name, one in form.items()}
