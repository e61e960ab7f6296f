"""A study's design as it lies in a package: it names nothing that only this installation knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session as Transaction

from dashboard.studies.attention import read_mask
from dashboard.studies.design import Design
from dashboard.studies.errors import StudyError
from dashboard.vision import rle

FREE_TEXT_QUESTIONS = ("text",)


def portable(transaction: Transaction, design: Design) -> Design:
    """The same with the right region of each attention check written out instead of a region's id.

    It is empty where the region is gone.
    """
    content = design.model_dump(mode="json", by_alias=True)
    for block in (*content["practice"], *content["blocks"]):
        for check in block["attention"]:
            check["mask"] = _written_out(transaction, check["mask"])
    return Design.model_validate(content)


def _written_out(transaction: Transaction, mask: str) -> str:
    try:
        found = rle.encode(read_mask(transaction, mask))
    except StudyError:
        return ""
    height, width = found["size"]
    return f"{width}x{height}:{found['counts']}"


def free_questions(design: Design) -> dict[str, frozenset[str]]:
    """Of each questionnaire, by the step that asks it, the questions that are answered in words of one's own."""
    return {
        f"questionnaire:{one.key}": frozenset(
            question.key for question in one.questions if question.kind in FREE_TEXT_QUESTIONS
        )
        for one in design.questionnaires
    }


def free_questions_of_trial(plan: dict[str, Any]) -> frozenset[str]:
    """The same of a planned trial's own questions."""
    return frozenset(_free(plan["options"].get("questions") or ()))


def _free(questions: Any) -> Iterator[str]:
    yield from (str(one["key"]) for one in questions if one.get("kind") in FREE_TEXT_QUESTIONS)
