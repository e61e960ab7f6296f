"""Where a person and a model agree on what matters: her region beside the model's, in pixels, numbers and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.analysis import Case, compare_region_with_map, region_from_map, shared_interest_case
from dashboard.recording import answers
from dashboard.recording.flips import FLIP, find_flip
from dashboard.recording.ids import RequestError, object_of, parse_id
from dashboard.recording.maps import class_map
from dashboard.recording.masks import mask_of
from dashboard.recording.wording import agreement_sentence
from dashboard.recording.workspace import Workspace
from dashboard.vision.classifiers import ModelCard
from dashboard.vision.explain import EXPLANATIONS, SMALLEST_FLIP, Flip
from db import queries, regions
from db.errors import NotFoundError
from db.records import Answer, Edit, Picture, Region

Mask = NDArray[np.bool_]
RULES = {
    "area": "same area as yours",
    "mean_sd": "above mean + 1 sd",
    "percentile": "the highest tenth",
    "otsu": "Otsu's threshold",
}


@dataclass(frozen=True)
class Question:
    """Which region to hold against which model's map. ``share`` (0–1) is the model's area under the rule "area"; None
    the person's own. ``method`` is an explanation method, or "flip": then the model's region is the smallest flip,
    whatever the rule. ``settings`` are all of the method's own.
    """

    region: str
    model_key: str
    method: str
    rule: str = "area"
    share: float | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Ground:
    """What a question is about: the marked region, its picture and image state, and the class for this model."""

    region: Region
    picture: Picture
    edit: Edit | None
    card: ModelCard
    answer: Answer
    class_index: int
    class_is_hers: bool

    @property
    def blob(self) -> str:
        """The file of the image state on which the region was marked."""
        return self.edit.result_blob if self.edit else self.picture.working_blob

    @property
    def class_label(self) -> str:
        """The class by the model's own name."""
        return self.card.labels[self.class_index]

    @property
    def is_correct(self) -> bool | None:
        """Whether the model's answer is right: by the picture's label, else by the class she marked.

        None where that is no class of the model's: then nobody can say.
        """
        expected = self.class_index if self.class_is_hers else None
        if self.picture.true_label:
            expected = index_of(self.picture.true_label, self.card.labels)
        return None if expected is None else self.answer.top_index == expected


@dataclass(frozen=True)
class Agreement:
    """Both regions (H, W) bool, every metric by its name in METRICS (None where it is undefined), and the words.

    ``case`` is None where nobody can say whether the model's answer is right. ``flip`` is what the search found where
    the model's region is a smallest flip, else None.
    """

    ground: Ground
    question: Question
    human: Mask
    model: Mask
    numbers: dict[str, Any]
    case: Case | None
    sentence: str
    flip: Flip | None = None


def parse_question(given: Any) -> Question:
    """Raises RequestError with a sentence for anything that our own page would not send."""
    if not isinstance(given, dict):
        raise RequestError("The question must be an object.")
    rule, share = str(given.get("rule") or "area"), given.get("share")
    if rule not in RULES:
        raise RequestError(f"There is no rule {rule[:40]!r}; the rules are {', '.join(RULES)}.")
    if share is not None and (isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 1):
        raise RequestError("The model's area must be above 0 and at most 1.")
    region = parse_id(given.get("region"), "region")
    method = str(given.get("method") or "cam")
    entry = SMALLEST_FLIP if method == FLIP else EXPLANATIONS[method]
    settings = entry.settings(object_of(given, "settings"))
    return Question(region, str(given.get("model")), method, rule, share, settings)


def ground(workspace: Workspace, region_id: str, model_key: str) -> Ground:
    """Gathers what questions about a region and a model share; asks the model where it has not answered yet."""
    with workspace.database.read() as transaction:
        region = regions.region(transaction, region_id)
        picture = queries.picture(transaction, region.picture)
        edit = queries.find_edit(transaction, region.edit) if region.edit else None
    if region.kind != regions.HUMAN:
        raise RequestError("This region is a model's. Choose one that a person marked to hold the model against.")
    if region.edit and edit is None:
        raise NotFoundError("The step this region was marked on is not here any more.")
    card = workspace.catalogue.load(model_key).card
    if edit is None:
        answer = answers.of_picture(workspace, picture, [model_key])[model_key]
    else:
        answer = answers.of_edit(workspace, edit, [model_key])[model_key]
    index = class_of(region, card)
    return Ground(region, picture, edit, card, answer, answer.top_index if index is None else index, index is not None)


def class_of(region: Region, card: ModelCard) -> int | None:
    """The region's class among the model's own, by its name; None where the model does not know it."""
    index, labels = region.class_index, card.labels
    if index is not None and index < len(labels) and labels[index] == region.class_name:
        return index
    return index_of(region.class_name, labels)


def index_of(name: str, labels: Sequence[str]) -> int | None:
    """A class by its name, exact or, where only one is meant, whatever its case; None where there is none."""
    if name in labels:
        return labels.index(name)
    alike = [index for index, label in enumerate(labels) if label.casefold() == name.casefold()]
    return alike[0] if len(alike) == 1 else None


def model_region(class_map: NDArray[np.float32], human: Mask, rule: str, share: float | None = None) -> Mask:
    """The model's region (H, W) bool by one of RULES."""
    area = int(human.sum()) if share is None else max(1, round(share * human.size))
    return region_from_map(class_map, rule, n=area if rule == "area" else None)


def both_regions(workspace: Workspace, question: Question) -> tuple[Mask, Mask]:
    """The person's region and the model's (H, W) bool."""
    found = ground(workspace, question.region, question.model_key)
    return mask_of(found.region), region_and_class(workspace, question, found)[0]


def region_and_class(workspace: Workspace, question: Question, found: Ground) -> tuple[Mask, int]:
    """The model's region (H, W) bool and the number of the class that it speaks for.

    A map is of the person's class; a smallest flip changes the model's own top answer, whatever she marked.
    """
    if question.method == FLIP:
        flip = find_flip(workspace, question.model_key, found.blob, question.settings)
        return _region_of(flip), flip.class_before
    of_class = _map(workspace, question, found)
    return model_region(of_class, mask_of(found.region), question.rule, question.share), found.class_index


def _region_of(flip: Flip) -> Mask:
    """What was found, empty where it changes no answer: then it is nobody's region."""
    return flip.region if flip.flipped else np.zeros_like(flip.region)


def _map(workspace: Workspace, question: Question, found: Ground, seconds: float | None = None) -> NDArray[np.float32]:
    asked = question.model_key, question.method, found.class_index, found.blob, question.settings
    return class_map(workspace, *asked, seconds=seconds)


def agreement(workspace: Workspace, question: Question, *, seconds: float | None = None) -> Agreement:
    """Holds a person's region against a model's. Raises RegionscopeError where the model cannot be explained so.

    ``seconds`` is the patience with the map or the search, see ``class_map`` and ``find_flip``.
    """
    found = ground(workspace, question.region, question.model_key)
    human = mask_of(found.region)
    if question.method == FLIP:
        flip = find_flip(workspace, question.model_key, found.blob, question.settings, seconds=seconds)
        model = _region_of(flip)
        return _agreement(found, question, human, model, model, model, flip)
    of_class = _map(workspace, question, found, seconds)
    model = model_region(of_class, human, question.rule, question.share)
    return _agreement(found, question, human, model, model_region(of_class, human, "mean_sd"), of_class)


def _agreement(
    found: Ground,
    question: Question,
    human: Mask,
    model: Mask,
    coverage: Mask,
    compared: NDArray[Any],
    flip: Flip | None = None,
) -> Agreement:
    return Agreement(
        found,
        question,
        human,
        model,
        compare_region_with_map(human, compared),
        None if found.is_correct is None else shared_interest_case(human, coverage, found.is_correct),
        _sentence(found, human, model, compared, flip),
        flip,
    )


def _sentence(found: Ground, human: Mask, model: Mask, compared: NDArray[Any], flip: Flip | None) -> str:
    label = found.card.label
    if flip is not None and not flip.flipped:
        return f"Nothing that was tried changes {label}'s answer, so there is no region to compare with yours."
    if not model.any() and compared.min() < compared.max():
        return f"By this rule no part of {label}'s map stands out, so there is no region to compare with yours."
    return agreement_sentence(human, model, label, found.region.name)
