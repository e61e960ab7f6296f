"""Edits, end states and pictures gathered to be set side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dashboard.recording import answers
from dashboard.recording.comparison_url import FEWEST, WHAT, Items, Reference
from dashboard.recording.workspace import Workspace
from dashboard.vision.errors import RegionscopeError
from db import comparing
from db.comparing import Network, State, States, Wanted
from db.records import Answer, Picture

TOP = 5
LETTERS = "ABCDEFGHIJKL"


@dataclass(frozen=True)
class Item:
    """One thing compared. ``letter`` is its short name on the page.

    ``answers`` is by model key: of every key the weights that all items are compared by, see compare().
    ``other_weights`` are keys under which only other weights have answered it.
    """

    letter: str
    reference: Reference
    state: State
    answers: dict[str, Answer]
    other_weights: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """As the address writes it."""
        return str(self.reference)

    @property
    def picture(self) -> Picture:
        """The picture that it is a state of."""
        return self.state.picture

    @property
    def blob(self) -> str:
        """The file of the picture as it is in this state."""
        return self.state.change.result_blob if self.state.change else self.state.picture.working_blob

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels of the working copy."""
        return self.state.picture.working_height, self.state.picture.working_width


@dataclass(frozen=True)
class Compared:
    """What was found, in the order asked for, and a sentence for everything that is not shown."""

    items: tuple[Item, ...]
    problems: tuple[str, ...]

    @property
    def is_enough(self) -> bool:
        """Whether there is anything to compare."""
        return len(self.items) >= FEWEST

    def find(self, key: str) -> Item | None:
        """The item that the address writes like this."""
        return next((item for item in self.items if item.key == key), None)


@dataclass(frozen=True)
class ModelName:
    """A model that answered at least one of the items: its key, its human label, and how many it answered."""

    key: str
    label: str
    answered: int


@dataclass(frozen=True)
class ClassLine:
    """One class of a label set: what each item's answer says of it (0–1), None where there is no such answer."""

    index: int
    label: str
    values: dict[tuple[str, str], float | None]


@dataclass(frozen=True)
class People:
    """Whose regions are laid over each other: for each person the ids of the edits that hold her regions.

    ``named`` people are told apart by their name, ``unnamed`` sessions count as a person each.
    """

    groups: tuple[tuple[str, ...], ...]
    named: int
    unnamed: int

    @property
    def count(self) -> int:
        """n."""
        return len(self.groups)


def compare(workspace: Workspace, asked: Items) -> Compared:
    """Everything asked for that is kept; in a few statements, however much it is.

    Where several weights answered under one key, those that answered the most items are compared, of as many the
    newest; what only others answered counts as not answered.
    """
    wanted = {kind: frozenset(r.id for r in asked.references if r.kind == kind) for kind in WHAT}
    with workspace.database.read() as transaction:
        found = comparing.states(transaction, Wanted(wanted["edit"], wanted["session"], wanted["image"]))
    items: list[Item] = []
    problems = list(asked.problems)
    for reference in asked.references:
        state = _state(found, reference)
        if state is None:
            problems.append(f"The {WHAT[reference.kind]} {reference.id} is not here; it may have been deleted.")
        else:
            items.append(Item(LETTERS[len(items)], reference, state, {}))
    weights = _weights(items)
    return Compared(tuple(_by_key(item, weights) for item in items), (*problems, *_too_few(items, asked)))


def _weights(items: Sequence[Item]) -> dict[str, str]:
    """The weights that are compared of each model key."""
    counts = Counter(network for item in items for network in item.state.answers)
    newest: Counter[Network] = Counter()
    for item in items:
        newest |= Counter({network: place for place, network in enumerate(item.state.answers, 1)})
    return dict(sorted(counts, key=lambda network: (counts[network], newest[network])))


def _by_key(item: Item, weights: Mapping[str, str]) -> Item:
    given = item.state.answers
    chosen = {key: given[key, sha256] for key, sha256 in weights.items() if (key, sha256) in given}
    return replace(item, answers=chosen, other_weights=frozenset(key for key, _ in given if key not in chosen))


def models_of(items: Sequence[Item]) -> list[ModelName]:
    """Models that answered any of the items, those with the most answers first."""
    labels = {key: answer.model.label for item in items for key, answer in item.answers.items()}
    counts = Counter(key for item in items for key in item.answers)
    return [ModelName(key, labels[key], count) for key, count in counts.most_common()]


def with_pictures_answered(
    workspace: Workspace, items: Sequence[Item], model_keys: Sequence[str]
) -> tuple[list[Item], list[str]]:
    """The items with the models' answers to untouched pictures, asked for now where none is kept.

    A model that cannot answer leaves the items as they are; the sentences say why. So does one that is here with
    other weights than those that answered the other items.
    """
    answered, problems = [], []
    weights = {key: answer.model.weights_sha256 for item in items for key, answer in item.answers.items()}
    for item in items:
        missing = [key for key in model_keys if key not in item.answers]
        if item.state.change is None and missing:
            try:
                fresh = answers.of_picture(workspace, item.picture, missing)
                item = _with_answers(item, fresh, weights)
            except RegionscopeError as error:
                problems.append(str(error))
        answered.append(item)
    return answered, list(dict.fromkeys(problems))


def _with_answers(item: Item, fresh: Mapping[str, Answer], weights: Mapping[str, str]) -> Item:
    same = {
        key: new for key, new in fresh.items() if weights.get(key, new.model.weights_sha256) == new.model.weights_sha256
    }
    return replace(item, answers=item.answers | same, other_weights=item.other_weights | (fresh.keys() - same.keys()))


def class_lines(items: Sequence[Item], reference: Item, model_keys: Sequence[str]) -> list[ClassLine]:
    """The reference's five highest classes by the first model, then every item's own top class.

    ``values`` is by (item, model key). Models are compared only where they share the first one's label set.
    """
    first = model_keys[0]
    answered = [item.answers[first] for item in [reference, *items] if first in item.answers]
    if not answered:
        return []
    labels = answered[0].labels
    indices = list(map(int, np.argsort(-answered[0].probabilities, kind="stable")[:TOP]))
    for item in items:
        for key in model_keys:
            answer = item.answers.get(key)
            if answer is not None and answer.labels == labels:
                indices.append(answer.top_index)
    return [_line(index, labels, items, model_keys) for index in dict.fromkeys(indices)]


def people_of(items: Sequence[Item]) -> People:
    """Who the items' regions belong to: a person, or a session where none is named; pictures alone are nobody's."""
    groups: dict[tuple[str, str], list[str]] = {}
    for item in items:
        origin = item.state.origin
        if origin is not None:
            who = ("person", origin.person) if origin.person else ("session", origin.id)
            edits = groups.setdefault(who, [])
            if item.state.change is not None and item.state.change.id not in edits:
                edits.append(item.state.change.id)
    named = sum(kind == "person" for kind, _ in groups)
    return People(tuple(tuple(edits) for edits in groups.values()), named, len(groups) - named)


def same_size(items: Sequence[Item]) -> bool:
    """Whether all items have the same height and width."""
    return len({item.size for item in items}) <= 1


def edits_to_answer(workspace: Workspace, references: Sequence[Reference], whole_sessions: bool) -> list[str]:
    """Ids of the edits that further models are to answer: the items' own, or all of the sessions among the items."""
    sessions = frozenset(r.id for r in references if r.kind == "session")
    edits = frozenset(r.id for r in references if r.kind == "edit")
    with workspace.database.read() as transaction:
        found = comparing.states(transaction, Wanted(edits, sessions))
        every = comparing.edits_of_sessions(transaction, sessions) if whole_sessions and sessions else []
    states = [*found.edits.values(), *found.sessions.values()]
    return list(dict.fromkeys([*(state.change.id for state in states if state.change), *every]))


def _state(found: States, reference: Reference) -> State | None:
    by_kind = {"edit": found.edits, "session": found.sessions, "image": found.images}
    return by_kind[reference.kind].get(reference.id)


def _too_few(items: Sequence[Item], asked: Items) -> list[str]:
    if len(items) >= FEWEST:
        return []
    if not items:
        return ["There is nothing to compare here: choose at least two edits, sessions or pictures."]
    return ["One item alone cannot be compared: choose at least one more."]


def _line(index: int, labels: list[str], items: Sequence[Item], model_keys: Sequence[str]) -> ClassLine:
    values = {(item.key, key): _value(item, key, index, labels) for item in items for key in model_keys}
    return ClassLine(index, labels[index], values)


def _value(item: Item, model_key: str, index: int, labels: list[str]) -> float | None:
    answer = item.answers.get(model_key)
    if answer is None or answer.labels != labels:
        return None
    return float(answer.probabilities[index])
