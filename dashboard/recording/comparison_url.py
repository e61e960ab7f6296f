"""What the address of the compare page says, and its way back: the one place that knows how it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import urlencode

from dashboard.recording.browse_url import fields_of
from dashboard.recording.ids import MOST_MODELS, RequestError, parse_id

Kind = Literal["edit", "session", "image"]
KINDS: tuple[Kind, ...] = get_args(Kind)
IdOf = Callable[[str, str], str]
WHAT = {"edit": "edit", "session": "session", "image": "picture"}
FEWEST, MOST = 2, 12
MASKS = ("outline", "fill", "off")
NO_MAP = "none"
MOST_FIELDS = 50
LONGEST_KEY = 200
LARGEST_CLASS = 1_000_000
DEFAULT_OPACITY = 55


@dataclass(frozen=True)
class Reference:
    """One thing to compare: an edit, the state a session stands at, or an untouched picture."""

    kind: Kind
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True)
class Items:
    """What an address asks for, each once, and a sentence for everything that cannot be asked for like that."""

    references: tuple[Reference, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Look:
    """How a comparison is shown. ``reference`` and ``pair`` are items as written; what is not chosen is empty.

    ``class_index`` is of the first model's label set; ``map_method`` is "" for the usual one and "none" for no map.
    """

    reference: str = ""
    models: tuple[str, ...] = ()
    class_index: int | None = None
    map_method: str = ""
    masks: str = MASKS[0]
    pair: tuple[str, str] | None = None
    opacity: int = DEFAULT_OPACITY


def parse_reference(text: str, id_of: IdOf = parse_id) -> Reference:
    """One item such as ``edit:<id>``; raises RequestError. ``id_of``: reads an id of a kind of thing."""
    kind, _, public_id = text.strip().partition(":")
    if kind not in KINDS:
        raise RequestError("An item is written edit:…, session:… or image:… with an id.")
    return Reference(kind, id_of(public_id.strip(), WHAT[kind]))


def parse_items(text: str, id_of: IdOf = parse_id) -> Items:
    """The items of ``items=``; never raises, for one bad item must not hide the others."""
    found: dict[Reference, None] = {}
    problems: list[str] = []
    for part in filter(str.strip, text.split(",")):
        try:
            found.setdefault(parse_reference(part, id_of))
        except RequestError as error:
            problems.append(f"“{_short(part)}” was left out. {error}")
    if len(found) > MOST:
        problems.append(f"{len(found)} items were asked for; the first {MOST} are shown, for more cannot be compared.")
    return Items(tuple(found)[:MOST], tuple(problems))


def parse_look(given: Mapping[str, object]) -> Look:
    """The look in an address's parameters or in a saved comparison; raises RequestError for what cannot be one."""
    given = {key: value for key, value in given.items() if value not in (None, "")}
    masks = str(given.get("masks", MASKS[0]))
    if masks not in MASKS:
        raise RequestError(f"Masks are shown as one of {', '.join(MASKS)}, not as “{_short(masks)}”.")
    return Look(
        reference=_item(given.get("ref")),
        models=_models(given.get("models")),
        class_index=_whole(given["class"], "class", LARGEST_CLASS) if "class" in given else None,
        map_method=_key(given.get("map", ""), "map method"),
        masks=masks,
        pair=_pair(given.get("pair")),
        opacity=_whole(given.get("opacity", DEFAULT_OPACITY), "opacity", 100),
    )


def look_to_parameters(look: Look) -> dict[str, str]:
    """The inverse: only what is not as usual, as text."""
    written = {
        "ref": look.reference,
        "models": ",".join(look.models),
        "class": "" if look.class_index is None else str(look.class_index),
        "map": look.map_method,
        "masks": "" if look.masks == MASKS[0] else look.masks,
        "pair": ",".join(look.pair or ()),
        "opacity": "" if look.opacity == DEFAULT_OPACITY else str(look.opacity),
    }
    return {key: value for key, value in written.items() if value}


def address(parameters: Mapping[str, str]) -> str:
    """The compare page's address with these parameters; colons and commas stay readable."""
    query = urlencode(parameters, safe=":,")
    return f"/compare?{query}" if query else "/compare"


def parameters_of(search: object) -> dict[str, str]:
    """The parameters of a query string ("?a=b"), empty for no text; raises RequestError where they are too many."""
    if not isinstance(search, str):
        return {}
    return dict(fields_of(search, MOST_FIELDS))


def _item(value: object) -> str:
    return str(parse_reference(str(value))) if value else ""


def _pair(value: object) -> tuple[str, str] | None:
    if not value:
        return None
    parts = str(value).split(",")
    if len(parts) != 2:
        raise RequestError("A difference needs two items.")
    return _item(parts[0]), _item(parts[1])


def _models(value: object) -> tuple[str, ...]:
    keys = dict.fromkeys(_key(part, "model") for part in str(value or "").split(",") if part)
    if len(keys) > MOST_MODELS:
        raise RequestError(f"At most {MOST_MODELS} models can be set beside each other.")
    return tuple(keys)


def _key(value: object, what: str) -> str:
    text = str(value)
    if len(text) > LONGEST_KEY or not text.isprintable():
        raise RequestError(f"There is no such {what}.")
    return text


def _whole(value: object, what: str, most: int) -> int:
    text = str(value)
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) > most:
        raise RequestError(f"The {what} must be a whole number up to {most:,}.")
    return int(text)


def _short(text: str) -> str:
    text = text.strip()
    return text if len(text) <= 60 else f"{text[:59]}…"
