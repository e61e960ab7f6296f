"""Designs as YAML files, both ways, and what is wrong with one in sentences that name the place."""

from __future__ import annotations

from typing import Any

import yaml
from pydantic import ValidationError

from dashboard.studies.base import FITTING
from dashboard.studies.design import Design, question_problem
from dashboard.vision.errors import RegionscopeError

LARGEST_FILE = 2_000_000
MOST_SHOWN = 8


class DesignError(RegionscopeError):
    """The design cannot be read; the message names the places."""


def from_yaml(text: str) -> Design:
    """The design that a YAML file holds; raises DesignError naming each place that is wrong."""
    return from_content(content_of(text))


def from_content(content: Any) -> Design:
    """The design in plain values, as the browser sends it; raises DesignError."""
    design = _read(content)
    for block in (*design.practice, *design.blocks):
        for problem in filter(None, map(question_problem, block.trials)):
            raise DesignError(f"The study: {problem}.")
    return design


def in_use(text: str) -> Design:
    """The design of a study that was taken, from YAML: whatever is asked of new ones since, its answers are there."""
    return _read(content_of(text))


def _read(content: Any) -> Design:
    if not isinstance(content, dict):
        raise DesignError("A study is a list of names and values, beginning with regionscope_study: 1.")
    try:
        return Design.model_validate(content)
    except ValidationError as error:
        raise DesignError(" ".join(_sentences(error))) from error


def to_yaml(design: Design) -> str:
    """The design as a YAML file, without what is as it is by default; ``from_yaml`` gives the same design again."""
    return plain_yaml(to_content(design))


def plain_yaml(content: dict[str, Any]) -> str:
    """Plain values as YAML, whether they are a design yet or not."""
    return str(yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110))


def content_of(text: str) -> dict[str, Any]:
    """The plain values that a YAML file holds, before they are looked at; raises DesignError."""
    if len(text) > LARGEST_FILE:
        raise DesignError("The file is too large to be a study.")
    try:
        content = yaml.load(text, Loader=_Loader)  # a safe loader that also refuses keys given twice
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" near line {mark.line + 1}" if mark else ""
        raise DesignError(f"The file is no YAML{where}.") from error
    except RecursionError as error:
        raise DesignError("The file is nested too deeply.") from error
    if not isinstance(content, dict):
        raise DesignError("A study is a list of names and values, beginning with regionscope_study: 1.")
    return content


def to_content(design: Design) -> dict[str, Any]:
    """The design in plain values, without what is as it is by default but the kinds of things."""
    found = design.model_dump(mode="json", by_alias=True)
    return {"regionscope_study": design.regionscope_study, **_without_defaults(found)}


def _without_defaults(value: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in value.items() if part not in (None, (), [], {})}


def _sentences(error: ValidationError) -> list[str]:
    found = error.errors(include_url=False)
    lines = [f"{_place(one['loc'])}: {_said(one)}." for one in found[:MOST_SHOWN]]
    more = len(found) - MOST_SHOWN
    return [*lines, f"And {more} more."] if more > 0 else lines


def first_problem(error: ValidationError) -> str:
    """What is wrong first, and where, without a stop."""
    one = error.errors(include_url=False)[0]
    return f"{_place(one['loc'])}: {_said(one)}" if one["loc"] else _said(one)


def _place(location: tuple[int | str, ...]) -> str:
    """blocks.0.trials.1 → blocks, 1st, trials, 2nd."""
    words = [f"number {part + 1}" if isinstance(part, int) else str(part) for part in location]
    return ", ".join(words) or "The study"


def _said(one: Any) -> str:
    """What is wrong with a value, for somebody who does not know what the library that checks it calls things."""
    least = one.get("ctx", {}).get("min_length")
    plain = {
        "missing": "it is missing",
        "extra_forbidden": "there is no such field",
        "too_short": f"at least {least} {'is' if least == 1 else 'are'} needed",
        "string_too_short": "it is empty",
        "timezone_aware": "it needs a time zone, such as +01:00",
    }
    if one["type"] in plain:
        return plain[one["type"]]
    if one["type"] == "string_pattern_mismatch":
        return FITTING.get(one["ctx"]["pattern"], "it is not written as it has to be")
    message = str(one["msg"]).removeprefix("Value error, ")
    return f"{message[:1].lower()}{message[1:]}"


class _Loader(yaml.SafeLoader):
    """A name that is given twice is a mistake; and times stay text until the design reads them."""


def _mapping(loader: _Loader, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
    loader.flatten_mapping(node)
    found: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=deep)
        if not isinstance(key, str | int | float | bool):
            raise yaml.constructor.ConstructorError(None, None, "a name must be a word", key_node.start_mark)
        if key in found:
            raise yaml.constructor.ConstructorError(None, None, f"{key} is given twice", key_node.start_mark)
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


class _Dumper(yaml.SafeDumper):
    """Long texts as blocks, so that they can be read."""


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)
