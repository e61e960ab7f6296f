"""Asking the models again about edits performed again, and comparing with their recorded answers and outcomes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from dashboard.recording.verdicts import Verdict
from dashboard.recording.workspace import Workspace
from dashboard.vision.errors import RegionscopeError
from db import queries
from db.models import Edit, Outcome, Prediction
from db.records import Answer

TOLERANCE = 1e-4
Pixels = NDArray[np.uint8]
Probabilities = NDArray[np.float32]


class Answers:
    """The recorded answers to one session's edits; ``original`` is its picture, None where that cannot be read."""

    def __init__(self, workspace: Workspace, original: Pixels | None) -> None:
        self._workspace = workspace
        self._original = original
        self._originals: dict[str, Probabilities] = {}

    def compare(self, edit: str, again: Pixels, verdict: Verdict) -> None:
        """Sets ``probabilities`` and ``derived`` of the verdict for an edit (id) that gave ``again`` (H, W, 3)."""
        with self._workspace.database.read() as transaction:
            answers = queries.answers_of_edit(transaction, edit)
            kept = select(Outcome).select_from(Prediction).join(Edit, Prediction.edit_id == Edit.id)
            kept = kept.outerjoin(Outcome, Outcome.prediction_id == Prediction.id).where(Edit.public_id == edit)
            outcomes = list(transaction.scalars(kept.order_by(Prediction.id)))
        pairs = zip(answers, outcomes, strict=True)
        compared = [self._same_answer(answer, outcome, again, verdict) for answer, outcome in pairs]
        known = [same for same in compared if same is not None]
        if not answers:
            verdict.reasons.append("no answer was recorded")
        verdict.probabilities = all(known) if known and (len(known) == len(compared) or not all(known)) else None

    def _same_answer(self, answer: Answer, outcome: Outcome | None, again: Pixels, verdict: Verdict) -> bool | None:
        """Whether the model says the same now; None where it is not here any more, or other weights are."""
        key = answer.model.key
        try:
            classifier = self._workspace.catalogue.load(key)
        except RegionscopeError as error:
            verdict.reasons.append(f"{key} cannot be asked: {error}")
            return None
        if classifier.card.weights_sha256 != answer.model.weights_sha256:
            verdict.reasons.append(f"{key} has other weights now")
            return None
        now = classifier.answer(again[None]).probabilities[0]
        if now.shape != answer.probabilities.shape:
            recorded = len(answer.probabilities)
            verdict.reasons.append(f"{recorded:,} probabilities of {key} were recorded, not {len(now):,}")
            return False
        difference = float(np.abs(now - answer.probabilities).max())
        if not difference <= TOLERANCE:
            verdict.reasons.append(f"probabilities of {key} differ by up to {difference:.2g}")
        _compare_top(answer, now, verdict)
        if outcome is not None:
            self._compare_outcome(key, outcome, now, verdict)
        return difference <= TOLERANCE

    def _compare_outcome(self, key: str, outcome: Outcome, now: Probabilities, verdict: Verdict) -> None:
        if outcome.change is None or self._original is None:
            return
        if key not in self._originals:
            classifier = self._workspace.catalogue.load(key)
            self._originals[key] = classifier.answer(self._original[None]).probabilities[0]
        before = self._originals[key]
        top = int(before.argmax())
        change = float(now[top] - before[top])
        # Two probabilities may each differ by the tolerance.
        same = abs(change - outcome.change) <= 2 * TOLERANCE
        verdict.derives(same, f"the change by {key} is {change:+.4f}, recorded as {outcome.change:+.4f}")
        flipped = int(now.argmax()) != top
        same = flipped == outcome.flipped or _is_close(now) or _is_close(before)
        verdict.derives(same, f"the top class of {key} {'flips' if flipped else 'stays'}, recorded otherwise")


def _compare_top(answer: Answer, now: Probabilities, verdict: Verdict) -> None:
    key, index = answer.model.key, answer.top_index
    # Of two classes that are as likely either may be the highest.
    is_top = 0 <= index < len(now) and bool(now[index] >= now.max() - TOLERANCE)
    verdict.derives(is_top, f"the top class of {key} is number {int(now.argmax())}, recorded as {index}")
    same = abs(float(now.max()) - answer.top_probability) <= TOLERANCE
    verdict.derives(
        same, f"the top probability of {key} is {float(now.max()):.4f}, recorded as {answer.top_probability:.4f}"
    )


def _is_close(probabilities: Probabilities) -> bool:
    highest = np.sort(probabilities)[-2:]
    return bool(highest[-1] - highest[0] <= TOLERANCE) and len(highest) > 1
