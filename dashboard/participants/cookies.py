"""Who asks: a participant by her cookie, and before that a browser by one that means nothing else."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, request
from sqlalchemy import select

from dashboard.services import workspace
from dashboard.studies.keys import keys_of
from db.study_models import Participant, Study

PATH = "/s/"
VISITOR = "regionscope-visitor"
KEPT_S = 180 * 24 * 3600


def visitor() -> str:
    """What this browser is known by before it is anybody's; empty where it sent nothing."""
    return request.cookies.get(VISITOR, "")[:200]


def give_visitor(response: Response) -> None:
    """A browser that comes for the first time gets something to be known by; that begins nothing."""
    if not request.cookies.get(VISITOR):
        _set(response, VISITOR, secrets.token_urlsafe(24))


def give_token(response: Response, slug: str, participant: str) -> None:
    """From now on this browser is this participant's."""
    _set(response, _name(slug), keys_of(workspace().settings.data_dir).token(participant))


def participant_here(slug: str) -> str | None:
    """The participant (public id) of this study who asks; None for anybody else."""
    found = keys_of(workspace().settings.data_dir).participant_of(request.cookies.get(_name(slug)))
    return found if found is not None and belongs(found, slug) else None


def belongs(participant: str, slug: str) -> bool:
    """Whether there is such a participant in this study."""
    with workspace().database.read() as transaction:
        query = select(Participant.id).join(Study, Study.id == Participant.study_id)
        found = transaction.scalar(query.where(Participant.public_id == participant, Study.slug == slug))
    return found is not None


def is_participant(slug: str, **_others: Any) -> bool:
    """The rule for all that belongs to a participant's own way."""
    return participant_here(slug) is not None


def _name(slug: str) -> str:
    return f"regionscope-study-{slug}"


def _set(response: Response, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=KEPT_S, path=PATH, httponly=True, samesite="Lax", secure=request.is_secure)
