"""What is kept of a trial and of the answer to it, as types: for what was recorded elsewhere and comes from a file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from dashboard.studies.trials import Trial

Word = Annotated[str, Field(max_length=20_000)]
Fraction = Annotated[float, Field(ge=0, le=1)]


class _Kept(BaseModel):
    """Knows what others rely on, and leaves the rest as it is."""

    model_config = ConfigDict(extra="allow", strict=True, allow_inf_nan=False)


class Prepared(_Kept):
    """What was made ready before the trial was shown; nothing, for most."""

    offered: list[Word] | None = None


class Plan(_Kept):
    """A trial with all that decides it, see ``entering``."""

    block: Word
    trial: Word
    kind: Literal["mark", "erase", "predict", "explore", "rate", "compare"]
    picture: Word
    practice: bool
    attention: Annotated[int, Field(ge=0)] | None
    levels: dict[Word, Word]
    options: Trial
    class_name: Word | None
    model: Word
    prepared: Prepared

    @model_validator(mode="after")
    def _one_kind(self) -> Plan:
        if self.options.kind != self.kind:
            raise ValueError("its options are those of another kind of trial")
        return self


class _Answer(_Kept):
    timed_out: bool = False


class Marked(_Answer):
    """``region`` names it; ``iou`` is that of an attention check."""

    region: Word | None = None
    sure: Annotated[int, Field(ge=1, le=5, strict=False)] | None = None
    iou: Fraction | None = None


class Edited(_Answer):
    """Erased, or explored."""

    edits: Annotated[int, Field(ge=0)] | None = None
    edit: Word | None = None
    flipped: bool | None = None
    removed_area: Fraction | None = None


class Predicted(_Answer):
    """``class`` is among those offered, and what the truth was."""

    class_name: Word | None = Field(None, alias="class")
    change: Literal["yes", "no"] | None = None
    sure: Annotated[float, Field(ge=0, le=100)] | None = None
    right_class: bool | None = None
    right_change: bool | None = None


class Compared(_Answer):
    """Which of two was chosen."""

    more_like_me: Literal["first", "second", "neither"] | None = None


ANSWERS: dict[str, type[_Answer]] = {
    "mark": Marked,
    "erase": Edited,
    "explore": Edited,
    "predict": Predicted,
    "rate": _Answer,
    "compare": Compared,
}
# What is told of every trial beside its answer, under names of the same kind.
_TOLD = {"seconds", "marked"}


def own_names(kind: str) -> frozenset[str]:
    """The names under which a trial of this kind keeps and tells things of its own: no question of it can have one."""
    fields = ANSWERS[kind].model_fields.items()
    return frozenset({field.alias or name for name, field in fields} | _TOLD)
