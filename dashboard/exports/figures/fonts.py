"""Type that fits a venue's text, from what is on the machine and what matplotlib brings along; nothing is fetched."""

from __future__ import annotations

from functools import cache
from typing import Literal

Family = Literal["sans", "serif"]
# The first that is there is used. DejaVu and STIX come with matplotlib, so there is always one.
_FIRST: dict[Family, tuple[str, ...]] = {
    "sans": ("Arial", "Helvetica", "Liberation Sans", "Nimbus Sans", "DejaVu Sans"),
    "serif": ("Times New Roman", "Times", "Liberation Serif", "Nimbus Roman", "STIXGeneral"),
}
# What the first one lacks is taken from these, letter by letter.
_FURTHER = ("DejaVu Sans", "Noto Sans CJK JP", "Noto Sans CJK SC", "Source Han Sans", "WenQuanYi Zen Hei",
            "IPAGothic", "Noto Sans Hebrew", "Noto Sans Arabic", "Symbola")  # fmt: skip


@cache
def families(family: Family) -> tuple[str, ...]:
    """Names of fonts that are there: the first for all that it has, the others for what it lacks."""
    from matplotlib.font_manager import fontManager

    there = set(fontManager.get_font_names())
    first = next(name for name in _FIRST[family] if name in there)
    return tuple(dict.fromkeys([first, *(name for name in _FURTHER if name in there)]))
