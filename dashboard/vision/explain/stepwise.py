"""Work that is done in short steps, each of which any process may do.

A state is a dict of NumPy arrays and nothing else, so that ``np.savez(file, **state)`` keeps it; ``state["done"]``
says how many steps are done. However the steps are divided among calls and processes, the result has the same bits.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from dashboard.vision.explain.question import Question

State = dict[str, NDArray[Any]]
Progress = Callable[[int, int], object]
Result_co = TypeVar("Result_co", covariant=True)

# What a person does not yet feel as waiting.
STEP_SECONDS = 0.3


class Stepwise(Protocol[Result_co]):
    """A method that works in steps. No argument is changed; every state is a new dict."""

    def total(self, question: Question) -> int:
        """How many steps there are; at most so many where the method may end earlier."""

    def begin(self, question: Question) -> State:
        """The state before the first step."""

    def advance(self, question: Question, state: State, last: int) -> State:
        """The state after the steps from ``state["done"]`` up to, not including, ``last``.

        A method that ends early says so by ``state["done"]`` = total.
        """

    def finish(self, question: Question, state: State) -> Result_co:
        """The result of what has been done so far; the final one after the last step."""


class InParts(ABC):
    """The part of Stepwise that counts; a subclass does one step on a state that it may change in place."""

    @abstractmethod
    def total(self, question: Question) -> int:
        """How many steps there are."""

    @abstractmethod
    def _first(self, question: Question) -> State: ...

    @abstractmethod
    def _step(self, question: Question, state: State, index: int) -> None: ...

    def begin(self, question: Question) -> State:
        """The state before the first step."""
        return {**self._first(question), "done": np.array(0)}

    def advance(self, question: Question, state: State, last: int) -> State:
        """The state after the steps up to, not including, ``last``; see Stepwise."""
        state = {name: array.copy() for name, array in state.items()}
        end = min(last, self.total(question))
        while (index := done(state)) < end:
            state["done"] = np.array(index + 1)
            self._step(question, state, index)
        return state


class InBatches(InParts):
    """Steps of one engine's batch each: an answer's last bits may depend on what else is in its batch."""

    @abstractmethod
    def count(self, question: Question) -> int:
        """How many images the network sees."""

    @abstractmethod
    def _batch(self, question: Question, state: State, items: range) -> None: ...

    def total(self, question: Question) -> int:
        """How many batches there are."""
        return -(-self.count(question) // self._size(question))

    def _items_done(self, question: Question, state: State) -> int:
        return min(done(state) * self._size(question), self.count(question))

    def _size(self, question: Question) -> int:
        return question.classifier.batch_size

    def _step(self, question: Question, state: State, index: int) -> None:
        size = self._size(question)
        self._batch(question, state, range(index * size, min((index + 1) * size, self.count(question))))


def done(state: State) -> int:
    """How many steps have been done."""
    return int(state["done"])


def advance_for(method: Stepwise[Any], question: Question, state: State, seconds: float = STEP_SECONDS) -> State:
    """The state after about ``seconds`` of work: at least one step, none begun after that time."""
    end, total = time.monotonic() + seconds, method.total(question)
    while done(state) < total:
        state = method.advance(question, state, done(state) + 1)
        if time.monotonic() >= end:
            break
    return state


def run(method: Stepwise[Result_co], question: Question, progress: Progress | None = None) -> Result_co:
    """The result of all steps; ``progress`` is called with (done, total) after some 300 ms each."""
    state, total = method.begin(question), method.total(question)
    while done(state) < total:
        state = advance_for(method, question, state)
        if progress is not None:
            progress(done(state), total)
    return method.finish(question, state)
