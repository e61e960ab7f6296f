"""What may be answered at each step: checked and brought into the form in which it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.recording.ids import RequestError
from dashboard.recording.text import check_text
from dashboard.studies.questions import Choice, Likert, Number, Question, Slider, Writing

# What a table holds to the last digit, and what can be averaged.
LARGEST_NUMBER = 1e15


class AnswerError(RequestError):
    """An answer that cannot be kept; ``question`` is the one it belongs to."""

    def __init__(self, question: str, sentence: str) -> None:
        super().__init__(sentence)
        self.question = question


def parse_answers(questions: Sequence[Question], given: Mapping[str, Any]) -> dict[str, Any]:
    """Every question's value, None for what was left out; raises AnswerError for the first that cannot be kept."""
    unknown = set(given) - {question.key for question in questions}
    if unknown:
        raise RequestError(f"There is no question {sorted(unknown)[0][:40]}.")
    return {question.key: _value(question, given.get(question.key)) for question in questions}


def check_kept(questions: Sequence[Question], kept: Mapping[str, Any]) -> None:
    """Raises RequestError for kept answers that these questions cannot have; anything can have been left out."""
    by_key = {question.key: question for question in questions}
    for key, value in kept.items():
        if key not in by_key:
            raise RequestError(f"There is no question {key[:40]!r}.")
        if value is not None:
            try:
                _value(by_key[key], value)
            except AnswerError as error:
                raise RequestError(f"{key}: {error}") from None


def answers_in_time(questions: Sequence[Question], given: Mapping[str, Any]) -> dict[str, Any]:
    """The same where the time for answering ended by itself: what cannot be kept was left out."""
    return {question.key: _value_or_none(question, given.get(question.key)) for question in questions}


def _value_or_none(question: Question, value: Any) -> Any:
    try:
        return _value(question, value)
    except AnswerError:
        return None


def screens_out(questions: Sequence[Question], values: Mapping[str, Any]) -> bool:
    """Whether an option was chosen that ends the study."""
    for question in questions:
        if isinstance(question, Choice):
            value = values[question.key]
            chosen = value if isinstance(value, list) else [value]
            if any(option.screens_out and option.key in chosen for option in question.options):
                return True
    return False


def _value(question: Question, value: Any) -> Any:
    if value is None or value in ("", []):
        if not question.optional:
            raise AnswerError(question.key, "This question needs an answer.")
        return None
    if isinstance(question, Likert):
        return _likert(question, value)
    if isinstance(question, Slider):
        return _between(question, value, question.minimum, question.maximum)
    if isinstance(question, Number):
        return _number(question, value)
    if isinstance(question, Choice):
        return _chosen(question, value)
    return _written(question, value)


def _likert(question: Likert, value: Any) -> int:
    number = _between(question, value, 1, question.steps)
    if number != int(number):
        raise AnswerError(question.key, "This is none of the steps.")
    return int(number)


def _number(question: Number, value: Any) -> float | int:
    number = _between(question, value, question.minimum, question.maximum)
    if not question.whole:
        return number
    if number != int(number):
        raise AnswerError(question.key, "A whole number is needed.")
    return int(number)


def _between(question: Question, value: Any, low: float | None, high: float | None) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise AnswerError(question.key, "A number is needed.")
    is_outside = (low is not None and value < low) or (high is not None and value > high)
    if is_outside or abs(value) > LARGEST_NUMBER:
        raise AnswerError(question.key, "This number is outside of what is asked.")
    return float(value)


def _chosen(question: Choice, value: Any) -> str | list[str]:
    known = [option.key for option in question.options]
    chosen = value if question.several else [value]
    if not isinstance(chosen, list) or any(one not in known for one in chosen):
        raise AnswerError(question.key, "This is none of the options.")
    # In the design's order, each once: the same answer is the same row.
    return [key for key in known if key in chosen] if question.several else str(value)


def _written(question: Writing, value: Any) -> str:
    try:
        return check_text(value, "answer", question.longest)
    except RequestError as error:
        raise AnswerError(question.key, str(error)) from None
