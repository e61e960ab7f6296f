"""What a participant is asked to do with one picture."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from dashboard.studies.base import Count, Key, Part, Seconds, Share, Text
from dashboard.studies.questions import Question


class _Trial(Part):
    """``task``: what is asked, in words, where the trial's own words are not wanted. ``model``: which of the study's
    models it is about, the first where it says none. ``seconds``: after which the trial ends by itself; ``questions``
    follow it.
    """

    key: Key
    model: str | None = None
    task: Text | None = None
    seconds: Seconds | None = None
    questions: tuple[Question, ...] = ()


class _Drawing(_Trial):
    tools: Annotated[tuple[Literal["brush", "eraser", "lasso", "rectangle", "ellipse"], ...], Field(min_length=1)] = (
        "brush",
        "eraser",
        "lasso",
    )


class MarkTrial(_Drawing):
    """Mark what makes this a …: a class by its name, the model's top answer, or the picture's own label."""

    kind: Literal["mark"] = "mark"
    of: Literal["top", "label", "class"] = "label"
    class_name: str | None = None
    confidence: bool = True
    largest_share: Share = 1.0


class EraseTrial(_Drawing):
    """Remove as little as you can so that the model changes its answer."""

    kind: Literal["erase"] = "erase"
    method: str = "telea"
    most_edits: Count | None = 20
    live_answers: bool = True
    map_shown: bool = False


class PredictTrial(_Trial):
    """Shown an edited picture: what will the model say now, does its answer change, how sure; then the truth or not.

    ``remove``: which part is taken away – the model's region of this ``share`` of the picture, or one of its shape at
    random.
    """

    kind: Literal["predict"] = "predict"
    remove: Literal["model", "random"] = "model"
    share: Share = 0.1
    method: str = "telea"
    asks: Annotated[tuple[Literal["class", "change", "sure"], ...], Field(min_length=1)] = ("change", "sure")
    classes_offered: Annotated[int, Field(ge=2, le=20)] = 5
    truth_shown: bool = False


class ExploreTrial(_Drawing):
    """Free editing with a goal in words."""

    kind: Literal["explore"] = "explore"
    goal: Text
    methods: Annotated[tuple[str, ...], Field(min_length=1)] = ("telea",)
    live_answers: bool = True
    map_shown: bool = True
    most_edits: Count | None = None


class RateTrial(_Trial):
    """Questions about the picture, the map or the answer."""

    kind: Literal["rate"] = "rate"
    shown: Annotated[tuple[Literal["picture", "map", "answer"], ...], Field(min_length=1)] = ("picture", "map")
    map_method: str = "cam"
    questions: Annotated[tuple[Question, ...], Field(min_length=1)]


class CompareTrial(_Trial):
    """Which of two maps, or of two models' maps, is more like you."""

    kind: Literal["compare"] = "compare"
    first_model: str | None = None
    second_model: str | None = None
    first_method: str = "cam"
    second_method: str = "cam"
    names_shown: bool = False


Trial = Annotated[
    MarkTrial | EraseTrial | PredictTrial | ExploreTrial | RateTrial | CompareTrial, Field(discriminator="kind")
]
