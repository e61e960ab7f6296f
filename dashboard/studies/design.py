"""A study's design: everything that decides what a participant sees. Frozen once the study is open."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, HttpUrl, StringConstraints, model_validator

from dashboard.studies.base import Count, Key, Language, Part, Slug, Text
from dashboard.studies.kept import own_names
from dashboard.studies.questions import Questionnaire
from dashboard.studies.trials import Trial

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Order = Literal["fixed", "random", "latin_square"]


class Page(Part):
    """A page of instructions; ``picture`` is one of the library's, by its name."""

    text: Text
    picture: str | None = None


class ImageSet(Part):
    """Pictures by name, or all of one of the library's sets."""

    pictures: tuple[str, ...] = ()
    library_set: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> ImageSet:
        if bool(self.pictures) == bool(self.library_set):
            raise ValueError("it needs either pictures or library_set")
        return self


class Draw(Part):
    """Which pictures of a set a block shows: all of them, so many, or so many of each class (true label)."""

    image_set: Key = Field(alias="set")
    count: Count | None = None
    per_class: dict[str, Count] | None = None

    @model_validator(mode="after")
    def _one_rule(self) -> Draw:
        if self.count is not None and self.per_class is not None:
            raise ValueError("give count or per_class, not both")
        return self


class AttentionCheck(Part):
    """A picture with one right region: who marks less than ``least_iou`` of it did not attend."""

    picture: str
    mask: str
    least_iou: Annotated[float, Field(gt=0, le=1)] = 0.3
    task: Text


class Block(Part):
    """Trials for each picture that is drawn; ``order`` is that of the pictures."""

    key: Key
    title: Text | None = None
    images: Draw
    trials: Annotated[tuple[Trial, ...], Field(min_length=1)]
    order: Order = "random"
    attention: tuple[AttentionCheck, ...] = ()


class Level(Part):
    """One level of a factor: options by trial's key, e.g. ``{remove: {live_answers: false}}``.

    ``instructions_shown``: between participants, whether they read the instructions.
    """

    key: Key
    label: str = ""
    options: dict[Key, dict[str, Any]] = Field(default_factory=dict, alias="set")
    instructions_shown: bool = True


class Factor(Part):
    """What differs: between participants, or within each, who then does every block once a level."""

    key: Key
    kind: Literal["between", "within"] = "between"
    levels: Annotated[tuple[Level, ...], Field(min_length=2, max_length=12)]


class Exclusion(Part):
    """A rule that was fixed beforehand; who meets it is left out of the results, and counted."""

    rule: Literal["failed_attention", "faster_than_s", "empty_answers", "straight_lining"]
    limit: Annotated[float, Field(ge=0)] = 0


class Ending(Part):
    """How a participant leaves: a code to be given to the recruiter, and where she is sent."""

    code: Code | None = None
    redirect: HttpUrl | None = None


class Devices(Part):
    """Where the study can be done; ``canvas_px`` is the least length of the picture's longer side on the screen."""

    classes: Annotated[tuple[Literal["desktop", "tablet", "phone"], ...], Field(min_length=1)] = ("desktop", "tablet")
    canvas_px: Annotated[int, Field(ge=200, le=2_000)] = 320


class Design(Part):
    """One version of a study. ``tries``: how often one recruiter's id may begin; ``place_minutes``: when a place that
    nobody works on is given to somebody else; ``fresh_start``: a lab's computer that never resumes.
    """

    regionscope_study: Literal[1] = 1
    slug: Slug
    title: Text
    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=8)] = ("en",)
    contact: Text
    consent: Text
    privacy: Text
    instructions: tuple[Page, ...] = ()
    models: Annotated[tuple[str, ...], Field(min_length=1, max_length=8)] = ("efficientnet_lite0",)
    image_sets: Annotated[dict[Key, ImageSet], Field(min_length=1)]
    practice: tuple[Block, ...] = ()
    blocks: Annotated[tuple[Block, ...], Field(min_length=1)]
    block_order: Order = "fixed"
    factors: tuple[Factor, ...] = ()
    questionnaires: tuple[Questionnaire, ...] = ()
    class_names: dict[str, dict[Language, str]] = Field(default_factory=dict)
    end: Text
    finished: Ending = Ending()
    declined: Ending = Ending()
    screened_out: Ending = Ending()
    quota: Count = 20
    opens: AwareDatetime | None = None
    closes: AwareDatetime | None = None
    tries: Count = 1
    place_minutes: Annotated[int, Field(ge=1, le=10_080)] = 90
    devices: Devices = Devices()
    fresh_start: bool = False
    exclusions: tuple[Exclusion, ...] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> Design:
        for what, keys in _names(self):
            twice = sorted({key for key in keys if keys.count(key) > 1})
            if twice:
                raise ValueError(f"two {what} are called {twice[0]}")
        for block in (*self.practice, *self.blocks):
            if block.images.image_set not in self.image_sets:
                raise ValueError(f"the block {block.key} draws from a set {block.images.image_set} that is not there")
        if self.opens and self.closes and self.closes <= self.opens:
            raise ValueError("it closes before it opens")
        return self

    @property
    def sha256(self) -> str:
        """The same for the same design, however it was written."""
        content = self.model_dump(mode="json", by_alias=True)
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @property
    def between(self) -> tuple[Factor, ...]:
        """The factors by which participants differ."""
        return tuple(factor for factor in self.factors if factor.kind == "between")

    @property
    def within(self) -> tuple[Factor, ...]:
        """The factors of which every participant meets all levels."""
        return tuple(factor for factor in self.factors if factor.kind == "within")

    def is_open_at(self, moment: datetime) -> bool:
        """Whether ``moment`` lies between opening and closing."""
        return not ((self.opens and moment < self.opens) or (self.closes and moment >= self.closes))


def question_problem(trial: Trial) -> str:
    """Why an answer to one of a trial's questions would take the place of something else; empty where none does."""
    names = [question.key for question in trial.questions]
    own = own_names(trial.kind)
    for name in names:
        if names.count(name) > 1:
            return f"two questions of {trial.key} are called {name}"
        if name in own:
            return f"a question of {trial.key} is called {name}, as something that the trial itself keeps: rename it"
    return ""


def _names(design: Design) -> Iterator[tuple[str, list[str]]]:
    blocks = (*design.practice, *design.blocks)
    yield "languages", list(design.languages)
    yield "blocks", [block.key for block in blocks]
    yield "trials", [trial.key for block in blocks for trial in block.trials]
    yield "factors", [factor.key for factor in design.factors]
    yield "questionnaires", [one.key for one in design.questionnaires]
    for factor in design.factors:
        yield f"levels of {factor.key}", [level.key for level in factor.levels]
    for one in design.questionnaires:
        yield f"questions of {one.key}", [question.key for question in one.questions]
