"""What a design can hold, as a form needs it: read off the design's own schema, so that nothing can be forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from dashboard.studies.design import Design

Kind = Literal[
    "text", "word", "moment", "whole", "number", "yes_no", "one_of", "some_of", "words", "mapping", "part", "parts"
]
# Parts that are kept by their names in a design, and as a list with the name as a field in a form.
NAMED = ("image_sets",)
NAME = "name"


@dataclass(frozen=True)
class Field:
    """One field. ``options``: what can be chosen; ``variants``: the kinds of part that there are, by their names.

    A ``mapping`` holds names and values without a form of their own; a ``text`` may differ by language.
    """

    name: str
    kind: Kind
    required: bool = False
    default: Any = None
    options: tuple[str, ...] = ()
    variants: Mapping[str, str] = field(default_factory=dict)
    at_least: int = 0
    least: float | None = None
    most: float | None = None
    named: bool = False
    nullable: bool = False

    @property
    def empty_means_none(self) -> bool:
        """Whether leaving it empty says something: that there is no limit where there usually is one."""
        return self.nullable and self.default is not None

    def part_of(self, content: Any) -> str:
        """Which part one of its values is."""
        if len(self.variants) == 1:
            return next(iter(self.variants.values()))
        kind = content.get("kind") if isinstance(content, dict) else None
        return self.variants.get(str(kind), next(iter(self.variants.values())))


@cache
def fields_of(part: str = "") -> tuple[Field, ...]:
    """The fields of a kind of part, by its name in the schema; those of the design itself for none."""
    schema = _schema()
    content = schema["$defs"][part] if part else schema
    required = content.get("required", ())
    return tuple(
        _field(name, node, name in required)
        for name, node in content["properties"].items()
        if name not in ("kind", "regionscope_study")
    )


def find(part: str, name: str) -> Field:
    """One field of a part."""
    return next(one for one in fields_of(part) if one.name == name)


def new_item(one: Field, variant: str, content: Any) -> dict[str, Any]:
    """A new part for a list; its name is one that nothing in ``content``, the whole form, has yet."""
    part = one.variants.get(variant) or next(iter(one.variants.values()))
    made: dict[str, Any] = {"kind": variant} if len(one.variants) > 1 else {}
    stem = variant if len(one.variants) > 1 else _singular(one.name)
    taken = set(_names(content))
    for name in (NAME,) if one.named else ("key",):
        if one.named or any(inner.name == name for inner in fields_of(part)):
            made[name] = next(word for word in _numbered(stem) if word not in taken)
    for inner in fields_of(part):
        if inner.kind == "parts" and inner.at_least:
            items: list[Any] = []
            for _ in range(inner.at_least):
                items.append(new_item(inner, next(iter(inner.variants)), [content, made, items]))
            made[inner.name] = items
    return made


def _numbered(stem: str) -> Iterator[str]:
    yield stem
    number = 2
    while True:
        yield f"{stem}_{number}"
        number += 1


def _singular(name: str) -> str:
    return {"image_sets": "pictures", "attention": "attention_check"}.get(name, name.removesuffix("s"))


def _names(content: Any) -> Iterator[str]:
    if isinstance(content, list):
        for one in content:
            yield from _names(one)
    elif isinstance(content, dict):
        for name in ("key", NAME):
            if isinstance(content.get(name), str):
                yield content[name]
        for one in content.values():
            yield from _names(one)


@cache
def _schema() -> dict[str, Any]:
    return Design.model_json_schema(by_alias=True)


def _field(name: str, node: dict[str, Any], required: bool) -> Field:
    default = node.get("default")
    choices = [one for one in node.get("anyOf", ()) if one.get("type") != "null"]
    if len(choices) == 2:
        return Field(name, "text", required, default)
    inner = choices[0] if choices else node
    limits = {
        "nullable": len(choices) < len(node.get("anyOf", ())),
        "least": inner.get("minimum", inner.get("exclusiveMinimum")),
        "most": inner.get("maximum"),
        "at_least": inner.get("minItems", 0),
    }
    return Field(name, required=required, default=default, **_shape(name, inner), **limits)


def _shape(name: str, node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        return {"kind": "part", "variants": {"": _called(node["$ref"])}}
    if "enum" in node:
        return {"kind": "one_of", "options": tuple(node["enum"])}
    if node["type"] == "array":
        return _list_shape(node["items"])
    if node["type"] == "object":
        if name in NAMED:
            inner = next(iter(node["patternProperties"].values()))
            return {"kind": "parts", "variants": {"": _called(inner["$ref"])}, "named": True}
        return {"kind": "mapping"}
    plain: dict[str, Kind] = {"boolean": "yes_no", "integer": "whole", "number": "number"}
    words: Kind = "moment" if node.get("format") == "date-time" else "word"
    return {"kind": plain.get(node["type"], words)}


def _list_shape(items: dict[str, Any]) -> dict[str, Any]:
    if "enum" in items:
        return {"kind": "some_of", "options": tuple(items["enum"])}
    if "discriminator" in items:
        mapping = items["discriminator"]["mapping"]
        order = [_called(one["$ref"]) for one in items["oneOf"]]
        by_part = {_called(reference): kind for kind, reference in mapping.items()}
        return {"kind": "parts", "variants": {by_part[part]: part for part in order}}
    if "$ref" in items:
        return {"kind": "parts", "variants": {"": _called(items["$ref"])}}
    return {"kind": "words"}


def _called(reference: str) -> str:
    return reference.rsplit("/", 1)[-1]
