"""A trial's time: since when it runs, what is left of it, and whether something came after it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.studies.place import TrialPlace
from db.study_models import Trial as TrialRow
from db.types import utc_now

# What a browser may need to send something once a trial's time is over.
GRACE_S = 5


def seconds_left(transaction: Transaction, trial: TrialPlace) -> float | None:
    """What is left of a trial's time by the server's clock, at least 0; None where it has no end.

    It runs from when the trial was first shown, however often the page is opened since.
    """
    seconds = trial.trial.seconds
    if seconds is None:
        return None
    shown_at = transaction.scalar(select(TrialRow.shown_at).where(TrialRow.public_id == trial.id))
    return float(seconds) if shown_at is None else max(0.0, seconds - _since(shown_at))


def is_over(transaction: Transaction, trial: TrialPlace, client_ms: float | None) -> bool:
    """Whether a trial's time was over when she did something.

    ``client_ms``: when that was by her own clock, which counts, for it may arrive much later; None asks the server's.
    """
    seconds = trial.trial.seconds
    if seconds is None:
        return False
    query = select(TrialRow.shown_at, TrialRow.shown_client_ms).where(TrialRow.public_id == trial.id)
    shown_at, shown_client_ms = transaction.execute(query).one()
    if client_ms is not None and shown_client_ms is not None:
        return bool(client_ms - shown_client_ms > 1000 * (seconds + GRACE_S))
    return shown_at is not None and _since(shown_at) > seconds + GRACE_S


def _since(moment: datetime) -> float:
    return (utc_now() - moment).total_seconds()
