"""What every part of a design is made of: frozen models that refuse what they do not know, and texts by language."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

_SLUG, _KEY, _LANGUAGE = r"^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$", r"^[a-z][a-z0-9_]{0,39}$", r"^[a-z]{2}$"
# What is said where one of them does not fit.
FITTING = {
    _SLUG: "only small letters, digits and, between them, - fit here",
    _KEY: "a small letter, then small letters, digits and _ fit here, 40 at most",
    _LANGUAGE: "a language is two small letters, such as en",
}
Slug = Annotated[str, StringConstraints(pattern=_SLUG)]
Key = Annotated[str, StringConstraints(pattern=_KEY)]
Language = Annotated[str, StringConstraints(pattern=_LANGUAGE)]
Share = Annotated[float, Field(gt=0, le=1)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Count = Annotated[int, Field(ge=1, le=10_000)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]


class Part(BaseModel):
    """A part of a design: cannot be changed, and knows all of its fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _not_empty(texts: dict[str, str] | str) -> dict[str, str] | str:
    if not texts:
        raise ValueError("a text is needed in one language at least")
    return texts


# One text for every language, or one for each.
Text = Annotated[Line | dict[Language, Line], AfterValidator(_not_empty)]


def text_in(text: Text, language: str, fallback: str) -> str:
    """A text in ``language``, else in the study's first language, else in any that there is."""
    if isinstance(text, str):
        return text
    return text.get(language) or text.get(fallback) or next(iter(text.values()))


def missing_languages(text: Text | None, languages: tuple[str, ...]) -> list[str]:
    """The languages in which a text is not given; none where one text stands for all."""
    if text is None or isinstance(text, str):
        return []
    return [language for language in languages if language not in text]


def is_one_for_all(text: Text, languages: tuple[str, ...]) -> bool:
    """Whether people of several languages read the very same text."""
    read = {text_in(text, language, "") for language in languages}
    return len(languages) > 1 and len(read) == 1 and not missing_languages(text, languages)
