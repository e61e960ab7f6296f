"""References as a reader sees them, from the entries that LaTeX gets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from dashboard.exports.figures.references import REFERENCES

_FIELD = re.compile(r"(\w+) = \{((?:[^{}]|\{[^{}]*\})*)\}")
_WHERE = ("journal", "booktitle", "institution", "howpublished", "publisher", "note")
_ACCENTS = {"'": "\u0301", "`": "\u0300", '"': "\u0308", "^": "\u0302", "~": "\u0303", "c": "\u0327"}


@dataclass(frozen=True)
class Reference:
    """One work; ``link`` is its DOI or arXiv address, "" without one. ``order``: first surname and year."""

    text: str
    link: str
    order: tuple[str, str]


def reference(key: str) -> Reference:
    """The work of this key in REFERENCES."""
    fields = {name.lower(): _plain(value) for name, value in _FIELD.findall(REFERENCES[key])}
    written = fields.get("author") or fields.get("editor") or ""
    authors = [" ".join(reversed(name.split(", ", 1))) for name in written.split(" and ")]
    where = next((fields[name] for name in _WHERE if name in fields), "")
    number = f"({fields['number']})" if "number" in fields else ""
    volume = f" {fields['volume']}{number}" if "volume" in fields else ""
    pages = f", {fields['pages']}" if "pages" in fields else ""
    link = f"https://doi.org/{fields['doi']}" if "doi" in fields else ""
    if not link and "eprint" in fields:
        link = f"https://arxiv.org/abs/{fields['eprint']}"
    source = f" {where}{volume}{pages}." if where else ""
    text = f"{_joined(authors)}. {fields['year']}. {fields['title']}.{source}"
    return Reference(text, link, (written.partition(",")[0], fields["year"]))


def references(keys: Iterable[str]) -> list[Reference]:
    """The works, by author and year."""
    return sorted((reference(key) for key in set(keys) if key in REFERENCES), key=lambda one: one.order)


def _joined(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _plain(text: str) -> str:
    """A field's text without TeX."""
    marked = re.sub(r"""\\(['`"^~c])\{?(\w)\}?""", lambda found: found[2] + _ACCENTS[found[1]], text)
    plain = unicodedata.normalize("NFC", marked).replace("--", "–").replace("{", "").replace("}", "")
    return " ".join(plain.split())
