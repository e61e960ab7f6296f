"""A session as a film: which pictures follow one another, after what pause, and what a model says to each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dashboard.recording.history import ORIGINAL, branch
from dashboard.recording.workspace import Workspace
from db import films, queries
from db.errors import NotFoundError
from db.films import AnsweringModel, AnswerInShort, EditInShort, RegionInShort
from db.records import Session

FEWEST_CLASSES = 5
MOST_CLASSES = 6
HASH_SHOWN = 8


@dataclass(frozen=True)
class Stop:
    """One step of a film: the edit ``number`` made on ``parent`` (0: the original).

    ``goes_back`` says that the film shows another picture before, so that it has to return to the parent's first.
    """

    number: int
    parent: int
    goes_back: bool


@dataclass(frozen=True)
class Times:
    """How long things really took, in ms: the pause before the person began to draw, and her drawing; None: unknown."""

    pause_ms: float
    drawing_ms: float | None


@dataclass(frozen=True)
class FilmModel:
    """A model that answered somewhere in the session; ``id`` is its key, with its weights if others came first."""

    id: str
    label: str


@dataclass(frozen=True)
class FilmClass:
    """A class whose probability the film follows."""

    index: int
    label: str


@dataclass(frozen=True)
class FilmAnswer:
    """What the model says to one picture: its top class, and the probabilities (0–1) of the film's classes."""

    top_index: int
    top_label: str
    top_probability: float
    probabilities: tuple[float, ...]


@dataclass(frozen=True)
class FilmStep:
    """One edit of the session's tree; ``answer`` None where the model did not answer it."""

    edit: EditInShort
    depth: int
    times: Times
    answer: FilmAnswer | None


@dataclass(frozen=True)
class Film:
    """A session to be watched. ``steps`` is the whole tree, ``stops`` what is shown of it; ``end`` None: all of it.

    ``regions`` are what was marked meanwhile; they change no picture, and a single branch shows none of them.
    """

    session: Session
    tags: list[str]
    models: list[FilmModel]
    model: str | None
    classes: list[FilmClass]
    original: FilmAnswer | None
    steps: list[FilmStep]
    stops: list[Stop]
    ends: list[int]
    end: str | None
    regions: list[RegionInShort]


def as_it_happened(parents: Mapping[int, int]) -> list[Stop]:
    """Every edit in the order in which they were made; ``parents`` maps each edit's number to that of its parent."""
    stops, shown = [], ORIGINAL
    for number in sorted(parents):
        stops.append(Stop(number, parents[number], parents[number] != shown))
        shown = number
    return stops


def along_branch(parents: Mapping[int, int], end: int) -> list[Stop]:
    """Only the way from the original to ``end``."""
    return [Stop(number, parents[number], goes_back=False) for number in branch(parents, end)]


def ends(parents: Mapping[int, int]) -> list[int]:
    """The edits that nothing was made on: where the branches end, in the order in which they were made."""
    return sorted(set(parents) - set(parents.values()))


def times(edits: Sequence[EditInShort]) -> list[Times]:
    """The real times of edits given in the order in which they were made."""
    return [
        Times(_pause_ms(before, edit), _drawing_ms(edit)) for before, edit in zip([None, *edits], edits, strict=False)
    ]


def _pause_ms(before: EditInShort | None, edit: EditInShort) -> float:
    if before is None:
        return 0.0
    if edit.client_started_ms is not None and before.client_ended_ms is not None:
        pause = edit.client_started_ms - before.client_ended_ms
        if pause >= 0:
            return pause
    # Without the person's clock, or with those of two machines, the server's says when both were kept.
    kept_ms = (edit.created_at - before.created_at).total_seconds() * 1000
    return max(0.0, kept_ms - edit.duration_ms - (_drawing_ms(edit) or 0.0))


def _drawing_ms(edit: EditInShort) -> float | None:
    if edit.client_started_ms is None or edit.client_ended_ms is None:
        return None
    return max(0.0, edit.client_ended_ms - edit.client_started_ms)


def film(workspace: Workspace, session_id: str, model: str | None = None, end: str | None = None) -> Film:
    """The session seen with ``model`` (None: the one that answered first), whole or only the branch up to ``end``.

    Takes the same number of statements for any number of edits. Raises NotFoundError for what is not in the session.
    """
    with workspace.database.read() as transaction:
        session = queries.session(transaction, session_id)
        edits = films.edits_in_short(transaction, session_id)
        answers = films.answers_in_short(transaction, session_id)
        known = films.answering_models(transaction, sorted({answer.model for answer in answers}))
        tags = films.session_tags(transaction, session_id)
        marked = films.regions_in_short(transaction, session_id) if end is None else []
    names = _names(answers, known)
    choices = _choices(answers, known, names)
    chosen = _chosen(model, choices, {_with_weights(known[row]): name for row, name in names.items()})
    shown = [answer for answer in answers if names[answer.model] == chosen]
    return replace(_film(session, tags, edits, shown, known, choices, chosen, end), regions=marked)


def _film(
    session: Session,
    tags: list[str],
    edits: list[EditInShort],
    answers: list[AnswerInShort],
    known: Mapping[int, AnsweringModel],
    choices: list[FilmModel],
    chosen: str | None,
    end: str | None,
) -> Film:
    parents = {edit.number: edit.parent for edit in edits}
    latest = {answer.number: answer for answer in answers}
    classes = followed_classes(latest)
    labels = known[answers[-1].model].labels if answers else []
    shown = {number: _answer(answer, labels, classes) for number, answer in latest.items()}
    steps = [
        FilmStep(edit, depth, took, shown.get(edit.number))
        for edit, depth, took in zip(edits, _depths(parents), times(edits), strict=True)
    ]
    return Film(
        session=session,
        tags=tags,
        models=choices,
        model=chosen,
        classes=[FilmClass(index, labels[index]) for index in classes],
        original=shown.get(ORIGINAL),
        steps=steps,
        stops=as_it_happened(parents) if end is None else along_branch(parents, _number(edits, end)),
        ends=ends(parents),
        end=end,
        regions=[],
    )


def followed_classes(answers: Mapping[int, AnswerInShort]) -> list[int]:
    """The original's top class, those that come to the top – the most frequent first – then the original's next ones.

    ``answers`` by the number of the edit, 0 the original; at most MOST_CLASSES.
    """
    original = answers.get(ORIGINAL)
    tops = Counter(answers[number].top_index for number in sorted(answers))
    wanted = [original.top_index] if original else []
    wanted += [index for index, _ in tops.most_common()]
    wanted = list(dict.fromkeys(wanted))[:MOST_CLASSES]
    if original:
        highest = (-original.probabilities()).argsort(kind="stable")[:FEWEST_CLASSES]
        further = [int(index) for index in highest if index not in wanted]
        wanted += further[: max(0, FEWEST_CLASSES - len(wanted))]
    return wanted


def _answer(answer: AnswerInShort, labels: list[str], classes: list[int]) -> FilmAnswer:
    probabilities = answer.probabilities()
    return FilmAnswer(
        answer.top_index,
        labels[answer.top_index],
        answer.top_probability,
        tuple(float(probabilities[index]) for index in classes),
    )


def _edits_first(answers: list[AnswerInShort]) -> list[AnswerInShort]:
    return [a for a in answers if a.number != ORIGINAL] + [a for a in answers if a.number == ORIGINAL]


def _with_weights(model: AnsweringModel) -> str:
    return f"{model.key}@{model.weights_sha256[:HASH_SHOWN]}"


def _names(answers: list[AnswerInShort], known: Mapping[int, AnsweringModel]) -> dict[int, str]:
    """Each model row's id in the film: other weights are another model, another version of the engine is not.

    The bare key always means the weights that answered the session's edits first, so that a link with it shows the
    same whatever answers later.
    """
    first: dict[str, str] = {}
    for answer in _edits_first(answers):
        first.setdefault(known[answer.model].key, known[answer.model].weights_sha256)
    return {
        row: model.key if model.weights_sha256 == first[model.key] else _with_weights(model)
        for row, model in known.items()
    }


def _choices(
    answers: list[AnswerInShort], known: Mapping[int, AnsweringModel], names: Mapping[int, str]
) -> list[FilmModel]:
    """Models in the order in which they first answered an edit, then those that only answered the original."""
    weights: dict[str, set[str]] = {}
    for model in known.values():
        weights.setdefault(model.key, set()).add(model.weights_sha256)
    found: dict[str, FilmModel] = {}
    for answer in _edits_first(answers):
        model = known[answer.model]
        alone = len(weights[model.key]) == 1
        label = model.label if alone else f"{model.label} ({model.weights_sha256[:HASH_SHOWN]})"
        found.setdefault(names[answer.model], FilmModel(names[answer.model], label))
    return list(found.values())


def _chosen(wanted: str | None, choices: list[FilmModel], with_weights: Mapping[str, str]) -> str | None:
    """The id of the model to be seen; ``with_weights`` maps every model's full name to its id."""
    if wanted is None:
        return choices[0].id if choices else None
    chosen = with_weights.get(wanted, wanted)
    if chosen not in [model.id for model in choices]:
        raise NotFoundError("This model has answered nothing in the session.")
    return chosen


def _number(edits: list[EditInShort], edit_id: str) -> int:
    for edit in edits:
        if edit.id == edit_id:
            return edit.number
    raise NotFoundError("This step does not belong to the session.")


def _depths(parents: Mapping[int, int]) -> list[int]:
    """How many edits each picture holds, in the order of the edits' numbers."""
    depths = {ORIGINAL: 0}
    for number in sorted(parents):
        depths[number] = depths[parents[number]] + 1
    return [depths[number] for number in sorted(parents)]
