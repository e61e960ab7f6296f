"""What can be asked in words: after a trial, or in a questionnaire."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dashboard.studies.base import Key, Part, Text


class _Question(Part):
    """``optional``: it may be left out."""

    key: Key
    text: Text
    optional: bool = False


class Likert(_Question):
    """So many steps between two poles."""

    kind: Literal["likert"] = "likert"
    steps: Annotated[int, Field(ge=2, le=11)] = 7
    low: Text
    high: Text


class Slider(_Question):
    """A number on a line between two poles; nothing is chosen until it is touched."""

    kind: Literal["slider"] = "slider"
    minimum: float = 0
    maximum: float = 100
    step: Annotated[float, Field(gt=0)] = 1
    low: Text
    high: Text

    @model_validator(mode="after")
    def _range(self) -> Slider:
        if self.maximum <= self.minimum:
            raise ValueError("its maximum must be above its minimum")
        return self


class Option(Part):
    """One answer that can be chosen; a screening option ends the study for whoever chooses it."""

    key: Key
    text: Text
    screens_out: bool = False


class Choice(_Question):
    """One of several answers, or any number of them."""

    kind: Literal["choice"] = "choice"
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=50)]
    several: bool = False
    shuffled: bool = False

    @model_validator(mode="after")
    def _each_once(self) -> Choice:
        keys = [option.key for option in self.options]
        if len(set(keys)) < len(keys):
            raise ValueError("two of its options have one key")
        return self


class Writing(_Question):
    """A text of one's own."""

    kind: Literal["text"] = "text"
    longest: Annotated[int, Field(ge=1, le=20_000)] = 2_000
    lines: Annotated[int, Field(ge=1, le=20)] = 3


class Number(_Question):
    """A number, such as an age."""

    kind: Literal["number"] = "number"
    minimum: float | None = None
    maximum: float | None = None
    whole: bool = True


Question = Annotated[Likert | Slider | Choice | Writing | Number, Field(discriminator="kind")]


class Questionnaire(Part):
    """Questions on a page of their own; ``when`` says where on the way."""

    key: Key
    title: Text
    intro: Text | None = None
    when: Literal["before", "after"] = "after"
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=200)]
